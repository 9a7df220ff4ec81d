//! The JSON schema of pipeline files, by which editors complete and explain them as they are typed.
//!
//! It says what a file looks like; what it means, and whether its parts fit together, `chunfeng check` says. A test holds its names
//! against those that the reader asks for.

use serde_json::{Value, json};

use super::{GeneratedFile, MARK};
use crate::season::Alignment;
use crate::spec::Unit;

/// Where it is: beside the files it is of.
pub const FOLDER: &str = "pipelines";

/// The schema.
pub fn file() -> GeneratedFile {
    GeneratedFile { path: format!("{FOLDER}/schema.json"), text: format!("{:#}\n", schema()) }
}

fn schema() -> Value {
    let mut schema = object(
        "A pipeline: events in, rates out.",
        &["pipeline", "title", "entity", "source", "decode", "kinds", "measures", "rates"],
        json!({
            "pipeline": described(name(), "Its name: a label of every metric, and its folder in the lake."),
            "title": of("title"),
            "entity": described(name(), "What is counted once: worker, enterprise … Pipelines with the same entity share pseudonyms."),
            "season": { "const": "spring-festival", "description": "Entities are others in each spring." },
            "source": object("Where events come from.", &["topic"], json!({
                "topic": text("The Kafka topic."),
            })),
            "decode": decode(),
            "areas": map("Townships by nine digits, and areas without a code by name.", area()),
            "ignore": texts("Event types that share the topic and are another pipeline's."),
            "feeds": feeds(),
            "kinds": map("Kinds of fact.", kind()),
            "measures": map("What counts: predicates over the state of an entity.", measure()),
            "dimensions": map("What rates are broken out by.", dimension()),
            "rates": map("The figures.", rate()),
            "alerts": map("When people are called.", alert()),
            "funnel": {
                "type": "array", "items": name(), "minItems": 2,
                "description": "Measures from the many who begin to the few who arrive, for the dashboard of funnels.",
            },
            "service_levels": {
                "type": "array", "items": name(),
                "description": "Rates that say whether what was promised is kept, for the dashboard of service levels.",
            },
            "tests": { "type": "array", "items": test(), "description": "Examples that `chunfeng check` runs." },
        }),
    );
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["$comment"] = json!(format!("{MARK}: do not edit"));
    schema["title"] = json!("chunfeng pipeline");
    schema["$defs"] = json!({
        "title": object("Text for people, in both languages.", &["zh", "en"], json!({
            "zh": text("Chinese."),
            "en": text("English."),
        })),
        "window": { "type": "string", "pattern": "^[0-9]+[smhdw]$", "description": "A length of time: 30s, 10m, 24h, 3d, 2w." },
        "pointer": { "type": "string", "pattern": "^/.*[^/]$", "description": "A JSON pointer into the event: /data/area." },
        "level": { "enum": ["country", "province", "prefecture", "county", "township"] },
        "unit": { "enum": Unit::codes().collect::<Vec<_>>() },
    });
    schema
}

fn decode() -> Value {
    object(
        "Where an event carries what.",
        &["entity", "kind", "time"],
        json!({
            "entity": of("pointer"),
            "kind": of("pointer"),
            "time": of("pointer"),
            "area": of("pointer"),
            "missing_time": { "enum": ["reject", "record_time"], "description": "What becomes of an event without a time; reject unless said." },
            "latest": of("window"),
        }),
    )
}

fn area() -> Value {
    object(
        "An area that the table lacks.",
        &["zh", "en"],
        json!({
            "zh": text("Chinese name."),
            "en": text("English name."),
            "within": text("Of an area without a code: the code of what it lies in."),
        }),
    )
}

fn feeds() -> Value {
    object(
        "What is expected of those who report.",
        &["silent_after"],
        json!({
            "silent_after": of("window"),
            "heartbeats": texts("Event types that say no more than that the feed lives (零报告)."),
            "quiet": object("When nobody has to report.", &[], json!({
                "hours": { "type": "string", "pattern": "^[0-9]{1,2}:[0-9]{2}-[0-9]{1,2}:[0-9]{2}$", "description": "In Shanghai: 20:00-08:00." },
                "days": { "type": "array", "items": { "type": "integer" }, "minItems": 2, "maxItems": 2, "description": "First and last day of the season: [-1, 6]; 1 is 正月初一." },
            })),
        }),
    )
}

fn kind() -> Value {
    let field = object(
        "What a fact carries.",
        &["path", "type"],
        json!({
            "path": of("pointer"),
            "type": { "enum": ["label", "integer", "amount", "boolean", "time"] },
            "values": texts("Of a label: every value there is."),
            "unit": of("unit"),
            "scale": { "type": "integer", "minimum": 0, "description": "Of an amount: its decimals." },
        }),
    );
    object(
        "A kind of fact.",
        &["events"],
        json!({
            "events": texts("The event types that are such facts."),
            "retracted_by": texts("The event types that take them back."),
            "keep": { "type": "string", "pattern": "^(first|all|last [1-9][0-9]*)$", "description": "How many an entity keeps: last 4 unless said." },
            "fields": map("What they carry.", field),
            "counted": of("unit"),
        }),
    )
}

fn measure() -> Value {
    object(
        "What counts.",
        &["where"],
        json!({
            "title": of("title"),
            "where": text("A predicate in SQL over the columns <kind>_at and <kind>_<field>."),
            "sum": text("An amount that is summed, or a difference of times: closed_at - opened_at."),
            "held_for": of("window"),
            "within": of("window"),
            "unit": of("unit"),
        }),
    )
}

fn dimension() -> Value {
    let value = object(
        "A value.",
        &["where"],
        json!({ "title": of("title"), "where": text("A predicate in SQL.") }),
    );
    let mut dimension = object(
        "What rates are broken out by: a label column, or values with a predicate each.",
        &[],
        json!({
            "title": of("title"),
            "column": text("A label column: <kind>_<field>."),
            "titles": map("Titles of the column's values.", of("title")),
            "values": map("Values, each with a predicate.", value),
            "exact": text("The value that qualifies nothing."),
            "down_to": of("level"),
        }),
    );
    dimension["oneOf"] = json!([{ "required": ["column"] }, { "required": ["values"] }]);
    dimension
}

fn rate() -> Value {
    let combination = || text("Measures added and taken away: opened - solved.");
    let elsewhere = object(
        "A rate of a pipeline.",
        &["rate", "title"],
        json!({ "rate": text("pipeline/rate."), "title": of("title") }),
    );
    let mut rate = object(
        "A figure.",
        &["title", "definition"],
        json!({
            "title": of("title"),
            "definition": described(of("title"), "What exactly it is (口径)."),
            "numerator": combination(),
            "denominator": combination(),
            "reported": object("What some areas report themselves.", &["numerator", "areas"], json!({
                "numerator": combination(),
                "denominator": combination(),
                "areas": texts("Codes of the areas that report."),
            })),
            "index": { "type": "object", "minProperties": 1, "additionalProperties": { "type": "number" }, "description": "Earlier rates with their weights." },
            "cleared": object("1 where nothing is open, 0 where something is.", &["open", "ever"], json!({
                "open": combination(),
                "ever": combination(),
            })),
            "across": object("What two pipelines count, one over the other.", &["numerator", "denominator"], json!({
                "numerator": elsewhere.clone(),
                "denominator": elsewhere,
            })),
            "change": { "type": "array", "items": of("window"), "description": "Over which windows its change is published." },
            "by": texts("The dimensions it is broken out by; all of them unless said."),
            "better": { "enum": ["higher", "lower"], "description": "Which way is good; higher unless said." },
            "season": described(json!({ "enum": Alignment::ALL.map(Alignment::as_str) }), "How it is laid beside last spring."),
            "minimum_sample": { "type": "integer", "minimum": 1, "description": "Below this denominator it takes no part in a ranking." },
        }),
    );
    let forms = ["numerator", "index", "cleared", "across"];
    rate["oneOf"] = json!(forms.map(|form| json!({ "required": [form] })));
    rate
}

fn alert() -> Value {
    let share = |what| json!({ "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "description": what });
    let mut alert = object(
        "When people are called: one of drop, below, stalled and behind.",
        &["rate", "for", "severity"],
        json!({
            "rate": name(),
            "drop": share("Fell by more than this within `over`; 0.02 is two percentage points."),
            "below": share("Is less than this."),
            "stalled": share("Is less than this and has not risen within `over`."),
            "behind": share("Is behind the same day of last spring by more than this."),
            "over": of("window"),
            "from_day": { "type": "integer", "description": "Not before this day of the season; 1 is 正月初一." },
            "levels": { "type": "array", "items": of("level"), "description": "For areas of these levels; of every level unless said." },
            "for": of("window"),
            "severity": { "enum": ["info", "warning", "critical"] },
            "min_denominator": { "type": "integer", "minimum": 1 },
        }),
    );
    let forms = [("drop", true), ("below", false), ("stalled", true), ("behind", false)];
    let alone = |(form, has_window): (&str, bool)| {
        let others = forms.iter().map(|(other, _)| *other).filter(|other| *other != form);
        let excluded = others.chain((!has_window).then_some("over"));
        let excluded: Vec<Value> = excluded.map(|other| json!({ "required": [other] })).collect();
        let required = if has_window { vec![form, "over"] } else { vec![form] };
        json!({ "required": required, "not": { "anyOf": excluded } })
    };
    alert["oneOf"] = json!(forms.map(alone));
    alert
}

fn test() -> Value {
    let figure = object(
        "A figure of an area.",
        &["numerator"],
        json!({
            "numerator": { "type": "number" },
            "denominator": { "type": "number" },
            "dimension": name(),
            "value": text("One of the dimension's values."),
        }),
    );
    let moment = json!({ "type": "string", "format": "date-time" });
    let look = json!({
        "type": "object",
        "properties": { "as_of": moment },
        "additionalProperties": map("Figures by area.", figure),
    });
    object(
        "Events, and the figures they lead to.",
        &["name", "events", "expect"],
        json!({
            "name": text("What it shows."),
            "events": { "type": "array", "items": { "type": "object" } },
            "as_of": moment,
            "expect": { "oneOf": [look.clone(), { "type": "array", "items": look }] },
        }),
    )
}

fn object(description: &str, required: &[&str], properties: Value) -> Value {
    json!({
        "type": "object",
        "description": description,
        "required": required,
        "properties": properties,
        "additionalProperties": false,
    })
}

fn map(description: &str, value: Value) -> Value {
    json!({ "type": "object", "description": description, "additionalProperties": value })
}

fn name() -> Value {
    json!({ "type": "string", "pattern": "^[a-z][a-z0-9_-]{0,63}$" })
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

fn texts(description: &str) -> Value {
    json!({ "type": "array", "items": { "type": "string" }, "description": description })
}

fn of(definition: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{definition}") })
}

fn described(mut schema: Value, description: &str) -> Value {
    schema["description"] = json!(description);
    schema
}
