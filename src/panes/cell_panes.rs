//! One cell's panes, oldest first, and what lies behind the horizon as one number.

use std::collections::VecDeque;
use std::hint::black_box;

use super::moments::Moments;
use super::window::widens_at;
use super::{Levels, pane_end};
use crate::time::{EventTime, LATEST};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Pane {
    end: EventTime,
    /// By how much the level is higher at its end than at its beginning; never 0.
    rise: i64,
}

/// So many movements may wait at least before they are put in order.
const WAITING_LEAST: usize = 64;

/// One cell over time.
#[derive(Default, Debug)]
pub struct CellPanes {
    /// The level at the horizon.
    settled: i64,
    panes: VecDeque<Pane>,
    /// Movements before what was the last pane when they came, in no order. To find the place of each by itself, and to make room there, is what a
    /// recall would spend most of its time on: entities come in no order of time.
    waiting: Vec<Pane>,
    /// Before this frontier no pane gets wider, nor are all of them settled; `None` where something has moved since that was found out.
    unchanged_until: Option<EventTime>,
}

impl CellPanes {
    /// Brings it where it is quickly written to.
    pub fn touch(&self) {
        black_box(self.settled);
        black_box(self.panes.back().copied());
    }

    /// A rise behind the horizon.
    pub fn settle(&mut self, rise: i64) {
        self.settled += rise;
    }

    /// A rise in the pane that ends at `end`.
    pub fn add(&mut self, end: EventTime, rise: i64) {
        if rise == 0 {
            return;
        }
        self.unchanged_until = None;
        let pane = Pane { end, rise };
        match self.panes.back() {
            Some(last) if end < last.end => {
                self.waiting.push(pane);
                // So rarely that each movement pays for a pane or two that are moved.
                if self.waiting.len() >= WAITING_LEAST.max(self.panes.len()) {
                    self.put_in_order();
                }
            }
            _ => append(&mut self.panes, pane),
        }
    }

    fn put_in_order(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        self.waiting.sort_unstable_by_key(|pane| pane.end);
        let mut ordered = VecDeque::with_capacity(self.panes.len() + self.waiting.len());
        let mut waiting = self.waiting.drain(..).peekable();
        for pane in std::mem::take(&mut self.panes) {
            while let Some(earlier) = waiting.next_if(|earlier| earlier.end <= pane.end) {
                append(&mut ordered, earlier);
            }
            append(&mut ordered, pane);
        }
        // The pane that they waited before may have been emptied since.
        waiting.for_each(|later| append(&mut ordered, later));
        self.panes = ordered;
    }

    /// The level at each moment, which is a pane's boundary or not before the frontier; by column. Panes have been coarsened
    /// since the last movement.
    pub fn levels(&self, moments: &Moments) -> Levels {
        debug_assert!(self.waiting.is_empty(), "what waits is not counted");
        let (mut levels, mut level) = (vec![0; moments.columns()], self.settled);
        let mut panes = self.panes.iter().peekable();
        for (moment, column) in moments.in_order() {
            while let Some(pane) = panes.next_if(|pane| pane.end <= moment) {
                level += pane.rise;
            }
            levels[column] = level;
        }
        levels
    }

    /// Joins panes that are old enough to be wider, and settles what no window reaches any more. Panes that lie in the
    /// future are left as they are: there may be many more of them. Most cells are as they were, and are left
    /// alone: of panes that could be settled one by one, it is enough to settle them with the last.
    pub fn coarsen(&mut self, horizon: EventTime, frontier: EventTime) {
        if self.unchanged_until.is_some_and(|until| frontier < until) {
            return;
        }
        self.put_in_order();
        self.waiting = Vec::new(); // there are many cells, and most of them will wait for long
        let passed = self.panes.partition_point(|pane| pane.end <= frontier);
        let mut wide = VecDeque::with_capacity(passed);
        for pane in self.panes.drain(..passed) {
            match pane.end <= horizon {
                true => self.settled += pane.rise,
                false => append(&mut wide, Pane { end: pane_end(pane.end, frontier), ..pane }),
            }
        }
        wide.into_iter().rev().for_each(|pane| self.panes.push_front(pane));
        let widens = self.panes.iter().filter_map(|pane| widens_at(pane.end, frontier));
        // And when all of them can be settled: the horizon follows the frontier.
        let behind = frontier.seconds() - horizon.seconds();
        let settles = self.panes.back().map(|last| last.end.plus(behind));
        self.unchanged_until = Some(widens.chain(settles).min().unwrap_or(LATEST));
    }

    /// Whether it says nothing that an absent cell would not say.
    pub fn is_empty(&self) -> bool {
        self.settled == 0 && self.panes.is_empty() && self.waiting.is_empty()
    }
}

/// Behind all others, or to the last of them, if they end alike. A pane in which nothing is left is no more.
fn append(panes: &mut VecDeque<Pane>, pane: Pane) {
    match panes.back_mut().filter(|last| last.end == pane.end) {
        Some(last) => {
            last.rise += pane.rise;
            if last.rise == 0 {
                panes.pop_back();
            }
        }
        None => panes.push_back(pane),
    }
}
