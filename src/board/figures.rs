//! What each rate says of each area, by the levels that were rolled up.

use hashbrown::HashMap;

use super::{Figure, FigureKey};
use crate::area::AreaId;
use crate::panes::Levels;
use crate::spec::formula::{Formula, INDEX_SCALE, Quotient, Reported, Weighted};
use crate::spec::{Lookbacks, MeasureId, Pipeline, Rate, SliceId};
use crate::steps::Cell;

/// An area, in total or for one dimension value.
type Place = (AreaId, Option<SliceId>);

/// What has only been.
type Gone = Vec<(FigureKey, (i64, i64))>;

/// Every figure that has a numerator or a denominator, and what those had at the last midnight that have none now; both sorted
/// by key.
pub fn figures(pipeline: &Pipeline, levels: &HashMap<Cell, Levels>) -> (Vec<Figure>, Gone) {
    let lookbacks = Lookbacks::of(pipeline);
    let told = Told { pipeline, levels };
    let (mut figures, mut gone) = (Vec::new(), Vec::new());
    for (index, rate) in pipeline.rates.iter().enumerate() {
        let columns = Columns {
            windows: rate.change.iter().filter_map(|w| lookbacks.window(w.seconds)).collect(),
            midnight: lookbacks.midnight(),
            last_spring: rate.season.and_then(|alignment| lookbacks.spring(alignment)),
        };
        for place in told.places(rate) {
            let key = FigureKey { rate: index as u16, area: place.0, slice: place.1 };
            let figure = told.figure(key, rate, &columns);
            match (figure.numerator, figure.denominator) {
                (0, 0) if figure.at_midnight == (0, 0) => {}
                (0, 0) => gone.push((key, figure.at_midnight)),
                _ => figures.push(figure),
            }
        }
    }
    figures.sort_by_key(|figure| figure.key);
    gone.sort_by_key(|(key, _)| *key);
    (figures, gone)
}

/// Where a rate's earlier moments are found in the levels.
struct Columns {
    windows: Vec<usize>,
    midnight: usize,
    last_spring: Option<usize>,
}

/// What is needed to tell a figure.
struct Told<'t> {
    pipeline: &'t Pipeline,
    /// By cell, the level now and at the moments that are looked back to.
    levels: &'t HashMap<Cell, Levels>,
}

impl Told<'_> {
    /// Where any of the rate's measures has a cell, each place once, in total and for what it is broken out by.
    fn places(&self, rate: &Rate) -> Vec<Place> {
        let measures = self.pipeline.measures_of(rate);
        let measures: u64 = measures.into_iter().fold(0, |all, measure| all | 1 << measure.0);
        let slices = self.pipeline.slices_of(rate);
        let dimensions: Vec<_> = self.pipeline.slices().map(|(_, d, _)| d).collect();
        let is_shown = |area: AreaId, slice: SliceId| {
            slices & (1 << slice.0) != 0
                && dimensions[usize::from(slice.0)].shows(self.pipeline.areas.level(area))
        };
        let mut places: Vec<_> = self
            .levels
            .keys()
            .filter(|cell| measures & (1 << cell.measure().0) != 0)
            .filter(|cell| cell.slice().is_none_or(|slice| is_shown(cell.area(), slice)))
            .map(|cell| (cell.area(), cell.slice()))
            .collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    fn figure(&self, key: FigureKey, rate: &Rate, columns: &Columns) -> Figure {
        let at = |column| self.counts(rate, (key.area, key.slice), column);
        let now = at(0).unwrap_or_default();
        let change = |column: &usize| rate.change(now, at(*column)?);
        let change = columns.windows.iter().map(change).collect();
        let last_spring = columns.last_spring.filter(|_| key.slice.is_none()).and_then(at);
        Figure {
            key,
            numerator: now.0,
            denominator: now.1,
            change,
            at_midnight: at(columns.midnight).unwrap_or_default(),
            last_spring: last_spring.filter(|counts| *counts != (0, 0)),
        }
    }

    /// Numerator and denominator; `None` where an index lacks one of its ratios.
    fn counts(&self, rate: &Rate, place: Place, column: usize) -> Option<(i64, i64)> {
        match &rate.formula {
            Formula::Counted { counted, reported } => {
                Some(self.counted(counted, reported.as_ref(), place, column))
            }
            Formula::Index(weighted) => {
                let index = self.index(weighted, place, column)?;
                Some(((index * 10_f64.powi(i32::from(INDEX_SCALE))).round() as i64, 0))
            }
            // Told of several boards, once they are made.
            Formula::Across(_) => None,
            Formula::Cleared { open, ever } => {
                let level = |measure| self.level(measure, place, column);
                let ever = i64::from(ever.level(level) > 0);
                Some((ever * i64::from(open.level(level) == 0), ever))
            }
        }
    }

    /// Where an area reports, its report stands in for what the facts say of it and of all below it.
    fn counted(
        &self,
        counted: &Quotient,
        reported: Option<&Reported>,
        place: Place,
        column: usize,
    ) -> (i64, i64) {
        let by_facts = self.quotient(counted, place, column);
        let Some(reported) = reported else { return by_facts };
        let (area, slice) = place;
        let lies_in =
            |inner, outer| self.pipeline.areas.ancestors(inner).any(|around| around == outer);
        if reported.areas.iter().any(|reporting| lies_in(area, *reporting)) {
            return self.quotient(&reported.quotient, place, column);
        }
        let below = reported.areas.iter().filter(|reporting| lies_in(**reporting, area));
        below.fold(by_facts, |sum, reporting| {
            let place = (*reporting, slice);
            let by_facts = self.quotient(counted, place, column);
            let by_report = self.quotient(&reported.quotient, place, column);
            (sum.0 - by_facts.0 + by_report.0, sum.1 - by_facts.1 + by_report.1)
        })
    }

    fn quotient(&self, quotient: &Quotient, place: Place, column: usize) -> (i64, i64) {
        let level = |measure| self.level(measure, place, column);
        let below = quotient.denominator.as_ref();
        (quotient.numerator.level(level), below.map_or(0, |below| below.level(level)))
    }

    fn index(&self, weighted: &[Weighted], place: Place, column: usize) -> Option<f64> {
        let part = |part: &Weighted| {
            let rate = &self.pipeline.rates[part.rate];
            let (numerator, denominator) = self.counts(rate, place, column)?;
            Some(100.0 * part.weight * rate.ratio(numerator, denominator)?)
        };
        weighted.iter().map(part).sum()
    }

    fn level(&self, measure: MeasureId, (area, slice): Place, column: usize) -> i64 {
        let levels = self.levels.get(&Cell::new(measure, area, slice));
        levels.and_then(|levels| levels.get(column)).copied().unwrap_or(0)
    }
}
