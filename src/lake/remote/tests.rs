//! A lake's URL, and what a bucket's failures are taken for. The store is a socket that gives always the same answer.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use super::super::patience::ANSWER_DEADLINE;
use super::super::{Identity, Lake, LakeError, PipelineLake};
use super::options::{PUT_IF_ABSENT, suggested};
use super::*;
use crate::error::{Error, ErrorKind};

/// Nothing of it is waited for longer.
const SOON: Duration = Duration::from_secs(15);

fn options(pairs: &[(&str, &str)]) -> StoreOptions {
    let mut options = StoreOptions::default();
    for (name, value) in pairs {
        options.set(name, (*value).to_owned()).unwrap();
    }
    options
}

fn refused(location: &str, pairs: &[(&str, &str)]) -> String {
    let refused = Lake::with_options(location, &options(pairs)).map(drop).unwrap_err();
    assert!(matches!(refused, LakeError::Location { .. }), "{refused:?}");
    assert_eq!(Error::from(refused).kind(), ErrorKind::Invalid);
    let refused = Lake::with_options(location, &options(pairs)).map(drop).unwrap_err();
    refused.to_string()
}

#[test]
fn buckets_of_three_kinds_can_hold_a_lake() {
    let azure = [("azure_storage_account_name", "account"), ("azure_storage_account_key", "a2V5")];
    for location in ["s3://bucket/a/lake", "s3://bucket", "s3a://bucket/lake/", "gs://bucket/湖"] {
        Lake::at(location).map(drop).unwrap_or_else(|error| panic!("{location}: {error}"));
    }
    for location in ["az://container/lake", "abfss://container@account.dfs.core.windows.net/lake"] {
        Lake::with_options(location, &options(&azure))
            .map(drop)
            .unwrap_or_else(|error| panic!("{location}: {error}"));
    }
}

#[test]
fn tables_lie_below_the_lake_s_prefix() {
    for location in ["s3://bucket/a/lake", "s3://bucket/a/lake/"] {
        let table = Lake::at(location).unwrap().table("p", "ledger").unwrap();
        assert_eq!(table.as_str(), "s3://bucket/a/lake/p/ledger/");
    }
    let table = Lake::at("s3://bucket").unwrap().table("p", "ledger").unwrap();
    assert_eq!(table.as_str(), "s3://bucket/p/ledger/");
}

#[test]
fn what_is_neither_a_folder_nor_a_bucket_is_refused() {
    for location in [
        "memory:///lake",
        "http://host/lake",
        "https://bucket.s3.amazonaws.com/lake",
        "ftp://host/lake",
        "s3:///lake",
    ] {
        let told = refused(location, &[]);
        assert_eq!(
            told,
            format!("`{location}` is no lake: neither a folder nor a bucket is named so")
        );
    }
}

#[test]
fn a_secret_in_a_url_is_refused_and_not_shown() {
    for location in ["s3://me:spring2022@bucket/lake", "az://container/lake?sig=spring2022"] {
        let told = refused(location, &[]);
        assert!(
            told.ends_with("a lake's URL is a bucket and a prefix, and nothing else"),
            "{told}"
        );
        assert!(!told.contains("spring2022"), "{told}");
    }
}

#[test]
fn an_option_s_value_that_does_not_fit_is_told() {
    let told = refused("s3://bucket/lake", &[("aws_virtual_hosted_style_request", "perhaps")]);
    assert!(told.contains("perhaps"), "{told}");
    let told = refused("s3://bucket/lake", &[("aws_access_key_id", "me")]);
    assert!(told.contains("SecretAccessKey"), "{told}");
}

#[test]
fn a_secret_that_does_not_fit_is_not_repeated() {
    let told = refused("gs://bucket/lake", &[("google_service_account_key", "\"spring2022\"")]);
    assert!(told.contains("***") && !told.contains("spring2022"), "{told}");
}

#[test]
fn every_name_that_is_suggested_is_one() {
    for name in suggested() {
        assert!(StoreOptions::is_known(name), "{name}");
    }
}

#[test]
fn put_if_absent_is_on_and_what_does_not_answer_is_given_up_before_patience_asks_again() {
    let url = Url::parse("s3://bucket/lake").unwrap();
    let builder = amazon(&url, &StoreOptions::default());
    let value = |key: Aws| builder.get_config_value(&key).unwrap();
    assert_eq!(value(Aws::ConditionalPut), PUT_IF_ABSENT);
    let timeout = value(Aws::Client(ClientConfigKey::Timeout));
    let seconds: u64 = timeout.split(' ').next().unwrap().trim_end_matches('s').parse().unwrap();
    assert!(Duration::from_secs(seconds) < ANSWER_DEADLINE, "{timeout}");
}

/// A store on loopback that gives everybody this answer.
fn always(status: &str, body: &str) -> StoreOptions {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let length = body.len();
    let answer =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            _ = give(stream, &answer);
        }
    });
    reached_at(&endpoint)
}

fn give(mut stream: TcpStream, answer: &str) -> std::io::Result<()> {
    let mut asked = [0; 4096];
    _ = stream.read(&mut asked)?;
    stream.write_all(answer.as_bytes())
}

fn reached_at(endpoint: &str) -> StoreOptions {
    options(&[
        ("aws_endpoint", endpoint),
        ("aws_allow_http", "true"),
        ("aws_access_key_id", "me"),
        ("aws_secret_access_key", "spring2022"),
    ])
}

/// How a table cannot be opened for writing.
async fn unopened(options: &StoreOptions) -> LakeError {
    let lake = Lake::with_options("s3://bucket/lake", options).unwrap();
    let text = include_str!("../../../pipelines/return-to-work.yaml");
    let pipeline = Arc::new(crate::spec::load_text("return-to-work.yaml", text).unwrap());
    let identity = Identity::new(&pipeline, "key");
    let began = Instant::now();
    let opened = PipelineLake::open(&lake, pipeline, &identity).await.map(drop);
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    opened.unwrap_err()
}

async fn unlisted(options: &StoreOptions) -> LakeError {
    Lake::with_options("s3://bucket/lake", options).unwrap().pipelines().await.unwrap_err()
}

fn advice(error: LakeError) -> String {
    Error::from(error).advice().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_throttles_may_recover_and_says_so_in_one_line() {
    let slow_down = always(
        "503 Slow Down",
        "<?xml version=\"1.0\"?>\n<Error>\n <Code>SlowDown</Code>\n</Error>",
    );
    for error in [unopened(&slow_down).await, unlisted(&slow_down).await] {
        let told = error.to_string();
        assert!(told.contains("503 Service Unavailable") && told.contains("SlowDown"), "{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
        assert!(advice(error).contains("can be reached"));
    }
    assert!(matches!(unopened(&slow_down).await, LakeError::Unavailable { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_nobody_listens_for_may_come_back() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let away = reached_at(&format!("http://{free}"));
    let error = unopened(&away).await;
    assert!(error.to_string().ends_with("Connection refused (os error 111)"), "{error}");
    assert!(matches!(error, LakeError::Unavailable { .. }), "{error:?}");
    assert!(advice(unlisted(&away).await).contains("can be reached"));
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_are_refused_are_told_with_advice_and_without_the_secret() {
    for status in ["403 Forbidden", "401 Unauthorized"] {
        let denied = always(status, "<Error><Code>AccessDenied</Code></Error>");
        for error in [unopened(&denied).await, unlisted(&denied).await] {
            let told = format!("{error} {error:?}");
            assert!(!told.contains("spring2022"), "{told}");
            assert!(advice(error).starts_with("see that the credentials are right"), "{told}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_not_there_is_a_wrong_setting() {
    let nowhere = always("404 Not Found", "<Error><Code>NoSuchBucket</Code></Error>");
    for error in [unopened(&nowhere).await, unlisted(&nowhere).await] {
        assert_eq!(
            error.to_string().split(": ").last(),
            Some("there is no such bucket"),
            "{error:?}"
        );
        assert_eq!(Error::from(error).kind(), ErrorKind::Invalid);
    }
}
