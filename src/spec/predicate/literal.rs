//! Literals: numbers, strings, `TRUE`, `FALSE`, `NULL` and `TIMESTAMP '…'`.
//!
//! Does not know intervals: those are no values, only lengths between times.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use sqlparser::ast::{DataType, Expr, TimezoneInfo, TypedString, Value as Literal, ValueWithSpan};
use sqlparser::tokenizer::Location;

use super::check::Checker;
use super::node::Node;
use super::problem::SqlProblem;
use super::types::{Beside, Type, Typed};
use crate::yaml::nearest;

const LITERALS: &str =
    "literals are 3, 'label', TRUE, FALSE, NULL and TIMESTAMP '2022-02-01 08:00:00'";

const TIME_FORMATS: [&str; 3] = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"];

impl<'c> Checker<'c> {
    pub(super) fn literal(
        &mut self,
        literal: &ValueWithSpan,
        beside: Beside<'c>,
    ) -> Option<Typed<'c>> {
        let at = literal.span.start;
        match &literal.value {
            Literal::Null => Some(Typed { node: Node::NULL, kind: Type::Null }),
            Literal::Boolean(truth) => Self::constant(i64::from(*truth), Type::Boolean),
            Literal::Number(digits, false) => self.number(at, digits, beside),
            Literal::SingleQuotedString(text) => self.string(at, text, beside),
            other => {
                let message = format!("`{other}` is no literal of predicates");
                self.note(SqlProblem::new(at, message).instead(LITERALS))
            }
        }
    }

    /// A minus stands only before a number.
    pub(super) fn negative(
        &mut self,
        whole: &Expr,
        inner: &Expr,
        beside: Beside<'c>,
    ) -> Option<Typed<'c>> {
        match inner {
            Expr::Value(ValueWithSpan { value: Literal::Number(digits, false), span }) => {
                self.number(span.start, &format!("-{digits}"), beside)
            }
            _ => self.refuse_arithmetic(self.place(whole)),
        }
    }

    /// Beside an amount a number is one, too.
    fn number(&mut self, at: Location, digits: &str, beside: Beside<'c>) -> Option<Typed<'c>> {
        let Beside::Type(Type::Amount(of)) = beside else { return self.integer(at, digits) };
        match of.parse(digits) {
            Ok(value) => Some(Typed { node: Node::Constant(value), kind: Type::Amount(of) }),
            Err(_) => {
                let message = format!("`{digits}` is beyond an amount of {} decimals", of.scale);
                self.note(SqlProblem::new(at, message))
            }
        }
    }

    fn integer(&mut self, at: Location, digits: &str) -> Option<Typed<'c>> {
        let constant = digits.parse().ok().and_then(|n| Self::constant(n, Type::Integer));
        if constant.is_some() {
            return constant;
        }
        let whole = digits.trim_start_matches('-').bytes().all(|b| b.is_ascii_digit());
        let reason = if whole { "beyond 64 bits" } else { "not a whole number" };
        self.note(SqlProblem::new(at, format!("`{digits}` is {reason}")))
    }

    fn string(&mut self, at: Location, text: &str, beside: Beside<'c>) -> Option<Typed<'c>> {
        let problem = match beside {
            Beside::Type(Type::Label(labels)) => {
                if let Some(index) = labels.iter().position(|label| label == text) {
                    return Self::constant(i64::try_from(index).ok()?, Type::Label(labels));
                }
                unknown_label(at, text, labels)
            }
            Beside::Type(Type::Time) => SqlProblem::new(at, "a string beside a time")
                .instead(format!("write TIMESTAMP '{}'", suggested(text))),
            Beside::Type(Type::Boolean) => {
                SqlProblem::new(at, "a string where a boolean is wanted")
                    .instead("write TRUE or FALSE, without quotes")
            }
            Beside::Type(kind @ (Type::Integer | Type::Amount(_))) => {
                let message = format!("a string beside {kind}");
                SqlProblem::new(at, message).instead("write it without quotes")
            }
            Beside::Type(Type::Null) | Beside::Nothing => {
                let message = format!("`'{text}'` stands beside no label column");
                SqlProblem::new(at, message).instead("compare it with a label column")
            }
            Beside::Broken => return None,
        };
        self.note(problem)
    }

    pub(super) fn timestamp(&mut self, typed: &TypedString) -> Option<Typed<'c>> {
        let at = typed.value.span.start;
        let text = match &typed.value.value {
            Literal::SingleQuotedString(text) => text.as_str(),
            _ => "",
        };
        let is_timestamp = matches!(typed.data_type, DataType::Timestamp(None, TimezoneInfo::None));
        if !is_timestamp || typed.uses_odbc_syntax {
            let message = format!("`{}` literals are not supported", typed.data_type);
            let instead = format!("write TIMESTAMP '{}', in UTC", suggested(text));
            return self.note(SqlProblem::new(at, message).instead(instead));
        }
        if let Some(seconds) = seconds_of(text) {
            return Self::constant(seconds, Type::Time);
        }
        let message = format!("`'{text}'` is no time in whole seconds of UTC");
        let instead = "write TIMESTAMP '2022-02-01 08:00:00', without an offset";
        self.note(SqlProblem::new(at, message).instead(instead))
    }
}

fn unknown_label(at: Location, text: &str, labels: &[String]) -> SqlProblem {
    let allowed: Vec<String> = labels.iter().map(|label| format!("'{label}'")).collect();
    let message =
        format!("`'{text}'` is no label of this column: there are {}", allowed.join(", "));
    let problem = SqlProblem::new(at, message);
    match nearest(text, labels.iter().map(String::as_str)) {
        Some(meant) => problem.instead(format!("did you mean '{meant}'?")),
        None => problem,
    }
}

/// The time that was probably meant, or an example of one.
fn suggested(text: &str) -> &str {
    if seconds_of(text).is_some() { text } else { "2022-02-01 08:00:00" }
}

/// Seconds since 1970 of a time written just so: what DuckDB reads beyond these formats (offsets, fractions, missing
/// digits) is easily misread.
fn seconds_of(text: &str) -> Option<i64> {
    let written = |format: &&str| {
        let time = DateTime::strptime(format, text).ok()?;
        (time.year() > 0 && time.strftime(format).to_string() == text).then_some(time)
    };
    let time = TIME_FORMATS.iter().find_map(written)?;
    Some(TimeZone::UTC.to_timestamp(time).ok()?.as_second())
}
