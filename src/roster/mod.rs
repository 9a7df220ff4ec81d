//! One timeline per entity: the set of its facts, and its state at any moment.
//!
//! Adding a fact is set union, so late, repeated and reordered facts need no special case (UNION). Knows neither where
//! facts come from nor what is counted of them; a home is a number to it.

mod batch;
mod fact;
mod layout;
mod state;
mod timeline;

#[cfg(test)]
mod tests;

use std::hint::black_box;

use indexmap::{IndexMap, map};

pub use batch::{FactBatch, TimelineBatch};
pub use fact::{FactCode, FactHead, Token};
pub use layout::Layout;
pub use state::State;
pub use timeline::Timeline;

/// How many tables a roster is split into, so that none takes long to copy or to grow. A power of two.
const SLOTS: usize = 1_024;

/// Where an entity was first heard of: a partition's number within one engine. What is known of a partition is
/// forgotten and recalled by it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct HomeId(pub u16);

/// The timelines of the entities that hash to one shard.
pub struct Roster {
    /// By the entity's first bits, so that slots and what is sorted within them are in the order of entities.
    slots: Vec<IndexMap<Token, Entry, TokenHasher>>,
    shared: usize,
}

struct Entry {
    home: HomeId,
    /// Whether facts came from elsewhere than its home too.
    is_shared: bool,
    timeline: Timeline,
}

impl Default for Roster {
    fn default() -> Self {
        Self { slots: (0..SLOTS).map(|_| IndexMap::default()).collect(), shared: 0 }
    }
}

/// A token is the output of a keyed hash already: its own bits are its hash.
#[derive(Clone, Copy, Default)]
pub struct TokenHasher;

impl std::hash::BuildHasher for TokenHasher {
    type Hasher = OwnBits;

    fn build_hasher(&self) -> OwnBits {
        OwnBits(0)
    }
}

/// Takes bits that neither the slot nor the shard was chosen by.
pub struct OwnBits(u64);

impl std::hash::Hasher for OwnBits {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(own) = bytes.get(4..).and_then(|bytes| bytes.first_chunk::<8>()) {
            self.0 = u64::from_le_bytes(*own);
        }
    }

    /// An array hashes its length first, which says nothing here.
    fn write_usize(&mut self, _length: usize) {}
}

impl Roster {
    /// How many slots there are to [walk](Roster::slot).
    pub const SLOTS: usize = SLOTS;

    /// Changes the timeline of an entity, empty when it is new, of which `home` has something to say.
    pub fn change<T>(
        &mut self,
        entity: Token,
        home: HomeId,
        change: impl FnOnce(&mut Timeline) -> T,
    ) -> T {
        match self.slots[slot_of(entity)].entry(entity) {
            map::Entry::Occupied(mut known) => {
                let known = known.get_mut();
                if known.home != home && !known.is_shared {
                    known.is_shared = true;
                    self.shared += 1;
                }
                change(&mut known.timeline)
            }
            // Made aside and put there when it is done: to read what was just put there would wait for the table's
            // memory, which is most of what a recall did.
            map::Entry::Vacant(place) => {
                let mut timeline = Timeline::default();
                let changed = change(&mut timeline);
                place.insert(Entry { home, is_shared: false, timeline });
                changed
            }
        }
    }

    /// Where an entity was first heard of.
    pub fn home(&self, entity: Token) -> Option<HomeId> {
        self.slots[slot_of(entity)].get(&entity).map(|entry| entry.home)
    }

    /// Makes room for so many more entities, so that tables need not grow while they come.
    pub fn reserve(&mut self, entities: usize) {
        let share = entities.div_ceil(SLOTS);
        // Some slots get more than their share; to grow for the last few would take a table twice as long.
        self.slots.iter_mut().for_each(|slot| slot.reserve(share + share / 32));
    }

    /// Looks entities up in advance: so the cache misses of several overlap, where each by itself would be waited for.
    pub fn approach(&self, entities: impl Iterator<Item = Token>) {
        let known = |entity: &Token| self.slots[slot_of(*entity)].contains_key(entity);
        black_box(entities.filter(known).count());
    }

    /// Every entity with its timeline, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (Token, &Timeline)> {
        let entries = self.slots.iter().flatten();
        entries.map(|(token, entry)| (*token, &entry.timeline))
    }

    /// The entities of one slot, in their order. What a slot holds comes before what the next one holds.
    pub fn slot(&self, slot: usize) -> Vec<(Token, HomeId, &Timeline)> {
        let entries = self.slots[slot].iter();
        let mut sorted: Vec<_> =
            entries.map(|(token, entry)| (*token, entry.home, &entry.timeline)).collect();
        sorted.sort_unstable_by_key(|(token, ..)| *token);
        sorted
    }

    /// Forgets the entities of a home, each after `forgotten` has seen its timeline.
    pub fn forget(&mut self, home: HomeId, mut forgotten: impl FnMut(&Timeline)) {
        for slot in &mut self.slots {
            for (_, entry) in slot.extract_if(.., |_, entry| entry.home == home) {
                self.shared -= usize::from(entry.is_shared);
                forgotten(&entry.timeline);
            }
            slot.shrink_to(slot.len());
        }
    }

    /// How many entities it holds.
    pub fn len(&self) -> usize {
        self.slots.iter().map(IndexMap::len).sum()
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

fn slot_of(entity: Token) -> usize {
    usize::from(u16::from_be_bytes([entity.0[0], entity.0[1]])) * SLOTS / (1 << 16)
}
