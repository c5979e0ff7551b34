//! Cookies: read by name, set with everything that keeps them where they belong.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

/// The cookie with the language that a visitor chose.
pub(super) const LANGUAGE: &str = "language";

/// Cookies of one request that are read at most.
const COOKIES_MAX: usize = 64;

/// What the name of a cookie begins with that its own host alone can set, over HTTPS.
const PROTECTED: &str = "__Host-";

/// The cookies of a request.
pub(crate) struct Cookies<'h> {
    headers: &'h HeaderMap,
    is_local: bool,
}

impl<'h> Cookies<'h> {
    /// Those that these headers carry to a page on this machine, or elsewhere.
    pub(super) const fn of(headers: &'h HeaderMap, is_local: bool) -> Self {
        Self { headers, is_local }
    }

    /// The value of a cookie that [`Cookie`] set under this name. Elsewhere than on this machine
    /// only the protected one counts, which no other host can set.
    pub(crate) fn get(&self, name: &str) -> Option<&'h str> {
        let prefix = if self.is_local { "" } else { PROTECTED };
        let lines = self.headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .take(COOKIES_MAX);
        pairs.find_map(|(key, value)| (key.strip_prefix(prefix) == Some(name)).then_some(value))
    }
}

/// A cookie to be set: for this host alone, unseen by scripts, not sent along from other
/// sites but by links. Over HTTPS its name starts with `__Host-`, which no other host can set.
#[derive(Debug, Clone)]
pub(crate) struct Cookie<'v> {
    /// Its name without the prefix.
    pub(crate) name: &'static str,
    /// Its value: letters, digits, `-`, `_`, `.` and `~` only.
    pub(crate) value: &'v str,
    /// How long it is kept; none: until the browser is closed; 0: it is taken away.
    pub(crate) kept_seconds: Option<i64>,
    /// Whether the page is on this machine, where there is no HTTPS.
    pub(crate) is_local: bool,
}

impl Cookie<'_> {
    /// Sets the cookie with an answer.
    pub(crate) fn set(&self, response: &mut Response) {
        response.headers_mut().append(SET_COOKIE, self.header());
    }

    /// The header `Set-Cookie`.
    fn header(&self) -> HeaderValue {
        let (prefix, secure) = if self.is_local { ("", "") } else { (PROTECTED, "; Secure") };
        let age = self.kept_seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        let value = if self.value.bytes().all(fits) { self.value } else { "" };
        let text = format!("{prefix}{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}", self.name);
        let mut header = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
        header.set_sensitive(true);
        header
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookies(line: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(COOKIE, HeaderValue::from_static(line))])
    }

    #[test]
    fn a_cookie_that_another_host_could_have_set_counts_on_this_machine_alone() {
        let headers = cookies("a=1; session=plain; __Host-session=protected; b");
        assert_eq!(Cookies::of(&headers, false).get("session"), Some("protected"));
        assert_eq!(Cookies::of(&headers, true).get("session"), Some("plain"));
        assert_eq!(Cookies::of(&headers, true).get("b"), None);
        assert_eq!(Cookies::of(&cookies("session=plain"), false).get("session"), None);
    }

    #[test]
    fn a_cookie_is_for_this_host_alone_and_over_https_alone_but_on_this_machine() {
        let mut cookie = Cookie { name: "session", value: "abc", kept_seconds: Some(60), is_local: false };
        let header = |cookie: &Cookie<'_>| cookie.header().to_str().expect("text").to_owned();
        assert_eq!(header(&cookie), "__Host-session=abc; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60");
        (cookie.is_local, cookie.kept_seconds) = (true, None);
        assert_eq!(header(&cookie), "session=abc; Path=/; HttpOnly; SameSite=Lax");
        cookie.value = "abc; Domain=evil.example";
        assert_eq!(header(&cookie), "session=; Path=/; HttpOnly; SameSite=Lax");
    }
}
