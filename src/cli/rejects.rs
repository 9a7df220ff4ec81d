//! `chunfeng rejects`: what was rejected and why, unsealed for whoever holds the key.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::LakeFlags;
use crate::decode::Key;
use crate::error::Result;
use crate::lake::{PipelineLake, RejectRow};
use crate::settings::{self, Raw};

/// Show rejected records, unsealed with the key.
#[derive(Args)]
pub struct Rejects {
    #[command(flatten)]
    place: LakeFlags,
    /// The key the lake was made with; your own in ~/.config/chunfeng/key unless said.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Only this pipeline.
    #[arg(long, value_name = "P")]
    pipeline: Option<String>,
}

impl Rejects {
    pub fn run(&self) -> Result<()> {
        let flags = Raw { key_file: self.key_file.clone(), ..Raw::default() };
        let settings = self.place.load(flags)?;
        let key = settings::key(&settings)?;
        let lake = settings.lake()?;
        let runtime = super::runtime()?;
        let names = match &self.pipeline {
            Some(name) => vec![name.clone()],
            None => runtime.block_on(lake.pipelines())?,
        };
        let mut out = std::io::stdout().lock();
        for name in names {
            let rejects = runtime.block_on(async {
                PipelineLake::open_existing(&lake, &name).await?.rejects().await
            });
            for reject in rejects? {
                if writeln!(out, "{}", line(&name, &reject, &key)).is_err() {
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
