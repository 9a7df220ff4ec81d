//! What was published by a moment, beside what is known of the same figures now.

use serde::Serialize;

use crate::area::AreaTree;
use crate::board::{Board, Level, Row, rows};
use crate::cli::figures::figure;
use crate::cli::table;

/// A pipeline's board as it was published, and the board of the same moment by what is known now.
pub struct Known {
    /// As published.
    pub published: Board,
    /// As of the same moment, by today's ledger.
    pub now: Board,
}

/// A published figure and what it would be today.
#[derive(Serialize)]
pub struct Restated<'k> {
    #[serde(flatten)]
    row: Row<'k>,
    /// The ledger's version whose facts it counted.
    ledger_version: Option<u64>,
    /// What is known of it now, where that is something else: facts came late, or were called off.
    restated: Option<Restatement>,
    #[serde(skip)]
    shown: [String; 2],
}

#[derive(Serialize)]
struct Restatement {
    numerator: Level,
    denominator: Option<Level>,
    ratio: Option<f64>,
}

/// Every published figure, in the board's order.
pub fn restated<'k>(known: &'k Known, areas: &'k AreaTree) -> Vec<Restated<'k>> {
    let Known { published, now } = known;
    let told = published.figures.iter().zip(rows(published, areas)).map(|(was, row)| {
        let rate = published.rate(was);
        let then = (was.numerator, was.denominator);
        let today = now.figure(was.key).map(|is| (is.numerator, is.denominator));
        let today = today.unwrap_or_default();
        let level = |last, scale| Level::of(last, scale);
        let restated = (today != then).then(|| Restatement {
            numerator: level(today.0, rate.numerator_scale),
            denominator: rate.formula.has_ratio().then_some(level(today.1, rate.denominator_scale)),
            ratio: rate.ratio(today.0, today.1),
        });
        let told = |counts| figure(&published.pipeline, rate, counts);
        let ledger_version = published.ledger_version;
        Restated { row, ledger_version, restated, shown: [told(then), told(today)] }
    });
    told.collect()
}

impl<'k> Restated<'k> {
    /// The figure as it was published.
    pub fn row(&self) -> &Row<'k> {
        &self.row
    }

    /// What a CSV file has beside the columns of a row.
    pub const COLUMNS: [&'static str; 4] =
        ["ledger_version", "restated_numerator", "restated_denominator", "restated_ratio"];

    /// The same columns of this one.
    pub fn columns(&self) -> [String; 4] {
        let of = |told: &dyn Fn(&Restatement) -> Option<String>| {
            self.restated.as_ref().and_then(told).unwrap_or_default()
        };
        [
            self.ledger_version.map(|version| version.to_string()).unwrap_or_default(),
            of(&|restated| Some(restated.numerator.to_string())),
            of(&|restated| restated.denominator.map(|level| level.to_string())),
            of(&|restated| restated.ratio.map(|ratio| ratio.to_string())),
        ]
    }
}

/// For people: what was said, and where something else is known now.
pub fn table(restated: &[Restated<'_>]) -> String {
    let Some(first) = restated.first() else {
        return "nothing had been published by then\n".to_owned();
    };
    let mut table = table::plain(["rate", "area", "", "of", "published", "known now"], &[4, 5]);
    for Restated { row, restated, shown: [published, now], .. } in restated {
        let slice = row.dimension.zip(row.value).map(|(d, value)| format!("{d}={value}"));
        table.add_row([
            row.rate,
            row.area,
            row.area_name,
            &slice.unwrap_or_default(),
            published,
            if restated.is_some() { now } else { "the same" },
        ]);
    }
    format!("published as of {}\n{}\n", first.row.as_of, table.trim_fmt())
}
