//! What is so of the controller, as conditions of application ask for it.

use std::collections::{BTreeMap, BTreeSet};

use model::manifest::{self, Fact, FactValue, Region, did_you_mean};

use super::person::Person;
use super::uses::Use;
use crate::code::{Category, Kind, Metric, Op, Purpose};
use crate::pack::{Against, Condition};
use crate::set::{Categories, Purposes};
use crate::territory::{Lies, Territory};

/// What is known of the controller. What is not known makes a law apply, never not apply.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Controller {
    /// Every place with an establishment: known to be complete.
    pub established: BTreeSet<Region>,
    /// The regions whose people it serves; empty: unknown.
    pub serves: BTreeSet<Region>,
    /// What is so under a metric.
    pub facts: BTreeMap<Metric, Fact>,
}

/// A metric that no pack knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no law asks for `{metric}`{}", did_you_mean.as_ref().map(|mend| format!("; {mend}")).unwrap_or_default())]
pub struct UnknownMetric {
    /// As written.
    pub metric: String,
    /// The nearest that is known.
    pub did_you_mean: Option<String>,
}

impl Controller {
    /// What the manifest says.
    ///
    /// # Errors
    /// When it answers a metric that no pack knows.
    pub fn of(controller: &manifest::Controller, law: &manifest::Law) -> Result<Self, UnknownMetric> {
        let mut facts = BTreeMap::new();
        for (name, fact) in &law.facts {
            let metric = Metric::from_code(name).ok_or_else(|| UnknownMetric {
                metric: name.clone(),
                did_you_mean: did_you_mean(name, Metric::ALL.iter().map(|metric| metric.code())),
            })?;
            facts.insert(metric, fact.clone());
        }
        let mut established = law.established.clone();
        established.insert(controller.country.clone());
        Ok(Self { established, serves: controller.serves.clone(), facts })
    }

    /// Whether a condition holds; none: not known.
    pub(super) fn holds(&self, condition: &Condition, of: &Circumstances<'_>) -> Option<bool> {
        if let (Metric::Establishment, Against::Territory(place)) = (condition.metric, &condition.value) {
            return Some(self.established.iter().any(|region| place.of(region) == Lies::Inside));
        }
        match self.stated(condition, of.person) {
            Some(answer) => Some(answer),
            None if self.shown(condition, of) => Some(true),
            None if !of.kind.is_general() && is_of_a_sector(condition.metric) => Some(false),
            None => None,
        }
    }

    /// What the manifest's answer to the metric makes of the condition.
    fn stated(&self, condition: &Condition, person: &Person) -> Option<bool> {
        let fact = self.facts.get(&condition.metric)?;
        let place = match &condition.value {
            Against::Territory(territory) => Some(territory),
            _ => condition.region.as_ref(),
        };
        let value = match (fact, place) {
            (Fact::Everywhere(value), _) => value,
            (fact, Some(Territory::Place(region))) => fact.within(region)?,
            (Fact::ByRegion(values), place) => {
                return by_region(values, condition, place, person);
            }
        };
        compare(condition, value)
    }

    /// Whether the use, the person or the regions served show that the condition holds.
    fn shown(&self, condition: &Condition, of: &Circumstances<'_>) -> bool {
        use Metric as M;
        let wants_yes = match (&condition.op, &condition.value) {
            (Op::In, _) => true,
            (_, Against::Number(number)) => *number > 0.0,
            _ => false,
        };
        if !wants_yes {
            return false;
        }
        let serves =
            |territory: &Territory| self.serves.iter().any(|region| territory.of(region) == Lies::Inside);
        let place = match &condition.value {
            Against::Territory(territory) => Some(territory),
            _ => condition.region.as_ref(),
        };
        let ages = of.person.ages;
        match condition.metric {
            M::OffersToOrMonitorsPeople | M::Effect | M::CommercialActivity | M::DoesBusinessOrTargets => {
                place.is_some_and(serves)
            }
            M::ActualKnowledgeChild => ages.may_be_under(13) || of.has(Category::Children),
            M::ProcessesMinorsData => ages.may_be_under(18) || of.has(Category::Children),
            M::ProcessesBiometrics => of.has(Category::BiometricId),
            M::ProcessesConsumerHealthData => of.has(Category::Health),
            M::HandlesPaymentCards => of.has(Category::CardNumber),
            M::AccessesTerminalEquipment => of.has(Category::DeviceAccess),
            M::AiSystemOutputUsed => of.purposes().meets(Purposes::from_iter([
                Purpose::ModelTraining,
                Purpose::AutomatedDecision,
                Purpose::BiasDetection,
            ])),
            _ => false,
        }
    }
}

/// What a law looks at when it asks whether it applies.
pub(super) struct Circumstances<'c> {
    pub(super) kind: Kind,
    pub(super) person: &'c Person,
    pub(super) of_use: Option<&'c Use>,
}

impl Circumstances<'_> {
    fn has(&self, category: Category) -> bool {
        self.categories().has(category)
    }

    fn categories(&self) -> Categories {
        self.of_use.map_or(Categories::EMPTY, Use::all_categories)
    }

    fn purposes(&self) -> Purposes {
        self.of_use.map_or(Purposes::EMPTY, Use::all_purposes)
    }
}

/// Metrics that say to which sector a controller belongs. A law of one sector does not reach a
/// controller that does not say it is in it, unless the use or the person shows it.
const fn is_of_a_sector(metric: Metric) -> bool {
    use Metric as M;
    matches!(
        metric,
        M::EntityType
            | M::ProvidesBroadband
            | M::SellsDataWithoutDirectRelationship
            | M::ProcessesBiometrics
            | M::ProcessesConsumerHealthData
            | M::DirectedToChildren
            | M::ActualKnowledgeChild
            | M::ProcessesMinorsData
            | M::HandlesPaymentCards
            | M::AiSystemOutputUsed
    )
}

/// Answers by region, where the condition names no single region: any of the person's counts.
fn by_region(
    values: &BTreeMap<Region, FactValue>,
    condition: &Condition,
    place: Option<&Territory>,
    person: &Person,
) -> Option<bool> {
    let counts = |region: &Region| {
        place.map_or_else(
            || person.regions.iter().any(|own| Territory::Place(region.clone()).of(own) == Lies::Inside),
            |place| place.of(region) == Lies::Inside,
        )
    };
    let answers: Vec<Option<bool>> = values
        .iter()
        .filter(|(region, _)| counts(region))
        .map(|(_, value)| compare(condition, value))
        .collect();
    if answers.contains(&Some(true)) { Some(true) } else { None }
}

fn compare(condition: &Condition, value: &FactValue) -> Option<bool> {
    let number = match (&condition.value, value) {
        (Against::Word(word), FactValue::Words(words)) => return Some(words.contains(word)),
        (Against::Territory(territory), FactValue::Words(words)) => {
            let regions: Option<Vec<Territory>> = words.iter().map(|word| word.parse().ok()).collect();
            return regions.map(|regions| regions.iter().any(|region| territory.holds(region)));
        }
        (Against::Word(_) | Against::Territory(_), FactValue::Is(is)) => return Some(*is),
        (Against::Number(_), FactValue::Is(is)) => f64::from(u8::from(*is)),
        #[expect(clippy::cast_precision_loss, reason = "amounts above 2^53 do not come near a threshold")]
        (Against::Number(_), FactValue::Amount(amount)) => *amount as f64,
        _ => return None,
    };
    let Against::Number(threshold) = condition.value else { return None };
    Some(match condition.op {
        Op::Equal => (number - threshold).abs() < f64::EPSILON,
        Op::Above => number > threshold,
        Op::AtLeast => number >= threshold,
        Op::In => return None,
    })
}
