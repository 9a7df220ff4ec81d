//! `rates --as-known-at`: what was published, and what is known of it since.

use std::path::Path;
use std::time::UNIX_EPOCH;

use chunfeng::time::EventTime;

use super::{spring, worker};
use crate::tools::{Desk, files};

/// When the newest file of the lake was written, and a little more: publications are stamped in whole seconds.
fn now(desk: &Desk) -> String {
    let modified = |path: &std::path::PathBuf| std::fs::metadata(path).unwrap().modified().unwrap();
    let newest = files(Path::new(&desk.at("lake"))).iter().map(modified).max().unwrap();
    let seconds = newest.duration_since(UNIX_EPOCH).unwrap().as_secs();
    EventTime::from_seconds(seconds as i64 + 1).to_string()
}

/// Two of three were back; later one of the returns was called off, and a worker came to light who had gone home.
fn restated() -> (Desk, String) {
    let desk = Desk::new();
    let first = desk.file("first.ndjson", spring());
    desk.replay(&[&first]).with(0);
    let then = now(&desk);
    std::thread::sleep(std::time::Duration::from_millis(2_100));
    let later = worker("return-cancelled", "w2", "2022-02-10T10:00:00+08:00")
        + &worker("departed", "w4", "2022-01-26T09:00:00+08:00");
    let second = desk.file("second.ndjson", later);
    desk.replay(&[&second]).with(0);
    (desk, then)
}

#[test]
fn a_restated_figure_keeps_what_was_said_of_it() {
    let (desk, then) = restated();
    let of_huli = ["--rate", "return_rate", "--area", "350206"];
    let known = |at: &str| desk.rates(&[&["--as-known-at", at][..], &of_huli].concat());
    insta::assert_snapshot!(known(&then));
    let known_now = known(&now(&desk));
    assert!(known_now.contains("1 / 4 = 25.00%"), "{known_now}");
    assert_eq!(known_now.matches("the same").count(), 2, "{known_now}");
    assert_eq!(known("2001-01-01T00:00:00Z"), "nothing had been published by then\n");
}

#[test]
fn programs_read_both_figures() {
    let (desk, then) = restated();
    let ask = |format: &str| {
        let whole = ["--as-known-at", &then, "--rate", "return_rate", "--area", "350206"];
        desk.rates(&[&whole[..], &["--format", format]].concat())
    };
    let rows: Vec<serde_json::Value> = serde_json::from_str(&ask("json")).unwrap();
    assert_eq!((&rows[0]["numerator"], &rows[0]["denominator"]), (&2.into(), &3.into()));
    let restated = serde_json::json!({ "numerator": 1, "denominator": 4, "ratio": 0.25 });
    assert_eq!(rows[0]["restated"], restated);
    let text = ask("csv");
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0]
            .ends_with(",ledger_version,restated_numerator,restated_denominator,restated_ratio")
    );
    assert!(lines[1].ends_with(",person,person,1,1,4,0.25"), "{text}");
}
