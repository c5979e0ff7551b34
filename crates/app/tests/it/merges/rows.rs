//! Rows about somebody with two identities: collected or imported, they go to the same one.

use app::identity::{Found, look_up};
use app::merges::{merge, undo};
use app::vault::Collected;
use model::{Personal, SubjectId};
use testkit::TestDb;

use super::{by_staff, two, undo_by_staff};
use crate::support::{World, collect_request, customer, email, imported, on_both};

/// Rows of a table that are one identity's.
fn rows(db: &TestDb, table: &str, id: SubjectId) -> usize {
    let dump = db.dump();
    dump.table(table).iter().filter(|row| row.contains(&id.to_string())).count()
}

async fn invoice(world: &World, number: u32) -> Collected {
    let row =
        [("InvoiceId", "9".to_owned()), ("CustomerId", number.to_string()), ("Total", "2.50".to_owned())];
    let row = row.into_iter().map(|(name, value)| (name.to_owned(), Personal::new(value))).collect();
    app::vault::collect(&world.controller, collect_request("Invoice", row)).await.expect("an invoice")
}

/// What a shop sends and what its files say are the same rows, so both must find each other's
/// work done: else every sync after a merge would store everything twice.
#[test]
fn a_row_goes_to_the_identity_that_it_names_whether_it_is_collected_or_imported() {
    on_both(async |db| {
        let world = World::open(db).await;
        let (one, other) = two(&world, 1).await;
        let merged = merge(&world.controller, by_staff(one, other)).await.expect("staff may");
        assert_eq!(merged.leader, one);
        let before = rows(db, "profile_value", one);

        let said = [("Email", "lady1@example.org"), ("FirstName", "Lady")];
        let again = customer(&world, 3, &said).await;
        assert_eq!((again.subject, again.stored, again.unchanged), (one, 0, 3), "it said so before");

        let said = [("Email", "augusta@example.org"), ("FirstName", "Augusta"), ("City", "Paris")];
        let new = customer(&world, 3, &said).await;
        assert_eq!((new.subject, new.stored, new.unchanged), (one, 3, 1));
        assert_eq!((invoice(&world, 3).await.stored, invoice(&world, 3).await.unchanged), (1, 1));
        assert_eq!(rows(db, "profile_value", one), before, "nothing of it is the leader's");
        assert_eq!((rows(db, "record", one), rows(db, "record", other)), (0, 1));

        let customers = "CustomerId,FirstName,City,Email\n3,Augusta,Paris,augusta@example.org\n";
        let invoices = "InvoiceId,CustomerId,Total\n9,3,2.50\n";
        for round in ["merged", "parted"] {
            let report = imported(&world, db, "Customer", customers).await;
            assert_eq!((report.tally.unchanged, report.tally.imported), (1, 0), "{round}");
            let report = imported(&world, db, "Invoice", invoices).await;
            assert_eq!((report.tally.unchanged, report.tally.imported), (1, 0), "{round}");
            let again = customer(&world, 3, &said).await;
            assert_eq!((again.stored, again.unchanged), (0, 4), "{round}");
            if round == "merged" {
                undo(&world.controller, undo_by_staff(&merged)).await.expect("staff may");
            }
        }
        assert_eq!(customer(&world, 3, &said).await.subject, other);
        let found = look_up(&world.controller, email("augusta@example.org")).await.expect("a look-up");
        assert_eq!(found, Found::Person(other), "the address parts with the number that it came with");
        assert_eq!(rows(db, "profile_value", one), before);
    });
}

#[test]
fn an_import_and_a_collection_leave_the_same_rows_behind() {
    on_both(async |db| {
        let world = World::open(db).await;
        let (one, other) = two(&world, 1).await;
        merge(&world.controller, by_staff(one, other)).await.expect("staff may");
        // By the address of the follower alone: nothing else says whose row it is.
        let report =
            imported(&world, db, "Customer", "FirstName,City,Email\nLady,Paris,lady1@example.org\n").await;
        assert_eq!((report.tally.imported, report.tally.people_created), (1, 0));
        let row = [("FirstName", "Lady"), ("City", "Paris"), ("Email", "lady1@example.org")];
        let row = row.map(|(name, value)| (name.to_owned(), Personal::new(value.to_owned()))).into_iter();
        let done = app::vault::collect(&world.controller, collect_request("Customer", row.collect()))
            .await
            .expect("taken");
        assert_eq!((done.subject, done.stored, done.unchanged), (one, 0, 3));
        let cities = |id: SubjectId| {
            let dump = db.dump();
            let rows = dump.table("profile_value");
            rows.iter().filter(|row| row.contains("address.city") && row.contains(&id.to_string())).count()
        };
        assert_eq!((cities(one), cities(other)), (0, 1));
    });
}
