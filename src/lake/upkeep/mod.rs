//! The upkeep of a pipeline's tables, beside everybody who commits: small files become large ones, checkpoints are
//! written, the log is trimmed, and what nobody needs any more is deleted.
//!
//! A pass may die at any moment, and two may run at once: each step is one commit that is checked on the snapshot it is
//! based on, or deletes what nothing refers to. What to do is decided by pure functions ([`compaction`], [`log`],
//! [`leftovers`]); here it is carried out. It does not know when the next pass is due.

mod compaction;
mod leftovers;
mod log;
mod merge;

use std::collections::HashSet;

use self::compaction::Group;
use super::local::sweep;
use super::table::{Object, Table, TransactionMove, failed};
use super::{Home, Lake, LakeError, LedgerVersion, PipelineLake, file_name, parquet_file};
use crate::time::EventTime;

/// What a pass did to a table.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct TableUpkeep {
    /// `ledger`, `roster` or `rates`.
    pub table: &'static str,
    /// How many data files it has now.
    pub files: usize,
    /// How many files were put together …
    pub merged: usize,
    /// … into how many.
    pub into: usize,
    /// Whether a checkpoint was written.
    pub checkpoint: bool,
    /// How many objects of the log were trimmed.
    pub trimmed: usize,
    /// How many data files that nobody needs any more were deleted.
    pub removed: usize,
    /// Whether another upkeep was at work on it, so that this one left off.
    pub yielded: bool,
}

/// What of a table may be touched.
struct Bounds {
    /// How its files are sorted; `None` where it is never compacted.
    keys: Option<&'static [&'static str]>,
    /// Files that stay as they are.
    untouchable: HashSet<String>,
    /// Log entries behind this version are somebody's.
    floor: u64,
}

impl PipelineLake {
    /// One pass over the pipeline's tables.
    pub async fn keep_up(
        &mut self,
        lake: &Lake,
        now: EventTime,
    ) -> Result<Vec<TableUpkeep>, LakeError> {
        if self.panes.is_none() {
            self.panes = Table::open(lake, &self.pipeline.name, "panes").await?;
        }
        let ledger = self.ledger_bounds().await?;
        let roster = Bounds { keys: None, untouchable: HashSet::new(), floor: u64::MAX };
        // A board's rows stay together, in the order in which it was published.
        let keys: Option<&[&str]> = Some(&["published_at", "as_of"]);
        let rates = Bounds { keys, untouchable: HashSet::new(), floor: u64::MAX };
        let mut done = vec![
            keep_up("ledger", &mut self.ledger, ledger, now).await?,
            keep_up("roster", &mut self.roster, roster, now).await?,
            keep_up("rates", &mut self.rates, rates, now).await?,
        ];
        if let Some(panes) = &mut self.panes {
            let keys: Option<&[&str]> = Some(&["measure", "area", "pane_end"]);
            let bounds = Bounds { keys, untouchable: HashSet::new(), floor: u64::MAX };
            done.push(keep_up("panes", panes, bounds, now).await?);
        }
        let folder = lake.table(&self.pipeline.name, ".")?;
        if let ("file", Ok(folder)) = (folder.scheme(), folder.to_file_path()) {
            sweep(folder, abandoned_before(now).seconds()).await;
        }
        Ok(done)
    }

    /// The version up to which every home's roster and panes reflect the ledger, so that nobody who recalls reads entries
    /// of its log, or the files they name, at or before it one by one. `None` where that cannot be said: then nothing is
    /// touched.
    async fn settled(&self) -> Result<Option<LedgerVersion>, LakeError> {
        let whole = self.roster_version(None).await?;
        let mut settled = self.refuse_elsewhere().map_or(whole, |()| Some(self.ledger.version()));
        for partition in self.partitions().await? {
            let home = Home::Partition(partition);
            let roster = self.roster_version(Some(&home)).await?.max(whole);
            let panes = self.panes_version(&home).await?;
            settled = settled.min(roster).min(panes.or(roster));
        }
        Ok(settled)
    }

    async fn ledger_bounds(&mut self) -> Result<Bounds, LakeError> {
        const KEYS: &[&str] = &["topic", "partition", "offset"];
        let settled = self.settled().await?;
        let tail = match settled {
            Some(version) => self.ledger.files_after(version).await?,
            None => None,
        };
        Ok(Bounds {
            keys: tail.is_some().then_some(KEYS),
            untouchable: tail.into_iter().flatten().map(|file| file.path).collect(),
            floor: settled.map_or(0, |version| version.0),
        })
    }
}

async fn keep_up(
    name: &'static str,
    table: &mut Table,
    bounds: Bounds,
    now: EventTime,
) -> Result<TableUpkeep, LakeError> {
    // What is not there yet cannot be left over.
    let mut objects = table.objects().await?;
    // Nothing is older than the storage itself says: a clock of ours that is ahead must not give up what is young.
    let newest = objects.iter().map(|object| object.modified).max();
    let now = newest.map_or(now, |newest| newest.min(now));
    let mut done = TableUpkeep { table: name, ..TableUpkeep::default() };
    let worked = async {
        if let Some(keys) = bounds.keys {
            compact(table, keys, &bounds.untouchable, &mut done).await?;
        }
        done.removed = remove_leftovers(table, &objects, now).await?;
        Ok(())
    };
    match worked.await {
        Err(LakeError::Fenced { .. }) => done.yielded = true,
        worked => worked?,
    }
    let version = table.version().0;
    if log::should_checkpoint(&objects, version) {
        table.write_checkpoint().await?;
        objects.push(log::checkpoint_object(version, now));
        done.checkpoint = true;
    }
    let trimmed = log::to_trim(&objects, version, bounds.floor, now);
    done.trimmed = table.delete(&trimmed).await?;
    done.files = table.files()?.len();
    Ok(done)
}

async fn compact(
    table: &mut Table,
    keys: &'static [&'static str],
    untouchable: &HashSet<String>,
    done: &mut TableUpkeep,
) -> Result<(), LakeError> {
    let app_id = table.upkeep_app_id();
    let mut left_at = table.transaction(&app_id).await?;
    let files = table.live_files().into_iter();
    let groups =
        compaction::groups(files.filter(|file| !untouchable.contains(&file.path)).collect());
    for group in groups {
        let partition = group.partition.clone().map(|value| ("dt", value));
        let rows = rows_of(table, &group, keys).await?;
        let file = table.put_file(partition, &group.folder, rows).await?;
        let to = left_at.unwrap_or(0) + 1;
        let owner = TransactionMove { app_id: app_id.clone(), from: left_at, to };
        let paths: HashSet<String> = group.paths.into_iter().collect();
        table.rewrite(&paths, &[file], &owner).await?;
        left_at = Some(to);
        (done.merged, done.into) = (done.merged + paths.len(), done.into + 1);
    }
    Ok(())
}

/// The rows of a group in one order. No more than a row group's.
async fn rows_of(
    table: &Table,
    group: &Group,
    keys: &'static [&'static str],
) -> Result<Vec<arrow::array::RecordBatch>, LakeError> {
    let damaged =
        |what: &str| LakeError::Damaged { table: table.name().to_owned(), what: what.to_owned() };
    let mut batches = Vec::new();
    for path in &group.paths {
        let bytes = table.read_path(path).await?.ok_or_else(|| damaged(path))?;
        if file_name::contradicts(path, &bytes) {
            return Err(damaged(path));
        }
        let decoded = parquet_file::decode_all(bytes);
        batches.extend(decoded.map_err(|error| failed(table.name(), "read a file", error))?);
    }
    let rows: usize = batches.iter().map(|batch| batch.num_rows()).sum();
    if rows as u64 != group.rows {
        return Err(damaged(&format!("{} rows of {} files", group.rows, group.paths.len())));
    }
    let merged = tokio::task::spawn_blocking(move || merge::merged(&batches, keys)).await;
    let merged = merged.map_err(|error| failed(table.name(), "sort rows", error))?;
    merged.map_err(|error| failed(table.name(), "sort rows", error))
}

/// Deletes data files that nobody needs any more. `objects` was listed before the newest version was looked at.
async fn remove_leftovers(
    table: &mut Table,
    objects: &[Object],
    now: EventTime,
) -> Result<usize, LakeError> {
    let until = abandoned_before(now);
    let doomed = async |table: &Table| -> Result<Vec<String>, LakeError> {
        let live = table.files()?.into_iter().map(|file| file.path).collect();
        let lately_live = table.removed_since(until).await?;
        Ok(leftovers::to_remove(objects, &live, &lately_live, until))
    };
    if doomed(table).await?.is_empty() {
        return Ok(0);
    }
    table.give_up_leftovers(until).await?;
    // Whoever committed one of them meanwhile did so before it was given up, and nobody does any more.
    let doomed = doomed(table).await?;
    table.delete(&doomed).await
}

fn abandoned_before(now: EventTime) -> EventTime {
    EventTime::from_seconds(now.seconds() - leftovers::AGE_SECONDS)
}
