//! Facts and timelines on their way to a shard: flat runs of words, so that a batch is hardly any allocations.

use super::{FactHead, Layout, Timeline, Token};
use crate::spec::column::Value;

/// Facts in the order they were read; each is two words of token, the head, then its fields.
#[derive(Clone, Default, Debug)]
pub struct FactBatch {
    words: Vec<u64>,
    facts: usize,
}

impl FactBatch {
    /// Appends a fact. `fields` are as many as the [`Layout`] says for its kind.
    pub fn push(&mut self, entity: Token, head: FactHead, fields: impl Iterator<Item = Value>) {
        self.words.extend(entity.words());
        self.words.push(head.word());
        self.words.extend(fields.map(|value| value.raw() as u64));
        self.facts += 1;
    }

    /// The facts, in order.
    pub fn iter<'b>(
        &'b self,
        layout: &'b Layout,
    ) -> impl Iterator<Item = (Token, FactHead, &'b [u64])> + Clone {
        let mut rest = self.words.as_slice();
        std::iter::from_fn(move || {
            let [first, second, head, tail @ ..] = rest else {
                return None;
            };
            let head = FactHead::from_word(*head);
            let (fields, behind) = tail.split_at_checked(layout.fields(head.code()))?;
            rest = behind;
            Some((Token::from_words([*first, *second]), head, fields))
        })
    }

    /// How many facts it holds.
    pub fn len(&self) -> usize {
        self.facts
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.facts == 0
    }
}

/// Whole timelines, of entities of any shard: each shard takes its own of them.
#[derive(Default, Debug)]
pub struct TimelineBatch {
    entities: Vec<Token>,
    /// The words of all timelines.
    words: Vec<u64>,
    /// Where each timeline's words end.
    ends: Vec<usize>,
}

impl TimelineBatch {
    /// Appends an entity's timeline, by what [`Timeline::words`] said of it.
    pub fn push(&mut self, entity: Token, words: impl IntoIterator<Item = u64>) {
        self.entities.push(entity);
        self.words.extend(words);
        self.ends.push(self.words.len());
    }

    /// The entities with the words of their timelines, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Token, &[u64])> + Clone {
        let mut begin = 0;
        self.entities.iter().zip(&self.ends).map(move |(entity, end)| {
            let words = &self.words[begin..*end];
            begin = *end;
            (*entity, words)
        })
    }

    /// How many timelines it holds.
    pub fn len(&self) -> usize {
        self.entities.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }
}

impl FromIterator<(Token, Timeline)> for TimelineBatch {
    fn from_iter<I: IntoIterator<Item = (Token, Timeline)>>(timelines: I) -> Self {
        let mut batch = Self::default();
        for (entity, timeline) in timelines {
            batch.push(entity, timeline.words().iter().copied());
        }
        batch
    }
}
