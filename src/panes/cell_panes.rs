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

/// One cell over time.
#[derive(Default, Debug)]
pub struct CellPanes {
    /// The level at the horizon.
    settled: i64,
    panes: VecDeque<Pane>,
}

impl CellPanes {
    /// A movement behind the horizon.
    pub fn settle(&mut self, difference: i64) {
        self.settled += difference;
    }

    /// A movement in the pane that ends at `end`.
    pub fn add(&mut self, end: EventTime, entries: i64, exits: i64) {
        let index = self.panes.partition_point(|pane| pane.end < end);
        match self.panes.get_mut(index) {
            Some(pane) if pane.end == end => {
                pane.entries += entries;
                pane.exits += exits;
            }
            _ => self.panes.insert(index, Pane { end, entries, exits }),
        }
    }

    /// The level at `moment`, which is a pane's boundary or not before the frontier.
    pub fn level(&self, moment: EventTime) -> i64 {
        let until = self.panes.iter().take_while(|pane| pane.end <= moment);
        self.settled + until.map(|pane| pane.entries - pane.exits).sum::<i64>()
    }

    /// Joins panes that are old enough to be wider, and settles what no window reaches any more.
    pub fn coarsen(&mut self, horizon: EventTime, frontier: EventTime) {
        while let Some(oldest) = self.panes.front().filter(|pane| pane.end <= horizon) {
            self.settled += oldest.entries - oldest.exits;
            self.panes.pop_front();
        }
        let narrow = std::mem::take(&mut self.panes);
        for pane in narrow.into_iter().filter(|pane| (pane.entries, pane.exits) != (0, 0)) {
            let end = pane_end(pane.end, frontier);
            match self.panes.back_mut().filter(|last| last.end == end) {
                Some(last) => {
                    last.entries += pane.entries;
                    last.exits += pane.exits;
                }
                None => self.panes.push_back(Pane { end, ..pane }),
            }
        }
    }

    /// Whether it says nothing that an absent cell would not say.
    pub fn is_empty(&self) -> bool {
        self.settled == 0 && self.panes.is_empty()
    }
}
