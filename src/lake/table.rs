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
use deltalake_core::kernel::transaction::{CommitBuilder, CommitProperties};
use deltalake_core::kernel::{Action, Add, DataType, StructField, Transaction};
use deltalake_core::logstore::{LogStoreRef, StorageConfig, get_actions, logstore_with};
use deltalake_core::operations::create::CreateBuilder;
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use deltalake_core::table::state::DeltaTableState;
use deltalake_core::{DeltaTable, DeltaTableError, Path};
use futures::TryStreamExt;
use object_store::ObjectStoreExt;
use uuid::Uuid;

use super::{Lake, LakeError, LedgerVersion, Patience, parquet_file};

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
            let unopened = |error| failed(&name, "open", error);
            if !log_store.is_delta_table_location().await.map_err(unopened)? {
                return Ok(None);
            }
            load(&log_store, None).await.map(Some).map_err(unopened)
        };
        let found = lake.patience().spend(&name, look).await?;
        Ok(found.map(|state| Self::at(lake, name.clone(), log_store.clone(), state)))
    }

    fn at(lake: &Lake, name: String, log_store: LogStoreRef, state: DeltaTableState) -> Self {
        let (patience, transactions, replaced) = (lake.patience(), BTreeMap::new(), Vec::new());
        Self { name, log_store, patience, state, transactions, replaced }
    }

    /// Creates a table with this schema, partitioned by at most one column, and these properties of ours.
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
        let configuration = properties.into_iter().map(|(key, value)| (key, Some(value)));
        let created = CreateBuilder::new()
            .with_log_store(log_store.clone())
            .with_columns(schema.fields().iter().map(kernel_field))
            .with_partition_columns(partition)
            .with_configuration(configuration)
            .with_raise_if_key_not_exists(false)
            .await
            .map_err(|error| failed(&name, "create", error))?;
        let state = created.snapshot().map_err(|error| failed(&name, "create", error))?.clone();
        Ok(Self::at(lake, name, log_store, state))
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
        let mut table = DeltaTable::new(self.log_store.clone());
        table.load().await.map_err(|error| failed(&self.name, "reload", error))?;
        let changed = table
            .set_tbl_properties()
            .with_properties(properties.into_iter().collect())
            .with_raise_if_not_exists(false)
            .await
            .map_err(|error| failed(&self.name, "change its properties", error))?;
        self.state =
            changed.snapshot().map_err(|error| failed(&self.name, "reload", error))?.clone();
        Ok(())
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

    /// Writes a data file, in a folder of its partition value. It is part of the table only once it is committed.
    pub async fn put_file(
        &self,
        partition: Option<(&str, String)>,
        batches: Vec<RecordBatch>,
        metadata: &[(String, String)],
    ) -> Result<NewFile, LakeError> {
        let metadata = metadata.to_vec();
        let encoded =
            tokio::task::spawn_blocking(move || parquet_file::encode(&batches, &metadata)).await;
        let encoded = encoded.map_err(|error| failed(&self.name, "encode a file", error))?;
        let file = encoded.map_err(|error| failed(&self.name, "encode a file", error))?;
        let folder = partition
            .as_ref()
            .map(|(column, value)| format!("{column}={value}/"))
            .unwrap_or_default();
        let path = format!("{folder}part-{}.zstd.parquet", Uuid::new_v4());
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
        for one in moves {
            let is_at = match self.transactions.get(&one.app_id) {
                Some(version) => Some(*version),
                None => self.transaction(&one.app_id).await?,
            };
            if is_at != one.from {
                return Err(LakeError::Fenced { table: self.name.clone() });
            }
        }
        let actions = files.iter().map(|file| Action::Add(file.0.clone())).collect();
        let moved: Vec<_> = moves.iter().map(|one| (one.app_id.clone(), one.to)).collect();
        let version = self.commit(actions, moved.clone(), writing(SaveMode::Append)).await?;
        self.transactions.extend(moved);
        Ok(version)
    }

    /// Replaces every file of the table, in one commit that names a transaction, and deletes what the replacement before this one took out.
    pub async fn replace(
        &mut self,
        files: &[NewFile],
        transaction: (String, i64),
        tolerates: impl Fn(&Change) -> bool,
    ) -> Result<(), LakeError> {
        let replaced: Vec<Path> = loop {
            self.refuse_leftovers(files).await?;
            let old = self.state.snapshot().log_data();
            let replaced = old.iter().map(|file| file.object_store_path()).collect();
            let removals = old.iter().map(|file| Action::Remove(file.remove_action(true)));
            let additions = files.iter().map(|file| Action::Add(file.0.clone()));
            let actions = removals.chain(additions).collect();
            let operation = writing(SaveMode::Overwrite);
            match self.commit(actions, vec![transaction.clone()], operation).await {
                Ok(_) => break replaced,
                Err(LakeError::Fenced { .. }) if self.catch_up(&tolerates).await? => {}
                Err(error) => return Err(error),
            }
        };
        let store = self.log_store.object_store(None);
        for path in std::mem::replace(&mut self.replaced, replaced) {
            // Nothing refers to it any more: it costs room, and nothing else.
            if let Err(error) = store.delete(&path).await {
                tracing::warn!(table = self.name, %path, "a replaced file stays: {error}");
            }
        }
        Ok(())
    }

    async fn commit(
        &mut self,
        actions: Vec<Action>,
        transactions: Vec<(String, i64)>,
        operation: DeltaOperation,
    ) -> Result<LedgerVersion, LakeError> {
        let transactions =
            transactions.into_iter().map(|(id, version)| Transaction::new(id, version)).collect();
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
        self.lighten().await;
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
            return match self.is_left_behind(next).await {
                true => Err(LakeError::Fenced { table: self.name.clone() }),
                false => Err(failed(&self.name, "commit", error)),
            };
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
            files.extend(actions.into_iter().filter_map(|action| match action {
                Action::Add(add) if add.data_change => {
                    Some(DataFile { path: add.path, statistics: add.stats })
                }
                _ => None,
            }));
        }
        let live: HashSet<String> = self.files()?.into_iter().map(|file| file.path).collect();
        Ok(files.iter().all(|file| live.contains(&file.path)).then_some(files))
    }

    /// Reads a data file whole.
    pub async fn read(&self, file: &DataFile) -> Result<Bytes, LakeError> {
        self.read_path(&file.path).await
    }

    /// Reads the data file at a path whole.
    pub async fn read_path(&self, path: &str) -> Result<Bytes, LakeError> {
        let chunks: Vec<Bytes> = self
            .patiently("read a file", async || {
                let (store, path) = (self.log_store.object_store(None), Path::from(path));
                Ok(store.get(&path).await?.into_stream().try_collect().await?)
            })
            .await?;
        Ok(match <[Bytes; 1]>::try_from(chunks) {
            Ok([whole]) => whole,
            Err(chunks) => chunks.concat().into(),
        })
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
    let url = lake.table(pipeline, table)?;
    Ok(logstore_with(lake.store(), &url, StorageConfig::default())?)
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

/// Whether the storage failed, and not what we asked of it.
fn may_pass(error: &(dyn std::error::Error + 'static)) -> bool {
    use object_store::Error as Storage;
    match error.downcast_ref::<Storage>() {
        Some(
            Storage::NotFound { .. }
            | Storage::AlreadyExists { .. }
            | Storage::InvalidPath { .. }
            | Storage::NotSupported { .. }
            | Storage::NotImplemented { .. },
        ) => false,
        Some(_) => true,
        None => error.source().is_some_and(may_pass),
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
