//! The raw bytes of a reject, kept for whoever holds the key and for nobody else.
//!
//! ```text
//! sealed   = version 1 (1 byte) | nonce (24) | XChaCha20-Poly1305 of plain, bound to topic/partition/offset
//! plain    = headers: count (u16) then for each name length (u16) name, value length (u32) value | the value
//! ```
//! The nonce is a keyed hash of everything sealed, so that a replay seals the same record to the same bytes.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use super::{Headers, Key, Offset, TopicPartition};

const VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;

/// A reject as it came.
#[derive(PartialEq, Eq, Debug)]
pub struct Unsealed {
    /// Its headers.
    pub headers: Headers,
    /// Its value.
    pub value: Vec<u8>,
}

/// Why a seal did not open.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SealError {
    /// Another key sealed it, or the bytes were changed.
    #[error("the key does not open this record")]
    WrongKey,
    /// What is inside is not what this program seals.
    #[error("the sealed bytes are not of a version this program knows")]
    Unknown,
}

impl Key {
    /// Seals a record's headers and value.
    pub fn seal(
        &self,
        partition: &TopicPartition,
        offset: Offset,
        headers: &Headers,
        value: &[u8],
    ) -> Vec<u8> {
        let bound = format!("{partition}/{offset}");
        let plain = plain(headers, value);
        let mut hasher = blake3::Hasher::new_keyed(&self.sealing);
        hasher.update(bound.as_bytes()).update(&[0]).update(&plain);
        let mut nonce = [0; NONCE_BYTES];
        hasher.finalize_xof().fill(&mut nonce);
        let payload = Payload { msg: &plain, aad: bound.as_bytes() };
        let cipher = XChaCha20Poly1305::new(&self.sealing.into());
        // It fails only for messages of 256 GiB and more.
        let sealed = cipher.encrypt(XNonce::from_slice(&nonce), payload).unwrap_or_default();
        [&[VERSION][..], &nonce, &sealed].concat()
    }

    /// Opens what [`Key::seal`] sealed for the same place.
    pub fn unseal(
        &self,
        partition: &TopicPartition,
        offset: Offset,
        sealed: &[u8],
    ) -> Result<Unsealed, SealError> {
        let (version, rest) = sealed.split_first().ok_or(SealError::Unknown)?;
        let (nonce, body) = rest.split_at_checked(NONCE_BYTES).ok_or(SealError::Unknown)?;
        if *version != VERSION {
            return Err(SealError::Unknown);
        }
        let bound = format!("{partition}/{offset}");
        let payload = Payload { msg: body, aad: bound.as_bytes() };
        let cipher = XChaCha20Poly1305::new(&self.sealing.into());
        let plain =
            cipher.decrypt(XNonce::from_slice(nonce), payload).map_err(|_| SealError::WrongKey)?;
        parse(&plain).ok_or(SealError::Unknown)
    }
}

fn plain(headers: &Headers, value: &[u8]) -> Vec<u8> {
    let kept = headers.iter().take(usize::from(u16::MAX));
    let mut plain = (kept.len() as u16).to_le_bytes().to_vec();
    for (name, value) in kept {
        let name = &name.as_bytes()[..name.len().min(usize::from(u16::MAX))];
        plain.extend((name.len() as u16).to_le_bytes());
        plain.extend(name);
        plain.extend((value.len() as u32).to_le_bytes());
        plain.extend(value);
    }
    plain.extend(value);
    plain
}

fn parse(plain: &[u8]) -> Option<Unsealed> {
    let (count, mut rest) = plain.split_first_chunk::<2>()?;
    let mut headers = Headers::new();
    for _ in 0..u16::from_le_bytes(*count) {
        let (length, tail) = rest.split_first_chunk::<2>()?;
        let (name, tail) = tail.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
        let (length, tail) = tail.split_first_chunk::<4>()?;
        let (value, tail) = tail.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        headers.push((String::from_utf8_lossy(name).into_owned(), value.to_vec()));
        rest = tail;
    }
    Some(Unsealed { headers, value: rest.to_vec() })
}
