//! `chunfeng run`: the real thing, in one process.

use clap::Args;

use super::instance::InstanceFlags;
use crate::engine::Publication;
use crate::error::Result;

/// Consume Kafka, keep the lake, publish the rates.
#[derive(Args)]
pub struct Run {
    #[command(flatten)]
    instance: InstanceFlags,
}

impl Run {
    pub fn run(&self) -> Result<()> {
        self.instance.feed(Publication::Boards)
    }
}
