//! One pipeline's tables as the committer drives them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::EpochLane;
use crate::area::Boundaries;
use crate::board::Board;
use crate::decode::{Offset, TopicPartition};
use crate::engine::homes::Homes;
use crate::engine::shard::{EpochId, LaneClosing};
use crate::engine::snapshot::Written;
use crate::lake::{
    Causes, Home, LakeError, LedgerVersion, PanesAdvance, PipelineLake, PublishedRates, Reached,
    Recalled, Sample, Scope, Share,
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
    /// The partitions that are ours, as far as is known, and where the ledger ends then. Rows of others are not committed.
    owned: BTreeMap<TopicPartition, Option<Offset>>,
    /// The ledger version at which they were ours.
    verified: LedgerVersion,
    /// Where the panes table stands for the homes that are ours.
    panes: BTreeMap<Home, PanesAt>,
    /// Homes of which rows have been committed since the panes table was last told.
    moved: BTreeSet<Home>,
    samples: BTreeMap<Home, Sample>,
    /// Cells in which something was called off since the last publication.
    called_off: BTreeSet<Cell>,
    /// Snapshots that have begun and are not part of the roster yet.
    begun: BTreeMap<EpochId, Begun>,
    /// What turned out to be somebody else's, until the conductor has heard of it.
    lost: BTreeSet<TopicPartition>,
}

/// Where a home's panes stand.
#[derive(Clone, Copy)]
struct PanesAt {
    /// What the table says.
    held: Option<LedgerVersion>,
    /// Whether what moves goes on from there; otherwise everything is being told anew.
    from: Option<LedgerVersion>,
    /// Whether there is something that the table does not know yet: what was recalled, until the next closing.
    news: News,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum News {
    /// Something may be on its way.
    Awaited,
    /// The table knows all of it.
    Told,
}

struct Begun {
    scope: Scope,
    version: LedgerVersion,
    shared: usize,
}

impl Begun {
    /// Leaves a home out. Returns whether anything is left to take a snapshot of.
    fn gives_up(&mut self, home: &Home) -> bool {
        match &mut self.scope {
            Scope::Whole => false,
            Scope::Homes(homes) => {
                homes.retain(|one| one != home);
                !homes.is_empty()
            }
        }
    }
}

impl CommitterLane {
    pub fn new(tables: LaneLake, metrics: LaneMetrics, homes: Homes) -> Self {
        Self {
            verified: tables.lake.ledger_version(),
            tables,
            metrics,
            homes,
            owned: BTreeMap::new(),
            panes: BTreeMap::new(),
            moved: BTreeSet::new(),
            samples: BTreeMap::new(),
            called_off: BTreeSet::new(),
            begun: BTreeMap::new(),
            lost: BTreeSet::new(),
        }
    }

    /// What all shards say together.
    pub fn merged(closings: Vec<LaneClosing>) -> LaneClosing {
        let mut all = LaneClosing::default();
        for closing in closings {
            all.cells.extend(closing.cells);
            all.entities += closing.entities;
            all.shared += closing.shared;
            all.called_off.extend(closing.called_off);
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
        for (partition, begin) in begins {
            self.owned.entry(partition.clone()).or_insert(*begin);
        }
        self.catch_up().await
    }

    async fn catch_up(&mut self) -> Result<Vec<TopicPartition>, LakeError> {
        self.tables.lake.catch_up().await?;
        self.verify().await
    }

    /// Gives up what others have moved on by the ledger's version. What is derived from a partition's rows up to a version
    /// may say so only if all of them are ours.
    async fn verify(&mut self) -> Result<Vec<TopicPartition>, LakeError> {
        let lake = &self.tables.lake;
        let mut lost = Vec::new();
        for (partition, ended) in &self.owned {
            if lake.next_offset(partition).await? != *ended {
                lost.push(partition.clone());
            }
        }
        self.verified = lake.ledger_version();
        self.lose(&lost);
        Ok(lost)
    }

    /// Gives up what turned out to be somebody else's.
    fn lose(&mut self, partitions: &[TopicPartition]) {
        self.give_up(partitions);
        self.lost.extend(partitions.iter().cloned());
    }

    /// Gives partitions up as the conductor says.
    pub fn revoked(&mut self, partitions: &[TopicPartition]) {
        self.give_up(partitions);
        partitions.iter().for_each(|partition| _ = self.lost.remove(partition));
    }

    fn give_up(&mut self, partitions: &[TopicPartition]) {
        for partition in partitions {
            let home = Home::of(partition, self.tables.lake.pipeline());
            self.owned.remove(partition);
            self.panes.remove(&home);
            // A snapshot under way may hold facts of it that will not be committed here.
            self.begun.retain(|_, begun| begun.gives_up(&home));
        }
    }

    /// Homes have been recalled: their panes go on from there.
    pub fn recalled(&mut self, recalled: Vec<Recalled>) {
        for Recalled { home, held, panes } in recalled {
            // It may have turned out meanwhile that it is somebody else's.
            let is_ours = |partition| self.owned.contains_key(partition);
            if !matches!(&home, Home::Partition(partition) if is_ours(partition)) {
                continue;
            }
            self.panes.insert(home, PanesAt { held, from: panes, news: News::Awaited });
        }
    }

    /// Commits rows and offsets. Returns the partitions that are somebody else's now.
    pub async fn commit_ledger(
        &mut self,
        mut part: EpochLane,
        share: Share,
        now: EventTime,
    ) -> Result<Vec<TopicPartition>, LakeError> {
        let foreign: Vec<_> = part
            .advances
            .extract_if(.., |partition, _| !self.owned.contains_key(partition))
            .collect();
        foreign.iter().for_each(|(partition, _)| part.rows.drop_partition(partition));
        if part.advances.is_empty() {
            // A snapshot of what is idle is there to say that it holds for what others have committed, too.
            return match part.snapshot {
                Some(_) => self.catch_up().await,
                None => Ok(Vec::new()),
            };
        }
        let began = Instant::now();
        let lake = &mut self.tables.lake;
        let done = lake.commit(part.rows, &part.advances, share).await?;
        self.metrics.committed(began.elapsed(), now);
        for (partition, advance) in &part.advances {
            self.owned.insert(partition.clone(), Some(advance.to));
        }
        self.lose(&done.lost);
        let moved =
            part.advances.keys().map(|partition| Home::of(partition, self.tables.lake.pipeline()));
        self.moved.extend(moved);
        if done.version.0 <= self.verified.0 + 1 {
            self.verified = done.version;
            return Ok(done.lost);
        }
        // Others have committed in between.
        Ok([done.lost, self.verify().await?].concat())
    }

    /// A roster snapshot begins here. Of what has been lost and the conductor has not heard of it yet, it would claim a
    /// version that somebody else has made.
    pub fn snapshot_begins(&mut self, epoch: EpochId, scope: Scope, closing: &LaneClosing) {
        let version = self.tables.lake.ledger_version();
        let mut begun = Begun { scope, version, shared: closing.shared };
        let pipeline = self.tables.lake.pipeline();
        let mut lost = self.lost.iter().map(|partition| Home::of(partition, pipeline));
        if lost.all(|home| begun.gives_up(&home)) {
            self.begun.insert(epoch, begun);
        }
    }

    /// Tells the panes table what moved in homes that are ours. Returns the cells for a board.
    pub async fn commit_panes(
        &mut self,
        closing: LaneClosing,
        frontier: EventTime,
    ) -> Result<Vec<(Cell, Levels)>, LakeError> {
        self.metrics.entities(closing.entities);
        self.metrics.shared(closing.shared);
        self.called_off.extend(closing.called_off);
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
            // Where nothing moved, too, it is told how far that is true.
            if !rows.is_empty() || at.from.is_none() || self.moved.contains(home) {
                advances.insert(home.clone(), PanesAdvance { held: at.held, from: at.from, rows });
            }
        }
        self.moved.clear();
        self.panes.values_mut().for_each(|at| at.news = News::Told);
        self.advance_panes(advances, frontier).await?;
        Ok(closing.cells)
    }

    async fn advance_panes(
        &mut self,
        advances: BTreeMap<Home, PanesAdvance>,
        frontier: EventTime,
    ) -> Result<(), LakeError> {
        if advances.is_empty() {
            return Ok(());
        }
        let lake = &mut self.tables.lake;
        let ledger = lake.ledger_version();
        lake.commit_panes(&advances, Reached { frontier, ledger }).await?;
        let reached = PanesAt { held: Some(ledger), from: Some(ledger), news: News::Told };
        self.panes.extend(advances.into_keys().map(|home| (home, reached)));
        Ok(())
    }

    /// The board of what is committed.
    pub fn board(&self, cells: Vec<(Cell, Levels)>, as_of: EventTime) -> Board {
        let lake = &self.tables.lake;
        let (pipeline, version) = (lake.pipeline().clone(), Some(lake.ledger_version().0));
        Board::assemble(pipeline, Boundaries::Now, as_of, version, cells)
    }

    /// Appends a board's news to the rates.
    pub async fn publish(&mut self, board: &Board, now: EventTime) -> Result<(), LakeError> {
        let LaneLake { lake, published } = &mut self.tables;
        let called_off = std::mem::take(&mut self.called_off);
        lake.publish(board, published, Causes::Known(called_off), now).await
    }

    /// Makes what was written of this lane's roster part of it. A home that came or went meanwhile is left as it was; and
    /// so is everything where entities are known from several homes, unless all homes are written together: they would
    /// not be of one moment.
    pub async fn commit_snapshot(
        &mut self,
        lane: usize,
        written: &mut Written,
    ) -> Result<(), LakeError> {
        let (Some(begun), Some(snapshot)) =
            (self.begun.remove(&written.began), written.lanes.remove(&lane))
        else {
            return Ok(());
        };
        let disturbed: Vec<Home> =
            written.disturbed.iter().map(|home| self.homes.home(*home)).collect();
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
        let behind = behind.filter(|(_, at)| at.news == News::Told).map(nothing).collect();
        self.advance_panes(behind, EARLIEST).await?;
        self.tables.lake.replace_roster(&scope, snapshot, begun.version).await
    }
}
