//! Intervals as seconds: `INTERVAL '1 day 2 hours'`, `INTERVAL '3' DAY`, `INTERVAL 3 DAYS`.
//!
//! Only units of fixed length; does not know what an interval is added to.

use sqlparser::ast::{DateTimeField, Expr, Interval, Value as Literal};

use super::check::Checker;
use super::problem::SqlProblem;

/// A thousand years: so many of them as a predicate can add up stay within both our times and DuckDB's.
const SECONDS_MOST: i64 = 365_250 * 86_400;

/// How an interval is written.
pub(super) const READABLE: &str = "write whole numbers and units: INTERVAL '1 day 12 hours'";

const UNITS: &str = "units are seconds, minutes, hours, days and weeks: INTERVAL '3 days'";

impl Checker<'_> {
    /// The seconds of an interval.
    pub(super) fn seconds(&mut self, interval: &Interval) -> Option<i64> {
        let at = self.place(&interval.value);
        match seconds_of(interval) {
            Ok(seconds) => Some(seconds),
            Err((message, instead)) => self.note(SqlProblem::new(at, message).instead(instead)),
        }
    }
}

/// An interval under its parentheses.
pub(super) fn interval_in(expr: &Expr) -> Option<&Interval> {
    match expr {
        Expr::Nested(inner) => interval_in(inner),
        Expr::Interval(interval) => Some(interval),
        _ => None,
    }
}

/// What is wrong, and what to write instead.
type Mistake = (String, &'static str);

fn seconds_of(interval: &Interval) -> Result<i64, Mistake> {
    let qualified = interval.last_field.is_some()
        || interval.leading_precision.is_some()
        || interval.fractional_seconds_precision.is_some();
    let text = written(&interval.value).filter(|_| !qualified).ok_or_else(unreadable)?;
    let unit = interval.leading_field.as_ref().map(DateTimeField::to_string);
    match unit {
        Some(unit) => in_range(seconds_of_part(text.trim(), &unit)?),
        None => seconds_of_text(text),
    }
}

/// `1 day 2 hours`: numbers and units by turns.
fn seconds_of_text(text: &str) -> Result<i64, Mistake> {
    let mut words = text.split_ascii_whitespace().peekable();
    if words.peek().is_none() {
        return Err(unreadable());
    }
    let mut total: i64 = 0;
    while let Some(number) = words.next() {
        let unit = words.next().ok_or_else(|| (format!("`{text}` has no unit"), UNITS))?;
        total = in_range(total.saturating_add(seconds_of_part(number, unit)?))?;
    }
    Ok(total)
}

fn seconds_of_part(number: &str, unit: &str) -> Result<i64, Mistake> {
    let per_unit = seconds_per_unit(unit)?;
    // DuckDB takes no plus here.
    let whole: Option<i64> = number.parse().ok().filter(|_| !number.starts_with('+'));
    let whole = whole.ok_or_else(unreadable)?;
    Ok(whole.saturating_mul(per_unit))
}

fn seconds_per_unit(unit: &str) -> Result<i64, Mistake> {
    match unit.to_ascii_lowercase().as_str() {
        "second" | "seconds" => Ok(1),
        "minute" | "minutes" => Ok(60),
        "hour" | "hours" => Ok(3_600),
        "day" | "days" => Ok(86_400),
        "week" | "weeks" => Ok(7 * 86_400),
        "month" | "months" => {
            Err(("a month has no fixed length".into(), "write INTERVAL '30 days'"))
        }
        "year" | "years" => Err(("a year has no fixed length".into(), "write INTERVAL '365 days'")),
        _ => Err((format!("`{unit}` is no unit of an interval"), UNITS)),
    }
}

fn in_range(seconds: i64) -> Result<i64, Mistake> {
    if seconds.checked_abs().is_some_and(|seconds| seconds <= SECONDS_MOST) {
        return Ok(seconds);
    }
    Err((
        "an interval is at most a thousand years".to_owned(),
        "write INTERVAL '365250 days' or less",
    ))
}

fn unreadable() -> Mistake {
    ("this is no interval".to_owned(), READABLE)
}

/// The text of `'3 days'` or of `3`.
fn written(value: &Expr) -> Option<&str> {
    let Expr::Value(literal) = value else {
        return None;
    };
    match &literal.value {
        Literal::SingleQuotedString(text) | Literal::Number(text, false) => Some(text),
        _ => None,
    }
}
