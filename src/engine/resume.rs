//! Where to go on, read from the ledgers themselves and nowhere else.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::runtime::Handle;

use super::sink::{Assigned, Assignment};
use super::{Engine, Publication};
use crate::decode::{Offset, TopicPartition};
use crate::error::Result;
use crate::lake::{Lake, PipelineLake};
use crate::spec::Pipeline;

/// Looks up offsets in the ledgers, afresh each time.
#[derive(Clone)]
pub struct Resume {
    lake: Lake,
    pipelines: Arc<[Arc<Pipeline>]>,
    publication: Publication,
    runtime: Handle,
    assignments: Arc<AtomicU64>,
}

/// One pipeline's lake as it was when partitions were assigned, and where they stood in it.
pub struct Found {
    /// The lake.
    pub lake: PipelineLake,
    /// Where the ledger ends, of the partitions that the pipeline reads.
    pub ends: BTreeMap<TopicPartition, Option<Offset>>,
}

impl Resume {
    /// Looks up an engine's ledgers.
    pub fn new(engine: &Engine, runtime: Handle) -> Self {
        Self {
            lake: engine.lake.clone(),
            pipelines: engine.pipelines.as_slice().into(),
            publication: engine.publication,
            runtime,
            assignments: Arc::default(),
        }
    }

    /// Where each pipeline's ledger ends, and where to begin so that none misses a record.
    pub fn look_up(&self, partitions: &[TopicPartition]) -> Result<(Assigned, Vec<Found>)> {
        let mut found = Vec::new();
        for pipeline in &*self.pipelines {
            let reads = |partition: &&TopicPartition| {
                partition.is_file() || *pipeline.topic == *partition.topic
            };
            found.push(self.runtime.block_on(async {
                let mut lake = PipelineLake::open_existing(&self.lake, &pipeline.name).await?;
                if self.publication == Publication::Panes {
                    lake = lake.with_panes(&self.lake).await?;
                }
                let mut ends = BTreeMap::new();
                for partition in partitions.iter().filter(reads) {
                    ends.insert(partition.clone(), lake.next_offset(partition).await?);
                }
                Ok::<_, crate::error::Error>(Found { lake, ends })
            })?);
        }
        let begin = |partition: &TopicPartition| {
            let ends = found.iter().filter_map(|found| found.ends.get(partition));
            // `None`, where a ledger holds nothing, is the least.
            (partition.clone(), ends.min().copied().flatten())
        };
        let begins = partitions.iter().map(begin).collect();
        let assignment = Assignment(self.assignments.fetch_add(1, Ordering::Relaxed) + 1);
        Ok((Assigned { assignment, begins }, found))
    }
}
