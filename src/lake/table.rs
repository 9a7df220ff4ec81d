//! One Delta table: the only place that knows deltalake, with the files below it.
//!
//! Commits are strict compare-and-set ([`writing`]): they are based on the snapshot this handle holds and refused when the
//! table has moved since, so what was checked on the snapshot still holds in the commit. A commit whose answer was lost is
//! recognised by its name, so that it is neither repeated nor taken for another's. What is in the table is
//! [`contents`]'s to tell. Checkpoints are written as deltalake does
//! by default; its clean-up of expired logs, which lists the whole log at every commit, is off. What others commit
//! meanwhile is [`meanwhile`]'s business, and [`rewriting`]'s to move rows beside them.

mod contents;
mod housekeeping;
mod meanwhile;
mod rewriting;
mod writing;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType as ArrowType, Schema};
use deltalake_core::kernel::transaction::CommitProperties;
use deltalake_core::kernel::{Add, DataType, StructField};
use deltalake_core::logstore::{
    LogStoreRef, StorageConfig, commit_uri_from_version, default_logstore,
};
use deltalake_core::operations::create::CreateBuilder;
use deltalake_core::table::state::DeltaTableState;
use deltalake_core::{DeltaTable, DeltaTableError, Path};
use object_store::{Error as StorageError, ObjectStoreExt, PutMode};

use super::parquet_file::Note;
use super::storage_failure::{is_missing, may_pass};
use super::{Lake, LakeError, LedgerVersion, Patience, file_name, parquet_file};

pub(super) use self::housekeeping::{LiveFile, Object};
pub(super) use self::meanwhile::Change;
pub(super) use deltalake_core::logstore::ObjectStoreRef;

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
        let columns = schema.fields().iter().map(kernel_field).collect::<Result<Vec<_>, _>>();
        let columns = columns.map_err(|error| failed(&name, "describe", error))?;
        let attempt = async || -> Result<DeltaTableState, DeltaTableError> {
            if log_store.is_delta_table_location().await? {
                return load(&log_store, None).await;
            }
            let created = CreateBuilder::new()
                .with_log_store(log_store.clone())
                .with_columns(columns.iter().cloned())
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

    /// Adds the columns of this schema that the table lacks. Files that are there have nothing in them.
    pub async fn add_columns(&mut self, schema: &Schema) -> Result<(), LakeError> {
        let known = self.state.schema();
        let lacks = schema.fields().iter().filter(|field| known.field(field.name()).is_none());
        let lacking = lacks.map(kernel_field).collect::<Result<Vec<_>, _>>();
        let lacking = lacking.map_err(|error| failed(&self.name, "describe", error))?;
        if lacking.is_empty() {
            return Ok(());
        }
        self.state = self
            .patiently("add columns", async || {
                let mut table = DeltaTable::new(self.log_store.clone());
                table.load().await?;
                table.add_columns().with_fields(lacking.clone()).await?.snapshot().cloned()
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
        self.put_noted_file(partition, folder, batches, Vec::new()).await
    }

    /// The same, with notes in its footer.
    pub async fn put_noted_file(
        &self,
        partition: Option<(&str, String)>,
        folder: &str,
        batches: Vec<RecordBatch>,
        notes: Vec<Note>,
    ) -> Result<NewFile, LakeError> {
        let encoded = move || parquet_file::encode(&batches, notes);
        let encoded = tokio::task::spawn_blocking(encoded).await;
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

    /// Tries until the storage answers, or patience ends.
    async fn patiently<T>(
        &self,
        action: &'static str,
        attempt: impl AsyncFn() -> Result<T, DeltaTableError>,
    ) -> Result<T, LakeError> {
        let attempt = async || attempt().await.map_err(|error| failed(&self.name, action, error));
        self.patience.spend(&self.name, attempt).await
    }
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

/// The table's schema speaks Delta's types: strings, not dictionaries; UTC timestamps in microseconds. What it does not know
/// is refused: a reader that believed another type would not find the column.
fn kernel_field(field: &Arc<arrow::datatypes::Field>) -> Result<StructField, DeltaTableError> {
    let kernel_type = match field.data_type() {
        ArrowType::Boolean => DataType::BOOLEAN,
        ArrowType::Int32 => DataType::INTEGER,
        ArrowType::Int64 => DataType::LONG,
        ArrowType::Float64 => DataType::DOUBLE,
        ArrowType::Date32 => DataType::DATE,
        ArrowType::Timestamp(..) => DataType::TIMESTAMP,
        ArrowType::Binary => DataType::BINARY,
        ArrowType::Utf8 | ArrowType::Dictionary(..) => DataType::STRING,
        ArrowType::Decimal128(digits, scale) => DataType::decimal(*digits, scale.unsigned_abs())
            .map_err(|error| DeltaTableError::generic(error.to_string()))?,
        unknown => {
            let message = format!("column {} has the type {unknown}", field.name());
            return Err(DeltaTableError::generic(message));
        }
    };
    Ok(StructField::new(field.name().clone(), kernel_type, field.is_nullable()))
}
