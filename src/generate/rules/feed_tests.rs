//! Unit tests of the rules on feeds: who stopped is told of, and nobody else; what hangs on a silent feed waits.
//!
//! In these tests time begins at eight in the morning in Shanghai.

use super::feed_rules::{self, FEED_SILENT};
use super::pipeline_rules;
use super::pipeline_tests::{Case, Check};
use super::test_series::{AREA, FRESH, STALE, Spring, board, constant, exported};
use crate::spec::{FeedRules, Pipeline};

const FEED: &str = "/hr/bureau/350206";
const DAY_MINUTES: i64 = 1_440;
/// Of the day, when the tests begin.
const BEGINS: i64 = 480;

/// Every case; none where nothing is expected of feeds, or hardly enough for a silence between two nights.
pub fn cases(pipeline: &Pipeline) -> Vec<Case> {
    let Some(feeds) = &pipeline.feeds else { return Vec::new() };
    let times = Times::of(feeds);
    if times.night.is_some_and(|night| night < times.awake + times.silent + 10) {
        return Vec::new();
    }
    let mut cases = vec![
        stopped(pipeline, feeds, &times),
        forgotten(pipeline, feeds, &times),
        alive(pipeline, &times),
        deaf(pipeline, &times),
    ];
    cases.extend(at_night(pipeline, feeds, &times));
    cases.extend(in_the_holidays(pipeline, feeds, &times));
    cases.extend(hanging_on_it(pipeline, feeds, &times));
    cases
}

/// Minutes from the beginning on.
struct Times {
    /// From when on reports are expected, and from when on no more, where there is a night.
    awake: i64,
    night: Option<i64>,
    /// How long the silence lasts.
    silent: i64,
    /// When it is told of for sure.
    told: i64,
}

impl Times {
    fn of(feeds: &FeedRules) -> Self {
        let silent = (feeds.silent_after.seconds + 59) / 60;
        let Some(hours) = feeds.quiet.hours else {
            return Self { awake: 0, night: None, silent, told: silent + 4 };
        };
        let [night, awake] =
            hours.map(|minute| (i64::from(minute) - BEGINS).rem_euclid(DAY_MINUTES));
        // Where the tests begin within the night, the one that is meant is the next.
        let night = if night < awake { night + DAY_MINUTES } else { night };
        Self { awake, night: Some(night), silent, told: awake + silent + 4 }
    }

    /// Longer than any test takes.
    fn horizon(&self) -> i64 {
        self.told + self.silent + 2 * DAY_MINUTES
    }
}

fn case(name: &str, series: Vec<(String, String)>, checks: Vec<Check>) -> Case {
    Case { name: format!("{FEED_SILENT}: {name}"), series, checks, ..Case::default() }
}

/// What is heard of a feed while the board goes with the time.
fn heard(pipeline: &Pipeline, times: &Times, values: String) -> Vec<(String, String)> {
    vec![last_heard(pipeline, values), board(pipeline, FRESH, times.horizon())]
}

fn last_heard(pipeline: &Pipeline, values: String) -> (String, String) {
    let labels = [("pipeline", pipeline.name.as_str()), ("feed", FEED), ("instance", "one")];
    (exported("chunfeng_feed_last_heard_timestamp_seconds", &labels), values)
}

/// It fires at a minute, for a feed that was heard last at another.
fn fires(pipeline: &Pipeline, feeds: &FeedRules, minute: i64, last: i64) -> Check {
    let since = duration((minute - last) * 60);
    let [(_, severity), (_, name)] = pipeline_rules::generic_labels(pipeline);
    let labels = [("severity", severity), ("pipeline", name), ("feed", FEED)];
    let labels = labels.map(|(label, value)| (label, value.to_owned())).to_vec();
    let annotations = feed_rules::annotations(pipeline, feeds, FEED, &since);
    Check { minute, alert: FEED_SILENT.to_owned(), fires: Some((labels, annotations)) }
}

fn silent(minute: i64) -> Check {
    Check::silent(minute, FEED_SILENT)
}

fn stopped(pipeline: &Pipeline, feeds: &FeedRules, times: &Times) -> Case {
    let series = heard(pipeline, times, constant(0.0, times.told));
    let checks =
        vec![silent(times.awake + times.silent - 1), fires(pipeline, feeds, times.told, 0)];
    case("fires for a feed that stopped", series, checks)
}

/// The process that knew the feed is gone, and the one after it never heard of it.
fn forgotten(pipeline: &Pipeline, feeds: &FeedRules, times: &Times) -> Case {
    let series = heard(pipeline, times, "0+0x5 stale".to_owned());
    let checks = vec![fires(pipeline, feeds, times.told, 0)];
    case("fires although chunfeng was restarted meanwhile", series, checks)
}

fn alive(pipeline: &Pipeline, times: &Times) -> Case {
    let series = heard(pipeline, times, format!("0+60x{}", times.told + times.silent));
    let checks = vec![silent(times.told), silent(times.told + times.silent)];
    case("nobody is called for a feed that lives, by a heartbeat at least", series, checks)
}

/// It is not the feed that stopped.
fn deaf(pipeline: &Pipeline, times: &Times) -> Case {
    let last = last_heard(pipeline, constant(0.0, times.told));
    let series = vec![last, board(pipeline, STALE, times.told)];
    case("nobody is called where chunfeng itself heard nothing", series, vec![silent(times.told)])
}

fn at_night(pipeline: &Pipeline, feeds: &FeedRules, times: &Times) -> Option<Case> {
    let (last, morning) = (times.night? - 1, times.awake + DAY_MINUTES);
    let end = morning + times.silent + 4;
    let series = heard(pipeline, times, format!("0+60x{last} {}+0x{}", last * 60, end - last));
    let checks = vec![
        silent(morning - 1),
        silent(morning + times.silent - 1),
        fires(pipeline, feeds, end, last),
    ];
    Some(case("nobody is called at night, nor before a morning has been silent", series, checks))
}

fn in_the_holidays(pipeline: &Pipeline, feeds: &FeedRules, times: &Times) -> Option<Case> {
    let [from, _] = feeds.quiet.days?;
    let day = exported("chunfeng_board_season_day", &[("pipeline", pipeline.name.as_str())]);
    let mut series = heard(pipeline, times, constant(0.0, times.told));
    series.push((day, constant(from as f64, times.told)));
    Some(case("nobody is called in the holidays", series, vec![silent(times.told)]))
}

/// An alert that would fire for an area of the feed.
fn hanging_on_it(pipeline: &Pipeline, feeds: &FeedRules, times: &Times) -> Option<Case> {
    let alert = pipeline.alerts.first()?;
    let [(_, area), ..] = AREA;
    let end = times.told + (alert.hold.seconds + 59) / 60;
    let tells_of = [("pipeline", pipeline.name.as_str()), ("feed", FEED), ("area", area)];
    let mut series = Spring::that_fires(alert, end).series(pipeline, alert, end);
    series.push(last_heard(pipeline, constant(0.0, end)));
    series.push((exported("chunfeng_feed_area_info", &tells_of), constant(1.0, end)));
    let checks = vec![fires(pipeline, feeds, end, 0), Check::silent(end, &alert.name)];
    Some(case("instead of an alert on a rate of its area", series, checks))
}

/// As Prometheus's `humanizeDuration` writes whole seconds, of a minute at least.
fn duration(seconds: i64) -> String {
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let (minutes, seconds) = (seconds / 60 % 60, seconds % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes}m {seconds}s"),
        (0, _) => format!("{hours}h {minutes}m {seconds}s"),
        _ => format!("{days}d {hours}h {minutes}m {seconds}s"),
    }
}
