//! How figures are written for people: shares in per cent and their changes in percentage points, other ratios and counts as
//! numbers.

use crate::spec::amount::digits;
use crate::spec::{Pipeline, Rate};

/// A ratio: `98.13%` of a share, `29.93` of any other.
pub fn ratio(ratio: f64, is_share: bool) -> String {
    match is_share {
        true => format!("{:.2}%", 100.0 * ratio),
        false => format!("{ratio:.2}"),
    }
}

/// A change of a figure: `+0.34pp` of a share, `+35` or `-0.25` of any other.
pub fn change(change: f64, is_share: bool) -> String {
    match is_share {
        true => format!("{:+.2}pp", 100.0 * change),
        // Counts change by whole numbers, and need no decimals.
        false if change.fract() == 0.0 => format!("{change:+}"),
        false => format!("{change:+.2}"),
    }
}

/// Counts alone: `146600 / 149400`, or `512` where a rate has no denominator.
pub fn counts(rate: &Rate, (numerator, denominator): (i64, i64)) -> String {
    let above = digits(numerator, rate.numerator_scale);
    match rate.formula.has_ratio() {
        true => format!("{above} / {}", digits(denominator, rate.denominator_scale)),
        false => above,
    }
}

/// Counts and what they come to: `146600 / 149400 = 98.13%`; a count alone as it is.
pub fn figure(pipeline: &Pipeline, rate: &Rate, (numerator, denominator): (i64, i64)) -> String {
    let counts = counts(rate, (numerator, denominator));
    match rate.ratio(numerator, denominator) {
        Some(ratio) => format!("{counts} = {}", self::ratio(ratio, pipeline.is_share(rate))),
        None => counts,
    }
}
