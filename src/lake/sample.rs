//! A small sample of the entities of each home, so that instances notice when an entity comes in partitions of
//! different owners: it would be counted twice.
//!
//! The sample is the least pseudonyms by value, the same ones in every home, so that homes which share many entities
//! share some of their samples. It is no part of any table: it lies beside the panes and is written over.

use std::collections::{BTreeMap, BTreeSet};

use super::table::failed;
use super::{Home, LakeError, PipelineLake};
use crate::roster::Token;

/// How many entities of a home.
const SAMPLED: usize = 256;
/// A folder that readers of Delta tables pass over.
const FOLDER: &str = "_sample";

/// So many entities that are known to be shared are evidence enough.
const SHARED_MOST: usize = 64;

/// The least entities of a home, as far as a shard or an instance knows them.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Sample {
    least: BTreeSet<Token>,
    /// Some that another home is known to have, too.
    shared: BTreeSet<Token>,
}

impl Sample {
    /// Considers an entity. Returns whether the sample is another one now.
    pub fn add(&mut self, entity: Token) -> bool {
        let is_full = self.least.len() >= SAMPLED;
        let is_too_great = is_full && self.least.last().is_some_and(|last| *last <= entity);
        if is_too_great || !self.least.insert(entity) {
            return false;
        }
        if is_full {
            self.least.pop_last();
        }
        true
    }

    /// Takes an entity that is known from several homes, so that the samples of all of them have it.
    pub fn add_shared(&mut self, entity: Token) -> bool {
        self.shared.len() < SHARED_MOST && self.shared.insert(entity)
    }

    /// Considers another's entities. Returns whether the sample is another one now.
    pub fn extend(&mut self, other: &Self) -> bool {
        let mut changed = false;
        for one in &other.least {
            changed |= self.add(*one);
        }
        other.shared.iter().fold(changed, |changed, one| self.add_shared(*one) || changed)
    }

    /// Every entity in it, once.
    fn entities(&self) -> BTreeSet<Token> {
        self.least.union(&self.shared).copied().collect()
    }
}

/// Two homes that both know an entity.
fn overlap(samples: &BTreeMap<String, BTreeSet<Token>>) -> Option<(&str, &str)> {
    let mut known: BTreeMap<Token, &str> = BTreeMap::new();
    for (home, entities) in samples {
        for entity in entities {
            if let Some(other) = known.insert(*entity, home) {
                return Some((other, home));
            }
        }
    }
    None
}

impl PipelineLake {
    /// Writes a home's sample over the one before.
    pub async fn put_sample(&self, home: &Home, sample: &Sample) -> Result<(), LakeError> {
        let Some(panes) = &self.panes else { return Ok(()) };
        let bytes: Vec<u8> = sample.entities().iter().flat_map(|entity| entity.0).collect();
        panes.put_beside(&format!("{FOLDER}/{home}"), bytes).await
    }

    /// Two homes that know one entity, if the samples have one.
    pub async fn overlapping_homes(&self) -> Result<Option<(String, String)>, LakeError> {
        Ok(overlap(&self.samples().await?).map(|(one, other)| (one.to_owned(), other.to_owned())))
    }

    async fn samples(&self) -> Result<BTreeMap<String, BTreeSet<Token>>, LakeError> {
        let Some(panes) = &self.panes else { return Ok(BTreeMap::new()) };
        let mut samples = BTreeMap::new();
        for (home, bytes) in panes.list_beside(FOLDER).await? {
            let (tokens, rest) = bytes.as_chunks::<16>();
            if !rest.is_empty() {
                return Err(failed(panes.name(), "read a sample of entities", home));
            }
            samples.insert(home, tokens.iter().copied().map(Token).collect());
        }
        Ok(samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(number: u32) -> Token {
        let hash = blake3::hash(&number.to_le_bytes());
        Token(*hash.as_bytes().first_chunk().unwrap())
    }

    fn sample(numbers: std::ops::Range<u32>) -> Sample {
        let mut sample = Sample::default();
        numbers.for_each(|number| _ = sample.add(token(number)));
        sample
    }

    fn overlap_of(one: Sample, other: Sample) -> bool {
        let samples = [("t/0", one), ("t/1", other)];
        let entities = |(home, sample): (&str, Sample)| (home.to_owned(), sample.entities());
        let samples = samples.map(entities).into_iter().collect();
        overlap(&samples).is_some()
    }

    #[test]
    fn homes_with_entities_of_their_own_do_not_overlap() {
        assert!(!overlap_of(sample(0..10_000), sample(10_000..20_000)));
    }

    #[test]
    fn homes_that_share_one_entity_in_twenty_are_found_out() {
        assert!(overlap_of(sample(0..10_000), sample(9_500..20_000)));
    }

    #[test]
    fn an_entity_that_is_known_to_be_shared_is_in_both_samples_whatever_its_pseudonym() {
        let (mut one, mut other) = (sample(0..10_000), sample(10_000..20_000));
        let greatest = (0..10_000).map(token).max().unwrap();
        assert!(one.add_shared(greatest) && other.add_shared(greatest));
        let (mut merged, mut others) = (Sample::default(), Sample::default());
        assert!(merged.extend(&one) && others.extend(&other));
        assert!(overlap_of(merged, others));
    }

    #[test]
    fn a_sample_does_not_depend_on_the_order_or_on_who_saw_what() {
        let whole = sample(0..5_000);
        let mut parts = sample(2_500..5_000);
        assert!(parts.extend(&sample(0..2_500)));
        assert_eq!(parts, whole);
        assert!(!parts.extend(&whole));
    }
}
