//! Writes roster snapshots in the background, while the shards go on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Receiver, SyncSender};

use tokio::runtime::Handle;

use super::committer::ToCommitter;
use super::homes::Homes;
use super::shard::{EpochId, Part, Walked};
use crate::error::Result;
use crate::lake::{PipelineLake, RosterSnapshot, RosterWriter};
use crate::roster::HomeId;

/// Gathers what shards tell of their rosters, and writes it to files.
pub struct Snapshots {
    lakes: Vec<PipelineLake>,
    homes: Homes,
    shards: usize,
    runtime: Handle,
    /// By the epoch at whose end they began.
    writing: BTreeMap<EpochId, Writing>,
}

/// A snapshot that is being written.
#[derive(Default)]
struct Writing {
    lanes: BTreeMap<usize, RosterWriter>,
    done: usize,
    holds: EpochId,
    disturbed: BTreeSet<HomeId>,
}

/// A snapshot whose files are written.
pub struct Written {
    /// The epoch at whose end it began: it holds at least all of that.
    pub began: EpochId,
    /// The last epoch of which it may hold facts: it is not to be seen before that is committed.
    pub holds: EpochId,
    /// Homes that came or went while it was taken.
    pub disturbed: BTreeSet<HomeId>,
    /// By lane.
    pub lanes: BTreeMap<usize, RosterSnapshot>,
}

impl Snapshots {
    /// Writes to these tables, by lane.
    pub fn new(lakes: Vec<PipelineLake>, homes: Homes, shards: usize, runtime: Handle) -> Self {
        Self { lakes, homes, shards, runtime, writing: BTreeMap::new() }
    }

    /// Works until the shards have ended.
    pub fn run(
        &mut self,
        walked: Receiver<Walked>,
        committer: SyncSender<ToCommitter>,
    ) -> Result<()> {
        for walked in walked {
            if let Some(written) = self.step(walked)?
                && committer.send(ToCommitter::Snapshot(written)).is_err()
            {
                break; // the committer has failed, and says so itself
            }
        }
        Ok(())
    }

    /// Takes what a shard tells; returns the snapshot that it completes.
    pub fn step(&mut self, walked: Walked) -> Result<Option<Written>> {
        match walked {
            Walked::Part(part) => self.take(part).map(|()| None),
            Walked::Done { began, holds, disturbed } => {
                let writing = self.writing.entry(began).or_default();
                writing.done += 1;
                writing.holds = writing.holds.max(holds);
                writing.disturbed.extend(disturbed);
                match writing.done < self.shards {
                    true => Ok(None),
                    false => self.finish(began).map(Some),
                }
            }
        }
    }

    fn take(&mut self, part: Part) -> Result<()> {
        let lake = &self.lakes[part.lane];
        let writing = self.writing.entry(part.began).or_default();
        let new = || lake.roster_writer(part.as_of);
        let writer = writing.lanes.entry(part.lane).or_insert_with(new);
        for (home, entities) in part.entities {
            self.runtime.block_on(writer.push(&self.homes.home(home), &entities))?;
        }
        Ok(())
    }

    fn finish(&mut self, began: EpochId) -> Result<Written> {
        let Writing { lanes, holds, disturbed, .. } =
            self.writing.remove(&began).unwrap_or_default();
        let mut snapshots = BTreeMap::new();
        for (lane, writer) in lanes {
            snapshots.insert(lane, self.runtime.block_on(writer.finish())?);
        }
        Ok(Written { began, holds, disturbed, lanes: snapshots })
    }
}
