//! A pipeline's Prometheus rules: what is recorded, and the alerts.
//!
//! The alerts ask what is recorded, not what is exported: the labels of whoever exports are gone from it, so a restart
//! elsewhere does not begin an alert anew. A board that stands still fires no alert on a drop, only its own.

use super::alert_text::{self, Annotations, Filling};
use super::rate_alert::STALE_SECONDS;
use super::{feed_rules, rate_alert, yaml};
use crate::generate::promql::{
    ABOVE_LAST_SPRING, BOARD_AGE, SEASON_DAY, named, recorded, selector, whoever_exports,
};
use crate::generate::{mark, one_line};
use crate::spec::{Alert, Pipeline, Rate, Window};

/// How long a board may be stale before people are called.
pub const STALE_HOLD: &str = "5m";
/// The alert on a stale board.
pub const BOARD_STALE: &str = "ChunfengBoardStale";
/// The alert on a rising share of rejects.
pub const REJECTS_RISING: &str = "ChunfengRejectsRising";
/// The share of rejects that is too much, and how long it may be so.
const REJECTED_MOST: f64 = 0.01;
const REJECTED_HOLD: &str = "15m";
const WARNING: &str = "warning";

/// The file's text.
pub fn text(pipeline: &Pipeline) -> String {
    let mut text = format!(
        "# {}\n#\n# {} · {}\ngroups:\n  - name: chunfeng-{}\n    rules:\n",
        mark(pipeline),
        one_line(&pipeline.title.zh),
        one_line(&pipeline.title.en),
        pipeline.name
    );
    // Of counts no alert asks anything.
    for rate in pipeline.rates.iter().filter(|rate| rate.formula.has_ratio()) {
        text.push_str(&records_of(pipeline, rate));
    }
    text.push_str(&record(BOARD_AGE, &board_age(pipeline)));
    text.push_str(&record(SEASON_DAY, &season_day(pipeline)));
    text.push_str(&feed_rules::text(pipeline));
    for alert in &pipeline.alerts {
        text.push_str(&rate_alert(pipeline, alert));
    }
    text.push_str(&board_alert(pipeline));
    text.push_str(&rejects_alert(pipeline));
    text
}

/// The names of what is recorded of a rate; nothing of counts, of which no alert asks anything.
pub fn recorded_names(rate: &Rate) -> Vec<String> {
    if !rate.formula.has_ratio() {
        return Vec::new();
    }
    let of_rate = |what: &str| recorded(&rate.name, what);
    let changes = rate.change.iter().map(|window| of_rate(&format!("change_{}", window.label)));
    let springs = rate.season.map(|_| of_rate(ABOVE_LAST_SPRING));
    ["ratio", "numerator", "denominator"]
        .map(of_rate)
        .into_iter()
        .chain(changes)
        .chain(springs)
        .collect()
}

fn records_of(pipeline: &Pipeline, rate: &Rate) -> String {
    let exported = |family: &str, window: Option<&Window>| {
        let mut matchers =
            vec![("pipeline=", pipeline.name.as_str()), ("rate=", rate.name.as_str())];
        matchers.extend(window.map(|window| ("window=", window.label.as_str())));
        let labels = match window {
            Some(_) => "pipeline, rate, level, area, window",
            None => "pipeline, rate, level, area",
        };
        whoever_exports(labels, &selector(family, &matchers))
    };
    let mut text =
        record(&recorded(&rate.name, "ratio"), &named(&exported("chunfeng_rate_ratio", None)));
    for count in ["numerator", "denominator"] {
        let family = format!("chunfeng_rate_{count}");
        text.push_str(&record(&recorded(&rate.name, count), &exported(&family, None)));
    }
    for window in &rate.change {
        text.push_str(&record(
            &recorded(&rate.name, &format!("change_{}", window.label)),
            &named(&exported("chunfeng_rate_change_ratio", Some(window))),
        ));
    }
    if rate.season.is_some() {
        let above = exported("chunfeng_rate_above_last_spring_ratio", None);
        text.push_str(&record(&recorded(&rate.name, ABOVE_LAST_SPRING), &named(&above)));
    }
    text
}

fn season_day(pipeline: &Pipeline) -> String {
    let day = selector("chunfeng_board_season_day", &[("pipeline=", &pipeline.name)]);
    whoever_exports("pipeline", &day)
}

fn board_age(pipeline: &Pipeline) -> String {
    let as_of =
        selector("chunfeng_board_as_of_timestamp_seconds", &[("pipeline=", &pipeline.name)]);
    format!("time() - {}", whoever_exports("pipeline", &as_of))
}

fn rate_alert(pipeline: &Pipeline, alert: &Alert) -> String {
    let labels = [
        ("severity", alert.severity.as_str()),
        ("pipeline", &pipeline.name),
        ("rate", &pipeline.rates[alert.rate].name),
    ];
    let expression = rate_alert::expression(pipeline, alert);
    let annotations = alert_text::of_rate(pipeline, alert, &Filling::template(pipeline, alert));
    self::alert(&alert.name, &expression, &alert.hold.label, &labels, &annotations)
}

fn board_alert(pipeline: &Pipeline) -> String {
    let age = selector(BOARD_AGE, &[("pipeline=", &pipeline.name)]);
    let expression = format!("{age} >= {STALE_SECONDS}\nor absent({age})");
    let annotations = alert_text::board_stale(pipeline);
    alert(BOARD_STALE, &expression, STALE_HOLD, &generic_labels(pipeline), &annotations)
}

fn rejects_alert(pipeline: &Pipeline) -> String {
    let of_pipeline = ("pipeline=", pipeline.name.as_str());
    let a_second = |matchers: &[(&str, &str)]| {
        let records = selector("chunfeng_records_total", matchers);
        format!("sum by (pipeline) (rate({records}[15m]))")
    };
    let expression = format!(
        "{}\n/ {}\n> {REJECTED_MOST}",
        a_second(&[of_pipeline, ("outcome=", "rejected")]),
        a_second(&[of_pipeline])
    );
    let annotations = alert_text::rejects_rising(pipeline, "{{ humanizePercentage $value }}");
    alert(REJECTS_RISING, &expression, REJECTED_HOLD, &generic_labels(pipeline), &annotations)
}

/// The labels of an alert that every pipeline has.
pub fn generic_labels(pipeline: &Pipeline) -> [(&str, &str); 2] {
    [("severity", WARNING), ("pipeline", &pipeline.name)]
}

/// A recording rule.
pub fn record(name: &str, expression: &str) -> String {
    format!("      - record: {name}\n        expr: {}\n", yaml::block(expression, 10))
}

/// A recording rule whose expression has no labels.
pub fn record_of(name: &str, expression: &str, labels: &[(&str, &str)]) -> String {
    let labels = yaml::mapping(labels.iter().copied(), 10);
    format!("{}        labels:\n{labels}", record(name, expression))
}

/// An alert as a rule file has it.
pub fn alert(
    name: &str,
    expression: &str,
    hold: &str,
    labels: &[(&str, &str)],
    annotations: &Annotations,
) -> String {
    let annotations = annotations.iter().map(|(name, text)| (*name, text.as_str()));
    format!(
        "      - alert: {}\n        expr: {}\n        for: {hold}\n        labels:\n{}        annotations:\n{}",
        yaml::scalar(name),
        yaml::block(expression, 10),
        yaml::mapping(labels.iter().copied(), 10),
        yaml::mapping(annotations, 10)
    )
}
