//! Signed notes: text that one or more keys have signed (c2sp.org/signed-note).

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};

use crate::encoding::{from_base64, to_base64};
use crate::hash::Hash;

/// The largest note, in bytes (256 KiB): room for 16 signatures of the longest
/// post-quantum kind and more.
pub const NOTE_BYTES_MAX: usize = 256 * 1024;

/// The most signatures on a note.
pub const SIGNATURES_MAX: usize = 64;

/// The signature type of plain Ed25519.
const ED25519_TYPE: u8 = 0x01;
const PUBLIC_KEY_BYTES: usize = 32;
const SIGNATURE_PREFIX: &str = "\u{2014} ";

/// Text and the signatures on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// A signature of any type, by a key that may be unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The name of the key.
    pub name: String,
    /// The key id that tells keys of one name apart.
    pub id: u32,
    /// The signature itself, in the form of its type.
    pub bytes: Vec<u8>,
}

/// A public Ed25519 key and its name. As text: `name+hexid+base64(0x01 ‖ key)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: u32,
    public: [u8; PUBLIC_KEY_BYTES],
}

/// A private Ed25519 key and its name. It is never shown.
pub struct SignerKey {
    verifier: VerifierKey,
    pair: Ed25519KeyPair,
}

/// Why a note, a key or a signature is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Above [`NOTE_BYTES_MAX`] or [`SIGNATURES_MAX`].
    #[error("more than {NOTE_BYTES_MAX} bytes or {SIGNATURES_MAX} signatures")]
    TooLarge,
    /// Not UTF-8, a control character, or no line feed at the end.
    #[error("the text of a note is lines of UTF-8 without control characters")]
    Text,
    /// No blank line with signatures behind it.
    #[error("the note has no signatures")]
    Unsigned,
    /// A signature line that is not `— name base64`.
    #[error("signature line {line} is malformed")]
    SignatureLine {
        /// Counted from 1 among the signatures.
        line: usize,
    },
    /// A key name that is empty or has spaces, a plus or control characters.
    #[error("a key name is not empty and has no spaces, plus or control characters")]
    KeyName,
    /// A verifier key that is not `name+hexid+base64`, or whose id is not its own.
    #[error("not a verifier key")]
    Key,
    /// A verifier key of a type this crate does not verify.
    #[error("a verifier key of the unknown type {kind:#04x}")]
    KeyType {
        /// The type byte.
        kind: u8,
    },
    /// A signature by a known key that is wrong: the note must not be trusted.
    #[error("the signature of `{name}` is wrong")]
    WrongSignature {
        /// The name of the key.
        name: String,
    },
    /// No known key has signed.
    #[error("no known key has signed the note")]
    NoKnownKey,
    /// The cryptographic library refused to sign.
    #[error("signing failed")]
    Signing,
}

impl Note {
    /// A note without signatures yet. `text` ends in a line feed.
    pub fn new(text: impl Into<String>) -> Result<Self, NoteError> {
        let text = text.into();
        if !text.ends_with('\n') || has_control(&text) {
            return Err(NoteError::Text);
        }
        if text.len() > NOTE_BYTES_MAX {
            return Err(NoteError::TooLarge);
        }
        Ok(Self { text, signatures: Vec::new() })
    }

    /// Reads a signed note. Nothing is verified: the text must not be trusted
    /// before [`Note::verify`].
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(NoteError::TooLarge);
        }
        let all = str::from_utf8(bytes).map_err(|_| NoteError::Text)?;
        // The last blank line parts the text from the signatures.
        let (body, lines) = all.rsplit_once("\n\n").ok_or(NoteError::Unsigned)?;
        let mut note = Self::new(format!("{body}\n"))?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Unsigned)?;
        for (position, line) in lines.split('\n').enumerate() {
            if position >= SIGNATURES_MAX {
                return Err(NoteError::TooLarge);
            }
            let signature = parse_signature(line);
            note.signatures.push(signature.ok_or(NoteError::SignatureLine { line: position + 1 })?);
        }
        Ok(note)
    }

    /// The text, with the line feed at its end.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All signatures, of known and unknown keys.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Adds a signature. Ed25519 is deterministic: the same key and text give the
    /// same bytes.
    pub fn sign(&mut self, key: &SignerKey) -> Result<(), NoteError> {
        if self.signatures.len() >= SIGNATURES_MAX {
            return Err(NoteError::TooLarge);
        }
        let made = key.pair.try_sign(self.text.as_bytes());
        let signature = made.map_err(|_| NoteError::Signing)?;
        self.signatures.push(Signature {
            name: key.verifier.name.clone(),
            id: key.verifier.id,
            bytes: signature.as_ref().to_vec(),
        });
        Ok(())
    }

    /// The keys among `keys` that have signed. Signatures of other keys are
    /// ignored; one wrong signature of a known key refuses the whole note.
    ///
    /// Errors: [`NoteError::WrongSignature`], [`NoteError::NoKnownKey`].
    pub fn verify<'k>(&self, keys: &'k [VerifierKey]) -> Result<Vec<&'k VerifierKey>, NoteError> {
        let mut signed: Vec<&VerifierKey> = Vec::new();
        for signature in &self.signatures {
            let known = |key: &&VerifierKey| key.name == signature.name && key.id == signature.id;
            for key in keys.iter().filter(known) {
                key.check(&self.text, signature)?;
                if !signed.contains(&key) {
                    signed.push(key);
                }
            }
        }
        if signed.is_empty() {
            return Err(NoteError::NoKnownKey);
        }
        Ok(signed)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for signature in &self.signatures {
            let mut bytes = signature.id.to_be_bytes().to_vec();
            bytes.extend_from_slice(&signature.bytes);
            let name = &signature.name;
            writeln!(f, "{SIGNATURE_PREFIX}{name} {}", to_base64(&bytes))?;
        }
        Ok(())
    }
}

impl VerifierKey {
    /// A public key of 32 bytes (RFC 8032) under a name, such as the log's origin.
    pub fn new(name: impl Into<String>, public: [u8; PUBLIC_KEY_BYTES]) -> Result<Self, NoteError> {
        let name = name.into();
        check_name(&name)?;
        let id = key_id(&name, &public);
        Ok(Self { name, id, public })
    }

    /// The name that signature lines carry.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of SHA-256(name ‖ LF ‖ 0x01 ‖ key).
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The public key.
    pub fn public_key(&self) -> &[u8; PUBLIC_KEY_BYTES] {
        &self.public
    }

    fn check(&self, text: &str, signature: &Signature) -> Result<(), NoteError> {
        UnparsedPublicKey::new(&ED25519, &self.public)
            .verify(text.as_bytes(), &signature.bytes)
            .map_err(|_| NoteError::WrongSignature { name: self.name.clone() })
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![ED25519_TYPE];
        key.extend_from_slice(&self.public);
        write!(f, "{}+{:08x}+{}", self.name, self.id, to_base64(&key))
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        // Base64 may hold a plus, a name may not.
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(_), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Key);
        };
        let bytes = from_base64(key).ok_or(NoteError::Key)?;
        let (kind, public) = bytes.split_first().ok_or(NoteError::Key)?;
        if *kind != ED25519_TYPE {
            return Err(NoteError::KeyType { kind: *kind });
        }
        let public = public.try_into().map_err(|_| NoteError::Key)?;
        let key = Self::new(name, public)?;
        // The id in the text must be the one that follows from name and key.
        if key.to_string() == text { Ok(key) } else { Err(NoteError::Key) }
    }
}

impl SignerKey {
    /// The key that grows from a seed of 32 random bytes (RFC 8032). The caller
    /// keeps the seed secret and wipes its own copy.
    pub fn from_seed(name: impl Into<String>, seed: &[u8; 32]) -> Result<Self, NoteError> {
        use aws_lc_rs::signature::KeyPair;

        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| NoteError::Key)?;
        let public = pair.public_key().as_ref();
        let public = public.try_into().map_err(|_| NoteError::Key)?;
        let verifier = VerifierKey::new(name, public)?;
        Ok(Self { verifier, pair })
    }

    /// The public half.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey({})", self.verifier.name)
    }
}

fn key_id(name: &str, public: &[u8; PUBLIC_KEY_BYTES]) -> u32 {
    let hash = Hash::of_parts(&[name.as_bytes(), b"\n", &[ED25519_TYPE], public]);
    let [a, b, c, d, ..] = *hash.as_bytes();
    u32::from_be_bytes([a, b, c, d])
}

fn parse_signature(line: &str) -> Option<Signature> {
    let (name, encoded) = line.strip_prefix(SIGNATURE_PREFIX)?.split_once(' ')?;
    check_name(name).ok()?;
    let bytes = from_base64(encoded)?;
    let (id, rest) = bytes.split_first_chunk::<4>()?;
    if rest.is_empty() {
        return None;
    }
    Some(Signature { name: name.to_owned(), id: u32::from_be_bytes(*id), bytes: rest.to_vec() })
}

fn check_name(name: &str) -> Result<(), NoteError> {
    let allowed = |c: char| !c.is_whitespace() && c != '+' && c >= ' ';
    if name.is_empty() || !name.chars().all(allowed) {
        return Err(NoteError::KeyName);
    }
    Ok(())
}

fn has_control(text: &str) -> bool {
    text.chars().any(|c| c < ' ' && c != '\n')
}
