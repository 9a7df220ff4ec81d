//! The shapes of Grafana panels.
//!
//! Knows Grafana's JSON and nothing of rates: titles, queries and units come from the callers.

use serde_json::{Value, json};

/// The data source that the reader chose.
pub fn datasource() -> Value {
    json!({ "type": "prometheus", "uid": "${datasource}" })
}

/// A question to Prometheus.
pub struct Query {
    /// PromQL.
    pub expression: String,
    /// How a series is called.
    pub legend: String,
    /// Only the newest value is wanted.
    pub is_instant: bool,
}

impl Query {
    /// The whole range.
    pub fn range(expression: impl Into<String>, legend: &str) -> Self {
        Self { expression: expression.into(), legend: legend.to_owned(), is_instant: false }
    }

    /// The newest value.
    pub fn instant(expression: impl Into<String>, legend: &str) -> Self {
        Self { is_instant: true, ..Self::range(expression, legend) }
    }

    fn target(&self, index: usize, format: &str) -> Value {
        json!({
            "datasource": datasource(),
            "editorMode": "code",
            "expr": self.expression,
            "format": format,
            "instant": self.is_instant,
            "legendFormat": self.legend,
            "range": !self.is_instant,
            "refId": letter(index),
        })
    }
}

/// The name of a query within its panel: A, B, C.
pub fn letter(index: usize) -> String {
    let letter = char::from_u32('A' as u32 + index as u32);
    letter.unwrap_or('Z').to_string()
}

/// What a number is and how it is shown.
pub fn number(unit: &str, decimals: u32) -> Value {
    json!({ "unit": unit, "decimals": decimals })
}

/// One number in large letters, or a few beside each other.
pub fn stat(title: &str, description: &str, defaults: Value, queries: &[Query]) -> Value {
    let options = json!({
        "colorMode": "value",
        "graphMode": "area",
        "justifyMode": "auto",
        "orientation": "auto",
        "reduceOptions": { "calcs": ["lastNotNull"], "fields": "", "values": false },
        "textMode": "auto",
    });
    panel("stat", title, description, defaults, options, targets(queries, "time_series"))
}

/// A horizontal bar for every series.
pub fn bars(title: &str, description: &str, defaults: Value, queries: &[Query]) -> Value {
    let options = json!({
        "displayMode": "basic",
        "orientation": "horizontal",
        "reduceOptions": { "calcs": ["lastNotNull"], "fields": "", "values": false },
        "showUnfilled": true,
    });
    panel("bargauge", title, description, defaults, options, targets(queries, "time_series"))
}

/// Lines over time.
pub fn lines(title: &str, description: &str, defaults: Value, queries: &[Query]) -> Value {
    let options = json!({
        "legend": { "calcs": ["lastNotNull"], "displayMode": "table", "placement": "right", "showLegend": true },
        "tooltip": { "mode": "multi", "sort": "desc" },
    });
    panel("timeseries", title, description, defaults, options, targets(queries, "time_series"))
}

/// Bands of colour over time, one for every series: its thresholds say which colour.
pub fn timeline(title: &str, description: &str, defaults: Value, queries: &[Query]) -> Value {
    let options = json!({
        "alignValue": "left",
        "legend": { "displayMode": "list", "placement": "bottom", "showLegend": true },
        "mergeValues": true,
        "rowHeight": 0.9,
        "showValue": "auto",
        "tooltip": { "mode": "single", "sort": "none" },
    });
    panel("state-timeline", title, description, defaults, options, targets(queries, "time_series"))
}

/// The same panel, with what one of its queries gives shown otherwise than its defaults say.
pub fn shown_otherwise(mut panel: Value, query: usize, number: Value) -> Value {
    let properties: Vec<Value> = match number {
        Value::Object(fields) => {
            fields.into_iter().map(|(id, value)| json!({ "id": id, "value": value })).collect()
        }
        _ => Vec::new(),
    };
    if let Some(overrides) = panel["fieldConfig"]["overrides"].as_array_mut() {
        overrides.push(json!({
            "matcher": { "id": "byFrameRefID", "options": letter(query) },
            "properties": properties,
        }));
    }
    panel
}

/// The same panel, with a link at its head.
pub fn with_link(mut panel: Value, link: Value) -> Value {
    panel["links"] = json!([link]);
    panel
}

/// The same table, with a curve in the column `Trend #A` of every query that asks for a range, and a row for every area all the same.
pub fn with_sparklines(mut table: Value) -> Value {
    if let Some(transformations) = table["transformations"].as_array_mut() {
        transformations.insert(0, json!({ "id": "timeSeriesTable", "options": {} }));
    }
    if let Some(targets) = table["targets"].as_array_mut() {
        for target in targets.iter_mut().filter(|target| target["range"] == true) {
            target["format"] = json!("time_series");
        }
    }
    table
}

/// The field that holds what query A gives, beside others and alone.
const FIRST_VALUE: &str = "Value #A";
const ONLY_VALUE: &str = "Value";

/// A column of a [`table`]: the field it comes from, its heading, and how its values are shown.
pub struct Column {
    /// A label, or `Value #A` for what query A gives.
    pub field: String,
    /// The heading.
    pub heading: String,
    /// Grafana field properties, by their ids.
    pub properties: Vec<(&'static str, Value)>,
}

/// A table with a row for every set of labels, the highest value of `sorted_by` first. All queries must give the same
/// labels, for these are what their rows are joined on.
pub fn table(
    title: &str,
    description: &str,
    columns: &[Column],
    sorted_by: &str,
    queries: &[Query],
) -> Value {
    let options = json!({
        "cellHeight": "sm",
        "showHeader": true,
        "sortBy": [{ "displayName": sorted_by, "desc": true }],
    });
    let mut panel = panel(
        "table",
        title,
        description,
        json!({ "custom": { "align": "auto" } }),
        options,
        targets(queries, "table"),
    );
    // Where one query alone has an answer, Grafana calls its values by no letter.
    let first = columns.iter().position(|column| column.field == FIRST_VALUE);
    let pairs = |value: fn(usize, &Column) -> Value| -> Value {
        let pair = |(index, column): (usize, &Column)| (column.field.clone(), value(index, column));
        let alone = first.map(|index| (ONLY_VALUE.to_owned(), value(index, &columns[index])));
        Value::Object(columns.iter().enumerate().map(pair).chain(alone).collect())
    };
    let mut excluded = json!({ "Time": true });
    if first.is_none() {
        excluded[ONLY_VALUE] = json!(true);
    }
    panel["fieldConfig"]["overrides"] = columns.iter().map(shown).collect();
    panel["transformations"] = json!([
        { "id": "merge", "options": {} },
        { "id": "organize", "options": {
            "excludeByName": excluded,
            "indexByName": pairs(|index, _| json!(index)),
            "renameByName": pairs(|_, column| json!(column.heading)),
        } },
    ]);
    panel
}

fn shown(column: &Column) -> Value {
    let property = |(id, value): &(&str, Value)| json!({ "id": id, "value": value });
    let properties: Vec<Value> = column.properties.iter().map(property).collect();
    json!({
        "matcher": { "id": "byName", "options": column.heading },
        "properties": properties,
    })
}

fn targets(queries: &[Query], format: &str) -> Vec<Value> {
    let target = |(index, query): (usize, &Query)| query.target(index, format);
    queries.iter().enumerate().map(target).collect()
}

fn panel(
    kind: &str,
    title: &str,
    description: &str,
    defaults: Value,
    options: Value,
    targets: Vec<Value>,
) -> Value {
    json!({
        "type": kind,
        "title": title,
        "description": description,
        "datasource": datasource(),
        "fieldConfig": { "defaults": defaults, "overrides": [] },
        "options": options,
        "targets": targets,
    })
}
