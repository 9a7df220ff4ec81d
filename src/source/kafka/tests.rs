//! Options of a consumer: passed on as they are, but for those this program owns, and never printed where secret. And how
//! a consumer ends.

use rdkafka::error::RDKafkaErrorCode;

use super::ended_by;
use super::options::{KafkaOptions, OWNED_OPTIONS};
use crate::error::ErrorKind;

fn options(pairs: &[(&str, &str)]) -> KafkaOptions {
    let mut options = KafkaOptions::default();
    for (name, value) in pairs {
        options.set(name, (*value).to_owned()).unwrap();
    }
    options
}

#[test]
fn options_are_passed_on_as_they_are() {
    let options = options(&[
        ("bootstrap.servers", "a:9092"),
        ("group.id", "county"),
        ("fetch.min.bytes", "1"),
    ]);
    let config = options.client_config();
    let given = ["bootstrap.servers", "group.id", "fetch.min.bytes"].map(|name| config.get(name));
    assert_eq!(given, [Some("a:9092"), Some("county"), Some("1")]);
}

#[test]
fn an_owned_option_is_refused_and_set_by_ourselves() {
    for (name, why) in OWNED_OPTIONS {
        assert_eq!(KafkaOptions::default().set(name, "x".to_owned()), Err(why));
    }
    let config = options(&[("client.id", "x")]).client_config();
    assert_eq!(config.get("enable.auto.commit"), Some("false"));
    assert_eq!(config.get("enable.auto.offset.store"), Some("false"));
    assert_eq!(config.get("auto.offset.reset"), Some("error"));
    assert_eq!(config.get("check.crcs"), Some("true"));
    assert_eq!(config.get("partition.assignment.strategy"), Some("cooperative-sticky"));
}

#[test]
fn what_is_set_later_wins() {
    let mut first = options(&[("client.id", "a"), ("group.id", "a")]);
    first.extend(options(&[("group.id", "b")]));
    assert_eq!((first.get("client.id"), first.get("group.id")), (Some("a"), Some("b")));
}

/// Every option of librdkafka that holds a secret.
const SECRETS: [&str; 9] = [
    "sasl.password",
    "ssl.key.password",
    "ssl.key.pem",
    "ssl.keystore.password",
    "sasl.oauthbearer.client.secret",
    "sasl.oauthbearer.client.credentials.client.secret",
    "sasl.oauthbearer.assertion.private.key.pem",
    "sasl.oauthbearer.assertion.private.key.passphrase",
    "sasl.oauthbearer.config",
];

#[test]
fn every_secret_of_librdkafka_is_known_and_never_printed() {
    for name in SECRETS {
        assert!(KafkaOptions::is_secret(name), "{name}");
        let printed = format!("{:?}", options(&[(name, "spring2022")]));
        assert_eq!(printed, format!("{{\"{name}\": \"***\"}}"));
    }
}

#[test]
fn what_is_no_secret_is_printed() {
    for name in [
        "bootstrap.servers",
        "sasl.username",
        "security.protocol",
        "ssl.ca.pem",
        "ssl.key.location",
        "ssl.ca.location",
    ] {
        assert!(!KafkaOptions::is_secret(name), "{name}");
    }
    assert_eq!(
        format!("{:?}", options(&[("sasl.username", "county")])),
        r#"{"sasl.username": "county"}"#
    );
}

#[test]
fn who_is_fenced_begins_anew_and_any_other_end_is_a_failure() {
    let kind = |code| ended_by(code, "so it is").kind();
    assert_eq!(kind(RDKafkaErrorCode::FencedInstanceId), ErrorKind::TakenOver);
    assert_eq!(kind(RDKafkaErrorCode::InvalidProducerEpoch), ErrorKind::Source);
}
