//! One cell's panes, oldest first, and what lies behind the horizon as one number.

use std::collections::VecDeque;

use super::pane_end;
use crate::time::EventTime;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Pane {
    end: EventTime,
    entries: i64,
    exits: i64,
}

/// So many movements may wait at least before they are put in order.
const WAITING_LEAST: usize = 64;

/// One cell over time.
#[derive(Default, Debug)]
pub struct CellPanes {
    /// The level at the horizon.
    settled: i64,
    panes: VecDeque<Pane>,
    /// Movements before the last pane, in no order. To find the place of each by itself, and to make room there, is what a
    /// recall would spend most of its time on: entities come in no order of time.
    waiting: Vec<Pane>,
}

impl CellPanes {
    /// A movement behind the horizon.
    pub fn settle(&mut self, difference: i64) {
        self.settled += difference;
    }

    /// A movement in the pane that ends at `end`.
    pub fn add(&mut self, end: EventTime, entries: i64, exits: i64) {
        let pane = Pane { end, entries, exits };
        match self.panes.back() {
            Some(last) if end < last.end => {
                self.waiting.push(pane);
                // So rarely that each movement pays for a few panes that are moved.
                if self.waiting.len() >= WAITING_LEAST.max(self.panes.len() / 4) {
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
        let mut waiting = self.waiting.drain(..).peekable();
        let mut before = |end| waiting.next_if(|pane| pane.end <= end);
        let mut ordered = VecDeque::with_capacity(self.panes.len());
        for pane in std::mem::take(&mut self.panes) {
            while let Some(earlier) = before(pane.end) {
                append(&mut ordered, earlier);
            }
            append(&mut ordered, pane);
        }
        self.panes = ordered;
    }

    /// The level at `moment`, which is a pane's boundary or not before the frontier. Panes have been coarsened since the
    /// last movement.
    pub fn level(&self, moment: EventTime) -> i64 {
        debug_assert!(self.waiting.is_empty(), "what waits is not counted");
        let until = self.panes.iter().take_while(|pane| pane.end <= moment);
        self.settled + until.map(|pane| pane.entries - pane.exits).sum::<i64>()
    }

    /// Joins panes that are old enough to be wider, and settles what no window reaches any more.
    pub fn coarsen(&mut self, horizon: EventTime, frontier: EventTime) {
        self.put_in_order();
        while let Some(oldest) = self.panes.front().filter(|pane| pane.end <= horizon) {
            self.settled += oldest.entries - oldest.exits;
            self.panes.pop_front();
        }
        let narrow = std::mem::take(&mut self.panes);
        for pane in narrow.into_iter().filter(|pane| (pane.entries, pane.exits) != (0, 0)) {
            append(&mut self.panes, Pane { end: pane_end(pane.end, frontier), ..pane });
        }
    }

    /// Whether it says nothing that an absent cell would not say.
    pub fn is_empty(&self) -> bool {
        self.settled == 0 && self.panes.is_empty() && self.waiting.is_empty()
    }
}

/// Behind all others, or to the last of them, if they end alike.
fn append(panes: &mut VecDeque<Pane>, pane: Pane) {
    match panes.back_mut().filter(|last| last.end == pane.end) {
        Some(last) => {
            last.entries += pane.entries;
            last.exits += pane.exits;
        }
        None => panes.push_back(pane),
    }
}
