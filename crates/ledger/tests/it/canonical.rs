//! Canonical JSON: what two programs must agree on to the byte.

use ledger::canonical::{CanonicalError, ENTRY_BYTES_MAX, INTEGER_MAX, encode, encode_entry, parse_entry};
use proptest::prelude::*;
use serde_json::{Value, json};

fn text(value: &Value) -> String {
    String::from_utf8(encode(value).unwrap()).unwrap()
}

#[test]
fn keys_are_sorted_by_utf16_as_in_the_example_of_the_rfc() {
    // RFC 8785, section 3.2.3: the smiley (U+1F600) sorts before U+FB33.
    let value: Value = serde_json::from_str(
        r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh",
            "1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control",
            "\u00f6":"Latin Small Letter O With Diaeresis"}"#,
    )
    .unwrap();
    assert_eq!(
        text(&value),
        "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\
         \"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\
         \"😀\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}"
    );
}

#[test]
fn strings_are_escaped_as_in_the_example_of_the_rfc() {
    // RFC 8785, section 3.2.2: `string` and `literals` of its sample.
    let value: Value = serde_json::from_str(
        r#"{"string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}"#,
    )
    .unwrap();
    assert_eq!(
        text(&value),
        "{\"literals\":[null,true,false],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"
    );
    assert_eq!(text(&json!("\u{8}\t\n\u{c}\r\u{7f}\u{1f}")), "\"\\b\\t\\n\\f\\r\u{7f}\\u001f\"");
}

#[test]
fn integers_that_javascript_would_round_are_refused() {
    let most = INTEGER_MAX as i64;
    assert_eq!(text(&json!([most, -most, 0])), "[9007199254740991,-9007199254740991,0]");
    for value in [json!(INTEGER_MAX + 1), json!(-most - 1), json!(u64::MAX), json!(1e300)] {
        assert_eq!(encode(&value), Err(CanonicalError::IntegerTooLarge), "{value}");
    }
}

#[test]
fn fractions_exponents_and_minus_zero_are_refused() {
    for number in ["1.5", "1.0", "1e3", "-0", "0.0", "-0.0", "1E400"] {
        let result = parse_entry(number.as_bytes());
        assert!(
            matches!(result, Err(CanonicalError::NotAnInteger | CanonicalError::Syntax { .. })),
            "{number}: {result:?}"
        );
    }
}

#[test]
fn a_key_twice_is_refused() {
    assert_eq!(parse_entry(br#"{"a":1,"a":1}"#), Err(CanonicalError::NotCanonical { offset: 6 }));
    assert_eq!(parse_entry(br#"{"a":1,"a":2}"#), Err(CanonicalError::NotCanonical { offset: 5 }));
    // The same key, once in disguise.
    assert!(parse_entry(br#"{"a":1,"\u0061":1}"#).is_err());
}

#[test]
fn bytes_that_are_json_but_not_canonical_are_refused() {
    for bytes in [
        &br#"{"b":1,"a":2}"#[..],
        br#"{"a": 1}"#,
        b"{\"a\":1}\n",
        br#""\u0041""#,
        br#""\/""#,
        br#""\u000A""#,
        br#""\u001F""#,
        b" 1",
        "\u{feff}1".as_bytes(),
    ] {
        assert!(parse_entry(bytes).is_err(), "{}", String::from_utf8_lossy(bytes));
    }
    for bytes in [&b""[..], b"{", b"01", b"\"\\ud800\"", b"\"\xff\"", b"nul", b"1 2"] {
        assert!(
            matches!(parse_entry(bytes), Err(CanonicalError::Syntax { .. })),
            "{}",
            String::from_utf8_lossy(bytes)
        );
    }
}

#[test]
fn an_entry_has_at_most_16_kib() {
    let fits = json!("x".repeat(ENTRY_BYTES_MAX - 2));
    let bytes = encode_entry(&fits).unwrap();
    assert_eq!(bytes.len(), 16_384);
    assert_eq!(parse_entry(&bytes).unwrap(), fits);
    let over = json!("x".repeat(ENTRY_BYTES_MAX - 1));
    let too_large = CanonicalError::TooLarge { size_bytes: 16_385, max_bytes: 16_384 };
    assert_eq!(encode_entry(&over), Err(too_large));
    assert_eq!(parse_entry(&encode(&over).unwrap()), Err(too_large));
}

#[test]
fn deep_nesting_is_refused_and_does_not_overflow_the_stack() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(parse_entry(nested(32).as_bytes()).is_ok());
    assert_eq!(parse_entry(nested(33).as_bytes()), Err(CanonicalError::TooDeep));
    assert!(parse_entry(nested(8_000).as_bytes()).is_err());
}

#[test]
fn an_error_never_shows_what_the_entry_says() {
    let error = parse_entry(br#"{"name":"Erika Mustermann" "#).unwrap_err();
    assert_eq!(error.to_string(), "not valid JSON at line 1, column 27");
}

/// Any value an entry may hold.
pub(crate) fn any_value() -> impl Strategy<Value = Value> {
    let most = INTEGER_MAX as i64;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-most..=most).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_encoded_reads_back_as_itself(value in any_value()) {
        let bytes = encode(&value).unwrap();
        prop_assert_eq!(ledger::canonical::parse(&bytes, bytes.len()).unwrap(), value);
    }

    #[test]
    fn two_canonical_texts_of_one_value_are_equal(value in any_value(), spaces in "[ \n\t]{1,3}") {
        let bytes = encode(&value).unwrap();
        let pretty = serde_json::to_string_pretty(&value).unwrap() + &spaces;
        let again: Value = serde_json::from_str(&pretty).unwrap();
        prop_assert_eq!(encode(&again).unwrap(), bytes);
        prop_assert!(parse_entry(pretty.as_bytes()).is_err());
    }
}
