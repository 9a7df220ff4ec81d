//! The secret behind every pseudonym and every seal.
//!
//! Read from a file, never printed; the lake carries its fingerprint, so that a wrong key is refused instead of
//! splitting every entity in two.

use std::fmt;
use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sm3::Sm3;
use smallvec::SmallVec;

use crate::error::{Error, ErrorKind};
use crate::roster::Token;

/// What is hashed is nearly always shorter, and needs no allocation.
const NAMED_BYTES: usize = 128;

/// How identifiers become pseudonyms.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PseudonymScheme {
    /// Keyed BLAKE3: the fastest.
    #[default]
    Blake3,
    /// HMAC-SM3, where commercial cryptography is prescribed.
    HmacSm3,
}

/// The key. Everything secret in the program derives from it.
pub struct Key {
    scheme: PseudonymScheme,
    pseudonym: [u8; 32],
    pub(super) sealing: [u8; 32],
    fingerprint: String,
}

/// Why a key file is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("cannot read the key file {path}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file holds something else.
    #[error("{path} holds no key: expected 32 bytes in base64")]
    Malformed {
        /// The file.
        path: String,
    },
}

impl Key {
    /// A key from its 32 bytes.
    pub fn new(secret: &[u8; 32], scheme: PseudonymScheme) -> Self {
        let fingerprint = blake3::derive_key("chunfeng 2026 key fingerprint", secret);
        Self {
            scheme,
            pseudonym: blake3::derive_key("chunfeng 2026 pseudonyms", secret),
            sealing: blake3::derive_key("chunfeng 2026 sealed rejects", secret),
            fingerprint: format!("{scheme:?}:{}", &blake3::Hash::from(fingerprint).to_hex()[..16]),
        }
    }

    /// Reads a key file: 32 bytes in base64, as `head -c 32 /dev/urandom | base64` writes them.
    pub fn read(path: &Path, scheme: PseudonymScheme) -> Result<Self, KeyError> {
        let name = path.display().to_string();
        let text = fs::read_to_string(path)
            .map_err(|source| KeyError::Unreadable { path: name.clone(), source })?;
        let bytes = STANDARD.decode(text.trim()).ok();
        let secret = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        secret.map(|secret| Self::new(&secret, scheme)).ok_or(KeyError::Malformed { path: name })
    }

    /// The text of a key file for these bytes.
    pub fn file_text(secret: &[u8; 32]) -> String {
        format!("{}\n", STANDARD.encode(secret))
    }

    /// What the lake carries to tell one key from another. Says nothing of the key itself.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The pseudonym of an identifier. `entity` is the kind of thing, so that a worker and an enterprise of the same
    /// number differ, and a worker is the same in every pipeline.
    pub fn pseudonym(&self, entity: &str, id: &str) -> Token {
        let normalised = normalise(id);
        let mut named: SmallVec<[u8; NAMED_BYTES]> = SmallVec::new();
        named.extend_from_slice(entity.as_bytes());
        named.push(0);
        named.extend_from_slice(normalised.as_bytes());
        let hash: [u8; 32] = match self.scheme {
            PseudonymScheme::Blake3 => blake3::keyed_hash(&self.pseudonym, &named).into(),
            PseudonymScheme::HmacSm3 => hmac_sm3(&self.pseudonym, &named),
        };
        let mut token = [0; 16];
        token.copy_from_slice(&hash[..16]);
        Token(token)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.fingerprint)
    }
}

impl From<KeyError> for Error {
    fn from(error: KeyError) -> Self {
        Error::new(ErrorKind::Invalid, error.to_string())
            .advise("make one with `head -c 32 /dev/urandom | base64 > FILE` and keep it safe")
            .because(error)
    }
}

fn hmac_sm3(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    // HMAC takes keys of any length, so this one is never refused.
    let mac = Hmac::<Sm3>::new_from_slice(key).map(|mac| mac.chain_update(message));
    mac.map(|mac| mac.finalize().into_bytes().into()).unwrap_or_default()
}

/// One person, one pseudonym: the check letter of an identity number is written `x` by some.
fn normalise(id: &str) -> std::borrow::Cow<'_, str> {
    match id.strip_suffix('x') {
        Some(digits) if digits.len() == 17 && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{digits}X").into()
        }
        _ => id.into(),
    }
}
