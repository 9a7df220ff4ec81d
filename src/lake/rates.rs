//! The rates table: what a board published and had not published before.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{
    Array, AsArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use hashbrown::HashMap;

use super::closing::{AtMidnight, Causes, Closed, Closing, Revision};
use super::scan::scan;
use super::table::{Table, failed};
use super::{LakeError, schema};
use crate::board::{Board, Figure, FigureKey, rows};
use crate::panes::last_midnight;
use crate::spec::Pipeline;
use crate::time::EventTime;

/// What was published last of every figure.
#[derive(Default)]
pub struct PublishedRates {
    figures: HashMap<FigureKey, Counts>,
    newest: Option<Age>,
    closing: Closing,
}

/// Numerator and denominator.
type Counts = (i64, i64);

/// Which of two publications is the newer. A replay may publish an older as-of later, but on a later ledger. Panes of several homes
/// tell of one ledger version one after the other: what then decides is that no two publications are of the same microsecond.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Age {
    ledger_version: i64,
    as_of: EventTime,
    published_at: PublishedAt,
}

/// When something was published, in microseconds since 1970 by the publisher's clock, whose seconds several publications may share.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct PublishedAt(i64);

impl PublishedAt {
    /// Now, or the next moment behind the last publication where the clock stands still or was another publisher's.
    fn now(now: EventTime, last: Option<Age>) -> Self {
        let now = Self(now.microseconds());
        last.map_or(now, |last| now.max(Self(last.published_at.0 + 1)))
    }

    /// Whether it was within this second, or before.
    fn is_by(self, second: EventTime) -> bool {
        EventTime::from_microseconds(self.0) <= second
    }
}

/// What a board says anew.
pub(super) struct News {
    /// Rows for the table, each with the moment they are of.
    pub batches: Vec<(EventTime, RecordBatch)>,
    age: Age,
    closed: Closed,
}

impl PublishedRates {
    /// The board that was published last, as far as it can be told: changes are not known of it.
    pub fn last_board(&self, pipeline: &Arc<Pipeline>) -> Option<Board> {
        let Age { ledger_version, as_of, .. } = self.newest?;
        let counted = self.figures.iter().filter(|(_, counts)| **counts != (0, 0));
        let mut figures: Vec<Figure> =
            counted.map(|(key, counts)| bare(*key, *counts, pipeline)).collect();
        figures.sort_by_key(|figure| figure.key);
        Some(Board::bare(pipeline.clone(), as_of, Some(ledger_version as u64), figures))
    }

    /// As of when the newest board was made.
    pub fn as_of(&self) -> Option<EventTime> {
        self.newest.map(|newest| newest.as_of)
    }

    /// The rows for what `board` says anew: of the last midnight, then of its own moment. A figure that was published and has
    /// nobody any more is said to be zero.
    pub(super) fn changes(
        &self,
        board: &Board,
        causes: Causes,
        now: EventTime,
    ) -> Result<News, LakeError> {
        let (pipeline, version) = (&board.pipeline, board.ledger_version);
        let published_at = PublishedAt::now(now, self.newest);
        let ledger_version = version.map_or(0, |version| version as i64);
        let age = Age { ledger_version, as_of: board.as_of, published_at };
        let closed = self.closing.after(board, &self.figures, self.as_of());
        let mut batches = Vec::new();
        let mut add = |as_of, rows: Vec<(Figure, Revision)>| {
            let (figures, revisions): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
            if figures.is_empty() {
                return Ok(());
            }
            let board = Board::bare(pipeline.clone(), as_of, version, figures);
            let batch = to_batch(&board, &revisions, published_at);
            batches.push((as_of, batch.map_err(|e| failed(&pipeline.name, "lay out rates", e))?));
            Ok(())
        };
        let why = causes.rolled_up(pipeline, closed.midnight);
        let said = closed.said().map(|(key, at)| {
            let is_restated = at.revision > Some(0);
            let reason = is_restated.then(|| why.reason(key, pipeline));
            (bare(key, at.counts, pipeline), Revision { number: at.revision, reason })
        });
        add(closed.midnight, said.collect())?;
        let news =
            self.news(board, &closed).into_iter().map(|figure| (figure, Revision::default()));
        add(board.as_of, news.collect())?;
        Ok(News { batches, age, closed })
    }

    /// What differs from what was published, or from what is being said of midnight: the last row has to be that of now.
    fn news(&self, board: &Board, closed: &Closed) -> Vec<Figure> {
        let said: HashMap<FigureKey, Counts> =
            closed.said().map(|(key, at)| (key, at.counts)).collect();
        let stands = |figure: &&Figure| {
            let now = counts(figure);
            self.figures.get(&figure.key) == Some(&now)
                && said.get(&figure.key).is_none_or(|said| *said == now)
        };
        let mut news: Vec<Figure> =
            board.figures.iter().filter(|figure| !stands(figure)).cloned().collect();
        let vanished: BTreeSet<FigureKey> = (self.figures.iter().chain(&said))
            .filter(|(key, old)| **old != (0, 0) && board.figure(**key).is_none())
            .map(|(key, _)| *key)
            .collect();
        news.extend(vanished.into_iter().map(|key| bare(key, (0, 0), &board.pipeline)));
        news.sort_by_key(|figure| figure.key);
        news
    }

    /// Notes what `board` has published.
    pub(super) fn remember(&mut self, board: &Board, news: News) {
        self.figures.values_mut().for_each(|counts| *counts = (0, 0));
        self.figures.extend(board.figures.iter().map(|figure| (figure.key, counts(figure))));
        self.newest = self.newest.max(Some(news.age));
        self.closing.remember(news.closed);
    }
}

fn counts(figure: &Figure) -> Counts {
    (figure.numerator, figure.denominator)
}

/// A figure of which only its counts are known.
fn bare(key: FigureKey, (numerator, denominator): Counts, pipeline: &Pipeline) -> Figure {
    let windows = pipeline.rates[usize::from(key.rate)].change.len();
    let (change, at_midnight) = (vec![None; windows], (numerator, denominator));
    Figure { key, numerator, denominator, change, at_midnight, last_spring: None }
}

fn to_batch(
    board: &Board,
    revisions: &[Revision],
    published_at: PublishedAt,
) -> Result<RecordBatch, arrow::error::ArrowError> {
    let rows: Vec<_> = rows(board).collect();
    let (figures, count) = (|| board.figures.iter(), rows.len());
    let moments = |microseconds: i64| {
        TimestampMicrosecondArray::from(vec![microseconds; count]).with_timezone("UTC")
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
            Arc::new(moments(board.as_of.microseconds())),
            Arc::new(figures().map(|figure| Some(figure.numerator)).collect::<Int64Array>()),
            Arc::new(figures().map(|figure| Some(figure.denominator)).collect::<Int64Array>()),
            Arc::new(rows.iter().map(|row| row.ratio).collect::<Float64Array>()),
            Arc::new(
                rows.iter()
                    .map(|row| serde_json::to_string(&row.change).ok())
                    .collect::<StringArray>(),
            ),
            Arc::new(Int64Array::from(vec![version; count])),
            Arc::new(moments(published_at.0)),
            Arc::new(revisions.iter().map(|revision| revision.number).collect::<Int64Array>()),
            Arc::new(revisions.iter().map(|revision| revision.reason).collect::<StringArray>()),
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
    let files = table.files()?;
    let mut newest: HashMap<FigureKey, (Age, Counts)> = HashMap::new();
    scan(table, &files, PublishedRow::COLUMNS, |_, batch| {
        PublishedRow::each(batch, pipeline, by, |row| {
            // What a midnight is said to have been is no news of today.
            if row.revision.is_none() {
                keep_newest(&mut newest, row.key, row.age, row.counts);
            }
        })
    })
    .await?;
    let age = newest.values().map(|(age, _)| *age).max();
    let midnight = age.map(|age| last_midnight(age.as_of));
    let closing = match midnight {
        Some(midnight) => read_closing(table, pipeline, by, midnight).await?,
        None => Closing::default(),
    };
    let figures = newest.into_iter().map(|(key, (_, counts))| (key, counts)).collect();
    Ok(PublishedRates { figures, newest: age, closing })
}

/// What stands of a midnight: of each figure the last row that is not of a later moment.
async fn read_closing(
    table: &Table,
    pipeline: &Pipeline,
    by: EventTime,
    midnight: EventTime,
) -> Result<Closing, LakeError> {
    let files = table.files()?;
    let mut stands: HashMap<FigureKey, ((EventTime, i64, Age), AtMidnight)> = HashMap::new();
    scan(table, &files, PublishedRow::COLUMNS, |_, batch| {
        PublishedRow::each(batch, pipeline, by, |row| {
            let as_of = row.age.as_of;
            if as_of <= midnight {
                let is_of_it = as_of == midnight;
                let revision = row.revision.filter(|_| is_of_it).unwrap_or(0);
                let at = AtMidnight { counts: row.counts, revision: Some(revision) };
                let age = (as_of, row.revision.unwrap_or(-1), row.age);
                keep_newest(&mut stands, row.key, age, at);
            }
        })
    })
    .await?;
    match stands.is_empty() {
        true => Ok(Closing::default()),
        false => {
            let figures = stands.into_iter().map(|(key, (_, at))| (key, at)).collect();
            Ok(Closing::of(midnight, figures))
        }
    }
}

fn keep_newest<A: Ord, T>(all: &mut HashMap<FigureKey, (A, T)>, key: FigureKey, age: A, told: T) {
    let is_newest = all.get(&key).is_none_or(|(known, _)| age >= *known);
    if is_newest {
        all.insert(key, (age, told));
    }
}

/// A row of the table, of a figure that there still is.
struct PublishedRow {
    key: FigureKey,
    age: Age,
    counts: Counts,
    revision: Option<i64>,
}

impl PublishedRow {
    const COLUMNS: &'static [&'static str] = &[
        "rate",
        "area",
        "dimension",
        "value",
        "ledger_version",
        "as_of",
        "numerator",
        "denominator",
        "published_at",
        "revision",
    ];

    /// Tells every row that had been published by a moment.
    fn each(
        batch: &RecordBatch,
        pipeline: &Pipeline,
        by: EventTime,
        mut tell: impl FnMut(Self),
    ) -> Option<()> {
        let text = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
        let number = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Int64Type>();
        let moments =
            |name: &str| batch.column_by_name(name)?.as_primitive_opt::<TimestampMicrosecondType>();
        let (rates, codes, dimensions, values) =
            (text("rate")?, text("area")?, text("dimension")?, text("value")?);
        let (numerators, denominators) = (number("numerator")?, number("denominator")?);
        let (versions, as_ofs) = (number("ledger_version")?, moments("as_of")?);
        let published = moments("published_at")?;
        // Files of before have none.
        let revisions = number("revision");
        let is_known = |row: &usize| PublishedAt(published.value(*row)).is_by(by);
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
            let revision = revisions.filter(|revisions| revisions.is_valid(row));
            tell(Self {
                key: FigureKey { rate: rate as u16, area, slice },
                age: Age {
                    ledger_version: versions.value(row),
                    as_of: EventTime::from_microseconds(as_ofs.value(row)),
                    published_at: PublishedAt(published.value(row)),
                },
                counts: (numerators.value(row), denominators.value(row)),
                revision: revision.map(|revisions| revisions.value(row)),
            });
        }
        Some(())
    }
}
