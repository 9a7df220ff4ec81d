//! Since when a code is valid and until when, and where its ground counted before and counts after: one line of
//! `data/history.csv`. Which of these a figure asks for, `boundaries` decides.

use super::code::Code;
use super::id::AreaId;
use super::index::Index;
use crate::time::EventTime;

/// When an area was there. What the table does not say was so as far back, or as far ahead, as it goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Lifetime {
    /// The first moment at which the code is valid.
    pub(super) since: Option<EventTime>,
    /// The first at which it no more is.
    pub(super) until: Option<EventTime>,
    /// Where its ground counted before.
    pub(super) before: Option<AreaId>,
    /// Where its ground counts after.
    pub(super) after: Option<AreaId>,
}

impl Lifetime {
    /// Reads `code,from,until,before,after`. `None` for the header and for any line that is not a row.
    pub(super) fn parse(index: &Index, line: &str) -> Option<(AreaId, Lifetime)> {
        let cells: Vec<&str> = line.split(',').collect();
        let [code, from, until, before, after] = cells[..] else { return None };
        let area = |code| index.get(Code::parse(code)?);
        let (before, after) = (area(before), area(after));
        Some((
            area(code)?,
            Lifetime { since: midnight(from), until: midnight(until), before, after },
        ))
    }
}

/// Days begin at midnight in Shanghai. Of a change whose day is not known the list of that year's last day is the first
/// witness.
fn midnight(day: &str) -> Option<EventTime> {
    let day = if day.len() == 4 { format!("{day}-12-31") } else { day.to_owned() };
    EventTime::parse(&format!("{day}T00:00:00+08:00"))
}
