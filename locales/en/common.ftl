# What every page says: portal, console, preference page, error pages.
# One thing, one word. Plain and short; no shouting, no blame.

skip-to-content = Skip to the content
menu = Menu
language-label = Language
language-apply = Change
contact-label = Questions about your data:
contact-label-staff = Questions of customers about their data go to
sign-out = Sign out
close = Close
back = Back
cancel = Cancel
save = Save
continue = Continue

newer = Newer
older = Older
pages-label = Pages

notice-info = Note
notice-good = Done
notice-warn = Please note
notice-bad = Not done
field-wrong = Please look at this:

chart-numbers = Show the numbers
chart-nothing = Nothing to show yet.

## Dates, as {$day}, {$month} (a word), {$year}
date-day = {$day} {$month} {$year}
date-moment = {$day} {$month} {$year}, {$time} (UTC)
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December

## Pages for what went wrong; the code is the one of the API's problem documents
error-not-found-title = This page does not exist
error-not-found-text = The address may be wrong, or what was here is gone.
error-method-not-allowed-title = This cannot be done here
error-method-not-allowed-text = Go back and use the buttons of the page.
error-invalid-request-title = That could not be read
error-invalid-request-text = Something in the form was not as expected. Go back and try again.
error-too-large-title = That was too much
error-too-large-text = What was sent is larger than this page takes.
error-unauthorised-title = Please sign in
error-unauthorised-text = You are not signed in, or you were signed out because some time has passed.
error-foreign-form-title = This form did not come from here
error-foreign-form-text = Nothing was done. If you used a form of this site, open the page again and repeat what you did.
error-stale-form-title = This form is out of date
error-stale-form-text = Nothing was done. Open the page again and repeat what you did.
error-forbidden-title = This is not permitted
error-forbidden-text = Nothing was done.
error-denied-title = This is not permitted
error-denied-text = The rules for this data do not permit it. Nothing was done, and the attempt was recorded.
error-conflict-title = This no longer fits
error-conflict-text = Something has changed in the meantime. Open the page again.
error-too-many-requests-title = Too many attempts
error-too-many-requests-text = Please wait a little and try again.
error-unavailable-title = Not now
error-unavailable-text = The service cannot answer at the moment. Try again shortly; nothing is lost.
error-internal-title = Something went wrong
error-internal-text = The fault is ours and was written down. Try again; if it stays, tell us.
error-home = To the start page
