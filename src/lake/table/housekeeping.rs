//! What upkeep does to a table besides moving rows: it looks at the folder, writes checkpoints, and deletes.
//!
//! It decides nothing: what to delete is told. Before a file that no commit names is deleted, the log says that such
//! files of that age are given up ([`Table::give_up_leftovers`]), and no commit brings one from then on.

use std::collections::HashSet;

use deltalake_core::checkpoints::create_checkpoint;
use deltalake_core::{DeltaTable, DeltaTableError, Path};
use futures::{StreamExt, TryStreamExt};

use super::{LakeError, NewFile, Table, TransactionMove};
use crate::time::EventTime;

/// A data file of the newest version, and what tells whether it is worth rewriting.
#[derive(Clone, Debug)]
pub struct LiveFile {
    /// Its path inside the table.
    pub path: String,
    /// The value of the partition column.
    pub partition: Option<String>,
    /// Its size.
    pub bytes: u64,
    /// When it was written, in milliseconds.
    pub modified: i64,
    /// The statistics in the log, as JSON.
    pub statistics: Option<String>,
}

/// An object in a table's folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Object {
    /// Its path inside the table.
    pub path: String,
    /// When it was written, by the storage's clock, rounded down.
    pub modified: EventTime,
}

impl NewFile {
    /// The same file, written so much earlier.
    #[cfg(test)]
    pub fn aged_by_days(mut self, days: i64) -> Self {
        self.0.modification_time -= days * 86_400_000;
        self
    }
}

impl Table {
    /// Every data file of this version.
    pub fn live_files(&self) -> Vec<LiveFile> {
        let files = self.state.snapshot().log_data();
        let file = |view: deltalake_core::kernel::LogicalFileView| LiveFile {
            path: view.object_store_path().to_string(),
            partition: view.partition_values_map().into_values().next().flatten(),
            bytes: view.size().unsigned_abs(),
            modified: view.modification_time(),
            statistics: view.stats(),
        };
        files.iter().map(file).collect()
    }

    /// Everything in the table's folder, whoever put it there.
    pub async fn objects(&self) -> Result<Vec<Object>, LakeError> {
        self.patiently("list its folder", async || {
            let objects = self.log_store.object_store(None).list(None);
            let object = |meta: object_store::ObjectMeta| Object {
                path: meta.location.to_string(),
                modified: EventTime::from_seconds(meta.last_modified.timestamp()),
            };
            Ok(objects.map_ok(object).try_collect().await?)
        })
        .await
    }

    /// The files that were taken out of the table at this moment or later, as far as the log remembers: somebody may
    /// still be reading them.
    pub async fn removed_since(&self, moment: EventTime) -> Result<HashSet<String>, LakeError> {
        self.patiently("read what was taken out", async || {
            let removed = self.state.all_tombstones(self.log_store.as_ref());
            let is_late = |at: Option<i64>| at.is_none_or(|at| at >= moment.seconds() * 1_000);
            removed
                .try_filter_map(async |file| {
                    let path = Path::from(&*file.path()).to_string();
                    Ok(is_late(file.deletion_timestamp()).then_some(path))
                })
                .try_collect()
                .await
        })
        .await
    }

    /// Writes a checkpoint of this version, from which readers begin.
    pub async fn write_checkpoint(&self) -> Result<(), LakeError> {
        self.patiently("write a checkpoint", async || {
            let mut table = DeltaTable::new(self.log_store.clone());
            table.load_version(self.state.version()).await?;
            create_checkpoint(&table, None).await
        })
        .await
    }

    /// Deletes objects; one that is gone already is as good. Returns how many there were.
    pub async fn delete(&self, paths: &[String]) -> Result<usize, LakeError> {
        let store = self.log_store.object_store(None);
        let doomed: Vec<_> = paths.iter().map(|path| Ok(Path::from(path.as_str()))).collect();
        let deleted = store.delete_stream(futures::stream::iter(doomed).boxed());
        let gone = deleted.filter_map(async |deleted| match deleted {
            Err(object_store::Error::NotFound { .. }) => None,
            deleted => Some(deleted.map_err(DeltaTableError::from)),
        });
        let gone: Vec<Path> = gone
            .try_collect()
            .await
            .map_err(|error| super::failed(&self.name, "delete what is not needed", error))?;
        Ok(gone.len())
    }

    /// Says in the log that files written before `until` that no commit names are given up. A commit that would bring one
    /// is refused from then on, so that they can be deleted: whatever holds it up for how long.
    pub async fn give_up_leftovers(&mut self, until: EventTime) -> Result<(), LakeError> {
        let app_id = self.leftovers_app_id();
        let from = self.transaction(&app_id).await?;
        if from.is_some_and(|from| from >= until.seconds()) {
            return Ok(());
        }
        let moved = TransactionMove { app_id, from, to: until.seconds() };
        self.rewrite(&HashSet::new(), &[], &moved).await
    }

    /// Refuses files that have been given up while their commit was held up.
    pub(super) async fn refuse_leftovers(&mut self, files: &[NewFile]) -> Result<(), LakeError> {
        let app_id = self.leftovers_app_id();
        let until = match self.transactions.get(&app_id) {
            Some(until) => *until,
            None => self.transaction(&app_id).await?.unwrap_or(i64::MIN),
        };
        self.transactions.insert(app_id, until);
        let until = until.saturating_mul(1_000);
        match files.iter().all(|file| file.0.modification_time >= until) {
            true => Ok(()),
            false => Err(LakeError::Fenced { table: self.name.clone() }),
        }
    }

    /// `<pipeline>/leftovers`: the moment, in seconds, before which files that no commit names are given up.
    fn leftovers_app_id(&self) -> String {
        format!("{}/{}", self.pipeline(), super::LEFTOVERS)
    }

    /// `<pipeline>/upkeep`: how many times rows have been moved from file to file.
    pub fn upkeep_app_id(&self) -> String {
        format!("{}/{}", self.pipeline(), super::UPKEEP)
    }

    fn pipeline(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }
}
