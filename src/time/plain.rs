//! The form in which nearly all times are written, read without a parser for all forms: `2022-02-21T07:31:15Z` or `…+08:00`.
//!
//! What it does not know is not wrong: the parser for all forms decides.

const DAY: i64 = 86_400;
/// Days from 0000-03-01, with which a leap year ends, to 1970-01-01.
const DAYS_BEFORE_1970: i64 = 719_468;

/// Seconds since 1970; `None` of any other form, and of years that no event is of.
pub fn seconds(text: &str) -> Option<i64> {
    let (moment, offset) = text.as_bytes().split_first_chunk::<19>()?;
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b'T', h0, h1, b':', n0, n1, b':', s0, s1] =
        *moment
    else {
        return None;
    };
    let year = two(y0, y1)? * 100 + two(y2, y3)?;
    let (month, day) = (two(m0, m1)?, two(d0, d1)?);
    let (hour, minute, second) = (two(h0, h1)?, two(n0, n1)?, two(s0, s1)?);
    let is_plain = (1971..=2199).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_of(month, year)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60; // a leap second is not plain
    let local = days_since_1970(year, month, day) * DAY + hour * 3_600 + minute * 60 + second;
    is_plain.then_some(local - ahead(offset)?)
}

/// How many seconds a place is ahead of UTC.
fn ahead(offset: &[u8]) -> Option<i64> {
    let (sign, hours, minutes) = match *offset {
        [b'Z'] => return Some(0),
        [b'+', h0, h1, b':', m0, m1] => (1, two(h0, h1)?, two(m0, m1)?),
        [b'-', h0, h1, b':', m0, m1] => (-1, two(h0, h1)?, two(m0, m1)?),
        _ => return None,
    };
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

fn two(tens: u8, ones: u8) -> Option<i64> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then_some(i64::from(tens) * 10 + i64::from(ones))
}

fn days_of(month: i64, year: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Counted in years that begin in March, so that the day that comes and goes is the last one.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - DAYS_BEFORE_1970
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use proptest::prelude::*;

    fn by_jiff(text: &str) -> Option<i64> {
        text.parse::<Timestamp>().ok().map(Timestamp::as_second)
    }

    #[test]
    fn every_day_of_the_years_it_knows_is_told_as_by_jiff() {
        for day in 400..83_000 {
            let moment = Timestamp::from_second(day * DAY + 45_296).unwrap().to_string();
            assert_eq!(seconds(&moment), by_jiff(&moment), "{moment}");
            assert_eq!(seconds(&moment), Some(day * DAY + 45_296));
        }
    }

    #[test]
    fn other_forms_are_left_to_the_parser_for_all_of_them() {
        for text in [
            "",
            "2022-02-21",
            "2022-02-21T07:31:15",
            "2022-02-21T07:31:15.5Z",
            "2022-02-21t07:31:15z",
            "2022-02-21 07:31:15Z",
            "2022-02-29T07:31:15Z",
            "1900-02-01T07:31:15Z",
            "2016-12-31T23:59:60Z",
            "2022-02-21T24:00:00Z",
            "2022-02-21T07:31:15+0800",
            "2022-02-21T07:31:15+08:60",
            "2022-02-21T07:31:15ZZ",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_it_reads_jiff_reads_alike(
            text in "(19|20|21)[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](Z|[+-][0-2][0-9]:[0-6][0-9])"
        ) {
            if let Some(read) = seconds(&text) {
                prop_assert_eq!(Some(read), by_jiff(&text));
            }
        }
    }
}
