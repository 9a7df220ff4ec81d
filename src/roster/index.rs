//! Where each entity's record begins, in four bytes an entry.
//!
//! ```text
//! entry   tag (6 bits) | begin + 1 (26 bits); 0 where nothing is
//! ```
//!
//! A token's place follows from its hash alone, so that a batch of tokens can be looked up in two rounds of loads none of which
//! waits for another: first their entries, then their records. A table that probes by groups has to look at what it
//! loaded before it knows where to go on, and half of all tokens are new: it guessed wrong half of the time, and waited for
//! memory each time. Places are in the order of hashes, so that the table may have any length and grow by a third.

use std::hint::black_box;

/// So many bytes of records can be told apart.
pub const BYTES_MOST: usize = (1 << BEGIN_BITS) - 1;

const BEGIN_BITS: u32 = 26;
const EMPTY: u32 = 0;
/// Of ten entries so many are taken at most.
const FULL_TENTHS: usize = 7;
const LEAST: usize = 16;

/// An open-addressing table from hashes to beginnings.
#[derive(Default)]
pub struct Index {
    entries: Vec<u32>,
    len: usize,
}

impl Index {
    /// How many beginnings it holds.
    pub fn len(&self) -> usize {
        self.len
    }

    /// The beginning for this hash of which it is said that it is the one.
    pub fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        self.place(hash, is_it).map(|place| begin_of(self.entries[place]))
    }

    /// Puts another beginning in the place of one, which is found as by [`Index::find`], and returns that.
    pub fn replace(&mut self, hash: u64, begin: u32, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let place = self.place(hash, is_it)?;
        Some(begin_of(std::mem::replace(&mut self.entries[place], entry(hash, begin))))
    }

    /// Adds one that is not there. `hash_of` says what the hash was that belongs to a beginning.
    pub fn insert(&mut self, hash: u64, begin: u32, hash_of: impl Fn(u32) -> u64) {
        if (self.len + 1) * 10 > self.entries.len() * FULL_TENTHS {
            let more = self.entries.len() / 3;
            self.resize((self.entries.len() + more).max(LEAST), hash_of);
        }
        self.put(hash, begin);
        self.len += 1;
    }

    /// Makes room for so many more.
    pub fn reserve(&mut self, more: usize, hash_of: impl Fn(u32) -> u64) {
        let needed = (self.len + more) * 10 / FULL_TENTHS + 1;
        if needed > self.entries.len() {
            self.resize(needed.max(LEAST), hash_of);
        }
    }

    /// Loads the entry where a search for this hash begins, without looking at it.
    #[inline]
    pub fn touch(&self, hash: u64) {
        black_box(self.entries.get(self.first(hash)).copied());
    }

    /// The first beginning that may be the one for this hash.
    #[inline]
    pub fn guess(&self, hash: u64) -> Option<u32> {
        self.find(hash, |_| true)
    }

    /// Every beginning, to be changed to where the same record is now; in the order of hashes.
    pub fn begins_mut(&mut self, mut moved: impl FnMut(u32) -> u32) {
        for slot in self.entries.iter_mut().filter(|slot| **slot != EMPTY) {
            *slot = (*slot >> BEGIN_BITS) << BEGIN_BITS | (moved(begin_of(*slot)) + 1);
        }
    }

    /// Every beginning.
    pub fn begins(&self) -> impl Iterator<Item = u32> {
        self.entries.iter().filter(|slot| **slot != EMPTY).map(|slot| begin_of(*slot))
    }

    /// Keeps those of which it is said.
    pub fn retain(&mut self, mut stays: impl FnMut(u32) -> bool, hash_of: impl Fn(u32) -> u64) {
        let kept: Vec<u32> = self.begins().filter(|begin| stays(*begin)).collect();
        *self = Self::default();
        self.reserve(kept.len(), &hash_of);
        self.len = kept.len();
        kept.into_iter().for_each(|begin| self.put(hash_of(begin), begin));
    }

    fn place(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<usize> {
        let (tag, mut place) = (tag(hash), self.first(hash));
        loop {
            match *self.entries.get(place)? {
                EMPTY => return None,
                entry if entry >> BEGIN_BITS == tag && is_it(begin_of(entry)) => {
                    return Some(place);
                }
                _ => place = self.next(place),
            }
        }
    }

    fn put(&mut self, hash: u64, begin: u32) {
        let mut place = self.first(hash);
        while self.entries[place] != EMPTY {
            place = self.next(place);
        }
        self.entries[place] = entry(hash, begin);
    }

    fn resize(&mut self, length: usize, hash_of: impl Fn(u32) -> u64) {
        let before = std::mem::replace(&mut self.entries, vec![EMPTY; length]);
        let begins = before.into_iter().filter(|slot| *slot != EMPTY).map(begin_of);
        begins.for_each(|begin| self.put(hash_of(begin), begin));
    }

    /// Where a search begins: the hash as a fraction of the length.
    #[inline]
    fn first(&self, hash: u64) -> usize {
        ((u128::from(hash) * self.entries.len() as u128) >> 64) as usize
    }

    #[inline]
    fn next(&self, place: usize) -> usize {
        if place + 1 == self.entries.len() { 0 } else { place + 1 }
    }
}

/// Bits that do not say where a search begins.
fn tag(hash: u64) -> u32 {
    hash as u32 >> BEGIN_BITS
}

fn entry(hash: u64, begin: u32) -> u32 {
    tag(hash) << BEGIN_BITS | (begin + 1)
}

fn begin_of(entry: u32) -> u32 {
    (entry & ((1 << BEGIN_BITS) - 1)) - 1
}
