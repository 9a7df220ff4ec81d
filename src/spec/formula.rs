//! What a rate says: levels of measures over levels of measures, or what is made of other rates.
//!
//! Deliberately evaluates nothing: levels belong to the board.

use std::iter;

use super::{Bilingual, MeasureId, Pipeline};
use crate::area::AreaId;

/// The decimals an index is kept with.
pub const INDEX_SCALE: u8 = 4;

/// What a rate says.
#[derive(Debug)]
pub enum Formula {
    /// What is counted, over what. It adds up: what it says of an area is the sum over the area's parts.
    Counted {
        /// As the facts tell it.
        counted: Quotient,
        /// As some areas report it.
        reported: Option<Reported>,
    },
    /// A hundred times the weighted ratios, in decimals of [`INDEX_SCALE`].
    Index(Vec<Weighted>),
    /// One of one where nothing is open, none of one where something is; nothing where nothing ever was.
    Cleared {
        /// What is open.
        open: Combination,
        /// What has ever been.
        ever: Combination,
    },
    /// What one pipeline counts over what another counts: hired over demand.
    Across(Across),
}

/// Counts of two pipelines, one over the other.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Across {
    /// What is counted.
    pub numerator: Elsewhere,
    /// Out of what.
    pub denominator: Elsewhere,
}

/// What a rate of some pipeline counts: its numerator, of which there are no decimals.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Elsewhere {
    /// The pipeline's name.
    pub pipeline: String,
    /// The rate's name.
    pub rate: String,
    /// What people call it here.
    pub title: Bilingual,
}

/// Levels over levels, or levels alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quotient {
    /// What is counted.
    pub numerator: Combination,
    /// Out of what, if it is out of anything.
    pub denominator: Option<Combination>,
}

/// What counts for areas that report figures themselves, in place of what the facts below them say.
#[derive(Debug)]
pub struct Reported {
    /// What their reports say.
    pub quotient: Quotient,
    /// The areas, each with everything below it; none lies below another.
    pub areas: Vec<AreaId>,
}

/// A rate in an index.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Weighted {
    /// Index into the pipeline's rates, of an earlier one that has a ratio.
    pub rate: usize,
    /// What its ratio is multiplied by.
    pub weight: f64,
}

/// Levels of measures added up and taken from one another: `opened - solved - tracked`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Combination {
    first: MeasureId,
    rest: Vec<(Sign, MeasureId)>,
}

/// How a measure goes into a [`Combination`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sign {
    /// It is added.
    Plus,
    /// It is taken away.
    Minus,
}

impl Formula {
    /// Whether it is a share, and not a count, a total or an index.
    pub fn has_ratio(&self) -> bool {
        match self {
            Self::Counted { counted, .. } => counted.denominator.is_some(),
            Self::Index(_) => false,
            Self::Cleared { .. } | Self::Across(_) => true,
        }
    }

    /// What lies across pipelines.
    pub fn across(&self) -> Option<&Across> {
        match self {
            Self::Across(across) => Some(across),
            _ => None,
        }
    }

    /// The measures it is made of directly.
    pub fn measures(&self) -> Vec<MeasureId> {
        let of = |quotient: &Quotient| {
            let both = iter::once(&quotient.numerator).chain(&quotient.denominator);
            both.flat_map(Combination::measures).collect::<Vec<_>>()
        };
        match self {
            Self::Counted { counted, reported } => {
                let reported = reported.iter().flat_map(|reported| of(&reported.quotient));
                of(counted).into_iter().chain(reported).collect()
            }
            Self::Index(_) | Self::Across(_) => Vec::new(),
            Self::Cleared { open, ever } => open.measures().chain(ever.measures()).collect(),
        }
    }
}

impl Combination {
    /// One measure, with others added to it or taken from it.
    pub fn new(first: MeasureId, rest: Vec<(Sign, MeasureId)>) -> Self {
        Self { first, rest }
    }

    /// The measure, if it is nothing but one.
    pub fn only(&self) -> Option<MeasureId> {
        self.rest.is_empty().then_some(self.first)
    }

    /// This one less another.
    pub fn less(&self, other: &Self) -> Self {
        let turned = |sign: Sign| if sign == Sign::Plus { Sign::Minus } else { Sign::Plus };
        let taken = other.terms().map(|(sign, measure)| (turned(sign), measure));
        Self { first: self.first, rest: self.rest.iter().copied().chain(taken).collect() }
    }

    /// The measures with their signs, in order.
    pub fn terms(&self) -> impl Iterator<Item = (Sign, MeasureId)> {
        iter::once((Sign::Plus, self.first)).chain(self.rest.iter().copied())
    }

    /// The measures, in order.
    pub fn measures(&self) -> impl Iterator<Item = MeasureId> {
        self.terms().map(|(_, measure)| measure)
    }

    /// Its level, where each measure's is known.
    pub fn level(&self, of: impl Fn(MeasureId) -> i64) -> i64 {
        let signed = |(sign, measure)| match sign {
            Sign::Plus => of(measure),
            Sign::Minus => -of(measure),
        };
        self.terms().map(signed).sum()
    }

    /// What people call it: the measures' titles.
    pub fn title(&self, pipeline: &Pipeline) -> Bilingual {
        let mut title = Bilingual { zh: String::new(), en: String::new() };
        for (index, (sign, measure)) in self.terms().enumerate() {
            let between = match (index, sign) {
                (0, _) => "",
                (_, Sign::Plus) => " + ",
                (_, Sign::Minus) => " − ",
            };
            let measured = &pipeline.measures[usize::from(measure.0)].title;
            title.zh.extend([between, &measured.zh]);
            title.en.extend([between, &measured.en]);
        }
        title
    }
}
