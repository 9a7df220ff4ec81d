//! A figure as people and programs outside read it, with names instead of ids: the API's and `rates --format json`'s.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{Board, Figure, FigureKey};
use crate::panes::same_midnights;
use crate::spec::amount::{decimal, digits};
use crate::spec::{Rate, Unit};

/// One figure with everything it needs to be understood alone.
#[derive(Serialize, Debug)]
pub struct Row<'b> {
    /// The pipeline's name.
    pub pipeline: &'b str,
    /// The rate's name.
    pub rate: &'b str,
    /// The area's code.
    pub area: &'b str,
    /// The area's name.
    pub area_name: &'b str,
    /// `country`, `province`, `prefecture`, `county` or `unassigned`.
    pub level: &'static str,
    /// The dimension; null on totals.
    pub dimension: Option<&'b str>,
    /// The dimension's value; null on totals.
    pub value: Option<&'b str>,
    /// The board's moment, RFC 3339 in UTC.
    pub as_of: String,
    /// How many count, or what they add up to.
    pub numerator: Level,
    /// Out of how many, or out of what; null where the rate has no denominator.
    pub denominator: Option<Level>,
    /// The rate; null where there is nothing to divide by.
    pub ratio: Option<f64>,
    /// By window: the ratio now less the ratio then, of a rate without a denominator the numerator's.
    pub change: serde_json::Map<String, serde_json::Value>,
    /// The same day of the spring before; left out where the rate has no season or nobody counted then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_spring: Option<LastSpring>,
    /// What the numerator is in; null where the pipeline does not say.
    pub unit: Option<&'static str>,
    /// What the denominator is in. Where it is another unit than the numerator's, the ratio is no share.
    pub denominator_unit: Option<&'static str>,
    /// What in a total is not exact, by the values of the pipeline's qualifying dimensions; left out where everything is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub qualifiers: Vec<&'b str>,
    /// Whether the ratio is read as so many of a hundred.
    #[serde(skip)]
    pub is_share: bool,
}

/// The same day of the spring before, and how far this spring is from it.
#[derive(Serialize, Debug)]
pub struct LastSpring {
    /// What lays the two side by side.
    pub aligned_by: &'static str,
    /// The moment of the spring before, a midnight in Shanghai: RFC 3339 in UTC.
    pub as_of: String,
    /// What the rate said then.
    #[serde(flatten)]
    pub counts: Counts,
    /// The moment of this spring that is the same: the last midnight before the board.
    pub beside: Beside,
    /// The ratio this spring less the ratio then; of a rate without a denominator the numerator's; null where there is none.
    pub difference: Option<f64>,
}

/// This spring at the moment that is compared.
#[derive(Serialize, Debug)]
pub struct Beside {
    /// The moment, RFC 3339 in UTC.
    pub as_of: String,
    /// What the rate said.
    #[serde(flatten)]
    pub counts: Counts,
}

/// A level with its decimals, written as a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Level {
    last: i64,
    scale: u8,
}

/// What a rate says at some moment, as it is written beside a row.
#[derive(Serialize, Debug)]
pub struct Counts {
    /// How many count, or what they add up to.
    pub numerator: Level,
    /// Out of how many, or out of what; null where the rate has no denominator.
    pub denominator: Option<Level>,
    /// The rate; null where there is nothing to divide by.
    pub ratio: Option<f64>,
}

impl Counts {
    /// Of a rate's numerator and denominator in last decimals.
    pub fn of(rate: &Rate, (numerator, denominator): (i64, i64)) -> Self {
        let below = Level { last: denominator, scale: rate.denominator_scale };
        Self {
            numerator: Level { last: numerator, scale: rate.numerator_scale },
            denominator: rate.formula.has_ratio().then_some(below),
            ratio: rate.ratio(numerator, denominator),
        }
    }
}

/// The spring before, of a figure that knows it.
fn last_spring(board: &Board, figure: &Figure) -> Option<LastSpring> {
    let (rate, last_spring) = (board.rate(figure), figure.last_spring?);
    let [this, last] = same_midnights(board.as_of, rate.season?)?;
    let this_spring = figure.at_midnight;
    Some(LastSpring {
        aligned_by: rate.season?.as_str(),
        as_of: last.to_string(),
        counts: Counts::of(rate, last_spring),
        beside: Beside { as_of: this.to_string(), counts: Counts::of(rate, this_spring) },
        difference: rate.change(this_spring, last_spring),
    })
}

impl Row<'_> {
    /// The dimension's value as people write it, `mode=rail`; nothing on totals.
    pub fn slice(&self) -> String {
        let slice = self.dimension.zip(self.value);
        slice.map(|(dimension, value)| format!("{dimension}={value}")).unwrap_or_default()
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&digits(self.last, self.scale))
    }
}

impl Serialize for Level {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.scale {
            0 => self.last.serialize(serializer),
            scale => decimal(self.last, scale).serialize(serializer),
        }
    }
}

/// The figures of a board as rows, in the board's order.
pub fn rows(board: &Board) -> impl Iterator<Item = Row<'_>> {
    let as_of = board.as_of.to_string();
    let slices: Vec<(&str, &str)> =
        board.pipeline.slices().map(|(_, d, v)| (d.name.as_str(), v.name.as_str())).collect();
    board.figures.iter().map(move |figure| {
        let slice = figure.key.slice.and_then(|slice| slices.get(usize::from(slice.0)));
        row(board, figure, slice.copied(), &as_of)
    })
}

fn row<'b>(
    board: &'b Board,
    figure: &Figure,
    slice: Option<(&'b str, &'b str)>,
    as_of: &str,
) -> Row<'b> {
    let (pipeline, rate) = (&*board.pipeline, board.rate(figure));
    let areas = pipeline.areas;
    let area = figure.key.area;
    let windows = rate.change.iter().map(|window| window.label.clone());
    let Counts { numerator, denominator, ratio } =
        Counts::of(rate, (figure.numerator, figure.denominator));
    let changes = figure.change.iter().map(|change| serde_json::json!(change));
    Row {
        pipeline: &pipeline.name,
        rate: &rate.name,
        area: areas.code(area),
        area_name: areas.name_zh(area),
        level: areas.level(area).as_str(),
        dimension: slice.map(|(dimension, _)| dimension),
        value: slice.map(|(_, value)| value),
        as_of: as_of.to_owned(),
        numerator,
        denominator,
        ratio,
        change: windows.zip(changes).collect(),
        last_spring: last_spring(board, figure),
        unit: pipeline.unit_of(rate).map(Unit::code),
        denominator_unit: pipeline.denominator_unit_of(rate).map(Unit::code),
        qualifiers: qualifiers(board, figure),
        is_share: pipeline.is_share(rate),
    }
}

/// The values of qualifying dimensions, but for the exact ones, that have some part in a total.
fn qualifiers<'b>(board: &'b Board, figure: &Figure) -> Vec<&'b str> {
    let (pipeline, rate) = (&*board.pipeline, board.rate(figure));
    if figure.key.slice.is_some() {
        return Vec::new();
    }
    let qualifying = pipeline.slices().filter(|(_, dimension, value)| {
        let exact = dimension.exact.map(|exact| &dimension.values[exact]);
        exact.is_some_and(|exact| !std::ptr::eq(exact, *value))
            && pipeline.dimensions_of(rate).any(|by| std::ptr::eq(by, *dimension))
    });
    let has_part = |slice| {
        let part = board.figure(FigureKey { slice: Some(slice), ..figure.key });
        part.is_some_and(|part| (part.numerator, part.denominator) != (0, 0))
    };
    qualifying
        .filter(|(slice, ..)| has_part(*slice))
        .map(|(.., value)| value.name.as_str())
        .collect()
}
