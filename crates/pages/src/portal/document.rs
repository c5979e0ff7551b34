//! A person's data as one document to read or print: a file of its own that needs no other.

use maud::{DOCTYPE, Markup, PreEscaped, Render, html};
use words::Voice;

use crate::asset::STYLE;
use crate::part::card;
use crate::table::{Column, Table};

/// A document: titled tables.
#[derive(Clone)]
pub struct DocumentView {
    /// What it is.
    pub title: String,
    /// When and by whom it was made.
    pub made: String,
    /// The tables; one without rows is left out.
    pub tables: Vec<DocumentTable>,
}

/// One table of a document.
#[derive(Clone)]
pub struct DocumentTable {
    /// What it shows.
    pub title: String,
    /// The heads of its columns.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
}

/// The document as one file of HTML, with the style sheet in it.
#[must_use]
pub fn html(voice: Voice, view: &DocumentView) -> Markup {
    let locale = voice.locale();
    html! {
        (DOCTYPE)
        html lang=(locale.tag()) dir=(locale.direction()) {
            head {
                meta charset="utf-8";
                title { (view.title) }
                meta name="viewport" content="width=device-width, initial-scale=1";
                style { (PreEscaped(STYLE.text)) }
            }
            body class="console" {
                main class="main" {
                    div class="page-head" { h1 { (view.title) } p { (view.made) } }
                    @for table in view.tables.iter().filter(|table| !table.rows.is_empty()) {
                        (card(&table.title, &self::table(table)))
                    }
                }
            }
        }
    }
}

fn table(view: &DocumentTable) -> Markup {
    let row = |row: &Vec<String>| row.iter().map(|cell| html! { (cell) }).collect();
    Table {
        caption: view.title.clone(),
        hides_caption: true,
        columns: view.columns.iter().map(|name| Column::words(name.clone())).collect(),
        rows: view.rows.iter().map(row).collect(),
    }
    .render()
}

/// The tables one below the other as comma-separated values (RFC 4180). A cell that a
/// spreadsheet would take for a formula is led by an apostrophe.
#[must_use]
pub fn csv(view: &DocumentView) -> String {
    let mut text = String::from("\u{feff}");
    for (at, table) in view.tables.iter().filter(|table| !table.rows.is_empty()).enumerate() {
        if at > 0 {
            text.push_str("\r\n");
        }
        push_row(&mut text, std::slice::from_ref(&table.title));
        push_row(&mut text, &table.columns);
        table.rows.iter().for_each(|row| push_row(&mut text, row));
    }
    text
}

fn push_row(text: &mut String, row: &[String]) {
    for (at, cell) in row.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        // A number such as -12.50 or a phone number such as +44 20 stays what it is.
        let is_formula = cell.starts_with(['=', '@', '\t', '\r'])
            || (cell.starts_with(['+', '-'])
                && !cell.chars().skip(1).all(|c| c.is_ascii_digit() || " .,()-/".contains(c)));
        let quotes = cell.contains([',', '"', '\n', '\r']) || is_formula;
        if quotes {
            text.push('"');
        }
        if is_formula {
            text.push('\'');
        }
        text.push_str(&cell.replace('"', "\"\""));
        if quotes {
            text.push('"');
        }
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use words::Locale;

    use super::*;

    fn view(cell: &str) -> DocumentView {
        DocumentView {
            title: "All".to_owned(),
            made: "Today".to_owned(),
            tables: vec![DocumentTable {
                title: "Values".to_owned(),
                columns: vec!["What".to_owned(), "Value".to_owned()],
                rows: vec![vec!["Name".to_owned(), cell.to_owned()]],
            }],
        }
    }

    #[test]
    fn a_cell_is_quoted_where_it_must_and_is_never_a_formula() {
        for (cell, written) in [
            ("Ada", "Ada"),
            ("a, \"b\"", "\"a, \"\"b\"\"\""),
            ("=1+1", "\"'=1+1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("+cmd|' /C calc'!A0", "\"'+cmd|' /C calc'!A0\""),
            ("-12.50", "-12.50"),
            ("+44 20 7946 0000", "+44 20 7946 0000"),
        ] {
            let text = csv(&view(cell));
            assert_eq!(text, format!("\u{feff}Values\r\nWhat,Value\r\nName,{written}\r\n"));
        }
    }

    #[test]
    fn the_file_to_read_needs_no_other_and_runs_nothing() {
        let text = html(Voice::of(Locale::French), &view("<script>alert(1)</script>")).into_string();
        assert!(text.contains("&lt;script&gt;") && !text.contains("<script"));
        assert!(!text.contains("<link") && text.contains("--paper:"));
    }
}
