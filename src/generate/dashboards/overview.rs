//! The overview: which day it is, what fires, who is silent, and the headline of every pipeline.

use serde_json::{Value, json};

use super::canvas::Canvas;
use super::frame::{Frame, Shared, both, link_to_area, link_to_pipeline};
use super::panel::{self, Query, number};
use super::rate_figures::column;
use super::{rate_panels, thresholds, variables};
use crate::generate::promql::{selector, whoever_exports};
use crate::generate::rules::STALE_SECONDS;
use crate::spec::Pipeline;

/// So many rates of a pipeline are its headline: a file names the gravest first.
const HEADLINE_MOST: usize = 3;

/// The file's text.
pub fn text(pipelines: &[Pipeline]) -> String {
    Frame::shared(Shared::Overview, vec![variables::source()], panels(pipelines)).text()
}

fn panels(pipelines: &[Pipeline]) -> Vec<Value> {
    let mut canvas = Canvas::default();
    canvas.section("此刻 Now");
    canvas.place(6, 4, season_day());
    canvas.place(6, 4, board_age());
    canvas.place(6, 4, firing_count());
    canvas.place(6, 4, silent_count());
    canvas.place(14, 9, firing(&[]));
    canvas.place(10, 9, freshness());
    for pipeline in pipelines {
        canvas.section(&both(&pipeline.title));
        for rate in pipeline.rates.iter().take(HEADLINE_MOST) {
            let headline = rate_panels::headline(pipeline, rate);
            // Two units are long to write.
            let width = if rate.formula.has_ratio() && !pipeline.is_share(rate) { 12 } else { 8 };
            canvas.place(width, 5, panel::with_link(headline, link_to_pipeline(&pipeline.name)));
        }
    }
    canvas.finish()
}

/// Which day of the season the boards show.
pub fn season_day() -> Value {
    let title = "正月初一起第几天 Day of the season";
    let day = [Query::range("max(chunfeng_board_season_day)", title)];
    let description = "1 是正月初一 1 is the first of the lunar year";
    panel::stat(title, description, number("none", 0), &day)
}

fn board_age() -> Value {
    let ages = whoever_exports("pipeline", "chunfeng_board_as_of_timestamp_seconds");
    let query = [Query::range(format!("time() - min({ages})"), "")];
    let bounds = thresholds::absolute(&[("green", None), ("red", Some(STALE_SECONDS as f64))]);
    let age = thresholds::coloured(number("dtdurations", 0), Some(bounds));
    let description =
        "最旧的一块看板所示时刻距今多久 How long ago the moment is that the oldest board shows";
    panel::stat("看板时效 Age of boards", description, age, &query)
}

fn firing_count() -> Value {
    let query = [Query::range("count(ALERTS{alertstate=\"firing\"}) or vector(0)", "")];
    let description = "正在触发的警报数 How many alerts fire";
    panel::stat("警报 Alerts firing", description, none_is_well(), &query)
}

fn silent_count() -> Value {
    let silent = "ALERTS{alertname=\"ChunfengFeedSilent\", alertstate=\"firing\"}";
    let query = [Query::range(format!("count({silent}) or vector(0)"), "")];
    let description = "应报而未报的来源数；沉默不等于下降 How many feeds should have reported and have not; silence is no drop";
    panel::stat("沉默的来源 Silent feeds", description, none_is_well(), &query)
}

fn none_is_well() -> Value {
    let bounds = thresholds::absolute(&[("green", None), ("red", Some(1.0))]);
    thresholds::coloured(number("none", 0), Some(bounds))
}

/// What fires, of alerts with these labels.
pub fn firing(matchers: &[(&str, &str)]) -> Value {
    let matchers: Vec<_> = matchers.iter().copied().chain([("alertstate=", "firing")]).collect();
    let labels = "severity, alertname, pipeline, name_zh, name_en, feed, level, area";
    let query = [Query::instant(whoever_exports(labels, &selector("ALERTS", &matchers)), "")];
    let link = link_to_area("${__data.fields.level}", "${__data.fields.area}");
    let columns = [
        column("severity", "级别 Severity".to_owned(), vec![("mappings", severities())]),
        column("alertname", "警报 Alert".to_owned(), vec![]),
        column("pipeline", "管道 Pipeline".to_owned(), vec![]),
        column("name_zh", "地区".to_owned(), vec![("links", json!([link]))]),
        column("name_en", "Area".to_owned(), vec![]),
        column("feed", "来源 Feed".to_owned(), vec![]),
        column("level", "层级 Level".to_owned(), vec![]),
        column("area", "代码 Code".to_owned(), vec![]),
    ];
    let description = "正在触发的警报；没有则为空 Alerts that fire now; empty where none does";
    panel::table("正在触发 Firing", description, &columns, "级别 Severity", &query)
}

fn severities() -> Value {
    let shown = |text: &str, color: &str, index: u32| json!({ "text": text, "color": color, "index": index });
    json!([{ "type": "value", "options": {
        "critical": shown("紧急 critical", "red", 0),
        "warning": shown("警告 warning", "orange", 1),
        "info": shown("提示 info", "blue", 2),
    } }])
}

fn freshness() -> Value {
    let heard = "max by (pipeline, feed) (chunfeng_feed_last_heard_timestamp_seconds)";
    let query = [Query::instant(format!("topk(15, time() - {heard})"), "{{pipeline}} {{feed}}")];
    let description = "最久未报送的来源（含心跳与零报告）距今多久 The feeds that were not heard of for longest, heartbeats and nil \
                       reports included";
    panel::bars("来源时效 Freshness of feeds", description, number("dtdurations", 0), &query)
}
