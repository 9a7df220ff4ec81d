//! Settings as a user gets them wrong: one clear line, what to do about it, and exit code 2.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use super::spring;
use crate::tools::{Desk, Ended};

/// `check` with one variable set.
fn with_variable(variable: &str, value: &str) -> Ended {
    let desk = Desk::new();
    let mut command = desk.command(&["check", "pipelines"]);
    command.env(variable, value).output().unwrap().into()
}

#[test]
fn an_unknown_variable_is_refused() {
    let ended = with_variable("CHUNFENG_KEYFILE", "key").with(2);
    assert_eq!(
        ended.stderr,
        "error: CHUNFENG_KEYFILE: no such setting, did you mean CHUNFENG_KEY_FILE?\n"
    );
}

#[test]
fn an_option_of_kafka_that_is_ours_is_refused_with_the_reason() {
    let ended = with_variable("CHUNFENG_KAFKA_ENABLE_AUTO_COMMIT", "true").with(2);
    assert_eq!(
        ended.stderr,
        "error: CHUNFENG_KAFKA_ENABLE_AUTO_COMMIT: not for you to set: the ledger says what has been consumed, not Kafka\n"
    );
}

#[test]
fn a_secret_in_the_settings_file_is_refused() {
    let desk = Desk::new();
    let file = desk.file("chunfeng.yaml", "kafka: { sasl.password: spring2022 }\n");
    let ended = desk.run(&["check", "--config", &file, "pipelines"]).with(2);
    let expected = format!(
        "error: {file}:1:25: `sasl.password` is a secret and may not stand in a settings file\n    \
         write {{ file: PATH }}, or set CHUNFENG_KAFKA_SASL_PASSWORD\n1 problem\n"
    );
    assert_eq!(ended.stderr, expected);
}

#[test]
fn a_lake_that_can_be_nowhere_is_refused_before_anything_is_done() {
    let ended = with_variable("CHUNFENG_LAKE", "ftp://host/lake").with(2);
    assert_eq!(
        ended.stderr,
        "error: `ftp://host/lake` is no lake: neither a folder nor a bucket is named so\n    \
         name a folder, or a bucket that exists as s3://BUCKET/PREFIX, gs://… or az://…\n"
    );
}

#[test]
fn the_environment_cannot_switch_off_put_if_absent_either() {
    let desk = Desk::new();
    let mut command = desk.command(&["check", "pipelines"]);
    command.env("CHUNFENG_LAKE", "s3://bucket/lake");
    Ended::from(command.output().unwrap()).with(0);
    command.env("AWS_CONDITIONAL_PUT", "disabled");
    let ended = Ended::from(command.output().unwrap()).with(2);
    assert!(ended.stderr.contains("`aws_conditional_put` is `disabled`, but "), "{}", ended.stderr);
}

#[test]
fn run_wants_to_know_its_brokers() {
    let ended = Desk::new().run(&["run", "--pipelines", "pipelines"]).with(2);
    assert_eq!(
        ended.stderr,
        "error: no brokers are named\n    set `kafka: { bootstrap.servers: HOST:PORT }`, or \
         CHUNFENG_KAFKA_BOOTSTRAP_SERVERS\n"
    );
}

#[test]
fn somebody_else_s_variable_need_not_be_text() {
    let desk = Desk::new();
    let mut command = desk.command(&["check", "pipelines"]);
    let ended: Ended =
        command.env("LESSCHARSET", OsStr::from_bytes(b"\xff")).output().unwrap().into();
    ended.with(0);
}

#[test]
fn wrong_usage_is_told_by_the_parser_with_the_same_code() {
    for arguments in [
        &["replay"][..],
        &["rates", "--as-of", "yesterday"],
        &["rates", "--format", "xml"],
        &["fly"],
    ] {
        let ended = Desk::new().run(arguments).with(2);
        assert!(ended.stderr.starts_with("error: "), "{}", ended.stderr);
    }
}

#[test]
fn without_a_named_key_the_user_s_own_is_made_once() {
    let desk = Desk::new();
    let (file, lake) = (desk.file("events.ndjson", spring()), desk.at("lake"));
    let arguments = ["replay", "--lake", &lake, "--pipelines", "pipelines", &file];
    let first = desk.run(&arguments).with(0);
    assert!(first.stderr.contains("made a new key at "), "{}", first.stderr);
    assert!(desk.path(".config/chunfeng/key").is_file());
    let second = desk.run(&arguments).with(0);
    assert!(!second.stderr.contains("made a new key"), "{}", second.stderr);
}
