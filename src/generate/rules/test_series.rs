//! What one area exports in the tests of an alert, minute by minute, in promtool's notation.

use super::rate_alert::exported_window;
use crate::area::Level;
use crate::spec::{Alert, Condition, Pipeline};

/// The area that the cases are about, as the tree has it.
pub const AREA: [(&str, &str); 3] =
    [("area", "350206"), ("name_zh", "湖里区"), ("name_en", "Huli District")];
/// What its ratio is where an alert asks for something else.
pub const RATIO: f64 = 0.9;
/// A board's moment that goes with the time, and one that stood still an hour ago.
pub const FRESH: &str = "0+60";
pub const STALE: &str = "-3600+0";

/// Values of what an alert looks at.
pub struct Readings {
    /// It fires.
    pub wrong: f64,
    /// As far as it may go without firing.
    pub bearable: f64,
    /// Nothing is wrong.
    pub well: f64,
}

impl Readings {
    /// What this alert makes of them.
    pub fn of(alert: &Alert) -> Self {
        match alert.condition {
            Condition::Dropped { by, .. } | Condition::Behind { by } => {
                // Half again as much as is allowed.
                Self { wrong: -by * 1.5, bearable: -by, well: 0.0 }
            }
            Condition::Below { least } | Condition::Stalled { target: least, .. } => {
                Self { wrong: least * 0.75, bearable: least, well: 1.0 }
            }
        }
    }
}

/// What one area exported, in which a case differs from one that must fire.
pub struct Spring {
    /// What the alert looks at, minute by minute.
    pub value: String,
    pub denominator: i64,
    pub level: &'static str,
    pub as_of: &'static str,
    /// Of the season.
    pub day: i64,
    /// Over the window that the alert asks about, where that is not what it looks at.
    pub change: f64,
}

impl Spring {
    /// One that an alert must fire for.
    pub fn that_fires(alert: &Alert, end: i64) -> Self {
        Self {
            value: constant(Readings::of(alert).wrong, end),
            denominator: alert.min_denominator,
            level: alert.levels.last().unwrap_or(&Level::County).as_str(),
            as_of: FRESH,
            day: alert.from_day.unwrap_or(1),
            change: 0.0,
        }
    }

    /// How many count.
    pub fn numerator(&self) -> i64 {
        self.denominator * 9 / 10
    }

    /// The series. Two instances tell the names of areas, as while one takes over from another.
    pub fn series(&self, pipeline: &Pipeline, alert: &Alert, end: i64) -> Vec<(String, String)> {
        let [(_, area), ..] = AREA;
        let of_area = [
            ("pipeline", pipeline.name.as_str()),
            ("rate", pipeline.rates[alert.rate].name.as_str()),
            ("level", self.level),
            ("area", area),
        ];
        let told = |family: &str, values: String| (exported(family, &of_area), values);
        let info = |instance| area_info(instance, self.level, end);
        let constant = |value: f64| constant(value, end);
        let (mut ratio, mut change, mut above) = (constant(RATIO), constant(self.change), None);
        match alert.condition {
            Condition::Dropped { .. } => change = self.value.clone(),
            Condition::Below { .. } | Condition::Stalled { .. } => ratio = self.value.clone(),
            Condition::Behind { .. } => above = Some(self.value.clone()),
        }
        let mut series = vec![
            told("chunfeng_rate_ratio", ratio),
            told("chunfeng_rate_numerator", constant(self.numerator() as f64)),
            told("chunfeng_rate_denominator", constant(self.denominator as f64)),
            info("one"),
            info("two"),
            board(pipeline, self.as_of, end),
        ];
        series.extend(alert.condition.over().map(|over| {
            let window = ("window", exported_window(pipeline, alert, over));
            let labels: Vec<_> = of_area.into_iter().chain([window]).collect();
            (exported("chunfeng_rate_change_ratio", &labels), change)
        }));
        series.extend(above.map(|above| told("chunfeng_rate_above_last_spring_ratio", above)));
        series.extend(alert.from_day.map(|_| {
            let labels = [("pipeline", pipeline.name.as_str())];
            (exported("chunfeng_board_season_day", &labels), constant(self.day as f64))
        }));
        series
    }
}

/// What an instance tells of the area's names.
pub fn area_info(instance: &str, level: &str, end: i64) -> (String, String) {
    let labels: Vec<_> =
        [("instance", instance), ("level", level)].into_iter().chain(AREA).collect();
    (exported("chunfeng_area_info", &labels), constant(1.0, end))
}

/// The moment of a pipeline's board.
pub fn board(pipeline: &Pipeline, as_of: &str, end: i64) -> (String, String) {
    let labels = [("pipeline", pipeline.name.as_str())];
    let series = exported("chunfeng_board_as_of_timestamp_seconds", &labels);
    (series, format!("{as_of}x{end}"))
}

/// A value now and for so many minutes more.
pub fn constant(value: f64, minutes: i64) -> String {
    format!("{value}+0x{minutes}")
}

/// A series' name.
pub fn exported(family: &str, labels: &[(&str, &str)]) -> String {
    let label =
        |(name, value): &(&str, &str)| format!("{name}={}", serde_json::Value::from(*value));
    let labels: Vec<String> = labels.iter().map(label).collect();
    format!("{family}{{{}}}", labels.join(", "))
}
