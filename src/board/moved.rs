//! What moved a figure between two moments: the figure then and now, and how much each part of the area did.
//!
//! Of a ratio a part did `(Δn − r·Δd) / d`, where r is the ratio then and d the denominator now: over parts that do not
//! overlap this adds up to the change exactly. Of a count it did what it rose by.

use super::{Board, FigureKey};
use crate::area::AreaId;
use crate::spec::amount::decimal;
use crate::spec::formula::Formula;
use crate::spec::{Rate, SliceId};

/// Part of an area.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// All of it.
    Whole,
    /// An area right below it.
    Child(AreaId),
    /// What is counted at the area itself and in none below it.
    Itself,
    /// A dimension value.
    Slice(SliceId),
    /// What has no value of a dimension, by its index, whose values exclude one another.
    Without(usize),
}

/// A figure at two moments.
#[derive(Clone, PartialEq, Debug)]
pub struct Moved {
    /// Of what.
    pub part: Part,
    /// Numerator and denominator now.
    pub now: (i64, i64),
    /// Numerator and denominator then.
    pub then: (i64, i64),
    /// How much of the whole's change is its doing; `None` where the whole had no ratio then, or the rate does not add up.
    pub did: Option<f64>,
}

/// The whole, then the children and the area itself, those that did most first, then the dimension values likewise.
pub fn moved([now, then]: [&Board; 2], rate: usize, area: AreaId) -> Vec<Moved> {
    let areas = now.pipeline.areas;
    let Some(ruled) = now.pipeline.rates.get(rate) else { return Vec::new() };
    let counts = |board: &Board, area, slice| {
        let figure = board.figure(FigureKey { rate: rate as u16, area, slice });
        figure.map_or((0, 0), |figure| (figure.numerator, figure.denominator))
    };
    let both = |area, slice| (counts(now, area, slice), counts(then, area, slice));
    let whole = both(area, None);
    let told = |part, (now, then)| Moved { part, now, then, did: did(ruled, whole, (now, then)) };

    let mut children: Vec<Moved> = areas
        .ids()
        .filter(|child| areas.parent(*child) == Some(area))
        .map(|child| told(Part::Child(child), both(child, None)))
        .collect();
    let adds_up = matches!(ruled.formula, Formula::Counted { .. });
    if adds_up {
        let itself = (
            rest_of(whole.0, &children, |part| part.now),
            rest_of(whole.1, &children, |part| part.then),
        );
        children.push(told(Part::Itself, itself));
    }
    let mut slices = Vec::new();
    for index in &ruled.by {
        let dimension = &now.pipeline.dimensions[*index];
        if !dimension.shows(areas.level(area)) {
            continue;
        }
        let of_it = now.pipeline.slices().filter(|(_, of, _)| std::ptr::eq(*of, dimension));
        let of_it = of_it.map(|(slice, ..)| told(Part::Slice(slice), both(area, Some(slice))));
        let of_it: Vec<Moved> = of_it.collect();
        if dimension.is_of_a_column && adds_up {
            let rest = (rest_of(whole.0, &of_it, |m| m.now), rest_of(whole.1, &of_it, |m| m.then));
            // Where nobody has any value, that is the whole once more.
            slices.extend((rest != whole).then(|| told(Part::Without(*index), rest)));
        }
        slices.extend(of_it);
    }
    let is_there = |moved: &Moved| moved.now != (0, 0) || moved.then != (0, 0);
    let most_first = |mut parts: Vec<Moved>| {
        parts.retain(is_there);
        let size = |moved: &Moved| moved.did.unwrap_or(0.0).abs();
        parts.sort_by(|a, b| size(b).total_cmp(&size(a)));
        parts
    };
    let whole = told(Part::Whole, whole);
    std::iter::once(whole).chain(most_first(children)).chain(most_first(slices)).collect()
}

type Counts = (i64, i64);

/// What is left of a whole beside its parts.
fn rest_of(whole: Counts, parts: &[Moved], at: fn(&Moved) -> Counts) -> Counts {
    parts.iter().map(at).fold(whole, |rest, part| (rest.0 - part.0, rest.1 - part.1))
}

/// How much of the change of the whole is a part's doing, each given now and then.
fn did(rate: &Rate, whole: (Counts, Counts), part: (Counts, Counts)) -> Option<f64> {
    if !matches!(rate.formula, Formula::Counted { .. }) {
        return None;
    }
    let above = decimal(part.0.0 - part.1.0, rate.numerator_scale);
    if !rate.formula.has_ratio() {
        return Some(above);
    }
    let below = decimal(part.0.1 - part.1.1, rate.denominator_scale);
    let out_of = decimal(whole.0.1, rate.denominator_scale);
    let before = rate.ratio(whole.1.0, whole.1.1)?;
    (out_of != 0.0).then(|| (above - before * below) / out_of)
}
