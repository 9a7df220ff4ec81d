//! TOKEN: whoever is planted in events is nowhere in the lake, in what the program says or in its metrics; nor is a secret.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use arrow::array::{Array, ArrayData};
use serde_json::json;

use crate::tools::{Desk, Ended, KEY, Running, columns, files, terminate};

/// Somebody's numbers, each planted where an event should not have it, or where it is taken and must not be kept.
const SUBJECT: &str = "110101199003077715";
const IGNORED_FIELD: &str = "13912345678";
const KIND: &str = "330782198811223344";
const LABEL: &str = "13800138000";
const AREA: &str = "350206199912310019";
const AREA_PHONE: &str = "15912345678";
const AREA_NUMBER: i64 = 18_812_345_678;
const SOURCE: &str = "422801197706051234";
const SOURCE_PHONE: &str = "18612345678";
const MEMBER: &str = "330702200001011231";
const ID: &str = "350206198001010013";
const TIME: &str = "13512345678";
const CUT_OFF: &str = "350203197012120025";
const PASSWORD: &str = "Chunjie-2022-geheim";

fn planted() -> Vec<String> {
    let numbers = [
        SUBJECT,
        IGNORED_FIELD,
        KIND,
        LABEL,
        AREA,
        AREA_PHONE,
        SOURCE,
        SOURCE_PHONE,
        MEMBER,
        ID,
        TIME,
        CUT_OFF,
        PASSWORD,
        KEY,
    ];
    let area = AREA_NUMBER.to_string();
    numbers.iter().map(|number| (*number).to_owned()).chain([area]).collect()
}

fn event(kind: &str) -> serde_json::Value {
    json!({
        "specversion": "1.0", "id": ID, "source": format!("/id/{SOURCE}/phone/{SOURCE_PHONE}"), "type": kind,
        "subject": SUBJECT, "time": "2022-02-10T09:00:00+08:00", MEMBER: true,
        "data": { "area": "350206", "name": "张三丰", "phone": IGNORED_FIELD, MEMBER: { MEMBER: MEMBER } }
    })
}

fn lines() -> String {
    let mut events = vec![event("cn.hr.worker.departed.v1"), event("cn.hr.worker.returned.v1")];
    let mut with = |pointer: &str, value: serde_json::Value| {
        let mut event = event("cn.hr.worker.returned.v1");
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        event.pointer_mut(parent).unwrap()[name] = value;
        events.push(event);
    };
    with("/subject", format!("{SUBJECT}-b").into());
    with("/type", KIND.into());
    with("/data/mode", LABEL.into());
    with("/data/area", AREA.into());
    with("/data/area", AREA_PHONE.into());
    with("/data/area", AREA_NUMBER.into());
    with("/time", TIME.into());
    with("/type", "cn.hr.worker.registered.v1".into());
    with("/type", "cn.hr.worker.return-cancelled.v1".into());
    let lines = events.iter().map(|event| format!("{event}\n"));
    lines.collect::<String>() + &format!("{{\"subject\":\"{CUT_OFF}\",\"type")
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

fn refuse(what: &str, bytes: &[u8]) {
    for text in planted() {
        assert!(!holds(bytes, &text), "{text} stands in {what}");
    }
}

fn refuse_said(what: &str, ended: &Ended) {
    refuse(&format!("what {what} prints"), ended.stdout.as_bytes());
    refuse(&format!("what {what} logs"), ended.stderr.as_bytes());
}

/// The bytes of a column as they are in memory, uncompressed.
fn refuse_values(what: &str, data: &ArrayData) {
    data.buffers().iter().for_each(|buffer| refuse(what, buffer.as_slice()));
    data.child_data().iter().for_each(|child| refuse_values(what, child));
}

/// Every file of a lake, as it is on disk and as its columns are read. Returns how many columns there were.
fn refuse_in_lake(lake: &Path) -> usize {
    let mut read = 0;
    for path in files(lake) {
        let name = path.display().to_string();
        refuse(&name, name.as_bytes());
        refuse(&name, &std::fs::read(&path).unwrap());
        if path.extension().is_some_and(|extension| extension == "parquet") {
            for (column, values) in columns(&path) {
                refuse_values(&format!("{name}, column {column}"), &values.to_data());
                read += 1;
            }
        }
    }
    read
}

#[test]
fn nobody_planted_in_events_is_found_anywhere_without_the_key() {
    let desk = Desk::new();
    let file = desk.file("events.ndjson", lines());
    let lake = desk.at("lake");
    refuse_said("replay", &desk.replay(&[&file]).with(0));
    refuse_said("a second replay", &desk.replay(&["--verbose", &file]).with(0));
    for format in ["json", "csv", "table"] {
        refuse_said("rates", &desk.run(&["rates", "--lake", &lake, "--format", format]).with(0));
    }
    let wrong = desk.at("other-key");
    let sealed = desk.run(&["rejects", "--lake", &lake, "--key-file", &wrong]).with(0);
    refuse_said("rejects with a wrong key", &sealed);
    assert!(sealed.stdout.contains("the key does not open this record"), "{}", sealed.stdout);
    refuse_said("check", &desk.run(&["check", "--verbose", "pipelines"]).with(0));
    assert!(refuse_in_lake(&desk.path("lake")) > 20);

    // The right key shows rejects as they came: this is what it is for.
    let shown: String = desk.rejects("key", &[]).iter().map(ToString::to_string).collect();
    for rejected in [KIND, LABEL, TIME, CUT_OFF] {
        assert!(shown.contains(rejected), "{rejected}");
    }
}

#[test]
fn what_was_planted_is_told_by_this_search() {
    let desk = Desk::new();
    let file = desk.file("f", lines());
    let found = std::fs::read(file).unwrap();
    for text in planted().iter().filter(|text| *text != PASSWORD && *text != KEY) {
        assert!(holds(&found, text), "{text} was not planted");
    }
}

fn get(address: &str, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

/// Asks until the answer holds a text, for ten seconds at most.
fn get_until(address: &str, path: &str, text: &str) -> String {
    let began = Instant::now();
    loop {
        let answer = get(address, path).unwrap_or_default();
        if answer.contains(text) || began.elapsed() > Duration::from_secs(10) {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_run_that_finds_no_broker_tells_neither_its_secrets_nor_anybody() {
    let desk = Desk::new();
    let file = desk.file("events.ndjson", lines());
    desk.replay(&[&file]).with(0);
    let (lake, key) = (desk.at("lake"), desk.at("key"));
    let mut command = desk.command(&[
        "run",
        "--verbose",
        "--lake",
        &lake,
        "--key-file",
        &key,
        "--pipelines",
        "pipelines",
        "--listen",
        "127.0.0.1:0",
    ]);
    command
        .env("CHUNFENG_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
        .env("CHUNFENG_KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT")
        .env("CHUNFENG_KAFKA_SASL_MECHANISM", "PLAIN")
        .env("CHUNFENG_KAFKA_SASL_USERNAME", "county")
        .env("CHUNFENG_KAFKA_SASL_PASSWORD", PASSWORD)
        .env("CHUNFENG_COMMIT_INTERVAL", "1s");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut running = Running(child);
    let mut log = BufReader::new(running.0.stderr.take().unwrap());
    let mut logged = String::new();
    while !logged.contains("serving") && log.read_line(&mut logged).unwrap() > 0 {}
    let address = logged
        .split("address=")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next())
        .unwrap_or_default()
        .to_owned();
    let address = address.as_str();

    let metrics = get_until(address, "/metrics", "chunfeng_rate_numerator{");
    assert!(metrics.contains("chunfeng_rate_numerator{"), "{logged}\n{metrics}");
    refuse("/metrics", metrics.as_bytes());
    let rates = get(address, "/api/v1/rates").unwrap();
    assert!(rates.contains("return_rate"), "{rates}");
    refuse("/api/v1/rates", rates.as_bytes());
    let page = get(address, "/").unwrap();
    refuse("/", page.as_bytes());

    terminate(&running.0);
    log.read_to_string(&mut logged).unwrap();
    let mut printed = String::new();
    running.0.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
    assert_eq!(running.0.wait().unwrap().code(), Some(0), "{logged}");
    refuse("the log of run", logged.as_bytes());
    refuse("what run prints", printed.as_bytes());
    assert!(!logged.contains('\u{1b}'), "colours are for terminals: {logged}");
    refuse_in_lake(&desk.path("lake"));
}

#[test]
fn a_secret_that_stands_where_it_may_not_is_not_repeated() {
    let desk = Desk::new();
    let settings = desk.file("chunfeng.yaml", format!("kafka:\n  sasl.password: {PASSWORD}\n"));
    refuse_said("check", &desk.run(&["check", "--config", &settings, "pipelines"]).with(2));
    // A key file that holds something else: its content is not shown.
    let wrong = desk.file("wrong", format!("{KEY}{KEY}"));
    let file = desk.file("events.ndjson", lines());
    let lake = desk.at("lake");
    let arguments = [
        "replay",
        "--verbose",
        "--lake",
        &lake,
        "--pipelines",
        "pipelines",
        "--key-file",
        &wrong,
        &file,
    ];
    refuse_said("replay", &desk.run(&arguments).with(2));
}
