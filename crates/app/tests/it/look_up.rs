//! Staff look a customer up: judged before anybody is looked for, recorded whatever is found.

use app::AppError;
use app::access::{LookUp, Looked, look_up};
use gate::StaffReason;
use model::{Actor, EntryId, ReasonCode, RoleName};
use serde_json::Value;

use crate::support::{World, customer, email, entries, on_both, purpose};

fn look(address: &str, name: &str, reason: &str) -> LookUp {
    let role = RoleName::new("support").expect("a name");
    LookUp {
        identifier: email(address),
        purpose: purpose(name),
        actor: Actor::Staff { account: "stf_anna".to_owned(), role },
        reason: StaffReason { code: ReasonCode::new(reason).expect("a name"), ticket: "T-17".to_owned() },
    }
}

async fn entry(world: &World, id: EntryId) -> Value {
    let find = world.controller.db.read("test.entry", move |tx| store::ledger::find(tx, &id)).await;
    serde_json::from_slice(&find.expect("a read").expect("an entry").body).expect("json")
}

fn says_who_and_why(entry: &Value, name: &str, reason: &str) {
    assert_eq!(entry["actor"], "staff:support:stf_anna", "{entry}");
    assert_eq!((&entry["purpose"], &entry["action"]), (&name.into(), &"read".into()), "{entry}");
    assert_eq!((&entry["reason"], &entry["ticket"]), (&reason.into(), &"T-17".into()), "{entry}");
    assert_eq!(entry["answer"], "denied", "{entry}");
    assert!(entry.get("tag").is_none(), "it is about nobody: {entry}");
}

/// Who is a customer is itself personal: it must not be had without a right, nor without a trace.
#[test]
fn whoever_may_not_look_learns_of_nobody_and_a_look_that_finds_nobody_leaves_an_entry() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 1, &[("Email", "ada@example.org")]).await.subject;
        let before = entries(&world, ada).await.len();
        for (name, reason) in [("analytics", "customer-asked"), ("order-fulfilment", "curious")] {
            let mut said = Vec::new();
            for address in ["ada@example.org", "nobody@example.org"] {
                let Err(AppError::Denied(verdict)) =
                    look_up(&world.controller, look(address, name, reason)).await
                else {
                    panic!("{name}: {address} was looked up")
                };
                says_who_and_why(&entry(&world, verdict.entry.expect("an entry")).await, name, reason);
                said.push((verdict.answer, verdict.findings));
            }
            assert_eq!(said[0], said[1], "{name}");
        }
        assert_eq!(entries(&world, ada).await.len(), before, "nobody looked at Ada");

        let asked = look("nobody@example.org", "order-fulfilment", "customer-asked");
        let Looked::Nobody(missed) = look_up(&world.controller, asked).await.expect("a look") else {
            panic!("somebody was found")
        };
        let missed = entry(&world, missed).await;
        says_who_and_why(&missed, "order-fulfilment", "customer-asked");
        assert_eq!(missed["findings"], serde_json::json!(["subject-unknown"]));

        let asked = look("Ada@example.org", "order-fulfilment", "customer-asked");
        let Looked::Somebody(found, seen) = look_up(&world.controller, asked).await.expect("a look") else {
            panic!("nobody was found")
        };
        assert_eq!(found, ada);
        assert!(entries(&world, ada).await.iter().any(|entry| entry.id == seen.entry));
    });
}
