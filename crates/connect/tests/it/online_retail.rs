//! Real invoice lines of a shop, gzipped.

use std::fs;

use connect::Source;

use crate::shared::{all, data, texts};

const COLUMNS: &[&str] = &[
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
];

#[test]
fn every_row_of_the_gzipped_invoice_lines_is_read() {
    let Some(folder) = data("online-retail") else { return };
    let (mut rows, mut cancelled, mut nameless) = (0, 0, 0);
    for month in ["2010-12", "2011-01", "2011-02", "2011-03", "2011-04"] {
        let file = folder.join(format!("retail-{month}.csv.gz"));
        let size = fs::metadata(&file).unwrap().len();
        let table = Source::Csv { file }.open().unwrap();
        assert_eq!(table.columns(), COLUMNS);
        let stream = table.rows(&["InvoiceNo", "CustomerID"]).unwrap();
        let progress = stream.progress();
        for row in stream {
            let row = row.unwrap();
            rows += 1;
            cancelled += usize::from(texts(&row)[0].starts_with('C'));
            nameless += usize::from(row.values()[1].is_none());
        }
        assert_eq!((progress.done(), progress.total()), (size, Some(size)));
    }
    assert_eq!((rows, cancelled, nameless), (151_085, 2_766, 46_875));
}

#[test]
fn the_first_day_reads_the_same_packed_and_plain() {
    let Some(folder) = data("online-retail") else { return };
    let read = |name: &str| all(Source::Csv { file: folder.join(name) }.open().unwrap().all_rows().unwrap());
    let (plain, packed) = (read("day-2010-12-01.csv"), read("retail-2010-12.csv.gz"));
    assert_eq!(plain.len(), 3_108);
    assert!(plain.iter().zip(&packed).all(|(plain, packed)| texts(plain) == texts(packed)));
    assert_eq!((plain[0].line(), plain[3_107].line()), (2, 3_109));
}
