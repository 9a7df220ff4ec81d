//! The reference of metrics: what every family means, which is written by hand, and which rates there are, with their definitions,
//! what rules record of them and which alerts watch them.

use std::fmt::Write;

use super::rules::recorded_names;
use super::{GeneratedFile, MARK, one_line};
use crate::spec::{Alert, Bilingual, Condition, Pipeline, Rate};

/// Where it is.
pub const FOLDER: &str = "docs";

const WRITTEN_BY_HAND: &str = include_str!("metrics.md");

/// The reference.
pub fn file(pipelines: &[Pipeline]) -> GeneratedFile {
    let mut text = format!(
        "<!-- {MARK} from pipelines/ and src/generate/metrics.md: do not edit -->\n\n{WRITTEN_BY_HAND}\n\
         ## 指标 The rates\n\n\
         What the pipeline files of this repository define. Alerts and runbooks: [runbooks](runbooks/).\n"
    );
    pipelines.iter().for_each(|pipeline| of_pipeline(&mut text, pipeline));
    GeneratedFile { path: format!("{FOLDER}/metrics.md"), text }
}

fn of_pipeline(text: &mut String, pipeline: &Pipeline) {
    _ = writeln!(text, "\n### {}\n\n{}\n", pipeline.name, both(&pipeline.title));
    for rate in &pipeline.rates {
        of_rate(text, pipeline, rate);
    }
}

fn of_rate(text: &mut String, pipeline: &Pipeline, rate: &Rate) {
    _ = writeln!(text, "- **`{}`** {}", rate.name, both(&rate.title));
    let mut line = |what: String| _ = writeln!(text, "  - {what}");
    line(one_line(&rate.definition.zh));
    line(one_line(&rate.definition.en));
    let (above, below) = pipeline.titles_of(rate);
    let of = match below {
        Some(below) => format!("{} / {}", both(&above), both(&below)),
        None => both(&above),
    };
    line(match pipeline.unit_of(rate) {
        Some(unit) => format!("{of} ({})", both(&unit.title())),
        None => of,
    });
    let windows: Vec<&str> = rate.change.iter().map(|window| window.label.as_str()).collect();
    if !windows.is_empty() {
        line(format!("变化 change: {}", windows.join(", ")));
    }
    if let Some(alignment) = rate.season {
        line(format!("同比 last spring: {}", alignment.as_str()));
    }
    let dimensions: Vec<String> = pipeline
        .dimensions_of(rate)
        .map(|dimension| format!("`{}` {}", dimension.name, both(&dimension.title)))
        .collect();
    if !dimensions.is_empty() {
        line(format!("分组 by: {}", dimensions.join(", ")));
    }
    let recorded = recorded_names(rate);
    if !recorded.is_empty() {
        let recorded: Vec<String> = recorded.iter().map(|name| format!("`{name}`")).collect();
        line(format!("记录 recorded: {}", recorded.join(", ")));
    }
    let is_its = |alert: &&Alert| std::ptr::eq(&pipeline.rates[alert.rate], rate);
    for alert in pipeline.alerts.iter().filter(is_its) {
        line(format!("警报 alert: {}", told(alert)));
    }
}

fn told(alert: &Alert) -> String {
    let percent = |share: f64| {
        format!("{:.4}", 100.0 * share).trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    let condition = match &alert.condition {
        Condition::Dropped { by, over } => {
            format!("falls by more than {} points over {}", percent(*by), over.label)
        }
        Condition::Below { least } => format!("is below {} %", percent(*least)),
        Condition::Stalled { target, over } => {
            format!("is below {} % and has not risen over {}", percent(*target), over.label)
        }
        Condition::Behind { by } => {
            format!("is behind last spring by more than {} points", percent(*by))
        }
    };
    format!(
        "`{}` ({}) {condition}, for {}, out of at least {}",
        alert.name, alert.severity, alert.hold.label, alert.min_denominator
    )
}

fn both(text: &Bilingual) -> String {
    format!("{} · {}", one_line(&text.zh), one_line(&text.en))
}
