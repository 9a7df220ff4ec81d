//! The return rates counted in the plainest way: one worker after another, each folded by itself, at one moment.
//!
//! Written from the definitions in the pipeline file. Knows no steps, no panes, no cells.

use std::collections::{BTreeMap, BTreeSet};

use super::world::{DEPARTED, LEFT, RETURNED, Told, tree};
use crate::area::AreaId;
use crate::roster::Token;
use crate::spec::KindId;
use crate::spec::column::Value;
use crate::time::EventTime;

/// How many facts of a kind count.
const KEPT: usize = 4;

const THREE_DAYS: i64 = 3 * 86_400;
const SEVEN_DAYS: i64 = 7 * 86_400;

/// Workers who departed, who are back, who have been back for three days, and who came back less than seven days ago.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counts {
    pub departed: i64,
    pub returned: i64,
    pub settled: i64,
    pub lately: i64,
}

/// The counts of every area that has any, in total and by way of travel, as of a moment.
pub fn count(told: &[Told], as_of: EventTime) -> BTreeMap<(AreaId, Option<i64>), Counts> {
    let mut workers: BTreeMap<Token, BTreeSet<&Told>> = BTreeMap::new();
    for told in told {
        workers.entry(told.entity).or_default().insert(told);
    }
    let mut sums: BTreeMap<(AreaId, Option<i64>), Counts> = BTreeMap::new();
    for facts in workers.values().map(|told| standing(told)) {
        let is_back = is_back(&facts, as_of);
        let has_been_back_for = |seconds: i64| {
            let moments = facts.iter().map(|fact| fact.time).chain([as_of.plus(-seconds)]);
            moments
                .filter(|time| (as_of.plus(-seconds)..=as_of).contains(time))
                .all(|time| self::is_back(&facts, time))
        };
        let is_settled = has_been_back_for(THREE_DAYS);
        let is_lately_back = is_back && !has_been_back_for(SEVEN_DAYS);
        let place =
            facts.iter().filter(|fact| fact.time <= as_of).rfind(|fact| fact.area.is_some());
        let place = place.and_then(|fact| fact.area).unwrap_or(tree().unassigned());
        let mode = last(&facts, RETURNED, as_of).and_then(|fact| fact.fields[0].get());
        for area in tree().ancestors(place) {
            for slice in BTreeSet::from([None, mode]) {
                let sum = sums.entry((area, slice)).or_default();
                sum.departed += i64::from(last(&facts, DEPARTED, as_of).is_some());
                sum.returned += i64::from(is_back);
                sum.settled += i64::from(is_settled);
                sum.lately += i64::from(is_lately_back);
            }
        }
    }
    sums.retain(|_, counts| *counts != Counts::default());
    sums
}

/// A worker's facts without those called off, of each kind the last few, in canonical order.
fn standing<'t>(told: &BTreeSet<&'t Told>) -> Vec<&'t Told> {
    let mut facts = BTreeSet::new();
    for kind in [DEPARTED, LEFT, RETURNED] {
        let of_kind = || told.iter().filter(move |told| told.kind == kind);
        let called_off = of_kind().filter(|told| told.retracts).map(|told| told.time).max();
        let stand = of_kind().filter(|told| !told.retracts && Some(told.time) > called_off);
        facts.extend(stand.rev().take(KEPT).copied());
    }
    facts.into_iter().collect()
}

fn last<'t>(facts: &[&'t Told], kind: KindId, moment: EventTime) -> Option<&'t Told> {
    let until = facts.iter().filter(|fact| fact.kind == kind && fact.time <= moment);
    until.copied().last()
}

fn is_back(facts: &[&Told], moment: EventTime) -> bool {
    let when = |kind| last(facts, kind, moment).map(|fact| fact.time);
    match (when(DEPARTED), when(RETURNED), when(LEFT)) {
        (Some(departed), Some(returned), left) => {
            returned >= departed && left.is_none_or(|left| left < returned)
        }
        _ => false,
    }
}

/// The value of `mode` for its place in the pipeline's list.
pub fn mode(place: Option<i64>) -> Vec<Value> {
    vec![place.and_then(Value::new).unwrap_or(Value::NULL)]
}
