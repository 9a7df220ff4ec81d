//! The settings file.

use std::path::Path;

use super::passed::{Passed, Refused};
use super::{Raw, address, as_of, count, every, interval, invalid, pseudonyms, secret};
use crate::error::Result;
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
        replay_at_most: fields
            .optional("replay_at_most")
            .and_then(|n| parsed(n, interval, problems)),
        upkeep_interval: fields
            .optional("upkeep_interval")
            .and_then(|n| parsed(n, every, problems)),
        as_of: fields.optional("as_of").and_then(|n| parsed(n, as_of, problems)),
        shards: fields.optional("shards").and_then(|n| shards(n, problems)),
        kafka: fields.optional("kafka").map(|n| options(n, problems)).unwrap_or_default(),
        store: fields.optional("store").map(|n| options(n, problems)).unwrap_or_default(),
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

fn options<P: Passed>(node: &Node, problems: &mut Problems) -> P {
    let mut options = P::default();
    for (key, node) in node.entries(problems) {
        let Some(value) = option_value::<P>(key, node, problems) else {
            continue;
        };
        let (message, instead) = match options.put(&key.text, value) {
            Ok(()) => continue,
            Err(Refused::Owned(why)) => {
                (format!("`{}` is not for you to set: {why}", key.text), "leave it out".to_owned())
            }
            Err(Refused::Unknown(near)) => (
                format!("no option is named `{}`", key.text),
                near.map_or("leave it out".to_owned(), |near| format!("did you mean `{near}`?")),
            ),
        };
        problems.suggest(&key.place, message, instead);
    }
    options
}

fn option_value<P: Passed>(key: &Key, node: &Node, problems: &mut Problems) -> Option<String> {
    match &node.value {
        Value::Mapping(_) => {
            let mut fields = node.fields(problems)?;
            let file = fields.required("file", problems).and_then(|n| n.text(problems));
            fields.done(problems);
            let read = secret::read(Path::new(file?));
            read.map_err(|why| problems.note(&node.place, why)).ok()
        }
        _ if P::is_secret(&key.text) => {
            let message =
                format!("`{}` is a secret and may not stand in a settings file", key.text);
            let instead = format!("write {{ file: PATH }}, or set {}", P::variable(&key.text));
            problems.suggest(&node.place, message, instead);
            None
        }
        Value::Boolean(boolean) => Some(boolean.to_string()),
        Value::Integer(integer) => Some(integer.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => node.text(problems).map(str::to_owned),
    }
}
