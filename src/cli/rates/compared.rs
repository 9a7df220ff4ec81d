//! Rates beside those of the same day of an earlier spring.

use serde::Serialize;

use crate::area::AreaTree;
use crate::board::{Board, Figure, Level, Row, rows};
use crate::cli::{figures, table};
use crate::season::{Alignment, SeasonDay};

/// A pipeline's board and what it is laid beside.
pub struct Seen {
    /// Now.
    pub now: Board,
    /// The boards of the earlier spring, by what aligns them.
    pub then: Vec<(Alignment, Board)>,
    /// What aligns all rates; each one's own unless said.
    pub align: Option<Alignment>,
}

/// A figure beside the one of an earlier spring.
#[derive(Serialize)]
pub struct Compared<'s> {
    #[serde(flatten)]
    row: Row<'s>,
    season: Earlier,
}

/// The same figure of an earlier spring.
#[derive(Serialize)]
struct Earlier {
    /// The day of the season; 1 is 正月初一.
    day: i64,
    /// `spring-festival`, `calendar` or `workday`.
    aligned_by: &'static str,
    /// The moment that is compared with, RFC 3339.
    as_of: String,
    numerator: Level,
    denominator: Option<Level>,
    ratio: Option<f64>,
    /// The ratio now less the ratio then; of a rate without one, the numerator now less the numerator then. Null where
    /// nothing was counted then.
    difference: Option<f64>,
}

/// Every figure of the rates that have a season, in the board's order.
pub fn compared<'s>(seen: &'s Seen, areas: &'s AreaTree) -> Vec<Compared<'s>> {
    let day = SeasonDay::of(seen.now.as_of).map_or(0, |day| day.number);
    let figures = seen.now.figures.iter().zip(rows(&seen.now, areas));
    figures.filter_map(|(figure, row)| beside(seen, figure, row, day)).collect()
}

fn beside<'s>(seen: &'s Seen, figure: &Figure, row: Row<'s>, day: i64) -> Option<Compared<'s>> {
    let rate = seen.now.rate(figure);
    let alignment = seen.align.or(rate.season)?;
    let (_, then) = seen.then.iter().find(|(known, _)| *known == alignment)?;
    let earlier = then.figure(figure.key);
    let counts = earlier.map(|figure| (figure.numerator, figure.denominator));
    let now = (figure.numerator, figure.denominator);
    let (numerator, denominator) = counts.unwrap_or_default();
    let season = Earlier {
        day,
        aligned_by: alignment.as_str(),
        as_of: then.as_of.to_string(),
        numerator: Level::of(numerator, rate.numerator_scale),
        denominator: rate
            .formula
            .has_ratio()
            .then_some(Level::of(denominator, rate.denominator_scale)),
        ratio: rate.ratio(numerator, denominator),
        difference: counts.and_then(|then| rate.change(now, then)),
    };
    Some(Compared { row, season })
}

impl<'s> Compared<'s> {
    /// The figure itself.
    pub fn row(&self) -> &Row<'s> {
        &self.row
    }

    /// What a CSV file has beside the columns of a row.
    pub const COLUMNS: [&'static str; 7] = [
        "season_day",
        "aligned_by",
        "compared_as_of",
        "compared_numerator",
        "compared_denominator",
        "compared_ratio",
        "difference",
    ];

    /// The same columns of this one.
    pub fn columns(&self) -> [String; 7] {
        let number = |number: Option<f64>| number.map(|number| number.to_string());
        let season = &self.season;
        [
            season.day.to_string(),
            season.aligned_by.to_owned(),
            season.as_of.clone(),
            season.numerator.to_string(),
            season.denominator.map(|level| level.to_string()).unwrap_or_default(),
            number(season.ratio).unwrap_or_default(),
            number(season.difference).unwrap_or_default(),
        ]
    }
}

/// For people: the day of the season and the date it is compared with first.
pub fn table(compared: &[Compared<'_>]) -> String {
    let Some(first) = compared.first() else {
        return "no rate here has a season: write `season: spring-festival`, or name one with --align\n".to_owned();
    };
    let mut table = table::plain(
        ["rate", "area", "", "of", "now", "then", "difference", "compared with"],
        &[4, 5, 6],
    );
    for Compared { row, season } in compared {
        let slice = row.dimension.zip(row.value).map(|(d, value)| format!("{d}={value}"));
        let shown = |ratio: Option<f64>, above: Level, below: Option<Level>| match (ratio, below) {
            (Some(ratio), Some(below)) => {
                format!("{above} / {below} = {}", figures::ratio(ratio, row.is_share))
            }
            (None, Some(below)) => format!("{above} / {below}"),
            (_, None) => above.to_string(),
        };
        let difference = season.difference.map(|by| figures::change(by, row.is_share));
        table.add_row([
            row.rate,
            row.area,
            row.area_name,
            &slice.unwrap_or_default(),
            &shown(row.ratio, row.numerator, row.denominator),
            &shown(season.ratio, season.numerator, season.denominator),
            &difference.unwrap_or_else(|| "–".to_owned()),
            &format!("{} {}", season.as_of, season.aligned_by),
        ]);
    }
    let (as_of, day) = (&first.row.as_of, first.season.day);
    format!("as of {as_of}, day {day} 正月初一起第 {day} 天\n{}\n", table.trim_fmt())
}
