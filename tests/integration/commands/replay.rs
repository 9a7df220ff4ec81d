//! `replay`: the same content counts once, whoever stops it and however it comes.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::{huli, spring, worker};
use crate::tools::{Desk, Ended, ledger, run_with_input, terminate};

#[test]
fn the_same_file_twice_changes_nothing() {
    let desk = Desk::new();
    let file = desk.file("events.ndjson", spring());
    let first = desk.replay(&[&file]).with(0);
    assert!(
        first.stderr.contains("return-to-work: 5 fact, 0 retraction, 0 ignored, 0 rejected"),
        "{}",
        first.stderr
    );
    assert_eq!(first.stdout, "");
    let (rates, rows) =
        (desk.rates(&["--format", "json"]), ledger(&desk.path("lake"), "return-to-work"));

    let copy = desk.file("a/copy.ndjson", spring());
    let second = desk.replay(&[&file, &copy]).with(0);
    assert!(
        second.stderr.contains("return-to-work: 0 fact, 0 retraction, 0 ignored, 0 rejected"),
        "{}",
        second.stderr
    );
    assert_eq!(desk.rates(&["--format", "json"]), rates);
    assert_eq!(ledger(&desk.path("lake"), "return-to-work"), rows);
    assert_eq!(huli(&desk), (2, 3));
}

#[test]
fn standard_input_is_a_file_like_any_other() {
    let desk = Desk::new();
    let arguments = desk.replay_arguments(&["-"]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    run_with_input(desk.command(&arguments), spring().as_bytes()).with(0);
    assert_eq!(huli(&desk), (2, 3));
    // The same content as a file is the same topic.
    let file = desk.file("events.ndjson", spring());
    let again = desk.replay(&[&file]).with(0);
    assert!(again.stderr.contains("return-to-work: 0 fact"), "{}", again.stderr);
}

#[test]
fn nothing_on_standard_input_is_nothing() {
    let desk = Desk::new();
    let ended = desk.replay(&["-"]).with(0);
    assert!(
        ended.stderr.contains("return-to-work: 0 fact, 0 retraction, 0 ignored, 0 rejected"),
        "{}",
        ended.stderr
    );
}

#[test]
fn blank_lines_are_no_records() {
    let desk = Desk::new();
    let file = desk.file("events.ndjson", spring().replace('\n', "\r\n \r\n\n") + "\n\n");
    let ended = desk.replay(&[&file]).with(0);
    assert!(
        ended.stderr.contains("return-to-work: 5 fact, 0 retraction, 0 ignored, 0 rejected"),
        "{}",
        ended.stderr
    );
    assert_eq!(huli(&desk), (2, 3));
}

#[test]
fn every_pipeline_takes_its_own_lines() {
    let enterprise = |kind: &str, time: &str| {
        format!(
            "{{\"type\":\"cn.hr.enterprise.{kind}.v1\",\"subject\":\"w1\",\"time\":\"{time}\",\"data\":{{\"area\":\"350206\"}}}}\n"
        )
    };
    let desk = Desk::new();
    let mixed = [
        enterprise("registered", "2022-01-10T00:00:00Z"),
        spring(),
        enterprise("restarted", "2022-02-08T00:00:00Z"),
        enterprise("headcount-reported", "2022-02-08T00:00:00Z"),
        worker("registered", "w9", "2022-02-08T00:00:00Z"),
        worker("flown", "w9", "2022-02-08T00:00:00Z"),
    ];
    let file = desk.file("mixed.ndjson", mixed.concat());
    let ended = desk.replay(&[&file]).with(0);
    // What nobody knows is everybody's reject.
    assert!(
        ended.stderr.contains("enterprise-restart: 3 fact, 0 retraction, 0 ignored, 1 rejected"),
        "{}",
        ended.stderr
    );
    assert!(
        ended.stderr.contains("return-to-work: 5 fact, 0 retraction, 1 ignored, 1 rejected"),
        "{}",
        ended.stderr
    );
    assert_eq!(huli(&desk), (2, 3));
    let restarted = desk.rates_rows(&["--pipeline", "enterprise-restart", "--area", "350206"]);
    assert_eq!((&restarted[0]["numerator"], &restarted[0]["denominator"]), (&1.into(), &1.into()));
    assert_eq!(desk.rejects("key", &[]).len(), 11);
}

#[test]
fn a_lake_made_with_another_key_is_refused() {
    let desk = Desk::new();
    let file = desk.file("events.ndjson", spring());
    desk.replay(&[&file]).with(0);
    let (lake, key) = (desk.at("lake"), desk.at("other-key"));
    let ended = desk
        .run(&["replay", "--lake", &lake, "--key-file", &key, "--pipelines", "pipelines", &file])
        .with(3);
    assert_eq!(
        ended.stderr,
        "error: the lake belongs to another key\n    give the key file the lake was made with; with another key every \
         entity would count anew\n"
    );
}

#[test]
fn the_same_key_under_another_scheme_is_another_key() {
    let desk = Desk::new();
    let file = desk.file("events.ndjson", spring());
    desk.replay(&[&file]).with(0);
    let arguments = desk.replay_arguments(&[&file]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut command = desk.command(&arguments);
    let ended: Ended = command.env("CHUNFENG_PSEUDONYMS", "hmac-sm3").output().unwrap().into();
    ended.with(3);
}

#[test]
fn a_file_that_is_not_there_is_told_before_anything_is_done() {
    let desk = Desk::new();
    let file = desk.file("events.ndjson", spring());
    let ended = desk.replay(&[&file, "/no/such/file"]).with(4);
    assert_eq!(
        ended.stderr,
        "error: cannot read /no/such/file: No such file or directory (os error 2)\n"
    );
    assert!(!desk.path("lake").exists());
}

#[test]
fn a_pipe_is_refused_and_not_taken_for_an_empty_file() {
    let desk = Desk::new();
    let arguments = desk.replay_arguments(&["/dev/stdin"]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ended = run_with_input(desk.command(&arguments), spring().as_bytes()).with(4);
    assert!(ended.stderr.contains("name `-`"), "{}", ended.stderr);
}

/// So many workers, each home and back.
fn many(workers: usize) -> String {
    let mut lines = String::new();
    for worker_number in 0..workers {
        let subject = format!("w{worker_number}");
        lines += &worker("departed", &subject, "2022-01-25T09:00:00+08:00");
        lines += &worker("returned", &subject, "2022-02-10T09:00:00+08:00");
    }
    lines
}

#[test]
fn a_replay_that_was_told_to_end_goes_on_to_the_same_rates() {
    let workers = 60_000; // enough to be at work on for longer than it takes to notice that it began
    let desk = Desk::new();
    let file = desk.file("events.ndjson", many(workers));
    let arguments = desk.replay_arguments(&[&file]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut command = desk.command(&arguments);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    // Let it begin: the lake is there before the first line is read.
    let began = Instant::now();
    while !desk.path("lake/return-to-work/rates/_delta_log").exists()
        && began.elapsed() < Duration::from_secs(20)
    {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(20));
    terminate(&child);
    assert_eq!(child.wait().unwrap().code(), Some(1), "not all was done, and that is said");
    let read = ledger(&desk.path("lake"), "return-to-work").len();
    assert!(read < 2 * workers, "it was not interrupted");

    let again = desk.replay(&[&file]).with(0);
    let rest = format!("return-to-work: {} fact,", 2 * workers - read);
    assert!(again.stderr.contains(&rest), "{rest}\n{}", again.stderr);
    assert_eq!(huli(&desk), (workers as i64, workers as i64));
    let rows = ledger(&desk.path("lake"), "return-to-work");
    assert!(rows.iter().map(|(_, offset, _)| *offset).eq(0..2 * workers as i64), "every line once");

    let whole = Desk::new();
    whole.replay(&[&file]).with(0);
    assert_eq!(whole.rates(&["--format", "json"]), desk.rates(&["--format", "json"]));
}
