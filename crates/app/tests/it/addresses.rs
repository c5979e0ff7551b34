//! An address that changed is confirmed again before anybody writes to it, and one that the
//! person corrected away does not come back with the next sync.

use std::collections::BTreeSet;

use app::consent::{NewEvent, RecordConsent, record};
use app::identity::{Found, SubjectRef, look_up};
use app::vault::{Collected, Correct, Read, collect, correct, read};
use model::{Act, Actor, Answer, CategoryName, Channel, Origin, SubjectId};

use crate::consent::{act, stored};
use crate::support::{
    World, ask, collect_request, customer, email, given, imported, on_both, purpose, service, vouching,
};

const OLD: &str = "ada@example.org";
const NEW: &str = "countess@example.org";

/// A customer who reads the newsletter at a confirmed address.
async fn reader(world: &World, number: u32, address: &str) -> SubjectId {
    let subject = customer(world, number, &[("Email", address)]).await.subject;
    act(world, subject, vec![given("newsletter"), confirmed()]).await;
    assert_eq!(reads(world, subject).await, Ok(()));
    subject
}

const fn confirmed() -> Act {
    Act::AddressConfirmed { channel: Channel::Email }
}

/// Whether the newsletter may be sent; else the first reason why not.
async fn reads(world: &World, subject: SubjectId) -> Result<(), String> {
    let verdict = ask(world, subject, "mailer", "newsletter").await;
    match verdict.answer {
        Answer::Granted => Ok(()),
        _ => Err(verdict.findings[0].code.code().to_owned()),
    }
}

fn pending() -> Result<(), String> {
    Err("consent-pending".to_owned())
}

async fn changes(world: &World, subject: SubjectId) -> usize {
    let is_change = |event: &&model::EventFacts| matches!(event.act, Act::AddressChanged { .. });
    stored(world, subject).await.1.iter().filter(is_change).count()
}

async fn correct_address(world: &World, subject: SubjectId, new: &str) {
    let request = Read {
        subject,
        purpose: purpose("rights"),
        categories: BTreeSet::from([CategoryName::new("contact.email").expect("a name")]),
        actor: Actor::Customer,
        reason: None,
        request: None,
        with_history: false,
        with_records: false,
    };
    let held = read(&world.controller, request).await.expect("the person reads their own data");
    let request = Correct {
        subject,
        value: held.values[0].id.parse().expect("an id"),
        new: new.to_owned().into(),
        purpose: purpose("rights"),
        actor: Actor::Customer,
        reason: None,
        idempotency: None,
    };
    assert!(correct(&world.controller, request).await.expect("a correction").changed);
}

async fn who(world: &World, address: &str) -> Option<SubjectId> {
    match look_up(&world.controller, email(address)).await.expect("a look") {
        Found::Person(id) => Some(id),
        Found::Nobody => None,
    }
}

#[test]
fn an_address_that_a_system_brings_ends_the_confirmation_of_the_one_before() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = reader(&world, 17, OLD).await;
        assert_eq!(changes(&world, ada).await, 0, "the first address is no change");
        customer(&world, 17, &[("Email", NEW)]).await;
        assert_eq!((reads(&world, ada).await, changes(&world, ada).await), (pending(), 1));
        act(&world, ada, vec![confirmed()]).await;
        customer(&world, 17, &[("Email", NEW)]).await;
        assert_eq!((reads(&world, ada).await, changes(&world, ada).await), (Ok(()), 1), "nothing changed");
    });
}

#[test]
fn an_address_for_which_the_system_vouches_needs_no_new_confirmation() {
    on_both(async |db| {
        let world = World::with_manifest(db, &vouching()).await;
        let ada = reader(&world, 17, OLD).await;
        customer(&world, 17, &[("Email", NEW)]).await;
        assert_eq!((reads(&world, ada).await, changes(&world, ada).await), (Ok(()), 0));
    });
}

#[test]
fn an_address_that_somebody_else_has_claimed_is_no_confirmed_one_either() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = reader(&world, 17, OLD).await;
        customer(&world, 18, &[("Email", NEW)]).await;
        assert_eq!(customer(&world, 17, &[("Email", NEW)]).await.unclaimed.len(), 1);
        assert_eq!((reads(&world, ada).await, changes(&world, ada).await), (pending(), 1));
        customer(&world, 17, &[("Email", NEW)]).await;
        assert_eq!(changes(&world, ada).await, 1, "the same row again changes nothing");
    });
}

#[test]
fn a_correction_ends_the_confirmation_and_a_late_word_about_the_old_address_does_not_restore_it() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = reader(&world, 17, OLD).await;
        let before = world.controller.now();
        world.clock.turn_seconds(60);
        correct_address(&world, ada, NEW).await;
        assert_eq!((reads(&world, ada).await, changes(&world, ada).await), (pending(), 1));
        world.clock.turn_seconds(60);
        let late = NewEvent { occurred: Some(before), ..NewEvent::new(confirmed(), Origin::Api) };
        let request = RecordConsent {
            subject: SubjectRef::Id(ada),
            create: false,
            events: vec![late],
            actor: service("storefront"),
            request: None,
            idempotency: None,
        };
        record(&world.controller, request).await.expect("recorded");
        assert_eq!(reads(&world, ada).await, pending());
    });
}

#[test]
fn an_import_that_brings_another_address_ends_the_confirmation_of_that_person_alone() {
    on_both(async |db| {
        let world = World::open(db).await;
        let header = "CustomerId,Email,Phone\n";
        imported(&world, db, "Customer", &format!("{header}17,{OLD},\n18,bob@example.org,\n")).await;
        let (ada, bob) =
            (who(&world, OLD).await.expect("Ada"), who(&world, "bob@example.org").await.expect("Bob"));
        for subject in [ada, bob] {
            act(&world, subject, vec![given("newsletter"), confirmed()]).await;
        }
        let text = format!("{header}17,{NEW},+44 20 7946 0000\n18,bob@example.org,\n");
        for _ in 0..2 {
            imported(&world, db, "Customer", &text).await;
            assert_eq!((reads(&world, ada).await, changes(&world, ada).await), (pending(), 1));
            assert_eq!((reads(&world, bob).await, changes(&world, bob).await), (Ok(()), 0));
        }
    });
}

/// A confirmation may still come in late for the address of the other identity, and must not be
/// taken for one of the address that the file brings.
#[test]
fn an_import_that_brings_an_address_to_one_of_two_merged_identities_knows_that_of_the_other() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, &[("Email", OLD)]).await.subject;
        let countess = customer(&world, 18, &[]).await.subject;
        let request = app::merges::Merge {
            one: ada,
            other: countess,
            leader: Some(ada),
            actor: Actor::Customer,
            reason: None,
            request: None,
            idempotency: None,
        };
        app::merges::merge(&world.controller, request).await.expect("with both proofs the person may");
        let text = format!("CustomerId,Email\n18,{NEW}\n");
        for _ in 0..2 {
            imported(&world, db, "Customer", &text).await;
            assert_eq!((who(&world, NEW).await, changes(&world, ada).await), (Some(ada), 1));
        }
    });
}

/// The same row of customer 17 again, with nothing of the number but the address.
async fn same_again(world: &World) -> Collected {
    customer(world, 17, &[("Email", OLD)]).await
}

#[test]
fn a_corrected_address_is_not_claimed_again_by_a_source_that_says_the_same() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = reader(&world, 17, OLD).await;
        correct_address(&world, ada, NEW).await;
        assert_eq!((who(&world, OLD).await, who(&world, NEW).await), (None, Some(ada)));
        let again = same_again(&world).await;
        assert_eq!((again.subject, again.stored), (ada, 0));
        let tally = imported(&world, db, "Customer", &format!("CustomerId,Email\n17,{OLD}\n")).await.tally;
        assert_eq!((tally.imported, tally.unchanged), (0, 1));
        assert_eq!((who(&world, OLD).await, who(&world, NEW).await), (None, Some(ada)));
        // What the source says anew counts again.
        customer(&world, 17, &[("Email", "third@example.org")]).await;
        assert_eq!(who(&world, "third@example.org").await, Some(ada));
        customer(&world, 17, &[("Email", OLD)]).await;
        assert_eq!(who(&world, OLD).await, Some(ada));
    });
}

#[test]
fn an_address_that_becomes_free_is_claimed_by_whoever_s_row_has_always_said_it() {
    on_both(async |db| {
        let world = World::open(db).await;
        let bob = reader(&world, 18, OLD).await;
        let ada = same_again(&world).await.subject;
        assert_eq!(who(&world, OLD).await, Some(bob));
        correct_address(&world, bob, "bob@example.org").await;
        assert_eq!(same_again(&world).await.stored, 0);
        assert_eq!(who(&world, OLD).await, Some(ada), "hers was never corrected");
    });
}

#[test]
fn an_old_order_does_not_bring_a_corrected_address_back() {
    on_both(async |db| {
        let mut manifest = crate::support::shop();
        let tables = &mut manifest.systems.values_mut().next().expect("a system").tables;
        let address = tables["Customer"].fields["Email"].clone();
        tables.get_mut("Invoice").expect("invoices").fields.insert("Email".to_owned(), address);
        let accounting = manifest.purposes.get_mut(&purpose("accounting")).expect("declared");
        accounting.categories.insert(CategoryName::new("contact.email").expect("a name"));
        let world = World::with_manifest(db, &manifest).await;
        let ada = reader(&world, 17, OLD).await;
        let invoice = || {
            let row = [("InvoiceId", "1"), ("CustomerId", "17"), ("Total", "9.90"), ("Email", OLD)];
            let row = row.map(|(name, value)| (name.to_owned(), value.to_owned().into()));
            collect_request("Invoice", row.into())
        };
        assert_eq!(collect(&world.controller, invoice()).await.expect("taken in").stored, 1);
        correct_address(&world, ada, NEW).await;
        assert_eq!(collect(&world.controller, invoice()).await.expect("taken in").unchanged, 1);
        assert_eq!(who(&world, OLD).await, None);
    });
}

#[test]
fn an_address_merely_added_to_a_person_waits_for_its_confirmation() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = reader(&world, 17, OLD).await;
        let request = app::identity::Identify {
            subject: ada,
            identifier: email(NEW),
            proof: None,
            purpose: purpose("order-fulfilment"),
            actor: service("storefront"),
            reason: None,
            request: None,
            idempotency: None,
        };
        app::identity::identify(&world.controller, request).await.expect("added");
        assert_eq!((reads(&world, ada).await, changes(&world, ada).await), (pending(), 1));
    });
}
