//! Who else receives a person's data, and the no to a recipient.

use app::consent::{self, NewEvent, RecordConsent, StandingView};
use app::identity::SubjectRef;
use app::timeline::{self, TimelineItem};
use axum::http::StatusCode;
use axum::response::Response;
use model::manifest::{Manifest, Purpose, Recipient};
use model::{Act as ConsentAct, Actor, Answer, Origin, PurposeName, RecipientName, Shown};
use pages::portal::Section;
use pages::portal::recipients::{self as template, RecipientView, RecipientsView};
use serde::Deserialize;
use words::Word;

use super::choices::hash_of;
use super::customer::{Act, Customer};
use super::flash::Flash;
use super::names::Names;
use crate::http::pages::Failure;

/// The newest uses that are looked through for the last time a recipient received something.
const USES: usize = 500;

/// The page.
pub(super) async fn page(customer: Customer) -> Result<Response, Failure> {
    let (controller, subject) = (customer.controller(), customer.subject());
    let standing = consent::standing(controller, subject, Actor::Customer).await?;
    let uses = timeline::timeline(controller, subject, None, USES, Actor::Customer).await?;
    let in_force = controller.in_force()?;
    let names = Names::new(customer.voice(), &in_force.manifest);
    let shown = names.manifest().recipients.iter().filter_map(|(name, recipient)| {
        let mut view = view(names, (name, recipient), &standing)?;
        view.last = last(names, name, &uses.items);
        Some(view)
    });
    let view = RecipientsView { csrf: customer.csrf().to_owned(), recipients: shown.collect() };
    Ok(customer.shown(template::page(customer.frame(Section::Recipients)?, &view)))
}

/// A switch that was turned.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SwitchBody {
    recipient: RecipientName,
    to: To,
    shown: String,
}

/// To which side.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum To {
    On,
    Off,
}

/// Records a no to a recipient, or takes it back. A yes counts for what was shown; a no always.
pub(super) async fn choose(act: Act<SwitchBody>) -> Result<Response, Failure> {
    let Act { who: customer, body } = act;
    let controller = customer.controller();
    let standing = consent::standing(controller, customer.subject(), Actor::Customer).await?;
    let in_force = controller.in_force()?;
    let names = Names::new(customer.voice(), &in_force.manifest);
    let recipient = in_force.manifest.recipients.get(&body.recipient).ok_or_else(Failure::malformed)?;
    let view = view(names, (&body.recipient, recipient), &standing).ok_or_else(Failure::malformed)?;
    let is_current = view.shown == body.shown;
    let act = match body.to {
        To::On if !is_current => return Err(Failure::new(StatusCode::CONFLICT, "conflict")),
        To::On => ConsentAct::RecipientAccepted { recipient: body.recipient.clone() },
        To::Off if !view.has_switch => return Err(Failure::malformed()),
        To::Off => ConsentAct::RecipientDeclined { recipient: body.recipient.clone() },
    };
    let shown = is_current.then(|| Shown {
        text_sha256: body.shown,
        locale: customer.visit().locale().tag().to_owned(),
        button_order: vec!["switch".to_owned()],
        notice_version: None,
        surface: "portal/recipients".to_owned(),
    });
    let request = RecordConsent {
        subject: SubjectRef::Id(customer.subject()),
        create: false,
        events: vec![NewEvent { shown, ..NewEvent::new(act, Origin::Portal) }],
        actor: Actor::Customer,
        request: None,
        idempotency: None,
    };
    consent::record(controller, request).await?;
    let told = Flash::Recipient { is_yes: body.to == To::On, recipient: body.recipient.to_string() };
    let address = format!("{}#{}", Section::Recipients.address(), body.recipient);
    Ok(customer.told(&address, &told))
}

/// What is shown of a recipient; none where no purpose names it and the person never said no.
fn view(
    names: Names<'_>,
    (name, recipient): (&RecipientName, &Recipient),
    standing: &StandingView,
) -> Option<RecipientView> {
    let voice = names.voice();
    let is_declined = standing.declined.contains(name);
    let served = served(names.manifest(), name);
    if served.is_empty() && !is_declined {
        return None;
    }
    let title = |purpose: &Purpose| voice.pick(&purpose.title).to_owned();
    let is_needed = |purpose: &PurposeName| recipient.needed_for.contains(purpose);
    let needed = served.iter().filter(|(purpose, _)| is_needed(purpose));
    let contract = recipient.contract.as_ref();
    let mut view = RecipientView {
        code: name.to_string(),
        name: recipient.name.clone(),
        what: voice.say(&format!("recipient-kind-{}", recipient.kind)),
        contract: contract.map(|contract| voice.pick(&contract.summary).to_owned()).unwrap_or_default(),
        country: recipient.country.to_string(),
        purposes: served.iter().map(|(_, purpose)| title(purpose)).collect(),
        needed_for: needed.map(|(_, purpose)| title(purpose)).collect(),
        if_declined: voice.pick(&recipient.if_declined).to_owned(),
        has_switch: served.iter().any(|(purpose, _)| !is_needed(purpose)),
        is_declined,
        ..RecipientView::default()
    };
    view.shown = hash_of(&view.shown_text(voice));
    Some(view)
}

/// The purposes that name a recipient.
fn served<'m>(manifest: &'m Manifest, name: &RecipientName) -> Vec<(&'m PurposeName, &'m Purpose)> {
    manifest.purposes.iter().filter(|(_, purpose)| purpose.recipients.contains(name)).collect()
}

/// When a recipient last received something, in words.
fn last(names: Names<'_>, name: &RecipientName, uses: &[TimelineItem]) -> String {
    let received = uses.iter().find(|item| {
        item.recipient.as_deref() == Some(name.as_str()) && item.answer == Some(Answer::Granted)
    });
    match received {
        Some(item) => names.voice().day(item.recorded),
        None => names.voice().tell("recipients-never", &[("count", Word::from(USES))]),
    }
}
