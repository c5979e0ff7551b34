//! Where a person stands, as codes that need only their words.

use gate::{ConsentState, Policy, Standing};
use model::manifest::{Purpose, Region};
use model::{
    AgeBand, Basis, CategoryName, Channel, Choice, EntryId, PurposeKind, PurposeName, RecipientName,
    SubjectId, Timestamp,
};
use serde::Serialize;

use super::{Look, Looked, record_look};
use crate::controller::Controller;
use crate::error::AppError;
use crate::person;

/// A person's present legal state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StandingView {
    /// The person, under the leading id.
    pub subject: SubjectId,
    /// The person's version: an answer about a later one has seen what stands here.
    pub version: i64,
    /// Every purpose of the manifest, in the order of the names.
    pub purposes: Vec<PurposeView>,
    /// Recipients whom the person does not want.
    pub declined: Vec<RecipientName>,
    /// Data that may be kept and not used.
    pub restrictions: Vec<RestrictionView>,
    /// The age band stated.
    pub age: Option<AgeBand>,
    /// Where the person lives, or was found to be, by ISO 3166.
    pub regions: Vec<String>,
    /// Since when a browser of the person has sent Global Privacy Control.
    pub gpc_since: Option<Timestamp>,
    /// Whether the person was reported dead.
    pub deceased: bool,
    /// Channels over which nothing optional reaches the person.
    pub suppressed: Vec<Channel>,
    /// The entry that records the look; none where the person looked themselves.
    pub entry: Option<EntryId>,
}

/// One purpose and what the person says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PurposeView {
    /// The purpose.
    pub purpose: PurposeName,
    /// Its kind.
    pub kind: PurposeKind,
    /// The ground that the manifest states first.
    pub basis: Basis,
    /// What the person can do about it.
    pub choice: Choice,
    /// Whether there is no switch under any law.
    pub locked: bool,
    /// What the person said of it as a whole.
    pub state: ConsentState,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Since when the person objects to it, by its name or as marketing.
    pub objected_since: Option<Timestamp>,
    /// Since when the person has opted out of it, by its name or with all sale and sharing.
    pub opted_out_since: Option<Timestamp>,
    /// What the person said of each channel that the purpose uses.
    pub channels: Vec<ChannelView>,
}

/// One channel of a purpose and what the person says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChannelView {
    /// The channel.
    pub channel: Channel,
    /// What the person said; `pending`: yes, but the address or number is not confirmed.
    pub state: ConsentState,
    /// Since when.
    pub since: Option<Timestamp>,
}

/// One restriction in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RestrictionView {
    /// Of this category and what lies below it; none: of everything.
    pub category: Option<CategoryName>,
    /// Since when.
    pub since: Timestamp,
}

/// Where a person stands. Whoever looks but the person themselves leaves an entry.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Erased`] or [`AppError::Denied`].
pub async fn standing(
    controller: &Controller,
    subject: SubjectId,
    look: impl Into<Look>,
) -> Result<StandingView, AppError> {
    let in_force = controller.in_force()?;
    let core = controller.core();
    let (now, entry, look) = (controller.now(), EntryId::random(), look.into());
    let looked = controller
        .db
        .write("consent.standing", move |tx| {
            let person = person::take_living(tx, &core, subject, now)?;
            let entry = match record_look(tx, &in_force, &person, &look, entry, now)? {
                Looked::Shown(entry) => entry,
                Looked::Refused(verdict) => return Ok(Looked::Refused(verdict)),
            };
            let standing = &person.standing;
            Ok::<_, AppError>(Looked::Shown(StandingView {
                subject: person.id(),
                version: person.row.version,
                purposes: in_force
                    .manifest
                    .purposes
                    .iter()
                    .map(|(name, purpose)| purpose_view(&in_force.policy, standing, name, purpose))
                    .collect(),
                declined: in_force
                    .manifest
                    .recipients
                    .keys()
                    .filter(|recipient| standing.has_declined(recipient))
                    .cloned()
                    .collect(),
                restrictions: standing
                    .restrictions()
                    .map(|(category, since)| RestrictionView { category: category.cloned(), since })
                    .collect(),
                age: standing.age(),
                regions: standing.regions().map(Region::to_string).collect(),
                gpc_since: standing.gpc_since(),
                deceased: standing.is_deceased(),
                suppressed: person.suppressed.clone(),
                entry,
            }))
        })
        .await?;
    looked.shown()
}

fn purpose_view(policy: &Policy, standing: &Standing, name: &PurposeName, purpose: &Purpose) -> PurposeView {
    let is_sale = matches!(purpose.kind, PurposeKind::Advertising | PurposeKind::Sharing);
    let (state, since) = standing.consent(name, None, None);
    let channels = purpose.channels.iter().map(|channel| {
        let (state, since) = standing.consent(name, Some(*channel), None);
        let waits = state == ConsentState::Given
            && policy.asks_confirmation(*channel)
            && !standing.is_confirmed(*channel);
        ChannelView { channel: *channel, state: if waits { ConsentState::Pending } else { state }, since }
    });
    PurposeView {
        purpose: name.clone(),
        kind: purpose.kind,
        basis: purpose.basis.basis,
        choice: if purpose.is_locked() { Choice::None } else { purpose.basis.basis.choice() },
        locked: purpose.is_locked(),
        state,
        since,
        objected_since: standing.objected_since(name, purpose.kind.is_marketing()),
        opted_out_since: standing.opted_out_since(name, is_sale),
        channels: channels.collect(),
    }
}
