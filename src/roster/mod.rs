//! One timeline per entity: the set of its facts, and its state at any moment.
//!
//! Adding a fact is set union, so late, repeated and reordered facts need no special case (UNION). Knows neither where
//! facts come from nor what is counted of them.

mod batch;
mod fact;
mod layout;
mod state;
mod timeline;

#[cfg(test)]
mod tests;

use std::hint::black_box;

use hashbrown::HashMap;

pub use batch::FactBatch;
pub use fact::{FactCode, FactHead, Token};
pub use layout::Layout;
pub use state::State;
pub use timeline::Timeline;

/// The timelines of the entities that hash to one shard.
#[derive(Default)]
pub struct Roster {
    timelines: HashMap<Token, Timeline, TokenHasher>,
}

/// A token is the output of a keyed hash already: its own bits are its hash.
#[derive(Clone, Copy, Default)]
pub struct TokenHasher;

impl std::hash::BuildHasher for TokenHasher {
    type Hasher = FirstWord;

    fn build_hasher(&self) -> FirstWord {
        FirstWord(0)
    }
}

/// Takes the first eight bytes as they are.
pub struct FirstWord(u64);

impl std::hash::Hasher for FirstWord {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk::<8>() {
            self.0 = u64::from_le_bytes(*first);
        }
    }

    /// An array hashes its length first, which says nothing here.
    fn write_usize(&mut self, _length: usize) {}
}

impl Roster {
    /// The timeline of an entity, empty when it is new.
    pub fn timeline(&mut self, entity: Token) -> &mut Timeline {
        self.timelines.entry(entity).or_default()
    }

    /// Looks entities up in advance: so the cache misses of several overlap, where each by itself would be waited for.
    pub fn approach(&self, entities: impl Iterator<Item = Token>) {
        black_box(entities.filter(|entity| self.timelines.contains_key(entity)).count());
    }

    /// Every entity with its timeline, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (Token, &Timeline)> {
        self.timelines.iter().map(|(token, timeline)| (*token, timeline))
    }

    /// How many entities it holds.
    pub fn len(&self) -> usize {
        self.timelines.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.timelines.is_empty()
    }
}
