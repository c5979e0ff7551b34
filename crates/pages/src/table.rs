//! Tables with a caption; on a small screen each row becomes a card, with the columns' names
//! beside the values. Explicit roles keep it a table for assistive technology there.

use maud::{Markup, Render, html};

/// A table.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// Whether the caption is only heard, because a heading above says the same.
    pub hides_caption: bool,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, each with one cell per column; the first cell names the row.
    pub rows: Vec<Vec<Markup>>,
}

/// A column of a table.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Whether it holds numbers, which end in line.
    pub is_numeric: bool,
}

impl Column {
    /// A column of words.
    pub fn words(name: impl Into<String>) -> Self {
        Self { name: name.into(), is_numeric: false }
    }

    /// A column of numbers.
    pub fn numbers(name: impl Into<String>) -> Self {
        Self { name: name.into(), is_numeric: true }
    }

    fn class(&self) -> Option<&'static str> {
        self.is_numeric.then_some("numeric")
    }
}

impl Render for Table {
    fn render(&self) -> Markup {
        html! {
            div class="table" {
                table role="table" {
                    caption class=[self.hides_caption.then_some("visually-hidden")] { (self.caption) }
                    thead role="rowgroup" {
                        tr role="row" {
                            @for column in &self.columns {
                                th role="columnheader" scope="col" class=[column.class()] { (column.name) }
                            }
                        }
                    }
                    tbody role="rowgroup" {
                        @for row in &self.rows { tr role="row" { (self.cells(row)) } }
                    }
                }
            }
        }
    }
}

impl Table {
    /// A table of plain words and numbers, each escaped.
    #[must_use]
    pub fn of_words(
        caption: impl Into<String>,
        columns: Vec<Column>,
        rows: impl IntoIterator<Item = Vec<String>>,
    ) -> Self {
        let row = |cells: Vec<String>| cells.iter().map(|cell| html! { (cell) }).collect();
        let rows = rows.into_iter().map(row).collect();
        Self { caption: caption.into(), hides_caption: false, columns, rows }
    }

    fn cells(&self, row: &[Markup]) -> Markup {
        html! {
            @for (place, (column, cell)) in self.columns.iter().zip(row).enumerate() {
                @if place == 0 {
                    th role="rowheader" scope="row" class=[column.class()] { (cell) }
                } @else {
                    td role="cell" class=[column.class()] data-label=(column.name) { span { (cell) } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_says_its_column_and_the_first_names_the_row() {
        let table = Table {
            caption: "Orders".to_owned(),
            columns: vec![Column::words("Order"), Column::numbers("Price")],
            rows: vec![vec![html! { "A <1>" }, html! { "12" }]],
            ..Table::default()
        };
        let text = table.render().into_string();
        assert!(text.contains("<caption>Orders</caption>"));
        assert!(text.contains("<th role=\"rowheader\" scope=\"row\">A &lt;1&gt;</th>"));
        assert!(
            text.contains("<td role=\"cell\" class=\"numeric\" data-label=\"Price\"><span>12</span></td>")
        );
    }
}
