//! Pseudonyms and feed names: what may be known of somebody outside this room.

use super::super::{KeyError, feed_name};
use super::*;

/// An identity number that nobody has: its check digit is wrong.
const ID: &str = "11010119900307771X";

fn key(secret: u8, scheme: PseudonymScheme) -> Key {
    Key::new(&[secret; 32], scheme)
}

fn token(scheme: PseudonymScheme, entity: &str, id: &str) -> String {
    format!("{:?}", key(7, scheme).pseudonym(entity, id))
}

#[test]
fn a_pseudonym_is_a_function_of_key_entity_and_identifier() {
    for scheme in [PseudonymScheme::Blake3, PseudonymScheme::HmacSm3] {
        let of = |secret, entity, id| key(secret, scheme).pseudonym(entity, id);
        let pseudonym = of(7, "worker", ID);
        assert_eq!(of(7, "worker", ID), pseudonym);
        assert_ne!(of(8, "worker", ID), pseudonym, "another key");
        assert_ne!(of(7, "enterprise", ID), pseudonym, "another kind of thing");
        assert_ne!(of(7, "worker", "110101199003077711"), pseudonym, "somebody else");
    }
    let pseudonym = |scheme| key(7, scheme).pseudonym("worker", ID);
    assert_ne!(pseudonym(PseudonymScheme::Blake3), pseudonym(PseudonymScheme::HmacSm3));
}

#[test]
fn the_border_between_entity_and_identifier_counts() {
    let key = key(7, PseudonymScheme::Blake3);
    assert_ne!(key.pseudonym("worker", "s1"), key.pseudonym("workers", "1"));
}

#[test]
fn the_check_letter_of_an_identity_number_may_be_small() {
    for scheme in [PseudonymScheme::Blake3, PseudonymScheme::HmacSm3] {
        assert_eq!(token(scheme, "worker", "11010119900307771x"), token(scheme, "worker", ID));
        // Nothing else is taken for an identity number.
        for other in ["1101011990030777x", "1101011990030777111x", "1101011990030777ax", "x"] {
            assert_ne!(
                token(scheme, "worker", other),
                token(scheme, "worker", &other.to_uppercase()),
                "{other}"
            );
        }
    }
}

/// A lake made with one version must be read by the next: these never change. They were reckoned with other programs,
/// the second with OpenSSL's SM3.
#[test]
fn pseudonyms_are_what_they_have_always_been() {
    assert_eq!(token(PseudonymScheme::Blake3, "worker", ID), "ae70e2ceb5f90b96b8feede7a8005f5e");
    assert_eq!(token(PseudonymScheme::HmacSm3, "worker", ID), "ab954ec8eb8a18dcf3c14c89d76955fa");
    assert_eq!(key(7, PseudonymScheme::Blake3).fingerprint(), "Blake3:aca0c0a3439111c9");
    assert_eq!(key(7, PseudonymScheme::HmacSm3).fingerprint(), "HmacSm3:aca0c0a3439111c9");
}

#[test]
fn every_worker_of_a_small_town_has_a_pseudonym_of_its_own() {
    let key = key(7, PseudonymScheme::Blake3);
    let tokens: std::collections::HashSet<Token> =
        (0..20_000).map(|n| key.pseudonym("worker", &format!("w{n}"))).collect();
    assert_eq!(tokens.len(), 20_000);
}

#[test]
fn a_key_prints_its_fingerprint_and_nothing_else() {
    let key = key(7, PseudonymScheme::Blake3);
    assert_eq!(format!("{key:?}"), format!("Key({})", key.fingerprint()));
    assert!(!key.fingerprint().contains("0707"));
}

fn read(text: &str) -> Result<Key, KeyError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    std::fs::write(&path, text).unwrap();
    Key::read(&path, PseudonymScheme::Blake3)
}

#[test]
fn a_key_file_holds_thirty_two_bytes_in_base64() {
    let text = Key::file_text(&[7; 32]);
    let fingerprint = key(7, PseudonymScheme::Blake3).fingerprint().to_owned();
    assert_eq!(read(&text).unwrap().fingerprint(), fingerprint);
    assert_eq!(read(&format!("\n {}\r\n", text.trim())).unwrap().fingerprint(), fingerprint);
}

#[test]
fn what_is_no_key_is_refused_without_being_shown() {
    let secret = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
    for text in ["", "\n", "password", secret, "BwcHBw==", &format!("{secret}={secret}=")] {
        let error = read(text).unwrap_err();
        assert!(matches!(error, KeyError::Malformed { .. }), "{text:?}");
        let told = crate::error::Error::from(error);
        let told = format!("{told} {:?} {told:?}", told.advice());
        assert!(text.trim().is_empty() || !told.contains(text), "{told}");
    }
}

#[test]
fn a_key_file_that_is_not_there_is_named() {
    let missing = Key::read(std::path::Path::new("/no/such/key"), PseudonymScheme::Blake3);
    assert_eq!(missing.unwrap_err().to_string(), "cannot read the key file /no/such/key");
}

#[test]
fn a_feed_keeps_its_name_and_loses_its_persons() {
    for name in [
        "",
        "/huli/jiangtou",
        "urn:area:350206",
        "urn:village:330783123201",
        "//hr.jinhua.gov.cn/2022-02-21",
        "街道",
    ] {
        assert_eq!(feed_name(name), name);
    }
    assert_eq!(feed_name("/phone/13912345678"), "/phone/*");
    assert_eq!(feed_name("13912345678/350206/13812345678"), "*/350206/*");
    assert_eq!(feed_name("tel:+8613912345678"), "tel:+*");
    assert_eq!(feed_name("/id/110101199003077715/"), "/id/*/");
    assert_eq!(feed_name("/id/11010119900307771X"), "/id/*X");
    assert_eq!(feed_name("工110101900307771人"), "工*人");
}

#[test]
fn a_fixed_telephone_is_no_village() {
    assert_eq!(feed_name("/phone/059212345678"), "/phone/*");
}

#[test]
fn where_seasons_are_told_apart_a_worker_is_another_one_each_spring() {
    let apart = TRIPS.replace("entity: worker\n", "entity: worker\nseason: spring-festival\n");
    let mut desk = Desk::of(&apart);
    let mut at = |time: &str| {
        let event = event_with("/time", time);
        fact(desk.decode(Some(event.as_bytes()), Headers::new(), WRITTEN)).entity
    };
    let (last, this) = (at("2021-02-20T12:00:00+08:00"), at("2022-02-10T12:00:00+08:00"));
    assert_ne!(last, this);
    // In any order, and to the last second of a July in Shanghai.
    assert_eq!(at("2021-07-31T23:59:59+08:00"), last);
    assert_eq!(at("2021-08-01T00:00:00+08:00"), this);
    assert_eq!(at("2020-08-01T00:00:00+08:00"), last);
    assert_ne!(this, fact(decode(event().to_string())).entity, "nor is it the one of all years");
}

#[test]
fn where_they_are_not_a_worker_is_the_same_one_for_ever() {
    let at = |time: &str| fact(decode(event_with("/time", time))).entity;
    assert_eq!(at("2012-02-20T12:00:00+08:00"), at("2022-02-10T12:00:00+08:00"));
}
