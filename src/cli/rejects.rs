//! `chunfeng rejects`: what was rejected and why, unsealed for whoever holds the key.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::visit::VisitFlags;
use crate::decode::Key;
use crate::error::Result;
use crate::lake::{PipelineLake, RejectRow};
use crate::settings::{self, Raw};

/// Show rejected records, unsealed with the key.
#[derive(Args)]
pub struct Rejects {
    #[command(flatten)]
    place: VisitFlags,
    /// The key the lake was made with; your own in ~/.config/chunfeng/key unless said.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

impl Rejects {
    pub fn run(&self) -> Result<()> {
        let visit = self.place.visit(Raw { key_file: self.key_file.clone(), ..Raw::default() })?;
        let key = settings::key(&visit.settings)?;
        let mut out = std::io::stdout().lock();
        for rejects in visit.ask_each(async |lake: PipelineLake| Ok(lake.rejects().await?)) {
            let (name, rejects) = rejects?;
            for reject in rejects {
                if writeln!(out, "{}", line(name, &reject, &key)).is_err() {
                    return Ok(()); // the reader has seen enough
                }
            }
        }
        Ok(())
    }
}

/// One reject as a line of JSON. Bytes that are no text are shown with replacement characters.
fn line(pipeline: &str, reject: &RejectRow, key: &Key) -> serde_json::Value {
    let mut line = json!({
        "pipeline": pipeline,
        "topic": &*reject.partition.topic,
        "partition": reject.partition.partition,
        "offset": reject.offset.0,
        "record_time": reject.record_time.to_string(),
        "reason": reject.reason,
    });
    match key.unseal(&reject.partition, reject.offset, &reject.sealed) {
        Ok(unsealed) => {
            let headers = unsealed.headers.iter();
            let headers =
                headers.map(|(name, value)| (name.clone(), String::from_utf8_lossy(value).into()));
            line["headers"] = serde_json::Value::Object(headers.collect());
            line["value"] = String::from_utf8_lossy(&unsealed.value).into();
        }
        Err(error) => line["sealed"] = error.to_string().into(),
    }
    line
}
