# Why the gate denies, and what would permit. Plain, short, no blame.
# One pair per finding of the gate: finding-CODE and finding-CODE-remedy.

## Declared
finding-purpose-undeclared = The business has not declared this purpose.
finding-purpose-undeclared-remedy = Declare the purpose in the manifest and apply it.
finding-category-undeclared = The purpose does not need this kind of data.
finding-category-undeclared-remedy = Ask without this data, or declare in the manifest why the purpose needs it.
finding-action-outside-purpose = The purpose does not cover this action.
finding-action-outside-purpose-remedy = Use a purpose that is meant for it; training a model is a purpose of its own.

## Disclosed
finding-not-disclosed = People are not told about this purpose.
finding-not-disclosed-remedy = Give the purpose a title and an explanation in the manifest.

## Law
finding-basis-impossible = The stated legal ground cannot carry a purpose of this kind.
finding-basis-impossible-remedy = State a ground that fits; for an optional purpose that is consent.
finding-balancing-test-missing = Legitimate interests are claimed, but the balancing test is missing.
finding-balancing-test-missing-remedy = Carry out the balancing test and name it in the manifest, or ask for consent.
finding-loosening-unnamed = A looser rule is claimed without naming the law it rests on.
finding-loosening-unnamed-remedy = Name the law in the manifest, or ask for consent.
finding-special-category = Data of this kind is specially protected, and the stated ground is not enough.
finding-special-category-remedy = Ask the person for explicit consent.
finding-law-prohibits = A law forbids this use, whatever the person agrees to, unless one of the grounds it names applies.
finding-law-prohibits-remedy = Read the article; without one of its grounds the use cannot happen.
finding-law-asks-consent = A law asks for the person's consent here, and the stated ground is not one it takes instead.
finding-law-asks-consent-remedy = State consent as the ground under this law, and ask the person.
finding-law-asks-form = A law asks for consent in a form in which it was not given.
finding-law-asks-form-remedy = Obtain consent in the form the article asks for, such as signed or from a parent.
finding-loosening-unreviewed = The stated ground relies on a law that nobody has reviewed for this controller.
finding-loosening-unreviewed-remedy = Have the law's pack reviewed and sign it in the manifest; until then, ask for consent.
finding-loosening-unfit = The stated ground names no rule of a law that applies to this person.
finding-loosening-unfit-remedy = Name the rule relied on in the manifest, or ask the person for consent.
finding-customer-evidence-missing = The rule for one's own customers lacks a part of its evidence.
finding-customer-evidence-missing-remedy = Show a sale by the same seller, of something similar, with a refusal offered at the time; or ask for consent.

## Standing
finding-subject-unknown = Nobody is known here by this, or the person does not permit it.
finding-subject-unknown-remedy = Ask the person for their consent and record it here.
finding-erased = This person was erased.
finding-erased-remedy = Nothing permits it. Only the person can come back, by an act of their own.
finding-deceased = This person has died.
finding-deceased-remedy = Only the estate and legal duties may still be served.
finding-restricted = The person has restricted this data: it is kept, but not used.
finding-restricted-remedy = Wait until the restriction is lifted, or ask the person to agree.
finding-consent-of-child = The person is too young to agree alone.
finding-consent-of-child-remedy = Nothing permits it yet: a parent must agree.
finding-minor = The data of minors is not used for advertising, sale or sharing.
finding-minor-remedy = Nothing permits it before the person is of age.
finding-consent-missing = The person was not asked, or has not answered.
finding-consent-missing-remedy = Ask the person for consent.
finding-consent-unsettled = Two accounts of this person were joined, and they say different things.
finding-consent-unsettled-remedy = Ask the person again.
finding-consent-pending = The person said yes, but has not confirmed the address or number.
finding-consent-pending-remedy = Wait for the confirmation, or send the link once more.
finding-consent-refused = The person said no.
finding-consent-refused-remedy = Only the person can change that, by saying yes.
finding-consent-withdrawn = The person has withdrawn consent.
finding-consent-withdrawn-remedy = Only the person can change that, by saying yes again.
finding-objected = The person objects to this purpose.
finding-objected-remedy = Record a compelling ground that outweighs the objection, or stop.
finding-objected-to-marketing = The person objects to direct marketing.
finding-objected-to-marketing-remedy = Only the person can change that. No ground of the business can.
finding-opted-out = The person has opted out.
finding-opted-out-remedy = Only the person can change that, by opting in.
finding-gpc = The browser says: do not sell or share my data (Global Privacy Control).
finding-gpc-remedy = Only the person can change that, by turning the signal off and opting in.

## Channel
finding-channel-missing = A message needs a channel.
finding-channel-missing-remedy = Say over which channel the message goes.
finding-channel-undeclared = The purpose does not reach people over this channel.
finding-channel-undeclared-remedy = Use another channel, or declare this one in the manifest.
finding-channel-unconfirmed = The address or number is not confirmed.
finding-channel-unconfirmed-remedy = Let the person confirm the address or number.
finding-suppressed = This address or number must not be contacted.
finding-suppressed-remedy = Only the person can change that, by an act of their own.

## Recipient
finding-recipient-missing = Data was to be shared, but nobody was named to receive it.
finding-recipient-missing-remedy = Name the recipient.
finding-recipient-undeclared = The purpose does not name this recipient.
finding-recipient-undeclared-remedy = Declare the recipient for this purpose in the manifest.
finding-contract-missing = There is no contract in force with this recipient.
finding-contract-missing-remedy = Conclude the contract and declare it in the manifest.
finding-contract-expired = The contract with this recipient has ended.
finding-contract-expired-remedy = Renew the contract and declare it in the manifest.
finding-recipient-declined = The person does not want this recipient to have their data.
finding-recipient-declined-remedy = Do without this recipient. Only the person can change that.

## Retention
finding-retention-over = The time for keeping this data is over.
finding-retention-over-remedy = Erase it.

## Actor
finding-service-unknown = The manifest names no such service.
finding-service-unknown-remedy = Declare the service in the manifest.
finding-service-not-allowed = This service may not ask for this purpose or action.
finding-service-not-allowed-remedy = Allow it in the manifest, if it is needed.
finding-role-unknown = The manifest names no such role.
finding-role-unknown-remedy = Declare the role in the manifest.
finding-role-not-allowed = This role may not ask for this purpose, action or data.
finding-role-not-allowed-remedy = Ask a colleague whose role covers it.
finding-reason-missing = A reason and a ticket are needed.
finding-reason-missing-remedy = Give one of the reasons of your role, and the ticket.
finding-actor-not-allowed = This purpose is not for whoever asks.
finding-actor-not-allowed-remedy = Ask under a purpose of your own.

## The answer
answer-granted = Permitted
answer-denied = Denied
answer-observed = Would be denied

## Why restricted data could be used all the same
exception-storage = It is only kept.
exception-person-asks = The person asked for it.
exception-person-agrees = The person agreed.
exception-legal-claims = It is needed for a legal claim.
exception-anothers-rights = It protects the rights of another person.
exception-public-interest = An important public interest asks for it.

## Where a consent stands
consent-unasked = Not asked
consent-pending = Waiting for confirmation
consent-given = Given
consent-unsettled = To be asked again
consent-refused = Refused
consent-withdrawn = Withdrawn
