//! Alerts: their conditions, from when on and where they are asked, and what is told of a wrong one.

use super::super::Condition;
use super::{file_with, load, told};
use crate::area::Level;

const ALERT: &str =
    "rate: return_rate, drop: 0.02, over: 24h, for: 10m, severity: warning, min_denominator: 500";

fn condition(said: &str) -> Condition {
    let text = file_with("drop: 0.02, over: 24h", said);
    load(&text).alerts.remove(0).condition
}

fn says(said: &str) -> String {
    told(&file_with("drop: 0.02, over: 24h", said)).join("\n")
}

#[test]
fn a_rate_may_fall_lie_low_stand_still_or_lag_behind_last_spring() {
    let Condition::Dropped { by, over } = condition("drop: 0.02, over: 1d") else { panic!() };
    assert_eq!((by, over.seconds), (0.02, 86_400));
    assert_eq!(condition("below: 0.9"), Condition::Below { least: 0.9 });
    let Condition::Stalled { target, over } = condition("stalled: 0.98, over: 1h") else {
        panic!()
    };
    assert_eq!((target, over.seconds), (0.98, 3_600));
    let seasonal = file_with(
        "    change: [1h, 24h]\n",
        "    change: [1h, 24h]\n    season: spring-festival\n",
    );
    let behind = seasonal.replace("drop: 0.02, over: 24h", "behind: 0.05");
    assert_eq!(load(&behind).alerts[0].condition, Condition::Behind { by: 0.05 });
}

#[test]
fn an_alert_has_one_condition_and_what_belongs_to_it() {
    for wrong in ["", "below: 0.9, behind: 0.1, ", "drop: 0.02, ", "below: 0.9, over: 24h, "] {
        let text = file_with("drop: 0.02, over: 24h, ", wrong);
        let told = told(&text).join("\n");
        assert!(
            told.contains("an alert needs one condition | `drop` with `over`"),
            "{wrong}: {told}"
        );
    }
    assert!(says("behind: 0.05").contains(
        "without a season there is no last spring to be behind | give the rate a `season`"
    ));
    assert!(says("below: 90").contains(
        "`below` must lie between 0 and 1 | write the least that is well as a share of one"
    ));
}

#[test]
fn an_alert_may_wait_for_a_day_of_the_season_and_ask_some_levels_only() {
    let text = file_with(ALERT, &format!("{ALERT}, from_day: 15, levels: [prefecture, county]"));
    let alert = load(&text).alerts.remove(0);
    assert_eq!((alert.from_day, alert.levels), (Some(15), vec![Level::Prefecture, Level::County]));
    let alert = load(&file_with(ALERT, ALERT)).alerts.remove(0);
    assert_eq!((alert.from_day, alert.levels), (None, vec![]));
    let wrong = told(&file_with(ALERT, &format!("{ALERT}, levels: [city]"))).join("\n");
    assert!(wrong.contains("`city` is no level of areas"), "{wrong}");
}
