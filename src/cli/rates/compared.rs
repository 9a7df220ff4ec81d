//! Rates beside those of the same day of an earlier spring.

use serde::Serialize;

use super::beside::{Beside, optional};
use crate::board::{Board, Counts, Figure, Row, rows};
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
    #[serde(skip)]
    shown: [String; 2],
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
    #[serde(flatten)]
    counts: Counts,
    /// The ratio now less the ratio then; of a rate without one, the numerator now less the numerator then. Null where
    /// nothing was counted then.
    difference: Option<f64>,
}

/// Every figure of the rates that have a season, in the board's order.
pub fn compared(seen: &Seen) -> Vec<Compared<'_>> {
    let day = SeasonDay::of(seen.now.as_of).map_or(0, |day| day.number);
    let figures = seen.now.figures.iter().zip(rows(&seen.now));
    figures.filter_map(|(figure, row)| beside(seen, figure, row, day)).collect()
}

fn beside<'s>(seen: &'s Seen, figure: &Figure, row: Row<'s>, day: i64) -> Option<Compared<'s>> {
    let rate = seen.now.rate(figure);
    let alignment = seen.align.or(rate.season)?;
    let (_, then) = seen.then.iter().find(|(known, _)| *known == alignment)?;
    let earlier = then.figure(figure.key);
    let counts = earlier.map(|figure| (figure.numerator, figure.denominator));
    let now = (figure.numerator, figure.denominator);
    let earlier = counts.unwrap_or_default();
    let told = |counts| figures::figure(&seen.now.pipeline, rate, counts);
    let season = Earlier {
        day,
        aligned_by: alignment.as_str(),
        as_of: then.as_of.to_string(),
        counts: Counts::of(rate, earlier),
        difference: counts.and_then(|then| rate.change(now, then)),
    };
    Some(Compared { row, season, shown: [told(now), told(earlier)] })
}

impl Beside for Compared<'_> {
    fn row(&self) -> &Row<'_> {
        &self.row
    }

    const COLUMNS: &'static [&'static str] = &[
        "season_day",
        "aligned_by",
        "compared_as_of",
        "compared_numerator",
        "compared_denominator",
        "compared_ratio",
        "difference",
    ];

    fn columns(&self) -> Vec<String> {
        let Earlier { day, aligned_by, as_of, counts, difference } = &self.season;
        vec![
            day.to_string(),
            (*aligned_by).to_owned(),
            as_of.clone(),
            counts.numerator.to_string(),
            optional(counts.denominator),
            optional(counts.ratio),
            optional(*difference),
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
    for Compared { row, season, shown: [now, then] } in compared {
        let difference = season.difference.map(|by| figures::change(by, row.is_share));
        table.add_row([
            row.rate,
            row.area,
            row.area_name,
            &row.slice(),
            now,
            then,
            &difference.unwrap_or_else(|| "–".to_owned()),
            &format!("{} {}", season.as_of, season.aligned_by),
        ]);
    }
    let (as_of, day) = (&first.row.as_of, first.season.day);
    format!("as of {as_of}, day {day} 正月初一起第 {day} 天\n{}\n", table.trim_fmt())
}
