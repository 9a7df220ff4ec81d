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

/// The least entities of a home, as far as a shard or an instance knows them.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Sample(BTreeSet<Token>);

impl Sample {
    /// Considers an entity. Returns whether the sample is another one now.
    pub fn add(&mut self, entity: Token) -> bool {
        let is_full = self.0.len() >= SAMPLED;
        if is_full && self.0.last().is_some_and(|last| *last <= entity) || !self.0.insert(entity) {
            return false;
        }
        if is_full {
            self.0.pop_last();
        }
        true
    }

    /// Takes an entity that is known from several homes, so that both samples have it. A few are enough.
    pub fn add_shared(&mut self, entity: Token) -> bool {
        self.0.len() < 2 * SAMPLED && self.0.insert(entity)
    }

    /// Considers another's entities. Returns whether the sample is another one now.
    pub fn extend(&mut self, other: &Self) -> bool {
        other.0.iter().fold(false, |changed, entity| self.add(*entity) || changed)
    }
}

/// Two homes that both know an entity.
pub fn overlap(samples: &BTreeMap<String, Sample>) -> Option<(&str, &str)> {
    let mut known: BTreeMap<Token, &str> = BTreeMap::new();
    for (home, sample) in samples {
        for entity in &sample.0 {
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
        let bytes: Vec<u8> = sample.0.iter().flat_map(|entity| entity.0).collect();
        panes.put_beside(&format!("{FOLDER}/{home}"), bytes).await
    }

    /// Two homes that know one entity, if the samples have one.
    pub async fn overlapping_homes(&self) -> Result<Option<(String, String)>, LakeError> {
        Ok(overlap(&self.samples().await?).map(|(one, other)| (one.to_owned(), other.to_owned())))
    }

    /// Homes that entities are known of, and whose panes have not been told as they are counted now.
    pub async fn homes_without_panes(&self) -> Result<Vec<String>, LakeError> {
        let mut missing = Vec::new();
        for home in self.samples().await?.into_keys() {
            if self.panes_version(&home).await?.is_none() {
                missing.push(home);
            }
        }
        Ok(missing)
    }

    async fn samples(&self) -> Result<BTreeMap<String, Sample>, LakeError> {
        let Some(panes) = &self.panes else { return Ok(BTreeMap::new()) };
        let mut samples = BTreeMap::new();
        for (home, bytes) in panes.list_beside(FOLDER).await? {
            let (tokens, rest) = bytes.as_chunks::<16>();
            if !rest.is_empty() {
                return Err(failed(panes.name(), "read a sample of entities", home));
            }
            samples.insert(home, Sample(tokens.iter().copied().map(Token).collect()));
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
        let samples = BTreeMap::from([("t/0".to_owned(), one), ("t/1".to_owned(), other)]);
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
    fn a_sample_does_not_depend_on_the_order_or_on_who_saw_what() {
        let whole = sample(0..5_000);
        let mut parts = sample(2_500..5_000);
        assert!(parts.extend(&sample(0..2_500)));
        assert_eq!(parts, whole);
        assert!(!parts.extend(&whole));
    }
}
