//! A file of everything that a line can be: the program takes it all, loses nothing, and says of each line what it was.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use crate::tools::{Desk, ledger};

const FILE: &str = "tests/integration/data/hostile.ndjson";
const PIPELINES: [&str; 2] = ["enterprise-restart", "return-to-work"];

/// Lines of each kind, as typed by people and programs that mean harm or nothing.
fn typed_lines() -> Vec<Vec<u8>> {
    let worker =
        |rest: &str| format!(r#"{{"type":"cn.hr.worker.returned.v1","subject":"w1",{rest}}}"#);
    let time = r#""time":"2022-02-10T09:00:00+08:00""#;
    let at = |data: &str| worker(&format!(r#"{time},"data":{data}"#));
    let enterprise = |rest: &str| {
        format!(r#"{{"type":"cn.hr.enterprise.registered.v1","subject":"e1",{rest}}}"#)
    };
    let texts = vec![
        // Well, in one way or another.
        at(r#"{"area":"350206","mode":"rail"}"#),
        at(r#"{"area":350206}"#) + "\r",
        at(r#"{"area":"110101199003077715","mode":null}"#),
        worker(r#""data":{}"#),
        worker(r#""time":"","data":null"#),
        worker(r#""time":"2022-02-10t01:00:00.999z""#),
        worker(&format!(
            r#"{time},"specversion":"1.0","deep":{}1{}"#,
            "[".repeat(63),
            "]".repeat(63)
        )),
        worker(&format!(r#"{time},"data_base64":"eyJtb2RlIjoiYWlyIn0=""#)),
        r#"{"type":"cn.hr.worker.return-cancelled.v1","subject":7,"time":"2022-02-11T00:00:00Z"}"#
            .to_owned(),
        r#"{"type":"cn.hr.worker.registered.v1"}"#.to_owned(),
        enterprise(&format!(r#"{time},"data":{{"employees":12,"area":"330782"}}"#)),
        // No JSON, or none that we take.
        "returned,w1,2022-02-10".to_owned(),
        "{".to_owned(),
        "\u{feff}{}".to_owned(),
        at("{}") + "}",
        at("{}") + &at("{}"),
        at(r#"{"mode":"rail""#),
        at(r#"{"area":1e999}"#),
        at(r#"{"area":"\ud800"}"#),
        "{'type':'cn.hr.worker.returned.v1'}".to_owned(),
        worker(&format!(r#"{time},"data_base64":"!""#)),
        "\0\0\0\0".to_owned(),
        "[".repeat(100_000),
        "[1,2]".to_owned(),
        "null".to_owned(),
        "\"text\"".to_owned(),
        "{\"a\":".repeat(10_000),
        worker(&format!(r#"{time},"deep":{}1{}"#, "[".repeat(64), "]".repeat(64))),
        r#"{"type":"cn.hr.worker.returned.v1","type":"cn.hr.worker.stayed.v1"}"#.to_owned(),
        r#"{"type":"cn.hr.worker.returned.v1","t\u0079pe":"cn.hr.worker.stayed.v1"}"#.to_owned(),
        at(r#"{"area":"350206","x":[{"y":1,"y":1}]}"#),
        worker(&format!(r#"{time},"specversion":"0.3""#)),
        worker(&format!(r#"{time},"specversion":1.0"#)),
        // JSON that says too little, or something that cannot be.
        "{}".to_owned(),
        r#"{"type":7,"subject":"w1"}"#.to_owned(),
        r#"{"type":"cn.hr.worker.teleported.v1","subject":"w1"}"#.to_owned(),
        r#"{"type":"110101199003077715"}"#.to_owned(),
        r#"{"type":"cn.hr.worker.returned.v1"}"#.to_owned(),
        r#"{"type":"cn.hr.worker.returned.v1","subject":" "}"#.to_owned(),
        r#"{"type":"cn.hr.worker.returned.v1","subject":{"id":1}}"#.to_owned(),
        r#"{"type":"cn.hr.worker.returned.v1","subject":1.5}"#.to_owned(),
        format!(r#"{{"type":"cn.hr.worker.returned.v1","subject":"{}"}}"#, "x".repeat(257)),
        worker(r#""time":"2022-02-10 09:00""#),
        worker(r#""time":1644454800"#),
        worker(r#""time":"2022-02-30T00:00:00Z""#),
        worker(r#""time":"1999-12-31T23:59:59Z""#),
        worker(r#""time":"2099-01-01T00:00:00Z""#),
        at(r#"{"mode":7}"#),
        at(r#"{"mode":{"air":true}}"#),
        at(r#"{"mode":"sledge"}"#),
        at(r#"{"mode":""}"#),
        enterprise(r#""data":{}"#),
        enterprise(&format!(r#"{time},"data":{{"employees":"12"}}"#)),
        enterprise(&format!(r#"{time},"data":{{"employees":12.0}}"#)),
        enterprise(&format!(r#"{time},"data":{{"employees":18446744073709551615}}"#)),
        enterprise(&format!(r#"{time},"data":{{"employees":-9223372036854775808}}"#)),
        enterprise(&format!(r#"{time},"data":{{"sector":"smuggling"}}"#)),
    ];
    let mut lines: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    // Blank lines are no records.
    lines.extend([&b""[..], b" \t ", b"\r"].map(<[u8]>::to_vec));
    // GBK, as old systems write it, and bytes that nothing writes.
    lines.push(b"{\"type\":\"\xb7\xb5\xb8\xda\"}".to_vec());
    lines.push(b"{\"type\":\"\xed\xa0\x80\"}".to_vec());
    lines.push(b"\xff\xfe{\0}\0".to_vec());
    lines
}

/// Bytes without a line break, in a sequence that never changes.
fn random_lines(count: usize) -> Vec<Vec<u8>> {
    let mut state: u64 = 20_220_221;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u32
    };
    let mut line = || {
        let length = 1 + next() % 120;
        // Half of the lines are ASCII, so that they come further than the check for UTF-8.
        let most = if next() % 2 == 0 { 256 } else { 128 };
        let bytes = (0..length).map(|_| (next() % most) as u8);
        let mut line: Vec<u8> = bytes.filter(|byte| *byte != b'\n').collect();
        line.push(b'.'); // never blank
        line
    };
    (0..count).map(|_| line()).collect()
}

fn lines() -> Vec<Vec<u8>> {
    let mut lines = typed_lines();
    lines.extend(random_lines(300));
    lines.push(
        br#"{"type":"cn.hr.worker.returned.v1","subject":"the last line has no break"}"#.to_vec(),
    );
    lines
}

/// Writes the committed file: `cargo test --test integration -- --ignored write_the_hostile_file`.
#[test]
#[ignore = "writes tests/integration/data/hostile.ndjson"]
fn write_the_hostile_file() {
    fs::write(FILE, lines().join(&b'\n')).unwrap();
}

#[test]
fn the_committed_file_is_what_its_generator_writes() {
    assert!(
        fs::read(FILE).unwrap() == lines().join(&b'\n'),
        "write it anew, and look at the difference"
    );
}

#[test]
fn every_line_of_a_hostile_file_comes_to_what_the_table_says_and_none_is_lost() {
    let desk = Desk::new();
    // Ten megabytes are not committed.
    let large = desk.file("large.ndjson", [vec![b'x'; 10 << 20], b"\n{}".to_vec()].concat());
    let replayed = desk.replay(&[FILE, &large]).with(0);

    let mut table: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for pipeline in PIPELINES {
        for (_, _, what) in ledger(&desk.path("lake"), pipeline) {
            *table.entry((pipeline, what)).or_default() += 1;
        }
    }
    let mut told = String::new();
    for ((pipeline, what), count) in &table {
        writeln!(told, "{pipeline:<20} {what:<24} {count:>4}").unwrap();
    }
    assert_eq!(told, include_str!("data/hostile.expected.txt"));

    for pipeline in PIPELINES {
        let outcomes = ["fact", "retraction", "ignored"];
        let of = |what: &str| table.get(&(pipeline, what.to_owned())).copied().unwrap_or(0);
        let rejected: usize = table
            .iter()
            .filter(|((is, what), _)| *is == pipeline && !outcomes.contains(&what.as_str()))
            .map(|(_, count)| count)
            .sum();
        let [fact, retraction, ignored] = outcomes.map(of);
        let summary = format!(
            "{pipeline}: {fact} fact, {retraction} retraction, {ignored} ignored, {rejected} rejected"
        );
        assert!(replayed.stderr.contains(&summary), "{summary}\n{}", replayed.stderr);

        // What the ledger says, `rejects` says too.
        let mut counted: BTreeMap<(&str, String), usize> = BTreeMap::new();
        for reject in desk.rejects("key", &["--pipeline", pipeline]) {
            *counted
                .entry((pipeline, reject["reason"].as_str().unwrap().to_owned()))
                .or_default() += 1;
        }
        let rejects = table
            .iter()
            .filter(|((is, what), _)| *is == pipeline && !outcomes.contains(&what.as_str()));
        assert_eq!(counted, rejects.map(|(key, count)| (key.clone(), *count)).collect());
    }
}

#[test]
fn every_line_is_one_ledger_row_of_the_pipeline_it_belongs_to() {
    let desk = Desk::new();
    desk.replay(&[FILE]).with(0);
    let all = lines();
    let is_record = |line: &&(i64, &Vec<u8>)| !line.1.trim_ascii().is_empty();
    let enterprise = "{\"type\":\"cn.hr.enterprise.";
    let worker = "{\"type\":\"cn.hr.worker.";
    let numbered: Vec<(i64, &Vec<u8>)> = (0..).zip(&all).collect();
    for (pipeline, foreign) in PIPELINES.into_iter().zip([worker, enterprise]) {
        let rows = ledger(&desk.path("lake"), pipeline);
        let offsets: Vec<i64> = rows.iter().map(|(_, offset, _)| *offset).collect();
        assert!(offsets.windows(2).all(|pair| pair[0] < pair[1]), "{pipeline}: once each");
        // A line of the other pipeline is missing here, and every other line is there.
        for (offset, line) in numbered.iter().filter(is_record) {
            let missing = offsets.binary_search(offset).is_err();
            assert!(!missing || line.starts_with(foreign.as_bytes()), "{pipeline}: line {offset}");
        }
        let records = numbered.iter().filter(is_record).count();
        assert!(
            offsets.len() < records && offsets.iter().all(|offset| (*offset as usize) < all.len())
        );
    }
}

#[test]
fn a_reject_is_unsealed_as_it_came() {
    let desk = Desk::new();
    desk.replay(&[FILE]).with(0);
    let all = lines();
    let rejects = desk.rejects("key", &["--pipeline", "return-to-work"]);
    assert!(rejects.len() > 300);
    for reject in rejects {
        let offset = reject["offset"].as_i64().unwrap() as usize;
        assert_eq!(
            reject["value"],
            String::from_utf8_lossy(&all[offset]).as_ref(),
            "line {offset}"
        );
        assert_eq!(reject["headers"], serde_json::json!({}));
        assert!(reject["topic"].as_str().unwrap().starts_with("file:"));
    }
}
