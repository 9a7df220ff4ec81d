//! What was published by a moment, beside what is known of the same figures now.

use serde::Serialize;

use super::beside::{Beside, optional};
use crate::board::{Board, Counts, Row, rows};
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
    restated: Option<Counts>,
    #[serde(skip)]
    shown: [String; 2],
}

/// Every published figure, in the board's order.
pub fn restated(known: &Known) -> Vec<Restated<'_>> {
    let Known { published, now } = known;
    let told = published.figures.iter().zip(rows(published)).map(|(was, row)| {
        let rate = published.rate(was);
        let then = (was.numerator, was.denominator);
        let today = now.figure(was.key).map(|is| (is.numerator, is.denominator));
        let today = today.unwrap_or_default();
        let restated = (today != then).then(|| Counts::of(rate, today));
        let told = |counts| figure(&published.pipeline, rate, counts);
        let ledger_version = published.ledger_version;
        Restated { row, ledger_version, restated, shown: [told(then), told(today)] }
    });
    told.collect()
}

impl Beside for Restated<'_> {
    fn row(&self) -> &Row<'_> {
        &self.row
    }

    const COLUMNS: &'static [&'static str] =
        &["ledger_version", "restated_numerator", "restated_denominator", "restated_ratio"];

    fn columns(&self) -> Vec<String> {
        let restated = self.restated.as_ref();
        vec![
            optional(self.ledger_version),
            optional(restated.map(|counts| counts.numerator)),
            optional(restated.and_then(|counts| counts.denominator)),
            optional(restated.and_then(|counts| counts.ratio)),
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
        table.add_row([
            row.rate,
            row.area,
            row.area_name,
            &row.slice(),
            published,
            if restated.is_some() { now } else { "the same" },
        ]);
    }
    format!("published as of {}\n{}\n", first.row.as_of, table.trim_fmt())
}
