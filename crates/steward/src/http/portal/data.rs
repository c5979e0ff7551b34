//! What is held: read once through the gate, grouped by what ends together.

use std::collections::BTreeMap;

use app::exports::{self, Held, LookAtAll};
use app::vault::{DisclosedRecord, DisclosedValue};
use axum::response::Response;
use model::{Actor, CategoryName, LifetimeName, Timestamp};
use pages::portal::Section;
use pages::portal::data::{
    self as template, GroupView, HeldView, IdentifierView, RecordView, RecordsView, ValueView,
};
use serde_json::Value;

use super::customer::Customer;
use super::names::{Names, field};
use crate::http::pages::Failure;

/// Records of one kind on the page; the download has them all.
const RECORDS: usize = 20;

/// The page.
pub(super) async fn page(customer: Customer) -> Result<Response, Failure> {
    let held = look(&customer).await?;
    let in_force = customer.controller().in_force()?;
    let view = view(Names::new(customer.voice(), &in_force.manifest), &held);
    Ok(customer.shown(template::page(customer.frame(Section::Data)?, &view)))
}

/// Everything that is held of whoever is signed in.
pub(super) async fn look(customer: &Customer) -> Result<Held, Failure> {
    let look = LookAtAll { subject: customer.subject(), actor: Actor::Customer, reason: None };
    Ok(exports::held(customer.controller(), look).await?)
}

fn view(names: Names<'_>, held: &Held) -> HeldView {
    let voice = names.voice();
    let identifiers = held.identifiers.iter().map(|known| {
        let kind = known.kind.code();
        IdentifierView {
            kind: voice
                .try_say(&format!("identifier-{kind}"))
                .unwrap_or_else(|| names.category(&known.category)),
            value: text(&known.value),
            is_proved: known.verified,
            since: known.recorded,
        }
    });
    HeldView {
        identifiers: identifiers.collect(),
        groups: groups(names, held),
        records: records(names, held),
    }
}

fn groups(names: Names<'_>, held: &Held) -> Vec<GroupView> {
    let mut groups: BTreeMap<&LifetimeName, Vec<&DisclosedValue>> = BTreeMap::new();
    for value in held.values.iter().filter(|value| value.ended.is_none()) {
        if let Some(lifetime) = names.manifest().lifetime_of(&value.category) {
            groups.entry(lifetime).or_default().push(value);
        }
    }
    let group = |(lifetime, values): (&LifetimeName, Vec<&DisclosedValue>)| GroupView {
        title: names.lifetime(lifetime),
        kept: names.lifetime_kept(lifetime),
        uses: uses(names, &values),
        values: values.into_iter().map(|value| value_view(names, value)).collect(),
    };
    groups.into_iter().map(group).collect()
}

fn value_view(names: Names<'_>, value: &DisclosedValue) -> ValueView {
    ValueView {
        what: names.category(&value.category),
        value: text(&value.value),
        source: source(names, &value.source),
        since: value.recorded,
        change: format!("{}/{}", Section::Data.address(), value.id),
    }
}

/// What values are used for: every purpose of the manifest that needs one of them.
fn uses(names: Names<'_>, values: &[&DisclosedValue]) -> Vec<String> {
    let needs = |category: &CategoryName| values.iter().any(|value| value.category == *category);
    let purposes = names.manifest().purposes.values();
    purposes
        .filter(|purpose| purpose.categories.iter().any(needs))
        .map(|purpose| names.use_line(purpose))
        .collect()
}

fn records(names: Names<'_>, held: &Held) -> Vec<RecordsView> {
    let mut kinds: BTreeMap<String, Vec<&DisclosedRecord>> = BTreeMap::new();
    for record in &held.records {
        kinds.entry(record.kind.to_string()).or_default().push(record);
    }
    let kind = |(kind, records): (String, Vec<&DisclosedRecord>)| RecordsView {
        title: records.first().map_or_else(|| field(&kind), |record| record_kind(names, record)),
        count: records.len(),
        newest: records.iter().rev().take(RECORDS).map(|record| record_view(names, record)).collect(),
    };
    kinds.into_iter().map(kind).collect()
}

/// What records of a kind are called: as the category of their rows.
fn record_kind(names: Names<'_>, record: &DisclosedRecord) -> String {
    let tables =
        names.manifest().systems.get(&record.system).into_iter().flat_map(|system| system.tables.values());
    let mut kept = tables.filter_map(|table| table.records.as_ref());
    let found = kept.find(|kept| kept.kind == record.kind);
    found.map_or_else(|| field(&record.kind.to_string()), |kept| names.category(&kept.category))
}

/// A record under the time that its table names, else under the day it was taken in.
fn record_view(names: Names<'_>, record: &DisclosedRecord) -> RecordView {
    let tables = names.manifest().systems.get(&record.system).map(|system| &system.tables);
    let time = record.fields.iter().find(|(name, _)| {
        let Some((table, column)) = name.rsplit_once('.') else { return false };
        let kept = tables.and_then(|tables| tables.get(table)).and_then(|table| table.records.as_ref());
        kept.is_some_and(|kept| kept.time.as_deref() == Some(column))
    });
    let title = time.map_or_else(|| names.voice().day(record.recorded), |(_, at)| when(names, &text(at)));
    let fields = record.fields.iter().map(|(name, value)| (field(name), text(value)));
    RecordView { title, fields: fields.collect() }
}

/// A time as a table gave it, in words where it is one; midnight is a day.
fn when(names: Names<'_>, text: &str) -> String {
    let day = Timestamp::from_date(text).ok();
    let moment = || format!("{}Z", text.replacen(' ', "T", 1)).parse::<Timestamp>().ok();
    match day.or_else(moment) {
        None => text.to_owned(),
        Some(at) if at.seconds() % 86_400 == 0 => names.voice().day(at),
        Some(at) => names.voice().moment(at),
    }
}

/// Where a value came from, in words.
pub(super) fn source(names: Names<'_>, code: &str) -> String {
    names.voice().try_say(&format!("source-{code}")).unwrap_or_else(|| code.to_owned())
}

/// A value as it is read.
pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
