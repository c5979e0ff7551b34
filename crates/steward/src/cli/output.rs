//! What a command prints: lines and tables for people, or one JSON document.

use std::io::{self, IsTerminal, Write};

use comfy_table::{Table, presets};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::beside::{self, Said};

/// Where answers go. A reader that has gone away ends the output, not the command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Out {
    json: bool,
}

impl Out {
    pub(crate) const fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether a machine reads.
    pub(crate) const fn is_json(self) -> bool {
        self.json
    }

    /// A line for people.
    pub(crate) fn say(self, line: impl AsRef<str>) {
        if !self.json {
            answer(line.as_ref());
        }
    }

    /// A line that is the answer itself, whoever reads.
    pub(crate) fn print(self, line: impl AsRef<str>) {
        answer(line.as_ref());
    }

    /// A remark beside the answer.
    pub(crate) fn remark(self, line: impl AsRef<str>) {
        if !beside::say(Said::Remark(line.as_ref().to_owned())) {
            write_line(io::stderr(), line.as_ref());
        }
    }

    /// A table for people.
    pub(crate) fn table<const N: usize>(
        self,
        header: [&str; N],
        rows: impl IntoIterator<Item = [String; N]>,
    ) {
        if self.json {
            return;
        }
        let mut table = Table::new();
        table.load_style(presets::UTF8_BORDERS_ONLY);
        table.set_header(header).add_rows(rows);
        answer(&table.to_string());
    }

    /// Facts for people, one per line, names in a column.
    pub(crate) fn facts<const N: usize>(self, facts: [(&str, &str); N]) {
        let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        for (name, fact) in facts {
            self.say(format!("  {name:width$}  {fact}"));
        }
    }

    /// The answer as JSON, when a machine reads.
    pub(crate) fn json(self, answer: &impl Serialize) {
        if self.json {
            self.document(answer);
        }
    }

    /// A document that is JSON for everybody.
    pub(crate) fn document(self, document: &impl Serialize) {
        if let Ok(text) = serde_json::to_string_pretty(document) {
            answer(&text);
        }
    }

    /// A bar on the standard error while something takes long; silent where nobody looks.
    pub(crate) fn bar(self, what: &'static str, total: Option<u64>) -> ProgressBar {
        let bar = match total {
            Some(total) => ProgressBar::new(total),
            None => ProgressBar::new_spinner(),
        };
        if self.json || beside::is_beside() || !io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {percent}% {elapsed}") {
            bar.set_style(style);
        }
        bar.with_message(what)
    }
}

fn answer(line: &str) {
    if !beside::say(Said::Answer(line.to_owned())) {
        write_line(io::stdout(), line);
    }
}

fn write_line(mut stream: impl Write, line: &str) {
    let _ = writeln!(stream, "{line}");
}
