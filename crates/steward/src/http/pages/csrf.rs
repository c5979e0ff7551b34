//! Forms of a session carry a token that only its own pages know. It is made from the
//! session's secret, so that nothing has to be stored.

use model::Secret;

use super::failure::Failure;

/// The token of a session's forms.
pub(crate) fn token(session: &Secret<String>) -> String {
    let mac = keys::hmac_sha256(session.expose().as_bytes(), b"steward/form/v1");
    mac.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Refuses a form that does not carry the session's token.
pub(crate) fn check(session: &Secret<String>, presented: Option<&str>) -> Result<(), Failure> {
    let wanted = token(session);
    let fits = presented.is_some_and(|given| keys::constant_time_eq(given.as_bytes(), wanted.as_bytes()));
    if fits { Ok(()) } else { Err(Failure::stale_form()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_fits_its_own_session_alone() {
        let (one, other) = (Secret::new("one".to_owned()), Secret::new("other".to_owned()));
        check(&one, Some(&token(&one))).expect("its own");
        for wrong in [None, Some(""), Some("0"), Some(token(&other).as_str())] {
            check(&one, wrong).expect_err("not its own");
        }
    }
}
