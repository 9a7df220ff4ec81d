//! The rules on the engine itself, and their tests: one file for all pipelines.

use super::alert_text::Annotations;
use super::engine_alerts::{ENGINE_ALERTS, EngineAlert};
use super::pipeline_tests::{Case, Check};
use super::{pipeline_rules, yaml};
use crate::generate::MARK;

/// The rules' file, without its ending.
pub const NAME: &str = "chunfeng-engine";
/// The page that tells what to do.
const RUNBOOK: &str = "docs/runbooks/engine.md";

/// The rules.
pub fn text() -> String {
    let mut text = format!(
        "# {MARK} from the program itself: do not edit\ngroups:\n  - name: {NAME}\n    rules:\n"
    );
    for alert in &ENGINE_ALERTS {
        let labels = [("severity", alert.severity)];
        text.push_str(&pipeline_rules::alert(
            alert.name,
            alert.expression,
            alert.hold,
            &labels,
            &annotations(alert, &[]),
        ));
    }
    text
}

/// Their tests.
pub fn tests() -> String {
    let mut text = format!(
        "# {MARK} from the program itself: do not edit\nrule_files:\n  - {}\nevaluation_interval: 1m\ntests:\n",
        yaml::scalar(&format!("{NAME}.yml"))
    );
    for alert in &ENGINE_ALERTS {
        let minute = i64::from(samples(alert.fires));
        let mut labels = vec![("severity", alert.severity.to_owned())];
        labels.extend(alert.labels.iter().map(|(label, value)| (*label, (*value).to_owned())));
        let fires = Some((labels, annotations(alert, alert.labels)));
        let check = |fires| Check { minute, alert: alert.name.to_owned(), fires };
        for (what, series, check) in
            [("fires", alert.fires, check(fires)), ("stays quiet", alert.quiet, check(None))]
        {
            let series =
                series.iter().map(|(series, values)| ((*series).to_owned(), (*values).to_owned()));
            let name = format!("{}: {what}", alert.name);
            let (series, checks) = (series.collect(), vec![check]);
            text.push_str(&Case { name, series, checks, ..Case::default() }.text());
        }
    }
    text
}

/// How many minutes a series of a test goes on after its last `x`.
fn samples(series: &[(&str, &str)]) -> u8 {
    let last = series.first().and_then(|(_, values)| values.rsplit('x').next());
    last.and_then(|minutes| minutes.parse().ok()).unwrap_or(0)
}

/// What people are told; with these labels filled in.
fn annotations(alert: &EngineAlert, labels: &[(&str, &str)]) -> Annotations {
    let filled = |text: &str| {
        labels.iter().fold(text.to_owned(), |text, (label, value)| {
            text.replace(&format!("{{{{ $labels.{label} }}}}"), value)
        })
    };
    let [zh, en] = alert.summary;
    vec![
        ("summary_zh", filled(zh)),
        ("summary_en", filled(en)),
        ("description", alert.description.to_owned()),
        ("runbook_url", format!("{RUNBOOK}#{}", alert.name.to_lowercase())),
    ]
}
