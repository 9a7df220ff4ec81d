//! Pipeline health: is everything read, counted, written and remembered, and at what cost?

use serde_json::Value;

use super::canvas::Canvas;
use super::frame::{Frame, Shared};
use super::panel::{self, Query, number};
use super::{engine_panels, thresholds, variables};
use crate::generate::promql::selector;
use crate::generate::rules::STALE_SECONDS;

/// The file's text.
pub fn text() -> String {
    let variables = vec![variables::source(), variables::pipelines()];
    Frame::shared(Shared::Health, variables, panels())
        .with_alerts("alertname=~", "Chunfeng.*")
        .text()
}

/// A family of the chosen pipelines.
fn of_pipelines(family: &str) -> String {
    selector(family, &[("pipeline=~", "$pipeline")])
}

fn panels() -> Vec<Value> {
    let mut canvas = Canvas::default();
    canvas.section("是否在运行 Is it alive?");
    canvas.place(6, 5, up());
    canvas.place(6, 5, lake());
    canvas.place(6, 5, recovering());
    canvas.place(6, 5, takeovers());
    canvas.place(12, 8, board_age());
    canvas.place(12, 8, commit_age());
    canvas.section("是否跟得上 Does it keep up?");
    canvas.place(12, 8, lag());
    canvas.place(12, 8, records());
    let commits = of_pipelines("chunfeng_commit_duration_seconds_bucket");
    canvas.place(12, 8, engine_panels::commit_duration(&commits));
    canvas.place(12, 8, lateness());
    canvas.section("是否计全 Is everything counted?");
    canvas.place(12, 8, rejects());
    canvas.place(12, 8, twice());
    canvas.section("代价 At what cost?");
    canvas.place(12, 8, memory());
    canvas.place(12, 8, processor());
    canvas.place(12, 8, entities());
    canvas.place(12, 8, files());
    canvas.finish()
}

fn up() -> Value {
    let query = [Query::range("up{job=\"chunfeng\"}", "{{instance}}")];
    let bounds = thresholds::absolute(&[("red", None), ("green", Some(1.0))]);
    let defaults = thresholds::coloured(number("none", 0), Some(bounds));
    let description = "1 为有应答 1: it answers";
    panel::stat("应答 Answers", description, defaults, &query)
}

fn lake() -> Value {
    let query = [Query::range("max by (instance) (chunfeng_lake_failing)", "{{instance}}")];
    let bounds = thresholds::absolute(&[("green", None), ("red", Some(1.0))]);
    let defaults = thresholds::coloured(number("none", 0), Some(bounds));
    let description = "1 为写不进湖，正在重试 1: the lake cannot be written to, and is tried again";
    panel::stat("湖 Lake fails", description, defaults, &query)
}

fn recovering() -> Value {
    let query = [Query::range("sum(chunfeng_recovering_partitions)", "")];
    let description =
        "正在从湖中装载的分区数 Partitions whose entities are being loaded from the lake";
    panel::stat("恢复中的分区 Recovering", description, number("none", 0), &query)
}

fn takeovers() -> Value {
    let query = [Query::range("sum(increase(chunfeng_takeovers_total[$__range]))", "")];
    let description =
        "所选时间内被其他实例接管的次数 How often another process took over within the chosen time";
    panel::stat("接管 Takeovers", description, number("none", 0), &query)
}

fn board_age() -> Value {
    let as_of = of_pipelines("chunfeng_board_as_of_timestamp_seconds");
    let query = [Query::range(format!("time() - max by (pipeline) ({as_of})"), "{{pipeline}}")];
    let bounds = thresholds::absolute(&[("green", None), ("red", Some(STALE_SECONDS as f64))]);
    let defaults = thresholds::lined(number("s", 0), Some(bounds));
    let description = "看板所示时刻距今多久 How long ago the moment is that a board shows";
    panel::lines("看板时效 Age of boards", description, defaults, &query)
}

fn commit_age() -> Value {
    let committed = of_pipelines("chunfeng_last_commit_timestamp_seconds");
    let query = [Query::range(format!("time() - max by (pipeline) ({committed})"), "{{pipeline}}")];
    let description = "距上次提交账本多久；没有新记录就没有提交 Since the last ledger commit; nothing new, no commit";
    panel::lines("上次提交 Last commit", description, number("s", 0), &query)
}

fn lag() -> Value {
    let query = [Query::range("sum by (topic) (chunfeng_consumer_lag_records)", "{{topic}}")];
    let description = "尚未取到的记录数 Records that have not been delivered yet";
    panel::lines("积压 Lag", description, number("short", 0), &query)
}

fn records() -> Value {
    let records = of_pipelines("chunfeng_records_total");
    let a_second = format!("sum by (pipeline) (rate({records}[$__rate_interval]))");
    let query = [Query::range(a_second, "{{pipeline}}")];
    let description = "每秒记录数 Records a second";
    panel::lines("吞吐 Throughput", description, number("cps", 1), &query)
}

fn lateness() -> Value {
    let queries = engine_panels::quantiles(&of_pipelines("chunfeng_event_lateness_seconds_bucket"));
    let description = "事件发生在最新看板之前多久，即改动了多早的数字 How long before the newest board an accepted event had happened, \
                       so how far back it corrects what was published";
    panel::lines("迟到 Late data", description, number("s", 0), &queries)
}

fn rejects() -> Value {
    let rejects = of_pipelines("chunfeng_rejects_total");
    let more = format!("sum by (pipeline, reason) (increase({rejects}[$__rate_interval]))");
    let query = [Query::range(more, "{{pipeline}} {{reason}}")];
    let description = "被拒记录数，按原因；用 `chunfeng rejects` 查看 Records rejected, by reason; `chunfeng rejects` \
                       shows them";
    panel::lines("拒收 Rejects", description, number("short", 0), &query)
}

fn twice() -> Value {
    let shared = of_pipelines("chunfeng_entities_in_several_partitions");
    let query = [Query::range(format!("max by (pipeline) ({shared})"), "{{pipeline}}")];
    let description = "事件分散在多个分区的对象数，应为零 Entities with events in several partitions; should be none";
    panel::lines("跨分区的对象 In several partitions", description, number("short", 0), &query)
}

fn memory() -> Value {
    let query = [Query::range("process_resident_memory_bytes{job=\"chunfeng\"}", "{{instance}}")];
    let description = "进程常驻内存 Memory resident in each process";
    panel::lines("内存 Memory", description, number("bytes", 1), &query)
}

fn processor() -> Value {
    let used = "rate(process_cpu_seconds_total{job=\"chunfeng\"}[$__rate_interval])";
    let query = [Query::range(used, "{{instance}}")];
    let description = "占用的处理器核数 Cores in use";
    panel::lines("处理器 CPU", description, number("none", 2), &query)
}

fn entities() -> Value {
    let entities = of_pipelines("chunfeng_entities");
    let query = [Query::range(format!("sum by (pipeline) ({entities})"), "{{pipeline}}")];
    let description = "有时间线的对象数 How many things have a timeline";
    panel::lines("对象数 Entities", description, number("short", 0), &query)
}

fn files() -> Value {
    let files = of_pipelines("chunfeng_table_files");
    let query =
        [Query::range(format!("max by (pipeline, table) ({files})"), "{{pipeline}} {{table}}")];
    let description = "各表的数据文件数，不应逐日增长 Live data files of each table; they should not grow from day to day";
    panel::lines("数据文件 Data files", description, number("short", 0), &query)
}
