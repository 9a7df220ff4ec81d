//! What a dashboard shows of the feeds and the engine: are the figures fresh, and is everything counted?
//!
//! A feed is a CloudEvents source and may serve several pipelines, each of which hears of it by itself.

use serde_json::{Value, json};

use super::canvas::Canvas;
use super::panel::{self, Query, number};
use crate::generate::promql::selector;
use crate::generate::rules::STALE_SECONDS;
use crate::spec::Pipeline;

/// Every panel of the section.
pub fn section(canvas: &mut Canvas, pipeline: &Pipeline) {
    let ours = |family: &str| selector(family, &[("pipeline=", &pipeline.name)]);
    canvas.place(6, 5, board_age(&ours("chunfeng_board_as_of_timestamp_seconds")));
    canvas.place(6, 5, commit_age(&ours("chunfeng_last_commit_timestamp_seconds")));
    canvas.place(6, 5, entities(&ours("chunfeng_entities")));
    canvas.place(6, 5, ledger_version(&ours("chunfeng_board_ledger_version")));
    canvas.place(12, 8, freshness(&ours("chunfeng_feed_last_heard_timestamp_seconds")));
    canvas.place(12, 8, lag(pipeline));
    canvas.place(12, 8, records(&ours("chunfeng_records_total")));
    canvas.place(12, 8, rejects(&ours("chunfeng_rejects_total")));
    canvas.place(12, 8, commit_duration(&ours("chunfeng_commit_duration_seconds_bucket")));
}

fn board_age(as_of: &str) -> Value {
    let mut age = number("dtdurations", 0);
    age["thresholds"] = json!({ "mode": "absolute", "steps": [
        { "color": "green", "value": null },
        { "color": "red", "value": STALE_SECONDS },
    ] });
    let query = Query::range(format!("time() - max({as_of})"), "");
    let description = "看板所示时刻距今多久；过久则不报警 How long ago the moment is that the board shows; a stale \
                       board fires no alert on a drop";
    panel::stat("看板时效 Board age", description, age, &[query])
}

fn commit_age(committed: &str) -> Value {
    let query = Query::range(format!("time() - max({committed})"), "");
    let description = "距上次提交账本多久；没有新记录就没有提交 Since the last ledger commit; nothing new, no commit";
    panel::stat("上次提交 Last commit", description, number("dtdurations", 0), &[query])
}

fn entities(entities: &str) -> Value {
    let query = Query::range(format!("max({entities})"), "");
    let description = "有时间线的对象数 How many things have a timeline, each counted once";
    panel::stat("对象数 Entities", description, number("short", 0), &[query])
}

fn ledger_version(version: &str) -> Value {
    let query = Query::range(format!("max({version})"), "");
    let description = "看板所依据的账本版本 The ledger version whose facts the board counts";
    panel::stat("账本版本 Ledger version", description, number("none", 0), &[query])
}

fn freshness(last_heard: &str) -> Value {
    let heard = format!("max by (feed) ({last_heard})");
    let query = Query::instant(format!("sort_desc(time() - {heard})"), "{{feed}}");
    let description = "各来源最近一次报送（含心跳与零报告）距今多久；沉默不等于下降 Since each feed was last heard of, heartbeats and nil \
                       reports included; silence is no drop";
    panel::bars("来源时效 Freshness of feeds", description, number("dtdurations", 0), &[query])
}

fn lag(pipeline: &Pipeline) -> Value {
    let lag = selector("chunfeng_consumer_lag_records", &[("topic=", &pipeline.topic)]);
    let query =
        Query::range(format!("max by (topic, partition) ({lag})"), "{{topic}}/{{partition}}");
    let description = "尚未取到的记录数 Records that have not been delivered yet";
    panel::lines("积压 Lag", description, number("short", 0), &[query])
}

fn records(records: &str) -> Value {
    let query = Query::range(
        format!("sum by (outcome) (rate({records}[$__rate_interval]))"),
        "{{outcome}}",
    );
    let mut defaults = number("cps", 1);
    defaults["custom"] = json!({ "fillOpacity": 30, "stacking": { "mode": "normal" } });
    let description = "每秒记录数，按结果 Records a second, by what became of them";
    panel::lines("记录 Records by outcome", description, defaults, &[query])
}

fn rejects(rejects: &str) -> Value {
    let query = Query::range(
        format!("sum by (reason) (increase({rejects}[$__rate_interval]))"),
        "{{reason}}",
    );
    let description = "被拒记录数，按原因；用 `chunfeng rejects` 查看 Records rejected, by reason; `chunfeng rejects` \
                       shows them";
    panel::lines("拒收 Rejects by reason", description, number("short", 0), &[query])
}

/// How long commits took, from the buckets of a histogram.
pub fn commit_duration(buckets: &str) -> Value {
    let description =
        "提交账本所用时间 How long a ledger commit took, from encoding to acknowledgement";
    panel::lines("提交耗时 Commit duration", description, number("s", 3), &quantiles(buckets))
}

/// The half, nearly all and all but the slowest of a histogram, whoever it is of.
pub fn quantiles(buckets: &str) -> [Query; 3] {
    [("0.5", "p50"), ("0.95", "p95"), ("0.99", "p99")].map(|(quantile, legend)| {
        let rate = format!("sum by (le) (rate({buckets}[$__rate_interval]))");
        Query::range(format!("histogram_quantile({quantile}, {rate})"), legend)
    })
}
