//! What a site asks its visitors, and the cookie that carries their answer.

use std::collections::BTreeSet;

use app::consent::{Join, NewEvent, RecordConsent, record, visitor};
use app::identity::SubjectRef;
use app::sites::{Answer, SiteChoice, answer, asked, cookie, open_cookie, open_shown, seal_shown};
use model::{Act, Actor, Origin, PurposeName, Shown, Signal};

use crate::support::{World, ask, customer, given, on_both, service, shop};

fn names(list: &[&str]) -> BTreeSet<PurposeName> {
    list.iter().map(|name| PurposeName::new(name).expect("a name")).collect()
}

fn shown() -> Shown {
    Shown {
        text_sha256: "0".repeat(64),
        locale: "fr".to_owned(),
        button_order: vec!["refuse".to_owned(), "accept".to_owned()],
        notice_version: Some("2".to_owned()),
        surface: "site/shop/banner".to_owned(),
    }
}

async fn say(world: &World, before: Option<SiteChoice>, granted: &[&str], gpc: bool) -> SiteChoice {
    let said = Answer { before, granted: names(granted), shown: shown(), gpc };
    answer(&world.controller, said).await.expect("recorded")
}

#[test]
fn a_site_asks_about_what_stands_on_consent_and_needs_no_address() {
    assert_eq!(asked(&shop()), names(&["advertising", "analytics", "personalisation"]));
}

#[test]
fn a_no_is_kept_as_long_as_a_yes_and_taking_a_yes_back_is_a_withdrawal() {
    on_both(async |db| {
        let world = World::open(db).await;
        let yes = say(&world, None, &["analytics"], false).await;
        assert_eq!(yes.granted, names(&["analytics"]));
        assert!(yes.answers(&asked(&shop())));
        let no = say(&world, Some(yes.clone()), &[], false).await;
        assert_eq!((no.visitor, &no.granted), (yes.visitor, &BTreeSet::new()));
        assert_eq!(yes.until().seconds() - yes.chosen.seconds(), no.until().seconds() - no.chosen.seconds());
        let kept = visitor(&world.controller, yes.visitor).await.expect("kept");
        let kinds = |at: usize| kept[at].acts.iter().map(|act| act.kind().code()).collect::<Vec<_>>();
        assert_eq!(kinds(0), ["refused", "refused", "given"]);
        assert_eq!(kinds(1), ["refused", "withdrawn", "refused"]);
        assert_eq!(kept[1].shown, Some(shown()), "the record says what was shown");
    });
}

#[test]
fn the_last_word_of_a_visitor_counts_also_where_the_clock_stepped_back_or_stands_still() {
    on_both(async |db| {
        let world = World::open(db).await;
        let mut said = say(&world, None, &["analytics"], false).await;
        for (seconds, granted) in [(-3_600, &[][..]), (0, &["analytics"]), (0, &[]), (1, &["analytics"])] {
            world.clock.turn_seconds(seconds);
            let before = said.chosen;
            said = say(&world, Some(said), granted, false).await;
            assert!(said.chosen >= before, "{seconds}: {} after {before}", said.chosen);
        }
        let no = say(&world, Some(said.clone()), &[], false).await;
        let kept = visitor(&world.controller, said.visitor).await.expect("kept");
        assert!(kept.windows(2).all(|two| two[0].recorded < two[1].recorded), "{kept:?}");
        let analytics = |at: usize| kept[at].acts.iter().any(|act| *act == given("analytics"));
        assert_eq!((0..6).map(analytics).collect::<Vec<_>>(), [true, false, true, false, true, false]);

        let ada = customer(&world, 17, &[("City", "London")]).await.subject;
        let join = Join {
            visitor: no.visitor,
            subject: ada,
            actor: service("storefront"),
            request: None,
            idempotency: None,
        };
        app::consent::join(&world.controller, join).await.expect("joined");
        assert_eq!(ask(&world, ada, "storefront", "analytics").await.answer, model::Answer::Denied);
        let yes = RecordConsent {
            subject: SubjectRef::Id(ada),
            create: false,
            events: vec![NewEvent::new(given("analytics"), Origin::Portal)],
            actor: Actor::Customer,
            request: None,
            idempotency: None,
        };
        record(&world.controller, yes).await.expect("recorded");
        assert_eq!(ask(&world, ada, "storefront", "analytics").await.answer, model::Answer::Granted);
    });
}

#[test]
fn choices_that_meet_on_two_nodes_come_one_after_the_other() {
    on_both(async |db| {
        let world = World::open(db).await;
        let first = say(&world, None, &[], false).await;
        for _ in 0..10 {
            let (one, other) = tokio::join!(
                say(&world, Some(first.clone()), &["analytics"], false),
                say(&world, Some(first.clone()), &[], false),
            );
            assert_eq!(one.visitor, other.visitor);
        }
        let kept = visitor(&world.controller, first.visitor).await.expect("kept");
        assert_eq!(kept.len(), 21);
        assert!(kept.windows(2).all(|two| two[0].recorded < two[1].recorded), "{kept:?}");
    });
}

#[test]
fn a_signal_of_the_browser_turns_a_yes_to_advertising_into_a_no() {
    on_both(async |db| {
        let world = World::open(db).await;
        let choice = say(&world, None, &["analytics", "advertising"], true).await;
        assert_eq!(choice.granted, names(&["analytics"]));
        let kept = visitor(&world.controller, choice.visitor).await.expect("kept");
        assert_eq!(kept[0].acts[0], Act::SignalSeen { signal: Signal::Gpc });
    });
}

#[test]
fn a_cookie_or_proof_that_anybody_changed_counts_for_nothing() {
    on_both(async |db| {
        let world = World::open(db).await;
        let choice = say(&world, None, &[], false).await;
        let text = cookie(&world.controller, &choice);
        let opened = open_cookie(&world.controller, &text).expect("ours");
        assert_eq!((opened.visitor, &opened.refused), (choice.visitor, &choice.refused));
        assert_eq!(open_cookie(&world.controller, &text.replace("n-advertising", "y-advertising")), None);
        assert_eq!(open_cookie(&world.controller, &format!("{text}0")), None);
        let proof = seal_shown(&world.controller, &shown()).expect("sealed");
        assert_eq!(open_shown(&world.controller, &proof), Some((shown(), true)));
        assert_eq!(open_shown(&world.controller, &proof.replace("\"fr\"", "\"en\"")), None);
        world.clock.turn_seconds(24 * 3_600);
        assert_eq!(
            open_shown(&world.controller, &proof),
            Some((shown(), false)),
            "a day later a yes reads anew"
        );
        // One kind of text never passes for the other.
        let (mac, body) = proof.split_once('.').expect("a hash");
        assert_eq!(open_cookie(&world.controller, &format!("{body}.{mac}")), None);
        let over = choice.until().plus_seconds(1);
        world.clock.set(over);
        assert_eq!(open_cookie(&world.controller, &text), None, "it is over when it is over");
    });
}
