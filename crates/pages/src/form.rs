//! Forms: they work without script, say what is wrong beside the field, and carry the token
//! of their session.

use maud::{Markup, Render, html};

use crate::icon::Icon;

/// The name of the field that carries the session's token.
pub const CSRF_FIELD: &str = "csrf";

/// The hidden field with the session's token; nothing where there is no session.
#[must_use]
pub fn csrf_field(token: &str) -> Markup {
    html! { @if !token.is_empty() { input type="hidden" name=(CSRF_FIELD) value=(token); } }
}

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// One line of text.
    Text,
    /// An e-mail address.
    Email,
    /// A password that exists already.
    Password,
    /// A one-time code of digits.
    Code,
    /// Words to search by.
    Search,
}

/// A field with its label, its hint and, after a mistake, what is wrong.
#[derive(Debug, Clone)]
pub struct Field<'a> {
    /// The name under which it is sent; also its id.
    pub name: &'a str,
    /// What it takes.
    pub kind: FieldKind,
    /// What to write into it.
    pub label: &'a str,
    /// How to write it; empty for none.
    pub hint: &'a str,
    /// What is wrong; empty for nothing.
    pub wrong: &'a str,
    /// What stands in it; never a password or code.
    pub value: &'a str,
    /// Whether it may stay empty.
    pub is_optional: bool,
}

impl<'a> Field<'a> {
    /// An empty field that must be filled.
    #[must_use]
    pub const fn new(name: &'a str, kind: FieldKind, label: &'a str) -> Self {
        Self { name, kind, label, hint: "", wrong: "", value: "", is_optional: false }
    }
}

impl Render for Field<'_> {
    fn render(&self) -> Markup {
        let (kind, mode, complete) = match self.kind {
            FieldKind::Text => ("text", None, "off"),
            FieldKind::Email => ("email", Some("email"), "email"),
            FieldKind::Password => ("password", None, "current-password"),
            FieldKind::Code => ("text", Some("numeric"), "one-time-code"),
            FieldKind::Search => ("search", None, "off"),
        };
        let (hint, wrong) = (format!("{}-hint", self.name), format!("{}-wrong", self.name));
        let described: Vec<&str> = [(self.wrong, &wrong), (self.hint, &hint)]
            .into_iter()
            .filter(|(text, _)| !text.is_empty())
            .map(|(_, id)| id.as_str())
            .collect();
        html! {
            div class="field" {
                label for=(self.name) { (self.label) }
                @if !self.hint.is_empty() { span class="hint" id=(hint) { (self.hint) } }
                @if !self.wrong.is_empty() { span class="wrong" id=(wrong) { (self.wrong) } }
                input id=(self.name) name=(self.name) type=(kind) inputmode=[mode] autocomplete=(complete)
                    class=[(self.kind == FieldKind::Code).then_some("code")] value=[(!self.value.is_empty()).then_some(self.value)]
                    required[!self.is_optional] aria-invalid=[(!self.wrong.is_empty()).then_some("true")]
                    aria-describedby=[(!described.is_empty()).then(|| described.join(" "))]
                    autocapitalize="none" spellcheck="false";
            }
        }
    }
}

/// A list to choose one thing from.
#[must_use]
pub fn select(name: &str, label: &str, options: &[(String, String)], chosen: &str) -> Markup {
    html! {
        div class="field" {
            label for=(name) { (label) }
            select id=(name) name=(name) {
                @for (value, text) in options { option value=(value) selected[value == chosen] { (text) } }
            }
        }
    }
}

/// A box to tick, for forms that are sent as a whole.
#[must_use]
pub fn check(name: &str, value: &str, label: &str, is_checked: bool) -> Markup {
    html! {
        label class="check" {
            input type="checkbox" name=(name) value=(value) checked[is_checked];
            span { (label) }
        }
    }
}

/// A switch that takes effect at once: a button of a form of its own.
#[derive(Debug, Clone)]
pub struct Switch<'a> {
    /// Where the form goes.
    pub action: &'a str,
    /// The token of the session.
    pub csrf: &'a str,
    /// What is sent with it, by name.
    pub hidden: &'a [(&'a str, &'a str)],
    /// The id of the element that says what the switch is for.
    pub labelled_by: &'a str,
    /// The id of the switch, so that the page comes back to it; ends the form's address.
    pub id: &'a str,
    /// Whether it is on.
    pub is_on: bool,
    /// The state in words, such as `Allowed`.
    pub state: &'a str,
}

impl Render for Switch<'_> {
    fn render(&self) -> Markup {
        let state = format!("{}-state", self.id);
        html! {
            form method="post" action=(self.action) {
                (csrf_field(self.csrf))
                @for (name, value) in self.hidden { input type="hidden" name=(name) value=(value); }
                button id=(self.id) class="switch" type="submit" role="switch" aria-checked=(self.is_on.to_string())
                    aria-labelledby=(self.labelled_by) aria-describedby=(state) {
                    span class="track" aria-hidden="true" { span class="knob" {} }
                    span id=(state) { (self.state) }
                }
            }
        }
    }
}

/// What stands in the place of a switch where there is no choice.
#[must_use]
pub fn locked(state: &str) -> Markup {
    html! { span class="switch locked" { (Icon::Lock) (state) } }
}
