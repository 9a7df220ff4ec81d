//! One pipeline's tables as the committer drives them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::EpochLane;
use crate::area::AreaTree;
use crate::board::Board;
use crate::decode::{Offset, TopicPartition};
use crate::engine::homes::Homes;
use crate::engine::shard::{EpochId, LaneClosing};
use crate::engine::snapshot::Written;
#[cfg(test)]
use crate::lake::planted;
use crate::lake::{
    Home, LakeError, LedgerVersion, PanesAdvance, PipelineLake, PublishedRates, Reached, Recalled,
    Sample, Scope, Share,
};
use crate::panes::Levels;
use crate::steps::Cell;
use crate::telemetry::LaneMetrics;
use crate::time::{EARLIEST, EventTime};

/// A pipeline's tables, and what they have published.
pub struct LaneLake {
    /// The tables.
    pub lake: PipelineLake,
    /// What was published last.
    pub published: PublishedRates,
}

/// One lane of the committer.
pub struct CommitterLane {
    tables: LaneLake,
    metrics: LaneMetrics,
    homes: Homes,
    /// The partitions that are ours, as far as is known. Rows of others are not committed.
    owned: BTreeSet<TopicPartition>,
    /// Where the panes table stands for the homes that are ours.
    panes: BTreeMap<Home, PanesAt>,
    samples: BTreeMap<Home, Sample>,
    /// Snapshots that have begun and are not part of the roster yet.
    begun: BTreeMap<EpochId, Begun>,
}

/// Where a home's panes stand.
#[derive(Clone, Copy)]
struct PanesAt {
    /// What the table says.
    held: Option<LedgerVersion>,
    /// Whether what moves goes on from there; otherwise everything is being told anew.
    from: Option<LedgerVersion>,
}

struct Begun {
    scope: Scope,
    version: LedgerVersion,
    shared: usize,
}

impl CommitterLane {
    pub fn new(tables: LaneLake, metrics: LaneMetrics, homes: Homes) -> Self {
        Self {
            tables,
            metrics,
            homes,
            owned: BTreeSet::new(),
            panes: BTreeMap::new(),
            samples: BTreeMap::new(),
            begun: BTreeMap::new(),
        }
    }

    /// What all shards say together.
    pub fn merged(closings: Vec<LaneClosing>) -> LaneClosing {
        let mut all = LaneClosing::default();
        for closing in closings {
            all.cells.extend(closing.cells);
            all.entities += closing.entities;
            all.shared += closing.shared;
            for (home, rows) in closing.news {
                all.news.entry(home).or_default().extend(rows);
            }
            for (home, sample) in closing.samples {
                all.samples.entry(home).or_default().extend(&sample);
            }
        }
        all
    }

    /// Takes partitions on. Returns those that do not end where they were found to; what is ours already may have moved.
    pub async fn assigned(
        &mut self,
        begins: &BTreeMap<TopicPartition, Option<Offset>>,
    ) -> Result<Vec<TopicPartition>, LakeError> {
        let lake = &mut self.tables.lake;
        lake.catch_up().await?;
        let mut lost = Vec::new();
        for (partition, begin) in begins {
            if self.owned.contains(partition) {
                continue;
            }
            match lake.next_offset(partition).await? == *begin {
                true => _ = self.owned.insert(partition.clone()),
                false => lost.push(partition.clone()),
            }
        }
        Ok(lost)
    }

    /// Gives partitions up.
    pub fn revoked(&mut self, partitions: &[TopicPartition]) {
        for partition in partitions {
            self.owned.remove(partition);
            self.panes.remove(&Home::of(partition, self.tables.lake.pipeline()));
        }
    }

    /// Homes have been recalled: their panes go on from there.
    pub fn recalled(&mut self, recalled: Vec<Recalled>) {
        for Recalled { home, held, panes } in recalled {
            self.panes.insert(home, PanesAt { held, from: panes });
        }
    }

    /// Commits rows and offsets. Returns the partitions that are somebody else's now.
    pub async fn commit_ledger(
        &mut self,
        mut part: EpochLane,
        share: Share,
        now: EventTime,
    ) -> Result<Vec<TopicPartition>, LakeError> {
        let foreign: Vec<_> =
            part.advances.extract_if(.., |partition, _| !self.owned.contains(partition)).collect();
        foreign.iter().for_each(|(partition, _)| part.rows.drop_partition(partition));
        if part.advances.is_empty() {
            return Ok(Vec::new());
        }
        let began = Instant::now();
        let lake = &mut self.tables.lake;
        let done = lake.commit(part.rows, &part.advances, share).await?;
        self.metrics.committed(began.elapsed(), now);
        self.revoked(&done.lost);
        Ok(done.lost)
    }

    /// A roster snapshot begins here.
    pub fn snapshot_begins(&mut self, epoch: EpochId, scope: Scope, closing: &LaneClosing) {
        let version = self.tables.lake.ledger_version();
        self.begun.insert(epoch, Begun { scope, version, shared: closing.shared });
    }

    /// Tells the panes table what moved in homes that are ours. Returns the cells for a board.
    pub async fn commit_panes(
        &mut self,
        closing: LaneClosing,
        areas: &AreaTree,
        frontier: EventTime,
    ) -> Result<Vec<(Cell, Levels)>, LakeError> {
        self.metrics.entities(closing.entities);
        self.metrics.shared(closing.shared);
        let lake = &mut self.tables.lake;
        // A home whose sample is there has panes, or will have: nobody makes a board without them.
        for (home, sample) in closing.samples {
            let home = self.homes.home(home);
            let known = self.samples.entry(home.clone()).or_default();
            if known.extend(&sample) {
                lake.put_sample(&home, known).await?;
            }
        }
        let mut news = closing.news;
        let mut advances = BTreeMap::new();
        for (home, at) in &self.panes {
            let rows = news.remove(&self.homes.id(home)).unwrap_or_default();
            if !rows.is_empty() || at.from.is_none() {
                advances.insert(home.clone(), PanesAdvance { held: at.held, from: at.from, rows });
            }
        }
        self.advance_panes(advances, areas, frontier).await?;
        Ok(closing.cells)
    }

    async fn advance_panes(
        &mut self,
        advances: BTreeMap<Home, PanesAdvance>,
        areas: &AreaTree,
        frontier: EventTime,
    ) -> Result<(), LakeError> {
        if advances.is_empty() {
            return Ok(());
        }
        let lake = &mut self.tables.lake;
        let ledger = lake.ledger_version();
        lake.commit_panes(&advances, Reached { frontier, ledger }, areas).await?;
        let reached = PanesAt { held: Some(ledger), from: Some(ledger) };
        self.panes.extend(advances.into_keys().map(|home| (home, reached)));
        Ok(())
    }

    /// Makes the board, and appends its news to the rates.
    pub async fn publish(
        &mut self,
        cells: Vec<(Cell, Levels)>,
        areas: &AreaTree,
        as_of: EventTime,
        now: EventTime,
    ) -> Result<Board, LakeError> {
        let LaneLake { lake, published } = &mut self.tables;
        let version = Some(lake.ledger_version().0);
        let board = Board::assemble(lake.pipeline().clone(), areas, as_of, version, cells);
        lake.publish(&board, published, areas, now).await?;
        Ok(board)
    }

    /// Makes what was written of this lane's roster part of it. A home that came or went meanwhile is left as it was; and
    /// so is everything where entities are known from several homes, unless all homes are written together: they would
    /// not be of one moment.
    pub async fn commit_snapshot(
        &mut self,
        lane: usize,
        written: &mut Written,
        areas: &AreaTree,
    ) -> Result<(), LakeError> {
        let (Some(begun), Some(snapshot)) =
            (self.begun.remove(&written.began), written.lanes.remove(&lane))
        else {
            return Ok(());
        };
        let disturbed: Vec<Home> =
            written.disturbed.iter().map(|home| self.homes.home(*home)).collect();
        #[cfg(test)]
        let disturbed = match planted::is(planted::Bug::KeepsDisturbedHomes) {
            true => Vec::new(),
            false => disturbed,
        };
        let scope = match begun.scope {
            Scope::Whole if disturbed.is_empty() => Scope::Whole,
            Scope::Homes(homes) if begun.shared == 0 => {
                Scope::Homes(homes.into_iter().filter(|home| !disturbed.contains(home)).collect())
            }
            _ => return Ok(()),
        };
        let snapshot = snapshot.of(&scope);
        // Panes that had nothing to say for long stand where they last did. The roster may not be ahead of them.
        let behind = self.panes.iter().filter(|(_, at)| at.held < Some(begun.version));
        let nothing = |(home, at): (&Home, &PanesAt)| {
            let advance = PanesAdvance { held: at.held, from: at.from, ..PanesAdvance::default() };
            (home.clone(), advance)
        };
        let behind = behind.filter(|(_, at)| at.from.is_some()).map(nothing).collect();
        self.advance_panes(behind, areas, EARLIEST).await?;
        self.tables.lake.replace_roster(&scope, snapshot, begun.version).await
    }
}
