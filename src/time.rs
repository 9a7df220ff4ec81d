//! Event time: when something happened, in whole seconds of UTC.
//!
//! Knows how times and lengths of time are written. Deliberately does not know what time it is now: that is the
//! [clock](crate::clock)'s business, and nothing on the data path may ask it.

mod plain;

use std::fmt;

use jiff::Timestamp;

/// A moment in whole seconds since 1970-01-01T00:00:00Z. Fractions are cut off at decode, everywhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EventTime(i64);

/// Nothing this program counts happened before: an earlier time is a broken clock or a default value.
pub const EARLIEST: EventTime = EventTime(946_684_800); // 2000-01-01T00:00:00Z
/// Nor after: a time of the next century is a typing mistake.
pub const LATEST: EventTime = EventTime(4_102_444_799); // 2099-12-31T23:59:59Z

impl EventTime {
    /// A moment from seconds since 1970-01-01T00:00:00Z.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// Microseconds since 1970-01-01T00:00:00Z, as Delta tables store a timestamp.
    pub const fn microseconds(self) -> i64 {
        self.0 * 1_000_000
    }

    /// A moment from microseconds since 1970, the fraction cut off.
    pub const fn from_microseconds(microseconds: i64) -> Self {
        Self(microseconds.div_euclid(1_000_000))
    }

    /// A moment from milliseconds since 1970, as Kafka stamps its records, the fraction cut off.
    pub const fn from_milliseconds(milliseconds: i64) -> Self {
        Self(milliseconds.div_euclid(1_000))
    }

    /// Reads RFC 3339 with any offset. `None` where the text is no such time.
    pub fn parse(text: &str) -> Option<Self> {
        plain::seconds(text).map(Self).or_else(|| Self::parse_any(text))
    }

    fn parse_any(text: &str) -> Option<Self> {
        let timestamp: Timestamp = text.parse().ok()?;
        // jiff cuts towards 1970; before it the fraction is negative.
        let behind = i64::from(timestamp.subsec_nanosecond() < 0);
        Some(Self(timestamp.as_second() - behind))
    }

    /// This moment and so many seconds more.
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0 + seconds)
    }

    /// The day of UTC it falls on, as days since 1970-01-01.
    pub const fn utc_day(self) -> i32 {
        self.0.div_euclid(86_400) as i32
    }
}

impl fmt::Display for EventTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_second(self.0) {
            Ok(timestamp) => write!(f, "{timestamp}"),
            Err(_) => write!(f, "{} s after 1970", self.0),
        }
    }
}

/// Reads a length of time as people write it in a pipeline file, `30s`, `10m`, `24h`, `3d`, `2w`, into seconds.
pub fn parse_duration_seconds(text: &str) -> Option<i64> {
    let unit = text.chars().last()?;
    let seconds_per_unit = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        _ => return None,
    };
    let digits = &text[..text.len() - 1];
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse::<i64>().ok()?.checked_mul(seconds_per_unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_taken_into_account_and_a_fraction_is_cut_off() {
        let parsed = EventTime::parse("2022-02-21T07:31:15.999+08:00");
        assert_eq!(parsed.map(|time| time.to_string()).as_deref(), Some("2022-02-20T23:31:15Z"));
    }

    #[test]
    fn a_fraction_written_before_1970_is_cut_towards_the_past_too() {
        for (text, seconds) in [
            ("1969-12-31T23:59:58.5Z", -2),
            ("1969-12-31T23:59:59Z", -1),
            ("1970-01-01T00:00:00.9Z", 0),
        ] {
            assert_eq!(EventTime::parse(text), Some(EventTime::from_seconds(seconds)), "{text}");
        }
    }

    #[test]
    fn a_time_without_an_offset_is_no_moment() {
        assert_eq!(EventTime::parse("2022-02-21T07:31:15"), None);
        assert_eq!(EventTime::parse("yesterday"), None);
    }

    #[test]
    fn a_fraction_before_1970_is_cut_towards_the_past() {
        assert_eq!(EventTime::from_milliseconds(-1), EventTime::from_seconds(-1));
    }

    #[test]
    fn lengths_of_time_have_a_number_and_one_unit() {
        assert_eq!(parse_duration_seconds("3d"), Some(259_200));
        assert_eq!(parse_duration_seconds("24h"), Some(86_400));
        for wrong in ["", "3", "d", "-3d", "3.5d", "3 d", "3y", "99999999999999999999w"] {
            assert_eq!(parse_duration_seconds(wrong), None, "{wrong:?}");
        }
    }
}
