//! The set of an entity's facts, sorted by (time, kind, value) and bounded by what each kind says to keep.
//!
//! | law | why it holds |
//! |---|---|
//! | joining is commutative, associative, idempotent | it is set union, and a fact equal to one that is there is dropped |
//! | "the last N of a kind" of a union | = the last N of (the last N of either), so dropping early loses nothing |
//! | a retraction at T, kept as the latest alone | removes a prefix in time (all ≤ T); "last N" keeps a suffix: they commute |
//!
//! `first` is a prefix, so it would not commute with a retraction; the specification refuses the two together.

use std::cmp::Ordering;

use smallvec::SmallVec;

use super::{FactCode, FactHead, Layout};
use crate::spec::Keep;

/// So many words need no allocation: two or three facts with a field.
const INLINE_WORDS: usize = 4;

/// One entity's facts: heads and fields as flat words.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Timeline {
    words: SmallVec<[u64; INLINE_WORDS]>,
}

impl Timeline {
    /// Whether this very fact is there already, so that joining it again would change nothing.
    pub fn contains(&self, head: FactHead, fields: &[u64], layout: &Layout) -> bool {
        matches!(self.position(head, fields, layout), Position::Taken)
    }

    /// Adds a fact or a retraction. Returns whether the timeline is another one afterwards.
    pub fn join(&mut self, head: FactHead, fields: &[u64], layout: &Layout) -> bool {
        let code = head.code();
        if code.is_retraction() {
            return self.join_retraction(head, layout);
        }
        if self.is_voided(head, layout) {
            return false;
        }
        match self.position(head, fields, layout) {
            Position::Taken => false,
            Position::Free(at) => {
                self.words.push(head.word());
                self.words.extend_from_slice(fields);
                self.words[at..].rotate_right(1 + fields.len());
                self.keep_bounded(code, at, layout)
            }
        }
    }

    /// Adds a fact that is later than all others, if nothing else changes by that. Returns whether it did; where it did not,
    /// [joining](Timeline::join) it may still do something.
    pub fn append_newest(&mut self, head: FactHead, fields: &[u64], layout: &Layout) -> bool {
        let code = head.code();
        let mut of_kind = 0;
        for (_, present, _) in self.places(layout) {
            if present.time() >= head.time() {
                return false;
            }
            of_kind += u32::from(present.code() == code);
        }
        let has_room = match layout.keep(code) {
            Keep::All => true,
            Keep::First => of_kind == 0,
            Keep::Last(most) => of_kind < most,
        };
        let appends = has_room && !code.is_retraction();
        if appends {
            self.append(head, fields.iter().copied());
        }
        appends
    }

    /// The facts in canonical order.
    pub fn facts<'t>(&'t self, layout: &'t Layout) -> impl Iterator<Item = (FactHead, &'t [u64])> {
        self.places(layout).map(|(_, head, fields)| (head, fields))
    }

    /// The flat words, for the roster table.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Back from flat words that [`Timeline::words`] gave under the same layout.
    pub fn from_words(words: &[u64]) -> Self {
        Self { words: SmallVec::from_slice(words) }
    }

    /// Forgets all facts.
    pub fn clear(&mut self) {
        self.words.clear();
    }

    /// Puts a fact behind all others, where it belongs.
    pub(super) fn append(&mut self, head: FactHead, fields: impl Iterator<Item = u64>) {
        self.words.push(head.word());
        self.words.extend(fields);
    }

    fn places<'t>(
        &'t self,
        layout: &'t Layout,
    ) -> impl Iterator<Item = (usize, FactHead, &'t [u64])> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let head = FactHead::from_word(*self.words.get(at)?);
            let end = at + 1 + layout.fields(head.code());
            let found = (at, head, self.words.get(at + 1..end)?);
            at = end;
            Some(found)
        })
    }

    fn position(&self, head: FactHead, fields: &[u64], layout: &Layout) -> Position {
        for (at, present, present_fields) in self.places(layout) {
            match canonical((present, present_fields), (head, fields)) {
                Ordering::Less => {}
                Ordering::Equal => return Position::Taken,
                Ordering::Greater => return Position::Free(at),
            }
        }
        Position::Free(self.words.len())
    }

    fn is_voided(&self, head: FactHead, layout: &Layout) -> bool {
        let retraction = FactCode::retraction_of(head.code().kind());
        self.places(layout)
            .any(|(_, present, _)| present.code() == retraction && head.time() <= present.time())
    }

    /// Drops what is too many of this kind. Returns whether the fact just put at `inserted` stayed.
    fn keep_bounded(&mut self, code: FactCode, inserted: usize, layout: &Layout) -> bool {
        let Some(excess) = self.excess(code, layout) else {
            return true;
        };
        _ = self.words.drain(excess..excess + 1 + layout.fields(code));
        excess != inserted
    }

    /// Where the fact is that is one too many of its kind.
    fn excess(&self, code: FactCode, layout: &Layout) -> Option<usize> {
        let mut of_kind =
            self.places(layout).filter(|(_, head, _)| head.code() == code).map(|(at, ..)| at);
        match layout.keep(code) {
            Keep::All => None,
            Keep::First => of_kind.nth(1),
            Keep::Last(most) => {
                let earliest = of_kind.next();
                earliest.filter(|_| of_kind.count() >= most as usize)
            }
        }
    }

    fn join_retraction(&mut self, head: FactHead, layout: &Layout) -> bool {
        let code = head.code();
        let voids = |present: FactHead| {
            present.time() <= head.time()
                && (present.code() == code || present.code() == FactCode::of(code.kind()))
        };
        if self
            .places(layout)
            .any(|(_, present, _)| present.code() == code && present.time() >= head.time())
        {
            return false;
        }
        let mut kept = SmallVec::with_capacity(self.words.len() + 1);
        let mut placed = false;
        for (_, present, fields) in self.places(layout) {
            if !placed && present > head {
                kept.push(head.word());
                placed = true;
            }
            if !voids(present) {
                kept.push(present.word());
                kept.extend_from_slice(fields);
            }
        }
        if !placed {
            kept.push(head.word());
        }
        self.words = kept;
        true
    }
}

enum Position {
    Taken,
    Free(usize),
}

/// Canonical order: time, kind, area, then the fields as signed values, where NULL sorts first.
fn canonical(left: (FactHead, &[u64]), right: (FactHead, &[u64])) -> Ordering {
    let signed = |word: &u64| *word as i64;
    left.0.cmp(&right.0).then_with(|| left.1.iter().map(signed).cmp(right.1.iter().map(signed)))
}
