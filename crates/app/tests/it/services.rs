//! API keys: who holds none, a wrong one or one that is over does nothing, and nobody who
//! reads the store can make one.

use std::collections::BTreeSet;

use app::AppError;
use app::services::{AuthError, Caller, Scopes, authenticate, create, list, revoke};
use model::{Action, Actor, ApiKeyId, PurposeName, Secret, ServiceName, Timestamp};

use crate::support::{World, collect_request, on_both, service};

fn storefront() -> Scopes {
    Scopes {
        service: Some(ServiceName::new("storefront").expect("a name")),
        actions: BTreeSet::from([Action::Collect, Action::Use]),
        purposes: BTreeSet::from([PurposeName::new("order-fulfilment").expect("a name")]),
        look_up: true,
        audit: false,
    }
}

async fn make(world: &World, scopes: Scopes, until: Option<Timestamp>) -> (ApiKeyId, Secret<String>) {
    create(&world.controller, scopes, "the shop".to_owned(), until, Actor::Operator).await.expect("a key")
}

async fn caller(world: &World, key: &Secret<String>) -> std::sync::Arc<Caller> {
    authenticate(&world.controller, key).await.expect("a living key")
}

async fn is_refused(world: &World, key: &str) -> bool {
    let presented = Secret::new(key.to_owned());
    matches!(authenticate(&world.controller, &presented).await, Err(AuthError::Refused))
}

#[test]
fn a_key_speaks_for_its_service_within_its_scope() {
    on_both(async |db| {
        let world = World::open(db).await;
        let (id, key) = make(&world, storefront(), None).await;
        let caller = caller(&world, &key).await;
        assert_eq!(caller.key_id, id);
        assert_eq!(caller.actor(), Some(service("storefront")));
        let (orders, news) = ("order-fulfilment", "newsletter");
        let purpose = |name| PurposeName::new(name).expect("a name");
        assert!(caller.may(Action::Collect, &purpose(orders)));
        assert!(!caller.may(Action::Collect, &purpose(news)) && !caller.may(Action::Read, &purpose(orders)));
        assert!(caller.look_up && !caller.audit);
    });
}

#[test]
fn a_key_that_is_malformed_unknown_or_wrong_is_refused_alike() {
    on_both(async |db| {
        let world = World::open(db).await;
        let (_, key) = make(&world, storefront(), None).await;
        let key = key.expose().as_str();
        let (front, secret) = key.rsplit_once('_').expect("a secret");
        let stranger = ApiKeyId::random().to_string().replace("key_", "stw_");
        let wrong = [
            String::new(),
            "stw_".to_owned(),
            front.to_owned(),
            format!("{front}_"),
            format!("{front}_{}", secret.chars().rev().collect::<String>()),
            format!("{stranger}_{secret}"),
            key.to_uppercase(),
            format!("{key}0"),
            format!("stw_é_{secret}"),
        ];
        for key in wrong {
            assert!(is_refused(&world, &key).await, "{key}");
        }
        assert!(!is_refused(&world, key).await);
    });
}

#[test]
fn a_key_is_refused_from_the_moment_it_is_revoked_or_over() {
    on_both(async |db| {
        let world = World::open(db).await;
        let (id, key) = make(&world, storefront(), None).await;
        let until = world.clock.turn_seconds(1).plus_days(1);
        let (_, brief) = make(&world, storefront(), Some(until)).await;
        revoke(&world.controller, id, Actor::Operator).await.expect("it is revoked");
        assert!(is_refused(&world, key.expose()).await);
        let twice = revoke(&world.controller, id, Actor::Operator).await;
        assert!(matches!(twice, Err(AppError::NotFound(_))));
        caller(&world, &brief).await;
        world.clock.set(until);
        assert!(is_refused(&world, brief.expose()).await);
        let keys = list(&world.controller).await.expect("a list");
        assert_eq!(keys.iter().map(|key| key.revoked.is_some()).collect::<Vec<_>>(), [true, false]);
    });
}

#[test]
fn the_store_holds_no_secret_and_the_ledger_tells_of_each_key() {
    on_both(async |db| {
        let world = World::open(db).await;
        let (id, key) = make(&world, storefront(), None).await;
        revoke(&world.controller, id, Actor::Operator).await.expect("it is revoked");
        let (_, secret) = key.expose().rsplit_once('_').expect("a secret");
        let dump = db.dump();
        assert!(dump.holding(secret).is_empty());
        let entries = dump.table("ledger_entry");
        assert_eq!(entries.iter().filter(|row| row.contains("|key|") || row.contains(",key,")).count(), 2);
    });
}

#[test]
fn a_key_for_what_the_manifest_does_not_declare_is_not_made() {
    on_both(async |db| {
        let world = World::open(db).await;
        let mut scopes = storefront();
        scopes.service = Some(ServiceName::new("nobody").expect("a name"));
        scopes.purposes.insert(PurposeName::new("nothing").expect("a name"));
        let past = Some(world.clock.turn_seconds(0));
        let made = create(&world.controller, scopes, " ".to_owned(), past, Actor::Operator).await;
        let Err(AppError::Invalid(faults)) = made else { panic!("{made:?}") };
        let paths: Vec<&str> = faults.iter().map(|fault| fault.path.as_str()).collect();
        assert_eq!(paths, ["label", "service", "purposes", "until"]);
        assert!(db.dump().table("api_key").is_empty());
    });
}

#[test]
fn a_write_sent_twice_is_done_once_and_another_write_under_its_key_is_refused() {
    on_both(async |db| {
        let world = World::open(db).await;
        let (_, key) = make(&world, storefront(), None).await;
        let caller = caller(&world, &key).await;
        let send = async |body: &str, number: &str| {
            let mut request =
                collect_request("Customer", vec![("CustomerId".to_owned(), number.to_owned().into())]);
            let parts: [&[u8]; 2] = [b"POST /v1/subjects", body.as_bytes()];
            request.idempotency = Some(caller.idempotency("order-1", &parts).expect("a key"));
            app::vault::collect(&world.controller, request).await
        };
        let first = send("one", "1").await.expect("it is done");
        let before = db.dump();
        let again = send("one", "1").await.expect("it is answered");
        assert_eq!((first, before), (again, db.dump()));
        let other = send("two", "2").await;
        assert!(matches!(other, Err(AppError::Conflict { code: "idempotency-mismatch", .. })), "{other:?}");
        world.clock.turn_days(2);
        app::jobs::upkeep(&world.controller).await.expect("upkeep");
        assert!(db.dump().table("idempotency").is_empty(), "answers are kept for a day");
        for bad in ["", "with blank", "é", &"k".repeat(65)] {
            assert!(caller.idempotency(bad, &[]).is_err(), "{bad}");
        }
    });
}

#[test]
fn the_fingerprint_of_a_request_says_nothing_to_who_holds_the_store_but_not_the_secret() {
    on_both(async |db| {
        let world = World::open(db).await;
        let (_, one) = make(&world, storefront(), None).await;
        let (_, other) = make(&world, storefront(), None).await;
        let (one, other) = (caller(&world, &one).await, caller(&world, &other).await);
        let of =
            |caller: &Caller, parts: &[&[u8]]| caller.idempotency("k", parts).expect("a key").fingerprint;
        assert_eq!(of(&one, &[b"a", b"b"]), of(&one, &[b"a", b"b"]));
        assert_ne!(of(&one, &[b"a", b"b"]), of(&other, &[b"a", b"b"]));
        assert_ne!(of(&one, &[b"ab"]), of(&one, &[b"a", b"b"]));
    });
}
