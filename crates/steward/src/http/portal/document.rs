//! An export as tables with plain names, to read or to calculate with.

use app::exports::ExportKind;
use model::{Act, Channel, Timestamp};
use pages::portal::document::{DocumentTable, DocumentView};
use serde_json::Value;
use words::Word;

use super::data::{source, text};
use super::names::{Names, field};

/// The tables of an export.
pub(super) fn document(names: Names<'_>, kind: ExportKind, export: &Value) -> DocumentView {
    let voice = names.voice();
    let title = match kind {
        ExportKind::Access => "document-title-access",
        ExportKind::Portability => "document-title-portability",
    };
    let made = [
        ("moment", Word::from(moment(names, export.get("made")))),
        ("controller", Word::from(names.manifest().controller.name.as_str())),
    ];
    DocumentView {
        title: voice.say(title),
        made: voice.tell("document-made", &made),
        tables: vec![
            identifiers(names, export),
            values(names, export),
            records(names, export),
            choices(names, export),
            uses(names, export),
            purposes(names, export),
            recipients(names, export),
        ],
    }
}

fn table(names: Names<'_>, title: &str, columns: &[&str], rows: Vec<Vec<String>>) -> DocumentTable {
    let voice = names.voice();
    DocumentTable {
        title: voice.say(title),
        columns: columns.iter().map(|key| voice.say(key)).collect(),
        rows,
    }
}

fn identifiers(names: Names<'_>, export: &Value) -> DocumentTable {
    let rows = list(export, "identifiers").map(|known| {
        let proved = match known.get("verified").and_then(Value::as_bool) {
            Some(true) => "data-proved",
            _ => "data-claimed",
        };
        vec![
            category(names, known),
            string(known, "value"),
            names.voice().say(proved),
            moment(names, known.get("recorded")),
        ]
    });
    let columns = ["data-column-what", "data-column-value", "data-identifiers", "data-column-since"];
    table(names, "data-identifiers", &columns, rows.collect())
}

fn values(names: Names<'_>, export: &Value) -> DocumentTable {
    let rows = list(export, "values").map(|value| {
        vec![
            category(names, value),
            string(value, "value"),
            source(names, &string(value, "source")),
            moment(names, value.get("recorded")),
            moment(names, value.get("ended")),
        ]
    });
    let columns = [
        "data-column-what",
        "data-column-value",
        "data-column-source",
        "data-column-since",
        "correct-column-until",
    ];
    table(names, "portal-nav-data", &columns, rows.collect())
}

fn records(names: Names<'_>, export: &Value) -> DocumentTable {
    let rows = list(export, "records").map(|record| {
        let fields = record.get("fields").and_then(Value::as_object);
        let fields =
            fields.into_iter().flatten().map(|(name, value)| format!("{}: {}", field(name), text(value)));
        vec![field(&string(record, "kind")), fields.collect::<Vec<_>>().join("; ")]
    });
    table(names, "data-records", &["data-column-what", "data-column-value"], rows.collect())
}

fn choices(names: Names<'_>, export: &Value) -> DocumentTable {
    let voice = names.voice();
    let rows = list(export, "choices").map(|choice| {
        let act = choice.get("act").cloned().unwrap_or_default();
        let chosen = serde_json::from_value::<Act>(act).ok();
        let what = chosen.as_ref().map(|act| voice.say(&format!("chose-{}", act.kind()))).unwrap_or_default();
        let columns = chosen.map(|act| act.columns());
        let about = columns.map(|columns| {
            let mut about: Vec<String> =
                columns.purpose.iter().map(|purpose| names.purpose(purpose.as_str())).collect();
            about.extend(columns.channel.map(|channel| names.channel_within(channel)));
            about.extend(columns.recipient.iter().map(|recipient| names.recipient(recipient.as_str())));
            about.join(", ")
        });
        let origin = voice.say(&format!("origin-{}", string(choice, "origin")));
        vec![moment(names, choice.get("recorded")), what, about.unwrap_or_default(), origin]
    });
    let columns = ["document-column-when", "document-choices", "data-used-for", "document-column-where"];
    table(names, "document-choices", &columns, rows.collect())
}

fn uses(names: Names<'_>, export: &Value) -> DocumentTable {
    let voice = names.voice();
    let rows = list(export, "uses").map(|used| {
        let action = string(used, "action");
        let answer = string(used, "answer");
        let key = if answer == "denied" { format!("asked-{action}") } else { format!("did-{action}") };
        let what = voice.try_say(&key).or_else(|| voice.try_say(&format!("done-{}", string(used, "kind"))));
        let purpose = string(used, "purpose");
        let purpose = if purpose.is_empty() { purpose } else { names.purpose(&purpose) };
        let channel = string(used, "channel");
        let channel = Channel::ALL.into_iter().find(|known| known.code() == channel);
        let about = [Some(purpose), channel.map(|channel| names.channel_within(channel))];
        let about: Vec<String> = about.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        let answer = voice.try_say(&format!("answer-{answer}")).unwrap_or_default();
        vec![
            moment(names, used.get("time")),
            what.unwrap_or_default(),
            names.actor(&string(used, "actor")),
            about.join(", "),
            answer,
        ]
    });
    let columns = [
        "document-column-when",
        "data-column-what",
        "document-column-who",
        "data-used-for",
        "document-column-answer",
    ];
    table(names, "document-uses", &columns, rows.collect())
}

fn purposes(names: Names<'_>, export: &Value) -> DocumentTable {
    let rows = list(export, "purposes").filter_map(|needing| {
        let name = string(needing, "purpose");
        let (_, purpose) = names.manifest().purposes.iter().find(|(known, _)| known.as_str() == name)?;
        Some(vec![names.use_line(purpose), names.voice().pick(&purpose.explanation).to_owned()])
    });
    table(names, "document-purposes", &["data-used-for", "data-column-what"], rows.collect())
}

fn recipients(names: Names<'_>, export: &Value) -> DocumentTable {
    let rows = list(export, "recipients").map(|recipient| {
        let country = [("country", Word::from(string(recipient, "country")))];
        vec![
            names.recipient(&string(recipient, "recipient")),
            names.voice().tell("document-country", &country),
        ]
    });
    table(names, "document-recipients", &["choice-recipients", "document-column-where"], rows.collect())
}

fn category(names: Names<'_>, held: &Value) -> String {
    names.category_of(&string(held, "category"))
}

fn list<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn string(value: &Value, name: &str) -> String {
    value.get(name).filter(|value| !value.is_null()).map(text).unwrap_or_default()
}

/// A time of the document in words; empty where there is none.
fn moment(names: Names<'_>, value: Option<&Value>) -> String {
    let at = value.and_then(Value::as_str).and_then(|text| text.parse::<Timestamp>().ok());
    at.map(|at| names.voice().moment(at)).unwrap_or_default()
}
