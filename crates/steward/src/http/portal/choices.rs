//! What a person allowed. A switch takes effect before the next page is shown.

use std::collections::BTreeSet;

use app::consent::{self, NewEvent, PurposeView, RecordConsent, StandingView};
use app::identity::SubjectRef;
use axum::http::StatusCode;
use axum::response::Response;
use gate::ConsentState;
use model::manifest::{OnWithdraw, Purpose};
use model::{Act as ConsentAct, Actor, Channel, Choice, Origin, PurposeKind, PurposeName, Shown, Switch};
use pages::portal::Section;
use pages::portal::choices::{self as template, AboutView, ChoiceView, ChoicesView, LockedView, SwitchView};
use serde::Deserialize;
use words::Word;

use super::customer::{Act, Customer};
use super::flash::Flash;
use super::names::Names;
use crate::http::pages::Failure;

/// The page.
pub(super) async fn page(customer: Customer) -> Result<Response, Failure> {
    let view = view(&customer).await?;
    Ok(customer.shown(template::page(customer.frame(Section::Choices)?, &view)))
}

/// All that stands on the page.
async fn view(customer: &Customer) -> Result<ChoicesView, Failure> {
    let controller = customer.controller();
    let standing = consent::standing(controller, customer.subject(), Actor::Customer).await?;
    let in_force = controller.in_force()?;
    let names = Names::new(customer.voice(), &in_force.manifest);
    let mut view = ChoicesView {
        csrf: customer.csrf().to_owned(),
        optional: Vec::new(),
        locked: Vec::new(),
        hears_gpc: standing.gpc_since.is_some() || customer.visit().gpc(),
        is_restricted: !standing.restrictions.is_empty(),
        is_frozen: standing.restrictions.iter().any(|restriction| restriction.category.is_none()),
        shown: String::new(),
    };
    for state in &standing.purposes {
        let Some(purpose) = in_force.manifest.purposes.get(&state.purpose) else { continue };
        if state.locked {
            let because = names.voice().pick(&purpose.no_choice_because).to_owned();
            view.locked.push(LockedView { about: about(names, purpose), because });
        } else {
            view.optional.push(choice(names, purpose, state, &standing));
        }
    }
    view.shown = hash_of(&view.shown_text(names.voice()));
    Ok(view)
}

/// The hash of what was shown, as a record names it.
pub(super) fn hash_of(text: &str) -> String {
    keys::sha256(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A switch that was turned.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SwitchBody {
    purpose: PurposeName,
    channel: Option<Channel>,
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

/// Records what was chosen, with what was shown.
pub(super) async fn choose(act: Act<SwitchBody>) -> Result<Response, Failure> {
    let Act { who: customer, body } = act;
    let controller = customer.controller();
    let standing = consent::standing(controller, customer.subject(), Actor::Customer).await?;
    let in_force = controller.in_force()?;
    let names = Names::new(customer.voice(), &in_force.manifest);
    let state = standing.purposes.iter().find(|state| state.purpose == body.purpose && !state.locked);
    let (Some(purpose), Some(state)) = (in_force.manifest.purposes.get(&body.purpose), state) else {
        return Err(Failure::malformed());
    };
    if body.channel.is_some_and(|channel| !purpose.channels.contains(&channel)) {
        return Err(Failure::malformed());
    }
    // Whoever read another text did not choose about this one (GDPR 7(1)).
    let shown = choice(names, purpose, state, &standing).shown;
    if shown != body.shown {
        return Err(Failure::new(StatusCode::CONFLICT, "conflict"));
    }
    let acts = match body.to {
        To::On => giving(purpose, &body.purpose, body.channel, &standing),
        To::Off => refusing(purpose, state, body.channel),
    };
    let done = record(&customer, acts, (&shown, "switch")).await?;
    let anchor = body
        .channel
        .map_or_else(|| body.purpose.to_string(), |channel| format!("{}-{channel}", body.purpose));
    let told = Flash::Chosen {
        is_yes: body.to == To::On,
        purpose: body.purpose.to_string(),
        channel: body.channel,
        ended: !done.ended.is_empty(),
    };
    Ok(customer.told(&format!("{}#{anchor}", Section::Choices.address()), &told))
}

/// A no to everything.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoneBody {
    shown: String,
}

/// Says no to everything that has a switch. A no may always be said; what was shown is recorded
/// where it is what is shown now.
pub(super) async fn none(act: Act<NoneBody>) -> Result<Response, Failure> {
    let Act { who: customer, body } = act;
    let is_current = view(&customer).await?.shown == body.shown;
    let shown = is_current.then(|| shown(&customer, &body.shown, "no-to-everything"));
    let (controller, subject) = (customer.controller(), customer.subject());
    consent::withdraw_all(controller, subject, Origin::Portal, shown, Actor::Customer, None).await?;
    Ok(customer.told(Section::Choices.address(), &Flash::AllOff))
}

/// A wish to freeze the use of everything, or to end that.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FreezeBody {
    to: To,
}

/// Restricts the use of everything (GDPR 18), or ends it.
pub(super) async fn freeze(act: Act<FreezeBody>) -> Result<Response, Failure> {
    let Act { who: customer, body } = act;
    let is_on = body.to == To::On;
    let act = match body.to {
        To::On => ConsentAct::Restricted { category: None },
        To::Off => ConsentAct::RestrictionLifted { category: None },
    };
    let text = ["freeze-title", "freeze-text", if is_on { "freeze-begin" } else { "freeze-end" }];
    let text = text.map(|key| customer.voice().say(key)).join("\n");
    record(&customer, vec![act], (&hash_of(&text), "freeze")).await?;
    Ok(customer.told(&format!("{}#freeze", Section::Choices.address()), &Flash::Frozen { is_on }))
}

/// What a record says of this page.
fn shown(customer: &Customer, hash: &str, button: &str) -> Shown {
    Shown {
        text_sha256: hash.to_owned(),
        locale: customer.visit().locale().tag().to_owned(),
        button_order: vec![button.to_owned()],
        notice_version: None,
        surface: "portal/choices".to_owned(),
    }
}

async fn record(
    customer: &Customer,
    acts: Vec<ConsentAct>,
    (hash, button): (&str, &str),
) -> Result<consent::Recorded, Failure> {
    let shown = shown(customer, hash, button);
    let event = |act| NewEvent { shown: Some(shown.clone()), ..NewEvent::new(act, Origin::Portal) };
    let request = RecordConsent {
        subject: SubjectRef::Id(customer.subject()),
        create: false,
        events: acts.into_iter().map(event).collect(),
        actor: Actor::Customer,
        request: None,
        idempotency: None,
    };
    Ok(consent::record(customer.controller(), request).await?)
}

/// Every way in which people can say no to a purpose, under any law.
fn ways(purpose: &Purpose) -> BTreeSet<Choice> {
    purpose.grounds().map(|ground| ground.basis.choice()).collect()
}

fn is_sale(kind: PurposeKind) -> bool {
    matches!(kind, PurposeKind::Advertising | PurposeKind::Sharing)
}

/// The acts of a yes. It takes back an objection or opting out that would still stop it.
fn giving(
    purpose: &Purpose,
    name: &PurposeName,
    channel: Option<Channel>,
    standing: &StandingView,
) -> Vec<ConsentAct> {
    let (ways, about) = (ways(purpose), Some(name.clone()));
    let state = standing.purposes.iter().find(|state| state.purpose == *name);
    let mut acts = Vec::new();
    if ways.contains(&Choice::Object) || state.is_some_and(|state| state.objected_since.is_some()) {
        acts.push(ConsentAct::ObjectionEnded { purpose: about.clone() });
    }
    let has_signal = is_sale(purpose.kind) && standing.gpc_since.is_some();
    let opted_out = state.is_some_and(|state| state.opted_out_since.is_some());
    if ways.contains(&Choice::OptOut) || opted_out || has_signal {
        acts.push(ConsentAct::OptedIn { purpose: about });
    }
    if ways.contains(&Choice::Withdraw) {
        acts.push(ConsentAct::Given(Switch { purpose: name.clone(), channel, recipient: None }));
    }
    acts
}

/// The acts of a no. With the last channel the purpose as a whole ends, so that nothing of
/// it goes on behind the switches.
fn refusing(purpose: &Purpose, state: &PurposeView, channel: Option<Channel>) -> Vec<ConsentAct> {
    let others = state.channels.iter().filter(|other| Some(other.channel) != channel);
    let is_last = others.clone().all(|other| !is_given(other.state));
    let channel = channel.filter(|_| !is_last);
    let name = &state.purpose;
    let act = |way| match way {
        Choice::Withdraw => {
            let switch = Switch { purpose: name.clone(), channel, recipient: None };
            Some(if is_given(state.state) || state.channels.iter().any(|other| is_given(other.state)) {
                ConsentAct::Withdrawn(switch)
            } else {
                ConsentAct::Refused(switch)
            })
        }
        Choice::Object if channel.is_none() => Some(ConsentAct::Objected { purpose: Some(name.clone()) }),
        Choice::OptOut if channel.is_none() => Some(ConsentAct::OptedOut { purpose: Some(name.clone()) }),
        Choice::Object | Choice::OptOut | Choice::None => None,
    };
    ways(purpose).into_iter().filter_map(act).collect()
}

const fn is_given(state: ConsentState) -> bool {
    matches!(state, ConsentState::Given | ConsentState::Pending)
}

/// Whether a purpose is allowed in any way.
pub(super) fn is_on(state: &PurposeView, standing: &StandingView) -> bool {
    if is_stopped(state, standing) {
        return false;
    }
    match state.choice {
        Choice::Withdraw => {
            is_given(state.state) || state.channels.iter().any(|channel| is_given(channel.state))
        }
        Choice::Object | Choice::OptOut => true,
        Choice::None => false,
    }
}

/// Whether an objection, opting out or a signal stops it, whatever else was said.
fn is_stopped(state: &PurposeView, standing: &StandingView) -> bool {
    let by_signal = is_sale(state.kind)
        && standing.gpc_since.is_some_and(|seen| state.since.is_none_or(|since| since <= seen));
    state.objected_since.is_some() || state.opted_out_since.is_some() || by_signal
}

fn choice(names: Names<'_>, purpose: &Purpose, state: &PurposeView, standing: &StandingView) -> ChoiceView {
    let voice = names.voice();
    let ends = match &purpose.on_withdraw {
        OnWithdraw::Erase => voice.say("choice-ends-erase"),
        OnWithdraw::Keep { basis } => {
            let basis = Word::from(voice.say(&format!("basis-{basis}")));
            voice.tell("choice-ends-keep", &[("basis", basis)])
        }
    };
    let mut view = ChoiceView {
        purpose: state.purpose.to_string(),
        about: about(names, purpose),
        ends,
        switches: switches(names, state, standing),
        shown: String::new(),
    };
    view.shown = hash_of(&view.shown_text(voice));
    view
}

/// One switch for a purpose that reaches people over one channel or none, else one for each.
fn switches(names: Names<'_>, state: &PurposeView, standing: &StandingView) -> Vec<SwitchView> {
    let stopped = state.objected_since.or(state.opted_out_since);
    let is_stopped = is_stopped(state, standing);
    if state.channels.len() < 2 || state.choice != Choice::Withdraw {
        let only = state.channels.first();
        let is_pending = only.is_some_and(|channel| channel.state == ConsentState::Pending);
        let since = stopped.or(state.since).or_else(|| only.and_then(|channel| channel.since));
        return vec![SwitchView { channel: None, is_on: is_on(state, standing), is_pending, since }];
    }
    let switch = |channel: &consent::ChannelView| SwitchView {
        channel: Some((channel.channel.to_string(), names.channel(channel.channel))),
        is_on: !is_stopped && is_given(channel.state),
        is_pending: channel.state == ConsentState::Pending,
        since: stopped.or(channel.since),
    };
    state.channels.iter().map(switch).collect()
}

fn about(names: Names<'_>, purpose: &Purpose) -> AboutView {
    let voice = names.voice();
    AboutView {
        title: voice.pick(&purpose.title).to_owned(),
        explanation: voice.pick(&purpose.explanation).to_owned(),
        categories: purpose.categories.iter().map(|category| names.category(category)).collect(),
        recipients: purpose.recipients.iter().map(|recipient| names.recipient(recipient.as_str())).collect(),
        kept: purpose
            .retention
            .as_ref()
            .map(|retention| pages::portal::kept(voice, retention))
            .unwrap_or_default(),
        basis: names.ground(&purpose.basis),
    }
}
