//! Pipeline files: what a good one becomes, what each mistake is told in and where, and what changes a generation.

mod alerts;
mod amounts;
mod areas;
mod feeds;
mod figures;
mod fingerprints;
mod formulas;
mod good;
mod mistakes;

use super::{Pipeline, load_text};
use crate::yaml::Problem;

/// What a length of time is told to be instead.
const UNITS: &str = "write a number and a unit: 30s, 10m, 24h, 3d, 2w";

/// A file with every section. Line 1 is `pipeline:`.
const FILE: &str = r#"pipeline: trips
title: { zh: 返岗, en: Trips }
entity: worker
source: { topic: hr.workers }
decode:
  entity: /subject
  kind: /type
  time: /time
  area: /data/area
  missing_time: record_time
  latest: 2h
kinds:
  returned:
    events: [returned.v1]
    retracted_by: [return-cancelled.v1]
    keep: last 3
    fields:
      mode: { path: /data/mode, type: label, values: [air, rail] }
      trips: { path: /data/trips, type: integer }
  departed: { events: [departed.v1, departed.v2] }
ignore: [stayed.v1]
measures:
  departed: { where: departed_at IS NOT NULL }
  returned: { title: { zh: 已返岗, en: Back }, where: returned_at >= departed_at, held_for: 3d }
dimensions:
  mode: { column: returned_mode, titles: { air: { zh: 航空, en: Air } } }
  often:
    values:
      often: { where: returned_trips > 3 }
rates:
  return_rate:
    title: { zh: 返岗率, en: Return rate }
    definition: { zh: 已返岗的比例, en: Share of those back }
    numerator: returned
    denominator: departed
    change: [1h, 24h]
alerts:
  Dropped: { rate: return_rate, drop: 0.02, over: 24h, for: 10m, severity: warning, min_denominator: 500 }
tests:
  - name: one is back
    events: [{ type: returned.v1, subject: w1, time: "2022-02-10T09:00:00+08:00", data: { area: "350206" } }]
    as_of: "2022-02-21T08:00:00+08:00"
    expect:
      return_rate: { "350206": { numerator: 0, denominator: 1 } }
"#;

/// The file with one passage written otherwise.
fn file_with(passage: &str, otherwise: &str) -> String {
    assert_eq!(FILE.matches(passage).count(), 1, "{passage} stands in the file once");
    FILE.replace(passage, otherwise)
}

fn load(text: &str) -> Pipeline {
    load_text("f", text).unwrap_or_else(|problems| panic!("{:#?}", problems.sorted()))
}

/// The problems of a text, each on one line: place, message, and after a bar what to write instead.
fn told(text: &str) -> Vec<String> {
    let line = |problem: &Problem| {
        let instead = problem.instead.iter().map(|instead| format!(" | {instead}"));
        format!("{}: {}{}", problem.place, problem.message, instead.collect::<String>())
    };
    let problems = load_text("f", text).err().unwrap_or_default();
    problems.sorted().iter().map(line).collect()
}

/// Says that a passage written otherwise is told in these words before anything that depends on it.
fn tells_first(passage: &str, otherwise: &str, expected: &str) {
    let told = told(&file_with(passage, otherwise));
    assert_eq!(told.first().map(String::as_str), Some(expected), "{otherwise}");
}

/// Says that a passage written otherwise is told in exactly these words, and nothing else is.
fn tells(passage: &str, otherwise: &str, expected: &str) {
    assert_eq!(told(&file_with(passage, otherwise)), [expected], "{otherwise}");
}
