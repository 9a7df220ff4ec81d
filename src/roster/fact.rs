//! A fact in one word and its fields, and whose it is in two.

use std::fmt;

use crate::area::AreaId;
use crate::spec::KindId;
use crate::time::EventTime;

/// A pseudonym: what an entity is known by everywhere behind `decode`. Sixteen bytes of a keyed hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub [u8; 16]);

impl Token {
    /// Which of `shards` shards owns the entity. Uses other bits than the hash table does.
    pub fn shard(self, shards: usize) -> usize {
        let last = u32::from_le_bytes([self.0[12], self.0[13], self.0[14], self.0[15]]);
        ((u64::from(last) * shards as u64) >> 32) as usize
    }

    /// As two words, the way batches carry it.
    pub fn words(self) -> [u64; 2] {
        let number = u128::from_le_bytes(self.0);
        [number as u64, (number >> 64) as u64]
    }

    /// Back from two words.
    pub fn from_words(words: [u64; 2]) -> Self {
        Self((u128::from(words[0]) | (u128::from(words[1]) << 64)).to_le_bytes())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A kind, or the retraction of that kind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FactCode(u8);

impl FactCode {
    /// Facts of the first kind.
    pub(super) const FIRST: Self = Self(0);

    /// A fact of this kind.
    pub fn of(kind: KindId) -> Self {
        Self(kind.0 * 2)
    }

    /// The retraction of facts of this kind.
    pub fn retraction_of(kind: KindId) -> Self {
        Self(kind.0 * 2 + 1)
    }

    /// The kind that it is about.
    pub fn kind(self) -> KindId {
        KindId(self.0 / 2)
    }

    /// Whether it voids facts instead of being one.
    pub fn is_retraction(self) -> bool {
        self.0 % 2 == 1
    }

    /// As one byte.
    pub(super) fn byte(self) -> u8 {
        self.0
    }

    /// Back from its byte.
    pub(super) fn of_byte(byte: u8) -> Self {
        Self(byte)
    }

    /// As an index: 0 up to twice the number of kinds.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

const AREA_BITS: u32 = 22;
const CODE_BITS: u32 = 8;

/// Time, kind and area in one word, packed in the canonical order of facts: comparing heads compares
/// (time, kind, area), and the fields behind it decide the rest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactHead(u64);

impl FactHead {
    /// Packs a head. Times lie between 2000 and 2099, which decode has checked; 34 bits hold them.
    pub fn new(time: EventTime, code: FactCode, area: Option<AreaId>) -> Self {
        Self::of_parts(time, code, area.map_or(0, |area| area.index() as u64 + 1))
    }

    /// Of the area as [`FactHead::area_word`] tells it.
    pub(super) fn of_parts(time: EventTime, code: FactCode, area: u64) -> Self {
        let time = (time.seconds() as u64) << (AREA_BITS + CODE_BITS);
        Self(time | (u64::from(code.0) << AREA_BITS) | area)
    }

    /// When it happened.
    pub fn time(self) -> EventTime {
        EventTime::from_seconds((self.0 >> (AREA_BITS + CODE_BITS)) as i64)
    }

    /// What kind it is.
    pub fn code(self) -> FactCode {
        FactCode((self.0 >> AREA_BITS) as u8)
    }

    /// The area it names, if any.
    pub fn area(self) -> Option<AreaId> {
        let area = self.area_word();
        (area > 0).then(|| AreaId::from_index(area as usize - 1))
    }

    /// The area's index and one, or zero.
    pub(super) fn area_word(self) -> u64 {
        self.0 & ((1 << AREA_BITS) - 1)
    }

    /// The packed word.
    pub fn word(self) -> u64 {
        self.0
    }

    /// Back from the packed word.
    pub fn from_word(word: u64) -> Self {
        Self(word)
    }
}

impl fmt::Debug for FactHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?} {:?}", self.time(), self.code(), self.area())
    }
}
