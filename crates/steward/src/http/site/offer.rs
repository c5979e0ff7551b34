//! What a site asks, in the visitor's language.

use std::collections::BTreeSet;

use ::pages::site::{Asked, Necessary, Offer, Said};
use app::sites::{self, SiteChoice};
use model::manifest::Manifest;
use model::{PurposeName, Shown};
use words::Voice;

use super::place::SitePlace;
use crate::http::pages::{Failure, Visit};

/// The purposes of a site, with their words.
pub(super) struct Offered {
    controller: String,
    base: String,
    voice: Voice,
    gpc: bool,
    /// The titles of what sells or shares data.
    sales: Vec<String>,
    notice_version: String,
    asked: Vec<Asked>,
    names: BTreeSet<PurposeName>,
    /// What has no choice.
    pub(super) necessary: Vec<Necessary>,
}

impl Offered {
    /// What is asked on this visit.
    pub(super) fn of(visit: &Visit, place: &SitePlace) -> Result<Self, Failure> {
        let in_force = visit.controller().in_force()?;
        let (manifest, voice) = (&in_force.manifest, visit.voice());
        let names = sites::asked(manifest);
        let sold = sites::closed_by_gpc(manifest);
        let titles = sold.iter().filter_map(|name| manifest.purposes.get(name));
        let sales = titles.map(|purpose| voice.pick(&purpose.title).to_owned()).collect();
        let closed = if visit.gpc() { sold } else { BTreeSet::new() };
        Ok(Self {
            controller: manifest.controller.name.clone(),
            base: place.base.clone(),
            voice,
            gpc: visit.gpc(),
            sales,
            notice_version: in_force.policy.version().to_string(),
            asked: asked(manifest, voice, &names, &closed),
            necessary: necessary(manifest, voice),
            names,
        })
    }

    /// Shows switches as a visitor chose before.
    pub(super) fn show(&mut self, choice: Option<&SiteChoice>) {
        for purpose in &mut self.asked {
            let is_granted =
                |choice: &SiteChoice| choice.granted.iter().any(|granted| granted.as_str() == purpose.name);
            purpose.is_on = !purpose.is_closed && choice.is_some_and(is_granted);
        }
    }

    /// Whether anything here sells or shares data.
    pub(super) fn sells(&self) -> bool {
        !self.sales.is_empty()
    }

    /// The names of the purposes that are asked about.
    pub(super) fn names(&self) -> BTreeSet<PurposeName> {
        self.names.clone()
    }

    /// Whether what was shown is of this site, and asked about what is asked now.
    pub(super) fn is_said_by(&self, shown: &Shown, place: &SitePlace) -> bool {
        let is_here = shown.surface.strip_prefix("site/").and_then(|rest| rest.split_once('/'));
        is_here.is_some_and(|(site, _)| site == place.site.as_str())
            && shown.notice_version.as_deref() == Some(self.notice_version.as_str())
    }

    /// What the templates take.
    pub(super) fn offer<'o>(&'o self, back: &'o str) -> Offer<'o> {
        Offer {
            voice: self.voice,
            controller: &self.controller,
            base: &self.base,
            back,
            asked: &self.asked,
            gpc: self.gpc,
            sales: &self.sales,
        }
    }

    /// The proof of what was said, for the form to carry along.
    pub(super) fn proof(
        &self,
        visit: &Visit,
        said: &Said,
        buttons: &[&str],
        surface: String,
    ) -> Result<String, Failure> {
        let hash = keys::sha256(said.text().as_bytes());
        let shown = Shown {
            text_sha256: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
            locale: self.voice.locale().tag().to_owned(),
            button_order: buttons.iter().map(|button| (*button).to_owned()).collect(),
            notice_version: Some(self.notice_version.clone()),
            surface,
        };
        Ok(sites::seal_shown(visit.controller(), &shown)?)
    }
}

fn asked(
    manifest: &Manifest,
    voice: Voice,
    names: &BTreeSet<PurposeName>,
    closed: &BTreeSet<PurposeName>,
) -> Vec<Asked> {
    let recipient = |name: &model::RecipientName| {
        manifest.recipients.get(name).map_or_else(|| name.to_string(), |recipient| recipient.name.clone())
    };
    let each = names.iter().filter_map(|name| Some((name, manifest.purposes.get(name)?)));
    each.map(|(name, purpose)| Asked {
        name: name.to_string(),
        title: voice.pick(&purpose.title).to_owned(),
        explanation: voice.pick(&purpose.explanation).to_owned(),
        recipients: purpose.recipients.iter().map(recipient).collect(),
        is_on: false,
        is_closed: closed.contains(name),
    })
    .collect()
}

/// The shop's own necessities; those that every installation has are the portal's matter.
fn necessary(manifest: &Manifest, voice: Voice) -> Vec<Necessary> {
    let locked = manifest
        .purposes
        .values()
        .filter(|purpose| purpose.is_locked() && !voice.pick(&purpose.no_choice_because).is_empty());
    locked
        .map(|purpose| Necessary {
            title: voice.pick(&purpose.title).to_owned(),
            explanation: voice.pick(&purpose.explanation).to_owned(),
            because: voice.pick(&purpose.no_choice_because).to_owned(),
        })
        .collect()
}
