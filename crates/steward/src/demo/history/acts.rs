//! One customer doing their deeds, through the use cases.

use std::sync::Arc;

use anyhow::Context as _;
use app::Controller;
use app::consent::{self, NewEvent, RecordConsent};
use app::exports::{self, ExportKind, ExportRequest};
use app::identity::{self, SubjectRef};
use app::retention::{self, Erase, Extent};
use app::vault::{self, Collect, Correct, Read};
use model::{
    Act, Actor, CategoryName, Channel, Identifier, IdentifierKind, Origin, Personal, PurposeName,
    ServiceName, SubjectId, SystemName,
};

use super::customers::Customer;
use super::life::{Dated, Deed};
use super::{People, at};

/// A customer who acts.
pub(super) struct Person {
    controller: Controller,
    people: People,
    pub(super) customer: Arc<Customer>,
}

impl Person {
    pub(super) const fn new(controller: Controller, people: People, customer: Arc<Customer>) -> Self {
        Self { controller, people, customer }
    }

    /// Does everything in the order of time.
    pub(super) async fn act(self, deeds: Vec<Dated>) -> anyhow::Result<()> {
        for Dated { at: moment, deed } in deeds {
            let controller = at(&self.controller, moment);
            match deed {
                Deed::Join => self.join(&controller).await?,
                Deed::Choose(events) => self.choose(&controller, events).await?,
                Deed::ConfirmAddress => self.confirm(&controller).await?,
                Deed::CorrectCity => self.correct(&controller).await?,
                Deed::Export => self.export(&controller).await?,
                Deed::Erase => self.erase(&controller).await?,
                Deed::Order => {}
            }
        }
        Ok(())
    }

    /// Whom the customer number belongs to.
    async fn subject(&self) -> anyhow::Result<SubjectId> {
        let number = self.customer.number;
        if let Some(known) = self.people.get(number) {
            return Ok(known);
        }
        let kind = IdentifierKind::customer_number();
        let by_number = Identifier { kind, value: Personal::new(number.to_string()) };
        let found = identity::resolve(&self.controller, SubjectRef::Identifier(by_number)).await?;
        self.people.put(number, found);
        Ok(found)
    }

    async fn join(&self, controller: &Controller) -> anyhow::Result<()> {
        let row = Collect {
            system: SystemName::new("web-shop")?,
            table: "customers".to_owned(),
            identifiers: Vec::new(),
            fields: self
                .customer
                .web_row()
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.into()))
                .collect(),
            purpose: None,
            actor: Actor::Service(ServiceName::new("storefront")?),
            request: None,
            gpc: false,
            own_act: true,
            idempotency: None,
        };
        let collected = vault::collect(controller, row).await?;
        self.people.put(self.customer.number, collected.subject);
        Ok(())
    }

    async fn choose(&self, controller: &Controller, events: Vec<NewEvent>) -> anyhow::Result<()> {
        let is_import = events.iter().any(|event| event.origin == Origin::Import);
        let request = RecordConsent {
            subject: SubjectRef::Id(self.subject().await?),
            create: false,
            events,
            actor: if is_import { Actor::Operator } else { Actor::Customer },
            request: is_import.then(|| "record-shop".to_owned()),
            idempotency: None,
        };
        consent::record(controller, request).await?;
        Ok(())
    }

    /// The address is theirs: from here on it opens the portal.
    async fn confirm(&self, controller: &Controller) -> anyhow::Result<()> {
        let address =
            Identifier { kind: IdentifierKind::email(), value: Personal::new(self.customer.email.clone()) };
        let request = RecordConsent {
            subject: SubjectRef::Identifier(address),
            create: false,
            events: vec![NewEvent::new(Act::AddressConfirmed { channel: Channel::Email }, Origin::Mail)],
            actor: Actor::Customer,
            request: None,
            idempotency: None,
        };
        consent::record(controller, request).await?;
        Ok(())
    }

    async fn correct(&self, controller: &Controller) -> anyhow::Result<()> {
        let (subject, rights) = (self.subject().await?, PurposeName::new("rights")?);
        let look = Read {
            subject,
            purpose: rights.clone(),
            categories: [CategoryName::new("contact.address.city")?].into(),
            actor: Actor::Customer,
            reason: None,
            request: None,
            with_history: false,
            with_records: false,
        };
        let seen = vault::read(controller, look).await?;
        let Some(city) = seen.values.first() else { return Ok(()) };
        let correction = Correct {
            subject,
            value: city.id.parse().context("an id of a value")?,
            new: Personal::new("Newtown".to_owned()),
            purpose: rights,
            actor: Actor::Customer,
            reason: None,
            idempotency: None,
        };
        vault::correct(controller, correction).await?;
        Ok(())
    }

    async fn export(&self, controller: &Controller) -> anyhow::Result<()> {
        let wish = ExportRequest {
            subject: self.subject().await?,
            kind: ExportKind::Access,
            actor: Actor::Customer,
            reason: None,
            request: None,
            idempotency: None,
        };
        exports::export(controller, wish).await?;
        Ok(())
    }

    async fn erase(&self, controller: &Controller) -> anyhow::Result<()> {
        let wish = Erase {
            subject: self.subject().await?,
            extent: Extent::Person,
            actor: Actor::Customer,
            reason: None,
            request: None,
            idempotency: None,
        };
        retention::erase(controller, wish).await?;
        self.people.forget(self.customer.number);
        Ok(())
    }
}
