//! The schema of pipeline files takes what the reader takes and refuses what it refuses, as far as one file alone and its form go.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::{Value, json};

use super::super::Product;
use crate::yaml::{Problems, parse};

fn schema() -> Value {
    let files = Product::Schema.files(&[]);
    serde_json::from_str(&files[0].text).unwrap()
}

fn files_in(folder: &str, kind: &str) -> Vec<PathBuf> {
    let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|of| of == kind)).collect()
}

fn tree(text: &str) -> Value {
    parse("file", text, &mut Problems::default()).unwrap().to_json()
}

fn return_to_work() -> Value {
    tree(super::RETURN_TO_WORK)
}

#[test]
fn every_pipeline_file_is_as_the_schema_says() {
    let validator = Validator::new(&schema()).unwrap();
    for path in files_in("pipelines", "yaml") {
        let file = tree(&std::fs::read_to_string(&path).unwrap());
        let wrong: Vec<String> = validator
            .iter_errors(&file)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{}: {wrong:#?}", path.display());
    }
}

/// Names of members, wherever they are in the schema.
fn members(schema: &Value, found: &mut BTreeSet<String>) {
    if let Some(properties) = schema["properties"].as_object() {
        found.extend(properties.keys().cloned());
    }
    match schema {
        Value::Object(parts) => parts.values().for_each(|part| members(part, found)),
        Value::Array(parts) => parts.iter().for_each(|part| members(part, found)),
        _ => {}
    }
}

#[test]
fn the_schema_has_the_names_that_the_reader_asks_for_and_no_others() {
    let mut asked = BTreeSet::new();
    for path in files_in("src/spec/read", "rs") {
        let text = std::fs::read_to_string(path).unwrap();
        for call in [".optional(\"", ".required(\""] {
            let names = text.split(call).skip(1).map(|rest| rest.split('"').next().unwrap());
            asked.extend(names.map(str::to_owned));
        }
        // Several names asked for in one go.
        for line in text.lines().filter(|line| line.contains(".map(|name| fields.optional(name))"))
        {
            asked.extend(line.split('"').skip(1).step_by(2).map(str::to_owned));
        }
    }
    let mut told = BTreeSet::new();
    members(&schema(), &mut told);
    assert!(asked.len() > 60, "{asked:?}");
    assert_eq!(told, asked);
}

#[test]
fn a_mistake_that_check_tells_is_refused_while_it_is_typed() {
    let validator = Validator::new(&schema()).unwrap();
    let refused = |pointer: &str, value: Value| {
        let mut file = return_to_work();
        assert!(validator.is_valid(&file));
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = file.pointer_mut(parent).unwrap_or_else(|| panic!("no {parent}"));
        match value {
            Value::Null => _ = parent.as_object_mut().unwrap().remove(key),
            value => parent[key] = value,
        }
        assert!(!validator.is_valid(&file), "{pointer}");
    };
    refused("/colour", json!("red"));
    refused("/title/en", Value::Null);
    refused("/pipeline", json!("Return To Work"));
    refused("/season", json!("summer"));
    refused("/decode/entity", json!("subject"));
    refused("/kinds/departed/keep", json!("last 0"));
    refused("/rates/return_rate/change", json!(["24 hours"]));
    refused("/rates/return_rate/better", json!("upwards"));
    refused("/rates/return_rate/numerator", Value::Null);
    refused("/rates/return_rate/index", json!({ "stay_rate": 1 }));
    refused("/alerts/ReturnRateDropped/drop", json!(2));
    refused("/alerts/ReturnRateDropped/below", json!(0.5));
    refused("/alerts/ReturnRateDropped/over", Value::Null);
    refused("/alerts/ReturnRateDropped/severity", json!("page"));
    refused("/dimensions/mode/values", json!({ "rail": { "where": "x" } }));
    refused("/feeds/quiet/hours", json!("from 8 on"));
    refused("/measures/returned/unit", json!("furlong"));
}
