//! Where to go on, read from the ledgers themselves and nowhere else.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;

use crate::decode::{Offset, TopicPartition};
use crate::error::Result;
use crate::lake::{Lake, LakeError, LedgerVersion, PipelineLake};
use crate::spec::Pipeline;

/// Looks up offsets in the ledgers, afresh each time.
#[derive(Clone)]
pub struct Resume {
    lake: Lake,
    pipelines: Arc<[Arc<Pipeline>]>,
    runtime: Handle,
    /// The version of each ledger that this engine has recovered from or committed.
    known: Arc<Mutex<Vec<LedgerVersion>>>,
}

impl Resume {
    /// Looks up these pipelines' ledgers, which the engine knows up to these versions.
    pub fn new(
        lake: Lake,
        pipelines: &[Arc<Pipeline>],
        runtime: Handle,
        known: Vec<LedgerVersion>,
    ) -> Self {
        Self { lake, pipelines: pipelines.into(), runtime, known: Arc::new(Mutex::new(known)) }
    }

    /// Notes that the engine has committed to a pipeline's ledger.
    pub fn committed(&self, pipeline: usize, version: LedgerVersion) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)[pipeline] = version;
    }

    /// Refuses to go on where another process has committed facts that this engine's timelines lack. Call it when all
    /// of the engine's own commits are done.
    pub fn refuse_foreign_commits(&self) -> Result<()> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for (pipeline, known) in self.pipelines.iter().zip(known) {
            let lake =
                self.runtime.block_on(PipelineLake::open_existing(&self.lake, &pipeline.name))?;
            if !self.runtime.block_on(lake.says_the_same_as_at(known))? {
                return Err(LakeError::Fenced { table: format!("{}/ledger", pipeline.name) }.into());
            }
        }
        Ok(())
    }

    /// Behind what the ledgers of all pipelines that read this partition hold; `None` where one of them holds nothing.
    pub fn begin(&self, partition: &TopicPartition) -> Result<Option<Offset>> {
        let mut least = None;
        for index in (0..self.pipelines.len()).filter(|index| self.reads(*index, partition)) {
            let Some(next) = self.next_offset(index, partition)? else {
                return Ok(None);
            };
            least = Some(least.map_or(next, |least: Offset| least.min(next)));
        }
        Ok(least)
    }

    /// Behind what one pipeline's ledger holds.
    pub fn next_offset(
        &self,
        pipeline: usize,
        partition: &TopicPartition,
    ) -> Result<Option<Offset>> {
        let name = &self.pipelines[pipeline].name;
        self.runtime.block_on(async {
            let lake = PipelineLake::open_existing(&self.lake, name).await?;
            Ok(lake.next_offset(partition).await?)
        })
    }

    /// Whether a pipeline reads this partition at all.
    pub fn reads(&self, pipeline: usize, partition: &TopicPartition) -> bool {
        partition.is_file() || self.pipelines[pipeline].topic == *partition.topic
    }
}
