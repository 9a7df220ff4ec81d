//! The season around Spring Festival: which day of it a moment is, and which moment of an earlier spring is the same.
//!
//! Spring Festival moves by up to nineteen days from year to year, so that the same date of last year is another day of the
//! season. Days are Shanghai's. It knows years from [`festivals`] alone, and no rate.

mod festivals;

#[cfg(test)]
mod tests;

use std::fmt;

use jiff::civil::{Date, Weekday};

use self::festivals::{FESTIVALS, Festival};
use crate::time::EventTime;

/// China keeps +08:00 the year round.
const SHANGHAI_SECONDS: i64 = 8 * 3_600;
const DAY_SECONDS: i64 = 86_400;

/// Chunyun begins fifteen days before the festival, which is its day 16.
const CHUNYUN_DAYS_BEFORE: i64 = 15;

/// What two springs are laid side by side by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Alignment {
    /// The same number of days after 正月初一, which is the same day of 春运, too.
    SpringFestival,
    /// The same date; of 29 February the 28th.
    Calendar,
    /// The same number of working days after the statutory holiday, make-up Saturdays and Sundays among them. Up to the end
    /// of the holiday, as [`Alignment::SpringFestival`].
    Workday,
}

impl Alignment {
    /// By its word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::SpringFestival, Self::Calendar, Self::Workday]
            .into_iter()
            .find(|a| a.as_str() == word)
    }

    /// The word in files and flags.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SpringFestival => "spring-festival",
            Self::Calendar => "calendar",
            Self::Workday => "workday",
        }
    }
}

/// Which earlier spring.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Against {
    /// The one before.
    Last,
    /// That of a year: 2020, whose holiday was lengthened while it lasted, is a bad one to compare with.
    Year(i16),
}

/// A day of a season.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SeasonDay {
    /// The year of the festival.
    pub year: i16,
    /// 1 is 正月初一, 0 is 除夕, and days before are negative.
    pub number: i64,
}

impl SeasonDay {
    /// Of the festival that is nearest.
    pub fn of(moment: EventTime) -> Option<Self> {
        let date = date_of(moment)?;
        let festival = nearest(date)?;
        Some(Self { year: festival.day_one.year(), number: days(festival.day_one, date) + 1 })
    }

    /// The day of 春运, from 1 to 40 while it lasts.
    pub fn of_chunyun(self) -> i64 {
        self.number + CHUNYUN_DAYS_BEFORE
    }
}

/// Why a moment has no counterpart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unaligned {
    /// The year whose festival, or whose holiday, is not known.
    pub year: i16,
}

impl fmt::Display for Unaligned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) =
            (FESTIVALS[0].day_one.year(), FESTIVALS[FESTIVALS.len() - 1].day_one.year());
        write!(
            f,
            "the spring of {} is not known to align by: those from {first} to {last} are",
            self.year
        )
    }
}

impl std::error::Error for Unaligned {}

/// The moment of an earlier spring that is the same as this one, at the same time of the day.
pub fn counterpart(
    moment: EventTime,
    alignment: Alignment,
    against: Against,
) -> Result<EventTime, Unaligned> {
    let date = date_of(moment).ok_or(Unaligned { year: 0 })?;
    let here = nearest(date).ok_or(Unaligned { year: date.year() })?;
    let year = match against {
        Against::Last => here.day_one.year() - 1,
        Against::Year(year) => year,
    };
    let there = festival(year).ok_or(Unaligned { year })?;
    let by_festival = || plus(there.day_one, days(here.day_one, date));
    let then = match alignment {
        Alignment::SpringFestival => by_festival(),
        Alignment::Calendar => same_date(date, year - here.day_one.year()),
        Alignment::Workday => {
            let ends = |festival: &Festival| {
                let year = festival.day_one.year();
                festival.last_day_off.ok_or(Unaligned { year })
            };
            let (ends_here, ends_there) = (ends(here)?, ends(there)?);
            match date > ends_here {
                true => after(workdays(ends_here, date, here), ends_there, there),
                false => by_festival(),
            }
        }
    };
    Ok(moment.plus(days(date, then) * DAY_SECONDS))
}

fn date_of(moment: EventTime) -> Option<Date> {
    let days = (moment.seconds() + SHANGHAI_SECONDS).div_euclid(DAY_SECONDS);
    let days = i32::try_from(days).ok()?;
    Date::constant(1970, 1, 1).checked_add(jiff::Span::new().days(days)).ok()
}

fn plus(date: Date, days: i64) -> Date {
    date.saturating_add(jiff::Span::new().days(days))
}

/// From one date to another.
fn days(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_hours() / 24
}

fn festival(year: i16) -> Option<&'static Festival> {
    FESTIVALS.iter().find(|festival| festival.day_one.year() == year)
}

/// The festival that is nearest to a date, which is that of the year before, of the same or of the next.
fn nearest(date: Date) -> Option<&'static Festival> {
    let around = (date.year() - 1..=date.year() + 1).filter_map(festival);
    let distance = |festival: &&Festival| days(festival.day_one, date).abs();
    // Nobody's season lasts longer than a year.
    around.min_by_key(distance).filter(|festival| distance(festival) <= 366)
}

fn same_date(date: Date, years: i16) -> Date {
    let year = date.year().saturating_add(years);
    Date::new(year, date.month(), date.day())
        .or_else(|_| Date::new(year, date.month(), 28))
        .unwrap_or(date)
}

fn is_workday(date: Date, festival: &Festival) -> bool {
    let is_weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
    !is_weekend || festival.make_up_days.contains(&date)
}

/// How many working days there are behind `end` up to `date`.
fn workdays(end: Date, date: Date, festival: &Festival) -> usize {
    (1..=days(end, date)).filter(|day| is_workday(plus(end, *day), festival)).count()
}

/// The working day of this number behind `end`.
fn after(number: usize, end: Date, festival: &Festival) -> Date {
    let mut behind = (1_i64..).map(|day| plus(end, day)).filter(|date| is_workday(*date, festival));
    match number {
        0 => end,
        _ => behind.nth(number - 1).unwrap_or(end),
    }
}
