//! Packs that are right, and every way in which one can be wrong.

use std::collections::BTreeSet;

use super::*;

/// A pack in which nothing is wrong.
const FINE: &str = r#"schema = 1
id = "xx-test"
title = "Test act"
short = "TA"
jurisdiction = "US-CA"
kind = "omnibus"
family = "us-state"
citation = "Test Code 1"
summary = "For tests."
regulators = ["Nobody"]
as_of = "2026-11-21"
legal_advice = false
exempt = []
channel = []
right = []
breach = []
notice = []
retention = []
contract = []
transfer = []
duty = []
assessment = []
signal = []
penalty = []
change = []

[[version]]
id = "first"
status = "in_force"
from = "2024-01-01"
text = "First"
citation = "Test Code 2"
checked = "memory"

[[applies_when]]
id = "volume"
all = [{ metric = "consumers-per-year", op = ">=", value = 35000, region = "US-CA" }]
text = "Volume"
citation = "Test Code 3"
checked = "source"
source = "the statute"

[[sensitive]]
id = "s"
categories = ["health"]
text = "Sensitive"
citation = "Test Code 4"
checked = "memory"

[[age]]
id = "child"
under = 13
rule = "parental-opt-in"
text = "Child"
citation = "Test Code 5"
checked = "memory"

[[consent]]
id = "sale"
category = "sensitive"
purpose = "sale"
model = "opt-out"
strength = "standard"
revoke_within = { n = 15, unit = "day" }
text = "Sale"
citation = "Test Code 6"
checked = "memory"
something_new = "which a loader ignores"
"#;

fn problems(text: &str) -> Vec<String> {
    match read("packs/xx-test.toml", text.to_owned()) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

/// The one problem of the fine pack with one piece of text changed.
fn problem(piece: &str, into: &str) -> String {
    assert!(FINE.contains(piece), "{piece}");
    let found = problems(&FINE.replacen(piece, into, 1));
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

#[test]
fn every_pack_of_ours_is_read() {
    match builtin() {
        Ok(packs) => assert_eq!(packs.len(), 54),
        Err(problems) => {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            panic!("{}", lines.join("\n"));
        }
    }
}

#[test]
fn the_built_in_list_is_the_folder() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law");
    let packs = load_folder(&folder).unwrap();
    let ids: BTreeSet<String> = packs.iter().map(|pack| pack.id.to_string()).collect();
    let listed: BTreeSet<String> = crate::builtin::PACKS.iter().map(|(id, _)| (*id).to_owned()).collect();
    assert_eq!(ids, listed);
    let built_in = builtin().unwrap();
    assert_eq!(packs, built_in, "a folder with the same files gives the same packs");
}

#[test]
fn a_key_that_nobody_knows_is_ignored() {
    assert_eq!(problems(FINE), Vec::<String>::new());
}

#[test]
fn an_unknown_code_or_unit_is_refused_with_the_nearest() {
    assert_eq!(
        problem(r#"category = "sensitive""#, r#"category = "sensitve""#),
        "packs/xx-test.toml:60:12: `category`: no code `sensitve` is known here; did you mean `sensitive`?"
    );
    assert_eq!(
        problem(r#"unit = "day""#, r#"unit = "days""#),
        "packs/xx-test.toml:64:34: `unit`: no code `days` is known here; did you mean `day`?"
    );
    assert!(
        problem(r#"model = "opt-out""#, r#"model = "maybe""#).contains("there are `notice-only`, `opt-out`")
    );
    assert!(
        problem(r#"metric = "consumers-per-year""#, r#"metric = "people""#)
            .contains("law/README.md (Metric)")
    );
    assert!(problem(r#"op = ">=""#, r#"op = "<""#).contains("`op`: no code `<`"));
}

#[test]
fn a_unit_and_its_number_go_together() {
    let text = problem("n = 15", "n = 0");
    assert_eq!(
        text,
        "packs/xx-test.toml:64:17: `revoke_within`: the unit `day` does not go with n = 0; expected a number from 1"
    );
    assert!(problem(r#"n = 15, unit = "day""#, r#"n = 15, unit = "asap""#).contains("expected n = 0"));
    assert!(problem("n = 15", "n = -15").contains("expected a whole number from 0"));
}

#[test]
fn a_date_that_does_not_exist_is_refused() {
    for wrong in ["2024-02-30", "2023-02-29", "2024-13-01", "1.1.2024", "2024-1-1"] {
        let text = problem(r#"from = "2024-01-01""#, &format!("from = \"{wrong}\""));
        assert_eq!(
            text,
            "packs/xx-test.toml:30:8: `from`: this is no such day; expected a day that exists, like 2026-11-24"
        );
    }
}

#[test]
fn a_fact_without_a_citation_is_refused() {
    let text = problem("citation = \"Test Code 6\"\n", "");
    assert_eq!(
        text,
        "packs/xx-test.toml:58:1: `citation` is missing in [[consent]]; expected a text between quotes"
    );
    assert!(problem("citation = \"Test Code 6\"", "citation = \" \"").contains("the text is empty"));
}

#[test]
fn a_source_stands_exactly_where_one_was_read() {
    assert!(problem("source = \"the statute\"\n", "").contains("a source that is not named"));
    let named =
        problem("checked = \"memory\"\nsomething_new", "checked = \"memory\"\nsource = \"x\"\nsomething_new");
    assert!(named.contains("expected no `source`"), "{named}");
}

#[test]
fn days_come_in_order() {
    let same = problem(
        "citation = \"Test Code 6\"",
        "citation = \"C\"\nfrom = \"2025-01-01\"\nuntil = \"2025-01-01\"",
    );
    assert!(same.contains("expected `from` before `until`"), "{same}");
}

#[test]
fn versions_do_not_overlap() {
    let version = |id: &str, status: &str, days: &str| {
        format!(
            "[[version]]\nid = \"{id}\"\nstatus = \"{status}\"\n{days}\ntext = \"T\"\ncitation = \"C\"\nchecked = \"memory\"\n\n[[applies_when]]"
        )
    };
    let with = |text: String| problems(&FINE.replacen("[[applies_when]]", &text, 1));
    assert_eq!(with(version("next", "enacted", "from = \"2027-01-01\"")), Vec::<String>::new());
    let same_day = with(version("twin", "in_force", "from = \"2024-01-01\""));
    assert!(same_day[0].contains("`xx-test/version/twin` overlaps `xx-test/version/first`"), "{same_day:?}");
    let late = with(version("old", "superseded", "from = \"2023-01-01\"\nuntil = \"2024-06-01\""));
    assert!(late[0].contains("overlaps `xx-test/version/old`"), "{late:?}");
    let endless = with(version("old", "superseded", "from = \"2023-01-01\""));
    assert!(endless[0].contains("was superseded, but has no end"), "{endless:?}");
    let early = with(version("soon", "in_force", "from = \"2030-01-01\""));
    assert!(early[0].contains("has not begun on 2026-11-21"), "{early:?}");
    let proposed = with(version("bill", "proposed", "from = \"\""));
    assert_eq!(proposed, Vec::<String>::new());
}

#[test]
fn what_is_sensitive_does_not_go_in_a_circle() {
    let circle = problem(r#"categories = ["health"]"#, r#"categories = ["health", "sensitive"]"#);
    assert!(circle.contains("go in a circle"), "{circle}");
    let nothing = problems(&FINE.replacen("[[sensitive]]", "[[exempt_]]", 1).replacen(
        "exempt = []",
        "exempt = []\nsensitive = []",
        1,
    ));
    assert!(nothing[0].contains("does not say what that is"), "{nothing:?}");
}

#[test]
fn an_id_is_the_files_name_and_unique_inside_its_section() {
    assert!(problem(r#"id = "xx-test""#, r#"id = "yy-test""#).contains("is not the file's name"));
    let twice = problem(
        r#"id = "sale""#,
        "id = \"sale\"\ncategory = \"any\"\npurpose = \"any\"\nmodel = \"opt-in\"\nstrength = \"standard\"\ntext = \"T\"\ncitation = \"C\"\nchecked = \"memory\"\n\n[[consent]]\nid = \"sale\"",
    );
    assert!(twice.contains("is the id of the fact in line 58 too"), "{twice}");
}

#[test]
fn a_region_that_does_not_exist_is_refused() {
    let text = problem(r#"jurisdiction = "US-CA""#, r#"jurisdiction = "US-CF""#);
    assert_eq!(
        text,
        "packs/xx-test.toml:5:16: `jurisdiction`: there is no such region; expected `EU`, `GLOBAL` or an ISO \
         3166 code such as `GB` or `US-CA`"
    );
}

#[test]
fn what_is_no_pack_at_all_is_refused_with_a_place() {
    assert!(problems("id = ").first().unwrap().starts_with("packs/xx-test.toml:1:"));
    assert!(problems("").iter().any(|text| text.contains("`schema` is missing")));
    assert!(problem("schema = 1", "schema = 2").contains("this program reads schema 1"));
    assert!(problem("legal_advice = false", "legal_advice = true").contains("never advice"));
    assert!(problem("penalty = []\n", "").contains("`penalty = []`"));
    assert!(problem("penalty = []", "penalty = 3").contains("`penalty` is no list"));
    assert!(problem("penalty = []", "penalty = [1]").contains("holds what is no table"));
    let large = format!("# {}\n{FINE}", "x".repeat(PACK_BYTES_MAX));
    assert!(problems(&large)[0].contains("larger than"));
}

#[test]
fn everything_that_is_wrong_is_named_at_once_in_the_order_of_the_file() {
    let text = FINE.replace("\"2024-01-01\"", "\"2024-01-32\"").replace("\"opt-out\"", "\"opt-aut\"");
    let found = problems(&text);
    assert_eq!(found.len(), 2);
    assert!(found[0].contains(":30:") && found[1].contains(":62:"), "{found:?}");
}

#[test]
fn a_folder_without_packs_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(load_folder(folder.path()).unwrap_err()[0].text.contains("holds no pack"));
    assert!(load_folder(&folder.path().join("gone")).unwrap_err()[0].text.contains("cannot be read"));
    std::fs::write(folder.path().join("xx-test.toml"), FINE).unwrap();
    std::fs::write(folder.path().join("README.md"), "no pack").unwrap();
    assert_eq!(load_folder(folder.path()).unwrap().len(), 1);
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(at in 0usize..FINE.len(), text in "\\PC{0,12}", cut in 0usize..40) {
        let end = (at + cut).min(FINE.len());
        let (before, after) = (FINE.get(..at).unwrap_or_default(), FINE.get(end..).unwrap_or_default());
        let broken = format!("{before}{text}{after}");
        for problem in read("packs/xx-test.toml", broken).err().into_iter().flatten() {
            assert!(problem.place.line > 0, "{problem}");
        }
    }
}
