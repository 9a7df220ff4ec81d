//! One of a roster's tables: packed timelines one behind the other, and an index of where each begins.
//!
//! ```text
//! record   token (16 bytes) | home (2) | length × 2 + is shared (varint) | packed timeline
//! ```
//!
//! A timeline that is another one afterwards is written behind all others, and its old record is dead. As soon as an eighth of
//! the bytes are dead, those that live are moved together: so it costs little more memory than what it holds.

use std::hint::black_box;

use super::index::{self, Index};
use super::packed;
use super::{HomeId, Token};

/// Bytes before the length.
const FIXED: usize = 16 + 2;

/// Memory is asked for at least for so many bytes at once.
const GROWN_LEAST: usize = 256;

/// Of so few bytes none are moved.
const DEAD_LEAST: usize = 4_096;

/// Timelines whose tokens begin alike.
#[derive(Default)]
pub struct Slot {
    begins: Index,
    bytes: Vec<u8>,
    dead: usize,
}

/// What is known of an entity.
#[derive(Clone, Copy)]
pub struct Record<'s> {
    /// Whose it is.
    pub token: Token,
    /// Where it was first heard of.
    pub home: HomeId,
    /// Whether facts came from elsewhere than its home too.
    pub is_shared: bool,
    /// Its timeline.
    pub packed: &'s [u8],
}

impl Slot {
    /// How many entities it holds.
    pub fn len(&self) -> usize {
        self.begins.len()
    }

    /// An entity's record.
    pub fn find(&self, token: Token) -> Option<Record<'_>> {
        let begin = self.begins.find(hash(token), |begin| self.token(begin) == token)?;
        Some(self.record(begin).0)
    }

    /// Loads the entry of a token, without waiting for it.
    pub fn touch(&self, token: Token) {
        self.begins.touch(hash(token));
    }

    /// Loads the record of a token whose entry has been loaded, without waiting for it.
    pub fn touch_record(&self, token: Token) {
        let begin = self.begins.guess(hash(token)).unwrap_or_default();
        black_box(self.bytes.get(begin as usize).copied());
    }

    /// Puts a record in place of the one of the same entity, or as a new one.
    pub fn put(&mut self, record: Record) {
        // Sixty-four gigabytes of timelines in one shard; to go on would mix entities up.
        assert!(
            self.bytes.len() < index::BYTES_MOST,
            "a shard's roster is full: set more `shards`"
        );
        let begin = self.bytes.len() as u32;
        let hash = hash(record.token);
        let Self { begins, bytes, .. } = self;
        match begins.replace(hash, begin, |begin| token_at(bytes, begin) == record.token) {
            Some(replaced) => self.dead += self.record(replaced).1,
            None => begins.insert(hash, begin, |begin| self::hash(token_at(bytes, begin))),
        }
        self.append(record);
        self.compact();
    }

    /// Makes room for so many more entities of so many bytes each.
    pub fn reserve(&mut self, entities: usize, packed_bytes: usize) {
        let Self { begins, bytes, .. } = self;
        begins.reserve(entities, |begin| hash(token_at(bytes, begin)));
        bytes.reserve_exact(entities * (FIXED + 1 + packed_bytes));
    }

    /// Every record, in no order.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.begins.begins().map(|begin| self.record(begin).0)
    }

    /// Forgets the records for which it is said.
    pub fn forget(&mut self, is_forgotten: impl Fn(&Record) -> bool) {
        let Self { begins, bytes, dead } = self;
        let stays = |begin| {
            let (record, length) = record_at(bytes, begin);
            let stays = !is_forgotten(&record);
            *dead += if stays { 0 } else { length };
            stays
        };
        begins.retain(stays, |begin| hash(token_at(bytes, begin)));
        self.compact();
    }

    fn append(&mut self, record: Record) {
        let needed = FIXED + 10 + record.packed.len();
        if self.bytes.capacity() - self.bytes.len() < needed {
            // By an eighth, where doubling would leave half of it empty.
            self.bytes.reserve_exact(needed.max(self.bytes.len() / 8).max(GROWN_LEAST));
        }
        self.bytes.extend_from_slice(&record.token.0);
        self.bytes.extend_from_slice(&record.home.0.to_le_bytes());
        let length = record.packed.len() as u64;
        packed::push(&mut self.bytes, length << 1 | u64::from(record.is_shared));
        self.bytes.extend_from_slice(record.packed);
    }

    /// Moves what lives together, if there is much between it that does not.
    fn compact(&mut self) {
        if self.dead < DEAD_LEAST.max(self.bytes.len() / 8) {
            return;
        }
        let mut living = Vec::with_capacity(self.bytes.len() - self.dead);
        self.begins.begins_mut(|begin| {
            let (at, length) = (begin as usize, record_at(&self.bytes, begin).1);
            let moved = living.len() as u32;
            living.extend_from_slice(self.bytes.get(at..at + length).unwrap_or_default());
            moved
        });
        (self.bytes, self.dead) = (living, 0);
    }

    fn token(&self, begin: u32) -> Token {
        token_at(&self.bytes, begin)
    }

    fn record(&self, begin: u32) -> (Record<'_>, usize) {
        record_at(&self.bytes, begin)
    }
}

/// The record that begins here, and how many bytes it takes.
fn record_at(bytes: &[u8], begin: u32) -> (Record<'_>, usize) {
    let whole = bytes.get(begin as usize..).unwrap_or_default();
    let home = whole.get(16..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default();
    let mut rest = whole.get(FIXED..).unwrap_or_default();
    let length = packed::take(&mut rest);
    let packed = rest.get(..(length >> 1) as usize).unwrap_or_default();
    let bytes = whole.len() - rest.len() + packed.len();
    let (token, home) = (token_at(whole, 0), HomeId(u16::from_le_bytes(home)));
    (Record { token, home, is_shared: length & 1 == 1, packed }, bytes)
}

fn token_at(bytes: &[u8], begin: u32) -> Token {
    let token = bytes.get(begin as usize..).and_then(|rest| rest.first_chunk());
    Token(token.copied().unwrap_or_default())
}

/// A token is the output of a keyed hash already: its own bits are its hash, those that chose neither slot nor shard.
fn hash(token: Token) -> u64 {
    let [first, second] = token.words();
    first >> 16 | second << 48
}
