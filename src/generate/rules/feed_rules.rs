//! The rules on a pipeline's feeds: which of them are silent, and which areas nothing is known of meanwhile.
//!
//! What was recorded lives on in the record itself: a feed that stopped before a restart of chunfeng, which remembers no feed, is as
//! silent after it. After a week it is taken for gone. Nobody is silent while nobody expects anything, nor as soon as that is over:
//! silence counts only where reports were expected, and would have been heard, all the time.

use super::alert_text::{self, Annotations};
use super::pipeline_rules::{alert, generic_labels, record, record_of};
use super::rate_alert::STALE_SECONDS;
use crate::generate::promql::{BOARD_AGE, SEASON_DAY, recorded_of_feeds, selector};
use crate::spec::{FEED_GONE_SECONDS, FeedRules, Pipeline, Quiet};

/// The alert on a silent feed.
pub const FEED_SILENT: &str = "ChunfengFeedSilent";
/// A backlog may be on its way.
const FEED_HOLD: &str = "1m";

/// Whether a pipeline expects reports just now, and would hear them.
const EXPECTED: &str = "pipeline:chunfeng_feeds:expected";
/// The areas of which a silent feed tells.
pub const SILENT_AREA: &str = "area:chunfeng_feed:silent_seconds";

/// What is recorded of feeds, and the alert; nothing where the pipeline expects nothing of them.
pub fn text(pipeline: &Pipeline) -> String {
    let Some(feeds) = &pipeline.feeds else { return String::new() };
    let of_pipeline = [("pipeline=", pipeline.name.as_str())];
    let recorded = |what: &str| selector(&recorded_of_feeds(what), &of_pipeline);
    let exported = |family: &str| selector(family, &of_pipeline);
    let [last_heard, tells_of] = [recorded("last_heard_seconds"), recorded("area")];
    let expected = selector(EXPECTED, &of_pipeline);
    let labels = [("pipeline", pipeline.name.as_str())];
    [
        record(
            &recorded_of_feeds("last_heard_seconds"),
            &format!(
                "max by (pipeline, feed) (\n  {}\n  or last_over_time({last_heard}[15m])\n) > time() - {FEED_GONE_SECONDS}",
                exported("chunfeng_feed_last_heard_timestamp_seconds")
            ),
        ),
        record(
            &recorded_of_feeds("area"),
            &format!(
                "max by (pipeline, feed, area) (\n  {}\n  or last_over_time({tells_of}[15m])\n)\nand on (pipeline, feed) {last_heard}",
                exported("chunfeng_feed_area_info")
            ),
        ),
        record_of(EXPECTED, &is_expected(pipeline, feeds.quiet), &labels),
        record(
            &recorded_of_feeds("silent_seconds"),
            &format!(
                "time() - {last_heard} > {}\nand on (pipeline) min_over_time({expected}[{}]) == 1",
                feeds.silent_after.seconds, feeds.silent_after.label
            ),
        ),
        record(
            SILENT_AREA,
            &format!(
                "max by (pipeline, area) (\n  {tells_of}\n  * on (pipeline, feed) group_left ()\n  {}\n)",
                recorded("silent_seconds")
            ),
        ),
        alert(
            FEED_SILENT,
            &recorded("silent_seconds"),
            FEED_HOLD,
            &generic_labels(pipeline),
            &annotations(pipeline, feeds, "{{ $labels.feed }}", "{{ humanizeDuration $value }}"),
        ),
    ]
    .concat()
}

/// 1 where reports are expected and heard, 0 in quiet hours and on quiet days, and while the board stands still. Shanghai is eight
/// hours ahead, all year.
fn is_expected(pipeline: &Pipeline, quiet: Quiet) -> String {
    const MINUTE: &str = "(hour(vector(time() + 28800)) * 60 + minute(vector(time() + 28800)))";
    let mut spans = Vec::new();
    match quiet.hours {
        Some([from, to]) if from < to => spans.push(format!("({MINUTE} >= {from} < {to})")),
        Some([from, to]) => {
            spans.push(format!("({MINUTE} >= {from})"));
            spans.push(format!("({MINUTE} < {to})"));
        }
        None => {}
    }
    if let Some([from, to]) = quiet.days {
        let day = selector(SEASON_DAY, &[("pipeline=", &pipeline.name)]);
        spans.push(format!("({day} >= {from} <= {to})"));
    }
    // While chunfeng is away it hears nobody.
    let age = selector(BOARD_AGE, &[("pipeline=", &pipeline.name)]);
    spans.push(format!("({age} >= {STALE_SECONDS})"));
    spans.push(format!("absent({age})"));
    format!("vector(0) and on () (\n  {}\n)\nor vector(1)", spans.join("\n  or "))
}

/// What people are told of a feed.
pub fn annotations(pipeline: &Pipeline, feeds: &FeedRules, feed: &str, since: &str) -> Annotations {
    let after = &feeds.silent_after.label;
    alert_text::annotations(
        pipeline,
        format!("来源 {feed} 已 {since} 没有报送 {}", pipeline.name),
        format!("Feed {feed} has reported nothing to {} for {since}", pipeline.name),
        format!(
            "超过 {after} 没有事件，也没有心跳或零报告。沉默不等于下降：它所报的地区此时不报比率告警 / No event, heartbeat or nil report for \
             more than {after}. Silence is not a drop: alerts on rates of its areas wait meanwhile"
        ),
        "联系来源；没有可报的请发零报告 / Call whoever runs the feed; where there is nothing to report, let it send nil reports"
            .to_owned(),
        "docs/runbooks/feed-silent.md",
    )
}
