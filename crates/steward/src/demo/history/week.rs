//! What the shop itself asks in a week, what its staff look at, and what visitors choose.

use std::collections::BTreeSet;

use app::access::{self, Asker, Mode, Question, What, Whom};
use app::consent::{self, NewVisitorChoice};
use app::identity::SubjectRef;
use app::merges::{self, Merge};
use app::vault::{self, Read};
use app::{AppError, Controller};
use gate::StaffReason;
use model::{
    Act, Action, Actor, CategoryName, Channel, PurposeName, ReasonCode, RecipientName, RoleName, ServiceName,
    Shown, Signal, Timestamp,
};

use super::dice::Dice;
use super::life::{OPTIONAL, shown, switch};
use super::{Ordered, People, at};

/// Visitors who chose on the banner, in a week.
const VISITORS: i64 = 12;
/// Customers about whom the campaign planner asks in a week.
const CAMPAIGN: u64 = 45;

/// The shop as it asks.
pub(super) struct Shop<'s> {
    controller: &'s Controller,
    people: &'s People,
    dice: Dice,
    weeks: i64,
}

/// What a week came to.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) questions: usize,
    pub(super) choices: usize,
}

/// A question of a service.
struct Wish {
    service: &'static str,
    purpose: &'static str,
    action: Action,
    categories: &'static [&'static str],
    channel: Option<Channel>,
    recipient: Option<&'static str>,
}

const ABOUT_ORDERS: [Wish; 3] = [
    Wish {
        service: "storefront",
        purpose: "fraud-prevention",
        action: Action::Use,
        categories: &["contact.email", "commercial.orders"],
        channel: None,
        recipient: None,
    },
    Wish {
        service: "mailer",
        purpose: "service-messages",
        action: Action::Send,
        categories: &["contact.email"],
        channel: Some(Channel::Email),
        recipient: None,
    },
    Wish {
        service: "warehouse",
        purpose: "order-fulfilment",
        action: Action::Share,
        categories: &["identity.last-name", "contact.address.street"],
        channel: None,
        recipient: Some("parcel-carrier"),
    },
];

const CAMPAIGNS: [Wish; 3] = [
    Wish {
        service: "campaigns",
        purpose: "personalisation",
        action: Action::Use,
        categories: &["behaviour.browsing"],
        channel: None,
        recipient: None,
    },
    Wish {
        service: "campaigns",
        purpose: "advertising",
        action: Action::Share,
        categories: &["identity.cookie-id"],
        channel: None,
        recipient: Some("ad-network"),
    },
    Wish {
        service: "storefront",
        purpose: "analytics",
        action: Action::Use,
        categories: &["behaviour.browsing"],
        channel: None,
        recipient: None,
    },
];

impl<'s> Shop<'s> {
    pub(super) const fn new(controller: &'s Controller, people: &'s People, dice: Dice) -> Self {
        Self { controller, people, dice, weeks: 0 }
    }

    /// Everything of one week. `here` are the customers who have an account.
    pub(super) async fn week(
        &mut self,
        since: Timestamp,
        until: Timestamp,
        here: &[u32],
        ordered: &[Ordered],
    ) -> anyhow::Result<Asked> {
        let mut asked = Asked::default();
        self.weeks += 1;
        let close = until.plus_seconds(-3_600);
        let buyers: BTreeSet<u32> = ordered.iter().map(|order| order.customer).collect();
        for wish in &ABOUT_ORDERS {
            asked.questions += self.ask(wish, close, buyers.iter().copied()).await?;
        }
        for wish in &CAMPAIGNS {
            let share = CAMPAIGN * 100 / (here.len() as u64).max(CAMPAIGN);
            let some: Vec<u32> = here.iter().copied().filter(|_| self.dice.chance(share)).collect();
            asked.questions += self.ask(wish, close.plus_seconds(600), some.into_iter()).await?;
        }
        if self.weeks % 4 == 2 {
            self.newsletter(close.plus_seconds(1_200)).await?;
        }
        asked.questions += self.desk(since, until, here).await?;
        asked.choices += self.visitors(since, until).await?;
        Ok(asked)
    }

    async fn ask(
        &self,
        wish: &Wish,
        moment: Timestamp,
        numbers: impl Iterator<Item = u32>,
    ) -> anyhow::Result<usize> {
        let mut what = What::new(PurposeName::new(wish.purpose)?, wish.action);
        what.categories =
            wish.categories.iter().map(|name| CategoryName::new(name)).collect::<Result<_, _>>()?;
        what.channel = wish.channel;
        what.recipient = wish.recipient.map(RecipientName::new).transpose()?;
        let questions: Vec<Question> = numbers
            .filter_map(|number| self.people.get(number))
            .map(|subject| Question { subject: SubjectRef::Id(subject), what: what.clone() })
            .collect();
        if questions.is_empty() {
            return Ok(0);
        }
        let count = questions.len();
        let asker = Asker::new(Actor::Service(ServiceName::new(wish.service)?));
        access::decide_batch(&at(self.controller, moment), questions, asker, Mode::default()).await?;
        Ok(count)
    }

    /// Once in four weeks the newsletter goes out to whom it may.
    async fn newsletter(&self, moment: Timestamp) -> anyhow::Result<()> {
        let controller = at(self.controller, moment);
        let whom = Whom {
            purpose: PurposeName::new("newsletter")?,
            channel: Some(Channel::Email),
            categories: [CategoryName::new("contact.email")?].into(),
            action: Action::Send,
        };
        let asker = Asker::new(Actor::Service(ServiceName::new("mailer")?));
        access::audience(&controller, whom, asker).await?;
        Ok(())
    }

    /// The service desk: looks with a reason, now and then one that the gate refuses, a merge.
    async fn desk(&mut self, since: Timestamp, until: Timestamp, here: &[u32]) -> anyhow::Result<usize> {
        let mut questions = 0;
        let seconds = until.seconds() - since.seconds();
        for look in 0..self.dice.between(2, 6) {
            let Some(subject) = self.dice.pick(here).and_then(|number| self.people.get(*number)) else {
                continue;
            };
            // The last days of the week: after whatever the person did meanwhile.
            let moment = until.plus_seconds(-self.dice.between(60, seconds / 3)).max(since);
            let is_nosy = look == 0 && self.weeks % 3 == 0;
            let role = if is_nosy { "analyst" } else { "support" };
            let reason = if self.dice.chance(60) { "customer-asked" } else { "order-problem" };
            let request = Read {
                subject,
                purpose: PurposeName::new("order-fulfilment")?,
                categories: [
                    "identity.first-name",
                    "contact.email",
                    "contact.address.city",
                    "commercial.orders",
                ]
                .map(CategoryName::new)
                .into_iter()
                .collect::<Result<_, _>>()?,
                actor: staff(role, self.dice.between(1, 4))?,
                reason: Some(because(reason, self.dice.between(100, 999))?),
                request: None,
                with_history: false,
                with_records: true,
            };
            questions += 1;
            match vault::read(&at(self.controller, moment), request).await {
                Ok(_) | Err(AppError::Denied(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        if self.weeks % 7 == 4 {
            self.merge(until, here).await?;
        }
        Ok(questions)
    }

    /// Two accounts turn out to be one customer's.
    async fn merge(&mut self, moment: Timestamp, here: &[u32]) -> anyhow::Result<()> {
        // The demo's named customers stay who they are.
        let two = [self.dice.pick(here), self.dice.pick(here)]
            .map(|number| number.filter(|number| **number > 7).and_then(|number| self.people.get(*number)));
        let [Some(one), Some(other)] = two else { return Ok(()) };
        if one == other {
            return Ok(());
        }
        let wish = Merge {
            one,
            other,
            leader: None,
            actor: staff("privacy-officer", 5)?,
            reason: Some(because("request", self.dice.between(100, 999))?),
            request: None,
            idempotency: None,
        };
        match merges::merge(&at(self.controller, moment), wish).await {
            Ok(_) | Err(AppError::Denied(_) | AppError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Browsers that chose on the banner.
    async fn visitors(&mut self, since: Timestamp, until: Timestamp) -> anyhow::Result<usize> {
        let (mut running, mut choices) = (tokio::task::JoinSet::new(), 0);
        let seconds = until.seconds() - since.seconds();
        for _ in 0..self.dice.between(VISITORS - 6, VISITORS + 6) {
            let controller = at(self.controller, since.plus_seconds(self.dice.between(0, seconds - 1)));
            let language = if self.dice.chance(35) { "fr" } else { "en" };
            let acts = self.visitor()?;
            choices += acts.len();
            let shown = Shown { surface: "site/shop/banner".to_owned(), ..shown(language) };
            running.spawn(async move {
                let choice =
                    NewVisitorChoice { shown: Some(shown), ..NewVisitorChoice::new(acts, Actor::Customer) };
                consent::record_visitor(&controller, choice).await
            });
        }
        while let Some(done) = running.join_next().await {
            done??;
        }
        Ok(choices)
    }

    fn visitor(&mut self) -> anyhow::Result<Vec<Act>> {
        let (percent, mut acts) = match self.dice.below(10) {
            0..=4 => (0, Vec::new()),
            5..=7 => (100, Vec::new()),
            8 => (50, Vec::new()),
            _ => (0, vec![Act::SignalSeen { signal: Signal::Gpc }]),
        };
        for purpose in OPTIONAL.into_iter().skip(1) {
            let yes = self.dice.chance(percent);
            acts.push(if yes { Act::Given(switch(purpose)?) } else { Act::Refused(switch(purpose)?) });
        }
        Ok(acts)
    }
}

fn staff(role: &str, account: i64) -> anyhow::Result<Actor> {
    Ok(Actor::Staff { account: format!("acc-{account}"), role: RoleName::new(role)? })
}

fn because(code: &str, ticket: i64) -> anyhow::Result<StaffReason> {
    Ok(StaffReason { code: ReasonCode::new(code)?, ticket: format!("T-{ticket}") })
}
