//! What moves when a timeline changes: the steps that are new, and the ones that are taken back.

use super::Step;

/// A step that is now made, or that is taken back as if it had never been.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Movement {
    /// The step is new.
    Made(Step),
    /// The step was made before and is no more.
    TakenBack(Step),
}

impl Movement {
    /// The step, whichever way.
    pub fn step(&self) -> &Step {
        match self {
            Self::Made(step) | Self::TakenBack(step) => step,
        }
    }
}

/// Calls `emit` for every step that is in one of the two and not in the other. Both hold each step at most once; they
/// are left in any order.
pub fn moved(before: &mut [Step], after: &mut [Step], mut emit: impl FnMut(Movement)) {
    if before.is_empty() {
        return after.iter().for_each(|step| emit(Movement::Made(*step))); // most entities are told of once
    }
    let same = before.iter().zip(after.iter()).take_while(|(b, a)| b == a).count();
    let (before, after) = (&mut before[same..], &mut after[same..]);
    before.sort_unstable();
    after.sort_unstable();
    let (mut b, mut a) = (0, 0);
    while b < before.len() || a < after.len() {
        match (before.get(b), after.get(a)) {
            (Some(old), Some(new)) if old == new => (b, a) = (b + 1, a + 1),
            (Some(old), new) if new.is_none_or(|new| old < new) => {
                emit(Movement::TakenBack(*old));
                b += 1;
            }
            (_, Some(new)) => {
                emit(Movement::Made(*new));
                a += 1;
            }
            (_, None) => return,
        }
    }
}
