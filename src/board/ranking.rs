//! Where areas stand among their siblings.
//!
//! The best is first, by the way of the rate that is good; equals share a place and the next one is as many behind (1, 2, 2,
//! 4). Ratios are compared as fractions, so that equals are equal. Where fewer count than the rate's minimum sample, an area
//! takes no part.

use std::cmp::Ordering;

use super::{Board, Figure};
use crate::area::AreaId;
use crate::spec::{Better, Rate};

/// An area among its siblings.
#[derive(Clone, Debug)]
pub struct Ranked {
    /// The area.
    pub area: AreaId,
    /// Its figure.
    pub figure: Figure,
    /// Its place from 1 on; `None` where its sample is too small.
    pub place: Option<usize>,
    /// Whether another has the same place.
    pub is_shared: bool,
}

/// The areas right below one, the best first and those without a place last.
pub fn ranking(board: &Board, rate: usize, parent: AreaId) -> Vec<Ranked> {
    let areas = board.pipeline.areas;
    let Some(ruled) = board.pipeline.rates.get(rate) else { return Vec::new() };
    let of_children = board.figures.iter().filter(|figure| {
        usize::from(figure.key.rate) == rate
            && figure.key.slice.is_none()
            && areas.parent(figure.key.area) == Some(parent)
            && figure.key.area != areas.unassigned()
    });
    let is_enough =
        |figure: &&Figure| !ruled.formula.has_ratio() || figure.denominator >= ruled.minimum_sample;
    let (mut enough, few): (Vec<&Figure>, Vec<&Figure>) = of_children.partition(is_enough);
    enough.sort_by(|a, b| best_first(ruled, a, b).then_with(|| a.key.area.cmp(&b.key.area)));
    let equals = |a: &Figure, b: &Figure| best_first(ruled, a, b) == Ordering::Equal;
    let ranked = enough.iter().map(|figure| Ranked {
        area: figure.key.area,
        figure: (*figure).clone(),
        place: enough.iter().position(|first| equals(first, figure)).map(|before| before + 1),
        is_shared: enough.iter().filter(|other| equals(other, figure)).count() > 1,
    });
    let unranked = few.into_iter().map(|figure| Ranked {
        area: figure.key.area,
        figure: figure.clone(),
        place: None,
        is_shared: false,
    });
    ranked.chain(unranked).collect()
}

fn best_first(rate: &Rate, a: &Figure, b: &Figure) -> Ordering {
    let above = |figure: &Figure| i128::from(figure.numerator);
    let below = |figure: &Figure| match rate.formula.has_ratio() {
        true => i128::from(figure.denominator.max(1)),
        false => 1,
    };
    let lowest_first = (above(a) * below(b)).cmp(&(above(b) * below(a)));
    match rate.better {
        Better::Higher => lowest_first.reverse(),
        Better::Lower => lowest_first,
    }
}
