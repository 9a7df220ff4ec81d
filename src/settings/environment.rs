//! Settings from `CHUNFENG_…` variables. `CHUNFENG_KAFKA_BOOTSTRAP_SERVERS` is the Kafka option `bootstrap.servers`, and
//! `CHUNFENG_STORE_AWS_REGION` the object store's `aws_region`; with `_FILE` behind it, the value is read from that file.

use std::path::Path;

use super::passed::{Passed, Refused};
use super::{Raw, address, as_of, count, every, interval, invalid, pseudonyms, secret};
use crate::error::Result;
use crate::yaml::nearest;

const KNOWN: [&str; 11] = [
    "LAKE",
    "PIPELINES",
    "LISTEN",
    "KEY_FILE",
    "PSEUDONYMS",
    "COMMIT_INTERVAL",
    "REPLAY_AT_MOST",
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
        "REPLAY_AT_MOST" => raw.replay_at_most = Some(interval(&value)?),
        "UPKEEP_INTERVAL" => raw.upkeep_interval = Some(every(&value)?),
        "AS_OF" => raw.as_of = Some(as_of(&value)?),
        "SHARDS" => raw.shards = Some(count(&value)?),
        "CONFIG" | "LOG" => {} // read before these
        _ => return take_option(raw, name, value),
    }
    Ok(())
}

fn take_option(raw: &mut Raw, name: &str, value: String) -> std::result::Result<(), String> {
    if let Some(option) = name.strip_prefix("KAFKA_") {
        return put(&mut raw.kafka, option, value);
    }
    if let Some(option) = name.strip_prefix("STORE_") {
        return put(&mut raw.store, option, value);
    }
    let near =
        nearest(name, KNOWN.into_iter()).map(|near| format!(", did you mean CHUNFENG_{near}?"));
    Err(format!("no such setting{}", near.unwrap_or_default()))
}

fn put<P: Passed>(options: &mut P, rest: &str, value: String) -> std::result::Result<(), String> {
    let (rest, value) = match rest.strip_suffix("_FILE") {
        Some(option) if !P::names_a_file(&P::of_variable(rest)) => {
            (option, secret::read(Path::new(&value))?)
        }
        _ => (rest, value),
    };
    options.put(&P::of_variable(rest), value).map_err(|refused| match refused {
        Refused::Owned(why) => format!("not for you to set: {why}"),
        Refused::Unknown(near) => {
            let near = near.map(|near| format!(", did you mean {}?", P::variable(near)));
            format!("no such option{}", near.unwrap_or_default())
        }
    })
}
