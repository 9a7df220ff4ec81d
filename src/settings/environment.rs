//! Settings from `CHUNFENG_…` variables. `CHUNFENG_KAFKA_BOOTSTRAP_SERVERS` is the Kafka option `bootstrap.servers`;
//! with `_FILE` behind it, the value is read from that file.

use std::path::Path;

use super::{Raw, address, count, every, interval, invalid, pseudonyms, secret};
use crate::error::Result;
use crate::yaml::nearest;

const KNOWN: [&str; 10] = [
    "LAKE",
    "PIPELINES",
    "LISTEN",
    "KEY_FILE",
    "PSEUDONYMS",
    "COMMIT_INTERVAL",
    "UPKEEP_INTERVAL",
    "SHARDS",
    "CONFIG",
    "LOG",
];

/// Reads every variable of ours; an unknown one is a mistake.
pub fn read(environment: impl IntoIterator<Item = (String, String)>) -> Result<Raw> {
    let mut raw = Raw::default();
    for (variable, value) in environment {
        let Some(name) = variable.strip_prefix("CHUNFENG_") else {
            continue;
        };
        take(&mut raw, name, value).map_err(|why| invalid(format!("{variable}: {why}")))?;
    }
    Ok(raw)
}

fn take(raw: &mut Raw, name: &str, value: String) -> std::result::Result<(), String> {
    match name {
        "LAKE" => raw.lake = Some(value),
        "PIPELINES" => raw.pipelines = Some(value.into()),
        "LISTEN" => raw.listen = Some(address(&value)?),
        "KEY_FILE" => raw.key_file = Some(value.into()),
        "PSEUDONYMS" => raw.pseudonyms = Some(pseudonyms(&value)?),
        "COMMIT_INTERVAL" => raw.commit_interval = Some(interval(&value)?),
        "UPKEEP_INTERVAL" => raw.upkeep_interval = Some(every(&value)?),
        "SHARDS" => raw.shards = Some(count(&value)?),
        "CONFIG" | "LOG" => {} // read before these
        _ => return take_kafka(raw, name, value),
    }
    Ok(())
}

fn take_kafka(raw: &mut Raw, name: &str, value: String) -> std::result::Result<(), String> {
    let Some(option) = name.strip_prefix("KAFKA_") else {
        let near =
            nearest(name, KNOWN.into_iter()).map(|near| format!(", did you mean CHUNFENG_{near}?"));
        return Err(format!("no such setting{}", near.unwrap_or_default()));
    };
    let (option, value) = match option.strip_suffix("_FILE") {
        Some(option) => (option, secret::read(Path::new(&value))?),
        None => (option, value),
    };
    let option = option.to_lowercase().replace('_', ".");
    raw.kafka.set(&option, value).map_err(|why| format!("not for you to set: {why}"))
}
