//! What is around the panels of a dashboard: its address, its title, its links, and the marks where alerts fired.

use serde_json::{Value, json};

use super::panel::datasource;
use crate::generate::promql::selector;
use crate::generate::{MARK, mark};
use crate::spec::{Bilingual, Pipeline};

/// Grafana refuses a longer uid.
const UID_LONGEST: usize = 40;

/// The dashboards that all pipelines share, in the order in which they are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shared {
    Overview,
    Areas,
    Area,
    Funnel,
    ServiceLevels,
    Health,
}

impl Shared {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Overview, Self::Areas, Self::Area, Self::Funnel, Self::ServiceLevels, Self::Health];

    /// The name of its file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Areas => "areas",
            Self::Area => "area",
            Self::Funnel => "funnel",
            Self::ServiceLevels => "service-levels",
            Self::Health => "health",
        }
    }

    /// Where it is found: `/d/<uid>`. No pipeline's name begins with a hyphen.
    pub fn uid(self) -> String {
        format!("chunfeng--{}", self.name())
    }

    fn title(self) -> &'static str {
        match self {
            Self::Overview => "总览 Overview",
            Self::Areas => "区域 Areas",
            Self::Area => "单区域 One area",
            Self::Funnel => "招工漏斗 Funnel",
            Self::ServiceLevels => "问题闭环 Service levels",
            Self::Health => "管道运行 Pipeline health",
        }
    }
}

/// Where a pipeline's dashboard is found.
pub fn uid(pipeline: &str) -> String {
    let uid = format!("chunfeng-{pipeline}");
    if uid.len() <= UID_LONGEST {
        return uid;
    }
    let hash = blake3::hash(pipeline.as_bytes()).to_hex();
    format!("{}-{}", &uid[..UID_LONGEST - 9], &hash[..8])
}

/// A text in both languages, Chinese first.
pub fn both(text: &Bilingual) -> String {
    match text.zh == text.en {
        true => text.zh.clone(),
        false => format!("{} {}", text.zh, text.en),
    }
}

/// A dashboard.
pub struct Frame {
    uid: String,
    title: String,
    /// The sentence that tells readers where to make their change instead.
    mark: String,
    /// `shared` or `pipeline`: what the links at the top tell apart.
    tag: &'static str,
    /// Which alerts are marked, as a matcher of their labels.
    alerts: Vec<(&'static str, String)>,
    variables: Vec<Value>,
    panels: Vec<Value>,
}

impl Frame {
    /// One that all pipelines share.
    pub fn shared(which: Shared, variables: Vec<Value>, panels: Vec<Value>) -> Self {
        Self {
            uid: which.uid(),
            title: which.title().to_owned(),
            mark: format!("{} from pipelines/: do not edit", MARK),
            tag: "shared",
            alerts: Vec::new(),
            variables,
            panels,
        }
    }

    /// That of a pipeline.
    pub fn of_pipeline(pipeline: &Pipeline, variables: Vec<Value>, panels: Vec<Value>) -> Self {
        Self {
            uid: uid(&pipeline.name),
            title: both(&pipeline.title),
            mark: mark(pipeline),
            tag: "pipeline",
            alerts: vec![("pipeline=", pipeline.name.clone())],
            variables,
            panels,
        }
    }

    /// The same, with only these alerts marked.
    #[must_use]
    pub fn with_alerts(mut self, label: &'static str, value: &str) -> Self {
        self.alerts.push((label, value.to_owned()));
        self
    }

    /// The file's text.
    pub fn text(self) -> String {
        // An alternate rendering of a JSON value ends without a line break.
        format!("{:#}\n", self.json())
    }

    fn json(self) -> Value {
        json!({
            "annotations": { "list": [self.alerts_that_fired()] },
            "description": self.mark,
            "editable": false,
            "graphTooltip": 1,
            "links": links(),
            "panels": self.panels,
            "refresh": "1m",
            "schemaVersion": 39,
            "tags": ["chunfeng", self.tag, "__generated"],
            "templating": { "list": self.variables },
            "time": { "from": "now-30d", "to": "now" },
            "timezone": "Asia/Shanghai",
            "title": format!("春风 · {}", self.title),
            "uid": self.uid,
            "version": 1,
            "weekStart": "monday",
        })
    }

    /// Marks on every curve where an alert fired.
    fn alerts_that_fired(&self) -> Value {
        let matchers = self.alerts.iter().map(|(label, value)| (*label, value.as_str()));
        let matchers: Vec<_> = matchers.chain([("alertstate=", "firing")]).collect();
        json!({
            "datasource": datasource(),
            "enable": true,
            "expr": selector("ALERTS", &matchers),
            "iconColor": "red",
            "name": "警报 Alerts",
            "step": "60s",
            "tagKeys": "severity",
            "textFormat": "{{name_zh}} {{name_en}}",
            "titleFormat": "{{alertname}}",
        })
    }
}

/// To the shared ones, a link each; to those of pipelines, from a list. What the reader chose goes along.
fn links() -> [Value; 2] {
    let link = |tag: &str, title: &str, as_dropdown: bool| {
        json!({
            "asDropdown": as_dropdown,
            "icon": "dashboard",
            "includeVars": true,
            "keepTime": true,
            "tags": ["chunfeng", tag],
            "targetBlank": false,
            "title": title,
            "tooltip": "",
            "type": "dashboards",
            "url": "",
        })
    };
    [link("shared", "", false), link("pipeline", "管道 Pipelines", true)]
}

/// The address of one area's dashboard, with placeholders that Grafana fills: the time chosen goes along.
pub fn link_to_area(level: &str, area: &str) -> Value {
    let uid = Shared::Area.uid();
    link("单区域 This area", &format!("/d/{uid}?var-level={level}&var-area={area}"))
}

/// The address of the dashboard of an area's parts.
pub fn link_to_parts(pipeline: &str, rate: &str, area: &str) -> Value {
    let uid = Shared::Areas.uid();
    let address = format!("/d/{uid}?var-pipeline={pipeline}&var-rate={rate}&var-within={area}");
    link("下辖地区 Its parts", &address)
}

/// The address of a pipeline's dashboard.
pub fn link_to_pipeline(pipeline: &str) -> Value {
    link("管道看板 Its dashboard", &format!("/d/{}?", uid(pipeline)))
}

fn link(title: &str, address: &str) -> Value {
    let end = if address.ends_with('?') { "" } else { "&" };
    json!({ "title": title, "url": format!("{address}{end}${{__url_time_range}}"), "targetBlank": false })
}
