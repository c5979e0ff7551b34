//! What a source may hold that it should not.

use std::io::Write as _;

use app::imports::{ImportError, Rejection, Skip};
use flate2::Compression;
use flate2::write::GzEncoder;
use model::Act;

use super::{counts, csv, customers, import, refused, rejected, request, rows_of, total, who, with_rejects};
use crate::consent::act;
use crate::support::{World, on_both, service};

const HEADER: &str = "CustomerId,FirstName,City,Phone,Email\n";

#[test]
fn bad_rows_are_rejected_by_line_and_reason_and_never_repeated() {
    on_both(async |db| {
        let world = World::open(db).await;
        let mut text = HEADER.as_bytes().to_vec();
        text.extend(b"1,Ada,London,,ada@example.org\n");
        text.extend(b"2,Canary\xff\xfe,London,,canary2@example.org\n");
        text.extend(b"3,Canary,London\n");
        text.extend(b"4.5,Canary,London,,canary4@example.org\n");
        text.extend(b"5,Canary,London,,canary-at-example.org\n");
        text.extend(b",Canary,London,,\n");
        text.extend(b"7,\"Two\nlines\",London,,seven@example.org\n");
        text.extend(b"8,Canary,London,call canary,eight@example.org\n");
        text.extend(b"9,Canary\0,London,,nine@example.org\n");
        let (report, rejects) = with_rejects(&world, customers(db, &text)).await;
        assert_eq!(counts(&report), [9, 2, 0, 1, 6]);
        assert_eq!(rejected(&report), [(Rejection::Malformed, 6)]);
        assert_eq!(report.tally.skipped[&Skip::NamesNobody], 1);
        assert_eq!(report.missing, ["Address", "Company", "Country", "LastName", "PostalCode", "State"]);
        let lines: Vec<&str> = rejects.lines().collect();
        assert_eq!(
            lines,
            [
                "line,reason,detail",
                "3,malformed,\"column 2: byte 7 is not UTF-8\"",
                "4,malformed,\"3 fields where the header has 5\"",
                "5,malformed,\"CustomerId: expected a whole number\"",
                "6,malformed,\"not a well-formed `email`\"",
                "10,malformed,\"not a well-formed `phone`\"",
                "11,malformed,\"column 2: a zero byte\"",
            ]
        );
        let again = import(&world, customers(db, &text)).await;
        assert_eq!(counts(&again), [9, 0, 2, 1, 6]);
        assert_eq!(total(db, "subject"), 2);
    });
}

#[test]
fn columns_that_the_manifest_does_not_declare_are_refused_with_their_list_unless_named_as_dropped() {
    on_both(async |db| {
        let world = World::open(db).await;
        let text = "CustomerId,Shoe size,FirstName,Horoscope\n1,44,Ada,Lion\n";
        match refused(&world, customers(db, text)).await {
            ImportError::Undeclared(columns) => assert_eq!(columns, ["Shoe size", "Horoscope"]),
            other => panic!("expected undeclared columns, got {other:?}"),
        }
        let mut half = customers(db, text);
        half.dropped.insert("Horoscope".to_owned());
        assert!(
            matches!(refused(&world, half).await, ImportError::Undeclared(columns) if columns == ["Shoe size"])
        );
        assert_eq!(total(db, "subject"), 0);

        let mut both = customers(db, text);
        both.dropped.extend(["Horoscope".to_owned(), "Shoe size".to_owned()]);
        let report = import(&world, both).await;
        assert_eq!((counts(&report), report.dropped.len()), ([1, 1, 0, 0, 0], 2));
        assert_eq!(total(db, "profile_value"), 2);
    });
}

#[test]
fn a_source_without_header_or_key_is_refused_before_its_first_row() {
    on_both(async |db| {
        let world = World::open(db).await;
        let headless = refused(&world, customers(db, "7,Canary,canary@example.org\n")).await;
        assert!(matches!(headless, ImportError::NoColumns));
        assert!(!format!("{headless} {headless:?}").contains("anary"));
        let nameless = refused(&world, customers(db, "FirstName,City\nAda,London\n")).await;
        assert!(
            matches!(nameless, ImportError::Missing(columns) if columns == ["CustomerId", "Email", "Phone"])
        );
        std::fs::write(db.folder().join("invoices.csv"), "CustomerId,Total\n1,2.50\n").expect("a file");
        let keyless = request("chinook", "Invoice", csv(db.folder().join("invoices.csv")));
        assert!(
            matches!(refused(&world, keyless).await, ImportError::Missing(columns) if columns == ["InvoiceId"])
        );
        assert_eq!(total(db, "subject"), 0);
    });
}

#[test]
fn two_rows_with_one_key_are_one_record_and_a_reject() {
    on_both(async |db| {
        let world = World::open(db).await;
        let file = db.folder().join("invoices.csv");
        std::fs::write(&file, "InvoiceId,CustomerId,Total\n1,7,2.50\n2,7,3\n1,7,9.99\n").expect("a file");
        for expected in [[3, 2, 0, 0, 1], [3, 0, 2, 0, 1]] {
            let report = import(&world, request("chinook", "Invoice", csv(&file))).await;
            assert_eq!((counts(&report), rejected(&report)), (expected, vec![(Rejection::KeyTwice, 1)]));
        }
        std::fs::write(&file, "InvoiceId,CustomerId,Total\n1,7,2.55\n").expect("a file");
        let mended = import(&world, request("chinook", "Invoice", csv(&file))).await;
        assert_eq!(counts(&mended), [1, 1, 0, 0, 0]);
        assert_eq!(rows_of(db, "record").into_values().collect::<Vec<_>>(), [2]);
    });
}

#[test]
fn what_the_gate_denies_is_rejected_with_its_codes_and_makes_nobody() {
    on_both(async |db| {
        let world = World::open(db).await;
        let text = format!("{HEADER}1,Ada,London,,ada@example.org\n2,Bob,Paris,,bob@example.org\n");
        let mut mailer = customers(db, &text);
        mailer.actor = service("mailer");
        let (report, rejects) = with_rejects(&world, mailer).await;
        assert_eq!((counts(&report), rejected(&report)), ([2, 0, 0, 0, 2], vec![(Rejection::Denied, 2)]));
        assert!(rejects.ends_with("3,denied,\"service-not-allowed\"\n"), "{rejects}");
        assert_eq!(total(db, "subject"), 0);

        import(&world, customers(db, &text)).await;
        let ada = who(&world, "email", "ada@example.org").await.expect("Ada");
        act(&world, ada, vec![Act::Restricted { category: None }]).await;
        let (report, rejects) = with_rejects(&world, customers(db, text.replace("London", "Rome"))).await;
        assert_eq!((counts(&report), rejected(&report)), ([2, 0, 1, 0, 1], vec![(Rejection::Denied, 1)]));
        assert_eq!(rejects, "line,reason,detail\n2,denied,\"restricted\"\n");
    });
}

#[test]
fn a_source_that_is_cut_off_keeps_its_whole_rows_and_its_mended_copy_goes_on() {
    on_both(async |db| {
        let world = World::open(db).await;
        let rows = (1..=2_500).map(|number| format!("{number},Name{number},City{},,\n", number % 7));
        let text: String = std::iter::once(HEADER.to_owned()).chain(rows).collect();
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(text.as_bytes()).expect("packed");
        let packed = packed.finish().expect("packed");
        let cut = &packed[..packed.len() * 2 / 3];
        assert!(matches!(refused(&world, customers(db, cut)).await, ImportError::Broken { .. }));
        let kept = total(db, "subject") as u64;
        assert!((1_000..2_500).contains(&kept), "{kept}");
        let whole = import(&world, customers(db, &packed)).await;
        assert_eq!(counts(&whole), [2_500, 2_500 - kept, kept, 0, 0]);
    });
}
