//! Reading a manifest: every error names its place and its mend, and nothing breaks the reader.

use model::manifest::{Change, Manifest, diff, starting_manifest};
use proptest::prelude::*;

use crate::{folder, load};

/// The starting manifest with one text replaced by another.
fn with(old: &str, new: &str) -> String {
    assert!(starting_manifest().contains(old), "{old}");
    starting_manifest().replacen(old, new, 1)
}

fn problems(text: &str) -> String {
    let problems = Manifest::from_text("a.yaml", text).unwrap_err();
    problems.iter().map(|problem| format!("{problem}\n")).collect()
}

#[test]
fn an_error_names_file_line_column_and_mend() {
    let cases = [
        ("kind: marketing", "kind: marketting"),
        ("kind: marketing", "kind: [marketing, analytics]"),
        ("basis: contract", "bases: contract"),
        ("basis: consent", "basis: concent"),
        ("basis: contract", "basis: { basis: contract, becuase: x }"),
        ("keep: 2 years", "keep: two years"),
        ("signed: 2026-01-15", "signed: 15.1.2026"),
        ("country: IE", "country: Ireland"),
        ("languages: [en]", "languages: english"),
        ("kind: contract\n", "kind:\n"),
        ("    country: NL\n", ""),
        ("purposes:\n", "purpose:\n"),
        ("actions: [collect, keep]", "actions: [collect, kepe]"),
        ("address: https://your-shop.example", "address: 17"),
        ("title: { en: Orders }", "title: { en: Orders, returns and letters }"),
        ("manifest: 1\n", "manifest: 2\n"),
        ("  newsletter:\n", "  News letter:\n"),
        ("  marketing:\n", "  evidence:\n"),
        ("manifest: 1\n", "manifest: 1\ncontroller: ~\n"),
        ("  newsletter:\n    kind", "  rights:\n    kind"),
    ];
    let mut table = String::new();
    for (old, new) in cases {
        table += &format!("{old:?} -> {new:?}\n{}\n", problems(&with(old, new)));
    }
    insta::assert_snapshot!(table);
}

#[test]
fn all_errors_are_told_at_once() {
    let text = with("kind: contract\n", "kind: contrakt\n").replacen("country: NL", "country: Holland", 1);
    assert_eq!(problems(&text).lines().count(), 2, "{}", problems(&text));
}

#[test]
fn a_key_that_stands_in_two_files_is_refused_at_both_places() {
    let root = folder(&[
        ("m/a.yaml", "manifest: 1\nlifetimes:\n  orders: { title: { en: O } }\n"),
        ("m/b.yml", "lifetimes:\n  orders: { title: { en: P } }\n"),
        ("m/notes.txt", "not a manifest"),
    ]);
    assert_eq!(
        load(root.path(), "m").unwrap_err(),
        "m/b.yml:2:3: `orders` is declared a second time; the first is at m/a.yaml:3:3\n"
    );
}

#[test]
fn a_manifest_laid_over_another_changes_adds_and_takes_away() {
    let root = folder(&[
        ("base/manifest.yaml", starting_manifest()),
        (
            "shop/manifest.yaml",
            "extends: ../base\n\
             controller: { name: Other Ltd, serves: [FR] }\n\
             purposes:\n  newsletter: { retention: { keep: 1 year } }\n  accounting: ~\n",
        ),
    ]);
    let base = load(root.path(), "base").unwrap().manifest;
    let shop = load(root.path(), "shop").unwrap().manifest;
    let sentences: Vec<String> = diff(&base, &shop).unwrap().iter().map(Change::to_string).collect();
    assert_eq!(
        sentences,
        [
            "controller › name was “Your Shop Ltd” and is now “Other Ltd”.",
            "controller › serves › “IE” is gone.",
            "controller › serves › “FR” is new.",
            "purposes › accounting is gone.",
            "purposes › newsletter › retention › keep was “2 years” and is now “1 year”.",
        ]
    );
    assert_eq!(diff(&shop, &shop).unwrap(), []);
}

#[test]
fn extending_ends_somewhere() {
    let root = folder(&[
        ("a/m.yaml", "extends: ../b\n"),
        ("b/m.yaml", "extends: ../a\n"),
        ("c/m.yaml", "extends: ../z\n"),
    ]);
    assert!(load(root.path(), "a").unwrap_err().contains("the folder extends itself"));
    assert_eq!(
        load(root.path(), "c").unwrap_err(),
        "c/m.yaml:1:10: `../z` is no folder beside this one; give the path of a folder relative to this one, such as `../base`\n"
    );
    let chain: Vec<(String, String)> =
        (0..12).map(|n| (format!("{n}/m.yaml"), format!("extends: ../{}\n", n + 1))).collect();
    let chain: Vec<(&str, &str)> = chain.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let root = folder(&chain);
    assert!(load(root.path(), "0").unwrap_err().contains("more than 8 folders extend each other"));
}

#[test]
fn what_is_no_manifest_is_told_so() {
    let large = format!("manifest: 1\n# {}\n", "x".repeat(1 << 20));
    let many: Vec<(String, &str)> = (0..65).map(|n| (format!("many/{n}.yaml"), "")).collect();
    let mut files: Vec<(&str, &str)> = many.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    files.extend([("empty/a.txt", ""), ("large/a.yaml", large.as_str()), ("list/a.yaml", "- a\n- b\n")]);
    let root = folder(&files);
    std::fs::create_dir(root.path().join("bytes")).unwrap();
    std::fs::write(root.path().join("bytes/a.yaml"), b"manifest: 1\nsites: \xff\n").unwrap();
    for (name, expected) in [
        ("many", "a manifest has 64 files at most"),
        ("empty", "there is no manifest here"),
        ("large", "large/a.yaml: the file is larger than 1 MiB"),
        ("list", "list/a.yaml:1:1: a file of a manifest is a mapping of sections"),
        ("bytes", "bytes/a.yaml:2:1: this line is not UTF-8 text"),
        ("nowhere", "there is no such folder"),
    ] {
        let problems = load(root.path(), name).unwrap_err();
        assert!(problems.contains(expected), "{problems}");
    }
}

proptest! {
    #[test]
    fn arbitrary_text_never_breaks_the_loader(text in "\\PC{0,300}") {
        let _ = Manifest::from_text("a.yaml", &text);
    }

    /// A manifest with a piece cut out or put in is read or refused, and what is read can be checked.
    #[test]
    fn a_damaged_manifest_never_breaks_the_loader(at in 0.0..1.0f64, cut in 0..200usize, put in "[-a:?\\[\\]{}&*!|>'\"%@,# \n\t~0é]{0,12}") {
        let letters: Vec<char> = starting_manifest().chars().collect();
        let start = (at * letters.len() as f64) as usize;
        let end = (start + cut).min(letters.len());
        let damaged: String = letters[..start].iter().copied().chain(put.chars()).chain(letters[end..].iter().copied()).collect();
        match Manifest::from_text("a.yaml", &damaged) {
            Ok(loaded) => drop(model::manifest::check(&loaded, "2026-11-24".parse().unwrap())),
            Err(problems) => prop_assert!(!problems.is_empty()),
        }
    }
}
