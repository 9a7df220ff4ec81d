//! What alerts say to people, in both languages.
//!
//! The same text is written twice: into the rules with templates where the area and the figures go, and into the rules'
//! tests with the values themselves. [`Filling`] is the difference.

use super::dashboard::uid;
use super::promql::{recorded, selector};
use crate::spec::{Alert, Pipeline, Rate};

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
    /// By how many percentage points the rate fell.
    pub points: String,
    /// The rate now, with `%`.
    pub now: String,
    /// Whether the text is a template, so that what looks like one must be kept from being read as one.
    pub is_template: bool,
}

impl Filling {
    /// For the rule itself.
    pub fn template(pipeline: &Pipeline, alert: &Alert) -> Self {
        let rate = &pipeline.rates[alert.rate].name;
        let matchers = [("pipeline=", pipeline.name.as_str()), ("rate=", rate.as_str())];
        let ratio = selector(&recorded(rate, "ratio"), &matchers);
        let ratio = ratio.replace('}', ", area=%q}").replace('"', "\\\"");
        Self {
            area: "{{ $labels.area }}".to_owned(),
            level: "{{ $labels.level }}".to_owned(),
            name_zh: "{{ $labels.name_zh }}".to_owned(),
            name_en: "{{ $labels.name_en }}".to_owned(),
            points: r#"{{ reReplaceAll "^-|%$" "" (humanizePercentage $value) }}"#.to_owned(),
            now: format!(
                "{{{{ with printf \"{ratio}\" $labels.area | query }}}}\
                 {{{{ . | first | value | humanizePercentage }}}}{{{{ end }}}}"
            ),
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

/// A rate fell.
pub fn dropped(pipeline: &Pipeline, alert: &Alert, filling: &Filling) -> Annotations {
    let rate = &pipeline.rates[alert.rate];
    let (title_zh, title_en) = (filling.typed(&rate.title.zh), filling.typed(&rate.title.en));
    let Filling { area, level, name_zh, name_en, points, now, .. } = filling;
    let over = &alert.over.label;
    vec![
        ("summary_zh", format!("{name_zh}{title_zh} {over} 内下降 {points} 个百分点，现为 {now}")),
        (
            "summary_en",
            format!(
                "{title_en} of {name_en} fell by {points} percentage points within {over}, to {now}"
            ),
        ),
        ("description", condition(alert, rate, filling)),
        (
            "runbook",
            format!(
                "先看来源是否新鲜，再看拒收，再看是哪些下级地区 / First see whether the feeds are fresh, then the rejects, \
                 then which areas below: chunfeng rates --pipeline {} --rate {} --area {area}",
                pipeline.name, rate.name
            ),
        ),
        ("dashboard", format!("/d/{}?var-level={level}&var-area={area}", uid(&pipeline.name))),
    ]
}

/// When the alert fires, and what the rate is.
fn condition(alert: &Alert, rate: &Rate, filling: &Filling) -> String {
    let (over, hold, least) = (&alert.over.label, &alert.hold.label, alert.min_denominator);
    let threshold = significant(100.0 * alert.drop);
    let (zh, en) = (filling.typed(&rate.definition.zh), filling.typed(&rate.definition.en));
    format!(
        "{over} 内下降超过 {threshold} 个百分点并持续 {hold}，分母不小于 {least}。{zh} / \
         More than {threshold} percentage points within {over}, for {hold}, out of at least {least}. {en}"
    )
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
    )
}

fn annotations(
    pipeline: &Pipeline,
    summary_zh: String,
    summary_en: String,
    description: String,
    runbook: String,
) -> Annotations {
    vec![
        ("summary_zh", summary_zh),
        ("summary_en", summary_en),
        ("description", description),
        ("runbook", runbook),
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
