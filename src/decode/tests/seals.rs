//! Sealed rejects: whoever holds the key reads them as they came, and nobody else reads anything.

use proptest::prelude::*;

use super::super::{SealError, Unsealed};
use super::*;

fn key(secret: u8) -> Key {
    Key::new(&[secret; 32], PseudonymScheme::Blake3)
}

fn headers() -> Headers {
    vec![
        ("content-type".to_owned(), b"application/json".to_vec()),
        ("empty".to_owned(), Vec::new()),
        (String::new(), vec![0, 255]),
        ("empty".to_owned(), b"again".to_vec()),
    ]
}

fn seal(value: &[u8]) -> Vec<u8> {
    key(7).seal(&place(), Offset(41), &headers(), value)
}

#[test]
fn a_seal_opens_to_what_was_sealed() {
    for value in [&b""[..], b"{", &[0xff, 0, 0x80], &vec![b'x'; 1 << 20]] {
        let unsealed = key(7).unseal(&place(), Offset(41), &seal(value)).unwrap();
        assert!(unsealed == Unsealed { headers: headers(), value: value.to_vec() });
    }
}

#[test]
fn a_seal_opens_for_its_key_and_place_alone() {
    let sealed = seal(b"110101199003077715");
    let elsewhere = |topic: &str, partition| TopicPartition { topic: topic.into(), partition };
    let wrong = Err(SealError::WrongKey);
    assert_eq!(key(8).unseal(&place(), Offset(41), &sealed), wrong);
    assert_eq!(key(7).unseal(&place(), Offset(42), &sealed), wrong);
    assert_eq!(key(7).unseal(&elsewhere("hr.workers", 1), Offset(41), &sealed), wrong);
    assert_eq!(key(7).unseal(&elsewhere("hr.enterprises", 0), Offset(41), &sealed), wrong);
}

#[test]
fn a_scheme_for_pseudonyms_does_not_matter_to_seals() {
    let other = Key::new(&[7; 32], PseudonymScheme::HmacSm3);
    assert!(other.unseal(&place(), Offset(41), &seal(b"{")).is_ok());
}

#[test]
fn the_same_record_is_sealed_to_the_same_bytes_and_another_is_not() {
    assert_eq!(seal(b"{"), seal(b"{"));
    assert_ne!(seal(b"{")[..25], seal(b"[")[..25], "another nonce");
    let elsewhere = key(7).seal(&place(), Offset(42), &headers(), b"{");
    assert_ne!(elsewhere[..25], seal(b"{")[..25], "another nonce");
}

#[test]
fn nothing_of_a_record_shows_through_its_seal() {
    let plain = b"110101199003077715".repeat(100);
    let sealed = seal(&plain);
    assert!(!sealed.windows(4).any(|window| plain.windows(4).any(|part| part == window)));
}

#[test]
fn changed_bytes_do_not_open() {
    let sealed = seal(b"{\"type\":1}");
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(key(7).unseal(&place(), Offset(41), &changed).is_err(), "byte {at}");
        assert!(key(7).unseal(&place(), Offset(41), &sealed[..at]).is_err(), "{at} bytes");
    }
    let mut other_version = sealed;
    other_version[0] = 2;
    assert_eq!(key(7).unseal(&place(), Offset(41), &other_version), Err(SealError::Unknown));
}

proptest! {
    #[test]
    fn any_record_comes_back_as_it_was(
        headers in proptest::collection::vec(("\\PC{0,20}", proptest::collection::vec(any::<u8>(), 0..40)), 0..5),
        value in proptest::collection::vec(any::<u8>(), 0..400),
        offset in 0..i64::MAX,
    ) {
        let sealed = key(7).seal(&place(), Offset(offset), &headers, &value);
        let unsealed = key(7).unseal(&place(), Offset(offset), &sealed);
        prop_assert_eq!(unsealed, Ok(Unsealed { headers, value }));
    }

    #[test]
    fn random_bytes_never_open_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(key(7).unseal(&place(), Offset(0), &bytes).is_err());
    }
}
