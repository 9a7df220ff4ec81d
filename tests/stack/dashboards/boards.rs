//! What the last boards of a spring say, as the series that they are exported as; and what an answer on a panel has to be by them.
//!
//! Totals, parts and changes are those of the API; what was last spring is counted anew over the lake.

use std::collections::BTreeMap;

use chunfeng::time::EventTime;
use serde_json::Value;

use super::expression::{Labels, Question, asked};
use super::questions::{Answer, Answers, array, text};
use crate::program::Lake;

/// One figure of a board.
#[derive(Clone)]
pub struct Figure {
    pub family: String,
    pub labels: Labels,
    pub value: f64,
}

/// All figures of all boards.
pub struct Boards(Vec<Figure>);

impl Boards {
    /// Of the rows of the API, and of the lake they are from.
    pub fn of(rows: &[Value], lake: &Lake<'_>) -> Self {
        let mut boards = Self(Vec::new());
        rows.iter().for_each(|row| boards.add_row(row));
        let moments: BTreeMap<&str, &str> =
            rows.iter().map(|row| (text(&row["pipeline"]), text(&row["as_of"]))).collect();
        for (pipeline, as_of) in moments {
            let midnight = last_midnight(as_of);
            let told =
                lake.rates_by(&["--pipeline", pipeline, "--as-of", &midnight, "--against", "last"]);
            let compared: Value = serde_json::from_str(&told).expect("JSON");
            array(&compared).iter().for_each(|row| boards.add_last_spring(row));
        }
        boards
    }

    fn add_row(&mut self, row: &Value) {
        let is_part = !row["dimension"].is_null();
        let mut labels = labels_of(row, &["pipeline", "rate", "area", "level"]);
        if is_part {
            labels.extend(labels_of(row, &["dimension", "value"]));
        }
        let begin = if is_part { "chunfeng_rate_by_dimension" } else { "chunfeng_rate" };
        for field in ["numerator", "denominator", "ratio"] {
            self.add(&format!("{begin}_{field}"), &labels, &row[field]);
        }
        let of_what = of_what(row);
        // Parts have no changes in Prometheus.
        for (window, change) in row["change"].as_object().filter(|_| !is_part).into_iter().flatten()
        {
            let mut labels = labels.clone();
            labels.insert("window".to_owned(), window.clone());
            self.add(&format!("chunfeng_rate_change_{of_what}"), &labels, change);
        }
    }

    fn add_last_spring(&mut self, row: &Value) {
        let then = &row["season"];
        let is_counted = ["numerator", "denominator"]
            .iter()
            .any(|field| then[field].as_f64().is_some_and(|counted| counted != 0.0));
        if !row["dimension"].is_null() || !is_counted {
            return;
        }
        let labels = labels_of(row, &["pipeline", "rate", "area", "level"]);
        for field in ["numerator", "denominator", "ratio"] {
            self.add(&format!("chunfeng_rate_last_spring_{field}"), &labels, &then[field]);
        }
        let family = format!("chunfeng_rate_above_last_spring_{}", of_what(row));
        self.add(&family, &labels, &then["difference"]);
    }

    fn add(&mut self, family: &str, labels: &Labels, value: &Value) {
        if let Some(value) = value.as_f64() {
            self.0.push(Figure { family: family.to_owned(), labels: labels.clone(), value });
        }
    }

    /// What differs from what a dashboard was answered. Whatever asks for a figure of a board has to be understood here.
    pub fn differences(&self, dashboard: &str, answers: &Answers) -> Vec<String> {
        let is_of_boards = |answer: &&Answer| answer.expression.contains("chunfeng_rate_");
        let of_boards = answers.0.iter().filter(is_of_boards);
        let told = of_boards.flat_map(|answer| match asked(&answer.expression) {
            Some(question) => self.differs(&question, answer),
            None => vec![format!("is not understood: {}", answer.expression)],
        });
        told.map(|told| format!("{dashboard}: {told}")).collect()
    }

    fn differs(&self, question: &Question, answer: &Answer) -> Vec<String> {
        let expected = question.answered_by(&self.0);
        let by_label = |series: &Value| {
            let label = |name: &String| text(&series["metric"][name]).to_owned();
            question.labels.iter().map(label).collect::<Vec<String>>()
        };
        let last = |series: &Value| {
            let point = match &series["values"] {
                Value::Array(points) => points.last().cloned().unwrap_or_default(),
                _ => series["value"].clone(),
            };
            text(&point[1]).parse::<f64>().ok()
        };
        let shown: BTreeMap<Vec<String>, f64> = answer
            .series
            .iter()
            .filter_map(|series| Some((by_label(series), last(series)?)))
            .collect();
        let mut differences = Vec::new();
        for (labels, shown) in &shown {
            match expected.get(labels) {
                Some(expected) if (expected - shown).abs() <= 1e-9 * expected.abs() => {}
                // A curve may end before the board does; what stands is of the board's own moment.
                None if !answer.is_instant => {}
                expected => differences
                    .push(format!("{labels:?}: {shown}, of {expected:?}: {}", answer.expression)),
            }
        }
        // What is narrowed down to some areas leaves others out.
        for (labels, expected) in expected.iter().filter(|_| !question.is_narrowed) {
            if !shown.contains_key(labels) {
                differences
                    .push(format!("{labels:?}: nothing, of {expected}: {}", answer.expression));
            }
        }
        differences
    }

    /// The same, but for every figure whose family begins so, which is another.
    pub fn wronged(&self, family: &str) -> Self {
        let wronged = |figure: &Figure| {
            let by = if figure.family.starts_with(family) { 1.0 } else { 0.0 };
            Figure { value: figure.value + by, ..figure.clone() }
        };
        Self(self.0.iter().map(wronged).collect())
    }
}

fn labels_of(row: &Value, names: &[&str]) -> Labels {
    names.iter().map(|name| (name.to_string(), text(&row[name]).to_owned())).collect()
}

/// Whether changes are those of a ratio or of a count.
fn of_what(row: &Value) -> &'static str {
    if row["denominator"].is_null() { "numerator" } else { "ratio" }
}

/// The last midnight in Shanghai before a moment in UTC.
fn last_midnight(as_of: &str) -> String {
    const OFFSET_SECONDS: i64 = 8 * 3_600;
    let moment = EventTime::parse(as_of).expect("a moment");
    let into_the_day = (moment.seconds() + OFFSET_SECONDS).rem_euclid(86_400);
    moment.plus(-into_the_day).to_string()
}
