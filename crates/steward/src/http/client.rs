//! Which client a request comes from, as far as the network shows it: what limits by client
//! are counted by.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::HeaderMap;

/// By which a proxy says whom it speaks for.
const FORWARDED: &str = "x-forwarded-for";

/// A client: an IPv4 address, or the 64-bit network of an IPv6 address, of which one household
/// has all the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Client(IpAddr);

impl Client {
    fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            address => address,
        })
    }
}

/// Tells clients apart, behind the proxies that are trusted.
pub(crate) struct Clients {
    trusted: BTreeSet<IpAddr>,
    warned: AtomicBool,
}

impl Clients {
    pub(crate) fn new(trusted: &BTreeSet<IpAddr>) -> Self {
        let trusted = trusted.iter().map(IpAddr::to_canonical).collect();
        Self { trusted, warned: AtomicBool::new(false) }
    }

    /// The client behind trusted proxies: the last address that no trusted proxy has. What is no
    /// address ends the way: behind it stands what anybody may have written.
    pub(crate) fn of(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let mut client = peer.to_canonical();
        if !self.trusted.contains(&client) {
            self.warn_of(headers);
            return Client::of(client);
        }
        let lines = headers.get_all(FORWARDED).iter().map(|line| line.to_str().unwrap_or_default());
        let hops: Vec<&str> = lines.flat_map(|line| line.split(',')).collect();
        for hop in hops.into_iter().rev() {
            let Some(address) = read(hop.trim()) else { break };
            client = address.to_canonical();
            if !self.trusted.contains(&client) {
                break;
            }
        }
        Client::of(client)
    }

    /// Says once that somebody who is not trusted speaks for others: where it is the operator's
    /// own proxy, all its clients share one budget.
    fn warn_of(&self, headers: &HeaderMap) {
        if headers.contains_key(FORWARDED) && !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "a request came with X-Forwarded-For from an address that is not in `trusted_proxies`; if it is \
                 your proxy, name it there, or everybody behind it shares one limit"
            );
        }
    }
}

/// An address, with or without a port.
fn read(hop: &str) -> Option<IpAddr> {
    let bare = || hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    hop.parse::<SocketAddr>().map(|address| address.ip()).or_else(|_| bare().parse()).ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client(peer: &str, lines: &[&'static str]) -> Client {
        let trusted = ["10.0.0.1", "10.0.0.2"].map(|text| text.parse().expect("an address"));
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED, HeaderValue::from_static(line));
        }
        Clients::new(&BTreeSet::from(trusted)).of(peer.parse().expect("an address"), &headers)
    }

    fn one(text: &str) -> Client {
        Client::of(text.parse().expect("an address"))
    }

    #[test]
    fn the_client_is_whom_the_last_trusted_proxy_speaks_for_and_nobody_further_back() {
        for (peer, lines, expected) in [
            ("192.0.2.7", &[][..], "192.0.2.7"),
            ("192.0.2.7", &["198.51.100.1"][..], "192.0.2.7"),
            ("10.0.0.1", &["198.51.100.1"][..], "198.51.100.1"),
            ("::ffff:10.0.0.1", &["198.51.100.1"][..], "198.51.100.1"),
            ("10.0.0.1", &["203.0.113.9, 198.51.100.1, 10.0.0.2"][..], "198.51.100.1"),
            ("10.0.0.1", &["203.0.113.9", "198.51.100.1:4711"][..], "198.51.100.1"),
            ("10.0.0.1", &["203.0.113.9, unknown"][..], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.9, unknown, 10.0.0.2"][..], "10.0.0.2"),
            ("10.0.0.1", &["[2001:db8::1]:80"][..], "2001:db8::1"),
        ] {
            assert_eq!(client(peer, lines), one(expected), "{peer} {lines:?}");
        }
    }

    #[test]
    fn all_addresses_of_one_household_are_one_client() {
        assert_eq!(one("2001:db8:1:2::5"), one("2001:db8:1:2:ffff::9"));
        assert_ne!(one("2001:db8:1:2::5"), one("2001:db8:1:3::5"));
        assert_ne!(one("192.0.2.1"), one("192.0.2.2"));
        assert_eq!(one("::ffff:192.0.2.1"), one("192.0.2.1"));
    }
}
