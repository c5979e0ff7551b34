//! Staff sign in with a password and a second factor, and nobody else does.

use app::staff::{self, Credentials, FAILURES_MAX, LOCK_MINUTES, StaffLoginError};
use model::{RoleName, Secret};

use crate::support::{World, on_both};

fn role() -> RoleName {
    RoleName::new("support").expect("a name")
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

async fn sign_in(
    world: &World,
    name: &str,
    made: &Credentials,
    password: &str,
) -> Result<Secret<String>, StaffLoginError> {
    let code = keys::totp_code(&made.totp, world.controller.now().seconds());
    staff::sign_in(&world.controller, name, secret(password), code).await.map(|begun| begun.token)
}

async fn logins(world: &World) -> Vec<(String, Option<String>)> {
    crate::tally::number(world).await;
    let all = world.controller.db.read("test.rows", |tx| store::sequence::rows(tx, 0, i64::MAX)).await;
    all.expect("rows")
        .into_iter()
        .filter(|row| row.kind == "login")
        .map(|row| (row.actor, row.answer))
        .collect()
}

/// A stolen password, or a code read over a shoulder, must not be enough.
#[test]
fn a_password_and_a_fresh_code_together_open_a_session_and_each_code_once() {
    on_both(async |db| {
        let world = World::open(db).await;
        let made = staff::add(&world.controller, "anna", role(), None).await.expect("an account");
        let password = made.password.as_ref().expect("made up").expose().clone();
        assert!(made.otpauth.expose().starts_with("otpauth://totp/Steward%20rosewood:anna?secret="));
        assert!(sign_in(&world, "anna", &made, "wrong password").await.is_err());
        let wrong_code = staff::sign_in(&world.controller, "anna", secret(&password), secret("000000")).await;
        assert!(matches!(wrong_code, Err(StaffLoginError::Refused)));
        assert!(sign_in(&world, "nobody", &made, &password).await.is_err());
        let token = sign_in(&world, "anna", &made, &password).await.expect("signed in");
        assert!(sign_in(&world, "anna", &made, &password).await.is_err(), "the code was used");

        let session = staff::find(&world.controller, &token).await.expect("an answer").expect("a session");
        assert_eq!((session.id, session.name.as_str(), &session.role), (made.id, "anna", &role()));
        assert!(session.is_form_token(session.form_token()));
        world.clock.turn_seconds(60 * staff::IDLE_MINUTES);
        assert!(staff::find(&world.controller, &token).await.expect("an answer").is_none(), "idle");
        assert!(staff::find(&world.controller, &keys::random_token()).await.expect("an answer").is_none());

        let entries = logins(&world).await;
        let of = |answer: &str| entries.iter().filter(|(_, is)| is.as_deref() == Some(answer)).count();
        assert_eq!((of("granted"), of("denied")), (1, 4), "{entries:?}");
        let actor = format!("staff:support:{}", made.id);
        assert_eq!(entries.iter().filter(|(by, _)| *by == actor).count(), 4, "{entries:?}");
    });
}

/// A stranger who knows a name must not be able to keep its owner out of the console.
#[test]
fn wrong_passwords_lock_nobody_out_and_leave_an_entry_each() {
    on_both(async |db| {
        let world = World::open(db).await;
        let made = staff::add(&world.controller, "anna", role(), Some(secret("a long password"))).await;
        let made = made.expect("an account");
        for _ in 0..3 * FAILURES_MAX {
            assert!(sign_in(&world, "anna", &made, "guess").await.is_err());
        }
        sign_in(&world, "anna", &made, "a long password").await.expect("signed in");
        let denied = logins(&world).await.into_iter().filter(|(_, is)| is.as_deref() == Some("denied"));
        assert_eq!(denied.count(), usize::try_from(3 * FAILURES_MAX).expect("few"));
    });
}

/// Guessing the second factor is stopped; the account comes back by itself, so that nobody is
/// shut out for good.
#[test]
fn wrong_codes_lock_an_account_for_a_while_and_a_shut_one_stays_shut() {
    on_both(async |db| {
        let world = World::open(db).await;
        let made = staff::add(&world.controller, "anna", role(), Some(secret("a long password"))).await;
        let made = made.expect("an account");
        assert!(made.password.is_none(), "what was given is not shown");
        for _ in 0..FAILURES_MAX {
            let (password, code) = (secret("a long password"), secret("000000"));
            assert!(staff::sign_in(&world.controller, "anna", password, code).await.is_err());
        }
        assert!(sign_in(&world, "anna", &made, "a long password").await.is_err(), "locked");
        world.clock.turn_seconds(60 * LOCK_MINUTES);
        let token = sign_in(&world, "anna", &made, "a long password").await.expect("signed in");
        staff::disable(&world.controller, "anna").await.expect("shut");
        assert!(staff::find(&world.controller, &token).await.expect("an answer").is_none());
        world.clock.turn_seconds(60);
        assert!(sign_in(&world, "anna", &made, "a long password").await.is_err());
        assert!(staff::disable(&world.controller, "anna").await.is_err(), "shut already");

        let again = staff::reset(&world.controller, "anna", Some(secret("another password"))).await;
        let again = again.expect("opened again");
        assert!(sign_in(&world, "anna", &made, "a long password").await.is_err());
        sign_in(&world, "anna", &again, "another password").await.expect("signed in");
        let listed = staff::list(&world.controller).await.expect("a list");
        assert_eq!((listed.len(), listed[0].disabled), (1, None));
    });
}

#[test]
fn an_account_needs_a_role_of_the_manifest_a_free_name_and_a_long_password() {
    on_both(async |db| {
        let world = World::open(db).await;
        let unknown = RoleName::new("emperor").expect("a name");
        assert!(staff::add(&world.controller, "anna", unknown, None).await.is_err());
        assert!(staff::add(&world.controller, "Anna K", role(), None).await.is_err());
        assert!(staff::add(&world.controller, "anna", role(), Some(secret("short"))).await.is_err());
        staff::add(&world.controller, "anna", role(), None).await.expect("an account");
        assert!(staff::add(&world.controller, "anna", role(), None).await.is_err(), "taken");
    });
}
