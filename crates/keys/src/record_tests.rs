use super::*;
use crate::sealed::{Place, SealError};
use model::Personal;
use proptest::prelude::*;

const CLASS: FieldClass = FieldClass { room: "vault", name: "value" };
const PLACE: Place<'static> = Place { table: 1, column: 2, value: "val_1" };

fn lifetime(name: &str) -> LifetimeName {
    LifetimeName::new(name).unwrap()
}

fn epoch() -> EpochKey {
    EpochKey::new(1, Key::from_bytes(&[5; 32]))
}

fn ada() -> SubjectId {
    SubjectId::from_bytes([1; 16])
}

fn keys(lifetimes: &[&str]) -> PersonKeys {
    let lifetimes: Vec<_> = lifetimes.iter().map(|name| lifetime(name)).collect();
    PersonKeys::create(&epoch(), ada(), RecordPart::Person, &lifetimes).unwrap()
}

fn open(body: &[u8]) -> Result<PersonKeys, RecordError> {
    PersonKeys::open(&epoch(), ada(), RecordPart::Person, body)
}

fn names(keys: &PersonKeys) -> Vec<String> {
    keys.lifetimes().map(|name| name.to_string()).collect()
}

#[test]
fn a_stored_record_gives_the_same_keys_again() {
    let keys = keys(&["account", "orders"]);
    let sealed =
        keys.subkey(&lifetime("orders"), CLASS).unwrap().seal(PLACE, &Personal::new("an order")).unwrap();
    let opened = open(&keys.wrap(&epoch()).body).unwrap();
    assert_eq!(names(&opened), ["account", "orders"]);
    assert_eq!(opened.trace_key().unwrap().expose(), keys.trace_key().unwrap().expose());
    assert!(opened.subkey(&lifetime("orders"), CLASS).unwrap().open(PLACE, sealed.as_bytes()).is_ok());
    let other = opened.subkey(&lifetime("account"), CLASS).unwrap();
    assert!(other.open(PLACE, sealed.as_bytes()).is_err());
}

#[test]
fn ending_one_lifetime_leaves_the_others_and_its_values_never_open_again() {
    let mut keys = keys(&["account", "orders", "marketing"]);
    let marketing = lifetime("marketing");
    let sealed = keys.subkey(&marketing, CLASS).unwrap().seal(PLACE, &Personal::new("likes tea")).unwrap();
    assert!(keys.end_lifetime(&marketing));
    assert!(!keys.end_lifetime(&marketing));
    let mut keys = open(&keys.wrap(&epoch()).body).unwrap();
    assert_eq!(names(&keys), ["account", "orders"]);
    assert_eq!(keys.subkey(&marketing, CLASS).unwrap_err(), RecordError::NoKey(marketing.clone()));
    assert!(keys.ensure_lifetime(&marketing).unwrap());
    assert!(!keys.ensure_lifetime(&marketing).unwrap());
    let begun_again = keys.subkey(&marketing, CLASS).unwrap();
    assert_eq!(begun_again.open(PLACE, sealed.as_bytes()).unwrap_err(), SealError::WrongKeyVersion);
}

#[test]
fn erasing_a_person_keeps_only_what_the_law_wants_and_no_trace() {
    let mut keys = keys(&["account", "orders", "duty-tax"]);
    let ended = keys.end_all_but(&[lifetime("duty-tax")]);
    assert_eq!(ended, [lifetime("account"), lifetime("orders")]);
    assert_eq!(names(&keys), ["duty-tax"]);
    assert_eq!(keys.trace_key().unwrap_err(), RecordError::NoTraceKey);
    assert!(!keys.is_empty());
    keys.end_all_but(&[]);
    assert!(keys.is_empty());
    assert!(open(&keys.wrap(&epoch()).body).unwrap().is_empty());
}

#[test]
fn the_evidence_record_has_no_trace_key_and_cannot_pass_for_the_persons() {
    let evidence =
        PersonKeys::create(&epoch(), ada(), RecordPart::Evidence, &[lifetime("evidence")]).unwrap();
    assert_eq!(evidence.trace_key().unwrap_err(), RecordError::NoTraceKey);
    assert_eq!(open(&evidence.wrap(&epoch()).body).unwrap_err(), RecordError::NotAuthentic);
}

#[test]
fn a_record_opens_for_its_own_person_and_epoch_only() {
    let body = keys(&["account"]).wrap(&epoch()).body;
    let other = SubjectId::from_bytes([2; 16]);
    let moved = PersonKeys::open(&epoch(), other, RecordPart::Person, &body);
    assert_eq!(moved.unwrap_err(), RecordError::NotAuthentic);
    let open_under = |number, key| {
        let epoch = EpochKey::new(number, Key::from_bytes(&[key; 32]));
        PersonKeys::open(&epoch, ada(), RecordPart::Person, &body).unwrap_err()
    };
    assert_eq!(open_under(1, 6), RecordError::NotAuthentic);
    assert_eq!(open_under(2, 5), RecordError::UnknownEpoch(1));
}

#[test]
fn a_record_written_over_with_another_epochs_number_does_not_open() {
    let mut body = keys(&["account"]).wrap(&epoch()).body;
    body[4] = 2;
    let same_key = EpochKey::new(2, Key::from_bytes(&[5; 32]));
    let opened = PersonKeys::open(&same_key, ada(), RecordPart::Person, &body);
    assert_eq!(opened.unwrap_err(), RecordError::NotAuthentic);
}

#[test]
fn a_key_that_does_not_fit_its_commitment_is_refused() {
    let mut plain = Zeroizing::new(vec![0, 2]);
    push_short_text(&mut plain, "account");
    plain.extend_from_slice(&[0, 1]);
    plain.extend_from_slice(&[7; KEY_BYTES]);
    plain.extend_from_slice(&Key::from_bytes(&[8; KEY_BYTES]).commitment());
    let parsed = PersonKeys::parse(&epoch(), ada(), RecordPart::Person, &plain);
    assert_eq!(parsed.unwrap_err(), RecordError::Commitment);
}

#[test]
fn every_flipped_bit_of_a_record_is_noticed() {
    let body = keys(&["account"]).wrap(&epoch()).body;
    for bit in 0..body.len() * 8 {
        let mut flipped = body.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(open(&flipped).is_err(), "bit {bit}");
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_no_record_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(open(&bytes).is_err());
        let framed = [&[1, 0, 0, 0, 1][..], &bytes].concat();
        prop_assert!(open(&framed).is_err());
        let _ = PersonKeys::parse(&epoch(), ada(), RecordPart::Person, &Zeroizing::new(bytes));
    }

    #[test]
    fn starting_and_ending_lifetimes_in_any_order_never_gives_a_version_twice(
        steps in proptest::collection::vec((any::<bool>(), 0usize..3), 0..30),
    ) {
        let mut keys = keys(&[]);
        let mut seen = vec![1];
        for (start, which) in steps {
            let name = lifetime(["account", "orders", "marketing"][which]);
            if start && keys.ensure_lifetime(&name).unwrap() {
                let version = keys.entry(name.as_str()).unwrap().version;
                prop_assert!(!seen.contains(&version));
                seen.push(version);
            } else if !start {
                keys.end_lifetime(&name);
            }
            keys = open(&keys.wrap(&epoch()).body).unwrap();
        }
    }
}

#[test]
fn a_lifetime_s_key_makes_the_same_subkeys_and_there_is_none_for_a_lifetime_without_one() {
    let keys = keys(&["account", "orders"]);
    let sealed =
        keys.subkey(&lifetime("orders"), CLASS).unwrap().seal(PLACE, &Personal::new("an order")).unwrap();
    let opens = |name: &str| {
        let subkey = keys.lifetime_key(&lifetime(name)).unwrap().subkey(CLASS);
        subkey.open(PLACE, sealed.as_bytes()).is_ok()
    };
    assert!(opens("orders"));
    assert!(!opens("account"));
    let none = keys.lifetime_key(&lifetime("marketing")).map(|_| ()).unwrap_err();
    assert_eq!(none, RecordError::NoKey(lifetime("marketing")));
}
