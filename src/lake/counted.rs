//! What the timelines of a roster file add up to, said in the file's footer: whoever recalls the file takes the sum, and
//! need not walk each timeline anew.
//!
//! It is of exactly the timelines of its file, and of how the pipeline counted when it was written. Where the pipeline
//! counts otherwise by now, or the sum would be too long for a footer, nothing is said and everything is walked.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::panes::{Moved, PaneRows};
use super::parquet_file::Note;
use crate::panes::pane_end;
use crate::roster::Timeline;
use crate::spec::Pipeline;
use crate::steps::{Cell, Stepper};
use crate::time::EventTime;

/// The longest sum. Readers parse a footer whole, whatever they want of the file.
const BYTES_MOST: usize = 1 << 22;
/// A pane takes more than so many bytes of it: where there are too many, it is not worth adding up the rest.
const BYTES_A_PANE: usize = 8;

/// What timelines add up to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counted {
    /// Panes are as wide as a board as of this moment allows; no earlier board can be made of them.
    pub frontier: EventTime,
    /// What moved in which cell, in the pane that ends when.
    pub rows: Vec<(Cell, EventTime, Moved)>,
}

/// One cell in the note.
#[derive(Serialize, Deserialize)]
struct CellNote {
    measure: String,
    area: String,
    /// Dimension and value; none in total.
    slice: Option<(String, String)>,
    /// Seconds from the end of the pane before to its own end, entries, exits.
    panes: Vec<(i64, i64, i64)>,
}

#[derive(Serialize, Deserialize)]
struct CountedNote {
    frontier_seconds: i64,
    cells: Vec<CellNote>,
}

impl Counted {
    /// What these timelines add up to, for boards as of `frontier` or later; `None` as soon as that is too long to be said.
    pub fn of(
        timelines: impl Iterator<Item = impl Borrow<Timeline>>,
        stepper: &mut Stepper,
        frontier: EventTime,
    ) -> Option<Self> {
        Self::of_at_most(BYTES_MOST / BYTES_A_PANE, timelines, stepper, frontier)
    }

    pub(super) fn of_at_most(
        panes: usize,
        timelines: impl Iterator<Item = impl Borrow<Timeline>>,
        stepper: &mut Stepper,
        frontier: EventTime,
    ) -> Option<Self> {
        let (mut rows, mut steps) = (PaneRows::default(), Vec::new());
        for timeline in timelines {
            stepper.walk(timeline.borrow(), &mut steps);
            for step in &steps {
                let end = pane_end(step.time, frontier);
                rows.add(step.cell, end, Moved::by(step.rise, 1));
            }
            if rows.len() > panes {
                return None;
            }
        }
        Some(Self { frontier, rows: rows.sorted() })
    }

    /// As a note in a footer, if it is not too long for one.
    pub(super) fn to_note(&self, pipeline: &Pipeline) -> Option<Note> {
        let slices: BTreeMap<_, _> = pipeline
            .slices()
            .map(|(id, dimension, value)| (id, (dimension.name.clone(), value.name.clone())))
            .collect();
        let mut cells: BTreeMap<Cell, (CellNote, i64)> = BTreeMap::new();
        for (cell, end, moved) in &self.rows {
            let new = || {
                let measure = pipeline.measures[usize::from(cell.measure().0)].name.clone();
                let slice = cell.slice().and_then(|slice| slices.get(&slice).cloned());
                let area = pipeline.areas.code(cell.area()).to_owned();
                (CellNote { measure, area, slice, panes: Vec::new() }, 0)
            };
            let (end, Moved { entries, exits }) = (end.seconds(), *moved);
            let (note, last) = cells.entry(*cell).or_insert_with(new);
            note.panes.push((end - *last, entries, exits));
            *last = end;
        }
        let cells = cells.into_values().map(|(note, _)| note).collect();
        let note = CountedNote { frontier_seconds: self.frontier.seconds(), cells };
        let text = serde_json::to_string(&note).ok()?;
        (text.len() <= BYTES_MOST).then(|| (name(pipeline), text))
    }

    /// What a file's notes say, if they say it of how the pipeline counts.
    pub(super) fn from_notes(notes: &[Note], pipeline: &Pipeline) -> Option<Self> {
        let name = name(pipeline);
        let (_, text) = notes.iter().find(|(noted, _)| *noted == name)?;
        let note: CountedNote = serde_json::from_str(text).ok()?;
        let mut rows = Vec::new();
        for CellNote { measure, area, slice, panes } in note.cells {
            let slice = match slice {
                Some((dimension, value)) => Some(pipeline.slice(&dimension, &value)?),
                None => None,
            };
            let cell =
                Cell::new(pipeline.measure(&measure)?, pipeline.areas.resolve(&area)?, slice);
            let mut end = 0;
            for (further, entries, exits) in panes {
                end = i64::checked_add(end, further)?;
                rows.push((cell, EventTime::from_seconds(end), Moved { entries, exits }));
            }
        }
        Some(Self { frontier: EventTime::from_seconds(note.frontier_seconds), rows })
    }
}

/// Names how it is counted, so that what was counted otherwise is not found.
fn name(pipeline: &Pipeline) -> String {
    format!("chunfeng.counted.{}", pipeline.counting_fingerprint())
}
