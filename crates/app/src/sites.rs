//! What a site asks its visitors, and the cookie in which their choice travels.
//!
//! The server keeps one event with its entry; the cookie carries who the visitor is and what
//! they chose, under a keyed hash, so that a page can follow the choice without asking the
//! store. What a page showed comes back with the form under the same kind of hash, so that
//! the record says what was rendered and not what would be rendered now.

use std::collections::BTreeSet;

use keys::FieldClass;
use model::manifest::Manifest;
use model::{
    Act, Actor, Choice as Way, Personal, PurposeKind, PurposeName, Shown, Signal, Switch, Timestamp,
    VisitorId,
};

use crate::consent::{self, NewVisitorChoice, VISITOR_KEPT_DAYS};
use crate::controller::Controller;
use crate::error::AppError;

/// The version of the cookie's form.
const COOKIE_VERSION: &str = "1";
/// The longest cookie that is read, in bytes.
const COOKIE_BYTES_MAX: usize = 4_096;
/// How long a proof of what was shown counts for a yes, in hours: a page that stays open for a
/// day is read again first.
const PROOF_HOURS: i64 = 24;
/// The longest proof of what was shown that is read, in bytes.
const PROOF_BYTES_MAX: usize = 2_048;

/// Under which subkeys the two kinds of text are hashed.
const COOKIE: FieldClass = FieldClass { room: "sites", name: "choice" };
const SHOWN: FieldClass = FieldClass { room: "sites", name: "shown" };

/// What a visitor chose, as their cookie says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteChoice {
    /// The visitor.
    pub visitor: VisitorId,
    /// When they chose.
    pub chosen: Timestamp,
    /// What they said yes to.
    pub granted: BTreeSet<PurposeName>,
    /// What they said no to.
    pub refused: BTreeSet<PurposeName>,
}

impl SiteChoice {
    /// Until when it is remembered: yes and no equally long.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        self.chosen.plus_days(VISITOR_KEPT_DAYS)
    }

    /// Whether it answers everything that is asked now.
    #[must_use]
    pub fn answers(&self, asked: &BTreeSet<PurposeName>) -> bool {
        asked.iter().all(|purpose| self.granted.contains(purpose) || self.refused.contains(purpose))
    }

    fn text(&self) -> String {
        let each = |sign: &'static str, list: &BTreeSet<PurposeName>| {
            list.iter().map(|purpose| format!("{sign}{purpose}")).collect::<Vec<_>>()
        };
        let purposes = [each("y-", &self.granted), each("n-", &self.refused)].concat().join("~");
        format!("{COOKIE_VERSION}.{}.{}.{purposes}", self.visitor, self.chosen.seconds())
    }

    fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '.');
        let (COOKIE_VERSION, visitor, seconds, purposes) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?)
        else {
            return None;
        };
        let (mut granted, mut refused) = (BTreeSet::new(), BTreeSet::new());
        for purpose in purposes.split('~').filter(|purpose| !purpose.is_empty()) {
            match purpose.split_once('-')? {
                ("y", name) => granted.insert(PurposeName::new(name).ok()?),
                ("n", name) => refused.insert(PurposeName::new(name).ok()?),
                _ => return None,
            };
        }
        let chosen = Timestamp::from_seconds(seconds.parse().ok()?);
        Some(Self { visitor: visitor.parse().ok()?, chosen, granted, refused })
    }
}

/// The purposes that a site asks its visitors about: those that stand on consent and need no
/// address to reach anybody. Whatever else is optional is asked where the address is given.
#[must_use]
pub fn asked(manifest: &Manifest) -> BTreeSet<PurposeName> {
    let of_site = manifest.purposes.iter().filter(|(_, purpose)| {
        !purpose.is_locked()
            && purpose.channels.is_empty()
            && purpose.grounds().any(|ground| ground.basis.choice() == Way::Withdraw)
    });
    of_site.map(|(name, _)| name.clone()).collect()
}

/// The purposes that Global Privacy Control closes: sharing and targeted advertising
/// (11 CCR 7025).
#[must_use]
pub fn closed_by_gpc(manifest: &Manifest) -> BTreeSet<PurposeName> {
    let closed = |kind| matches!(kind, PurposeKind::Advertising | PurposeKind::Sharing);
    manifest
        .purposes
        .iter()
        .filter(|(_, purpose)| closed(purpose.kind))
        .map(|(name, _)| name.clone())
        .collect()
}

/// The choice that a cookie carries, if it is one of ours and not over.
#[must_use]
pub fn open_cookie(controller: &Controller, cookie: &str) -> Option<SiteChoice> {
    if cookie.len() > COOKIE_BYTES_MAX {
        return None;
    }
    let (text, mac) = cookie.rsplit_once('.')?;
    if !is_ours(controller, COOKIE, text, mac) {
        return None;
    }
    SiteChoice::read(text).filter(|choice| choice.until() > controller.now())
}

/// The cookie that carries a choice: letters, digits, `-`, `_`, `.` and `~`.
#[must_use]
pub fn cookie(controller: &Controller, choice: &SiteChoice) -> String {
    let text = choice.text();
    let mac = mac(controller, COOKIE, &text);
    format!("{text}.{mac}")
}

/// What a page shows, as its form carries it along.
///
/// # Errors
/// When it does not serialise.
pub fn seal_shown(controller: &Controller, shown: &Shown) -> Result<String, AppError> {
    let text =
        serde_json::to_string(shown).map_err(|_| AppError::Internal("what was shown does not serialise"))?;
    let text = format!("{}.{text}", controller.now().seconds());
    let mac = mac(controller, SHOWN, &text);
    Ok(format!("{mac}.{text}"))
}

/// What a page of ours showed, and whether that is so recent that a yes may answer it.
#[must_use]
pub fn open_shown(controller: &Controller, proof: &str) -> Option<(Shown, bool)> {
    if proof.len() > PROOF_BYTES_MAX {
        return None;
    }
    let (mac, text) = proof.split_once('.')?;
    if !is_ours(controller, SHOWN, text, mac) {
        return None;
    }
    let (seconds, shown) = text.split_once('.')?;
    let until = Timestamp::from_seconds(seconds.parse().ok()?).plus_seconds(3_600 * PROOF_HOURS);
    Some((serde_json::from_str(shown).ok()?, controller.now() < until))
}

/// A visitor's answer to what they were asked.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What they chose before, by their cookie.
    pub before: Option<SiteChoice>,
    /// What they say yes to; everything else that is asked gets a no.
    pub granted: BTreeSet<PurposeName>,
    /// What they were shown.
    pub shown: Shown,
    /// Whether their browser sent `Sec-GPC: 1`.
    pub gpc: bool,
}

/// Records an answer: one event with its entry. A yes that the browser's signal speaks
/// against becomes a no.
///
/// # Errors
/// As [`consent::record_visitor`].
pub async fn answer(controller: &Controller, answer: Answer) -> Result<SiteChoice, AppError> {
    let in_force = controller.in_force()?;
    let asked = asked(&in_force.manifest);
    let closed = if answer.gpc { closed_by_gpc(&in_force.manifest) } else { BTreeSet::new() };
    let (granted, refused): (BTreeSet<_>, BTreeSet<_>) =
        asked.into_iter().partition(|purpose| answer.granted.contains(purpose) && !closed.contains(purpose));
    let had =
        |purpose: &PurposeName| answer.before.as_ref().is_some_and(|before| before.granted.contains(purpose));
    let mut acts = Vec::new();
    if answer.gpc {
        acts.push(Act::SignalSeen { signal: Signal::Gpc });
    }
    let switch = |purpose: &PurposeName| Switch { purpose: purpose.clone(), channel: None, recipient: None };
    acts.extend(refused.iter().map(|purpose| {
        if had(purpose) { Act::Withdrawn(switch(purpose)) } else { Act::Refused(switch(purpose)) }
    }));
    acts.extend(granted.iter().map(|purpose| Act::Given(switch(purpose))));
    let choice = NewVisitorChoice {
        visitor: answer.before.as_ref().map(|before| before.visitor),
        shown: Some(answer.shown),
        ..NewVisitorChoice::new(acts, Actor::Customer)
    };
    let recorded = consent::record_visitor(controller, choice).await?;
    Ok(SiteChoice {
        visitor: recorded.visitor,
        chosen: recorded.until.plus_days(-VISITOR_KEPT_DAYS),
        granted,
        refused,
    })
}

/// Records that a visitor does not want their data sold or shared (11 CCR 7026): one event with
/// its entry. Everything else stays as they chose it, or unanswered.
///
/// # Errors
/// As [`consent::record_visitor`]; [`AppError::NotFound`] where the manifest declares no such purpose.
pub async fn opt_out(
    controller: &Controller,
    before: Option<SiteChoice>,
    shown: Shown,
) -> Result<SiteChoice, AppError> {
    let in_force = controller.in_force()?;
    let (asked, closed) = (asked(&in_force.manifest), closed_by_gpc(&in_force.manifest));
    if closed.is_empty() {
        return Err(AppError::NotFound("purpose that sells or shares"));
    }
    let (mut granted, mut refused) =
        before.as_ref().map(|before| (before.granted.clone(), before.refused.clone())).unwrap_or_default();
    let mut acts = Vec::new();
    for purpose in &closed {
        acts.push(Act::OptedOut { purpose: Some(purpose.clone()) });
        if asked.contains(purpose) {
            let switch = Switch { purpose: purpose.clone(), channel: None, recipient: None };
            acts.push(match granted.remove(purpose) {
                true => Act::Withdrawn(switch),
                false => Act::Refused(switch),
            });
            refused.insert(purpose.clone());
        }
    }
    let choice = NewVisitorChoice {
        visitor: before.map(|before| before.visitor),
        shown: Some(shown),
        ..NewVisitorChoice::new(acts, Actor::Customer)
    };
    let recorded = consent::record_visitor(controller, choice).await?;
    let chosen = recorded.until.plus_days(-VISITOR_KEPT_DAYS);
    Ok(SiteChoice { visitor: recorded.visitor, chosen, granted, refused })
}

fn mac(controller: &Controller, class: FieldClass, text: &str) -> String {
    let subkey = controller.core().keys.own_subkey(class);
    let mac = subkey.fingerprint(&Personal::new(text.to_owned()));
    mac.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_ours(controller: &Controller, class: FieldClass, text: &str, presented: &str) -> bool {
    keys::constant_time_eq(mac(controller, class, text).as_bytes(), presented.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> BTreeSet<PurposeName> {
        list.iter().map(|name| PurposeName::new(name).expect("a name")).collect()
    }

    #[test]
    fn a_choice_survives_its_cookie_whatever_was_chosen() {
        for (granted, refused) in [
            (&["analytics", "a.b-c_d"][..], &["advertising"][..]),
            (&[][..], &["analytics", "advertising"][..]),
            (&["analytics"][..], &[][..]),
            (&[][..], &[][..]),
        ] {
            let choice = SiteChoice {
                visitor: VisitorId::random(),
                chosen: Timestamp::from_seconds(1_795_521_600),
                granted: names(granted),
                refused: names(refused),
            };
            assert_eq!(SiteChoice::read(&choice.text()), Some(choice));
        }
        for broken in ["", "1", "2.vis_x.1.y-a", "1.vis_x.1.y-a", "1.sub_00000000000000000000000000.1.x-a"] {
            assert_eq!(SiteChoice::read(broken), None, "{broken}");
        }
    }
}
