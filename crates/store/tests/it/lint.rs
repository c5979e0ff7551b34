//! Reads every statement of the store out of its source files, and holds it
//! against the rules of "One SQL text".

use std::fs;
use std::path::{Path, PathBuf};

use store::{Kind, RowsSql};

/// A statement as it stands in a source file.
pub(crate) struct Statement {
    pub(crate) file: String,
    /// The text; of a statement over rows, the text for two rows.
    pub(crate) text: String,
    /// The kinds of the values, where the statement declares them.
    pub(crate) kinds: Option<Vec<Kind>>,
}

/// What no statement may say, and what to say instead.
const FORBIDDEN: &[(&str, &str)] = &[
    ("LIKE", "its case rules differ: compare a normalised column"),
    ("ILIKE", "PostgreSQL only"),
    ("GLOB", "SQLite only"),
    ("REGEXP", "SQLite only"),
    ("GREATEST", "PostgreSQL only: use CASE"),
    ("LEAST", "PostgreSQL only: use CASE"),
    ("NEXTVAL", "ids are made in the application"),
    ("SERIAL", "ids are made in the application"),
    ("BIGSERIAL", "ids are made in the application"),
    ("AUTOINCREMENT", "ids are made in the application"),
    ("SEQUENCE", "ids are made in the application"),
    ("ROWID", "SQLite only"),
    ("TRIGGER", "what happens stands in the code"),
    ("FUNCTION", "what happens stands in the code"),
    ("PROCEDURE", "what happens stands in the code"),
    ("LISTEN", "PostgreSQL only: poll the outbox"),
    ("NOTIFY", "PostgreSQL only: poll the outbox"),
    ("LOCKED", "PostgreSQL only: lease by UPDATE … RETURNING"),
    ("PG_ADVISORY_LOCK", "PostgreSQL only: take a row"),
    ("PG_ADVISORY_XACT_LOCK", "PostgreSQL only: take a row"),
    ("CURRENT_TIMESTAMP", "time comes from the clock"),
    ("CURRENT_DATE", "time comes from the clock"),
    ("NOW", "time comes from the clock"),
    ("RANDOM", "random values are made in the application"),
    ("VARCHAR", "use TEXT"),
    ("INTEGER", "use BIGINT"),
    ("INT", "use BIGINT"),
    ("BLOB", "use BYTEA"),
    ("NUMERIC", "use BIGINT of minor units"),
    ("DECIMAL", "use BIGINT of minor units"),
    ("REAL", "use BIGINT"),
    ("UUID", "use TEXT"),
    ("JSON", "use TEXT, parsed in Rust"),
    ("JSONB", "use TEXT, parsed in Rust"),
    ("TIMESTAMP", "use BIGINT microseconds"),
    ("DATE", "use BIGINT microseconds or TEXT"),
    ("PRAGMA", "SQLite only"),
    ("REPLACE", "use ON CONFLICT"),
];

/// The rules that a text breaks.
pub(crate) fn broken_rules(text: &str) -> Vec<String> {
    let upper = text.to_uppercase();
    let mut broken = Vec::new();
    let plain = without_literals(&upper);
    for word in words(&plain) {
        if let Some((_, why)) = FORBIDDEN.iter().find(|(forbidden, _)| *forbidden == word) {
            broken.push(format!("{word}: {why}"));
        }
    }
    if plain.contains("FOR UPDATE") {
        broken.push("FOR UPDATE: PostgreSQL only: take the row by an UPDATE".into());
    }
    if plain.contains("::") {
        broken.push("`::` is PostgreSQL only: use CAST(… AS …)".into());
    }
    if plain.contains('?') {
        broken.push("values are named $1, $2, …".into());
    }
    if upper.contains('$') && upper.matches('$').count() != plain.matches('$').count() {
        broken.push("no `$` inside a text literal".into());
    }
    for name in ["MAX", "MIN"] {
        if calls(&plain, name).any(|(_, arguments)| has_top_level_comma(arguments)) {
            broken.push(format!("scalar {name} is SQLite only: use CASE"));
        }
    }
    for (before, _) in calls(&plain, "SUM") {
        if !before.trim_end().ends_with("CAST(") && !before.trim_end().ends_with("COALESCE(") {
            broken.push("SUM answers NUMERIC on PostgreSQL: use CAST(SUM(…) AS BIGINT)".into());
        }
    }
    for (_, arguments) in calls(&plain, "CAST") {
        if arguments.ends_with("AS BYTEA") || arguments.ends_with("AS BOOLEAN") {
            broken.push("CAST to BYTEA or BOOLEAN means something else on SQLite".into());
        }
    }
    let numbers = parameters(&plain);
    if numbers.iter().zip(1..).any(|(found, expected)| *found != expected) {
        broken.push(format!("the values are numbered {numbers:?}, not $1 to $n"));
    }
    broken
}

/// Every `sql!` and `rows_sql!` of the crate's sources.
pub(crate) fn statements() -> Vec<Statement> {
    let mut found = Vec::new();
    for path in files(&store_folder().join("src"), "rs") {
        let source = code_of(&path);
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        for (at, _) in source.match_indices("sql!(") {
            let rows = source[..at].ends_with("rows_");
            let (text, rest) = literal(source[at + "sql!(".len()..].trim_start()).unwrap_or_else(|| {
                panic!("{file}: a statement is one text literal: {}", &source[at..at + 60])
            });
            found.push(if rows {
                over_rows(&file, text, rest)
            } else {
                Statement { file: file.clone(), text, kinds: None }
            });
        }
    }
    found
}

/// The schema's migrations as they stand in files.
pub(crate) fn migrations() -> Vec<String> {
    let folder = store_folder().join("src/schema");
    files(&folder, "sql").iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

fn over_rows(file: &str, text: String, rest: &str) -> Statement {
    let kinds: Vec<Kind> = rest[..rest.find(')').unwrap()]
        .split(',')
        .filter_map(|word| match word.trim() {
            "" => None,
            "Text" => Some(Kind::Text),
            "Int" => Some(Kind::Int),
            "Bool" => Some(Kind::Bool),
            "Bytes" => Some(Kind::Bytes),
            other => panic!("{file}: no kind `{other}`"),
        })
        .collect();
    let sql = RowsSql::new(String::leak(text), Vec::leak(kinds));
    let kinds = [sql.kinds(), sql.kinds()].concat();
    Statement { file: file.to_owned(), text: sql.text_for(2), kinds: Some(kinds) }
}

/// A source file without its comment lines.
fn code_of(path: &Path) -> String {
    let source = fs::read_to_string(path).unwrap();
    source.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The text literal that `source` begins with, and what follows it.
fn literal(source: &str) -> Option<(String, &str)> {
    if let Some(raw) = source.strip_prefix("r#\"") {
        return raw.split_once("\"#").map(|(text, rest)| (text.to_owned(), rest));
    }
    if let Some(raw) = source.strip_prefix("r\"") {
        return raw.split_once('"').map(|(text, rest)| (text.to_owned(), rest));
    }
    let mut text = String::new();
    let mut chars = source.strip_prefix('"')?.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((text, &source[at + 2..])),
            '\\' => match chars.next()?.1 {
                '\n' => {
                    let rest = chars.as_str();
                    let skipped = rest.len() - rest.trim_start().len();
                    for _ in 0..skipped {
                        chars.next();
                    }
                }
                'n' => text.push('\n'),
                escaped => text.push(escaped),
            },
            other => text.push(other),
        }
    }
    None
}

fn without_literals(text: &str) -> String {
    text.split('\'').step_by(2).collect::<Vec<_>>().join("''")
}

/// SQL without its `--` comments.
fn without_comments(text: &str) -> String {
    text.lines().filter_map(|line| line.split("--").next()).collect::<Vec<_>>().join("\n")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// Each call of a function: what stands before it, and its arguments.
fn calls<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = (&'t str, &'t str)> {
    text.match_indices(name).filter_map(move |(at, _)| {
        let before = &text[..at];
        if before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
            return None;
        }
        let inside = text[at + name.len()..].strip_prefix('(')?;
        let mut depth = 1;
        let end = inside.find(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth == 0
        })?;
        Some((before, &inside[..end]))
    })
}

fn has_top_level_comma(arguments: &str) -> bool {
    let mut depth = 0;
    arguments.chars().any(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    })
}

/// The numbers after `$`, each once, in order.
fn parameters(text: &str) -> Vec<usize> {
    let mut numbers: Vec<usize> = text
        .split('$')
        .skip(1)
        .map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0))
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn store_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder with this ending, sorted; none when there is no folder.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|it| it == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn no_statement_says_what_only_one_engine_understands() {
    let statements = statements();
    assert!(statements.len() >= 2, "the scanner finds the statements");
    let mut broken = Vec::new();
    for it in &statements {
        broken
            .extend(broken_rules(&it.text).iter().map(|rule| format!("{}: {rule}\n  {}", it.file, it.text)));
    }
    for text in migrations() {
        broken.extend(broken_rules(&without_comments(&text)).iter().map(|rule| format!("schema: {rule}")));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn each_rule_finds_what_it_forbids_and_nothing_else() {
    for bad in [
        "SELECT a FROM t WHERE a LIKE $1",
        "SELECT MAX(a, b) FROM t",
        "SELECT SUM(a) FROM t",
        "SELECT CAST(a AS BYTEA) FROM t",
        "SELECT a FROM t WHERE a = $1 AND b = $3",
        "SELECT a::text FROM t",
        "SELECT a FROM t WHERE a = ?",
        "SELECT a FROM t FOR UPDATE SKIP LOCKED",
        "INSERT INTO t (a) VALUES (NOW())",
        "CREATE TABLE t (a INTEGER)",
        "SELECT a FROM t WHERE a = '$1' AND b = $1",
    ] {
        assert!(!broken_rules(bad).is_empty(), "{bad}");
    }
    for good in [
        "SELECT CAST(SUM(a) AS BIGINT), MAX(a), MIN((SELECT b FROM c)) FROM t WHERE note = 'LIKE NOW' AND d = $1",
        "SELECT $2, $1, $2",
        "SELECT liked, dated, now_us, counted FROM summed",
    ] {
        assert_eq!(broken_rules(good), Vec::<String>::new(), "{good}");
    }
}

#[test]
fn the_scanner_reads_the_literals_of_rust() {
    assert_eq!(literal("\"a \\\"b\\\" \\\n     c\", Text)"), Some(("a \"b\" c".into(), ", Text)")));
    assert_eq!(literal("r#\"a \"b\"\"#)"), Some(("a \"b\"".into(), ")")));
    assert_eq!(literal("NAME)"), None);
}

#[test]
fn no_other_crate_names_a_statement() {
    let crates = store_folder().join("..");
    let mut named = Vec::new();
    for folder in fs::read_dir(crates).unwrap().map(|entry| entry.unwrap().path()) {
        if folder.file_name().is_some_and(|name| name == "store") {
            continue;
        }
        for path in files(&folder, "rs") {
            let source = code_of(&path);
            if ["sql!(", "Sql::new("].iter().any(|it| source.contains(it)) {
                named.push(path);
            }
        }
    }
    assert_eq!(named, Vec::<PathBuf>::new());
}
