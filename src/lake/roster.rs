//! The roster table: entities with their state's columns, which people query, and their timelines, which we load.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryBuilder, BooleanArray, Decimal128Array, Int32Array, Int64Array,
    RecordBatch, TimestampMicrosecondArray,
};
use arrow::datatypes::Schema;
use arrow::error::ArrowError;

use super::counted::Counted;
use super::ledger::dictionary;
use super::scan::{Found, scan_despite};
use super::table::{DataFile, NewFile, Table, TransactionMove, failed};
use super::{
    Home, InPanes, LakeError, LedgerVersion, PipelineLake, Remembered, Scope, file_name, recall,
    schema,
};
use crate::area::{AreaId, AreaTree};
use crate::decode::TopicPartition;
use crate::roster::{Layout, PackedTimelines, State, Timeline, TimelineBatch, Token};
use crate::season::Season;
use crate::spec::column::{Column, ColumnType, Value};
use crate::spec::{Pipeline, Seasons};
use crate::steps::Stepper;
use crate::time::{EARLIEST, EventTime};

/// A file is written as soon as so many rows wait for it. What waits and what is laid out is memory that grows with it; the
/// files of a roster grow fewer with it.
const FILE_ROWS: usize = 1 << 19;

/// Writes a roster snapshot, file by file, while entities are handed to it in any order.
pub struct RosterWriter {
    pipeline: Arc<Pipeline>,
    table: Table,
    frontier: EventTime,
    waiting: BTreeMap<Home, PackedTimelines>,
    files: Vec<(Home, NewFile)>,
}

/// A snapshot whose files are written and not yet part of the table.
pub struct RosterSnapshot(Vec<(Home, NewFile)>);

impl RosterWriter {
    /// Takes entities of a home; each is handed over once.
    pub async fn push(&mut self, home: &Home, entities: &PackedTimelines) -> Result<(), LakeError> {
        let mut waiting = self.waiting.remove(home).unwrap_or_else(|| self.none());
        waiting.append(entities);
        if waiting.len() >= FILE_ROWS {
            return self.write(home.clone(), waiting).await;
        }
        self.waiting.insert(home.clone(), waiting);
        Ok(())
    }

    /// Writes what waits.
    pub async fn finish(mut self) -> Result<RosterSnapshot, LakeError> {
        for (home, entities) in std::mem::take(&mut self.waiting) {
            self.write(home, entities).await?;
        }
        Ok(RosterSnapshot(self.files))
    }

    fn none(&self) -> PackedTimelines {
        PackedTimelines::new(Arc::new(Layout::of(&self.pipeline)))
    }

    /// Writes one file, sorted by entity, so that the same roster is the same rows.
    async fn write(&mut self, home: Home, mut entities: PackedTimelines) -> Result<(), LakeError> {
        if entities.is_empty() {
            return Ok(());
        }
        let (pipeline, frontier) = (self.pipeline.clone(), self.frontier);
        let laid_out = tokio::task::spawn_blocking(move || {
            let mut stepper = Stepper::new(pipeline.clone());
            let layout = stepper.layout().clone();
            entities.sort();
            let timelines = entities.iter().map(|(_, timeline)| timeline);
            let counted = Counted::of(timelines, &mut stepper, frontier);
            let mut rows = Rows::new(&pipeline);
            for (token, timeline) in entities.iter() {
                rows.push(token, &timeline, &layout, pipeline.areas.unassigned());
            }
            let note = counted.and_then(|counted| counted.to_note(&pipeline));
            let batch = rows.into_batch(&pipeline, Arc::new(schema::roster(&pipeline)));
            batch.map(|batch| (batch, note))
        });
        let name = &self.pipeline.name;
        let laid_out =
            laid_out.await.map_err(|error| failed(name, "lay out roster rows", error))?;
        let (batch, note) = laid_out.map_err(|error| failed(name, "lay out roster rows", error))?;
        let (folder, notes) = (home.folder(), note.into_iter().collect());
        let file = self.table.put_noted_file(None, &folder, vec![batch], notes).await?;
        self.files.push((home, file));
        Ok(())
    }
}

impl RosterSnapshot {
    /// Only what it holds of these homes.
    #[must_use]
    pub fn of(mut self, scope: &Scope) -> Self {
        if let Scope::Homes(homes) = scope {
            self.0.retain(|(home, _)| homes.contains(home));
        }
        self
    }

    pub(super) fn into_files(self) -> Vec<NewFile> {
        self.0.into_iter().map(|(_, file)| file).collect()
    }
}

struct Rows {
    state: State,
    entities: BinaryBuilder,
    areas: Vec<AreaId>,
    /// The year of each entity's season.
    seasons: Vec<i32>,
    columns: Vec<Vec<Value>>,
    timelines: BinaryBuilder,
    /// The timeline being written.
    bytes: Vec<u8>,
}

impl Rows {
    fn new(pipeline: &Pipeline) -> Self {
        Self {
            state: State::new(&Layout::of(pipeline)),
            entities: BinaryBuilder::new(),
            areas: Vec::new(),
            seasons: Vec::new(),
            columns: vec![Vec::new(); pipeline.columns.len()],
            timelines: BinaryBuilder::new(),
            bytes: Vec::new(),
        }
    }

    fn push(&mut self, token: Token, timeline: &Timeline, layout: &Layout, unassigned: AreaId) {
        self.state.clear();
        timeline.facts(layout).for_each(|(head, fields)| self.state.apply(head, fields, layout));
        self.entities.append_value(token.0);
        self.areas.push(self.state.area().unwrap_or(unassigned));
        let first = timeline.facts(layout).next().map_or(EARLIEST, |(head, _)| head.time());
        self.seasons.push(Season::of(first).year.into());
        self.columns
            .iter_mut()
            .zip(self.state.row())
            .for_each(|(column, value)| column.push(*value));
        self.bytes.clear();
        timeline.words().iter().for_each(|word| self.bytes.extend_from_slice(&word.to_le_bytes()));
        self.timelines.append_value(&self.bytes);
    }

    fn into_batch(
        mut self,
        pipeline: &Pipeline,
        schema: Arc<Schema>,
    ) -> Result<RecordBatch, ArrowError> {
        let mut columns: Vec<ArrayRef> =
            vec![Arc::new(self.entities.finish()), area_column(&self.areas, pipeline.areas)?];
        if pipeline.seasons == Seasons::Apart {
            columns.push(Arc::new(Int32Array::from(self.seasons)));
        }
        for (column, values) in pipeline.columns.iter().zip(&self.columns) {
            columns.push(state_column(column, values)?);
        }
        columns.push(Arc::new(self.timelines.finish()));
        RecordBatch::try_new(schema, columns)
    }
}

fn area_column(ids: &[AreaId], areas: &AreaTree) -> Result<ArrayRef, ArrowError> {
    let mut used = ids.to_vec();
    used.sort_unstable();
    used.dedup();
    let key = |id: &AreaId| used.binary_search(id).ok().map(|index| index as i32);
    dictionary(ids.iter().map(key).collect(), used.iter().map(|id| areas.code(*id)))
}

fn state_column(column: &Column, values: &[Value]) -> Result<ArrayRef, ArrowError> {
    let values = values.iter().map(|value| value.get());
    Ok(match &column.column_type {
        ColumnType::Time => {
            let microseconds =
                values.map(|value| value.map(|s| EventTime::from_seconds(s).microseconds()));
            Arc::new(microseconds.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
        }
        ColumnType::Integer => Arc::new(values.collect::<Int64Array>()),
        ColumnType::Boolean => {
            Arc::new(values.map(|value| value.map(|v| v == 1)).collect::<BooleanArray>())
        }
        ColumnType::Amount(of) => {
            let last = values.map(|value| value.map(i128::from)).collect::<Decimal128Array>();
            Arc::new(last.with_precision_and_scale(schema::AMOUNT_DIGITS, of.scale as i8)?)
        }
        ColumnType::Label(labels) => {
            let keys = values.map(|value| value.map(|v| v as i32)).collect();
            dictionary(keys, labels.iter().map(String::as_str))?
        }
    })
}

/// What a recall finds in a roster file, in this order.
enum Told {
    /// What its timelines add up to, if it says so of how we count.
    Counted(Option<Counted>),
    Timelines(TimelineBatch),
}

/// Tells `remembered` the timelines of these files, some ahead of others being decoded meanwhile, whosever they are.
/// Returns the homes of which a file is damaged: what they told is true, and not all of it.
pub(super) async fn load(
    lake: &PipelineLake,
    files: &[DataFile],
    panes: impl Fn(&Home) -> InPanes,
    remembered: &mut impl Remembered,
) -> Result<BTreeSet<Home>, LakeError> {
    remembered.expect(files.iter().filter_map(DataFile::rows).sum());
    let mut damaged = BTreeSet::new();
    // The last file whose sum was taken.
    let counted = RefCell::new(None);
    let is_counted = |file: &DataFile| counted.borrow().as_ref() == Some(&file.path);
    let tell = |file: &DataFile, told: Told| {
        let home = home_of(file);
        match told {
            Told::Counted(sum) if panes(&home) == InPanes::Missing => {
                if sum.is_some_and(|sum| remembered.counted(&home, sum)) {
                    counted.replace(Some(file.path.clone()));
                }
            }
            Told::Counted(_) => {}
            Told::Timelines(timelines) => {
                let panes = if is_counted(file) { InPanes::Counted } else { panes(&home) };
                remembered.timelines(&home, timelines, panes);
            }
        }
        Some(())
    };
    let note = |file: &DataFile, damage: LakeError| {
        if is_counted(file) {
            return Err(damage); // more has been counted than was told
        }
        tracing::error!("{damage}; it is not used: all of the ledger is read instead");
        damaged.insert(home_of(file));
        Ok(())
    };
    let (columns, pipeline) = (&["entity", "timeline"], lake.pipeline.clone());
    let read = move |found| match found {
        Found::Notes(notes) => Some(Told::Counted(Counted::from_notes(&notes, &pipeline))),
        Found::Batch(batch) => timelines_in(&batch).map(Told::Timelines),
    };
    scan_despite(&lake.roster, files, columns, read, tell, note).await?;
    Ok(damaged)
}

/// The files of a home, or of every home.
pub(super) fn files_of(table: &Table, home: Option<&Home>) -> Result<Vec<DataFile>, LakeError> {
    let mut files = table.files()?;
    files.retain(|file| home.is_none_or(|home| file.path.starts_with(&home.folder())));
    Ok(files)
}

/// The home whose folder a file is in. A roster of the first format knew no homes.
fn home_of(file: &DataFile) -> Home {
    let in_partition = || {
        let (folder, _) = file.path.rsplit_once('/')?;
        let (topic, partition) = folder.rsplit_once('/')?;
        let partition = partition.parse().ok()?;
        Some(Home::Partition(TopicPartition { topic: topic.into(), partition }))
    };
    in_partition().unwrap_or(Home::Elsewhere)
}

fn timelines_in(batch: &RecordBatch) -> Option<TimelineBatch> {
    let entities = batch.column_by_name("entity")?.as_binary_opt::<i32>()?;
    let timelines = batch.column_by_name("timeline")?.as_binary_opt::<i32>()?;
    let mut told = TimelineBatch::default();
    for row in 0..entities.len() {
        let (words, rest) = timelines.value(row).as_chunks::<8>();
        if !rest.is_empty() {
            return None;
        }
        let words = words.iter().map(|word| u64::from_le_bytes(*word));
        told.push(Token(entities.value(row).try_into().ok()?), words);
    }
    Some(told)
}

impl PipelineLake {
    /// A writer of a roster snapshot. No board is made as of a moment before `frontier` any more.
    pub fn roster_writer(&self, frontier: EventTime) -> RosterWriter {
        RosterWriter {
            pipeline: self.pipeline.clone(),
            table: self.roster.clone(),
            frontier,
            waiting: BTreeMap::new(),
            files: Vec::new(),
        }
    }

    /// Replaces the roster of these homes, or of every home, by a snapshot that holds at least what the ledger did at
    /// `version`, and no more than ledger and panes do now (ORDER). Does nothing where a newer one is there.
    pub async fn replace_roster(
        &mut self,
        homes: &Scope,
        snapshot: RosterSnapshot,
        version: LedgerVersion,
    ) -> Result<(), LakeError> {
        self.roster.catch_up().await?;
        let homes: Vec<Option<&Home>> = match homes {
            Scope::Whole => vec![None],
            Scope::Homes(homes) => homes.iter().map(Some).collect(),
        };
        let (mut folders, mut moves) = (Vec::new(), Vec::new());
        for home in homes {
            let app_id = self.roster_app_id(home);
            let from = self.roster.transaction(&app_id).await?;
            if from.is_some_and(|from| from > version.0 as i64) {
                return Ok(());
            }
            folders.push(home.map(Home::folder).unwrap_or_default());
            // Rosters of the first format lie in the table's own folder, and know no homes.
            folders.push(file_name::PREFIX.to_owned());
            moves.push(TransactionMove { app_id, from, to: version.0 as i64 });
        }
        self.roster.replace(&folders, &snapshot.into_files(), &moves).await
    }

    /// Names what timelines keep: a roster that kept otherwise is not found, and so is rebuilt from the ledger.
    fn roster_app_id(&self, home: Option<&Home>) -> String {
        let kept = self.pipeline.keeping_fingerprint();
        let home = home.map_or_else(|| "whole".to_owned(), Home::to_string);
        format!("{}/roster/{kept}/{home}", self.pipeline.name)
    }

    /// The ledger version that a home's roster, or everybody's, reflects.
    pub(super) async fn roster_version(
        &self,
        home: Option<&Home>,
    ) -> Result<Option<LedgerVersion>, LakeError> {
        let app_id = self.roster_app_id(home);
        recall::reached(&self.roster, &app_id, self.ledger.version()).await
    }
}
