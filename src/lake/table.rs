//! One Delta table: the only file that knows deltalake.
//!
//! Commits are strict compare-and-set: they are based on the snapshot this handle holds and refused when the table has
//! moved since, so what was checked on the snapshot still holds in the commit. A commit whose answer was lost is
//! recognised by its name, so that it is neither repeated nor taken for another's. Checkpoints are written as deltalake does
//! by default; its clean-up of expired logs, which lists the whole log at every commit, is off. What others commit
//! meanwhile is [`meanwhile`]'s business, and [`rewriting`]'s to move rows beside them.

mod housekeeping;
mod meanwhile;
mod rewriting;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType as ArrowType, Schema};
use bytes::Bytes;
use deltalake_core::kernel::transaction::{CommitBuilder, CommitProperties, TransactionError};
use deltalake_core::kernel::{Action, Add, DataType, StructField, Transaction};
use deltalake_core::logstore::{
    LogStoreRef, StorageConfig, commit_uri_from_version, default_logstore, get_actions,
};
use deltalake_core::operations::create::CreateBuilder;
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use deltalake_core::table::state::DeltaTableState;
use deltalake_core::{DeltaTable, DeltaTableError, Path};
use futures::TryStreamExt;
use object_store::{Error as StorageError, ObjectStoreExt, PutMode};
use uuid::Uuid;

use super::storage_failure::{is_missing, may_pass};
use super::{Lake, LakeError, LedgerVersion, Patience, file_name, parquet_file};

pub(super) use self::housekeeping::{LiveFile, Object};
pub(super) use self::meanwhile::Change;
pub(super) use deltalake_core::logstore::ObjectStoreRef;

/// Under this key a commit carries a name that no other has.
const COMMIT_NAME: &str = "chunfeng.commit";

/// The transaction of whoever moves rows from file to file.
const UPKEEP: &str = "upkeep";
/// The transaction that says which files are given up.
const LEFTOVERS: &str = "leftovers";

/// A data file of a table.
#[derive(Clone, Debug)]
pub(super) struct DataFile {
    /// Its path inside the table.
    pub path: String,
    /// The statistics in the log, as JSON.
    pub statistics: Option<String>,
    /// The version that added it, where that is known.
    pub version: Option<LedgerVersion>,
}

impl DataFile {
    /// How many rows it has, by the log.
    pub fn rows(&self) -> Option<usize> {
        let statistics: serde_json::Value =
            serde_json::from_str(self.statistics.as_deref()?).ok()?;
        Some(statistics["numRecords"].as_u64()? as usize)
    }
}

/// A data file that is written and not yet committed.
#[derive(Clone)]
pub(super) struct NewFile(Add);

/// An application transaction that a commit moves on.
pub(super) struct TransactionMove {
    /// Whose it is.
    pub app_id: String,
    /// Where it stands before; `None` where there is none.
    pub from: Option<i64>,
    /// Where it stands afterwards.
    pub to: i64,
}

/// A Delta table at some version.
#[derive(Clone)]
pub(super) struct Table {
    name: String,
    log_store: LogStoreRef,
    patience: Patience,
    state: DeltaTableState,
    /// The application transactions that this handle has moved, as they stand in its snapshot.
    transactions: BTreeMap<String, i64>,
    /// Files that the last replacement took out of the table, and a reader may still be reading.
    replaced: Vec<Path>,
}

impl Table {
    /// Opens a table; `None` where there is none.
    pub async fn open(lake: &Lake, pipeline: &str, table: &str) -> Result<Option<Self>, LakeError> {
        let name = format!("{pipeline}/{table}");
        let log_store =
            log_store(lake, pipeline, table).map_err(|error| failed(&name, "open", error))?;
        let look = async || {
            let is_there = log_store.is_delta_table_location().await;
            if !is_there.map_err(|error| not_reached(lake, &name, "open", error))? {
                return Ok(None);
            }
            load(&log_store, None).await.map(Some).map_err(|error| failed(&name, "open", error))
        };
        let found = lake.patience().spend(&name, look).await?;
        Ok(found.map(|state| Self::at(lake, name.clone(), log_store.clone(), state)))
    }

    fn at(lake: &Lake, name: String, log_store: LogStoreRef, state: DeltaTableState) -> Self {
        let (patience, transactions, replaced) = (lake.patience(), BTreeMap::new(), Vec::new());
        Self { name, log_store, patience, state, transactions, replaced }
    }

    /// Creates a table with this schema, partitioned by at most one column, and these properties of ours. Who finds it
    /// there has lost a race, or the answer to a try before.
    pub async fn create(
        lake: &Lake,
        pipeline: &str,
        table: &str,
        schema: &Schema,
        partition: Option<&'static str>,
        properties: Vec<(String, String)>,
    ) -> Result<Self, LakeError> {
        let name = format!("{pipeline}/{table}");
        let log_store =
            log_store(lake, pipeline, table).map_err(|error| failed(&name, "create", error))?;
        let configuration = || properties.iter().cloned().map(|(key, value)| (key, Some(value)));
        let attempt = async || -> Result<DeltaTableState, DeltaTableError> {
            if log_store.is_delta_table_location().await? {
                return load(&log_store, None).await;
            }
            let created = CreateBuilder::new()
                .with_log_store(log_store.clone())
                .with_columns(schema.fields().iter().map(kernel_field))
                .with_partition_columns(partition)
                .with_configuration(configuration())
                .with_raise_if_key_not_exists(false)
                // Delta would create it once more, as the version behind the other's.
                .with_commit_properties(CommitProperties::default().with_max_retries(0))
                .await;
            match created {
                Ok(created) => created.snapshot().cloned(),
                Err(_) if log_store.is_delta_table_location().await? => {
                    load(&log_store, None).await
                }
                Err(error) => Err(error),
            }
        };
        let told = |error| not_reached(lake, &name, "create", error);
        let created = lake.patience().spend(&name, async || attempt().await.map_err(told)).await?;
        Ok(Self::at(lake, name.clone(), log_store.clone(), created))
    }

    /// `<pipeline>/<table>`, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version this handle is at.
    pub fn version(&self) -> LedgerVersion {
        LedgerVersion(self.state.version())
    }

    /// A property of ours.
    pub fn property(&self, key: &str) -> Option<&String> {
        self.state.metadata().configuration().get(key)
    }

    /// Changes properties of ours.
    pub async fn set_properties(
        &mut self,
        properties: Vec<(String, String)>,
    ) -> Result<(), LakeError> {
        self.state = self
            .patiently("change its properties", async || {
                let mut table = DeltaTable::new(self.log_store.clone());
                table.load().await?;
                let changed = table
                    .set_tbl_properties()
                    .with_properties(properties.iter().cloned().collect())
                    .with_raise_if_not_exists(false)
                    .await?;
                changed.snapshot().cloned()
            })
            .await?;
        Ok(())
    }

    /// Refuses a storage that overwrites where it should refuse: two processes could overwrite each other's commits
    /// there. It is asked to put the newest entry of the log once more, as it is, so that nothing changes in any case.
    pub async fn prove_put_if_absent(&self) -> Result<(), LakeError> {
        let (store, newest) = (self.log_store.object_store(None), self.state.version());
        let refuses = self
            .patiently("see what it refuses to overwrite", async || {
                let Some(entry) = self.log_store.read_commit_entry(newest).await? else {
                    return Ok(true);
                };
                let path = commit_uri_from_version(Some(newest));
                match store.put_opts(&path, entry.into(), PutMode::Create.into()).await {
                    Ok(_) => Ok(false),
                    Err(StorageError::AlreadyExists { .. }) => Ok(true),
                    Err(error) => Err(error.into()),
                }
            })
            .await?;
        match refuses {
            true => Ok(()),
            false => Err(LakeError::Overwriting { table: self.name.clone() }),
        }
    }

    /// The version of an application transaction on this very snapshot. Refused where the log has been trimmed behind it.
    pub async fn transaction(&self, app_id: &str) -> Result<Option<i64>, LakeError> {
        let read = async || {
            self.state.transaction_version(self.log_store.as_ref(), app_id.to_owned()).await
        };
        match self.patiently("read its transactions", read).await {
            Err(LakeError::Table { .. }) if self.is_left_behind(self.version().0 + 1).await => {
                Err(LakeError::Fenced { table: self.name.clone() })
            }
            read => read,
        }
    }

    /// Writes a data file, in `folder` below that of its partition value. It is part of the table only once it is
    /// committed.
    pub async fn put_file(
        &self,
        partition: Option<(&str, String)>,
        folder: &str,
        batches: Vec<RecordBatch>,
    ) -> Result<NewFile, LakeError> {
        let encoded = tokio::task::spawn_blocking(move || parquet_file::encode(&batches)).await;
        let encoded = encoded.map_err(|error| failed(&self.name, "encode a file", error))?;
        let file = encoded.map_err(|error| failed(&self.name, "encode a file", error))?;
        let of_partition = partition
            .as_ref()
            .map(|(column, value)| format!("{column}={value}/"))
            .unwrap_or_default();
        let path = format!("{of_partition}{folder}{}", file_name::of(&file.bytes));
        let size = file.bytes.len() as i64;
        let modified = self
            .patiently("write a file", async || {
                let (store, location) = (self.log_store.object_store(None), Path::from(&*path));
                store.put(&location, file.bytes.clone().into()).await?;
                Ok(store.head(&location).await?.last_modified)
            })
            .await?;
        let partition_values =
            partition.into_iter().map(|(column, value)| (column.to_owned(), Some(value))).collect();
        Ok(NewFile(Add {
            path,
            size,
            partition_values,
            modification_time: modified.timestamp_millis(),
            data_change: true,
            stats: Some(file.statistics),
            tags: None,
            deletion_vector: None,
            base_row_id: None,
            default_row_commit_version: None,
            clustering_provider: None,
        }))
    }

    /// Adds files and moves application transactions on, in one commit. Refused where one of them is not where it is to
    /// be moved from, on the very snapshot the commit is based on, and where others have committed what is not tolerated.
    pub async fn append(
        &mut self,
        files: &[NewFile],
        moves: &[TransactionMove],
        tolerates: impl Fn(&Change) -> bool,
    ) -> Result<LedgerVersion, LakeError> {
        loop {
            match self.append_here(files, moves).await {
                Err(LakeError::Fenced { .. }) if self.catch_up(&tolerates).await? => {}
                done => return done,
            }
        }
    }

    async fn append_here(
        &mut self,
        files: &[NewFile],
        moves: &[TransactionMove],
    ) -> Result<LedgerVersion, LakeError> {
        self.refuse_leftovers(files).await?;
        self.check(moves).await?;
        let actions = files.iter().map(|file| Action::Add(file.0.clone())).collect();
        self.commit(actions, moves, writing(SaveMode::Append)).await
    }

    /// Takes out the files below some folders (the empty one is the table's own), adds files, and moves transactions on,
    /// in one commit, beside whatever others commit to folders of theirs. What was taken out is deleted at the next but
    /// one replacement, so that a reader has time to finish.
    pub async fn replace(
        &mut self,
        folders: &[String],
        files: &[NewFile],
        moves: &[TransactionMove],
    ) -> Result<(), LakeError> {
        loop {
            match self.replace_here(folders, files, moves).await {
                Ok(replaced) => {
                    if !replaced.is_empty() {
                        self.delete_replaced_before(replaced).await;
                    }
                    return Ok(());
                }
                Err(LakeError::Fenced { .. }) if self.catch_up(|_| true).await? => {}
                Err(error) => return Err(error),
            }
        }
    }

    async fn replace_here(
        &mut self,
        folders: &[String],
        files: &[NewFile],
        moves: &[TransactionMove],
    ) -> Result<Vec<Path>, LakeError> {
        self.refuse_leftovers(files).await?;
        self.check(moves).await?;
        let live = self.state.snapshot().log_data();
        let is_replaced =
            |path: &Path| folders.iter().any(|folder| path.as_ref().starts_with(folder));
        let old = || live.iter().filter(|file| is_replaced(&file.object_store_path()));
        let replaced: Vec<Path> = old().map(|file| file.object_store_path()).collect();
        let removals = old().map(|file| Action::Remove(file.remove_action(true)));
        let additions = files.iter().map(|file| Action::Add(file.0.clone()));
        let actions = removals.chain(additions).collect();
        let mode = if replaced.is_empty() { SaveMode::Append } else { SaveMode::Overwrite };
        self.commit(actions, moves, writing(mode)).await?;
        Ok(replaced)
    }

    async fn check(&self, moves: &[TransactionMove]) -> Result<(), LakeError> {
        #[cfg(test)]
        if super::planted::is(super::planted::Bug::ForgetsWhoOwnsWhat) {
            return Ok(());
        }
        for one in moves {
            let is_at = match self.transactions.get(&one.app_id) {
                Some(version) => Some(*version),
                None => self.transaction(&one.app_id).await?,
            };
            if is_at != one.from {
                return Err(LakeError::Fenced { table: self.name.clone() });
            }
        }
        Ok(())
    }

    async fn delete_replaced_before(&mut self, replaced: Vec<Path>) {
        let store = self.log_store.object_store(None);
        for path in std::mem::replace(&mut self.replaced, replaced) {
            // Nothing refers to it any more: it costs room, and nothing else.
            if let Err(error) = store.delete(&path).await {
                tracing::warn!(table = self.name, %path, "a replaced file stays: {error}");
            }
        }
    }

    async fn commit(
        &mut self,
        actions: Vec<Action>,
        moves: &[TransactionMove],
        operation: DeltaOperation,
    ) -> Result<LedgerVersion, LakeError> {
        let transactions =
            moves.iter().map(|one| Transaction::new(one.app_id.clone(), one.to)).collect();
        let name = Uuid::new_v4().to_string();
        let properties = CommitProperties::default()
            .with_max_retries(0)
            .with_cleanup_expired_logs(Some(false))
            .with_application_transactions(transactions)
            .with_metadata([(COMMIT_NAME.to_owned(), name.as_str().into())]);
        let attempt = async || {
            let commit = CommitBuilder::from(properties.clone())
                .with_actions(actions.clone())
                .build(Some(&self.state), self.log_store.clone(), operation.clone())
                .await;
            match commit {
                Ok(committed) => Ok(committed.snapshot()),
                Err(error) => self.despite(error, &name).await,
            }
        };
        self.state = self.patience.spend(&self.name, attempt).await?;
        self.transactions.extend(moves.iter().map(|one| (one.app_id.clone(), one.to)));
        Ok(self.version())
    }

    /// What came of a commit that failed, by its own account: the answer may have been lost, and the commit be there. A
    /// name in it tells ours from another's at the only version it can have.
    async fn despite(
        &self,
        error: DeltaTableError,
        name: &str,
    ) -> Result<DeltaTableState, LakeError> {
        let unreadable = |error| failed(&self.name, "read its log", error);
        let next = self.state.version() + 1;
        let Some(entry) = self.log_store.read_commit_entry(next).await.map_err(unreadable)? else {
            // Who has slept for very long finds the log trimmed where it would go on.
            return Err(match (self.is_left_behind(next).await, error) {
                (true, _) => LakeError::Fenced { table: self.name.clone() },
                // The name was refused and is free: what had it was still under way, ours of a try before or another's.
                (
                    false,
                    error @ DeltaTableError::Transaction {
                        source: TransactionError::MaxCommitAttempts(_),
                    },
                ) => {
                    let (table, source) = (self.name.clone(), error.into());
                    LakeError::Unavailable { table, action: "commit", source }
                }
                (false, error) => failed(&self.name, "commit", error),
            });
        };
        let actions = get_actions(next, &entry).map_err(unreadable)?;
        let is_ours = actions.iter().any(|action| match action {
            Action::CommitInfo(info) => info.info.get(COMMIT_NAME).is_some_and(|is| is == name),
            _ => false,
        });
        if !is_ours {
            return Err(LakeError::Fenced { table: self.name.clone() });
        }
        tracing::info!(table = self.name, version = next, "committed, though no answer said so");
        load(&self.log_store, Some(next)).await.map_err(unreadable)
    }

    /// Tries until the storage answers, or patience ends.
    async fn patiently<T>(
        &self,
        action: &'static str,
        attempt: impl AsyncFn() -> Result<T, DeltaTableError>,
    ) -> Result<T, LakeError> {
        let attempt = async || attempt().await.map_err(|error| failed(&self.name, action, error));
        self.patience.spend(&self.name, attempt).await
    }

    /// Every data file of this version.
    pub fn files(&self) -> Result<Vec<DataFile>, LakeError> {
        let files = self.state.snapshot().log_data();
        let file = |view: deltalake_core::kernel::LogicalFileView| DataFile {
            path: view.object_store_path().to_string(),
            statistics: view.stats(),
            version: None,
        };
        Ok(files.iter().map(file).collect())
    }

    /// The data files whose rows came behind `version`; `None` where they can no longer be told from the others: the log
    /// does not reach that far back, or their rows have been moved to other files since.
    pub async fn files_after(
        &self,
        version: LedgerVersion,
    ) -> Result<Option<Vec<DataFile>>, LakeError> {
        let mut files = Vec::new();
        for version in version.0 + 1..=self.state.version() {
            let Some(actions) = self.actions(version).await? else { return Ok(None) };
            files.extend(actions.into_iter().filter_map(|action| added(action, version)));
        }
        let live: HashSet<String> = self.files()?.into_iter().map(|file| file.path).collect();
        Ok(files.iter().all(|file| live.contains(&file.path)).then_some(files))
    }

    /// The data files appended behind `version`; `None` where the log no longer reaches that far back, or something was
    /// taken out.
    pub async fn appended_after(
        &self,
        version: LedgerVersion,
    ) -> Result<Option<Vec<DataFile>>, LakeError> {
        let mut files = Vec::new();
        for version in version.0 + 1..=self.state.version() {
            let Some(actions) = self.actions(version).await? else { return Ok(None) };
            let takes_out =
                |action: &Action| matches!(action, Action::Remove(it) if it.data_change);
            if actions.iter().any(takes_out) {
                return Ok(None);
            }
            files.extend(actions.into_iter().filter_map(|action| added(action, version)));
        }
        Ok(Some(files))
    }

    /// Writes an object beside the table's files, over what is there.
    pub async fn put_beside(&self, path: &str, bytes: Vec<u8>) -> Result<(), LakeError> {
        let bytes = Bytes::from(bytes);
        self.patiently("write beside it", async || {
            self.log_store.object_store(None).put(&Path::from(path), bytes.clone().into()).await?;
            Ok(())
        })
        .await
    }

    /// The objects below a folder beside the table's files, by their paths within it.
    pub async fn list_beside(&self, folder: &str) -> Result<Vec<(String, Bytes)>, LakeError> {
        self.patiently("list what is beside it", async || {
            let (store, folder) = (self.log_store.object_store(None), Path::from(folder));
            let mut found = Vec::new();
            for object in store.list(Some(&folder)).try_collect::<Vec<_>>().await? {
                let within = object.location.prefix_match(&folder).into_iter().flatten();
                let within: Vec<String> = within.map(|part| part.as_ref().to_owned()).collect();
                found.push((within.join("/"), store.get(&object.location).await?.bytes().await?));
            }
            Ok(found)
        })
        .await
    }

    /// Reads a data file whole; `None` where it is not there.
    pub async fn read(&self, file: &DataFile) -> Result<Option<Bytes>, LakeError> {
        self.read_path(&file.path).await
    }

    /// Reads the data file at a path whole; `None` where it is not there.
    pub async fn read_path(&self, path: &str) -> Result<Option<Bytes>, LakeError> {
        self.patiently("read a file", async || {
            let (store, path) = (self.log_store.object_store(None), Path::from(path));
            let got = match store.get(&path).await {
                Err(object_store::Error::NotFound { .. }) => return Ok(None),
                got => got?,
            };
            Ok(Some(got.bytes().await?))
        })
        .await
    }
}

/// The data file that an action brings, if what it brings is new.
fn added(action: Action, version: u64) -> Option<DataFile> {
    match action {
        Action::Add(add) if add.data_change => Some(DataFile {
            path: add.path,
            statistics: add.stats,
            version: Some(LedgerVersion(version)),
        }),
        _ => None,
    }
}

fn writing(mode: SaveMode) -> DeltaOperation {
    DeltaOperation::Write { mode, partition_by: None, predicate: None }
}

fn log_store(
    lake: &Lake,
    pipeline: &str,
    table: &str,
) -> Result<LogStoreRef, Box<dyn std::error::Error + Send + Sync>> {
    let (url, store, config) =
        (lake.table(pipeline, table)?, lake.store(), StorageConfig::default());
    let below = config.decorate_store(store.clone(), &url)?;
    Ok(default_logstore(Arc::new(below), store, &url, &config))
}

/// Why a table is neither found nor made. What is missing then can only be the bucket.
fn not_reached(lake: &Lake, name: &str, action: &'static str, error: DeltaTableError) -> LakeError {
    if is_missing(&error) { lake.has_no_bucket() } else { failed(name, action, error) }
}

async fn load(
    log_store: &LogStoreRef,
    version: Option<u64>,
) -> Result<DeltaTableState, DeltaTableError> {
    let mut table = DeltaTable::new(log_store.clone());
    match version {
        Some(version) => table.load_version(version).await?,
        None => table.load().await?,
    }
    table.snapshot().cloned()
}

pub(super) fn failed(
    table: &str,
    action: &'static str,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> LakeError {
    let (table, source) = (table.to_owned(), source.into());
    match may_pass(&*source) {
        true => LakeError::Unavailable { table, action, source },
        false => LakeError::Table { table, action, source },
    }
}

/// The table's schema speaks Delta's types: strings, not dictionaries; UTC timestamps in microseconds.
fn kernel_field(field: &Arc<arrow::datatypes::Field>) -> StructField {
    let kernel_type = match field.data_type() {
        ArrowType::Boolean => DataType::BOOLEAN,
        ArrowType::Int32 => DataType::INTEGER,
        ArrowType::Int64 => DataType::LONG,
        ArrowType::Float64 => DataType::DOUBLE,
        ArrowType::Date32 => DataType::DATE,
        ArrowType::Timestamp(..) => DataType::TIMESTAMP,
        ArrowType::Binary => DataType::BINARY,
        _ => DataType::STRING,
    };
    StructField::new(field.name().clone(), kernel_type, field.is_nullable())
}
