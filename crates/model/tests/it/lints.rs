//! Every lint has a manifest that breaks its rule and no other.

use std::fmt::Write;
use std::path::Path;

use model::manifest::{Date, Lint, check};

use crate::{folder, load};

fn today() -> Date {
    "2026-11-24".parse().unwrap()
}

fn findings(lint: &str) -> Vec<(Lint, String)> {
    let read = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/lint/{name}.yaml"));
        std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is missing", path.display()))
    };
    let file = format!("over/{lint}.yaml");
    let root = folder(&[
        ("clean/clean.yaml", &read("clean")),
        ("over/extends.yaml", "extends: ../clean\n"),
        (&file, &read(lint)),
    ]);
    let loaded = load(root.path(), "over").unwrap_or_else(|problems| panic!("{lint}:\n{problems}"));
    let prefix = format!("{}/over/", root.path().display());
    let base = format!("{prefix}../clean/");
    check(&loaded, today())
        .iter()
        .map(|finding| (finding.code, finding.to_string().replace(&base, "").replace(&prefix, "")))
        .collect()
}

#[test]
fn each_lint_finds_its_own_and_says_how_to_mend_it() {
    let (mut table, mut strays) = (String::new(), Vec::new());
    for lint in Lint::ALL {
        let found = findings(lint.code());
        if found.is_empty() {
            strays.push(format!("{lint} finds nothing"));
        }
        for (code, line) in found {
            if code == *lint {
                writeln!(table, "{line}").unwrap();
            } else {
                strays.push(line);
            }
        }
    }
    assert!(strays.is_empty(), "{}", strays.join("\n"));
    insta::assert_snapshot!(table);
}

#[test]
fn a_manifest_without_faults_has_no_findings() {
    assert_eq!(findings("clean-again").len(), 0);
}

#[test]
fn the_documentation_lists_every_lint_with_its_weight() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/manifest.md");
    let text = std::fs::read_to_string(path).unwrap();
    for lint in Lint::ALL {
        let row = format!("| `{lint}` | {} | ", lint.severity());
        assert!(text.contains(&row), "{row}");
    }
}
