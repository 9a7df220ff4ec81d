//! What the boards are of, for whoever shows them: titles, definitions, units, and the day of the season.

use serde::Serialize;

use crate::board::Board;
use crate::season::SeasonDay;
use crate::spec::{Better, Bilingual, Pipeline, Rate, Unit};

/// A pipeline with a board.
#[derive(Serialize)]
pub struct Described<'b> {
    pipeline: &'b str,
    title: &'b Bilingual,
    /// The board's moment, RFC 3339.
    as_of: String,
    season: Option<Season>,
    rates: Vec<DescribedRate<'b>>,
    dimensions: Vec<DescribedDimension<'b>>,
}

/// Which day of a season a board shows.
#[derive(Serialize)]
struct Season {
    year: i16,
    /// 1 is 正月初一.
    day: i64,
}

#[derive(Serialize)]
struct DescribedRate<'b> {
    rate: &'b str,
    title: &'b Bilingual,
    definition: &'b Bilingual,
    numerator: Bilingual,
    denominator: Option<Bilingual>,
    unit: Option<Bilingual>,
    denominator_unit: Option<Bilingual>,
    /// Whether the ratio is read as so many of a hundred.
    is_share: bool,
    /// `higher` or `lower`.
    better: &'static str,
    /// Of a smaller denominator the ratio says little.
    minimum_sample: i64,
}

#[derive(Serialize)]
struct DescribedDimension<'b> {
    dimension: &'b str,
    title: &'b Bilingual,
    values: Vec<DescribedValue<'b>>,
}

#[derive(Serialize)]
struct DescribedValue<'b> {
    value: &'b str,
    title: &'b Bilingual,
}

/// What a board is of.
pub fn described(board: &Board) -> Described<'_> {
    let pipeline = &*board.pipeline;
    let season = SeasonDay::of(board.as_of);
    let dimensions = pipeline.dimensions.iter().map(|dimension| DescribedDimension {
        dimension: &dimension.name,
        title: &dimension.title,
        values: dimension
            .values
            .iter()
            .map(|value| DescribedValue { value: &value.name, title: &value.title })
            .collect(),
    });
    Described {
        pipeline: &pipeline.name,
        title: &pipeline.title,
        as_of: board.as_of.to_string(),
        season: season.map(|day| Season { year: day.year, day: day.number }),
        rates: pipeline.rates.iter().map(|rate| described_rate(pipeline, rate)).collect(),
        dimensions: dimensions.collect(),
    }
}

fn described_rate<'b>(pipeline: &'b Pipeline, rate: &'b Rate) -> DescribedRate<'b> {
    let (above, below) = pipeline.titles_of(rate);
    let unit = |unit: Option<Unit>| unit.map(Unit::title);
    DescribedRate {
        rate: &rate.name,
        title: &rate.title,
        definition: &rate.definition,
        numerator: above,
        denominator: below,
        unit: unit(pipeline.unit_of(rate)),
        denominator_unit: unit(pipeline.denominator_unit_of(rate)),
        is_share: pipeline.is_share(rate),
        better: match rate.better {
            Better::Higher => "higher",
            Better::Lower => "lower",
        },
        minimum_sample: rate.minimum_sample,
    }
}
