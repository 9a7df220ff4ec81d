//! Timelines on their way from a roster to a snapshot's file: packed as the roster has them, so that what waits to be written takes
//! no more memory than what it waits for.

use std::sync::Arc;

use super::packed;
use super::{Layout, Timeline, Token};

/// Whole timelines of entities, in the order in which they were added until they are sorted.
///
/// ```text
/// entry    token (16 bytes) | length (varint) | packed timeline
/// ```
pub struct PackedTimelines {
    layout: Arc<Layout>,
    bytes: Vec<u8>,
    len: usize,
}

impl PackedTimelines {
    /// None yet.
    pub fn new(layout: Arc<Layout>) -> Self {
        Self { layout, bytes: Vec::new(), len: 0 }
    }

    /// Adds one.
    #[cfg(test)]
    pub fn push(&mut self, entity: Token, timeline: &Timeline) {
        let mut packed = Vec::new();
        packed::pack(timeline, &self.layout, &mut packed);
        self.push_packed(entity, &packed);
    }

    /// Adds one as a roster of the same layout keeps it.
    pub(super) fn push_packed(&mut self, entity: Token, packed: &[u8]) {
        self.bytes.extend_from_slice(&entity.0);
        packed::push(&mut self.bytes, packed.len() as u64);
        self.bytes.extend_from_slice(packed);
        self.len += 1;
    }

    /// Adds those of another one of the same layout behind its own.
    pub fn append(&mut self, others: &Self) {
        self.bytes.extend_from_slice(&others.bytes);
        self.len += others.len;
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Puts them in the order of entities.
    pub fn sort(&mut self) {
        let mut entries: Vec<_> = self.entries().collect();
        entries.sort_unstable_by_key(|(token, _)| *token);
        let mut sorted = Self::new(self.layout.clone());
        sorted.bytes.reserve_exact(self.bytes.len());
        entries.into_iter().for_each(|(token, packed)| sorted.push_packed(token, packed));
        *self = sorted;
    }

    /// Each with its entity, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Token, Timeline)> {
        self.entries().map(|(token, packed)| {
            let mut timeline = Timeline::default();
            packed::unpack(packed, &self.layout, &mut timeline);
            (token, timeline)
        })
    }

    fn entries(&self) -> impl Iterator<Item = (Token, &[u8])> {
        let mut rest = self.bytes.as_slice();
        std::iter::from_fn(move || {
            let token;
            (token, rest) = rest.split_first_chunk()?;
            let length = packed::take(&mut rest) as usize;
            let packed;
            (packed, rest) = rest.split_at_checked(length)?;
            Some((Token(*token), packed))
        })
    }
}
