//! The settings file.

use std::path::Path;

use super::{Raw, address, count, every, interval, invalid, pseudonyms, secret};
use crate::error::Result;
use crate::source::kafka::KafkaOptions;
use crate::yaml::{self, Key, Node, Problems, Value};

/// Reads a settings file; every problem is told at once.
pub fn read(path: &Path) -> Result<Raw> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| invalid(format!("cannot read {name}: {error}")).because(error))?;
    let mut problems = Problems::default();
    let raw =
        yaml::parse(&name, &text, &mut problems).and_then(|node| settings(&node, &mut problems));
    match raw {
        Some(raw) if problems.is_empty() => Ok(raw),
        _ => Err(problems.into()),
    }
}

fn settings(node: &Node, problems: &mut Problems) -> Option<Raw> {
    let mut fields = node.fields(problems)?;
    let raw = Raw {
        lake: fields.optional("lake").and_then(|n| n.text(problems)).map(str::to_owned),
        pipelines: fields.optional("pipelines").and_then(|n| n.text(problems)).map(Into::into),
        listen: fields.optional("listen").and_then(|n| parsed(n, address, problems)),
        key_file: fields.optional("key_file").and_then(|n| n.text(problems)).map(Into::into),
        pseudonyms: fields.optional("pseudonyms").and_then(|n| parsed(n, pseudonyms, problems)),
        commit_interval: fields
            .optional("commit_interval")
            .and_then(|n| parsed(n, interval, problems)),
        upkeep_interval: fields
            .optional("upkeep_interval")
            .and_then(|n| parsed(n, every, problems)),
        shards: fields.optional("shards").and_then(|n| shards(n, problems)),
        kafka: fields.optional("kafka").map(|n| kafka(n, problems)).unwrap_or_default(),
    };
    fields.done(problems);
    Some(raw)
}

fn parsed<T>(
    node: &Node,
    parse: fn(&str) -> std::result::Result<T, String>,
    problems: &mut Problems,
) -> Option<T> {
    let text = node.text(problems)?;
    parse(text)
        .map_err(|instead| {
            problems.suggest(&node.place, format!("`{text}` does not fit here"), instead)
        })
        .ok()
}

fn shards(node: &Node, problems: &mut Problems) -> Option<usize> {
    let number = node.integer(1, problems)?.to_string();
    count(&number).map_err(|instead| problems.suggest(&node.place, "too many shards", instead)).ok()
}

fn kafka(node: &Node, problems: &mut Problems) -> KafkaOptions {
    let mut options = KafkaOptions::default();
    for (key, node) in node.entries(problems) {
        let Some(value) = option_value(key, node, problems) else {
            continue;
        };
        if let Err(why) = options.set(&key.text, value) {
            let message = format!("`{}` is not for you to set: {why}", key.text);
            problems.suggest(&key.place, message, "leave it out");
        }
    }
    options
}

fn option_value(key: &Key, node: &Node, problems: &mut Problems) -> Option<String> {
    match &node.value {
        Value::Mapping(_) => {
            let mut fields = node.fields(problems)?;
            let file = fields.required("file", problems).and_then(|n| n.text(problems));
            fields.done(problems);
            let read = secret::read(Path::new(file?));
            read.map_err(|why| problems.note(&node.place, why)).ok()
        }
        _ if KafkaOptions::is_secret(&key.text) => {
            let message =
                format!("`{}` is a secret and may not stand in a settings file", key.text);
            let variable = key.text.replace('.', "_").to_uppercase();
            let instead = format!("write {{ file: PATH }}, or set CHUNFENG_KAFKA_{variable}");
            problems.suggest(&node.place, message, instead);
            None
        }
        Value::Boolean(boolean) => Some(boolean.to_string()),
        Value::Integer(integer) => Some(integer.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => node.text(problems).map(str::to_owned),
    }
}
