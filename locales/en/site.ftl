# What a site shows: the banner and the preference page.

site-preferences-name = Your privacy choices
site-preferences-lead = What { $controller } may do beyond the site itself. Nothing of it happens unless you say yes, and you can change it here at any time.
site-banner-title = May we use your visit for more than this site?
site-banner-text = { $controller } asks about these purposes. Nothing of it happens unless you say yes; the site works either way.
site-banner-later = You can change your answer at any time: “Your privacy choices” stands at the foot of every page.
site-refuse = Refuse all
site-accept = Accept all
site-choose = Choose one by one
site-save = Save my choices
site-optional = Your choice
site-necessary = Always on
site-locked = Always on
site-on = Allowed
site-off = Not allowed
site-closed = Your browser asks us not to (Global Privacy Control), so this stays off.
site-gpc = Your browser sends Global Privacy Control. We honour it: your data is neither sold nor shared, nor used for advertising elsewhere.
site-gpc-short = (Global Privacy Control is honoured)
site-recipients = { $count ->
    [one] Shared with 1 recipient ({ $names }).
   *[other] Shared with { $count } recipients ({ $names }).
}
site-remembered = Your answer is remembered until { $day }, whatever it was.
site-not-chosen = You have not answered yet. Nothing here is on.
site-saved = Your choice is saved. You can change it at any time at the foot of every page.
site-back = Back to the site
site-opt-out-name = Do not sell or share my data
site-opt-out-lead = One press, no sign-in, nothing to fill in. { $controller } then neither sells nor shares what this browser shows about you, nor uses it for advertising elsewhere.
site-opt-out-stops = This stops:
site-opt-out = Do not sell or share
site-opt-out-done = This is off for this browser already.
site-opt-out-reach = It counts for this browser at once. Customers can say it for their whole account under “Your data”.
