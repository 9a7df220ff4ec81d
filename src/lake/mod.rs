//! The lake: one directory a pipeline, in it the ledger, which is the only truth, and what is derived from it.
//!
//! | table | one row is | layout |
//! |---|---|---|
//! | `ledger` | one consumed record, accepted or rejected | append; partitioned by `dt` of the record's timestamp |
//! | `roster` | one entity: its state's columns and its timeline | replaced, home by home |
//! | `panes` | a movement of a cell; only where several instances share the work | append; files by generation and home |
//! | `rates` | what a board published and had not published before | append; partitioned by `dt` of the as-of |
//!
//! Each ledger commit holds rows and, for every Kafka partition it advances, a Delta application transaction
//! `<pipeline>/<topic>/<partition>` with the next offset: both or neither. Only [`table`] knows deltalake, only
//! [`parquet_file`] knows Parquet. The room knows no Kafka and no clock.

mod closing;
mod counted;
mod error;
mod file_name;
mod home;
mod identity;
mod ledger;
mod ledger_read;
mod local;
mod location;
mod panes;
mod parquet_file;
mod patience;
#[cfg(test)]
pub(crate) mod planted;
mod rates;
mod recall;
mod rejects;
mod remote;
mod roster;
mod sample;
mod scan;
mod schema;
mod statistics;
mod storage_failure;
mod table;
mod upkeep;

#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use closing::Causes;
pub use counted::Counted;
pub use error::LakeError;
pub use home::Home;
pub use identity::Identity;
pub use ledger::{LedgerRows, RecordOutcome};
pub use location::Lake;
pub use panes::{Followed, Moved, PaneRows, PanesAdvance, PanesVersion, Reached};
pub use patience::{Patience, Watcher};
pub use rates::PublishedRates;
pub use recall::{InPanes, Recalled, Remembered, Scope};
pub use rejects::RejectRow;
pub use remote::{StoreOptionRefused, StoreOptions};
pub use roster::{RosterSnapshot, RosterWriter};
pub use sample::Sample;
pub use upkeep::TableUpkeep;

use self::table::{Change, NewFile, Table, TransactionMove};
use crate::board::Board;
use crate::decode::{Offset, TopicPartition};
use crate::spec::Pipeline;
use crate::time::{EventTime, LATEST};

/// A version of the ledger: how many commits it has had.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LedgerVersion(pub u64);

/// How far a commit moves a partition on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Advance {
    /// Where the ledger ends before; `None` where it holds nothing of the partition.
    pub from: Option<Offset>,
    /// Where it ends afterwards.
    pub to: Offset,
}

/// How much of a ledger's log this process reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Share {
    /// Every partition: nobody else may commit rows.
    Whole,
    /// Some of the partitions; others commit theirs.
    Part,
}

/// What came of a commit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LedgerCommit {
    /// The version it became.
    pub version: LedgerVersion,
    /// Partitions that somebody else has moved on: nothing of them was committed.
    pub lost: Vec<TopicPartition>,
}

/// One pipeline's tables.
#[derive(Clone)]
pub struct PipelineLake {
    pipeline: Arc<Pipeline>,
    ledger: Table,
    roster: Table,
    rates: Table,
    /// Whether what was published last was counted otherwise than now.
    is_recounted: bool,
    /// Open where several instances share the work.
    panes: Option<Table>,
}

impl PipelineLake {
    /// Opens the pipeline's tables for writing, creating what is missing. Refuses tables of another pipeline, another
    /// key, or another way of decoding.
    pub async fn open(
        lake: &Lake,
        pipeline: Arc<Pipeline>,
        identity: &Identity,
    ) -> Result<Self, LakeError> {
        let mut ledger = match Table::open(lake, &pipeline.name, "ledger").await? {
            Some(ledger) => ledger,
            None => {
                let (schema, properties) = (schema::ledger(), identity.properties());
                Table::create(lake, &pipeline.name, "ledger", &schema, Some("dt"), properties)
                    .await?
            }
        };
        let is_recounted = identity.counts_otherwise(&ledger);
        // Somebody else may have created it just before us.
        identity.admit(&mut ledger).await?;
        ledger.prove_put_if_absent().await?;
        let roster =
            open_derived(lake, &pipeline.name, "roster", &schema::roster(&pipeline), None).await?;
        let rates =
            open_derived(lake, &pipeline.name, "rates", &schema::rates(), Some("dt")).await?;
        Ok(Self { pipeline, ledger, roster, rates, is_recounted, panes: None })
    }

    /// Opens the tables of a pipeline as the lake itself describes it, for reading.
    pub async fn open_existing(lake: &Lake, name: &str) -> Result<Self, LakeError> {
        let missing = || LakeError::NoSuchPipeline { pipeline: name.to_owned() };
        let ledger = Table::open(lake, name, "ledger").await?.ok_or_else(missing)?;
        let pipeline = Arc::new(Identity::pipeline_of(&ledger)?);
        let roster = open_derived(lake, name, "roster", &schema::roster(&pipeline), None).await?;
        let rates = open_derived(lake, name, "rates", &schema::rates(), Some("dt")).await?;
        Ok(Self { pipeline, ledger, roster, rates, is_recounted: false, panes: None })
    }

    /// The pipeline.
    pub fn pipeline(&self) -> &Arc<Pipeline> {
        &self.pipeline
    }

    /// The ledger's version that this handle has seen.
    pub fn ledger_version(&self) -> LedgerVersion {
        self.ledger.version()
    }

    /// The key's fingerprint that the lake carries.
    pub fn key_fingerprint(&self) -> Option<String> {
        Identity::key_of(&self.ledger)
    }

    /// Where a partition goes on: behind the last record that the ledger holds of it.
    pub async fn next_offset(
        &self,
        partition: &TopicPartition,
    ) -> Result<Option<Offset>, LakeError> {
        let app_id = self.app_id(partition);
        Ok(self.ledger.transaction(&app_id).await?.map(Offset))
    }

    /// The newest event time of any fact in the ledger.
    pub async fn newest_event_time(&self) -> Result<Option<EventTime>, LakeError> {
        ledger_read::newest_event_time(&self.ledger).await
    }

    /// Whether the ledger describes its pipeline otherwise than when this was opened.
    pub async fn is_described_otherwise(&mut self) -> Result<bool, LakeError> {
        self.catch_up().await?;
        Ok(Identity::text_of(&self.ledger) != Some(&self.pipeline.source_text))
    }

    /// Goes on to the newest version of the rates.
    pub async fn catch_up_with_rates(&mut self) -> Result<(), LakeError> {
        self.rates.catch_up().await?;
        Ok(())
    }

    /// Goes on to the newest version of the ledger.
    pub async fn catch_up(&mut self) -> Result<(), LakeError> {
        self.ledger.catch_up().await?;
        Ok(())
    }

    /// Commits rows and offsets together (OFFSETS). Where the work is shared, partitions that do not end where their rows
    /// begin are lost and left out. Refused with [`LakeError::Fenced`] where somebody else has committed anything to a
    /// ledger that `share` says is ours alone.
    pub async fn commit(
        &mut self,
        rows: LedgerRows,
        advances: &BTreeMap<TopicPartition, Advance>,
        share: Share,
    ) -> Result<LedgerCommit, LakeError> {
        let mut runs = rows.into_runs(&self.pipeline)?;
        let mut files = self.put_rows(&runs).await?;
        let mut advances = advances.clone();
        let mut lost = Vec::new();
        // Others commit to partitions of theirs, where they share the log, and upkeep moves rows from file to file.
        // Whether our partitions are still ours is checked again, on what is there then.
        let tolerates = |change: &Change| share == Share::Part || change.is_upkeep();
        loop {
            let moves: Vec<_> =
                advances.iter().map(|(partition, to)| self.moved(partition, to)).collect();
            let error = match self.ledger.append(&files, &moves, &tolerates).await {
                Ok(version) => return Ok(LedgerCommit { version, lost }),
                Err(error) => error,
            };
            let gone = match (&error, share) {
                (LakeError::Fenced { .. }, Share::Part) => self.no_longer_at(&advances).await?,
                _ => return Err(error),
            };
            if gone.is_empty() {
                return Err(error);
            }
            runs.retain(|(_, partition), _| !gone.contains(partition));
            advances.retain(|partition, _| !gone.contains(partition));
            lost.extend(gone);
            if advances.is_empty() {
                return Ok(LedgerCommit { version: self.ledger.version(), lost });
            }
            files = self.put_rows(&runs).await?;
        }
    }

    async fn put_rows(&self, runs: &ledger::Runs) -> Result<Vec<NewFile>, LakeError> {
        let mut days: BTreeMap<i32, Vec<_>> = BTreeMap::new();
        for ((day, _), batch) in runs {
            days.entry(*day).or_default().push(batch.clone());
        }
        let mut files = Vec::new();
        for (day, batches) in days {
            let day = Some(("dt", schema::day_text(day)));
            files.push(self.ledger.put_file(day, "", batches).await?);
        }
        Ok(files)
    }

    fn moved(&self, partition: &TopicPartition, advance: &Advance) -> TransactionMove {
        TransactionMove {
            app_id: self.app_id(partition),
            from: advance.from.map(|offset| offset.0),
            to: advance.to.0,
        }
    }

    /// The partitions of the pipeline's topic that the ledger holds something of.
    pub async fn partitions(&self) -> Result<Vec<TopicPartition>, LakeError> {
        let places = self.ledger.files()?;
        let places = places.iter().filter_map(ledger_read::places);
        let most = places.map(|places| places.end().partition).max().unwrap_or(-1);
        let mut found = Vec::new();
        for number in 0..=most {
            let topic = self.pipeline.topic.as_str().into();
            let partition = TopicPartition { topic, partition: number };
            if self.next_offset(&partition).await?.is_some() {
                found.push(partition);
            }
        }
        Ok(found)
    }

    /// Whether the ledger has had no rows since `version`.
    async fn has_had_no_rows_since(&self, version: LedgerVersion) -> Result<bool, LakeError> {
        let changes = self.ledger.changes_after(version).await?;
        Ok(changes.is_some_and(|changes| !changes.iter().any(Change::brings_rows)))
    }

    /// The partitions that the ledger does not end where it would be moved on from.
    async fn no_longer_at(
        &self,
        advances: &BTreeMap<TopicPartition, Advance>,
    ) -> Result<Vec<TopicPartition>, LakeError> {
        let mut gone = Vec::new();
        #[cfg(test)]
        if planted::is(planted::Bug::ForgetsWhoOwnsWhat) {
            return Ok(gone);
        }
        for (partition, advance) in advances {
            if self.next_offset(partition).await? != advance.from {
                gone.push(partition.clone());
            }
        }
        Ok(gone)
    }

    /// What had been published last of every figure.
    pub async fn published(&self) -> Result<PublishedRates, LakeError> {
        self.published_by(LATEST).await
    }

    /// What had been published last of every figure by a moment of the publisher's clock.
    pub async fn published_by(&self, by: EventTime) -> Result<PublishedRates, LakeError> {
        rates::read_published(&self.rates, &self.pipeline, by).await
    }

    /// Appends what `board` publishes and had not been published before. Does nothing where nothing changed.
    pub async fn publish(
        &mut self,
        board: &Board,
        published: &mut PublishedRates,
        causes: Causes,
        published_at: EventTime,
    ) -> Result<(), LakeError> {
        let causes = if self.is_recounted { Causes::Recounted } else { causes };
        let news = published.changes(board, causes, published_at)?;
        let mut files = Vec::new();
        for (as_of, batch) in &news.batches {
            let day = Some(("dt", schema::day_text(as_of.utc_day())));
            files.push(self.rates.put_file(day, "", vec![batch.clone()]).await?);
        }
        if !files.is_empty() {
            self.rates.add_columns(&schema::rates()).await?;
            self.rates.append(&files, &[], Change::is_upkeep).await?;
        }
        published.remember(board, news);
        self.is_recounted = false;
        Ok(())
    }

    /// Every reject, in the order of the ledger's files.
    pub async fn rejects(&self) -> Result<Vec<RejectRow>, LakeError> {
        rejects::read(&self.ledger).await
    }

    fn app_id(&self, partition: &TopicPartition) -> String {
        format!("{}/{partition}", self.pipeline.name)
    }
}

async fn open_derived(
    lake: &Lake,
    pipeline: &str,
    name: &str,
    schema: &arrow::datatypes::Schema,
    partition: Option<&'static str>,
) -> Result<Table, LakeError> {
    match Table::open(lake, pipeline, name).await? {
        Some(table) => Ok(table),
        None => {
            let (property, value) = identity::REMEMBERS_REMOVALS;
            let properties = vec![(property.to_owned(), value.to_owned())];
            Table::create(lake, pipeline, name, schema, partition, properties).await
        }
    }
}
