//! Unit tests of a pipeline's rules, for `promtool test rules`: when each alert fires, and above all when it does not.
//!
//! Each case is a spring of a few minutes: what one area's series said, and which alerts fired by then. In these tests
//! time begins at zero.

use super::alert_text::{self, Annotations, Filling, significant};
use super::rules::{self, BOARD_STALE, REJECTS_RISING};
use super::{mark, yaml};
use crate::spec::{Alert, Pipeline};

/// The area that the cases are about, as the tree has it.
const AREA: [(&str, &str); 4] =
    [("level", "county"), ("area", "350206"), ("name_zh", "湖里区"), ("name_en", "Huli District")];
/// A board's moment that goes with the time, and one that stood still an hour ago.
const FRESH: &str = "0+60";
const STALE: &str = "-3600+0";
/// Long enough for every hold of the generic alerts.
const WHILE_MINUTES: i64 = 30;

/// The file's text.
pub fn text(pipeline: &Pipeline) -> String {
    let mut text = format!(
        "# {}\nrule_files:\n  - {}\nevaluation_interval: 1m\ntests:\n",
        mark(pipeline),
        yaml::scalar(&format!("{}.yml", pipeline.name))
    );
    let cases = pipeline.alerts.iter().flat_map(|alert| cases_of(pipeline, alert));
    for case in cases.chain(generic_cases(pipeline)) {
        text.push_str(&case.text());
    }
    text
}

/// A case: its name, what was exported, and what fired.
struct Case {
    name: String,
    series: Vec<(String, String)>,
    checks: Vec<Check>,
}

/// Which alert of a name fires at a minute.
struct Check {
    minute: i64,
    alert: String,
    fires: Option<(Vec<(&'static str, String)>, Annotations)>,
}

impl Case {
    fn text(&self) -> String {
        let mut text = format!(
            "  - name: {}\n    interval: 1m\n    input_series:\n",
            yaml::scalar(&self.name)
        );
        for (series, values) in &self.series {
            text.push_str(&format!(
                "      - series: {}\n        values: {}\n",
                yaml::scalar(series),
                yaml::scalar(values)
            ));
        }
        text.push_str("    alert_rule_test:\n");
        text.extend(self.checks.iter().map(Check::text));
        text
    }
}

impl Check {
    fn silent(minute: i64, alert: &str) -> Self {
        Self { minute, alert: alert.to_owned(), fires: None }
    }

    fn text(&self) -> String {
        let head = format!(
            "      - eval_time: {}m\n        alertname: {}\n",
            self.minute,
            yaml::scalar(&self.alert)
        );
        let Some((labels, annotations)) = &self.fires else {
            return format!("{head}        exp_alerts: []\n");
        };
        let entries = |entries: &[(&'static str, String)]| {
            yaml::mapping(entries.iter().map(|(key, value)| (*key, value.as_str())), 14)
        };
        format!(
            "{head}        exp_alerts:\n          - exp_labels:\n{}            exp_annotations:\n{}",
            entries(labels),
            entries(annotations)
        )
    }
}

/// What one area exported, in which a case differs from a drop that must fire.
struct Spring {
    change: String,
    denominator: i64,
    level: &'static str,
    as_of: &'static str,
}

fn cases_of(pipeline: &Pipeline, alert: &Alert) -> Vec<Case> {
    let hold = hold_minutes(alert);
    let end = hold + WHILE_MINUTES;
    let case = |name: &str, spring: Spring, checks| Case {
        name: format!("{}: {name}", alert.name),
        series: series(pipeline, alert, &spring, end),
        checks,
    };
    let fires = fires_in_time(pipeline, alert, end);
    let mut cases =
        vec![case("fires where the rate fell, once it held", dropped(alert, end), fires)];
    // The moments at which an alert that forgets a condition, or holds too short, would fire.
    let moments = [hold, 2 * down_minutes(alert), end];
    for (name, spring) in quiet_springs(alert, end) {
        let mut checks = Vec::from(moments.map(|minute| Check::silent(minute, &alert.name)));
        if spring.as_of == STALE {
            checks.push(stale_fires(pipeline, end));
        }
        cases.push(case(name, spring, checks));
    }
    cases
}

/// A drop that must fire.
fn dropped(alert: &Alert, end: i64) -> Spring {
    Spring {
        change: constant(-fall(alert), end),
        denominator: alert.min_denominator,
        level: "county",
        as_of: FRESH,
    }
}

/// Each differs from such a drop in one thing, for which nobody is called.
fn quiet_springs(alert: &Alert, end: i64) -> [(&'static str, Spring); 5] {
    let dropped = || dropped(alert, end);
    // Back for a minute before it held, then down again: never down long enough.
    let fallen = constant(-fall(alert), down_minutes(alert) - 1);
    let interrupted = format!("{fallen} 0 {fallen} {}", constant(0.0, end));
    let threshold = constant(-alert.drop, end);
    let too_few = alert.min_denominator - 1;
    [
        ("a fall of just the threshold is none", Spring { change: threshold, ..dropped() }),
        ("too few are counted", Spring { denominator: too_few, ..dropped() }),
        ("a stale board is silence, not a drop", Spring { as_of: STALE, ..dropped() }),
        ("nobody is called for what is unassigned", Spring { level: "unassigned", ..dropped() }),
        ("a rate that recovers in time, twice", Spring { change: interrupted, ..dropped() }),
    ]
}

/// For how many minutes a rate may be down without an alert.
fn down_minutes(alert: &Alert) -> i64 {
    (hold_minutes(alert) - 1).max(1)
}

/// How many whole minutes an alert has to hold.
fn hold_minutes(alert: &Alert) -> i64 {
    (alert.hold.seconds + 59) / 60
}

/// Half again as much as is allowed.
fn fall(alert: &Alert) -> f64 {
    alert.drop * 1.5
}

fn fires_in_time(pipeline: &Pipeline, alert: &Alert, end: i64) -> Vec<Check> {
    let hold = hold_minutes(alert);
    let [level, area, name_zh, name_en] = AREA.map(|(_, value)| value.to_owned());
    let filling = Filling {
        area,
        level,
        name_zh,
        name_en,
        points: significant(100.0 * fall(alert)),
        now: "90%".to_owned(),
        is_template: false,
    };
    let mut labels: Vec<(&'static str, String)> =
        AREA.map(|(label, value)| (label, value.to_owned())).to_vec();
    labels.extend([
        ("pipeline", pipeline.name.clone()),
        ("rate", pipeline.rates[alert.rate].name.clone()),
        ("window", rules::exported_window(pipeline, alert).to_owned()),
        ("severity", alert.severity.clone()),
    ]);
    let annotations = alert_text::dropped(pipeline, alert, &filling);
    vec![
        Check::silent(hold - 1, &alert.name),
        Check { minute: hold, alert: alert.name.clone(), fires: Some((labels, annotations)) },
        Check::silent(end, BOARD_STALE),
    ]
}

/// Two instances tell the names of areas, as while one takes over from another.
fn series(pipeline: &Pipeline, alert: &Alert, spring: &Spring, end: i64) -> Vec<(String, String)> {
    let [_, area, name_zh, name_en] = AREA.map(|(_, value)| value);
    let rate = pipeline.rates[alert.rate].name.as_str();
    let of_area = [
        ("pipeline", pipeline.name.as_str()),
        ("rate", rate),
        ("level", spring.level),
        ("area", area),
    ];
    let window = ("window", rules::exported_window(pipeline, alert));
    let change: Vec<(&str, &str)> = of_area.into_iter().chain([window]).collect();
    let info = |instance| {
        let labels = [
            ("instance", instance),
            ("level", spring.level),
            ("area", area),
            ("name_zh", name_zh),
            ("name_en", name_en),
        ];
        (exported("chunfeng_area_info", &labels), constant(1.0, end))
    };
    let denominator = constant(spring.denominator as f64, end);
    vec![
        (exported("chunfeng_rate_change_ratio", &change), spring.change.clone()),
        (exported("chunfeng_rate_ratio", &of_area), constant(0.9, end)),
        (exported("chunfeng_rate_denominator", &of_area), denominator),
        info("one"),
        info("two"),
        board(pipeline, spring.as_of, end),
    ]
}

fn generic_cases(pipeline: &Pipeline) -> [Case; 3] {
    let end = WHILE_MINUTES;
    let case =
        |name: &str, series, check| Case { name: name.to_owned(), series, checks: vec![check] };
    [
        case(
            &format!("{BOARD_STALE}: fires where there is no board at all"),
            vec![],
            stale_fires(pipeline, end),
        ),
        case(
            &format!("{REJECTS_RISING}: fires where one record of five is rejected"),
            records(pipeline, 80, 20, end),
            Check {
                minute: end,
                alert: REJECTS_RISING.to_owned(),
                fires: Some((labels_of(pipeline), alert_text::rejects_rising(pipeline, "20%"))),
            },
        ),
        case(
            &format!("{REJECTS_RISING}: one of a thousand is nothing to call people for"),
            records(pipeline, 999, 1, end),
            Check::silent(end, REJECTS_RISING),
        ),
    ]
}

fn stale_fires(pipeline: &Pipeline, minute: i64) -> Check {
    Check {
        minute,
        alert: BOARD_STALE.to_owned(),
        fires: Some((labels_of(pipeline), alert_text::board_stale(pipeline))),
    }
}

fn labels_of(pipeline: &Pipeline) -> Vec<(&'static str, String)> {
    let [(_, severity), (_, name)] = rules::generic_labels(pipeline);
    vec![("severity", severity.to_owned()), ("pipeline", name.to_owned())]
}

/// So many facts and rejects a minute.
fn records(pipeline: &Pipeline, facts: i64, rejects: i64, end: i64) -> Vec<(String, String)> {
    let count = |outcome, a_minute| {
        let labels = [("pipeline", pipeline.name.as_str()), ("outcome", outcome)];
        (exported("chunfeng_records_total", &labels), format!("0+{a_minute}x{end}"))
    };
    let fresh = board(pipeline, FRESH, end);
    vec![count("fact", facts), count("rejected", rejects), fresh]
}

fn board(pipeline: &Pipeline, as_of: &str, end: i64) -> (String, String) {
    let labels = [("pipeline", pipeline.name.as_str())];
    let series = exported("chunfeng_board_as_of_timestamp_seconds", &labels);
    (series, format!("{as_of}x{end}"))
}

/// A value now and for so many minutes more.
fn constant(value: f64, minutes: i64) -> String {
    format!("{value}+0x{minutes}")
}

fn exported(family: &str, labels: &[(&str, &str)]) -> String {
    let label =
        |(name, value): &(&str, &str)| format!("{name}={}", serde_json::Value::from(*value));
    let labels: Vec<String> = labels.iter().map(label).collect();
    format!("{family}{{{}}}", labels.join(", "))
}
