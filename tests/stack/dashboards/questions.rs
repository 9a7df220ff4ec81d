//! What a dashboard asks, with what its reader has chosen put in: of variables and of panels.

use std::collections::BTreeMap;

use serde_json::Value;

use super::history::Spring;

/// As often as the spring was scraped, with room: rates need two scrapes.
const RATE_INTERVAL: &str = "6d";

/// What the reader has chosen, by variable.
#[derive(Clone)]
pub struct Choice(BTreeMap<String, String>);

impl Choice {
    /// What is chosen when a dashboard is opened. A variable that offers nothing, or not what it begins with, is wrong.
    pub fn of(dashboard: &Value, spring: &Spring, wrong: &mut Vec<String>) -> Self {
        let mut chosen = Self(BTreeMap::new());
        for variable in array(&dashboard["templating"]["list"]) {
            let name = text(&variable["name"]);
            let current = match &variable["current"]["value"] {
                Value::Array(values) => text(&values[0]),
                value => text(value),
            };
            if variable["type"] == "query" {
                let query = chosen.put_into(text(&variable["query"]["query"]));
                let offered = offered(&query, name, spring);
                let is_offered = current == "$__all" || offered.iter().any(|one| one == current);
                let is_wrong = offered.is_empty() || !is_offered;
                if is_wrong && has_figures(dashboard, spring) {
                    let title = &dashboard["title"];
                    wrong.push(format!("{title}: ${name} is `{current}`, of {offered:?}: {query}"));
                }
            }
            let value = if current == "$__all" { text(&variable["allValue"]) } else { current };
            chosen.0.insert(name.to_owned(), value.to_owned());
        }
        chosen
    }

    /// The same, but for what the reader has chosen otherwise.
    pub fn but(mut self, otherwise: &[(&str, &str)]) -> Self {
        self.0.extend(otherwise.iter().map(|(name, value)| (name.to_string(), value.to_string())));
        self
    }

    fn put_into(&self, expression: &str) -> String {
        let mut expression = expression.replace("$__rate_interval", RATE_INTERVAL);
        expression = expression.replace("$__range", "40d");
        for (name, value) in &self.0 {
            expression = expression.replace(&format!("${{{name}}}"), value);
            expression = expression.replace(&format!("${name}"), value);
        }
        expression
    }
}

/// Whether a board has anything that a dashboard may show: the fairs of 2020 are none of 2022.
fn has_figures(dashboard: &Value, spring: &Spring) -> bool {
    let of = text(&dashboard["uid"]).trim_start_matches("chunfeng-");
    let is_of_all = text(&dashboard["uid"]).starts_with("chunfeng--");
    is_of_all || spring.rows.iter().any(|row| row["pipeline"] == of)
}

/// What a variable offers: values of a label, or of the one beside the title.
fn offered(query: &str, name: &str, spring: &Spring) -> Vec<String> {
    let inside = query.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    let inside = inside.unwrap_or_else(|| panic!("no query of a variable: {query}"));
    if query.starts_with("label_values(") {
        let (vector, label) = inside.rsplit_once(", ").expect("a vector and a label");
        let values = spring.label_values(label, vector);
        return values.iter().map(|value| text(value).to_owned()).collect();
    }
    let label = if name == "within" { "area" } else { name };
    let series = spring.instant(inside);
    let titled = series.iter().filter(|one| text(&one["metric"]["title"]).len() > 1);
    titled.map(|one| text(&one["metric"][label]).to_owned()).collect()
}

/// A question of a panel, and what Prometheus answers.
pub struct Answer {
    pub panel: i64,
    pub query: String,
    pub expression: String,
    /// Of one moment, not a curve.
    pub is_instant: bool,
    pub series: Vec<Value>,
}

/// The answers to all questions of a dashboard.
pub struct Answers(pub Vec<Answer>);

impl Answers {
    /// Asks all of them.
    pub fn to(dashboard: &Value, choice: &Choice, spring: &Spring) -> Self {
        let mut answers = Vec::new();
        for panel in array(&dashboard["panels"]) {
            for target in panel["targets"].as_array().into_iter().flatten() {
                let expression = choice.put_into(text(&target["expr"]));
                let is_instant = target["instant"] == true;
                let series = match is_instant {
                    true => spring.instant(&expression),
                    false => spring.range(&expression),
                };
                answers.push(Answer {
                    panel: panel["id"].as_i64().expect("an id"),
                    query: text(&target["refId"]).to_owned(),
                    expression,
                    is_instant,
                    series,
                });
            }
        }
        Self(answers)
    }
}

impl Answers {
    /// Whether nothing that a panel asks for is on any board: then it is empty as it should be.
    pub fn has_nothing_to_say(&self, panel: &Value, spring: &Spring) -> bool {
        let of_panel = self.0.iter().filter(|answer| Some(answer.panel) == panel["id"].as_i64());
        let exported = of_panel.filter_map(|answer| everywhere(&answer.expression));
        let exported: Vec<String> = exported.collect();
        !exported.is_empty() && exported.iter().all(|vector| spring.instant(vector).is_empty())
    }
}

/// The figures that an expression asks for, of all areas of its level.
fn everywhere(expression: &str) -> Option<String> {
    let (before, after) = expression.split_once('{')?;
    let family = before.rsplit(['(', ' ', '\n']).next()?;
    let (labels, _) = after.split_once('}')?;
    let of_rate = labels.split(", ").filter(|label| {
        ["pipeline=", "rate=", "dimension=", "window=", "level="]
            .iter()
            .any(|name| label.starts_with(name))
    });
    let of_rate: Vec<&str> = of_rate.collect();
    family.starts_with("chunfeng_rate").then(|| format!("{family}{{{}}}", of_rate.join(", ")))
}

pub fn array(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
