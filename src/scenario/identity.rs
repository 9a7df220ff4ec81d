//! Invented identifiers that look like the real ones and can be nobody's.
//!
//! A worker's is built like an ID-card number, check character included, but born in a month from
//! 13 on; an enterprise's is as long as a unified social credit code but begins with `ZZ`, a letter
//! such codes never use. Knows nothing of what happens to either.

use super::county::COUNTIES;
use super::digits::fill;

/// Eighteen ASCII characters that name a worker, an enterprise, or what else an event is about.
pub type EntityId = [u8; 18];

/// Odd, so that multiplying by it only rearranges the 32-bit numbers: neighbours get identifiers
/// that look unrelated, and no two share one.
const SCATTERING_FACTOR: u32 = 2_654_435_761;

/// The identifier of a worker; no two of the 2³² have the same.
pub fn worker_id(worker: u32) -> EntityId {
    let mut rest = worker.wrapping_mul(SCATTERING_FACTOR);
    let mut take = |choices: u32| {
        let choice = rest % choices;
        rest /= choices;
        choice
    };
    // 40 counties × 50 years × 87 months × 31 days × 1,000 are more than 2³² combinations.
    let mut id = [b'0'; 18];
    fill(&mut id[0..6], COUNTIES[take(COUNTIES.len() as u32) as usize]);
    fill(&mut id[6..10], 1955 + take(50));
    fill(&mut id[10..12], 13 + take(87));
    fill(&mut id[12..14], 1 + take(31));
    fill(&mut id[14..17], take(1_000));
    id[17] = check_character(&id);
    id
}

/// The identifier of an enterprise, which carries the county it is registered in.
pub fn enterprise_id(area: u32, enterprise: u32) -> EntityId {
    let mut id = *b"ZZ0000000000000000";
    fill(&mut id[2..8], area);
    fill(&mut id[8..18], enterprise.wrapping_mul(SCATTERING_FACTOR));
    id
}

/// The identifier of anything else: two letters that say what it is, its area, its number.
pub fn numbered(letters: &[u8; 2], area: u32, number: u32) -> EntityId {
    let mut id = [b'0'; 18];
    id[..2].copy_from_slice(letters);
    fill(&mut id[2..8], area);
    fill(&mut id[8..18], number);
    id
}

/// The last character of an ID-card number (GB 11643, ISO 7064 MOD 11-2).
fn check_character(id: &EntityId) -> u8 {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 =
        id.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    b"10X98765432"[(sum % 11) as usize]
}
