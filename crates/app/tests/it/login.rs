//! Signing in by a one-time code: who gets one, how often, and what it is worth.

use app::login::{self, CODES_PER_DAY, CODES_PER_QUARTER, LoginError};
use app::sessions;
use model::{Personal, Secret};

use crate::support::{World, customer, on_both};

fn address(text: &str) -> Personal<String> {
    Personal::new(text.to_owned())
}

/// How often a stranger could fill the mailbox of a customer.
#[test]
fn one_address_is_sent_few_codes_and_an_unknown_one_is_limited_alike() {
    on_both(async |db| {
        let world = World::open(db).await;
        customer(&world, 1, &[("Email", "ada@example.org")]).await;
        for known in ["Ada@Example.org", "nobody@example.org"] {
            for turn in 0..CODES_PER_DAY {
                if turn > 0 && turn % CODES_PER_QUARTER == 0 {
                    let refused = login::request(&world.controller, address(known), "en").await;
                    let Err(LoginError::TooMany { seconds }) = refused else { panic!("{known}: {turn}") };
                    assert!((1..=900).contains(&seconds), "{known}: {seconds}");
                    world.clock.turn_seconds(900);
                }
                let asked = login::request(&world.controller, address(known), "en").await;
                let asked = asked.unwrap_or_else(|error| panic!("{known}, {turn}: {error}"));
                assert_eq!(asked.until, world.controller.now().plus_seconds(600));
            }
            world.clock.turn_seconds(900);
            let refused = login::request(&world.controller, address(known), "en").await;
            assert!(matches!(refused, Err(LoginError::TooMany { .. })), "{known}");
            world.clock.turn_seconds(24 * 3_600);
            login::request(&world.controller, address(known), "en").await.expect("a new day");
        }
    });
}

/// What is no address is told at once: that says nothing about anybody.
#[test]
fn what_is_no_address_is_refused_and_no_token_opens_a_session() {
    on_both(async |db| {
        let world = World::open(db).await;
        let malformed = login::request(&world.controller, address("no address"), "en").await;
        assert!(matches!(malformed, Err(LoginError::Malformed)));
        let unknown = login::request(&world.controller, address("nobody@example.org"), "en").await;
        let id = unknown.expect("the same answer").id;
        let code = Secret::new("00000000".to_owned());
        let refused = login::confirm(&world.controller, id, &code).await;
        assert!(matches!(refused, Err(LoginError::Refused)), "{refused:?}");
        let empty = login::confirm(&world.controller, id, &Secret::new(String::new())).await;
        assert!(matches!(empty, Err(LoginError::Refused)), "{empty:?}");
        let none = sessions::find(&world.controller, &keys::random_token()).await.expect("an answer");
        assert!(none.is_none());
    });
}
