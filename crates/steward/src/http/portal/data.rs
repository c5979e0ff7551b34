//! What is held, grouped by what ends together: what the person is known by and their values on
//! one page, their records on others. Each page is one look through the gate.

use std::collections::BTreeMap;

use app::exports::{self, Held, HeldPart, LookAtHeld};
use app::vault::{DisclosedRecord, DisclosedValue};
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::response::Response;
use model::{Actor, CategoryName, LifetimeName, RecordId, RecordKind, SystemName, Timestamp};
use pages::portal::Section;
use pages::portal::data::{
    self as template, GroupView, HeldView, IdentifierView, RecordView, RecordsPageView, RecordsView,
    ValueView,
};
use serde::Deserialize;
use serde_json::Value;

use super::customer::Customer;
use super::names::{Names, field};
use crate::http::pages::Failure;

/// Records on one page.
const RECORDS: usize = 20;
/// Where they stand.
const RECORDS_ADDRESS: &str = "/portal/data/records";

/// The page.
pub(super) async fn page(customer: Customer) -> Result<Response, Failure> {
    let held = look(&customer, HeldPart::Profile).await?;
    let in_force = customer.controller().in_force()?;
    let view = view(Names::new(customer.voice(), &in_force.manifest), &held);
    Ok(customer.shown(template::page(customer.frame(Section::Data)?, &view)))
}

/// Which page of records.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordsQuery {
    before: Option<RecordId>,
}

/// A page of records.
pub(super) async fn records_page(
    customer: Customer,
    query: Result<Query<RecordsQuery>, QueryRejection>,
) -> Result<Response, Failure> {
    let Ok(Query(query)) = query else { return Err(Failure::not_found()) };
    let part = HeldPart::Records { before: query.before, limit: RECORDS };
    let held = look(&customer, part).await?;
    let in_force = customer.controller().in_force()?;
    let names = Names::new(customer.voice(), &in_force.manifest);
    let view = RecordsPageView {
        back: Section::Data.address().to_owned(),
        records: held.records.iter().map(|record| record_view(names, record)).collect(),
        newest: query.before.map(|_| RECORDS_ADDRESS.to_owned()),
        older: held.next.map(|next| format!("{RECORDS_ADDRESS}?before={next}")),
    };
    Ok(customer.shown(template::records_page(customer.frame(Section::Data)?, &view)))
}

/// A part of what is held of whoever is signed in.
pub(super) async fn look(customer: &Customer, part: HeldPart) -> Result<Held, Failure> {
    let look = LookAtHeld { subject: customer.subject(), part, actor: Actor::Customer, reason: None };
    Ok(exports::held(customer.controller(), look).await?)
}

fn view(names: Names<'_>, held: &Held) -> HeldView {
    let voice = names.voice();
    let identifiers = held.identifiers.iter().map(|known| {
        let kind = known.kind.code();
        IdentifierView {
            kind: names
                .number(&known.kind)
                .or_else(|| voice.try_say(&format!("identifier-{kind}")))
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
        records_address: RECORDS_ADDRESS.to_owned(),
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
    let kind = |(kind, count): &(RecordKind, i64)| RecordsView {
        title: record_kind(names, None, kind),
        count: *count,
    };
    held.counts.iter().map(kind).collect()
}

/// What records of a kind are called: as the category of their rows, in their system where that
/// is known.
fn record_kind(names: Names<'_>, system: Option<&SystemName>, kind: &RecordKind) -> String {
    let systems = names.manifest().systems.iter();
    let systems = systems.filter(|(name, _)| system.is_none_or(|wanted| *name == wanted));
    let tables = systems.flat_map(|(_, system)| system.tables.values());
    let mut kept = tables.filter_map(|table| table.records.as_ref());
    let found = kept.find(|kept| kept.kind == *kind);
    found.map_or_else(|| field(&kind.to_string()), |kept| names.category(&kept.category))
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
    let kind = record_kind(names, Some(&record.system), &record.kind);
    RecordView { kind, title, fields: fields.collect() }
}

/// A time as a table gave it, in words where it is one; midnight is a day.
fn when(names: Names<'_>, text: &str) -> String {
    let day = Timestamp::from_date(text).ok();
    let bare = text.strip_suffix('Z').unwrap_or(text);
    let moment = || format!("{}Z", bare.replacen(' ', "T", 1)).parse::<Timestamp>().ok();
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
