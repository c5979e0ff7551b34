//! Requests of several clients at once, until the server dies.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::model::{Op, People, Sent};
use crate::place::Keys;

/// Clients at once, each with people of its own.
pub(crate) const CLIENTS: usize = 4;

/// Random numbers that a seed repeats (SplitMix64).
#[derive(Debug, Clone)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }
}

/// Numbers of customers and of requests, each given once in the life of a place.
pub(crate) static NEXT: AtomicU64 = AtomicU64::new(1);

/// Sends random requests from every client until the server is gone or `enough` says so.
pub(crate) fn run(
    people: &mut [People],
    address: SocketAddr,
    keys: &Keys,
    random: &mut Random,
    enough: &AtomicBool,
) {
    std::thread::scope(|scope| {
        for own in people {
            let mut random = Random(random.next());
            scope.spawn(move || {
                while !enough.load(Ordering::Relaxed) {
                    let (op, person) = next(own, &mut random);
                    let is_unknown = matches!(op, Op::Correct(_)).then_some(person).flatten();
                    // A correction names the value that it replaces.
                    if is_unknown.is_some_and(|place| own.learn(address, keys, place).is_none()) {
                        return;
                    }
                    let repeat = format!("request-{}", NEXT.fetch_add(1, Ordering::Relaxed));
                    let sent = Sent::new(op, own, person, repeat);
                    match sent.send(address, keys) {
                        Some(reply) => own.acknowledge(&sent, &reply),
                        None => {
                            own.pending = Some(sent);
                            return;
                        }
                    }
                }
            });
        }
    });
}

/// The next request of a client, and whom it is about by place in the list.
fn next(people: &People, random: &mut Random) -> (Op, Option<usize>) {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let living = people.living();
    let somebody = (!living.is_empty()).then(|| living[random.below(living.len() as u64) as usize]);
    match (random.below(100), somebody) {
        (0..12, _) | (_, None) => (Op::Collect(number), None),
        (12..52, person) => (Op::Consent(random.below(2) == 0), person),
        (52..78, person) => (Op::Decide, person),
        (78..86, person) => (Op::Correct(format!("Ada{number}")), person),
        (86..92, person) if living.len() > 2 => (Op::Erase, person),
        (92.., _) => (Op::Audience, None),
        (_, person) => (Op::Decide, person),
    }
}
