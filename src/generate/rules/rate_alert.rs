//! When an alert on a rate fires, as Prometheus is asked. What people are told then is not said here.
//!
//! The first vector of an expression is the alert's value and has the labels that its texts name. Whatever else must hold is asked
//! of the same area, or of the whole pipeline. A board that stands still fires none of them, nor is anything said of an
//! area whose feed is silent: silence is not a drop.

use super::feed_rules::SILENT_AREA;
use crate::area::Level;
use crate::generate::promql::{ABOVE_LAST_SPRING, BOARD_AGE, SEASON_DAY, recorded, selector};
use crate::spec::{Alert, Condition, Pipeline, Window};

/// A board whose moment is so far back is stale.
pub const STALE_SECONDS: i64 = 900;

/// What Prometheus is asked.
pub fn expression(pipeline: &Pipeline, alert: &Alert) -> String {
    let rate = pipeline.rates[alert.rate].name.as_str();
    let (of_pipeline, of_rate) = (("pipeline=", pipeline.name.as_str()), ("rate=", rate));
    let of_area = |what: &str| selector(&recorded(rate, what), &[of_pipeline, of_rate]);
    let (comparison, levels) = levels(&alert.levels);
    let value = |what: &str| {
        let matchers = [of_pipeline, of_rate, (comparison, levels.as_str())];
        selector(&recorded(rate, what), &matchers)
    };
    let change = |over: &Window| format!("change_{}", exported_window(pipeline, alert, over));
    let is_wrong = match &alert.condition {
        Condition::Dropped { by, over } => format!("{} < -{by}", value(&change(over))),
        Condition::Below { least } => format!("{} < {least}", value("ratio")),
        Condition::Stalled { target, over } => {
            format!("{} < {target}\nand on (area) {} <= 0", value("ratio"), of_area(&change(over)))
        }
        Condition::Behind { by } => format!("{} < -{by}", value(ABOVE_LAST_SPRING)),
    };
    let is_enough =
        format!("and on (area) {} >= {}", of_area("denominator"), alert.min_denominator);
    let day = selector(SEASON_DAY, &[of_pipeline]);
    let is_time = alert.from_day.map(|from| format!("and on (pipeline) {day} >= {from}"));
    let age = selector(BOARD_AGE, &[of_pipeline]);
    let is_fresh = format!("and on (pipeline) {age} < {STALE_SECONDS}");
    let silent = selector(SILENT_AREA, &[of_pipeline]);
    let is_heard = pipeline.feeds.is_some().then(|| format!("unless on (area) {silent}"));
    let conditions = [is_wrong, is_enough].into_iter().chain(is_time).chain([is_fresh]);
    conditions.chain(is_heard).collect::<Vec<_>>().join("\n")
}

/// The label of the window as it is exported: an alert may write `1d` for a rate's `24h`.
pub fn exported_window<'p>(pipeline: &'p Pipeline, alert: &Alert, over: &'p Window) -> &'p str {
    let windows = &pipeline.rates[alert.rate].change;
    let same = windows.iter().find(|window| window.seconds == over.seconds);
    &same.unwrap_or(over).label
}

/// A matcher of these levels. What is unassigned is nowhere, and nobody can be sent there.
fn levels(levels: &[Level]) -> (&'static str, String) {
    match levels {
        [] => ("level!=", Level::Unassigned.as_str().to_owned()),
        _ => ("level=~", levels.iter().map(|level| level.as_str()).collect::<Vec<_>>().join("|")),
    }
}
