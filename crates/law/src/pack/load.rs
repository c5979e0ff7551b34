//! From a file's text to a pack; from a folder, or from what is built in, to all of them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use model::manifest::{Place, Problem};
use toml::de::{DeTable, DeValue};

use super::check;
use super::read::{Row, Source};
use super::sections::Body;
use super::{Fact, Head, Pack, SCHEMA};
use crate::builtin::PACKS;
use crate::day::Day;

/// The largest file of a pack that is read.
pub const PACK_BYTES_MAX: usize = 1024 * 1024;

/// The most packs of a folder.
pub const FILES_MAX: usize = 1024;

/// The packs that are part of the executable, ordered by id.
///
/// # Errors
/// Never as released: a test reads them all.
pub fn builtin() -> Result<Vec<Pack>, Vec<Problem>> {
    all(PACKS.iter().map(|(id, text)| (format!("law/{id}.toml"), Cow::Borrowed(*text))))
}

/// Reads every `*.toml` of a folder. The packs of a folder stand in the place of all the
/// built-in ones.
///
/// # Errors
/// Everything that is wrong with any of the files, by file and line.
pub fn load_folder(folder: &Path) -> Result<Vec<Pack>, Vec<Problem>> {
    let shown = folder.display().to_string();
    let unreadable = |what: &str| {
        let text = format!("the folder {what}");
        vec![Problem {
            place: Place::whole(shown.clone()),
            text,
            mend: Some("name a folder with packs".into()),
        }]
    };
    let listed = fs::read_dir(folder).map_err(|_| unreadable("cannot be read"))?;
    let mut files: BTreeMap<String, Cow<'static, str>> = BTreeMap::new();
    for entry in listed {
        let path = entry.map_err(|_| unreadable("cannot be read"))?.path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let name = path.display().to_string();
        let text = fs::read_to_string(&path).map_err(|_| {
            let text = "the file cannot be read as UTF-8 text".to_owned();
            vec![Problem { place: Place::whole(name.clone()), text, mend: None }]
        })?;
        files.insert(name, Cow::Owned(text));
        if files.len() > FILES_MAX {
            return Err(unreadable(&format!("holds more than {FILES_MAX} packs")));
        }
    }
    if files.is_empty() {
        return Err(unreadable("holds no pack (`*.toml`)"));
    }
    all(files)
}

/// Reads texts of packs by the names of their files, and checks them together.
fn all(files: impl IntoIterator<Item = (String, Cow<'static, str>)>) -> Result<Vec<Pack>, Vec<Problem>> {
    let (mut packs, mut problems): (Vec<Pack>, Vec<Problem>) = (Vec::new(), Vec::new());
    for (file, text) in files {
        match read(&file, text) {
            Ok(pack) => packs.push(pack),
            Err(found) => problems.extend(found),
        }
    }
    packs.sort_by(|one, other| one.id.cmp(&other.id));
    if problems.is_empty() { Ok(packs) } else { Err(problems) }
}

/// Reads one pack. `file` is the name shown in messages; its last part without `.toml` must
/// be the pack's id.
///
/// # Errors
/// Everything that is wrong with it, by line and column, with what is expected.
pub fn read(file: &str, text: impl Into<Cow<'static, str>>) -> Result<Pack, Vec<Problem>> {
    let text = text.into();
    let source = Source::new(Arc::from(file), &text);
    if text.len() > PACK_BYTES_MAX {
        source.report(0, format!("the file is larger than {PACK_BYTES_MAX} bytes"), None);
        return Err(source.problems());
    }
    let table = match DeTable::parse(&text) {
        Ok(table) => table,
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            source.report(at, "this is no TOML".to_owned(), Some(error.message().to_owned()));
            return Err(source.problems());
        }
    };
    let row = Row { source: &source, table: table.get_ref(), span: 0..0, name: "the pack" };
    let pack = Pack::read(&row, text.clone());
    if let Some(pack) = &pack {
        check::pack(pack, file, &row);
    }
    drop(table);
    let problems = source.problems();
    match pack {
        Some(pack) if problems.is_empty() => Ok(pack),
        _ => Err(problems),
    }
}

/// Refuses a pack of another shape, and one that claims to advise.
pub(super) fn refuse_other_schema(row: &Row<'_>) -> Option<()> {
    let schema: Option<u32> = row.get("schema");
    if schema? != SCHEMA {
        row.report(format!("`schema` is {}", schema?), Some(format!("this program reads schema {SCHEMA}")));
        return None;
    }
    if row.get::<bool>("legal_advice")? {
        row.report("`legal_advice` is true".to_owned(), Some("law data is never advice: false".to_owned()));
    }
    Some(())
}

/// Reads the facts of a section. None where one of them cannot be read.
pub(super) fn section<B: Body>(row: &Row<'_>, section: &'static str, law: &str) -> Option<Vec<Fact<B>>> {
    let expected = format!("expected `[[{section}]]` tables, or `{section} = []`");
    let Some(value) = row.table.get(section) else {
        row.report(format!("the section `{section}` is missing"), Some(expected));
        return None;
    };
    let Some(list) = value.get_ref().as_array() else {
        row.source.report(value.span().start, format!("`{section}` is no list"), Some(expected));
        return None;
    };
    let name = format!("[[{section}]]");
    let facts: Vec<Option<Fact<B>>> = list
        .iter()
        .map(|item| {
            let DeValue::Table(table) = item.get_ref() else {
                row.source.report(
                    item.span().start,
                    format!("`{section}` holds what is no table"),
                    Some(expected.clone()),
                );
                return None;
            };
            let row = row.inner(table, item.span(), &name);
            let (head, body) = (head(&row, section, law), B::read(&row));
            Some(Fact { head: head?, body: body? })
        })
        .collect();
    facts.into_iter().collect()
}

/// Reads what every fact has.
fn head(row: &Row<'_>, section: &'static str, law: &str) -> Option<Head> {
    let (id, text, citation) = (row.get::<String>("id"), row.get("text"), row.get("citation"));
    let (checked, source) = (row.get("checked"), row.get("source"));
    let from = row.get::<super::MaybeDay>("from");
    let until = row.get::<super::MaybeDay>("until");
    if section == "version" && !row.table.contains_key("from") {
        row.report(
            "`from` is missing in [[version]]".to_owned(),
            Some("expected a day, or \"\" where none is fixed".to_owned()),
        );
        return None;
    }
    let id = id?;
    Some(Head {
        name: format!("{law}/{section}/{id}").into(),
        section,
        id,
        text: text?,
        citation: citation?,
        checked: checked?,
        source: source?,
        from: from.map(|day| day.0)?,
        until: until.map(|day: super::MaybeDay| -> Option<Day> { day.0 })?,
        line: row.source.line(row.span.start),
    })
}
