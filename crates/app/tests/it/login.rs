//! Signing in by a one-time code: who gets one, how often, and what it is worth.

use app::login::{self, CODES_PER_DAY, CODES_PER_QUARTER, LoginError};
use app::sessions;
use connect::mail::{MailSecurity, MailServer, Mailer};
use connect::mailbox::MailboxServer;
use model::{Act, Channel, IdentifierKind, LoginId, Personal, Secret};

use crate::support::{World, customer, entries, on_both, purpose};

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

/// A world whose letters arrive in a mailbox.
async fn with_mail(db: &testkit::TestDb) -> (World, MailboxServer) {
    let mailbox = MailboxServer::start(0).expect("a mailbox");
    let World { controller, clock } = World::open(db).await;
    let mailer = Mailer::new(MailServer {
        host: "127.0.0.1".to_owned(),
        port: mailbox.address().port(),
        security: MailSecurity::Plain,
        login: None,
        sender: "Rosewood <privacy@rosewood.example>".to_owned(),
    });
    let controller = controller.with_mailer(mailer.expect("a mailer"));
    (World { controller, clock }, mailbox)
}

/// Asks for a code, lets the worker mail it, and reads it.
async fn code_for(world: &World, mailbox: &MailboxServer, to: &str) -> (LoginId, Secret<String>) {
    let id = login::request(&world.controller, address(to), "fr").await.expect("asked").id;
    app::jobs::run_due(&world.controller).await.expect("the worker runs");
    let letter = mailbox.letters().pop().expect("a letter");
    (id, Secret::new(code_in(&letter.body())))
}

/// The code in a letter: its only eight digits.
fn code_in(body: &str) -> String {
    let digits: String = body
        .split("code est ")
        .nth(1)
        .expect("the French words")
        .chars()
        .take_while(|letter| letter.is_ascii_digit() || *letter == ' ')
        .filter(char::is_ascii_digit)
        .collect();
    assert_eq!(digits.len(), 8, "{body}");
    digits
}

/// The way into the portal: without it nobody reaches their rights.
#[test]
fn whoever_reads_the_mail_signs_in_and_their_address_is_proven() {
    on_both(async |db| {
        let (world, mailbox) = with_mail(db).await;
        let ada = customer(&world, 1, &[("Email", "Ada@example.org")]).await.subject;
        let (id, code) = code_for(&world, &mailbox, "ada@EXAMPLE.org").await;
        let letter = mailbox.letters().pop().expect("a letter");
        assert_eq!(letter.to, ["ada@example.org"], "the normal form is what is proven");
        let signed_in = login::confirm(&world.controller, id, &code).await.expect("signed in");
        assert_eq!(signed_in.subject, ada);
        let again = login::confirm(&world.controller, id, &code).await;
        assert!(matches!(again, Err(LoginError::Refused)), "a code works once");

        let session = sessions::find(&world.controller, &signed_in.token).await.expect("an answer");
        let session = session.expect("a session");
        assert_eq!(session.subject, ada);
        assert!(session.is_form_token(session.form_token()) && !session.is_form_token("x"));
        let (events, held) = world
            .controller
            .db
            .read("test.proven", move |tx| {
                Ok::<_, store::DbError>((store::consent::events(tx, &ada)?, store::identity::held(tx, &ada)?))
            })
            .await
            .expect("a read");
        let confirmed = Act::AddressConfirmed { channel: Channel::Email };
        assert!(events.iter().any(|event| event.facts.act == confirmed), "{events:?}");
        assert!(held.iter().any(|one| one.verified && one.kind == IdentifierKind::email()), "{held:?}");

        let entries = entries(&world, ada).await;
        let kinds: Vec<&str> = entries.iter().map(|entry| entry.kind.as_str()).collect();
        assert!(kinds.contains(&"login"), "{kinds:?}");
        let sent = entries.iter().find(|entry| entry.actor == "job:login").expect("the letter's entry");
        assert_eq!((sent.purpose.as_deref(), sent.answer.as_deref()), (Some("security"), Some("granted")));
        for entry in &entries {
            let body = String::from_utf8_lossy(&entry.body).to_lowercase();
            assert!(!body.contains("ada@") && !body.contains(code.expose()), "{body}");
        }

        sessions::end(&world.controller, &session).await.expect("signed out");
        assert!(sessions::find(&world.controller, &signed_in.token).await.expect("an answer").is_none());
    });
}

/// Whoever still reads an old mailbox must not open the channel for an address that nobody proved.
#[test]
fn an_old_address_that_is_proven_confirms_nothing_for_a_newer_one_that_is_not() {
    on_both(async |db| {
        let (world, mailbox) = with_mail(db).await;
        let ada = customer(&world, 1, &[("Email", "old@example.org")]).await.subject;
        let row = vec![("CustomerId".to_owned(), "1".to_owned().into())];
        let mut beside = crate::support::collect_request("Customer", row);
        beside.identifiers = vec![crate::support::email("new@example.org")];
        let same = app::vault::collect(&world.controller, beside).await.expect("taken in").subject;
        assert_eq!(same, ada);
        let confirmed = async || {
            let events = world
                .controller
                .db
                .read("test.events", move |tx| store::consent::events(tx, &ada))
                .await
                .expect("events");
            let is_confirmed = |event: &store::consent::EventRow| {
                event.facts.act == Act::AddressConfirmed { channel: Channel::Email }
            };
            events.iter().filter(|event| is_confirmed(event)).count()
        };
        let (id, code) = code_for(&world, &mailbox, "old@example.org").await;
        login::confirm(&world.controller, id, &code).await.expect("signed in");
        assert_eq!(confirmed().await, 0, "mail may go to the new address");
        let (id, code) = code_for(&world, &mailbox, "new@example.org").await;
        login::confirm(&world.controller, id, &code).await.expect("signed in");
        assert_eq!(confirmed().await, 1, "now both are proven");
    });
}

/// Eight digits can be guessed by whoever may try often enough.
#[test]
fn a_code_takes_five_tries_and_ten_minutes() {
    on_both(async |db| {
        let (world, mailbox) = with_mail(db).await;
        let ada = customer(&world, 1, &[("Email", "ada@example.org")]).await.subject;
        let (id, code) = code_for(&world, &mailbox, "ada@example.org").await;
        let wrong = Secret::new(if code.expose() == "00000000" { "11111111" } else { "00000000" }.to_owned());
        for _ in 0..login::TRIES_MAX {
            let refused = login::confirm(&world.controller, id, &wrong).await;
            assert!(matches!(refused, Err(LoginError::Refused)));
        }
        let late = login::confirm(&world.controller, id, &code).await;
        assert!(matches!(late, Err(LoginError::Refused)), "the right one came too late");
        let denied = entries(&world, ada).await;
        assert!(
            denied.iter().any(|entry| entry.kind == "login" && entry.answer.as_deref() == Some("denied"))
        );

        let (id, code) = code_for(&world, &mailbox, "ada@example.org").await;
        world.clock.turn_seconds(60 * login::CODE_MINUTES);
        let over = login::confirm(&world.controller, id, &code).await;
        assert!(matches!(over, Err(LoginError::Refused)), "it is over");

        let (id, _) = code_for(&world, &mailbox, "ada@example.org").await;
        let (_, other) = code_for(&world, &mailbox, "ada@example.org").await;
        let mixed = login::confirm(&world.controller, id, &other).await;
        assert!(matches!(mixed, Err(LoginError::Refused)), "a code belongs to its request");
    });
}

/// An answer, a letter or a difference would tell strangers who is a customer.
#[test]
fn nobody_is_written_to_who_is_not_known_or_is_dead() {
    on_both(async |db| {
        let (world, mailbox) = with_mail(db).await;
        let eve = customer(&world, 1, &[("Email", "eve@example.org")]).await.subject;
        let dead = app::consent::RecordConsent {
            subject: app::identity::SubjectRef::Id(eve),
            create: false,
            events: vec![app::consent::NewEvent::new(model::Act::Deceased {}, model::Origin::Staff)],
            actor: model::Actor::Operator,
            request: None,
            idempotency: None,
        };
        app::consent::record(&world.controller, dead).await.expect("recorded");
        for silent in ["nobody@example.org", "eve@example.org"] {
            login::request(&world.controller, address(silent), "en").await.expect("the same answer");
        }
        app::jobs::run_due(&world.controller).await.expect("the worker runs");
        assert!(mailbox.letters().is_empty(), "{:?}", mailbox.letters());
        world.clock.turn_seconds(3_600);
        assert_eq!(app::jobs::run_due(&world.controller).await.expect("the worker runs"), 0);
    });
}

/// A mail server that rests for a minute must not cost a customer their login.
#[test]
fn a_letter_that_could_not_go_goes_later_with_the_same_code() {
    on_both(async |db| {
        let world = World::open(db).await;
        customer(&world, 1, &[("Email", "ada@example.org")]).await;
        let id = login::request(&world.controller, address("ada@example.org"), "fr").await.expect("asked").id;
        app::jobs::run_due(&world.controller).await.expect("no server yet");
        let early = login::confirm(&world.controller, id, &Secret::new("12345678".to_owned())).await;
        assert!(matches!(early, Err(LoginError::Refused)));
        let mailbox = MailboxServer::start(0).expect("a mailbox");
        let mailer = Mailer::new(MailServer {
            host: "localhost".to_owned(),
            port: mailbox.address().port(),
            security: MailSecurity::Plain,
            login: None,
            sender: "privacy@rosewood.example".to_owned(),
        });
        let World { controller, clock } = world;
        let world = World { controller: controller.with_mailer(mailer.expect("a mailer")), clock };
        world.clock.turn_seconds(5);
        app::jobs::run_due(&world.controller).await.expect("the worker runs");
        let letter = mailbox.letters().pop().expect("a letter");
        let code = Secret::new(code_in(&letter.body()));
        login::confirm(&world.controller, id, &code).await.expect("signed in");
    });
}

/// A borrowed screen must not be able to erase its owner; an erased one is signed out.
#[test]
fn a_session_ends_idle_and_in_any_case_and_what_cannot_be_undone_asks_for_a_fresh_code() {
    on_both(async |db| {
        let (world, mailbox) = with_mail(db).await;
        let ada = customer(&world, 1, &[("Email", "ada@example.org")]).await.subject;
        let (id, code) = code_for(&world, &mailbox, "ada@example.org").await;
        let token = login::confirm(&world.controller, id, &code).await.expect("signed in").token;
        let find = async || sessions::find(&world.controller, &token).await.expect("an answer");
        let session = find().await.expect("a session");
        assert!(session.is_fresh(world.controller.now()));
        world.clock.turn_seconds(60 * sessions::FRESH_MINUTES);
        let session = find().await.expect("a session");
        assert!(!session.is_fresh(world.controller.now()));
        let id = login::request_again(&world.controller, &session, "fr").await.expect("asked").id;
        app::jobs::run_due(&world.controller).await.expect("the worker runs");
        let code = Secret::new(code_in(&mailbox.letters().pop().expect("a letter").body()));
        login::confirm_again(&world.controller, &session, id, &code).await.expect("fresh");
        assert!(find().await.expect("a session").is_fresh(world.controller.now()));

        for _ in 0..30 {
            world.clock.turn_seconds(60 * sessions::IDLE_MINUTES - 61);
            if find().await.is_none() {
                break;
            }
        }
        assert!(world.controller.now() >= session.until, "it lived as long as it was used");
        assert!(find().await.is_none());

        let (id, code) = code_for(&world, &mailbox, "ada@example.org").await;
        let token = login::confirm(&world.controller, id, &code).await.expect("signed in").token;
        let erase = app::retention::Erase {
            subject: ada,
            extent: app::retention::Extent::Person,
            actor: model::Actor::Customer,
            reason: None,
            request: None,
            idempotency: None,
        };
        app::retention::erase(&world.controller, erase).await.expect("erased");
        assert!(sessions::find(&world.controller, &token).await.expect("an answer").is_none());
    });
}

/// Whoever finds an open session must not be able to take the person's place with it.
#[test]
fn what_one_signs_in_by_changes_only_soon_after_a_code() {
    on_both(async |db| {
        let (world, mailbox) = with_mail(db).await;
        let fields = [("Email", "ada@example.org"), ("City", "Londn")];
        let ada = customer(&world, 1, &fields).await.subject;
        let (id, code) = code_for(&world, &mailbox, "ada@example.org").await;
        let signed_in = login::confirm(&world.controller, id, &code).await.expect("signed in");
        world.clock.turn_seconds(60 * sessions::FRESH_MINUTES);
        let session = sessions::find(&world.controller, &signed_in.token).await.expect("an answer");
        let session = session.expect("a session");
        let change = async |category: &str, new: &str| {
            let look = app::vault::Read {
                subject: ada,
                purpose: purpose("rights"),
                categories: [model::CategoryName::new(category).expect("a name")].into(),
                actor: model::Actor::Customer,
                reason: None,
                request: None,
                with_history: false,
                with_records: false,
            };
            let held = app::vault::read(&world.controller, look).await.expect("their own data");
            let request = app::vault::Correct {
                subject: ada,
                value: held.values[0].id.parse().expect("an id"),
                new: address(new),
                purpose: purpose("rights"),
                actor: model::Actor::Customer,
                reason: None,
                idempotency: None,
            };
            app::vault::correct_in_session(&world.controller, &session, request).await
        };
        let refused = change("contact.email", "somebody@example.org").await;
        let Err(app::AppError::Conflict { code, .. }) = &refused else { panic!("{refused:?}") };
        assert_eq!(*code, "proof-too-old");
        assert!(change("contact.address.city", "London").await.expect("no identifier").changed);
        world.clock.turn_seconds(-1);
        assert!(change("contact.email", "countess@example.org").await.expect("fresh").changed);
    });
}

/// Every login entry of the log: who acted, what came out, and whether it is about somebody.
async fn logins(world: &World) -> Vec<(String, Option<String>, bool)> {
    crate::tally::number(world).await;
    let all = world.controller.db.read("test.rows", |tx| store::sequence::rows(tx, 0, i64::MAX)).await;
    all.expect("rows")
        .into_iter()
        .filter(|row| row.kind == "login")
        .map(|row| {
            let body = String::from_utf8_lossy(&row.body).into_owned();
            (row.actor, row.answer, body.contains("\"tag\""))
        })
        .collect()
}

/// Whoever tries addresses and codes of strangers must show in the log.
#[test]
fn a_code_for_nobody_and_every_refused_proof_leave_an_entry_about_nobody() {
    on_both(async |db| {
        let (world, mailbox) = with_mail(db).await;
        let ada = customer(&world, 1, &[("Email", "ada@example.org")]).await.subject;
        login::request(&world.controller, address("nobody@example.org"), "en").await.expect("asked");
        app::jobs::run_due(&world.controller).await.expect("the worker runs");
        let to_nobody = ("job:login".to_owned(), Some("denied".to_owned()), false);
        assert_eq!(logins(&world).await, std::slice::from_ref(&to_nobody));

        let (id, code) = code_for(&world, &mailbox, "ada@example.org").await;
        let wrong = Secret::new(if code.expose() == "00000000" { "11111111" } else { "00000000" }.to_owned());
        for (proof, typed) in [(id, &wrong), (LoginId::random(), &code)] {
            login::confirm(&world.controller, proof, typed).await.expect_err("refused");
        }
        let refused = ("customer".to_owned(), Some("denied".to_owned()), false);
        assert_eq!(logins(&world).await, [to_nobody, refused.clone(), refused]);
        let hers = entries(&world, ada).await;
        assert!(hers.iter().all(|entry| entry.kind != "login"), "one wrong code is a typing error");
    });
}

/// A stranger who knows an address must not keep its owner from deleting their data.
#[test]
fn what_strangers_ask_for_leaves_whoever_is_signed_in_their_codes() {
    on_both(async |db| {
        let (world, mailbox) = with_mail(db).await;
        customer(&world, 1, &[("Email", "ada@example.org")]).await;
        let (id, code) = code_for(&world, &mailbox, "ada@example.org").await;
        let token = login::confirm(&world.controller, id, &code).await.expect("signed in").token;
        let session = sessions::find(&world.controller, &token).await.expect("an answer").expect("one");
        while login::request(&world.controller, address("ada@example.org"), "en").await.is_ok() {}
        for _ in 0..CODES_PER_QUARTER {
            login::request_again(&world.controller, &session, "en").await.expect("counted apart");
        }
        let over = login::request_again(&world.controller, &session, "en").await;
        assert!(matches!(over, Err(LoginError::TooMany { .. })), "{over:?}");
    });
}
