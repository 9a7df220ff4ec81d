//! One timeline per entity: the set of its facts, and its state at any moment.
//!
//! Adding a fact is set union, so late, repeated and reordered facts need no special case (UNION). Knows neither where
//! facts come from nor what is counted of them; a home is a number to it.

mod batch;
mod fact;
mod index;
mod layout;
mod packed;
mod packed_timelines;
mod slot;
mod state;
mod timeline;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use batch::{FactBatch, TimelineBatch};
pub use fact::{FactCode, FactHead, Token};
pub use layout::Layout;
pub use packed_timelines::PackedTimelines;
pub use state::State;
pub use timeline::Timeline;

use self::slot::{Record, Slot};

/// How many tables a roster is split into, so that none takes long to copy or to grow. A power of two.
const SLOTS: usize = 1_024;

/// Where an entity was first heard of: a partition's number within one engine. What is known of a partition is
/// forgotten and recalled by it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct HomeId(pub u16);

/// The timelines of the entities that hash to one shard.
///
/// They are kept [packed](packed), and unpacked one at a time to be looked at or changed.
pub struct Roster {
    layout: Arc<Layout>,
    /// By the entity's first bits.
    slots: Vec<Slot>,
    shared: usize,
    /// The timeline being changed, before and after in bytes: kept from entity to entity.
    timeline: Timeline,
    before: Vec<u8>,
    after: Vec<u8>,
}

/// What a timeline takes that nothing is known of yet: two facts.
const PACKED_BYTES_EXPECTED: usize = 16;

impl Roster {
    /// How many slots there are to [walk](Roster::slot).
    pub const SLOTS: usize = SLOTS;

    /// An empty roster of timelines that lie so.
    pub fn new(layout: Arc<Layout>) -> Self {
        Self {
            layout,
            slots: (0..SLOTS).map(|_| Slot::default()).collect(),
            shared: 0,
            timeline: Timeline::default(),
            before: Vec::new(),
            after: Vec::new(),
        }
    }

    /// Changes the timeline of an entity, empty when it is new, of which `home` has something to say.
    pub fn change<T>(
        &mut self,
        entity: Token,
        home: HomeId,
        change: impl FnOnce(&mut Timeline) -> T,
    ) -> T {
        let Self { layout, slots, shared, timeline, before, after } = self;
        let slot = &mut slots[slot_of(entity)];
        timeline.clear();
        before.clear();
        after.clear();
        let known = slot.find(entity).map(|record| {
            before.extend_from_slice(record.packed);
            (record.home, record.is_shared)
        });
        packed::unpack(before, layout, timeline);
        let changed = change(timeline);
        packed::pack(timeline, layout, after);
        let (home, is_shared) = match known {
            Some((first, was_shared)) => (first, was_shared || first != home),
            None => (home, false),
        };
        if known != Some((home, is_shared)) || before != after {
            *shared += usize::from(is_shared && known.is_some_and(|(_, was_shared)| !was_shared));
            slot.put(Record { token: entity, home, is_shared, packed: after });
        }
        changed
    }

    /// Where an entity was first heard of.
    pub fn home(&self, entity: Token) -> Option<HomeId> {
        self.slots[slot_of(entity)].find(entity).map(|record| record.home)
    }

    /// Makes room for so many more entities, so that tables need not grow while they come.
    pub fn reserve(&mut self, entities: usize) {
        let share = entities.div_ceil(SLOTS);
        // Some slots get more than their share; to grow for the last few would take a table twice as long.
        let most = share + share / 32;
        self.slots.iter_mut().for_each(|slot| slot.reserve(most, PACKED_BYTES_EXPECTED));
    }

    /// Looks entities up in advance: so the cache misses of several overlap, where each by itself would be waited for.
    pub fn approach(&self, entities: impl Iterator<Item = Token> + Clone) {
        entities.clone().for_each(|entity| self.slots[slot_of(entity)].touch(entity));
        entities.for_each(|entity| self.slots[slot_of(entity)].touch_record(entity));
    }

    /// Every entity with its timeline, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (Token, Timeline)> {
        let records = self.slots.iter().flat_map(Slot::records);
        records.map(|record| (record.token, unpacked(&record, &self.layout)))
    }

    /// Adds the entities of one slot to those of their homes.
    pub fn copy_slot(&self, slot: usize, homes: &mut BTreeMap<HomeId, PackedTimelines>) {
        for record in self.slots[slot].records() {
            let none = || PackedTimelines::new(self.layout.clone());
            let of_home = homes.entry(record.home).or_insert_with(none);
            of_home.push_packed(record.token, record.packed);
        }
    }

    /// Forgets the entities of a home, each after `forgotten` has seen its timeline.
    pub fn forget(&mut self, home: HomeId, mut forgotten: impl FnMut(&Timeline)) {
        for slot in &mut self.slots {
            for record in slot.records().filter(|record| record.home == home) {
                forgotten(&unpacked(&record, &self.layout));
                self.shared -= usize::from(record.is_shared);
            }
            slot.forget(|record| record.home == home);
        }
    }

    /// How many entities it holds.
    pub fn len(&self) -> usize {
        self.slots.iter().map(Slot::len).sum()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many entities have facts from more than one home.
    pub fn shared(&self) -> usize {
        self.shared
    }
}

fn unpacked(record: &Record, layout: &Layout) -> Timeline {
    let mut timeline = Timeline::default();
    packed::unpack(record.packed, layout, &mut timeline);
    timeline
}

fn slot_of(entity: Token) -> usize {
    usize::from(u16::from_be_bytes([entity.0[0], entity.0[1]])) * SLOTS / (1 << 16)
}
