//! Rates that lie across pipelines: what one of them counts over what another counts.
//!
//! A board counts one pipeline. What lies across is told of the boards of both, once they are made; each is as of its own
//! moment, which in a live run is the same. Areas are matched by their codes, for each pipeline has a tree of its own.

use std::collections::BTreeMap;

use super::{Board, Figure, FigureKey};
use crate::area::AreaId;
use crate::spec::formula::{Across, Elsewhere};

impl Board {
    /// The pipelines, other than its own, that it needs the boards of.
    pub fn neighbours(&self) -> impl Iterator<Item = &str> {
        let named = self.pipeline.rates.iter().filter_map(|rate| rate.formula.across());
        let named = named.flat_map(|across| [&across.numerator, &across.denominator]);
        named
            .map(|elsewhere| elsewhere.pipeline.as_str())
            .filter(|name| *name != self.pipeline.name)
    }

    /// The same board with the figures that lie across pipelines, as far as the boards of those are there.
    #[must_use]
    pub fn with_neighbours(mut self, boards: &[&Board]) -> Self {
        let figures = self.across(boards);
        self.take(figures);
        self
    }

    fn take(&mut self, across: Vec<Figure>) {
        let counts = |figure: &Figure| (figure.numerator, figure.denominator) != (0, 0);
        let (figures, gone): (Vec<Figure>, Vec<Figure>) = across.into_iter().partition(counts);
        self.figures.extend(figures);
        self.figures.sort_by_key(|figure| figure.key);
        self.gone.extend(gone.into_iter().map(|figure| (figure.key, figure.at_midnight)));
        self.gone.sort_by_key(|(key, _)| *key);
    }

    fn across(&self, boards: &[&Board]) -> Vec<Figure> {
        let rates = (0..).zip(&self.pipeline.rates);
        let across = rates.filter_map(|(rate, ruled)| Some((rate, ruled.formula.across()?)));
        across.flat_map(|(rate, across)| self.figures_across(rate, across, boards)).collect()
    }

    fn figures_across(&self, rate: u16, across: &Across, boards: &[&Board]) -> Vec<Figure> {
        let mut levels: BTreeMap<AreaId, [(i64, i64); 2]> = BTreeMap::new();
        for (area, level) in self.levels_of(&across.numerator, boards) {
            levels.entry(area).or_default()[0] = level;
        }
        for (area, level) in self.levels_of(&across.denominator, boards) {
            levels.entry(area).or_default()[1] = level;
        }
        let figure = |(area, [above, below]): (AreaId, [(i64, i64); 2])| Figure {
            key: FigureKey { rate, area, slice: None },
            numerator: above.0,
            denominator: below.0,
            change: Vec::new(),
            at_midnight: (above.1, below.1),
            last_spring: None,
        };
        levels.into_iter().map(figure).collect()
    }

    /// What another rate counts, now and at the last midnight, in the areas that this board knows, too.
    fn levels_of(&self, elsewhere: &Elsewhere, boards: &[&Board]) -> Vec<(AreaId, (i64, i64))> {
        let is_its = |board: &&Board| board.pipeline.name == elsewhere.pipeline;
        let others = std::iter::once(self).chain(boards.iter().copied());
        let Some(board) = others.into_iter().find(|board| is_its(board)) else { return Vec::new() };
        let rates = &board.pipeline.rates;
        let Some(rate) = rates.iter().position(|rate| rate.name == elsewhere.rate) else {
            return Vec::new();
        };
        let counted = board.figures.iter();
        let counted = counted.map(|figure| (figure.key, (figure.numerator, figure.at_midnight.0)));
        let gone = board.gone.iter().map(|(key, at_midnight)| (*key, (0, at_midnight.0)));
        let totals = counted
            .chain(gone)
            .filter(|(key, _)| usize::from(key.rate) == rate && key.slice.is_none());
        let (here, there) = (self.pipeline.areas, board.pipeline.areas);
        let known = totals.filter_map(|(key, levels)| {
            let code = there.code(key.area);
            let area = here.resolve(code).filter(|area| here.code(*area) == code)?;
            Some((area, levels))
        });
        known.collect()
    }
}

/// Boards of one moment, each with the figures that lie across it and others.
pub fn joined(mut boards: Vec<Board>) -> Vec<Board> {
    let all: Vec<&Board> = boards.iter().collect();
    let across: Vec<Vec<Figure>> = boards.iter().map(|board| board.across(&all)).collect();
    boards.iter_mut().zip(across).for_each(|(board, across)| board.take(across));
    boards
}
