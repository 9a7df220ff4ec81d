//! The rates table: what a board published and had not published before.

use std::sync::Arc;

use arrow::array::{
    Array, AsArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use hashbrown::HashMap;

use super::scan::scan;
use super::table::{Table, failed};
use super::{LakeError, schema};
use crate::board::{Board, Figure, FigureKey, rows};
use crate::spec::Pipeline;
use crate::time::EventTime;

/// What was published last of every figure: numerator and denominator.
#[derive(Default)]
pub struct PublishedRates {
    figures: HashMap<FigureKey, (i64, i64)>,
    /// Ledger version and as-of of the newest publication.
    newest: Option<Age>,
}

impl PublishedRates {
    /// The board that was published last, as far as it can be told: changes are not known of it.
    pub fn last_board(&self, pipeline: &Arc<Pipeline>) -> Option<Board> {
        let ((version, _), as_of) = (self.newest?, self.as_of()?);
        let counted = self.figures.iter().filter(|(_, counts)| **counts != (0, 0));
        let figure = |(key, counts): (&FigureKey, &(i64, i64))| Figure {
            numerator: counts.0,
            denominator: counts.1,
            ..nobody(*key, pipeline)
        };
        let mut figures: Vec<Figure> = counted.map(figure).collect();
        figures.sort_by_key(|figure| figure.key);
        Some(Board {
            pipeline: pipeline.clone(),
            as_of,
            ledger_version: Some(version as u64),
            figures,
        })
    }

    /// As of when the newest board was made.
    pub fn as_of(&self) -> Option<EventTime> {
        self.newest.map(|(_, as_of)| EventTime::from_microseconds(as_of))
    }

    /// The rows for what `board` says anew. A figure that was published and has nobody any more is said to be zero.
    pub(super) fn changes(
        &self,
        board: &Board,
        published_at: EventTime,
    ) -> Result<Option<RecordBatch>, LakeError> {
        let mut news: Vec<Figure> = board
            .figures
            .iter()
            .filter(|figure| self.figures.get(&figure.key) != Some(&counts(figure)))
            .cloned()
            .collect();
        let vanished = self
            .figures
            .iter()
            .filter(|(key, old)| **old != (0, 0) && board.figure(**key).is_none());
        news.extend(vanished.map(|(key, _)| nobody(*key, &board.pipeline)));
        if news.is_empty() {
            return Ok(None);
        }
        news.sort_by_key(|figure| figure.key);
        let news = Board { figures: news, pipeline: board.pipeline.clone(), ..*board };
        let batch = to_batch(&news, published_at);
        batch.map(Some).map_err(|error| failed(&board.pipeline.name, "lay out rates", error))
    }

    /// Notes what `board` has published.
    pub(super) fn remember(&mut self, board: &Board) {
        self.figures.values_mut().for_each(|counts| *counts = (0, 0));
        self.figures.extend(board.figures.iter().map(|figure| (figure.key, counts(figure))));
    }
}

fn counts(figure: &Figure) -> (i64, i64) {
    (figure.numerator, figure.denominator)
}

fn nobody(key: FigureKey, pipeline: &Pipeline) -> Figure {
    let windows = pipeline.rates[usize::from(key.rate)].change.len();
    Figure { key, numerator: 0, denominator: 0, change: vec![None; windows], same_day: None }
}

fn to_batch(
    board: &Board,
    published_at: EventTime,
) -> Result<RecordBatch, arrow::error::ArrowError> {
    let rows: Vec<_> = rows(board).collect();
    let (figures, count) = (|| board.figures.iter(), rows.len());
    let moments = |time: EventTime| {
        TimestampMicrosecondArray::from(vec![time.microseconds(); count]).with_timezone("UTC")
    };
    let version = board.ledger_version.map_or(0, |version| version as i64);
    RecordBatch::try_new(
        schema::file(schema::rates_file()),
        vec![
            Arc::new(rows.iter().map(|row| Some(row.rate)).collect::<StringArray>()),
            Arc::new(rows.iter().map(|row| Some(row.area)).collect::<StringArray>()),
            Arc::new(rows.iter().map(|row| Some(row.area_name)).collect::<StringArray>()),
            Arc::new(rows.iter().map(|row| Some(row.level)).collect::<StringArray>()),
            Arc::new(rows.iter().map(|row| row.dimension).collect::<StringArray>()),
            Arc::new(rows.iter().map(|row| row.value).collect::<StringArray>()),
            Arc::new(moments(board.as_of)),
            Arc::new(figures().map(|figure| Some(figure.numerator)).collect::<Int64Array>()),
            Arc::new(figures().map(|figure| Some(figure.denominator)).collect::<Int64Array>()),
            Arc::new(rows.iter().map(|row| row.ratio).collect::<Float64Array>()),
            Arc::new(
                rows.iter()
                    .map(|row| serde_json::to_string(&row.change).ok())
                    .collect::<StringArray>(),
            ),
            Arc::new(Int64Array::from(vec![version; count])),
            Arc::new(moments(published_at)),
        ],
    )
}

/// Reads what had been published last of every figure, up to `by` or up to now. Figures whose rate or dimension is gone are
/// forgotten.
pub(super) async fn read_published(
    table: &Table,
    pipeline: &Pipeline,
    by: EventTime,
) -> Result<PublishedRates, LakeError> {
    const COLUMNS: &[&str] = &[
        "rate",
        "area",
        "dimension",
        "value",
        "ledger_version",
        "as_of",
        "numerator",
        "denominator",
        "published_at",
    ];
    let mut newest = HashMap::new();
    let files = table.files()?;
    scan(table, &files, COLUMNS, |_, batch| take_newest(batch, pipeline, by, &mut newest)).await?;
    Ok(PublishedRates {
        newest: newest.values().map(|(age, _)| *age).max(),
        figures: newest.into_iter().map(|(key, (_, counts))| (key, counts)).collect(),
    })
}

/// Which of two publications is the newer: a replay may publish an older as-of later, but on a later ledger.
type Age = (i64, i64);

fn take_newest(
    batch: &RecordBatch,
    pipeline: &Pipeline,
    by: EventTime,
    newest: &mut HashMap<FigureKey, (Age, (i64, i64))>,
) -> Option<()> {
    let text = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
    let number = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Int64Type>();
    let (rates, codes, dimensions, values) =
        (text("rate")?, text("area")?, text("dimension")?, text("value")?);
    let (numerators, denominators) = (number("numerator")?, number("denominator")?);
    let versions = number("ledger_version")?;
    let moments =
        |name: &str| batch.column_by_name(name)?.as_primitive_opt::<TimestampMicrosecondType>();
    let (as_ofs, published) = (moments("as_of")?, moments("published_at")?);
    let is_known = |row: &usize| published.value(*row) <= by.microseconds();
    for row in (0..batch.num_rows()).filter(is_known) {
        let rate = pipeline.rates.iter().position(|rate| rate.name == rates.value(row));
        let area = pipeline.areas.resolve(codes.value(row));
        let slice = match dimensions.is_valid(row) {
            true => pipeline.slice(dimensions.value(row), values.value(row)).map(Some),
            false => Some(None),
        };
        let (Some(rate), Some(area), Some(slice)) = (rate, area, slice) else {
            continue;
        };
        let key = FigureKey { rate: rate as u16, area, slice };
        let age = (versions.value(row), as_ofs.value(row));
        let candidate = (age, (numerators.value(row), denominators.value(row)));
        let known = newest.entry(key).or_insert(candidate);
        if candidate.0 >= known.0 {
            *known = candidate;
        }
    }
    Some(())
}
