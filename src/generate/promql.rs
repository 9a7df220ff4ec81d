//! Pieces of PromQL that several products share.
//!
//! Knows how to quote and to join; which question a panel or a rule asks is not its business.

/// A family with matchers, each a label with its operator and a value: `chunfeng_rate_ratio{rate="return_rate"}`.
pub fn selector(family: &str, matchers: &[(&str, &str)]) -> String {
    let matcher = |(label, value): &(&str, &str)| format!("{label}{}", quoted(value));
    let matchers: Vec<String> = matchers.iter().map(matcher).collect();
    format!("{family}{{{}}}", matchers.join(", "))
}

/// A string. JSON's escapes are PromQL's too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The names of areas, one series each however many instances export them.
pub const NAMES: &str = "max by (area, name_zh, name_en) (chunfeng_area_info)";

/// The same vector with the names of its areas.
pub fn named(vector: &str) -> String {
    format!("{vector}\n* on (area) group_left (name_zh, name_en)\n{NAMES}")
}

/// A vector without the labels of whoever exported it, so that a restart elsewhere goes on with the same series.
pub fn whoever_exports(labels: &str, vector: &str) -> String {
    format!("max by ({labels}) ({vector})")
}

/// The name of what a pipeline's recording rule records about a rate: `area:chunfeng_return_rate:ratio`.
pub fn recorded(rate: &str, what: &str) -> String {
    format!("area:chunfeng_{}:{what}", rate.replace('-', "_"))
}

/// The name of what is recorded about feeds.
pub fn recorded_of_feeds(what: &str) -> String {
    format!("feed:chunfeng_feed:{what}")
}

/// The recorded age of boards.
pub const BOARD_AGE: &str = "pipeline:chunfeng_board:age_seconds";

/// The recorded day of the season.
pub const SEASON_DAY: &str = "pipeline:chunfeng_season:day";

/// What is recorded of a rate with a season: how far it is above the same day of last spring.
pub const ABOVE_LAST_SPRING: &str = "above_last_spring";
