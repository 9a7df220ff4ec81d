//! What alerts say to people, in both languages.
//!
//! The same text is written twice: into the rules with templates where the area and the figures go, and into the rules'
//! tests with the values themselves. [`Filling`] is the difference.

use crate::generate::dashboards::uid;
use crate::generate::promql::{recorded, selector};
use crate::spec::{Alert, Condition, Pipeline, Rate};

/// An alert's annotations, by name.
pub type Annotations = Vec<(&'static str, String)>;

/// What goes where only Prometheus knows.
pub struct Filling {
    /// The area's code.
    pub area: String,
    /// Its level.
    pub level: String,
    /// Its Chinese name.
    pub name_zh: String,
    /// Its English name.
    pub name_en: String,
    /// By how many percentage points the rate fell, or is behind; nothing where it is something else that is wrong.
    pub points: String,
    /// The rate now, with `%`.
    pub now: String,
    /// How many count.
    pub numerator: String,
    /// Out of how many.
    pub denominator: String,
    /// Whether the text is a template, so that what looks like one must be kept from being read as one.
    pub is_template: bool,
}

impl Filling {
    /// For the rule itself.
    pub fn template(pipeline: &Pipeline, alert: &Alert) -> Self {
        let rate = &pipeline.rates[alert.rate].name;
        let looked_up = |what: &str, shown: &str| {
            let matchers = [("pipeline=", pipeline.name.as_str()), ("rate=", rate.as_str())];
            let vector = selector(&recorded(rate, what), &matchers);
            let vector = vector.replace('}', ", area=%q}").replace('"', "\\\"");
            format!(
                "{{{{ with printf \"{vector}\" $labels.area | query }}}}\
                 {{{{ . | first | value | {shown} }}}}{{{{ end }}}}"
            )
        };
        let of_value = |shown: &str| format!("{{{{ {shown} }}}}");
        let points = of_value(r#"reReplaceAll "^-|%$" "" (humanizePercentage $value)"#);
        let (points, now) = match alert.condition {
            Condition::Dropped { .. } | Condition::Behind { .. } => {
                (points, looked_up("ratio", "humanizePercentage"))
            }
            Condition::Below { .. } | Condition::Stalled { .. } => {
                (String::new(), of_value("humanizePercentage $value"))
            }
        };
        Self {
            area: "{{ $labels.area }}".to_owned(),
            level: "{{ $labels.level }}".to_owned(),
            name_zh: "{{ $labels.name_zh }}".to_owned(),
            name_en: "{{ $labels.name_en }}".to_owned(),
            points,
            now,
            numerator: looked_up("numerator", r#"printf "%.0f""#),
            denominator: looked_up("denominator", r#"printf "%.0f""#),
            is_template: true,
        }
    }

    /// What somebody typed, safe from being read as a template.
    fn typed(&self, text: &str) -> String {
        match self.is_template {
            true => text.replace("{{", r#"{{ "{{" }}"#),
            false => text.to_owned(),
        }
    }
}

/// Something is wrong with a rate.
pub fn of_rate(pipeline: &Pipeline, alert: &Alert, filling: &Filling) -> Annotations {
    let rate = &pipeline.rates[alert.rate];
    let Filling { area, level, .. } = filling;
    let [summary_zh, summary_en] = summary(alert, rate, filling);
    vec![
        ("summary_zh", summary_zh),
        ("summary_en", summary_en),
        ("description", condition(alert, rate, filling)),
        (
            "runbook",
            format!(
                "先看来源是否新鲜，再看拒收，再看是哪些下级地区 / First see whether the feeds are fresh, then the rejects, \
                 then which areas below: chunfeng rates --pipeline {} --rate {} --area {area}",
                pipeline.name, rate.name
            ),
        ),
        ("runbook_url", runbook(&alert.condition).to_owned()),
        ("dashboard", format!("/d/{}?var-level={level}&var-area={area}", uid(&pipeline.name))),
    ]
}

/// The page that tells what to do.
fn runbook(condition: &Condition) -> &'static str {
    match condition {
        Condition::Dropped { .. } => "docs/runbooks/rate-dropped.md",
        Condition::Below { .. } => "docs/runbooks/rate-below.md",
        Condition::Stalled { .. } => "docs/runbooks/rate-stalled.md",
        Condition::Behind { .. } => "docs/runbooks/rate-behind.md",
    }
}

/// What is wrong, in Chinese and in English.
fn summary(alert: &Alert, rate: &Rate, filling: &Filling) -> [String; 2] {
    let (title_zh, title_en) = (filling.typed(&rate.title.zh), filling.typed(&rate.title.en));
    let Filling { name_zh, name_en, points, now, numerator, denominator, .. } = filling;
    let counts = format!("{numerator}/{denominator}");
    let (zh, en) = match &alert.condition {
        Condition::Dropped { over, .. } => (
            format!(" {} 内下降 {points} 个百分点，现为 {now}", over.label),
            format!("fell by {points} percentage points within {}, to {now}", over.label),
        ),
        Condition::Below { least } => {
            let least = percent(*least);
            (format!("为 {now}，低于 {least}"), format!("is {now}, below {least}"))
        }
        Condition::Stalled { target, over } => {
            let (target, over) = (percent(*target), &over.label);
            (
                format!("为 {now}，未达 {target}，{over} 内没有上升"),
                format!("is {now}, short of {target}, and has not risen within {over}"),
            )
        }
        Condition::Behind { .. } => (
            format!("比去年春节后同一天低 {points} 个百分点，现为 {now}"),
            format!("is {points} percentage points behind the same day of last spring, now {now}"),
        ),
    };
    [
        format!("{name_zh}{title_zh}{zh}（{counts}）"),
        format!("{title_en} of {name_en} {en} ({counts})"),
    ]
}

/// When the alert fires, and what the rate is.
fn condition(alert: &Alert, rate: &Rate, filling: &Filling) -> String {
    let (hold, least) = (&alert.hold.label, alert.min_denominator);
    let (wrong_zh, wrong_en) = match &alert.condition {
        Condition::Dropped { by, over } => {
            let (by, over) = (significant(100.0 * by), &over.label);
            (
                format!("{over} 内下降超过 {by} 个百分点"),
                format!("More than {by} percentage points within {over}"),
            )
        }
        Condition::Below { least } => {
            let least = percent(*least);
            (format!("低于 {least}"), format!("Below {least}"))
        }
        Condition::Stalled { target, over } => {
            let (target, over) = (percent(*target), &over.label);
            (
                format!("低于 {target} 且 {over} 内没有上升"),
                format!("Below {target} and no rise within {over}"),
            )
        }
        Condition::Behind { by } => {
            let by = significant(100.0 * by);
            (
                format!("比去年同日低超过 {by} 个百分点"),
                format!("More than {by} percentage points below the same day of last spring"),
            )
        }
    };
    let (from_zh, from_en) = alert.from_day.map_or_else(Default::default, |day| {
        (format!("，春节第 {day} 天起"), format!(", from day {day} of the season on"))
    });
    let (zh, en) = (filling.typed(&rate.definition.zh), filling.typed(&rate.definition.en));
    format!(
        "{wrong_zh}并持续 {hold}，分母不小于 {least}{from_zh}。{zh} / \
         {wrong_en}, for {hold}, out of at least {least}{from_en}. {en}"
    )
}

/// A share as people read it.
fn percent(share: f64) -> String {
    format!("{}%", significant(100.0 * share))
}

/// The board stands still, or there is none.
pub fn board_stale(pipeline: &Pipeline) -> Annotations {
    let name = &pipeline.name;
    annotations(
        pipeline,
        format!("{name} 看板已超过 15 分钟没有更新"),
        format!("The board of {name} is older than 15 minutes"),
        "看板不更新时不报下降：沉默不等于下降 / No alert on a drop fires meanwhile: silence is not a drop".to_owned(),
        "看 chunfeng 是否在运行（/healthz、/readyz、日志），能否连上 Kafka 与湖 / See whether chunfeng runs (/healthz, \
         /readyz, its log) and reaches Kafka and the lake"
            .to_owned(),
        "docs/runbooks/board-stale.md",
    )
}

/// Too large a share of the records is rejected. `share` is with `%`.
pub fn rejects_rising(pipeline: &Pipeline, share: &str) -> Annotations {
    let name = &pipeline.name;
    annotations(
        pipeline,
        format!("{name} 有 {share} 的记录被拒收"),
        format!("{share} of the records of {name} are rejected"),
        "被拒收的记录不计入任何比率 / What is rejected counts in no rate".to_owned(),
        format!(
            "看是哪种原因、哪个来源 / See for which reason, and from which feed: chunfeng rejects --pipeline {name}"
        ),
        "docs/runbooks/rejects-rising.md",
    )
}

/// The annotations of an alert that every pipeline has.
pub fn annotations(
    pipeline: &Pipeline,
    summary_zh: String,
    summary_en: String,
    description: String,
    runbook: String,
    page: &str,
) -> Annotations {
    vec![
        ("summary_zh", summary_zh),
        ("summary_en", summary_en),
        ("description", description),
        ("runbook", runbook),
        ("runbook_url", page.to_owned()),
        ("dashboard", format!("/d/{}", uid(&pipeline.name))),
    ]
}

/// A positive number to four significant digits, as Prometheus's `humanizePercentage` writes it.
pub fn significant(number: f64) -> String {
    let decimals = (3 - number.log10().floor() as i32).max(0) as usize;
    let text = format!("{number:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_written_as_prometheus_writes_them() {
        let written = [3.0, 2.5, 0.75, 1.23456, 12.0, 150.0, 0.015].map(significant);
        assert_eq!(written, ["3", "2.5", "0.75", "1.235", "12", "150", "0.015"]);
    }
}
