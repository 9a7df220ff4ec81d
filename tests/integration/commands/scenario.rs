//! `scenario`: the springs as lines, and the same board from them in any order.

use std::collections::HashMap;

use serde_json::Value as Json;

use crate::tools::Desk;

const PIPELINES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/pipelines");

/// The springs as lines, without the hundreds of thousands of single workers.
fn lines(desk: &Desk, more: &[&str]) -> Vec<String> {
    let mut arguments = vec!["scenario", "--out", "-"];
    arguments.extend(more);
    let text = desk.run(&arguments).with(0).stdout;
    let is_of_a_worker = |line: &str| line.contains("\"cn.hr.worker.");
    text.lines().filter(|line| !is_of_a_worker(line)).map(str::to_owned).collect()
}

fn board(lines: &[String]) -> String {
    let desk = Desk::new();
    let file = desk.file("events.ndjson", lines.join("\n") + "\n");
    let (lake, key) = (desk.at("lake"), desk.at("key"));
    let replay = ["replay", "--lake", &lake, "--key-file", &key, "--pipelines", PIPELINES, &file];
    desk.run(&replay).with(0);
    desk.rates(&["--format", "json", "--as-of", "2022-03-01T00:00:00+08:00"])
}

/// Turned round, cut into stacks that are laid on one another, and every third line once more.
fn in_another_order(lines: &[String]) -> Vec<String> {
    let again = lines.iter().step_by(3).cloned();
    let mut other: Vec<String> = lines.iter().rev().cloned().chain(again).collect();
    let stack = other.len() / 7;
    other.rotate_left(stack);
    let (odd, even): (Vec<_>, Vec<_>) =
        other.into_iter().enumerate().partition(|(place, _)| place % 2 == 1);
    odd.into_iter().chain(even).map(|(_, line)| line).collect()
}

#[test]
fn shuffled_and_duplicated_the_springs_give_the_same_board() {
    let desk = Desk::new();
    let lines = lines(&desk, &[]);
    assert!(lines.len() > 30_000, "{}", lines.len());
    let told = board(&lines);
    assert!(told.len() > 100_000);
    assert!(told == board(&in_another_order(&lines)), "another order gives another board");
}

#[test]
fn twice_the_scale_counts_twice_as_many_of_everything() {
    let desk = Desk::new();
    let counts = |text: &str| -> HashMap<String, (f64, f64)> {
        let rows: Vec<Json> = serde_json::from_str(text).unwrap();
        // A state and an index are what they were.
        let adds_up = |row: &&Json| row["unit"] != "point" && !row["unit"].is_null();
        let key = |row: &Json| {
            ["pipeline", "rate", "area", "dimension", "value"]
                .map(|key| row[key].to_string())
                .join(" ")
        };
        let number = |row: &Json, key: &str| row[key].as_f64().unwrap_or(0.0);
        let counted = rows.iter().filter(adds_up);
        counted
            .map(|row| (key(row), (number(row, "numerator"), number(row, "denominator"))))
            .collect()
    };
    let topic = ["--topic", "hr.support"];
    let once = counts(&board(&lines(&desk, &topic)));
    let twice = counts(&board(&lines(&desk, &["--topic", "hr.support", "--scale", "2"])));
    assert!(once.len() > 50, "{}", once.len());
    for (key, (numerator, denominator)) in &once {
        assert_eq!(twice.get(key), Some(&(2.0 * numerator, 2.0 * denominator)), "{key}");
    }
    assert_eq!(once.len(), twice.len());
}

#[test]
fn a_file_is_written_and_a_seed_gives_the_same_bytes() {
    let desk = Desk::new();
    let write = |name: &str, seed: &str| {
        let path = desk.at(name);
        let arguments = ["scenario", "--out", &path, "--topic", "hr.tickets", "--seed", seed];
        let said = desk.run(&arguments).with(0).stderr;
        (std::fs::read(&path).unwrap(), said)
    };
    let (first, said) = write("first", "1");
    assert!(said.ends_with(" events\n"), "{said}");
    assert_eq!(first, write("again", "1").0);
    assert_ne!(first, write("other", "2").0);
    let nowhere = ["scenario", "--out", "/nowhere/events", "--topic", "hr.tickets"];
    let told = desk.run(&nowhere).with(2).stderr;
    assert!(told.starts_with("error: cannot write /nowhere/events"), "{told}");
}
