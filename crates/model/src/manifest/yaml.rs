//! YAML text as a tree in which every node knows its place.
//!
//! A strict subset of YAML 1.2: one document, text keys, no anchors, aliases or tags,
//! no key twice, bounded depth. What the manifest needs is in it, and nothing that
//! could surprise its reader or exhaust the machine.

use std::sync::Arc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span};

use super::problem::{Place, Problem};

/// How deeply mappings and lists may lie in each other.
pub(super) const DEPTH_MAX: usize = 32;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

/// What YAML can say.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key with its place, and its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) place: Place,
    pub(super) node: Node,
}

impl Node {
    /// The entries, when it is a mapping.
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The entry with this key.
    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// Follows a path as far as it leads; the node there, and the place of its key.
    pub(super) fn find<'p>(&self, path: impl IntoIterator<Item = &'p str>) -> (&Self, Place) {
        let (mut node, mut place) = (self, self.place.clone());
        for step in path {
            match &node.value {
                Value::Map(_) => {
                    let Some(entry) = node.entry(step) else { break };
                    (node, place) = (&entry.node, entry.place.clone());
                }
                Value::List(items) => {
                    let Some(item) = step.parse::<usize>().ok().and_then(|position| items.get(position))
                    else {
                        break;
                    };
                    (node, place) = (item, item.place.clone());
                }
                _ => break,
            }
        }
        (node, place)
    }

    /// The same as a JSON value.
    pub(super) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(value) => value.clone().into(),
            Value::Text(text) => text.clone().into(),
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            Value::Map(entries) => {
                entries.iter().map(|entry| (entry.key.clone(), entry.node.to_json())).collect()
            }
        }
    }
}

/// Reads one document. `None` when the text holds none.
pub(super) fn parse(file: &Arc<str>, text: &str) -> Result<Option<Node>, Problem> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    Builder { file: Arc::clone(file), open: Vec::new(), root: None }.read(text)
}

/// A mapping or list that is still being read.
enum Open {
    List { place: Place, items: Vec<Node> },
    Map { place: Place, entries: Vec<Entry>, key: Option<(String, Place)> },
}

struct Builder {
    file: Arc<str>,
    open: Vec<Open>,
    root: Option<Node>,
}

impl Builder {
    fn read(mut self, text: &str) -> Result<Option<Node>, Problem> {
        let mut parser = Parser::new_from_str(text);
        let mut documents = 0;
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| {
                let place = self.place_of(*error.marker());
                Problem::new(&place, format!("this is no well-formed YAML: {}", error.info()))
            })?;
            let place = self.place(span);
            match event {
                Event::DocumentStart(_) => documents += 1,
                Event::Alias(_) => return Err(no_anchors(&place)),
                Event::Scalar(text, style, anchor, tag) => {
                    refuse_extras(&place, anchor, tag.is_some())?;
                    self.scalar(place, text.into_owned(), style)?;
                }
                Event::SequenceStart(anchor, tag) => {
                    refuse_extras(&place, anchor, tag.is_some())?;
                    self.begin(Open::List { place, items: Vec::new() })?;
                }
                Event::MappingStart(anchor, tag) => {
                    refuse_extras(&place, anchor, tag.is_some())?;
                    self.begin(Open::Map { place, entries: Vec::new(), key: None })?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.end()?,
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            }
            if documents > 1 {
                let place = self.place(span);
                return Err(Problem::new(&place, "a file holds one YAML document")
                    .mend("put what follows `---` into a file of its own"));
            }
        }
        Ok(self.root)
    }

    fn scalar(&mut self, place: Place, text: String, style: ScalarStyle) -> Result<(), Problem> {
        if let Some(Open::Map { key: key @ None, entries, .. }) = self.open.last_mut() {
            if let Some(first) = entries.iter().find(|entry| entry.key == text) {
                return Err(Problem::new(&place, format!("the key `{text}` stands here a second time"))
                    .mend(format!("the first is at {}", first.place)));
            }
            *key = Some((text, place));
            return Ok(());
        }
        let value = if style == ScalarStyle::Plain { plain(text) } else { Value::Text(text) };
        self.add(Node { place, value })
    }

    fn begin(&mut self, open: Open) -> Result<(), Problem> {
        let (Open::List { place, .. } | Open::Map { place, .. }) = &open;
        if self.open.len() >= DEPTH_MAX {
            return Err(Problem::new(place, format!("the nesting is deeper than {DEPTH_MAX} levels")));
        }
        if let Some(Open::Map { key: None, .. }) = self.open.last() {
            return Err(Problem::new(place, "a key is a text, not a list or a mapping"));
        }
        self.open.push(open);
        Ok(())
    }

    fn end(&mut self) -> Result<(), Problem> {
        match self.open.pop() {
            Some(Open::List { place, items }) => self.add(Node { place, value: Value::List(items) }),
            Some(Open::Map { place, entries, .. }) => self.add(Node { place, value: Value::Map(entries) }),
            None => Ok(()),
        }
    }

    fn add(&mut self, node: Node) -> Result<(), Problem> {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map { entries, key, .. }) => {
                let Some((key, place)) = key.take() else {
                    return Err(Problem::new(&node.place, "a value stands here without a key"));
                };
                entries.push(Entry { key, place, node });
            }
        }
        Ok(())
    }

    fn place(&self, span: Span) -> Place {
        self.place_of(span.start)
    }

    fn place_of(&self, mark: Marker) -> Place {
        Place { file: Arc::clone(&self.file), line: mark.line().max(1), column: mark.col() + 1 }
    }
}

fn refuse_extras(place: &Place, anchor: usize, tagged: bool) -> Result<(), Problem> {
    if anchor != 0 {
        return Err(no_anchors(place));
    }
    if tagged {
        return Err(Problem::new(place, "tags such as `!!str` are not used here").mend("leave the tag out"));
    }
    Ok(())
}

fn no_anchors(place: &Place) -> Problem {
    Problem::new(place, "anchors and aliases (`&name`, `*name`) are not used here")
        .mend("write the value out, or share it through `extends`")
}

/// What a scalar without quotes means (YAML 1.2, core schema; whole numbers and decimals only).
fn plain(text: String) -> Value {
    match text.as_str() {
        "" | "~" | "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => number(&text).map_or(Value::Text(text), Value::Number),
    }
}

fn number(text: &str) -> Option<serde_json::Number> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.bytes().next()?.is_ascii_digit() {
        return None;
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse::<i64>().ok().map(Into::into);
    }
    let decimal = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    decimal.then(|| text.parse().ok().and_then(serde_json::Number::from_f64)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Option<Node>, String> {
        parse(&"a.yaml".into(), text).map_err(|problem| problem.to_string())
    }

    #[test]
    fn scalars_mean_what_yaml_1_2_says() {
        let node = read("a: 1\nb: 2026-11-24\nc: 'true'\nd: NO\ne:\nf: [x, 1.5]\n").unwrap().unwrap();
        assert_eq!(
            node.to_json(),
            serde_json::json!({"a": 1, "b": "2026-11-24", "c": "true", "d": "NO", "e": null, "f": ["x", 1.5]})
        );
        assert_eq!(node.entry("d").unwrap().node.place.to_string(), "a.yaml:4:4");
    }

    #[test]
    fn what_could_surprise_or_exhaust_is_refused_at_its_place() {
        let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
        for (text, expected) in [
            ("a: 1\na: 2\n", "a.yaml:2:1: the key `a` stands here a second time; the first is at a.yaml:1:1"),
            ("a: &x 1\nb: *x\n", "a.yaml:1:4: anchors and aliases"),
            ("a: *x\n", "a.yaml:1:4: "),
            ("a: !!str 1\n", "a.yaml:1:4: tags such as `!!str` are not used here"),
            ("? [a]\n: 1\n", "a.yaml:1:3: a key is a text"),
            ("--- a\n--- b\n", "a.yaml:2:1: a file holds one YAML document"),
            (deep.as_str(), "a.yaml:1:33: the nesting is deeper than 32 levels"),
            ("a: [1\n", "a.yaml:"),
            ("a: b: c\n", "a.yaml:1:"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn an_empty_text_is_no_document() {
        for text in ["", "# only a remark\n", "\u{feff}"] {
            assert_eq!(read(text).unwrap(), None);
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in "\\PC{0,200}") {
            let _ = read(&text);
        }

        #[test]
        fn text_made_of_yaml_s_own_signs_never_panics(text in "[-a:?\\[\\]{}&*!|>'\"%@,# \n\t~0]{0,80}") {
            let _ = read(&text);
        }
    }
}
