//! The commands as a user meets them: what they say, in which words, and with which exit code.

mod across;
mod areas;
mod check;
mod closings;
mod examples;
mod explain;
mod rates;
mod known;
mod replay;
mod scenario;
mod season;
mod settings;
mod upkeep;

use serde_json::{Value as Json, json};

use crate::tools::Desk;

/// A worker's event as a line.
fn worker(kind: &str, subject: &str, time: &str) -> String {
    let event = json!({
        "type": format!("cn.hr.worker.{kind}.v1"), "subject": subject, "time": time,
        "data": { "area": "350206", "mode": "rail" }
    });
    format!("{event}\n")
}

/// Three of Huli's workers went home, two are back.
fn spring() -> String {
    let mut lines = String::new();
    for subject in ["w1", "w2", "w3"] {
        lines += &worker("departed", subject, "2022-01-25T09:00:00+08:00");
    }
    for subject in ["w1", "w2"] {
        lines += &worker("returned", subject, "2022-02-10T09:00:00+08:00");
    }
    lines
}

/// Huli's return rate: who is back, out of how many.
fn huli(desk: &Desk) -> (i64, i64) {
    let rows = desk.rates_rows(&["--rate", "return_rate", "--area", "350206"]);
    let total: Vec<&Json> = rows.iter().filter(|row| row["dimension"].is_null()).collect();
    assert_eq!(total.len(), 1, "{rows:?}");
    (total[0]["numerator"].as_i64().unwrap(), total[0]["denominator"].as_i64().unwrap())
}
