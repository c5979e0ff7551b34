//! The manifest: every change of what the shop declares stands in the ledger, and nobody
//! applies one that contradicts itself.

use app::manifest::{apply, current, diff_versions, version};
use app::{AppError, Controller};
use model::manifest::{Loaded, Manifest};
use model::{Actor, ControllerName};
use std::sync::Arc;
use testkit::{TestClock, TestDb};

use crate::support::{World, customer, on_both, start};

fn sample() -> Loaded {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/shop/manifest");
    Manifest::load(std::path::Path::new(folder)).expect("the sample manifest loads")
}

/// A new installation: a controller before its first manifest.
async fn fresh(db: &TestDb) -> Controller {
    let name = ControllerName::new("rosewood").expect("a name");
    // A second node has the keys of the first.
    let folder = keys::KeyFolder::at(db.folder().join("keys"));
    let keys = if folder.exists() { folder.open() } else { folder.init() }.expect("keys");
    let clock = Arc::new(TestClock::at(start()));
    Controller::open(name, (**db).clone(), keys, "test.example/rosewood/2026", clock)
        .await
        .expect("the controller opens")
}

fn entries_of_manifests(db: &TestDb) -> usize {
    db.dump().table("ledger_entry").iter().filter(|row| row.contains("manifest")).count()
}

#[test]
fn a_manifest_comes_into_force_with_its_entry_and_only_once() {
    on_both(async |db| {
        let controller = fresh(db).await;
        assert!(matches!(controller.in_force(), Err(AppError::NoManifest)));
        let first = apply(&controller, &sample(), Actor::Operator).await.expect("it is applied");
        assert_eq!((first.version, first.is_new), (1, true));
        assert_eq!(controller.in_force().expect("in force").policy.version(), 1);
        let again = apply(&controller, &sample(), Actor::Operator).await.expect("it is the same");
        assert_eq!((again.version, again.is_new, again.entry), (1, false, first.entry));
        assert_eq!(entries_of_manifests(db), 1);
        let kept = current(&controller).await.expect("a version");
        assert_eq!(kept.manifest, sample().resolved());
        let entry = first.entry;
        let row = controller.db.read("test", move |tx| store::ledger::find(tx, &entry)).await;
        let body = String::from_utf8(row.expect("read").expect("an entry").body).expect("text");
        assert!(body.contains(&kept.fingerprint), "the log commits to the text: {body}");
    });
}

#[test]
fn a_changed_manifest_is_a_new_version_whose_difference_people_can_read() {
    on_both(async |db| {
        let controller = fresh(db).await;
        apply(&controller, &sample(), Actor::Operator).await.expect("the first");
        let mut changed = sample();
        changed.manifest.controller.contact = "dpo@rosewood.example".to_owned();
        let second = apply(&controller, &changed, Actor::Operator).await.expect("the second");
        let sentences: Vec<String> = second.changes.iter().map(ToString::to_string).collect();
        assert_eq!(
            sentences,
            ["controller › contact was “privacy@rosewood.example” and is now “dpo@rosewood.example”."]
        );
        assert_eq!(diff_versions(&controller, 1, 2).await.expect("a difference"), second.changes);
        assert_eq!(controller.in_force().expect("in force").policy.version(), 2);
        assert_eq!(version(&controller, 1).await.expect("kept").manifest, sample().resolved());
        assert!(matches!(version(&controller, 3).await, Err(AppError::NotFound(_))));
    });
}

#[test]
fn a_manifest_that_contradicts_itself_is_not_applied() {
    on_both(async |db| {
        let controller = fresh(db).await;
        let mut broken = sample();
        for purpose in broken.manifest.purposes.values_mut() {
            purpose.basis = model::Basis::Consent.into();
            purpose.basis_under.clear();
        }
        let refused = apply(&controller, &broken, Actor::Operator).await;
        let Err(AppError::Invalid(faults)) = refused else { panic!("{refused:?}") };
        let names_place = faults.iter().any(|fault| {
            fault.message.contains("consent-for-necessity") && fault.path.contains("base.yaml:")
        });
        assert!(names_place, "{faults:?}");
        assert!(matches!(current(&controller).await, Err(AppError::NoManifest)));
        assert_eq!(entries_of_manifests(db), 0);
    });
}

#[test]
fn two_nodes_that_apply_at_once_never_make_one_version_twice() {
    on_both(async |db| {
        let (one, other) = (fresh(db).await, fresh(db).await);
        for round in 0..5 {
            let with = |contact: &str| {
                let mut loaded = sample();
                loaded.manifest.controller.contact = format!("{contact}-{round}@rosewood.example");
                loaded
            };
            let (left, right) = (with("left"), with("right"));
            let (a, b) =
                tokio::join!(apply(&one, &left, Actor::Operator), apply(&other, &right, Actor::Operator));
            let mut versions = Vec::new();
            for outcome in [a, b] {
                match outcome {
                    Ok(applied) => versions.push(applied.version),
                    Err(AppError::Conflict { code: "manifest-raced", .. }) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
            let distinct: std::collections::BTreeSet<_> = versions.iter().collect();
            assert!(!versions.is_empty() && distinct.len() == versions.len(), "{versions:?}");
        }
        let dump = db.dump();
        assert_eq!(dump.table("manifest_version").len(), entries_of_manifests(db));
    });
}

#[test]
fn dropping_a_lifetime_that_still_holds_values_is_pointed_out() {
    on_both(async |db| {
        let world = World::open(db).await;
        customer(&world, 17, &[("Phone", "+44 20 7946 0000")]).await;
        let mut smaller = sample();
        let manifest = &mut smaller.manifest;
        manifest.categories.remove("contact.phone");
        manifest.purposes.values_mut().for_each(|purpose| {
            purpose.categories.remove("contact.phone");
        });
        manifest.roles.values_mut().for_each(|role| {
            role.categories.remove("contact.phone");
        });
        for table in manifest.systems.values_mut().flat_map(|system| system.tables.values_mut()) {
            table.fields.retain(|_, field| {
                field.category.as_ref().is_none_or(|category| category.as_str() != "contact.phone")
            });
        }
        let applied = apply(&world.controller, &smaller, Actor::Operator).await.expect("it is applied");
        assert_eq!(
            applied.warnings,
            ["the category `contact.phone` is gone, but values of it are still held"]
        );
    });
}
