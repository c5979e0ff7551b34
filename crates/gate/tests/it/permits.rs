//! What a grant and a permit can do, and cannot.

use std::convert::Infallible;

use gate::{Decision, Grant, NotCovered, PERMIT_SECONDS, Permit, Policy, Record, Standing, Use, decide};
use model::{
    About, Act, Action, Actor, Answer, CategoryName, Entry, EntryId, EntryKind, EventFacts, EventId,
    FindingCode, Grade, Origin, Personal, PurposeName, Set, SetId, SubjectId, Switch, Timestamp,
};

use crate::cases::shop;

const NOW: Timestamp = Timestamp::from_seconds(1_780_000_000);
const ANNA: SubjectId = SubjectId::from_bytes([1; 16]);
const BEN: SubjectId = SubjectId::from_bytes([2; 16]);

#[derive(Default)]
struct Ledger(Vec<Entry>);

impl Record<'static> for Ledger {
    type Error = Infallible;

    fn record(&mut self, entry: &Entry) -> Result<EntryId, Infallible> {
        self.0.push(entry.clone());
        Ok(entry.id)
    }
}

struct BrokenLedger;

impl Record<'static> for BrokenLedger {
    type Error = ();

    fn record(&mut self, _: &Entry) -> Result<EntryId, ()> {
        Err(())
    }
}

fn policy() -> Policy {
    Policy::compile(&shop(), 7, [0; 32])
}

fn category(name: &str) -> CategoryName {
    CategoryName::new(name).expect("a name")
}

fn asked(purpose: &str) -> Use {
    let shop = Actor::Service("shop".parse().expect("a name"));
    let purpose = PurposeName::new(purpose).expect("a name");
    let mut asked = Use::new(EntryId::from_bytes([9; 16]), shop, Action::Use, purpose).about(ANNA);
    asked.categories = [category("contact.email"), category("identity.name")].into();
    asked.request = Some("req-1".to_owned());
    asked
}

fn granted() -> Grant {
    match decide(&policy(), &Standing::default(), &asked("orders"), NOW) {
        Decision::Grant(grant) => grant,
        Decision::Denial(denial) => panic!("{:?}", denial.findings()),
    }
}

fn permit() -> Permit<'static> {
    granted().record(&mut Ledger::default()).unwrap_or_else(|never| match never {})
}

#[test]
fn a_permit_exists_only_after_its_entry_is_written() {
    let grant = granted();
    assert!(grant.record(&mut BrokenLedger).is_err(), "without the entry there is no permit");
    let mut ledger = Ledger::default();
    let Ok(permit) = grant.record(&mut ledger);
    let [entry] = &ledger.0[..] else { panic!("one entry") };
    assert_eq!(permit.entry(), entry.id);
    assert_eq!(
        (entry.kind, entry.answer, &entry.about),
        (EntryKind::Decision, Some(Answer::Granted), &About::One(ANNA))
    );
    assert_eq!((entry.policy_version, entry.at, entry.request.as_deref()), (7, NOW, Some("req-1")));
}

#[test]
fn a_permit_covers_its_person_and_categories_for_a_minute() {
    let permit = permit();
    assert!(permit.covers(&ANNA, &category("identity.name")));
    assert!(!permit.covers(&BEN, &category("identity.name")));
    assert!(!permit.covers(&ANNA, &category("commerce.order")));
    assert_eq!(permit.subject(), Some(ANNA));
    assert!(permit.is_valid_at(NOW.plus_seconds(PERMIT_SECONDS - 1)));
    assert!(!permit.is_valid_at(NOW.plus_seconds(PERMIT_SECONDS)));
}

#[test]
fn a_permit_covers_the_identities_that_follow_its_person_and_no_others() {
    let mut asked = asked("orders");
    asked.aliases.insert(BEN);
    let Decision::Grant(grant) = decide(&policy(), &Standing::default(), &asked, NOW) else {
        panic!("a yes")
    };
    let Ok(permit) = grant.record(&mut Ledger::default());
    assert!(permit.covers(&BEN, &category("identity.name")) && permit.covers_person(&ANNA));
    assert!(!permit.covers_person(&SubjectId::from_bytes([3; 16])));
    assert_eq!(permit.subject(), Some(ANNA), "the entry is about the leading identity");
}

#[test]
fn a_selection_covers_who_follows_those_it_permits_and_nobody_who_follows_the_others() {
    let policy = policy();
    let asked = Use { subject: None, ..asked("orders") };
    let prepared = policy.prepare(&asked, NOW);
    let (anna, ben) = (Standing::default(), Standing::default().with_erased(true));
    let [of_anna, of_ben] = [3, 4].map(|byte| SubjectId::from_bytes([byte; 16]));
    let selection = prepared.select([(ANNA, &anna), (BEN, &ben)]).with_followers([
        (ANNA, of_anna),
        (BEN, of_ben),
        (ANNA, ANNA),
    ]);
    let set = About::Many(Set { id: SetId::from_bytes([3; 16]), root: [0; 32], count: 1 });
    let grant = selection.grant(EntryId::from_bytes([4; 16]), EntryKind::Import, set);
    let Ok(permit) = grant.record(&mut Ledger::default());
    assert!(permit.covers_person(&ANNA) && permit.covers_person(&of_anna));
    assert!(!permit.covers_person(&BEN) && !permit.covers_person(&of_ben));
}

#[test]
fn a_value_comes_out_only_as_the_permit_says() {
    let permit = permit();
    let value = Personal::new("anna@example.org".to_owned());
    let json = |revealed| serde_json::to_string(&revealed).expect("json");
    assert_eq!(
        json(permit.reveal(&value, &category("identity.name")).expect("clear")),
        r#""anna@example.org""#
    );
    // The manifest shows this service addresses masked only.
    let email = category("contact.email");
    assert_eq!(permit.reveal(&value, &email).err(), Some(NotCovered::View(email.clone())));
    let masked = permit.reveal_as(&value, &email, |_, _| "a***".to_owned()).expect("masked");
    assert_eq!(format!("{masked:?}"), "‹personal›");
    assert_eq!(json(masked), r#""a***""#);
    let order = category("commerce.order");
    assert_eq!(permit.reveal(&value, &order).err(), Some(NotCovered::Category(order)));
}

#[test]
fn a_denial_carries_its_entry() {
    let Decision::Denial(denial) = decide(&policy(), &Standing::default(), &asked("newsletter"), NOW) else {
        panic!("nobody agreed")
    };
    let mut ledger = Ledger::default();
    let Ok(_) = denial.record(&mut ledger);
    assert_eq!(ledger.0[0].answer, Some(Answer::Denied));
    assert_eq!(ledger.0[0].findings, [FindingCode::ConsentMissing]);
}

#[test]
fn a_selection_covers_exactly_whom_it_decided_on() {
    let policy = policy();
    let asked = Use { subject: None, ..asked("orders") };
    let prepared = policy.prepare(&asked, NOW);
    let (anna, ben) = (Standing::default(), Standing::default().with_erased(true));
    let selection = prepared.select([(ANNA, &anna), (BEN, &ben)]);
    let set = About::Many(Set { id: SetId::from_bytes([3; 16]), root: [0; 32], count: 1 });
    let grant = selection.grant(EntryId::from_bytes([4; 16]), EntryKind::Audience, set);
    let Ok(permit) = grant.record(&mut Ledger::default());
    assert!(permit.covers_person(&ANNA) && !permit.covers_person(&BEN));
    assert_eq!(permit.subject(), None);
    let [group] = selection.denied() else { panic!("one group") };
    assert_eq!(group.findings()[0].code, FindingCode::Erased);
    let denial = group.denial(EntryId::from_bytes([5; 16]), About::One(BEN));
    assert_eq!(denial.entry().findings, [FindingCode::Erased]);
}

#[test]
fn a_yes_from_only_one_of_two_joined_histories_is_asked_again() {
    let switch = Switch { purpose: "newsletter".parse().expect("a name"), channel: None, recipient: None };
    let yes = EventFacts {
        id: EventId::from_bytes([1; 16]),
        act: Act::Given(switch),
        occurred: NOW.plus_days(-1),
        recorded: NOW.plus_days(-1),
        origin: Origin::Portal,
        grade: Grade::Proven,
    };
    let with_yes = Standing::fold([&yes]);
    let mut merged = with_yes.protective_merge(&Standing::default());
    let codes = |standing: &Standing| {
        let decision = decide(&policy(), standing, &asked("newsletter"), NOW);
        decision.findings().iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(&with_yes), []);
    assert_eq!(codes(&merged), [FindingCode::ConsentUnsettled]);
    merged.apply(&EventFacts { recorded: NOW, ..yes });
    assert_eq!(codes(&merged), [], "the person was asked and said yes");
}
