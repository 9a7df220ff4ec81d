//! The shapes of Grafana panels, and how they are laid out.
//!
//! Knows Grafana's JSON and nothing of rates: titles, queries and units come from the callers.

use serde_json::{Value, json};

/// Grafana's grid is so many columns wide.
const COLUMNS: u32 = 24;

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
    let pairs = |value: fn(usize, &Column) -> Value| -> Value {
        let pair = |(index, column): (usize, &Column)| (column.field.clone(), value(index, column));
        Value::Object(columns.iter().enumerate().map(pair).collect())
    };
    panel["fieldConfig"]["overrides"] = columns.iter().map(shown).collect();
    panel["transformations"] = json!([
        { "id": "merge", "options": {} },
        { "id": "organize", "options": {
            "excludeByName": { "Time": true },
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

/// Panels in reading order: each beside the one before while there is room, else below.
#[derive(Default)]
pub struct Canvas {
    panels: Vec<Value>,
    x: u32,
    y: u32,
    line_height: u32,
}

impl Canvas {
    /// Begins a section.
    pub fn section(&mut self, title: &str) {
        self.break_line();
        let row = json!({ "type": "row", "title": title, "collapsed": false, "panels": [] });
        self.place(COLUMNS, 1, row);
    }

    /// Puts a panel of this size where there is room.
    pub fn place(&mut self, width: u32, height: u32, mut panel: Value) {
        if self.x + width > COLUMNS {
            self.break_line();
        }
        panel["id"] = json!(self.panels.len() + 1);
        panel["gridPos"] = json!({ "x": self.x, "y": self.y, "w": width, "h": height });
        self.panels.push(panel);
        self.x += width;
        self.line_height = self.line_height.max(height);
    }

    /// Goes on below everything placed so far.
    pub fn break_line(&mut self) {
        self.y += self.line_height;
        self.x = 0;
        self.line_height = 0;
    }

    /// The panels, placed and numbered.
    pub fn finish(self) -> Vec<Value> {
        self.panels
    }
}
