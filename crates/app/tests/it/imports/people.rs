//! Whom rows lead to.

use app::imports::Rejection;
use app::merges::{Merge, merge};
use app::retention::{Erase, Extent, erase};
use model::Actor;

use super::{counts, csv, customers, import, rejected, request, rows_of, total, who, with_rejects};
use crate::support::{World, entries, on_both, vouching};

const HEADER: &str = "CustomerId,FirstName,City,Phone,Email\n";

#[test]
fn three_spellings_of_one_address_are_one_person_and_one_value() {
    on_both(async |db| {
        let world = World::open(db).await;
        let text =
            "FirstName,Email\nAda,Ada@Example.org\nAda, ada@example.org \nAda,mailto:ADA@EXAMPLE.ORG\n";
        let report = import(&world, customers(db, text)).await;
        assert_eq!((counts(&report), report.tally.people_created), ([3, 1, 2, 0, 0], 1));
        assert_eq!((total(db, "subject"), total(db, "identifier"), total(db, "profile_value")), (1, 1, 2));
        assert_eq!(counts(&import(&world, customers(db, text)).await), [3, 0, 3, 0, 0]);
    });
}

#[test]
fn a_row_whose_identifiers_lead_to_two_people_is_rejected() {
    on_both(async |db| {
        let world = World::with_manifest(db, &vouching()).await;
        let text = format!(
            "{HEADER}1,Ada,London,,ada@example.org\n2,Bob,Paris,,bob@example.org\n1,Eve,Rome,,bob@example.org\n"
        );
        for expected in [[3, 2, 0, 0, 1], [3, 0, 2, 0, 1]] {
            let (report, rejects) = with_rejects(&world, customers(db, &text)).await;
            assert_eq!(counts(&report), expected);
            assert_eq!(rejects, "line,reason,detail\n4,identifiers-disagree,\"\"\n");
        }
    });
}

#[test]
fn an_address_that_somebody_else_merely_claimed_neither_joins_nor_stops_a_row_in_any_run() {
    on_both(async |db| {
        let world = World::open(db).await;
        import(&world, customers(db, "FirstName,Email\nAda,ada@example.org\n")).await;
        let text = format!("{HEADER}2,Bob,Paris,,ada@example.org\n");
        assert_eq!(counts(&import(&world, customers(db, &text)).await), [1, 1, 0, 0, 0]);
        assert_eq!(counts(&import(&world, customers(db, &text)).await), [1, 0, 1, 0, 0]);
        let (ada, bob) =
            (who(&world, "email", "ada@example.org").await, who(&world, "record-shop-number", "2").await);
        assert!(ada.is_some() && bob.is_some() && ada != bob);
    });
}

#[test]
fn a_phone_that_a_household_shares_neither_joins_nor_parts_people() {
    on_both(async |db| {
        let world = World::open(db).await;
        let text = format!("{HEADER}1,Ada,London,+44 20 7946 0000,\n2,Bob,London,0044-20-7946-0000,\n");
        assert_eq!(counts(&import(&world, customers(db, &text)).await), [2, 2, 0, 0, 0]);
        assert_eq!(counts(&import(&world, customers(db, &text)).await), [2, 0, 2, 0, 0]);
        let (ada, bob) =
            (who(&world, "record-shop-number", "1").await, who(&world, "record-shop-number", "2").await);
        assert!(ada.is_some() && bob.is_some() && ada != bob);
        assert_eq!(who(&world, "phone", "+442079460000").await, ada);
    });
}

#[test]
fn a_later_row_that_contradicts_an_earlier_one_about_the_same_person_is_rejected_in_every_run() {
    on_both(async |db| {
        let world = World::open(db).await;
        let filler = (10..1_200).map(|number| format!("{number},Name,Town,,\n"));
        let mut text = format!("{HEADER}1,Ada,London,,\n");
        text.extend(filler);
        text.push_str("1,Ada,Paris,,\n1,Ada,,,ada@example.org\n1,Ada,London,,\n");
        for expected in [[1_194, 1_192, 1, 0, 1], [1_194, 0, 1_193, 0, 1]] {
            let report = import(&world, customers(db, &text)).await;
            assert_eq!((counts(&report), rejected(&report)), (expected, vec![(Rejection::PersonTwice, 1)]));
        }
    });
}

#[test]
fn a_changed_profile_ends_the_old_value_and_a_new_identifier_leads_to_the_same_person() {
    on_both(async |db| {
        let world = World::open(db).await;
        import(&world, customers(db, format!("{HEADER}1,Ada,London,,ada@example.org\n"))).await;
        let moved = format!("{HEADER}1,Ada,Paris,+33 1 2345 6789,ada@example.com\n");
        assert_eq!(counts(&import(&world, customers(db, &moved)).await), [1, 1, 0, 0, 0]);
        assert_eq!(counts(&import(&world, customers(db, &moved)).await), [1, 0, 1, 0, 0]);
        let ada = who(&world, "email", "ada@example.com").await;
        assert!(ada.is_some() && ada == who(&world, "email", "ada@example.org").await);
        // Number, name, two cities, phone and two addresses.
        assert_eq!(total(db, "profile_value"), 7);
    });
}

#[test]
fn somebody_erased_is_rejected_by_line_and_does_not_come_back() {
    on_both(async |db| {
        let world = World::open(db).await;
        let text = format!("{HEADER}1,Ada,London,,ada@example.org\n2,Bob,Paris,,bob@example.org\n");
        import(&world, customers(db, &text)).await;
        let ada = who(&world, "record-shop-number", "1").await.expect("Ada");
        erase(&world.controller, erasure(ada)).await.expect("erased");
        let (report, rejects) = with_rejects(&world, customers(db, &text)).await;
        assert_eq!((counts(&report), rejected(&report)), ([2, 0, 1, 0, 1], vec![(Rejection::Erased, 1)]));
        assert_eq!(rejects, "line,reason,detail\n2,erased,\"\"\n");
        let orders = db.folder().join("invoices.csv");
        std::fs::write(&orders, "InvoiceId,CustomerId,Total\n1,1,2.50\n2,2,3\n").expect("a file");
        let report = import(&world, request("chinook", "Invoice", csv(orders))).await;
        assert_eq!((counts(&report), rejected(&report)), ([2, 1, 0, 0, 1], vec![(Rejection::Erased, 1)]));
        assert_eq!(who(&world, "email", "ada@example.org").await, None);
    });
}

pub(super) fn erasure(subject: model::SubjectId) -> Erase {
    Erase {
        subject,
        extent: Extent::Person,
        actor: Actor::Customer,
        reason: None,
        request: None,
        idempotency: None,
    }
}

#[test]
fn after_a_merge_the_same_source_is_still_unchanged_and_new_rows_join_the_one_person() {
    on_both(async |db| {
        let world = World::open(db).await;
        let text = format!("{HEADER}1,Ada,London,,ada@example.org\n2,Ada,Paris,,ada@example.com\n");
        let orders = db.folder().join("invoices.csv");
        std::fs::write(&orders, "InvoiceId,CustomerId,Total\n1,1,2.50\n2,2,3\n").expect("a file");
        let invoices = || request("chinook", "Invoice", csv(&orders));
        import(&world, customers(db, &text)).await;
        import(&world, invoices()).await;
        let one = who(&world, "record-shop-number", "1").await.expect("Ada");
        let other = who(&world, "record-shop-number", "2").await.expect("Ada too");
        let joined = Merge {
            one,
            other,
            leader: Some(one),
            actor: Actor::Customer,
            reason: None,
            request: None,
            idempotency: None,
        };
        merge(&world.controller, joined).await.expect("merged");
        assert_eq!(counts(&import(&world, customers(db, &text)).await), [2, 0, 2, 0, 0]);
        assert_eq!(counts(&import(&world, invoices()).await), [2, 0, 2, 0, 0]);
        std::fs::write(&orders, "InvoiceId,CustomerId,Total\n3,2,1\n").expect("a file");
        assert_eq!(counts(&import(&world, invoices()).await), [1, 1, 0, 0, 0]);
        assert_eq!(rows_of(db, "record")[&other.to_string()], 2);
    });
}

#[test]
fn everybody_of_a_chunk_has_its_entry_in_their_timeline_under_the_run() {
    on_both(async |db| {
        let world = World::open(db).await;
        let text = format!("{HEADER}1,Ada,London,,\n2,Bob,Paris,,\n");
        let report = import(&world, customers(db, &text)).await;
        let mut shared = Vec::new();
        for number in ["1", "2"] {
            let subject = who(&world, "record-shop-number", number).await.expect("somebody");
            let entries = entries(&world, subject).await;
            assert_eq!(entries.len(), 1);
            assert_eq!(entries[0].kind, "import");
            let body: serde_json::Value = serde_json::from_slice(&entries[0].body).expect("json");
            assert_eq!(body["request"], report.import.to_string());
            assert_eq!((&body["answer"], &body["set"]["count"]), (&"granted".into(), &2.into()));
            shared.push(entries[0].id);
        }
        assert_eq!(shared[0], shared[1]);
    });
}

#[test]
fn customers_of_two_shops_with_the_same_number_are_two_people() {
    on_both(async |db| {
        let world = World::open(db).await;
        import(&world, customers(db, format!("{HEADER}7,Ada,London,,ada@example.org\n"))).await;
        let lines = db.folder().join("lines.csv");
        std::fs::write(
            &lines,
            "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n\
             536365,85123A,A LANTERN,6,2010-12-01 08:26:00,2.55,7.0,United Kingdom\n",
        )
        .expect("a file");
        let report = import(&world, request("online-retail", "lines", csv(lines))).await;
        assert_eq!((counts(&report), report.tally.people_created), ([1, 1, 0, 0, 0], 1));
        let (ada, other) =
            (who(&world, "record-shop-number", "7").await, who(&world, "gift-shop-number", "7").await);
        assert!(ada.is_some() && other.is_some() && ada != other);
        assert_eq!(rows_of(db, "record").len(), 1, "Ada was given nobody else's order");
    });
}
