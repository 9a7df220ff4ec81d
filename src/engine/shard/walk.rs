//! A roster snapshot, taken slot by slot while facts go on arriving.
//!
//! Facts join idempotently, so a snapshot need not be of one moment: it holds everything up to the epoch at whose end it
//! began, and perhaps some of what came until it was done.

use std::collections::BTreeSet;

use super::lane::ShardLane;
use super::{Close, EpochId};
use crate::roster::{HomeId, Roster, Timeline, Token};

/// A part of a snapshot.
pub enum Walked {
    /// The entities of one slot.
    Slot(Slot),
    /// The shard has told all it has.
    Done {
        /// The epoch at whose end the snapshot began.
        began: EpochId,
        /// The last epoch of which it may hold facts.
        holds: EpochId,
        /// Homes that came or went meanwhile.
        disturbed: BTreeSet<HomeId>,
    },
}

/// The entities of one slot of one lane.
pub struct Slot {
    /// The lane.
    pub lane: usize,
    /// The epoch at whose end the snapshot began.
    pub began: EpochId,
    /// Each with its home.
    pub entities: Vec<(Token, HomeId, Timeline)>,
}

/// Where a snapshot stands.
pub struct Walk {
    began: EpochId,
    lanes: Vec<usize>,
    slot: usize,
    holds: EpochId,
    disturbed: BTreeSet<HomeId>,
}

impl Walk {
    pub fn new(close: &Close) -> Self {
        let lanes = close.snapshot.iter().enumerate().filter(|(_, snapshot)| **snapshot);
        Self {
            began: close.epoch,
            lanes: lanes.map(|(lane, _)| lane).collect(),
            slot: 0,
            holds: close.epoch,
            disturbed: BTreeSet::new(),
        }
    }

    pub fn next(&mut self, lanes: &[ShardLane]) -> Walked {
        let (began, holds) = (self.began, self.holds);
        let Some(&lane) = self.lanes.last() else {
            return Walked::Done { began, holds, disturbed: std::mem::take(&mut self.disturbed) };
        };
        let slot = lanes[lane].roster().slot(self.slot);
        let entities =
            slot.into_iter().map(|(token, home, timeline)| (token, home, timeline.clone()));
        let entities = entities.collect();
        self.slot += 1;
        if self.slot == Roster::SLOTS {
            self.slot = 0;
            self.lanes.pop();
        }
        Walked::Slot(Slot { lane, began, entities })
    }

    /// Facts of this epoch have been taken before the snapshot was done.
    pub fn holds_facts_of(&mut self, epoch: EpochId) {
        self.holds = epoch;
    }

    pub fn disturb(&mut self, home: HomeId) {
        self.disturbed.insert(home);
    }
}
