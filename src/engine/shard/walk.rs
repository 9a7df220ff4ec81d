//! A roster snapshot, taken a few slots at a time while facts go on arriving.
//!
//! Facts join idempotently, so a snapshot need not be of one moment: it holds everything up to the epoch at whose end it
//! began, and perhaps some of what came until it was done.

use std::collections::{BTreeMap, BTreeSet};

use super::lane::ShardLane;
use super::{Close, EpochId};
use crate::roster::{HomeId, PackedTimelines, Roster};
use crate::time::EventTime;

/// Into how many parts a lane's entities are split, so that nothing waits for long while one is copied.
const PARTS: usize = 64;

/// What a shard tells of a snapshot at a time.
pub enum Walked {
    /// The entities of some slots.
    Part(Part),
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

/// The entities of some slots of one lane.
pub struct Part {
    /// The lane.
    pub lane: usize,
    /// The epoch at whose end the snapshot began.
    pub began: EpochId,
    /// As of when that epoch's board is.
    pub as_of: EventTime,
    /// By home.
    pub entities: BTreeMap<HomeId, PackedTimelines>,
}

/// Where a snapshot stands.
pub struct Walk {
    began: EpochId,
    /// By lane.
    as_of: Vec<EventTime>,
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
            as_of: close.as_of.clone(),
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
        let mut entities = BTreeMap::new();
        for _ in 0..Roster::SLOTS / PARTS {
            lanes[lane].roster().copy_slot(self.slot, &mut entities);
            self.slot += 1;
        }
        if self.slot == Roster::SLOTS {
            self.slot = 0;
            self.lanes.pop();
        }
        Walked::Part(Part { lane, began, as_of: self.as_of[lane], entities })
    }

    /// Facts of this epoch have been taken before the snapshot was done.
    pub fn holds_facts_of(&mut self, epoch: EpochId) {
        self.holds = epoch;
    }

    pub fn disturb(&mut self, home: HomeId) {
        self.disturbed.insert(home);
    }
}
