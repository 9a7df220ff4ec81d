//! What the reader of a dashboard may choose: the data source, a level of areas, and areas of that level.
//!
//! Only areas that the pipeline's board has are offered. Panels name the variables; nothing else does.

use serde_json::{Value, json};

use super::panel::datasource;
use super::promql;
use crate::spec::Pipeline;

/// The variables, in the order in which they depend on one another.
pub fn of(pipeline: &Pipeline) -> [Value; 3] {
    [source(), level(pipeline), area(pipeline)]
}

fn source() -> Value {
    json!({
        "hide": 0,
        "label": "数据源 Data source",
        "name": "datasource",
        "query": "prometheus",
        "refresh": 1,
        "type": "datasource",
    })
}

fn level(pipeline: &Pipeline) -> Value {
    let board = promql::selector("chunfeng_rate_denominator", &[("pipeline=", &pipeline.name)]);
    json!({
        "current": { "text": "county", "value": "county" },
        "datasource": datasource(),
        "hide": 0,
        "label": "层级 Level",
        "name": "level",
        "query": { "query": format!("label_values({board}, level)"), "refId": "level" },
        "refresh": 2,
        "sort": 1,
        "type": "query",
    })
}

fn area(pipeline: &Pipeline) -> Value {
    let matchers = [("pipeline=", pipeline.name.as_str()), ("level=", "$level")];
    let board = promql::selector("chunfeng_rate_denominator", &matchers);
    let named = promql::named(&promql::whoever_exports("area", &board)).replace('\n', " ");
    let titled = format!("label_join({named}, \"title\", \" \", \"name_zh\", \"name_en\")");
    json!({
        "allValue": ".*",
        "current": { "text": ["All"], "value": ["$__all"] },
        "datasource": datasource(),
        "hide": 0,
        "includeAll": true,
        "label": "地区 Area",
        "multi": true,
        "name": "area",
        "query": { "query": format!("query_result({titled})"), "refId": "area" },
        "refresh": 2,
        "regex": "/area=\"(?<value>[^\"]+)\".*title=\"(?<text>[^\"]+)\"/",
        "sort": 1,
        "type": "query",
    })
}
