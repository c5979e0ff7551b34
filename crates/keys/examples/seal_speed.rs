//! How fast a field of 256 bytes is sealed and opened, subkey and associated data included,
//! beside plain AES-256-GCM of `aws-lc-rs` over the same bytes:
//! `cargo run --release -p keys --example seal_speed`.
#![expect(clippy::print_stdout, reason = "it prints what it measured")]
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a measurement reads the clock, and stops at the first failure"
)]

use std::hint::black_box;
use std::time::Instant;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use keys::{FieldClass, KeyRing, Place, RecordPart};
use model::{LifetimeName, Personal, SubjectId};

const FIELD_BYTES: usize = 256;
const TIMES: u32 = 200_000;
const ROUNDS: usize = 5;

fn main() {
    let ring = KeyRing::generate();
    let account = LifetimeName::new("account").expect("a name");
    let keys = ring.create(SubjectId::random(), RecordPart::Person, [&account]).expect("new keys");
    let class = FieldClass { room: "vault", name: "value" };
    let place = Place { table: 11, column: 11, value: "val_00000000000000000000000000" };
    let field = Personal::new(vec![7_u8; FIELD_BYTES]);
    let subkey = keys.subkey(&account, class).expect("a subkey");
    let sealed = subkey.seal(place, &field).expect("sealed").into_bytes();

    let raw_key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[7; 32]).expect("a key"));
    let aad = [7_u8; 120];
    let raw_seal = median(|| {
        let mut buffer = vec![7_u8; FIELD_BYTES];
        let nonce = Nonce::assume_unique_for_key([7; 12]);
        raw_key.seal_in_place_append_tag(nonce, Aad::from(&aad), &mut buffer).expect("sealed");
        black_box(&buffer);
    });
    let mut closed = vec![7_u8; FIELD_BYTES];
    let nonce = Nonce::assume_unique_for_key([7; 12]);
    raw_key.seal_in_place_append_tag(nonce, Aad::from(&aad), &mut closed).expect("sealed");
    let raw_open = median(|| {
        let mut buffer = closed.clone();
        let nonce = Nonce::assume_unique_for_key([7; 12]);
        black_box(raw_key.open_in_place(nonce, Aad::from(&aad), &mut buffer).expect("opened"));
    });
    let seal = median(|| {
        black_box(subkey.seal(place, &field).expect("sealed"));
    });
    let open = median(|| {
        black_box(subkey.open(place, &sealed).expect("opened"));
    });
    let seal_first = median(|| {
        let subkey = keys.subkey(&account, class).expect("a subkey");
        black_box(subkey.seal(place, &field).expect("sealed"));
    });
    let open_first = median(|| {
        let subkey = keys.subkey(&account, class).expect("a subkey");
        black_box(subkey.open(place, &sealed).expect("opened"));
    });
    println!("raw aws-lc-rs       seal {raw_seal:>7.0} ns   open {raw_open:>7.0} ns");
    println!(
        "a subkey's field    seal {seal:>7.0} ns ({:.0} %)   open {open:>7.0} ns ({:.0} %)",
        100.0 * raw_seal / seal,
        100.0 * raw_open / open
    );
    println!(
        "with its derivation seal {seal_first:>7.0} ns ({:.0} %)   open {open_first:>7.0} ns ({:.0} %)",
        100.0 * raw_seal / seal_first,
        100.0 * raw_open / open_first
    );
}

/// Nanoseconds of one call: the median of some rounds.
fn median(mut act: impl FnMut()) -> f64 {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        for _ in 0..TIMES {
            act();
        }
        rounds.push(began.elapsed().as_nanos() as f64 / f64::from(TIMES));
    }
    rounds.sort_by(f64::total_cmp);
    rounds.get(ROUNDS / 2).copied().unwrap_or_default()
}
