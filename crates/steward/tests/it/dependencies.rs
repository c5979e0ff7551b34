//! The dependency policy (docs/adr/0002-dependency-policy.md): what may stand in
//! `Cargo.lock`, who may name what, and the shape of our own crates. Whoever breaks a
//! rule on purpose changes its list here, with the reason.

mod licence;
mod workspace;

use std::collections::{BTreeMap, BTreeSet};

use workspace::Workspace;

/// Which of our crates may depend on which (architecture.md, Map): only downwards.
const EDGES: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("fault", &[]),
    ("files", &["fault"]),
    ("keys", &["model"]),
    ("law", &["model"]),
    ("ledger", &["model"]),
    ("gate", &["law", "model"]),
    ("privacy", &["model"]),
    ("words", &["model"]),
    ("pages", &["model", "words"]),
    ("dial", &[]),
    ("store", &["dial", "fault", "gate", "keys", "ledger", "model"]),
    ("connect", &["dial", "model"]),
    (
        "app",
        &["connect", "fault", "files", "gate", "keys", "law", "ledger", "model", "privacy", "store", "words"],
    ),
    (
        "steward",
        &[
            "app", "connect", "fault", "files", "gate", "keys", "law", "ledger", "model", "pages", "store",
            "words",
        ],
    ),
    ("testkit", &["files", "gate", "keys", "ledger", "model", "store"]),
];

/// Licences that may be combined with ours.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Crates that stand in `Cargo.lock` in several incompatible versions, and why.
const DUPLICATES: &[(&str, &str)] = &[
    ("base64", "lettre is one version ahead of postgres; encodes bytes, decides nothing"),
    ("fallible-iterator", "postgres has 0.2, rusqlite 0.3; two hundred lines without dependencies"),
    ("getrandom", "ours and jsonschema's are one version behind postgres' (through rand)"),
    ("r-efi", "getrandom on UEFI; never compiled here"),
    ("syn", "derive macros move from 2 to 3 one by one; build time only"),
    ("wasi", "two versions of WASI bindings; never compiled here"),
    ("windows-sys", "bindings of Windows; never compiled here"),
    ("winnow", "toml and its own toml_parser are one version apart"),
];

/// Crates that must not come in, not even behind another.
const BANNED: &[(&str, &str)] = &[
    ("chrono", "time is `model::Timestamp` from the injected clock"),
    ("diesel", "only one libsqlite3-sys can be linked; SQL is text in `store`"),
    ("native-tls", "needs the system's OpenSSL"),
    ("openssl", "needs the system's OpenSSL; cryptography is aws-lc-rs"),
    ("openssl-sys", "needs the system's OpenSSL; cryptography is aws-lc-rs"),
    ("serde_yaml", "unmaintained; YAML is saphyr"),
    ("sqlx", "only one libsqlite3-sys can be linked; SQL is text in `store`"),
];

/// Libraries that only some of our crates may name.
const HOLDERS: &[(&str, &[&str], &str)] = &[
    ("aws-lc-rs", &["keys", "ledger"], "sealing, hashing and signing stay in few hands"),
    (
        "rusqlite",
        &["connect", "store", "testkit"],
        "SQL is in `store`; `connect` reads others' files, `testkit` tampers",
    ),
    (
        "postgres",
        &["connect", "dial", "store", "testkit"],
        "SQL is in `store`; `connect` reads others', `dial` reaches them, `testkit` makes schemas",
    ),
    ("rustls", &["dial"], "which certificates are believed is decided in one place"),
    ("argon2", &["keys"], "sealing, hashing and signing stay in few hands"),
    ("lettre", &["connect"], "outside formats are written in `connect`"),
    ("csv-core", &["connect"], "outside formats are read in `connect`"),
    ("flate2", &["connect"], "outside formats are read in `connect`"),
    ("axum", &["steward"], "only the executable knows HTTP"),
    ("clap", &["steward"], "only the executable knows the command line"),
    ("tower-http", &["steward"], "only the executable knows HTTP"),
];

const FILE_LINES_MAX: usize = 800;
const CRATE_SHARE_PERCENT_MAX: usize = 30;
/// Below this size a share says nothing: the first crates are always large.
const SHARE_COUNTS_FROM_LINES: usize = 10_000;

/// Fails with the list of findings, so that one run names them all.
#[track_caller]
fn none(findings: Vec<String>) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn our_crates_depend_only_downwards() {
    let workspace = Workspace::read();
    let mut findings = Vec::new();
    for package in workspace.ours() {
        let Some((_, allowed)) = EDGES.iter().find(|(name, _)| *name == package.name) else {
            findings.push(format!("`{}` has no floor: add it to EDGES", package.name));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|dependency| dependency.ours) {
            let testkit = dependency.dev && dependency.name == "testkit";
            if !testkit && !allowed.contains(&dependency.name.as_str()) {
                findings.push(format!("`{}` must not depend on `{}`", package.name, dependency.name));
            }
        }
    }
    none(findings);
}

#[test]
fn every_foreign_crate_comes_from_crates_io() {
    let workspace = Workspace::read();
    none(
        workspace
            .foreign()
            .filter(|package| package.source != "registry+https://github.com/rust-lang/crates.io-index")
            .map(|package| format!("`{}` comes from {}", package.name, package.source))
            .collect(),
    );
}

#[test]
fn every_licence_may_be_combined_with_ours() {
    let workspace = Workspace::read();
    none(
        workspace
            .foreign()
            .filter(|package| !licence::satisfied(&package.licence, LICENCES))
            .map(|package| format!("`{}` {} is under `{}`", package.name, package.version, package.licence))
            .collect(),
    );
}

#[test]
fn no_crate_comes_in_two_incompatible_versions_unless_listed() {
    let workspace = Workspace::read();
    let mut versions: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for package in workspace.foreign() {
        versions.entry(&package.name).or_default().insert(package.compatible_version());
    }
    let listed: BTreeSet<&str> = DUPLICATES.iter().map(|(name, _)| *name).collect();
    let found: BTreeSet<&str> =
        versions.iter().filter(|(_, several)| several.len() > 1).map(|(name, _)| *name).collect();
    let new = found.difference(&listed).map(|name| format!("`{name}` comes in {:?}", versions[name]));
    let stale =
        listed.difference(&found).map(|name| format!("`{name}` is single now: strike it from the list"));
    none(new.chain(stale).collect());
}

#[test]
fn no_banned_crate_comes_in() {
    let workspace = Workspace::read();
    none(
        BANNED
            .iter()
            .filter(|(name, _)| workspace.foreign().any(|package| package.name == *name))
            .map(|(name, reason)| format!("`{name}` is banned: {reason}"))
            .collect(),
    );
}

#[test]
fn a_library_with_holders_is_named_by_them_alone() {
    let workspace = Workspace::read();
    let mut findings = Vec::new();
    for (library, holders, reason) in HOLDERS {
        for package in workspace.ours().filter(|package| !holders.contains(&package.name.as_str())) {
            if package.dependencies.iter().any(|dependency| dependency.name == *library && !dependency.dev) {
                findings.push(format!("`{}` must not name `{library}`: {reason}", package.name));
            }
        }
    }
    none(findings);
}

#[test]
fn docs_name_every_direct_dependency_with_its_reason_and_nothing_else() {
    let workspace = Workspace::read();
    let rows = workspace.documented_dependencies();
    let documented: BTreeSet<&str> = rows.iter().map(|(name, _)| name.as_str()).collect();
    let declared = workspace.declared_dependencies();
    let declared: BTreeSet<&str> = declared.iter().map(String::as_str).collect();

    let mut findings: Vec<String> = rows
        .iter()
        .filter(|(_, reason)| reason.is_empty())
        .map(|(name, _)| format!("`{name}` has no reason"))
        .collect();
    if !rows.is_sorted() {
        findings.push("the rows are not in alphabetical order".to_owned());
    }
    findings.extend(declared.difference(&documented).map(|name| format!("`{name}` is missing")));
    findings.extend(documented.difference(&declared).map(|name| format!("`{name}` is no dependency")));
    none(findings);
}

#[test]
fn every_declared_dependency_is_used() {
    let workspace = Workspace::read();
    let named: BTreeSet<&str> = workspace
        .ours()
        .flat_map(|package| &package.dependencies)
        .map(|dependency| dependency.name.as_str())
        .collect();
    let mut findings: Vec<String> = workspace
        .declared_dependencies()
        .iter()
        .filter(|name| !named.contains(name.as_str()))
        .map(|name| format!("no crate of ours depends on `{name}`"))
        .collect();
    for package in workspace.ours() {
        let sources = package.sources();
        for dependency in &package.dependencies {
            if !sources.iter().any(|source| workspace::names(&source.text, &dependency.name)) {
                findings.push(format!("`{}` never names its dependency `{}`", package.name, dependency.name));
            }
        }
    }
    none(findings);
}

#[test]
fn no_file_is_longer_than_its_limit() {
    let workspace = Workspace::read();
    none(
        workspace
            .ours()
            .flat_map(|package| package.sources())
            .filter(|source| source.lines() > FILE_LINES_MAX)
            .map(|source| format!("{} has {} lines", source.path.display(), source.lines()))
            .collect(),
    );
}

#[test]
fn no_crate_holds_too_large_a_share_of_the_lines() {
    let workspace = Workspace::read();
    let lines: BTreeMap<&str, usize> =
        workspace.ours().map(|package| (package.name.as_str(), package.source_lines())).collect();
    let total: usize = lines.values().sum();
    let findings: Vec<String> = lines
        .iter()
        .filter(|(_, count)| *count * 100 > total * CRATE_SHARE_PERCENT_MAX)
        .map(|(name, count)| format!("`{name}` has {count} of {total} lines"))
        .collect();
    if total < SHARE_COUNTS_FROM_LINES {
        eprintln!("warning: {findings:?}");
    } else {
        none(findings);
    }
}

#[test]
fn unsafe_code_is_forbidden_in_every_crate() {
    let workspace = Workspace::read();
    let lint = &workspace.manifest["workspace"]["lints"]["rust"]["unsafe_code"];
    assert_eq!(lint.as_str(), Some("forbid"));
    none(
        workspace
            .ours()
            .filter(|package| package.manifest()["lints"]["workspace"].as_bool() != Some(true))
            .map(|package| format!("`{}` does not take the workspace's lints", package.name))
            .collect(),
    );
}
