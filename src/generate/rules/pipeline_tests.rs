//! Unit tests of a pipeline's rules, for `promtool test rules`: when each alert fires, and above all when it does not.
//!
//! Each case is a spring of a few minutes: what one area's series said, and which alerts fired by then. In these tests
//! time begins at zero.

use super::alert_text::{self, Annotations, Filling, significant};
use super::pipeline_rules::{self, BOARD_STALE, REJECTS_RISING};
use super::rate_alert::exported_window;
use super::test_series::{AREA, FRESH, RATIO, Readings, STALE, Spring, board, constant, exported};
use super::{feed_tests, record_tests, yaml};
use crate::area::Level;
use crate::generate::mark;
use crate::spec::{Alert, Condition, Pipeline};

/// Long enough for every hold of the generic alerts.
const WHILE_MINUTES: i64 = 30;

/// The file's text.
pub fn text(pipeline: &Pipeline) -> String {
    let mut text = format!(
        "# {}\nrule_files:\n  - {}\nevaluation_interval: 1m\ntests:\n",
        mark(pipeline),
        yaml::scalar(&format!("{}.yml", pipeline.name))
    );
    let of_alerts = pipeline.alerts.iter().flat_map(|alert| cases_of(pipeline, alert));
    let cases = record_tests::cases(pipeline).chain(of_alerts).chain(generic_cases(pipeline));
    text.extend(cases.chain(feed_tests::cases(pipeline)).map(|case| case.text()));
    text
}

/// A case: its name, what was exported, what fired, and what was recorded.
#[derive(Default)]
pub struct Case {
    pub name: String,
    pub series: Vec<(String, String)>,
    pub checks: Vec<Check>,
    pub samples: Vec<Sample>,
}

/// The only sample of a record at a minute.
pub struct Sample {
    pub minute: i64,
    pub record: String,
    pub labels: Vec<(&'static str, String)>,
    pub value: f64,
}

/// Which alert of a name fires at a minute.
pub struct Check {
    pub minute: i64,
    pub alert: String,
    pub fires: Option<(Vec<(&'static str, String)>, Annotations)>,
}

impl Case {
    /// As promtool reads it.
    pub fn text(&self) -> String {
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
        if !self.checks.is_empty() {
            text.push_str("    alert_rule_test:\n");
            text.extend(self.checks.iter().map(Check::text));
        }
        if !self.samples.is_empty() {
            text.push_str("    promql_expr_test:\n");
            text.extend(self.samples.iter().map(Sample::text));
        }
        text
    }
}

impl Sample {
    fn text(&self) -> String {
        let labels: Vec<_> =
            self.labels.iter().map(|(name, value)| (*name, value.as_str())).collect();
        format!(
            "      - expr: {record}\n        eval_time: {}m\n        exp_samples:\n          - labels: {}\n            value: {}\n",
            self.minute,
            yaml::scalar(&exported(&self.record, &labels)),
            self.value,
            record = yaml::scalar(&self.record),
        )
    }
}

impl Check {
    /// None does.
    pub fn silent(minute: i64, alert: &str) -> Self {
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

fn cases_of(pipeline: &Pipeline, alert: &Alert) -> Vec<Case> {
    let end = hold_minutes(alert) + WHILE_MINUTES;
    let case = |name: &str, spring: Spring, checks| Case {
        name: format!("{}: {name}", alert.name),
        series: spring.series(pipeline, alert, end),
        checks,
        ..Case::default()
    };
    let fires = fires_in_time(pipeline, alert, end);
    let mut cases = vec![case("fires once it held", Spring::that_fires(alert, end), fires)];
    // The moments at which an alert that forgets a condition, or holds too short, would fire.
    let moments = [hold_minutes(alert), 2 * down_minutes(alert), end];
    for (name, spring) in quiet_springs(alert, end) {
        let mut checks = Vec::from(moments.map(|minute| Check::silent(minute, &alert.name)));
        if spring.as_of == STALE {
            checks.push(stale_fires(pipeline, end));
        }
        cases.push(case(name, spring, checks));
    }
    cases
}

/// Each differs from one that must fire in one thing, for which nobody is called.
fn quiet_springs(alert: &Alert, end: i64) -> Vec<(&'static str, Spring)> {
    let fires = || Spring::that_fires(alert, end);
    let Readings { wrong, bearable, well } = Readings::of(alert);
    // Well for a minute before it held, then wrong again: never wrong long enough.
    let briefly = constant(wrong, down_minutes(alert) - 1);
    let interrupted = format!("{briefly} {well} {briefly} {}", constant(well, end));
    let mut springs = vec![
        ("just the threshold is bearable", Spring { value: constant(bearable, end), ..fires() }),
        ("well again in time, twice", Spring { value: interrupted, ..fires() }),
        ("too few are counted", Spring { denominator: alert.min_denominator - 1, ..fires() }),
        ("a stale board is silence", Spring { as_of: STALE, ..fires() }),
        (
            "nobody is called for what is unassigned",
            Spring { level: Level::Unassigned.as_str(), ..fires() },
        ),
    ];
    if let Some(from) = alert.from_day {
        springs.push(("it is too early in the season", Spring { day: from - 1, ..fires() }));
    }
    if let Condition::Stalled { .. } = alert.condition {
        springs.push(("what rises is not stalled", Spring { change: 0.001, ..fires() }));
    }
    let others = [Level::Country, Level::Province, Level::Prefecture, Level::County];
    let mut others = others.into_iter().rev().filter(|level| !alert.levels.contains(level));
    if let (false, Some(other)) = (alert.levels.is_empty(), others.next()) {
        springs.push(("areas of another level", Spring { level: other.as_str(), ..fires() }));
    }
    springs
}

/// For how many minutes a rate may be wrong without an alert.
fn down_minutes(alert: &Alert) -> i64 {
    (hold_minutes(alert) - 1).max(1)
}

/// How many whole minutes an alert has to hold.
fn hold_minutes(alert: &Alert) -> i64 {
    (alert.hold.seconds + 59) / 60
}

fn fires_in_time(pipeline: &Pipeline, alert: &Alert, end: i64) -> Vec<Check> {
    let hold = hold_minutes(alert);
    let spring = Spring::that_fires(alert, end);
    let wrong = Readings::of(alert).wrong;
    let [area, name_zh, name_en] = AREA.map(|(_, value)| value.to_owned());
    let (points, ratio) = match alert.condition {
        Condition::Dropped { .. } | Condition::Behind { .. } => {
            (significant(-100.0 * wrong), RATIO)
        }
        Condition::Below { .. } | Condition::Stalled { .. } => (String::new(), wrong),
    };
    let filling = Filling {
        area,
        level: spring.level.to_owned(),
        name_zh,
        name_en,
        points,
        now: format!("{}%", significant(100.0 * ratio)),
        numerator: spring.numerator().to_string(),
        denominator: spring.denominator.to_string(),
        is_template: false,
    };
    let mut labels: Vec<(&'static str, String)> =
        AREA.map(|(label, value)| (label, value.to_owned())).to_vec();
    labels.extend([
        ("level", spring.level.to_owned()),
        ("pipeline", pipeline.name.clone()),
        ("rate", pipeline.rates[alert.rate].name.clone()),
        ("severity", alert.severity.clone()),
    ]);
    if let Condition::Dropped { over, .. } = &alert.condition {
        labels.push(("window", exported_window(pipeline, alert, over).to_owned()));
    }
    let annotations = alert_text::of_rate(pipeline, alert, &filling);
    vec![
        Check::silent(hold - 1, &alert.name),
        Check { minute: hold, alert: alert.name.clone(), fires: Some((labels, annotations)) },
        Check::silent(end, BOARD_STALE),
    ]
}

fn generic_cases(pipeline: &Pipeline) -> [Case; 3] {
    let end = WHILE_MINUTES;
    let case = |name: &str, series, check| Case {
        name: name.to_owned(),
        series,
        checks: vec![check],
        ..Case::default()
    };
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
    let [(_, severity), (_, name)] = pipeline_rules::generic_labels(pipeline);
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
