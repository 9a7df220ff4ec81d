//! Moments of the year 2022 in Beijing time, as Unix seconds and as RFC 3339.
//!
//! Knows one year and one offset, which is all the scenario needs: China keeps +08:00 the year
//! round. That makes every moment a constant and needs no time zone data.

use super::digits::push_padded;

/// An hour in seconds.
pub const HOUR: u32 = 3_600;
/// A day in seconds.
pub const DAY: u32 = 24 * HOUR;

/// 2022-01-01T00:00:00+08:00.
const NEW_YEAR: u32 = 1_640_966_400;
const DAYS_BEFORE_MONTH: [u32; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/// The Unix second at which this hour of 2022 begins in China.
pub const fn moment(month: u32, day: u32, hour: u32) -> u32 {
    let days = DAYS_BEFORE_MONTH[month as usize - 1] + day - 1;
    NEW_YEAR + days * DAY + hour * HOUR
}

/// Appends a moment of 2022 as `2022-02-10T09:00:00+08:00`.
pub fn push_rfc3339(at_seconds: u32, out: &mut Vec<u8>) {
    let seconds = at_seconds.saturating_sub(NEW_YEAR);
    let day_of_year = seconds / DAY;
    let month = DAYS_BEFORE_MONTH.partition_point(|&days| days <= day_of_year);
    let day = day_of_year - DAYS_BEFORE_MONTH[month - 1] + 1;
    out.extend_from_slice(b"2022-");
    for (number, after) in [
        (month as u32, b"-".as_slice()),
        (day, b"T"),
        (seconds % DAY / HOUR, b":"),
        (seconds % HOUR / 60, b":"),
        (seconds % 60, b"+08:00"),
    ] {
        push_padded::<2>(number, out);
        out.extend_from_slice(after);
    }
}
