//! What an entry about one person tells: everything to a restore, nothing to a stranger.

use std::collections::BTreeSet;

use app::access::{Asker, Mode, Question, What, decide_batch, decide_one};
use app::exports::{ExportKind, ExportRequest, export};
use app::identity::SubjectRef;
use app::retention::{Erase, Extent, erase};
use app::vault::{Read, read};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::{Action, Actor, CategoryName, EntryId, PurposeName, SubjectId};
use serde_json::Value;
use store::ledger::EntryRow;

use crate::support::{World, customer, on_both, service};

/// Members that hold a code, a name of the manifest or the text of a version.
const CODES: &[&str] =
    &["actor", "action", "answer", "basis", "categories", "channel", "findings", "kind", "law", "purpose"];

/// The longest stretch of text that two entries may share: the base64 of a format's header.
const SHARED_CHARACTERS_MAX: usize = 8;

/// A customer who is taken in, looks twice, takes a copy and is erased: her entries of all of it.
async fn a_life(world: &World) -> (SubjectId, Vec<EntryRow>) {
    let ada = customer(world, 17, &[("FirstName", "Ada"), ("Email", "ada@example.org")]).await.subject;
    let look = Read {
        subject: ada,
        purpose: PurposeName::new("rights").expect("a name"),
        categories: BTreeSet::from([CategoryName::new("contact.email").expect("a name")]),
        actor: Actor::Customer,
        reason: None,
        request: None,
        with_history: false,
        with_records: false,
    };
    for _ in 0..2 {
        read(&world.controller, look.clone()).await.expect("her own data");
    }
    let copy = ExportRequest {
        subject: ada,
        kind: ExportKind::Access,
        actor: Actor::Customer,
        reason: None,
        request: None,
        idempotency: None,
    };
    export(&world.controller, copy).await.expect("a copy");
    let mut entries = entries_of(world, ada).await;
    let request = Erase {
        subject: ada,
        extent: Extent::Person,
        actor: Actor::Customer,
        reason: None,
        request: None,
        idempotency: None,
    };
    let erased = erase(&world.controller, request).await.expect("she is erased");
    entries.push(entry(world, erased.entry).await);
    (ada, entries)
}

async fn entries_of(world: &World, subject: SubjectId) -> Vec<EntryRow> {
    let timeline = move |tx: &mut store::ReadTx<'_>| store::ledger::timeline(tx, &subject, None, 100);
    world.controller.db.read("test", timeline).await.expect("the store reads")
}

async fn entry(world: &World, id: EntryId) -> EntryRow {
    let found = world.controller.db.read("test", move |tx| store::ledger::find(tx, &id)).await;
    found.expect("the store reads").expect("the entry is there")
}

fn body(row: &EntryRow) -> Value {
    serde_json::from_slice(&row.body).expect("json")
}

fn replay(row: &EntryRow) -> Option<Vec<u8>> {
    let body = body(row);
    let text = body.get("replay")?.as_str().expect("text");
    Some(STANDARD.decode(text).expect("base64"))
}

/// Without it, acts since the last key backup could not be done again after a restore, and an
/// erased person would come back.
#[test]
fn a_restore_finds_the_person_by_every_entry_of_theirs_up_to_the_erasure() {
    on_both(async |db| {
        let world = World::open(db).await;
        let (ada, entries) = a_life(&world).await;
        assert!(entries.len() >= 5, "{} entries", entries.len());
        for row in &entries {
            let handle = replay(row).unwrap_or_else(|| panic!("`{}` has no replay handle", row.kind));
            assert_eq!(world.controller.core().keys.open_replay(row.id, &handle), Ok(ada), "{}", row.kind);
        }
        assert_eq!(entries.last().map(|row| row.kind.as_str()), Some("erase"));
        let handle = entries.first().and_then(replay).expect("a handle");
        let other = entries.last().expect("an entry").id;
        assert!(world.controller.core().keys.open_replay(other, &handle).is_err());
    });
}

/// The log is copied to many places: whoever holds it must not see which entries are one
/// person's.
#[test]
fn entries_of_one_person_share_nothing_by_which_a_stranger_could_link_them() {
    on_both(async |db| {
        let world = World::open(db).await;
        let (ada, entries) = a_life(&world).await;
        let texts: Vec<BTreeSet<String>> = entries.iter().map(|row| stretches(&body(row))).collect();
        for (at, one) in texts.iter().enumerate() {
            assert!(!one.is_empty());
            for other in texts.iter().skip(at + 1) {
                let shared: Vec<_> = one.intersection(other).collect();
                assert!(shared.is_empty(), "{shared:?}");
            }
        }
        for row in &entries {
            let text = String::from_utf8_lossy(&row.body);
            assert!(!text.contains(&ada.to_string()) && !text.contains(&STANDARD.encode(ada.as_bytes())));
        }
    });
}

/// Every stretch of text, longer than two entries may share, in the members that hold no code.
fn stretches(body: &Value) -> BTreeSet<String> {
    let members = body.as_object().expect("an object").iter();
    let linkable = members.filter(|(name, _)| !CODES.contains(&name.as_str()));
    let mut found = BTreeSet::new();
    for (_, value) in linkable {
        let text: Vec<char> = value.as_str().unwrap_or_default().chars().collect();
        found.extend(text.windows(SHARED_CHARACTERS_MAX + 1).map(|window| window.iter().collect::<String>()));
        assert!(value.is_string() || value.is_number(), "a member of another shape: {value}");
    }
    found
}

/// A handle names one person; an entry about nobody or about many has none to name.
#[test]
fn entries_about_nobody_or_about_a_set_carry_no_replay_handle() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, &[("Email", "ada@example.org")]).await.subject;
        let what = What::new(PurposeName::new("newsletter").expect("a name"), Action::Use);
        let about = |id| Question { subject: SubjectRef::Id(id), what: what.clone() };
        let asker = Asker::new(service("mailer"));
        let of_set = decide_batch(&world.controller, vec![about(ada)], asker.clone(), Mode::default()).await;
        let of_set = of_set.expect("an answer").first().and_then(|verdict| verdict.entry);
        let of_nobody =
            decide_one(&world.controller, about(SubjectId::random()), asker, Mode::default()).await;
        let of_nobody = of_nobody.expect("an answer").entry;
        for (id, is_of_set) in [(of_set, true), (of_nobody, false)] {
            let row = entry(&world, id.expect("an entry")).await;
            assert_eq!(body(&row).get("set").is_some(), is_of_set);
            assert_eq!(replay(&row), None);
        }
    });
}
