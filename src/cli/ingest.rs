//! `chunfeng ingest`: one of several instances that share the partitions; `chunfeng serve` publishes for all of them.

use clap::Args;

use super::instance::InstanceFlags;
use crate::engine::Publication;
use crate::error::Result;

/// Consume a share of Kafka's partitions and keep the lake; for several instances, beside `serve`.
#[derive(Args)]
pub struct Ingest {
    #[command(flatten)]
    instance: InstanceFlags,
}

impl Ingest {
    pub fn run(&self) -> Result<()> {
        self.instance.feed(Publication::Panes)
    }
}
