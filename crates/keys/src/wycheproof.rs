//! The vectors of Project Wycheproof for the primitives in use. The data lies beside the
//! repository in `shared/data/wycheproof`; where it is absent the tests say so and pass.

use std::path::{Path, PathBuf};

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use serde_json::Value;

use crate::primitives::{NONCE_BYTES, gcm_open, gcm_seal, hkdf_sha256, hmac_sha256};

#[derive(Debug, PartialEq, Eq, Default)]
struct Count {
    passed: usize,
    skipped: usize,
}

fn shared_folder() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("STEWARD_SHARED") {
        return Some(PathBuf::from(named));
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().map(|folder| folder.join("shared")).find(|shared| shared.join("data").is_dir())
}

/// Runs `check` on every vector; it answers `None` for a size we do not offer, else
/// whether the vector was accepted with the stated output.
fn run(file: &str, check: impl Fn(&Value, &Value) -> Option<bool>) -> Option<Count> {
    let path = shared_folder().map(|shared| shared.join("data/wycheproof").join(file));
    let Some(text) = path.and_then(|path| std::fs::read_to_string(path).ok()) else {
        eprintln!("SKIPPED: {file}: no shared/data/wycheproof (set STEWARD_SHARED)");
        return None;
    };
    let vectors: Value = serde_json::from_str(&text).expect("the vectors are JSON");
    let mut count = Count::default();
    for group in vectors["testGroups"].as_array().expect("groups") {
        for test in group["tests"].as_array().expect("tests") {
            match check(group, test) {
                None => count.skipped += 1,
                Some(accepted) => {
                    assert_eq!(accepted, test["result"] == "valid", "{file}: {test}");
                    count.passed += 1;
                }
            }
        }
    }
    assert_eq!(vectors["numberOfTests"], count.passed + count.skipped);
    eprintln!("{file}: {} passed, {} skipped", count.passed, count.skipped);
    Some(count)
}

fn bytes(value: &Value) -> Vec<u8> {
    crate::golden::from_hex(value.as_str().expect("a hexadecimal text"))
}

#[test]
fn aes_256_gcm_keeps_to_the_vectors() {
    let count = run("aes_gcm_test.json", |group, test| {
        if group["keySize"] != 256 || group["ivSize"] != 96 || group["tagSize"] != 128 {
            return None;
        }
        let key = bytes(&test["key"]).try_into().expect("a 256-bit key");
        let nonce: [u8; NONCE_BYTES] = bytes(&test["iv"]).try_into().expect("a 96-bit nonce");
        let (associated, message) = (bytes(&test["aad"]), bytes(&test["msg"]));
        let expected = [bytes(&test["ct"]), bytes(&test["tag"])].concat();
        let opened = gcm_open(&key, &nonce, &associated, &expected);
        let mut sealed = message.clone();
        gcm_seal(&key, nonce, &associated, &mut sealed, 0).expect("short enough");
        Some(opened.is_some_and(|opened| *opened == message) && sealed == expected)
    });
    assert!(count.is_none_or(|count| count == Count { passed: 66, skipped: 250 }));
}

#[test]
fn hkdf_sha_256_keeps_to_the_vectors() {
    let count = run("hkdf_sha256_test.json", |_, test| {
        let size = usize::try_from(test["size"].as_u64().expect("a size")).expect("fits");
        let mut out = vec![0; size];
        let derived =
            hkdf_sha256(&bytes(&test["salt"]), &bytes(&test["ikm"]), &bytes(&test["info"]), &mut out);
        Some(derived.is_some() && out == bytes(&test["okm"]))
    });
    assert!(count.is_none_or(|count| count == Count { passed: 86, skipped: 0 }));
}

#[test]
fn hmac_sha_256_keeps_to_the_vectors() {
    let count = run("hmac_sha256_test.json", |_, test| {
        let expected = bytes(&test["tag"]);
        let tag = hmac_sha256(&bytes(&test["key"]), &bytes(&test["msg"]));
        Some(tag.get(..expected.len()) == Some(&expected[..]))
    });
    assert!(count.is_none_or(|count| count == Count { passed: 174, skipped: 0 }));
}

#[test]
fn ed25519_of_the_same_library_keeps_to_the_vectors() {
    let count = run("ed25519_test.json", |group, test| {
        let key = UnparsedPublicKey::new(&ED25519, bytes(&group["publicKey"]["pk"]));
        Some(key.verify(&bytes(&test["msg"]), &bytes(&test["sig"])).is_ok())
    });
    assert!(count.is_none_or(|count| count == Count { passed: 151, skipped: 0 }));
}
