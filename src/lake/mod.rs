//! The lake: one directory a pipeline, in it the ledger, which is the only truth, and what is derived from it.
//!
//! | table | one row is | layout |
//! |---|---|---|
//! | `ledger` | one consumed record, accepted or rejected | append; partitioned by `dt` of the record's timestamp |
//! | `roster` | one entity: its state's columns and its timeline | replaced whole |
//! | `rates` | what a board published and had not published before | append; partitioned by `dt` of the as-of |
//!
//! Each ledger commit holds rows and, for every Kafka partition it advances, a Delta application transaction
//! `<pipeline>/<topic>/<partition>` with the next offset: both or neither. Only [`table`] knows deltalake, only
//! [`parquet_file`] knows Parquet. The room knows no Kafka and no clock.

mod error;
mod identity;
mod ledger;
mod ledger_read;
mod local;
mod location;
mod parquet_file;
mod patience;
mod rates;
mod rejects;
mod roster;
mod scan;
mod schema;
mod statistics;
mod table;
mod upkeep;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use error::LakeError;
pub use identity::Identity;
pub use ledger::{LedgerRows, RecordOutcome};
pub use location::Lake;
pub use patience::{Patience, Watcher};
pub use rates::PublishedRates;
pub use rejects::RejectRow;
pub use roster::RosterRows;
pub use upkeep::TableUpkeep;

use self::table::{Change, Table, TransactionMove};
use crate::area::AreaTree;
use crate::board::Board;
use crate::decode::{Offset, TopicPartition};
use crate::roster::{FactHead, Timeline, Token};
use crate::spec::Pipeline;
use crate::time::EventTime;

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

/// One pipeline's tables.
pub struct PipelineLake {
    pipeline: Arc<Pipeline>,
    ledger: Table,
    roster: Table,
    rates: Table,
}

/// Receives what the lake remembers, entity by entity and fact by fact, in any order.
pub trait Remembered {
    /// A whole timeline from the roster.
    fn timeline(&mut self, entity: Token, timeline: Timeline);
    /// One fact from the ledger's tail, joined to whatever is there.
    fn fact(&mut self, entity: Token, head: FactHead, fields: &[u64]);
}

impl PipelineLake {
    /// Opens the pipeline's tables for writing, creating what is missing. Refuses tables of another pipeline, another
    /// key, or another way of decoding.
    pub async fn open(
        lake: &Lake,
        pipeline: Arc<Pipeline>,
        identity: &Identity,
    ) -> Result<Self, LakeError> {
        let ledger = match Table::open(lake, &pipeline.name, "ledger").await? {
            Some(mut ledger) => {
                identity.admit(&mut ledger).await?;
                ledger
            }
            None => {
                let properties = identity.properties();
                Table::create(
                    lake,
                    &pipeline.name,
                    "ledger",
                    &schema::ledger(),
                    Some("dt"),
                    properties,
                )
                .await?
            }
        };
        let roster =
            open_derived(lake, &pipeline.name, "roster", &schema::roster(&pipeline), None).await?;
        let rates =
            open_derived(lake, &pipeline.name, "rates", &schema::rates(), Some("dt")).await?;
        Ok(Self { pipeline, ledger, roster, rates })
    }

    /// Opens the tables of a pipeline as the lake itself describes it, for reading.
    pub async fn open_existing(lake: &Lake, name: &str) -> Result<Self, LakeError> {
        let missing = || LakeError::NoSuchPipeline { pipeline: name.to_owned() };
        let ledger = Table::open(lake, name, "ledger").await?.ok_or_else(missing)?;
        let pipeline = Arc::new(Identity::pipeline_of(&ledger)?);
        let roster = open_derived(lake, name, "roster", &schema::roster(&pipeline), None).await?;
        let rates = open_derived(lake, name, "rates", &schema::rates(), Some("dt")).await?;
        Ok(Self { pipeline, ledger, roster, rates })
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

    /// Commits rows and offsets together (OFFSETS). Refused with [`LakeError::Fenced`] where a partition does not end
    /// where its rows begin, and where somebody else has committed rows to a ledger that `share` says is ours alone.
    pub async fn commit(
        &mut self,
        rows: LedgerRows,
        advances: &BTreeMap<TopicPartition, Advance>,
        share: Share,
    ) -> Result<LedgerVersion, LakeError> {
        let mut files = Vec::new();
        for (day, batches) in rows.into_days(&self.pipeline)? {
            files.push(
                self.ledger.put_file(Some(("dt", schema::day_text(day))), batches, &[]).await?,
            );
        }
        let moves = advances.iter().map(|(partition, advance)| TransactionMove {
            app_id: self.app_id(partition),
            from: advance.from.map(|offset| offset.0),
            to: advance.to.0,
        });
        let moves: Vec<_> = moves.collect();
        // Others commit to partitions of theirs, where they share the log, and upkeep moves rows from file to file.
        // Whether our partitions are still ours is checked again, on what is there now.
        let tolerates = |change: &Change| share == Share::Part || change.is_upkeep();
        self.ledger.append(&files, &moves, tolerates).await
    }

    /// Whether the ledger says what it said at `version`: nobody but upkeep has committed since.
    pub async fn says_the_same_as_at(&self, version: LedgerVersion) -> Result<bool, LakeError> {
        if self.ledger.version() < version {
            return Ok(false);
        }
        let changes = self.ledger.changes_after(version).await?;
        Ok(changes.is_some_and(|changes| changes.iter().all(Change::is_upkeep)))
    }

    /// Tells `remembered` everything up to the ledger's version: the newest roster snapshot, then the ledger behind it.
    /// Returns how many facts came from the ledger.
    pub async fn recall(
        &self,
        areas: &AreaTree,
        remembered: &mut impl Remembered,
    ) -> Result<u64, LakeError> {
        let snapshot = self.roster_version().await?;
        let behind = match snapshot {
            Some(version) => self.ledger.files_after(version).await?,
            None => None,
        };
        let files = match behind {
            Some(files) => {
                roster::load(&self.roster, remembered).await?;
                files
            }
            None => self.ledger.files()?,
        };
        ledger_read::facts(&self.ledger, &files, &self.pipeline, areas, remembered).await
    }

    /// Replaces the roster by a snapshot that reflects the ledger at `version` (ORDER: never more than the ledger).
    pub async fn replace_roster(
        &mut self,
        rows: RosterRows,
        version: LedgerVersion,
    ) -> Result<(), LakeError> {
        let mut files = Vec::new();
        for batch in rows.into_batches() {
            files.push(self.roster.put_file(None, vec![batch], &[]).await?);
        }
        let reflects = (self.roster_app_id(), version.0 as i64);
        self.roster.replace(&files, reflects, Change::is_upkeep).await
    }

    /// What had been published last of every figure.
    pub async fn published(&self, areas: &AreaTree) -> Result<PublishedRates, LakeError> {
        rates::read_published(&self.rates, &self.pipeline, areas).await
    }

    /// Appends what `board` publishes and had not been published before. Does nothing where nothing changed.
    pub async fn publish(
        &mut self,
        board: &Board,
        published: &mut PublishedRates,
        areas: &AreaTree,
        published_at: EventTime,
    ) -> Result<(), LakeError> {
        let Some(batch) = published.changes(board, areas, published_at)? else {
            return Ok(());
        };
        let day = Some(("dt", schema::day_text(board.as_of.utc_day())));
        let file = self.rates.put_file(day, vec![batch], &[]).await?;
        self.rates.append(&[file], &[], Change::is_upkeep).await?;
        published.remember(board);
        Ok(())
    }

    /// Every reject, in the order of the ledger's files.
    pub async fn rejects(&self) -> Result<Vec<RejectRow>, LakeError> {
        rejects::read(&self.ledger).await
    }

    fn app_id(&self, partition: &TopicPartition) -> String {
        format!("{}/{partition}", self.pipeline.name)
    }

    /// Names what timelines keep: a roster that kept otherwise is not found, and so is rebuilt from the ledger.
    fn roster_app_id(&self) -> String {
        format!("{}/ledger-version/{}", self.pipeline.name, self.pipeline.keeping_fingerprint())
    }

    /// The ledger version the roster reflects.
    async fn roster_version(&self) -> Result<Option<LedgerVersion>, LakeError> {
        let version = self.roster.transaction(&self.roster_app_id()).await?;
        Ok(version
            .map(|version| LedgerVersion(version as u64))
            .filter(|version| *version <= self.ledger.version()))
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
