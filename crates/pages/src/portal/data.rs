//! What is held about a person: by what ends together, in plain names, with where it came
//! from and how long it stays.

use maud::{Markup, Render, html};
use model::Timestamp;
use words::{Voice, Word};

use super::Section;
use crate::layout::Frame;
use crate::part::{Tone, badge, card, disclosure, empty, facts, pager, tag};
use crate::table::{Column, Table};

/// Everything that is held.
#[derive(Clone, Default)]
pub struct HeldView {
    /// What the person is known by.
    pub identifiers: Vec<IdentifierView>,
    /// Values, by what ends together.
    pub groups: Vec<GroupView>,
    /// How many records of each kind there are.
    pub records: Vec<RecordsView>,
    /// Where the records stand.
    pub records_address: String,
}

/// Something the person is known by.
#[derive(Clone)]
pub struct IdentifierView {
    /// What kind it is, in words.
    pub kind: String,
    /// The identifier.
    pub value: String,
    /// Whether its owner proved it.
    pub is_proved: bool,
    /// Since when it is held.
    pub since: Timestamp,
}

/// Values that end together.
#[derive(Clone)]
pub struct GroupView {
    /// What people read.
    pub title: String,
    /// How long they are kept, in words; empty where every purpose says it for itself.
    pub kept: String,
    /// The values.
    pub values: Vec<ValueView>,
    /// What they are used for: sentences.
    pub uses: Vec<String>,
}

/// One value.
#[derive(Clone)]
pub struct ValueView {
    /// What kind of data it is, in words.
    pub what: String,
    /// The value.
    pub value: String,
    /// Where it came from, in words.
    pub source: String,
    /// Since when it is held.
    pub since: Timestamp,
    /// Where it can be corrected.
    pub change: String,
}

/// Records of one kind.
#[derive(Clone)]
pub struct RecordsView {
    /// The kind in words.
    pub title: String,
    /// How many there are.
    pub count: i64,
}

/// One page of records.
#[derive(Clone, Default)]
pub struct RecordsPageView {
    /// Where everything else stands.
    pub back: String,
    /// The records, the newest first.
    pub records: Vec<RecordView>,
    /// The newest page, where this is an older one.
    pub newest: Option<String>,
    /// The page of older records.
    pub older: Option<String>,
}

/// One record.
#[derive(Clone)]
pub struct RecordView {
    /// What it is a record of, in words.
    pub kind: String,
    /// Its day and number, or when it was taken in.
    pub title: String,
    /// Its fields.
    pub fields: Vec<(String, String)>,
}

/// The page.
#[must_use]
pub fn page(frame: Frame, view: &HeldView) -> Markup {
    let voice = frame.voice;
    let frame = Frame { title: Section::Data.name(voice), lead: voice.say("data-lead"), ..frame };
    let is_empty = view.identifiers.is_empty() && view.groups.is_empty() && view.records.is_empty();
    frame.page(&html! {
        @if is_empty { (empty(&voice.say("data-empty"), &voice.say("data-empty-text"))) }
        @if !view.identifiers.is_empty() { (identifiers(voice, &view.identifiers)) }
        @for group in &view.groups { (self::group(voice, group)) }
        @if !view.records.is_empty() { (records(voice, view)) }
        p class="quiet small" { (voice.say("data-read-note")) }
    })
}

fn identifiers(voice: Voice, known: &[IdentifierView]) -> Markup {
    let pairs: Vec<(String, Markup)> = known
        .iter()
        .map(|known| {
            let state = match known.is_proved {
                true => badge(Tone::Good, &voice.say("data-proved")),
                false => tag(&voice.say("data-claimed")),
            };
            (known.kind.clone(), html! { (known.value) " " (state) })
        })
        .collect();
    card(
        &voice.say("data-identifiers"),
        &html! { p class="quiet" { (voice.say("data-identifiers-lead")) } (facts(&pairs)) },
    )
}

fn group(voice: Voice, group: &GroupView) -> Markup {
    let row = |value: &ValueView| {
        vec![
            html! { (value.what) },
            html! { (value.value) },
            html! { span class="quiet small" { (value.source) ", " span class="nowrap" { (voice.day(value.since)) } } },
            change(voice, value),
        ]
    };
    let columns = ["what", "value", "source", "change"];
    let table = Table {
        caption: group.title.clone(),
        hides_caption: true,
        columns: columns.map(|name| Column::words(voice.say(&format!("data-column-{name}")))).to_vec(),
        rows: group.values.iter().map(row).collect(),
    };
    card(
        &group.title,
        &html! {
            @if !group.kept.is_empty() {
                p class="quiet" { (voice.tell("data-until", &[("period", Word::from(group.kept.as_str()))])) }
            }
            (table.render())
            @if !group.uses.is_empty() {
                (disclosure(&voice.say("data-used-for"), &html! { ul { @for line in &group.uses { li { (line) } } } }))
            }
        },
    )
}

fn change(voice: Voice, value: &ValueView) -> Markup {
    let whole = voice.tell("data-change-of", &[("what", Word::from(value.what.as_str()))]);
    html! { a href=(value.change) aria-label=(whole) { (voice.say("data-change")) } }
}

fn records(voice: Voice, view: &HeldView) -> Markup {
    let count = |kind: &RecordsView| {
        let count = voice.tell("data-record-count", &[("count", Word::from(kind.count))]);
        (kind.title.clone(), html! { (count) })
    };
    let counts: Vec<(String, Markup)> = view.records.iter().map(count).collect();
    card(
        &voice.say("data-records"),
        &html! {
            (facts(&counts))
            p { a class="btn" href=(view.records_address) { (voice.say("data-records-look")) } }
        },
    )
}

/// A page of records.
#[must_use]
pub fn records_page(frame: Frame, view: &RecordsPageView) -> Markup {
    let voice = frame.voice;
    let frame = Frame { title: voice.say("data-records"), lead: voice.say("data-records-lead"), ..frame };
    let record = |record: &RecordView| {
        let fields: Vec<(String, Markup)> =
            record.fields.iter().map(|(name, value)| (name.clone(), html! { (value) })).collect();
        let title =
            [("kind", Word::from(record.kind.as_str())), ("title", Word::from(record.title.as_str()))];
        disclosure(&voice.tell("data-record-title", &title), &facts(&fields))
    };
    frame.page(&html! {
        div class="card" {
            @if view.records.is_empty() { p { (voice.say("data-records-none")) } }
            @for one in &view.records { (record(one)) }
        }
        (pager(voice, view.newest.as_deref(), view.older.as_deref()))
        p { a href=(view.back) { (voice.say("data-records-back")) } }
        p class="quiet small" { (voice.say("data-read-note")) }
    })
}
