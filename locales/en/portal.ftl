# The customer portal. Plain and short; a yes and a no weigh the same.

portal-name = Your data

## Navigation and overview
portal-nav-overview = Overview
portal-nav-data = What we hold
portal-nav-choices = What you allowed
portal-nav-recipients = Who receives it
portal-nav-history = How it was used
portal-nav-download = Download
portal-nav-erase = Delete

overview-title = Your data at {$controller}
overview-lead = See what is held about you, change what you allow, and take your data with you or have it deleted.
overview-data = Everything we hold about you: what it is, where it came from, and how long it stays.
overview-choices = { $allowed ->
    [0] You allow none of {$all} optional uses.
    [one] You allow one of {$all} optional uses.
   *[other] You allow {$allowed} of {$all} optional uses.
 }
overview-choices-none = There is nothing optional here. See what your data is needed for.
overview-history = Who used your data, what for, and when. What was refused stands there too.
overview-download = Take your data with you, as a page to read, a table or a file for programs.
overview-erase = See first what would go, what must stay and until when.
overview-recent = Lately
overview-recent-all = Show everything

## Signing in
sign-in-title = Sign in
sign-in-lead = We send a code to your e-mail address. No password is needed.
sign-in-email = Your e-mail address
sign-in-email-hint = The one that {$controller} knows you by.
sign-in-send = Send me a code
sign-in-malformed = This is not an e-mail address. It looks like name@example.org.
sign-in-too-many = Too many codes were asked for at this address. Try again in { $minutes ->
    [one] one minute.
   *[other] {$minutes} minutes.
 }
code-title = Enter the code
code-lead = If we know this address, a message with a code is on its way. It is good for {$minutes} minutes.
code-label = Code
code-hint = {$digits} digits, from the message.
code-check = Sign in
code-refused = This code does not work: it is wrong, too old or used up. Ask for a new one.
code-again = Use another address, or ask for a new code

## What we hold
data-lead = Grouped by what ends together. You can correct what is wrong.
data-until = Kept: {$period}.
data-used-for = What it is used for
data-used-line = {$purpose}. Ground: {$basis}.
data-used-line-kept = {$purpose}. Ground: {$basis}. Kept: {$period}.
data-column-what = What
data-column-value = Value
data-column-source = Where from
data-column-change = Change
data-column-since = Since
data-change = Correct
data-change-of = Correct: {$what}
data-identifiers = What you are known by
data-identifiers-lead = With these we find your data when you contact us.
data-proved = Confirmed
data-claimed = Not confirmed
data-records = Records
data-record-count = { $count ->
    [one] one record
   *[other] {$count} records
 }
data-records-look = Look at them
data-records-lead = The newest first. The download has all of them in one file.
data-records-none = There is nothing older.
data-records-back = What else we hold
data-record-title = {$kind}: {$title}
data-empty = Nothing is held about you
data-empty-text = Apart from what stands under “How it was used”.
data-read-note = That you looked at this page stands in your history, so that you would notice if somebody else did.

source-person = You told us
source-observed = Seen while you used our services
source-recipient = A partner told us
source-public = A public source
source-social = A social network
source-inferred = Worked out from other data

identifier-email = E-mail address
identifier-phone = Phone number
identifier-customer-number = Customer number
identifier-device-id = Device

## Who receives it
recipients-lead = Other companies that receive your data, each for what stands beside it. Where one is not needed, you can say no to it.
recipients-none = Nobody else receives your data
recipients-for = For
recipients-where = Where
recipients-what = What it does
recipients-last = Received it last
recipients-never = Not within your last { $count } uses
recipients-on = May receive it
recipients-off = Declined
recipients-locked = Needed
recipients-needed-for = Needed for
recipients-if-declined = If you decline
recipients-declined = { $recipient } receives your data no more
recipients-accepted = { $recipient } may receive your data again
recipient-kind-hosting = Runs machines or storage for us
recipient-kind-delivery = Delivers goods
recipient-kind-payment = Takes payments
recipient-kind-messaging = Sends messages for us
recipient-kind-analytics = Measures use
recipient-kind-advertising = Shows or sells advertising
recipient-kind-professional = Accountants, auditors or lawyers
recipient-kind-authority = A court or an authority
recipient-kind-affiliate = A company of our group
recipient-kind-other = Other work

## Correcting
correct-lead = The old value stays in the history that only you and we can see, and is used for nothing else.
correct-new = What is right?
correct-save = Save the correction
correct-done = Corrected
correct-done-text = The new value counts from now on.
correct-same = Nothing changed: this value stood there already.
correct-unfit = This cannot stand here. Write at least one character, and not a whole book.
correct-unfit-identifier = This is not the form we know it by. An e-mail address looks like name@example.org, a phone number like +44 20 7946 0000.
correct-by-hand = We cannot change this here. Write to us, and we will look at it with you.
correct-stale = You sign in by this address or number. To change it, sign out and in again, and change it within 10 minutes.
correct-now = Now
correct-history = History
correct-column-until = Until
correct-identifier-note = You are found by this value. After the correction you sign in with the new one, once you have proved that it is yours.

## What you allowed
choices-lead = Each switch counts at once. Saying no is as easy as saying yes, and changes nothing else.
choices-optional = Your choice
choices-none = There is nothing to choose: only what is needed takes place.
choices-locked = No choice
choices-locked-lead = These need no consent. Here is why, and what the law says.
choice-on = Allowed
choice-off = Not allowed
choice-pending = Allowed, waiting for confirmation
choice-locked = Always on
choice-since = Since {$day}
choice-channel = {$channel}
choice-switch-name = {$purpose}, {$channel}
choice-needs = Data
choice-recipients = Who else sees it
choice-kept = Kept
choice-ends = If you say no
choice-ends-erase = What only this needed is deleted.
choice-ends-keep = The data stays for another reason: {$basis}.
choice-basis = Ground
choice-more = More about this
choice-gpc = Your browser says: do not sell or share my data
choice-gpc-text = We heard it (Global Privacy Control). Advertising with others and sharing stay off unless you switch them on here.
choice-restricted = Your data is restricted
choice-restricted-text = It is kept and not used, whatever the switches say, until the restriction is lifted.
choice-allowed = Allowed: {$what}
choice-refused = Not allowed any more: {$what}
choice-refused-ended = The data that only this needed is deleted.
freeze-title = Freeze the use of your data
freeze-text = We then keep your data and use it for nothing but what you ask for yourself, what the law demands and legal claims (GDPR 18). You can end it here at any time.
freeze-begin = Freeze the use
freeze-end = End the freeze
freeze-begun = The use of your data is frozen
freeze-ended = The freeze is over

choice-all-off = Say no to everything
choice-all-off-text = Every switch above goes off.
choice-all-done = Everything optional is switched off
choice-pending-text = Waiting for you to confirm the address; until then nothing is sent.

channel-email = By e-mail
channel-sms = By text message
channel-phone = By phone
channel-push = In the app
channel-post = By post

basis-consent = your consent
basis-contract = the contract with you
basis-legal-obligation = a law obliges us
basis-vital-interests = somebody's life is at stake
basis-public-task = a task in the public interest
basis-legitimate-interests = interests of ours that outweigh yours; you may object
basis-opt-out-law = a law permits it until you opt out
basis-existing-customer = you are a customer of ours; you may opt out

period-day = { $count ->
    [one] one day
   *[other] {$count} days
 }
period-month = { $count ->
    [one] one month
   *[other] {$count} months
 }
period-year = { $count ->
    [one] one year
   *[other] {$count} years
 }
kept-collection = {$period} after we took it in
kept-last-activity = {$period} after you were last active
kept-relation-end = {$period} after you stop being a customer
kept-contract-end = {$period} after the contract ends
kept-year-end = {$period} after the end of the year
kept-case-closed = {$period} after the matter is closed
kept-withdrawal = {$period} after you take it back

## How it was used
history-lead = Every use of your data, newest first. Each line is sealed in a log that nobody can change unseen.
history-empty = Nothing yet
history-empty-text = As soon as somebody uses your data, it stands here.
history-by = By: {$who}
history-by-through = By: {$who}, through {$service}
history-for = For: {$purpose}
history-data-more = {$list} and {$count} more
history-reason = Reason given: {$reason}
history-why-not = Why not: {$why}
history-refused = Refused
history-observed = Would be refused
history-number = Line {$index} of the log

who-customer = you
who-agent = somebody you authorised
who-job = our system, by itself
who-operator = whoever runs our system
who-staff = a member of staff
who-service = one of our programs

done-consent = You made a choice
done-collect = Data about you was taken in
done-read = Your data was looked at
done-correct = A value was corrected
done-erase = Data was deleted
done-merge = Two accounts of yours were joined or parted
done-export = Your data was handed out in a file
done-manifest = The rules for data were changed
done-import = Data was read from a file or table
done-audience = Somebody asked whom this may reach, and you were among them
done-key = A key was made, changed or destroyed
done-operation = Upkeep of our system
done-login = Somebody signed in with a code sent to you, or tried to
done-staff = An account of staff was made or changed
done-decision = A use of your data was permitted
done-other = Something was done with your data

asked-collect = Somebody wanted to take data in
asked-read = Somebody wanted to look at your data
asked-use = Somebody wanted to use your data
asked-send = Somebody wanted to send you a message
asked-share = Somebody wanted to pass your data on
asked-train = Somebody wanted to train a model with your data
asked-keep = Somebody wanted to keep data
asked-correct = Somebody wanted to correct a value
asked-erase = Somebody wanted to delete data
asked-export = Somebody wanted to hand your data out
asked-merge = Somebody wanted to join or part accounts

did-collect = Data about you was taken in
did-read = Your data was looked at
did-use = Your data was used
did-send = A message to you was permitted
did-share = Your data was passed on
did-train = A model was trained with your data
did-keep = Data was kept
did-correct = A value was corrected
did-erase = Data was deleted
did-export = Your data was handed out in a file
did-merge = Two accounts of yours were joined or parted

why-consent-missing = You were not asked, or did not answer.
why-consent-unsettled = Two accounts of yours were joined, and they say different things.
why-consent-pending = You said yes, but have not confirmed the address or number.
why-consent-refused = You said no.
why-consent-withdrawn = You took your yes back.
why-consent-of-child = You are too young to agree alone.
why-restricted = You restricted this data: it is kept, but not used.
why-objected = You object to this.
why-objected-to-marketing = You object to direct marketing.
why-opted-out = You opted out.
why-gpc = Your browser says: do not sell or share my data.
why-channel-unconfirmed = The address or number is not confirmed.
why-recipient-declined = You do not want this recipient to have your data.
why-subject-unknown = You did not permit it.

chose-given = You said yes
chose-refused = You said no
chose-withdrawn = You took a yes back
chose-objected = You objected
chose-objection-ended = You ended an objection
chose-objection-lifted = An objection was overruled
chose-opted-out = You opted out
chose-opted-in = You opted in
chose-signal-seen = Your browser sent a signal
chose-age-stated = You stated your age
chose-region-stated = You stated where you live
chose-restricted = You restricted the use of your data
chose-restriction-lifted = A restriction was lifted
chose-address-confirmed = You confirmed an address or number
chose-address-changed = An address or number changed
chose-recipient-declined = You declined a recipient
chose-recipient-accepted = You accepted a recipient
chose-notice-shown = You were shown a notice
chose-joined = What you chose before signing in was joined to you
chose-deceased = A death was reported
chose-not-deceased = A report of death was taken back

## Download
download-lead = The file is made at once. It contains personal data: keep it where only you can read it.
download-access = Everything we hold
download-access-text = All values with their history, your choices, every use, what it is needed for and who else receives data.
download-portability = What you gave us, to take elsewhere
download-portability-text = What you told us and what arose while you used our services, as it is now, in a form that other programs read.
download-file = your-data
download-html = Page to read or print
download-csv = Table (CSV)
download-json = File for programs (JSON)
document-title-access = Everything held about you
document-title-portability = What you gave us
document-made = Made on {$moment} by {$controller}.
document-choices = What you chose
document-uses = How your data was used
document-purposes = What your data is needed for
document-recipients = Who else receives data
document-column-when = When
document-column-who = Who
document-column-answer = Answer
document-column-where = Where
document-country = Country: {$country}
origin-banner = In the banner of our site
origin-portal = In this portal
origin-mail = By a link in a message
origin-phone = By phone
origin-till = In a shop
origin-paper = On paper
origin-staff = With our staff
origin-api = With one of our programs
origin-import = Taken over from an older system

## Deleting
erase-lead = This is what would happen if you deleted everything now. Nothing has been done yet.
erase-goes = What goes
erase-goes-lead = It becomes unreadable at once, because the keys to it are destroyed. Nobody can bring it back, and neither can we.
erase-goes-line = { $items ->
    [0] {$what}
    [one] {$what}: one entry
   *[other] {$what}: {$items} entries
 }
erase-goes-identifiers = { $count ->
    [one] One address or number by which we know you
   *[other] {$count} addresses and numbers by which we know you
 }
erase-goes-history = { $count ->
    [one] The link between you and one line of the log
   *[other] The link between you and {$count} lines of the log
 }
erase-stays = What must stay, and why
erase-stays-none = Nothing stays.
erase-column-what = What
erase-column-why = Why
erase-column-until = Until
stays-evidence = Proof of what you chose and asked for
stays-duty = What a law obliges us to keep
stays-tombstone = A mark, readable by nobody, that keeps an old copy from bringing you back
stays-suppression = A mark, readable by nobody, so that nobody writes to you again
erase-cannot = This cannot be undone
erase-cannot-text = Orders, history and choices are gone for you as well. Download your data first if you want to keep it.
erase-begin = Delete everything
erase-denied = It cannot be deleted now
erase-code-title = Delete everything?
erase-code-lead = To be sure that it is you, we sent a fresh code to your e-mail address. It is good for {$minutes} minutes.
erase-sure = Delete everything for good
erased-title = Your data is deleted
erased-lead = You are signed out, and nothing of what went can be opened any more.
erased-entry = Number of the deletion, if you ever need to refer to it
