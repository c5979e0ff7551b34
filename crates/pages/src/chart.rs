//! Charts as SVG that needs no script and no style of its own, each with its data table.
//!
//! Places along the width are per cent and heights are pixels, so that the drawing fills any
//! width and its writing keeps its size. Series differ by colour, lightness and dashes.

mod axis;
mod draw;

use maud::{Markup, Render, html};
use words::Voice;

use crate::part::disclosure;
use crate::table::{Column, Table};

/// Series in one chart at most; more cannot be told apart.
pub const SERIES_MAX: usize = 6;

/// How the numbers are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One bar per place and series, side by side.
    Bars,
    /// One bar per place, its series on top of each other.
    Stacked,
    /// One line per series.
    Lines,
}

/// The numbers of one kind over all places.
#[derive(Debug, Clone)]
pub struct Series {
    /// What is counted.
    pub name: String,
    /// One number per place; none where nothing is known. Negative numbers count as none.
    pub values: Vec<Option<i64>>,
}

/// A chart.
#[derive(Clone)]
pub struct Chart {
    /// The words.
    pub voice: Voice,
    /// An id that no other chart of the page has.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// What it says: the sentence that somebody who sees no picture needs. Empty for none.
    pub summary: String,
    /// How the numbers are drawn.
    pub form: Form,
    /// What the places are: the head of the table's first column, such as `Month`.
    pub places_head: String,
    /// The places from start to end, such as months.
    pub places: Vec<String>,
    /// The series, [`SERIES_MAX`] at most; further ones stand in the table only.
    pub series: Vec<Series>,
}

impl Chart {
    fn drawn(&self) -> &[Series] {
        self.series.get(..SERIES_MAX).unwrap_or(&self.series)
    }

    fn is_empty(&self) -> bool {
        self.places.is_empty() || self.series.iter().all(|series| series.values.iter().all(Option::is_none))
    }

    fn table(&self) -> Table {
        let number = |value: Option<&Option<i64>>| match value.copied().flatten() {
            Some(value) => html! { (self.voice.number(value)) },
            None => html! { "–" },
        };
        let mut columns = vec![Column::words(self.places_head.clone())];
        columns.extend(self.series.iter().map(|series| Column::numbers(series.name.clone())));
        let row = |(at, place): (usize, &String)| {
            let mut cells = vec![html! { (place) }];
            cells.extend(self.series.iter().map(|series| number(series.values.get(at))));
            cells
        };
        Table {
            caption: self.title.clone(),
            hides_caption: true,
            columns,
            rows: self.places.iter().enumerate().map(row).collect(),
        }
    }

    fn legend(&self) -> Markup {
        html! {
            @if self.drawn().len() > 1 {
                ul class="legend" {
                    @for (at, series) in self.drawn().iter().enumerate() {
                        li { (draw::swatch(self.form, at)) (series.name) }
                    }
                }
            }
        }
    }
}

impl Render for Chart {
    fn render(&self) -> Markup {
        html! {
            figure class="chart" {
                figcaption {
                    h3 id={ (self.id) "-title" } { (self.title) }
                    @if !self.summary.is_empty() { p id={ (self.id) "-summary" } { (self.summary) } }
                }
                @if self.is_empty() {
                    p class="quiet" { (self.voice.say("chart-nothing")) }
                } @else {
                    (self.legend())
                    (draw::plot(self))
                    (disclosure(&self.voice.say("chart-numbers"), &self.table().render()))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use words::Locale;

    use super::*;

    fn chart(form: Form, series: Vec<Series>) -> Chart {
        Chart {
            voice: Voice::of(Locale::English),
            id: "c".to_owned(),
            title: "Permits".to_owned(),
            summary: "They rise.".to_owned(),
            form,
            places_head: "Month".to_owned(),
            places: vec!["May".to_owned(), "June".to_owned(), "July".to_owned()],
            series,
        }
    }

    fn series(name: &str, values: [i64; 3]) -> Series {
        Series { name: name.to_owned(), values: values.map(Some).to_vec() }
    }

    #[test]
    fn every_number_stands_in_the_table_and_the_picture_names_itself() {
        for form in [Form::Bars, Form::Stacked, Form::Lines] {
            let text = chart(form, vec![series("Yes", [10, 2_000, 30]), series("No", [1, 2, 3])])
                .render()
                .into_string();
            assert!(text.contains("role=\"img\" aria-labelledby=\"c-title c-summary\""), "{text}");
            for number in ["10", "2,000", "30"] {
                assert!(text.contains(&format!("<span>{number}</span>")), "{number}");
            }
            assert!(!text.contains("style="), "the policy permits no style attribute");
            assert!(text.contains("class=\"legend\""));
        }
    }

    #[test]
    fn nothing_to_show_says_so() {
        let text = chart(Form::Lines, Vec::new()).render().into_string();
        assert!(text.contains("Nothing to show yet.") && !text.contains("<svg"));
    }
}
