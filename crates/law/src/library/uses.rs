//! A use as the laws see one: which data, why, over which channel.

use model::{Channel, PurposeKind, taxonomy};

use crate::code::{Category, Purpose, Reach};
use crate::set::{Categories, Purposes};
use crate::vocabulary;

/// A use of data. Each category and each purpose is looked up by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Use {
    categories: Vec<Categories>,
    purposes: Vec<Purpose>,
    reaches: Vec<Reach>,
    channel: bool,
}

impl Use {
    /// A use for a kind of purpose, of no category yet.
    #[must_use]
    pub fn for_kind(kind: PurposeKind) -> Self {
        Self { purposes: vocabulary::purpose_codes(kind), ..Self::default() }
    }

    /// A use for a purpose of the packs, of no category yet.
    #[must_use]
    pub fn for_purpose(purpose: Purpose) -> Self {
        Self { purposes: vec![purpose], ..Self::default() }
    }

    /// The same use of one more category of the manifest's taxonomy.
    #[must_use]
    pub fn of(self, category: &taxonomy::Category) -> Self {
        self.of_codes(vocabulary::category_codes(category))
    }

    /// The same use of one more category, by its codes.
    #[must_use]
    pub fn of_codes(mut self, codes: Categories) -> Self {
        if !self.categories.contains(&codes) {
            self.categories.push(codes);
        }
        self
    }

    /// The same use, which also is for this purpose (`vocabulary::purpose_otherwise` says when).
    #[must_use]
    pub fn also(mut self, purpose: Purpose) -> Self {
        if !self.purposes.contains(&purpose) {
            self.purposes.push(purpose);
        }
        self
    }

    /// The same use over a channel; it is a use of the address too.
    #[must_use]
    pub fn over(self, channel: Channel) -> Self {
        self.reaching(vocabulary::reaches(channel))
    }

    /// The same use over these ways of the packs: for a call, by a person or by a machine.
    #[must_use]
    pub fn reaching(mut self, reaches: &[Reach]) -> Self {
        self.reaches = reaches.to_vec();
        self.channel = true;
        self.of_codes(Categories::EMPTY.with(Category::Contact))
    }

    /// The same use, which stores on or reads from the person's device.
    #[must_use]
    pub fn on_device(self) -> Self {
        self.of_codes(Categories::EMPTY.with(Category::DeviceAccess))
    }

    /// The categories, each with everything it is part of; without any: some personal data.
    #[must_use]
    pub fn categories(&self) -> &[Categories] {
        if self.categories.is_empty() { &[Categories::EMPTY] } else { &self.categories }
    }

    /// The purposes, each to be looked up by itself.
    #[must_use]
    pub fn purposes(&self) -> &[Purpose] {
        if self.purposes.is_empty() { &[Purpose::Any] } else { &self.purposes }
    }

    /// The ways over which it reaches the person.
    #[must_use]
    pub fn reaches(&self) -> &[Reach] {
        &self.reaches
    }

    /// Whether it reaches the person over a channel, letters included.
    #[must_use]
    pub const fn has_channel(&self) -> bool {
        self.channel
    }

    pub(super) fn all_categories(&self) -> Categories {
        self.categories.iter().copied().fold(Categories::EMPTY, Categories::or)
    }

    pub(super) fn all_purposes(&self) -> Purposes {
        self.purposes.iter().copied().map(vocabulary::purpose_widened).fold(Purposes::EMPTY, Purposes::or)
    }
}
