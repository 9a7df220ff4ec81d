//! Accepted facts on their way to a shard: one flat run of words, so that a batch is one allocation.

use super::{FactHead, Layout, Token};
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
