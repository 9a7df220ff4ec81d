//! The overview: which day it is, what fires, who is silent, and the headline of every pipeline.

use serde_json::Value;

use super::canvas::Canvas;
use super::frame::{Frame, Shared, both, link_to_pipeline};
use super::panel::{self, Query, number};
use super::{alert_panels, rate_panels, thresholds, variables};
use crate::generate::promql::whoever_exports;
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
    canvas.place(6, 4, rate_panels::season_day("max(chunfeng_board_season_day)"));
    canvas.place(6, 4, board_age());
    canvas.place(6, 4, alert_panels::firing_count());
    canvas.place(6, 4, alert_panels::silent_count());
    canvas.place(14, 9, alert_panels::firing(&[]));
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

fn board_age() -> Value {
    let ages = whoever_exports("pipeline", "chunfeng_board_as_of_timestamp_seconds");
    let query = [Query::range(format!("time() - min({ages})"), "")];
    let bounds = thresholds::absolute(&[("green", None), ("red", Some(STALE_SECONDS as f64))]);
    let age = thresholds::coloured(number("dtdurations", 0), Some(bounds));
    let description =
        "最旧的一块看板所示时刻距今多久 How long ago the moment is that the oldest board shows";
    panel::stat("看板时效 Age of boards", description, age, &query)
}

fn freshness() -> Value {
    let heard = "max by (pipeline, feed) (chunfeng_feed_last_heard_timestamp_seconds)";
    let query = [Query::instant(format!("topk(15, time() - {heard})"), "{{pipeline}} {{feed}}")];
    let description = "最久未报送的来源（含心跳与零报告）距今多久 The feeds that were not heard of for longest, heartbeats and nil \
                       reports included";
    panel::bars("来源时效 Freshness of feeds", description, number("dtdurations", 0), &query)
}
