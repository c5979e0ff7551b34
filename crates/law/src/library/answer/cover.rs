//! Which facts cover a use, and which of two is the more specific (law/README.md, rule 2).

use super::super::on::LawOn;
use super::super::person::Person;
use super::super::uses::Use;
use crate::code::{AgeRule, Category, Purpose, Reach};
use crate::pack::{Ages, Channel, Consent};
use crate::set::Categories;
use crate::territory::Lies;
use crate::vocabulary::{purpose_widened, widened};

/// The age below which the federal children's act protects; what `children` means without an
/// age of the pack's own.
const CHILD_UNDER: u32 = 13;
const MINOR_UNDER: u32 = 18;

/// Whether a fact's purpose covers a purpose of the use.
pub(super) fn covers_purpose(fact: Purpose, of_use: Purpose) -> bool {
    fact == Purpose::Any || purpose_widened(of_use).has(fact)
}

/// Whether a fact's category covers data of these categories, or the person.
pub(super) fn covers_category(law: &LawOn<'_>, fact: &Consent, data: Categories, person: &Person) -> bool {
    match fact.category {
        Category::Any => true,
        Category::Sensitive => law.is_sensitive(data),
        Category::Children | Category::Teen => {
            data.has(fact.category) || ages_of(law, fact).is_some_and(|ages| person.ages.meet(ages))
        }
        // All that identifies a broadband customer is the one; what is pseudonymised the other
        // (35-A M.R.S. 9301(1)(C), "including but not limited to").
        Category::CustomerPersonalInformation => !data.has(Category::Pseudonymised),
        Category::CustomerOtherInformation => data.has(Category::Pseudonymised),
        Category::NonpublicPersonalInformation => true,
        other => data.has(other),
    }
}

/// The years of age that a fact on the young is about: its own, else what the section `age` says.
fn ages_of(law: &LawOn<'_>, fact: &Consent) -> Option<Ages> {
    if let Some(ages) = fact.ages {
        return Some(ages);
    }
    let under = |rules: &[AgeRule]| {
        law.age().filter(|age| rules.contains(&age.body.rule)).map(|age| age.body.under).max()
    };
    let child = under(&[AgeRule::ParentalOptIn, AgeRule::Coppa]);
    let (first, end) = match fact.category {
        Category::Children => (0, child.unwrap_or(CHILD_UNDER)),
        _ => {
            let end = under(&[AgeRule::SelfOptIn]).unwrap_or(MINOR_UNDER);
            (child.filter(|child| *child < end).unwrap_or(0), end)
        }
    };
    Some(Ages { first, last: end.checked_sub(1)? })
}

/// Whether `one` is at least as specific as `other` in both category and purpose, and more
/// specific in one.
pub(super) fn more_specific(law: &LawOn<'_>, one: &Consent, other: &Consent) -> bool {
    let category = within_category(law, one.category, other.category);
    let purpose = within_purpose(one.purpose, other.purpose);
    let strictly = one.category != other.category || one.purpose != other.purpose;
    category && purpose && strictly
}

/// Whether all that the one category covers is covered by the other.
fn within_category(law: &LawOn<'_>, one: Category, other: Category) -> bool {
    let young = |category| matches!(category, Category::Children | Category::Teen);
    if one == other || other == Category::Any {
        return true;
    }
    match other {
        Category::Sensitive => one != Category::Any && law.is_sensitive(widened(one)),
        Category::CustomerPersonalInformation | Category::NonpublicPersonalInformation => {
            one != Category::Any && !young(one)
        }
        _ => widened(one).has(other),
    }
}

fn within_purpose(one: Purpose, other: Purpose) -> bool {
    other == Purpose::Any || purpose_widened(one).has(other)
}

/// Whether a fact's way is one over which the use reaches the person. What holds for any way
/// holds for letters too.
pub(super) fn covers_reach(fact: Reach, of_use: &Use) -> bool {
    fact == Reach::Any || of_use.reaches().contains(&fact)
}

/// Whether `one` goes before `other`: a country's choice before the general fact for people who
/// are all in such countries, and else what is more specific in way or purpose.
pub(super) fn channel_goes_before(one: &Channel, other: &Channel, person: &Person) -> bool {
    let reach = one.channel == other.channel || other.channel == Reach::Any;
    let purpose = within_purpose(one.purpose, other.purpose);
    if !reach || !purpose {
        return false;
    }
    match (one.states.is_empty(), other.states.is_empty()) {
        (false, true) => {
            let inside = |region| one.states.iter().any(|state| state.of(region) == Lies::Inside);
            !person.regions.is_empty() && person.regions.iter().all(inside)
        }
        (true, false) => false,
        _ => one.states == other.states && (one.channel != other.channel || one.purpose != other.purpose),
    }
}
