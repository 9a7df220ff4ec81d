//! Where one entity counts at a moment, and what it brings: its steps so far, added up.

use std::collections::BTreeMap;

use super::{Cell, Stepper};
use crate::roster::Timeline;
use crate::time::EventTime;

/// The levels that one timeline gives, of the cells where they are not zero.
pub fn standing(
    stepper: &mut Stepper,
    timeline: &Timeline,
    as_of: EventTime,
) -> BTreeMap<Cell, i64> {
    let mut steps = Vec::new();
    stepper.walk(timeline, &mut steps);
    let mut levels: BTreeMap<Cell, i64> = BTreeMap::new();
    for step in steps.iter().filter(|step| step.time <= as_of) {
        *levels.entry(step.cell).or_default() += step.rise;
    }
    levels.retain(|_, level| *level != 0);
    levels
}
