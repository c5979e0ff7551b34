//! What the demo's shop has before the walk begins: customers, orders, choices of the past
//! months, and API keys.

use std::collections::BTreeSet;

use app::Controller;
use app::consent::{self, NewEvent, RecordConsent};
use app::identity::SubjectRef;
use app::services::{self, Scopes};
use app::vault::{self, Collect};
use model::{
    Act, Action, Actor, ApiKeyId, Channel, Grade, Origin, PurposeName, Secret, ServiceName, SubjectId,
    Switch, SystemName, Timestamp,
};
use tokio::task::JoinSet;

use super::customers::{CUSTOMERS, Dice, customer};

/// Writes at one time, so that they share the store's commits.
const AT_ONCE: usize = 64;
/// How far back the choices of the past reach, in days.
const PAST_DAYS: u64 = 240;

/// The demo's API keys.
pub(crate) struct Keys {
    /// The web shop's; it also acts for people and staff.
    pub(crate) storefront: Secret<String>,
    /// The mail program's.
    pub(crate) mailer: Secret<String>,
    /// An auditor's.
    pub(crate) auditor: Secret<String>,
}

impl Keys {
    pub(crate) async fn create(controller: &Controller) -> anyhow::Result<Self> {
        use Action::{Collect, Correct, Erase, Export, Read, Send, Share, Use};
        let storefront = scopes(
            Some("storefront"),
            &[Collect, Read, Use, Correct, Export, Erase],
            &["order-fulfilment", "newsletter", "rights"],
        )?;
        let mailer = scopes(Some("mailer"), &[Read, Use, Send, Share], &["newsletter", "service-messages"])?;
        let auditor = Scopes { audit: true, ..scopes(None, &[], &[])? };
        Ok(Self {
            storefront: create(controller, Scopes { look_up: true, ..storefront }, "demo web shop").await?.1,
            mailer: create(controller, mailer, "demo mail program").await?.1,
            auditor: create(controller, auditor, "demo auditor").await?.1,
        })
    }
}

fn scopes(service: Option<&str>, actions: &[Action], purposes: &[&str]) -> anyhow::Result<Scopes> {
    Ok(Scopes {
        service: service.map(ServiceName::new).transpose()?,
        actions: actions.iter().copied().collect(),
        purposes: purposes.iter().map(|name| PurposeName::new(name)).collect::<Result<BTreeSet<_>, _>>()?,
        look_up: false,
        audit: false,
    })
}

async fn create(
    controller: &Controller,
    scopes: Scopes,
    label: &str,
) -> anyhow::Result<(ApiKeyId, Secret<String>)> {
    Ok(services::create(controller, scopes, label.to_owned(), None, Actor::Operator).await?)
}

/// What was put in.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Seeded {
    pub(crate) customers: u32,
    pub(crate) orders: usize,
    pub(crate) choices: usize,
}

/// Puts the customers in, with orders and choices.
pub(crate) async fn seed(controller: &Controller) -> anyhow::Result<Seeded> {
    let mut dice = Dice::new(2026);
    let (mut seeded, mut running) = (Seeded::default(), JoinSet::new());
    for number in 1..=CUSTOMERS {
        let plan = Plan::new(number, &mut dice, controller.now())?;
        seeded.customers += 1;
        seeded.orders += plan.orders.len();
        seeded.choices += plan.events.len();
        if running.len() >= AT_ONCE
            && let Some(done) = running.join_next().await
        {
            done??;
        }
        running.spawn(plan.put_in(controller.clone()));
    }
    while let Some(done) = running.join_next().await {
        done??;
    }
    Ok(seeded)
}

/// Everything about one customer.
struct Plan {
    profile: Collect,
    orders: Vec<Collect>,
    events: Vec<NewEvent>,
}

impl Plan {
    fn new(number: u32, dice: &mut Dice, now: Timestamp) -> anyhow::Result<Self> {
        let profile = row("chinook", "Customer", customer(number, dice))?;
        let orders = (0..dice.below(3)).map(|order| {
            let day = now.plus_days(-i64::try_from(dice.below(PAST_DAYS)).unwrap_or_default()).date();
            let fields = vec![
                ("InvoiceNo", format!("{number}-{order}")),
                ("StockCode", format!("B{}", dice.below(900) + 100)),
                ("Description", "A book from the shelf by the window".to_owned()),
                ("Quantity", (dice.below(3) + 1).to_string()),
                ("InvoiceDate", format!("{day} 10:30:00")),
                ("UnitPrice", format!("{}.50", dice.below(30) + 4)),
                ("CustomerID", number.to_string()),
            ];
            row("online-retail", "lines", fields)
        });
        let orders = orders.collect::<anyhow::Result<_>>()?;
        Ok(Self { profile, orders, events: choices(dice, now)? })
    }

    async fn put_in(self, controller: Controller) -> anyhow::Result<()> {
        let subject = vault::collect(&controller, self.profile).await?.subject;
        for order in self.orders {
            vault::collect(&controller, order).await?;
        }
        if !self.events.is_empty() {
            record(&controller, subject, self.events).await?;
        }
        Ok(())
    }
}

async fn record(controller: &Controller, subject: SubjectId, events: Vec<NewEvent>) -> anyhow::Result<()> {
    let request = RecordConsent {
        subject: SubjectRef::Id(subject),
        create: false,
        events,
        actor: Actor::Operator,
        request: Some("demo-import".to_owned()),
        idempotency: None,
    };
    consent::record(controller, request).await?;
    Ok(())
}

/// What a customer chose in the past months, as an import brings it.
fn choices(dice: &mut Dice, now: Timestamp) -> anyhow::Result<Vec<NewEvent>> {
    let ago = |days: u64| now.plus_days(-i64::try_from(days).unwrap_or_default());
    let days = dice.below(PAST_DAYS - 40) + 40;
    let newsletter = Switch { purpose: PurposeName::new("newsletter")?, channel: None, recipient: None };
    let imported = |act, occurred| {
        let mut event = NewEvent::new(act, Origin::Import);
        event.occurred = Some(occurred);
        event.grade = Some(Grade::Asserted);
        event
    };
    Ok(match dice.below(10) {
        0..=4 => vec![
            imported(Act::Given(newsletter), ago(days)),
            imported(Act::AddressConfirmed { channel: Channel::Email }, ago(days)),
        ],
        5 => vec![
            imported(Act::Given(newsletter.clone()), ago(days)),
            imported(Act::Withdrawn(newsletter), ago(days - 30)),
        ],
        6 | 7 => vec![imported(Act::Refused(newsletter), ago(days))],
        _ => Vec::new(),
    })
}

fn row(system: &str, table: &str, fields: Vec<(&'static str, String)>) -> anyhow::Result<Collect> {
    Ok(Collect {
        system: SystemName::new(system)?,
        table: table.to_owned(),
        identifiers: Vec::new(),
        fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect(),
        purpose: None,
        actor: Actor::Service(ServiceName::new("storefront")?),
        request: Some("demo-import".to_owned()),
        gpc: false,
        own_act: false,
        idempotency: None,
    })
}
