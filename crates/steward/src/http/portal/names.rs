//! What the manifest calls things, in the visitor's language. What it no longer names is
//! called by its code.

use model::manifest::{Ground, Manifest, Purpose, Texts};
use model::{CategoryName, Channel, FindingCode, IdentifierKind, LifetimeName, taxonomy};
use words::{Voice, Word};

/// The names of one manifest in one language.
#[derive(Clone, Copy)]
pub(crate) struct Names<'m> {
    voice: Voice,
    manifest: &'m Manifest,
}

impl<'m> Names<'m> {
    pub(crate) const fn new(voice: Voice, manifest: &'m Manifest) -> Self {
        Self { voice, manifest }
    }

    pub(crate) const fn voice(self) -> Voice {
        self.voice
    }

    pub(crate) const fn manifest(self) -> &'m Manifest {
        self.manifest
    }

    /// A text of the manifest, or the code where it has none.
    fn pick(self, texts: Option<&Texts>, code: &str) -> String {
        let text = texts.map(|texts| self.voice.pick(texts)).filter(|text| !text.is_empty());
        text.unwrap_or(code).to_owned()
    }

    /// A purpose.
    pub(crate) fn purpose(self, name: &str) -> String {
        let builtin = &model::manifest::builtin().purposes;
        let found = self.manifest.purposes.iter().chain(builtin).find(|(known, _)| known.as_str() == name);
        self.pick(found.map(|(_, purpose)| &purpose.title), name)
    }

    /// A category: the controller's own word, else the built-in one.
    pub(crate) fn category(self, name: &CategoryName) -> String {
        let own = self.manifest.categories.get(name).map(|used| &used.title);
        let built_in = taxonomy::category(name.as_str()).map(|category| &category.title);
        self.pick(own.filter(|title| !title.is_empty()).or(built_in), name.as_str())
    }

    /// A number of the controller's own, where the manifest names it.
    pub(super) fn number(self, kind: &IdentifierKind) -> Option<String> {
        let number = self.manifest.identifiers.get(kind)?;
        Some(self.pick(Some(&number.title), kind.code()))
    }

    /// A category by its code.
    pub(crate) fn category_of(self, code: &str) -> String {
        CategoryName::new(code).map_or_else(|_| code.to_owned(), |name| self.category(&name))
    }

    /// A lifetime: what ends together.
    pub(crate) fn lifetime(self, name: &LifetimeName) -> String {
        let builtin = &model::manifest::builtin().lifetimes;
        // `duty.` and the name of a ground is a duty of its own.
        let general = name.as_str().split('.').next().unwrap_or_default();
        let found = self.manifest.lifetimes.get(name).or_else(|| {
            builtin.iter().find(|(known, _)| known.as_str() == general).map(|(_, lifetime)| lifetime)
        });
        self.pick(found.map(|lifetime| &lifetime.title), name.as_str())
    }

    /// How long what ends together is kept, in words; empty where it is not said.
    pub(crate) fn lifetime_kept(self, name: &LifetimeName) -> String {
        let retention = self.manifest.lifetimes.get(name).and_then(|lifetime| lifetime.retention.as_ref());
        retention.map(|retention| pages::portal::kept(self.voice, retention)).unwrap_or_default()
    }

    /// A recipient.
    pub(crate) fn recipient(self, name: &str) -> String {
        let found = self.manifest.recipients.iter().find(|(known, _)| known.as_str() == name);
        found.map_or_else(|| name.to_owned(), |(_, recipient)| recipient.name.clone())
    }

    /// A channel: `By e-mail`.
    pub(crate) fn channel(self, channel: Channel) -> String {
        self.voice.say(&format!("channel-{channel}"))
    }

    /// A channel within a line: `by e-mail`.
    pub(crate) fn channel_within(self, channel: Channel) -> String {
        let text = self.channel(channel);
        let mut letters = text.chars();
        letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
    }

    /// Why a use was refused, as it is said to the person it is about.
    pub(crate) fn why_not(self, code: FindingCode) -> String {
        let own = self.voice.try_say(&format!("why-{code}"));
        own.unwrap_or_else(|| self.voice.say(&format!("finding-{code}")))
    }

    /// A legal ground with what it cites.
    pub(crate) fn ground(self, ground: &Ground) -> String {
        let basis = self.voice.say(&format!("basis-{}", ground.basis));
        match &ground.citation {
            Some(citation) => format!("{basis} ({citation})"),
            None => basis,
        }
    }

    /// What a purpose is used for, on which ground and how long: a sentence.
    pub(crate) fn use_line(self, purpose: &Purpose) -> String {
        let title = Word::from(self.voice.pick(&purpose.title).to_owned());
        let ground = Word::from(self.ground(&purpose.basis));
        match &purpose.retention {
            None => self.voice.tell("data-used-line", &[("purpose", title), ("basis", ground)]),
            Some(retention) => {
                let kept = Word::from(pages::portal::kept(self.voice, retention));
                self.voice
                    .tell("data-used-line-kept", &[("purpose", title), ("basis", ground), ("period", kept)])
            }
        }
    }

    /// Who did or asked, as an entry writes it: `service:shop`, `staff:support:…`, `customer`.
    pub(crate) fn actor(self, actor: &str) -> String {
        let mut parts = actor.splitn(3, ':');
        let (kind, name) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        match kind {
            "service" => self.service(actor),
            "staff" => {
                let found = self.manifest.roles.iter().find(|(known, _)| known.as_str() == name);
                match found {
                    Some((_, role)) => self.voice.pick(&role.title).to_owned(),
                    None => self.voice.say("who-staff"),
                }
            }
            kind => self.voice.try_say(&format!("who-{kind}")).unwrap_or_else(|| self.voice.say("who-job")),
        }
    }

    /// A service, as an entry writes it: `service:shop`.
    pub(crate) fn service(self, written: &str) -> String {
        let name = written.strip_prefix("service:").unwrap_or(written);
        let found = self.manifest.services.iter().find(|(known, _)| known.as_str() == name);
        match found {
            Some((_, service)) => self.voice.pick(&service.title).to_owned(),
            None => self.voice.say("who-service"),
        }
    }

    /// The reason that a member of staff gave, in the words of their role.
    pub(crate) fn reason(self, code: &str) -> String {
        let roles = self.manifest.roles.values();
        let mut reasons = roles.flat_map(|role| &role.reasons);
        let found = reasons.find(|(known, _)| known.as_str() == code);
        self.pick(found.map(|(_, texts)| texts), code)
    }
}

/// A column's name as words: `Customer.PostalCode` is `Postal code`.
pub(crate) fn field(name: &str) -> String {
    let column = name.rsplit('.').next().unwrap_or(name);
    let mut words = String::new();
    let mut before = ' ';
    for character in column.chars() {
        if character == '_' || character == '-' {
            words.push(' ');
        } else if character.is_uppercase() && before.is_lowercase() {
            words.push(' ');
            words.extend(character.to_lowercase());
        } else if words.is_empty() {
            words.extend(character.to_uppercase());
        } else {
            words.push(character);
        }
        before = character;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_columns_name_reads_as_words() {
        for (name, words) in [
            ("Customer.PostalCode", "Postal code"),
            ("customer.first_name", "First name"),
            ("Invoice.InvoiceId", "Invoice id"),
            ("UnitPrice", "Unit price"),
            ("a.b.Total", "Total"),
            ("", ""),
        ] {
            assert_eq!(field(name), words);
        }
    }
}
