//! What a CSV file may hold, well-formed and not.

use std::io::{Cursor, Write};

use connect::{Break, FIELD_BYTES_MAX, ROW_BYTES_MAX, Reason, RowError, SourceError, Table, csv_table};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use crate::shared::{all, texts};

fn open(bytes: impl AsRef<[u8]>) -> Result<Table, SourceError> {
    let bytes = bytes.as_ref().to_vec();
    let total = bytes.len() as u64;
    csv_table(Cursor::new(bytes), Some(total))
}

fn read(bytes: impl AsRef<[u8]>) -> Vec<Result<connect::Row, RowError>> {
    open(bytes).unwrap().all_rows().unwrap().collect()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn quotes_commas_and_line_ends_inside_fields_are_part_of_the_value() {
    let rows = all(open("a,b\n\"x, \"\"y\"\"\nz\",\n,2\n").unwrap().all_rows().unwrap());
    assert_eq!(texts(&rows[0]), ["x, \"y\"\nz", "∅"]);
    assert_eq!(texts(&rows[1]), ["∅", "2"]);
}

#[test]
fn a_row_is_named_by_the_line_it_begins_at_whatever_the_line_ends() {
    for (text, lines) in [
        ("a\n1\n2\n3", vec![2, 3, 4]),
        ("a\r\n1\r\n2\r\n3\r\n", vec![2, 3, 4]),
        ("\u{feff}a\r\n\r\n\r\n1\r\n\n2\n", vec![4, 6]),
        ("a\n\"x\ny\"\n2\n", vec![2, 4]),
    ] {
        let rows = all(open(text).unwrap().all_rows().unwrap());
        assert_eq!(rows.iter().map(connect::Row::line).collect::<Vec<_>>(), lines, "{text:?}");
    }
}

#[test]
fn only_the_wanted_columns_come_in_the_wanted_order() {
    let rows = all(open("a,b,c\n1,2,3\n").unwrap().rows(&["c", "a"]).unwrap());
    assert_eq!(texts(&rows[0]), ["3", "1"]);
}

#[test]
fn a_bad_row_is_rejected_with_line_and_reason_and_the_next_one_follows() {
    let long = "x".repeat(FIELD_BYTES_MAX + 1);
    let huge = "y".repeat(ROW_BYTES_MAX + 1);
    let wide = ",".repeat(2000);
    let mut text = format!("a,b\n1\n1,2,3\n{long},1\n{huge},1\n{wide}\n").into_bytes();
    text.extend(b"caf\xe9,1\n1,a\0b\nlast,row\n");
    let rows = read(text);
    let expected = [
        Reason::FieldCount { found: 1, expected: 2 },
        Reason::FieldCount { found: 3, expected: 2 },
        Reason::FieldTooLong { column: 1 },
        Reason::RowTooLong,
        Reason::RowTooLong,
        Reason::Encoding { column: 1, byte: 4 },
        Reason::ZeroByte { column: 2 },
    ];
    for ((row, reason), line) in rows.iter().zip(expected).zip(2..) {
        assert_eq!(row.as_ref().unwrap_err(), &RowError::Rejected { line, reason });
    }
    assert_eq!(texts(rows[7].as_ref().unwrap()), ["last", "row"]);
    assert_eq!(rows.len(), 8);
}

#[test]
fn a_file_that_ends_inside_a_quoted_field_is_broken_at_that_row() {
    let rows = read("a,b\n1,2\n3,\"cut o");
    assert!(rows[0].is_ok());
    let unclosed = RowError::Broken { line: 3, reason: Break::UnclosedQuote };
    assert_eq!(rows[1].as_ref().unwrap_err(), &unclosed);
    assert_eq!(rows.len(), 2);
    assert_eq!(read("a,b\n3,\"whole\"").len(), 1);
}

#[test]
fn an_unusable_header_is_refused_without_showing_it() {
    let names = |count: usize| (0..count).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    for (text, error) in [
        (Vec::new(), SourceError::Empty),
        (b"\n\r\n".to_vec(), SourceError::Empty),
        (b"a,b,a\n".to_vec(), SourceError::NameTwice { first: 1, second: 3 }),
        (b"a,,b\n".to_vec(), SourceError::Name { column: 2 }),
        (b"a,\xff\n".to_vec(), SourceError::Name { column: 2 }),
        ("n".repeat(257).into_bytes(), SourceError::Name { column: 1 }),
        (names(1025).into_bytes(), SourceError::ColumnCount),
        (b"\xff\xfea\0,\0b\0".to_vec(), SourceError::Utf16),
        (b"\"a,b\n1,2\n".to_vec(), SourceError::Unreadable(Break::UnclosedQuote)),
    ] {
        assert_eq!(open(&text).err(), Some(error));
    }
    assert_eq!(open(names(1024)).unwrap().columns().len(), 1024);
}

#[test]
fn gzip_is_known_by_its_first_bytes_and_may_have_several_members() {
    let mut bytes = packed("\u{feff}a\n1\n".as_bytes());
    bytes.extend(packed(b"2\n3\n"));
    let table = open(&bytes).unwrap();
    assert_eq!(table.columns(), ["a"]);
    assert_eq!(all(table.all_rows().unwrap()).len(), 3);
}

#[test]
fn damaged_gzip_and_a_gzip_bomb_end_the_stream() {
    let whole = packed(&b"a\n".repeat(100_000));
    let rows = read(&whole[..whole.len() - 9]);
    let last = rows.last().unwrap().as_ref().unwrap_err();
    assert!(matches!(last, RowError::Broken { reason: Break::Gzip, .. }), "{last}");

    let bomb = packed(&b"aaaaaaaaaaaaaaa\n".repeat(2 << 20));
    let rows = open(&bomb).unwrap().all_rows().unwrap();
    let last = rows.last().unwrap().unwrap_err();
    assert!(matches!(last, RowError::Broken { reason: Break::Compression(_), .. }), "{last}");
}

#[test]
fn no_error_shows_what_the_file_holds() {
    let mut text = b"canary,b\ncanary\n\"canary\0\",1\ncanary\xff,1\n".to_vec();
    text.extend(b"1,\"canary");
    for error in read(text).into_iter().map(Result::unwrap_err) {
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
    let twice = open("canary,canary\n").err().unwrap();
    assert!(!format!("{twice} {twice:?}").contains("canary"));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic_and_every_stream_ends(bytes in arbitrary_file()) {
        if let Ok(table) = open(bytes) {
            let lines: Vec<u64> = table.all_rows().unwrap().map(|row| match row {
                Ok(row) => row.line(),
                Err(RowError::Rejected { line, .. } | RowError::Broken { line, .. }) => line,
            }).collect();
            prop_assert!(lines.is_sorted());
        }
    }

    #[test]
    fn what_was_written_as_csv_is_read_back(
        rows in proptest::collection::vec(proptest::collection::vec("[a-zü,\"\r\n ]{1,8}", 3), 0..20)
    ) {
        let quoted = |value: &String| format!("\"{}\"", value.replace('"', "\"\""));
        let line = |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n";
        let text: String = std::iter::once("a,b,c\n".to_owned()).chain(rows.iter().map(line)).collect();
        let read = all(open(text).unwrap().all_rows().unwrap());
        prop_assert_eq!(read.iter().map(texts).collect::<Vec<_>>(), rows);
    }
}

/// Bytes near CSV, and gzip of them, sometimes damaged.
fn arbitrary_file() -> impl Strategy<Value = Vec<u8>> {
    let near = proptest::collection::vec(
        prop_oneof![Just(b','), Just(b'"'), Just(b'\n'), Just(b'\r'), Just(b'a'), any::<u8>()],
        0..400,
    );
    (near, any::<bool>(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(bytes, pack, at, byte)| {
        if !pack {
            return bytes;
        }
        let mut bytes = packed(&bytes);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        bytes
    })
}
