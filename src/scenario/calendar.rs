//! Moments in Beijing time, as Unix seconds and as RFC 3339.
//!
//! Knows one offset, which is all the scenario needs: China keeps +08:00 the year round, and has since 1992. That makes
//! every moment a constant and needs no time zone data.

use super::digits::push_padded;

/// An hour in seconds.
pub const HOUR: u32 = 3_600;
/// A day in seconds.
pub const DAY: u32 = 24 * HOUR;

/// 2020-01-01T00:00:00+08:00, where the scenario's calendar begins.
const BEGINNING: u32 = 1_577_808_000;
const FIRST_YEAR: u32 = 2020;
const DAYS_BEFORE_MONTH: [u32; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/// The Unix second at which this hour of 2022 begins in China.
pub const fn moment(month: u32, day: u32, hour: u32) -> u32 {
    moment_of(2022, month, day, hour)
}

/// The Unix second at which this hour of a year from 2020 on begins in China.
pub const fn moment_of(year: u32, month: u32, day: u32, hour: u32) -> u32 {
    BEGINNING
        + (days_before_year(year) + days_before_month(year, month) + day - 1) * DAY
        + hour * HOUR
}

const fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4)
}

/// From the beginning; every fourth year is longer, the first among them.
const fn days_before_year(year: u32) -> u32 {
    let years = year - FIRST_YEAR;
    years * 365 + years.div_ceil(4)
}

const fn days_before_month(year: u32, month: u32) -> u32 {
    let leap_day = if month > 2 && is_leap(year) { 1 } else { 0 };
    DAYS_BEFORE_MONTH[month as usize - 1] + leap_day
}

/// Appends a moment as `2022-02-10T09:00:00+08:00`.
pub fn push_rfc3339(at_seconds: u32, out: &mut Vec<u8>) {
    let seconds = at_seconds.saturating_sub(BEGINNING);
    let days = seconds / DAY;
    let year = (FIRST_YEAR..).take_while(|year| days_before_year(*year) <= days).last();
    let year = year.unwrap_or(FIRST_YEAR);
    let day_of_year = days - days_before_year(year);
    let month = (1..=12).rev().find(|month| days_before_month(year, *month) <= day_of_year);
    let month = month.unwrap_or(1);
    let day = day_of_year - days_before_month(year, month) + 1;
    push_padded::<4>(year, out);
    out.push(b'-');
    for (number, after) in [
        (month, b"-".as_slice()),
        (day, b"T"),
        (seconds % DAY / HOUR, b":"),
        (seconds % HOUR / 60, b":"),
        (seconds % 60, b"+08:00"),
    ] {
        push_padded::<2>(number, out);
        out.extend_from_slice(after);
    }
}
