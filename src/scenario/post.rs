//! When each event is delivered: mostly at once, for a tenth of the deliveries not.
//!
//! Some events come late, some are overtaken by their successors, some come twice. Knows events
//! only by their time and fingerprint.

use super::calendar::DAY;
use super::random::Random;

/// One delivery of one event.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Posting {
    /// When it is delivered, in Unix seconds.
    pub recorded_at_seconds: u32,
    /// The place of the event in the list of events.
    pub event: u32,
}

/// What is on time always takes as long, so that only what is meant to be overtaken is.
const ON_TIME_SECONDS: u32 = 2;
const MINUTE: u32 = 60;
const LATEST: u32 = 2 * DAY;

/// On time, overtaken, late.
const FATES_IN_THOUSAND: [u32; 3] = [925, 30, 45];
const REPEATED: f64 = 0.03;

/// All deliveries of events, each known by its time and its fingerprint, in their order; all of them before `end`. Each
/// event's fate is drawn from a stream of its own, so that leaving some events out changes no other's.
pub fn postings(
    seed: u64,
    events: impl ExactSizeIterator<Item = (u32, u64)>,
    end: u32,
) -> Vec<Posting> {
    let mut postings = Vec::with_capacity(events.len() + events.len() / 16);
    for (event, (at_seconds, fingerprint)) in (0..).zip(events) {
        let mut random = Random::stream(seed, fingerprint);
        let first = first_delivery(at_seconds, end, &mut random);
        postings.push(Posting { recorded_at_seconds: first, event });
        if random.chance(REPEATED) {
            let again = first + random.between(1, LATEST.min(end - first));
            postings.push(Posting { recorded_at_seconds: again, event });
        }
    }
    postings.sort_unstable();
    postings
}

fn first_delivery(at_seconds: u32, end: u32, random: &mut Random) -> u32 {
    let delay = match random.weighted(&FATES_IN_THOUSAND) {
        0 => ON_TIME_SECONDS,
        1 => random.between(ON_TIME_SECONDS + 1, 10 * MINUTE),
        // A minute is kept free before the end for a repetition.
        _ => random.between(10 * MINUTE, LATEST.min(end - MINUTE - at_seconds)),
    };
    at_seconds + delay
}
