//! The manifests that we show to others are sound.

use std::path::{Path, PathBuf};

use model::manifest::{Date, Loaded, Manifest, check, json_schema, starting_manifest};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn today() -> Date {
    "2026-11-24".parse().unwrap()
}

fn sound(loaded: Result<Loaded, Vec<model::manifest::Problem>>) -> Loaded {
    let loaded = loaded.unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(|problem| format!("{problem}\n")).collect::<String>())
    });
    let findings: Vec<String> = check(&loaded, today()).iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    loaded
}

#[test]
fn the_starting_manifest_is_sound() {
    let loaded = sound(Manifest::from_text("manifest.yaml", starting_manifest()));
    assert_eq!(loaded.manifest.purposes.len(), 3);
}

#[test]
fn the_shop_builds_on_its_agency_and_is_sound() {
    let loaded = sound(Manifest::load(&repository().join("examples/shop/manifest")));
    let manifest = &loaded.manifest;
    assert_eq!(manifest.controller.name, "Rosewood Books Ltd");
    // From the base, unchanged.
    assert!(manifest.purposes.contains_key("fraud-prevention"));
    // From the base, widened by the shop; a list replaces, a mapping is merged.
    let orders = manifest.purposes.get("order-fulfilment").unwrap();
    assert!(orders.categories.contains("gift-message") && !orders.explanation.is_empty());
    let support = manifest.roles.get("support").unwrap();
    assert_eq!(support.view_of.len(), 4);
    assert!(manifest.systems.contains_key("online-retail"));
}

#[test]
fn what_is_in_force_has_the_built_in_part_over_all_categories() {
    let resolved = sound(Manifest::load(&repository().join("examples/shop/manifest"))).resolved();
    let rights = resolved.purposes.get("rights").unwrap();
    assert!(rights.categories.iter().eq(resolved.categories.keys()));
    assert!(resolved.lifetimes.contains_key("duty"));
    let written = serde_json::to_string(&resolved).unwrap();
    assert_eq!(serde_json::from_str::<Manifest>(&written).unwrap(), resolved);
}

#[test]
fn the_published_schema_is_current() {
    let path = repository().join("docs/manifest.schema.json");
    let current = format!("{}\n", serde_json::to_string_pretty(&json_schema()).unwrap());
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(published == current, "run the test with UPDATE_SCHEMA=1 and commit docs/manifest.schema.json");
}

#[test]
fn the_schema_accepts_what_the_loader_accepts() {
    let validator = jsonschema::validator_for(&json_schema()).unwrap();
    let folders = ["examples/shop/manifest", "examples/agency/manifest"];
    let mut texts = vec![starting_manifest().to_owned()];
    for folder in folders {
        for file in repository().join(folder).read_dir().unwrap() {
            texts.push(std::fs::read_to_string(file.unwrap().path()).unwrap());
        }
    }
    for text in texts {
        let json = model::manifest::yaml_to_json("file.yaml", &text).unwrap();
        let errors: Vec<String> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}", errors.join("\n"));
    }
    for wrong in [
        r#"{"purposes": {"x": {"kind": "nonsense"}}}"#,
        r#"{"purpose": {}}"#,
        r#"{"controller": {"name": 5}}"#,
    ] {
        assert!(!validator.is_valid(&serde_json::from_str(wrong).unwrap()), "{wrong}");
    }
}
