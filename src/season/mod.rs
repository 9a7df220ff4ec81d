//! The season around Spring Festival: which day of it a moment is, and which moment of an earlier spring is the same.
//!
//! Seasons tile the time line, by the date alone: that of 2022 lasts from 1 August 2021 to 31 July 2022. Spring Festival
//! moves by up to nineteen days from year to year, so that the same date of last year is another day of the season. Days are
//! Shanghai's. It knows festivals from [`festivals`] alone, and no rate.

mod festivals;

#[cfg(test)]
mod tests;

use std::fmt;

use jiff::civil::{Date, Weekday};

use self::festivals::{FESTIVALS, Festival};
use crate::time::{EARLIEST, EventTime, LATEST};

/// China keeps +08:00 the year round.
const SHANGHAI_SECONDS: i64 = 8 * 3_600;
const DAY_SECONDS: i64 = 86_400;

/// Chunyun begins fifteen days before the festival, which is its day 16.
const CHUNYUN_DAYS_BEFORE: i64 = 15;

/// In the middle between two festivals, when nobody is away for either.
const FIRST_MONTH: i8 = 8;

/// A season: everything from one August to the next, Spring Festival in its middle.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Season {
    /// The year of its festival.
    pub year: i16,
    /// Its first moment.
    pub begins: EventTime,
    /// The first moment of the next one.
    pub ends: EventTime,
}

impl Season {
    /// The season of a moment. Every moment that an event may have lies in one.
    pub fn of(moment: EventTime) -> Self {
        let date = date_of(moment.clamp(EARLIEST, LATEST)).unwrap_or(UNIX_DAY);
        let year = date.year() + i16::from(date.month() >= FIRST_MONTH);
        let midnight = |year| {
            let date = Date::new(year, FIRST_MONTH, 1).unwrap_or(UNIX_DAY);
            EventTime::from_seconds(days(UNIX_DAY, date) * DAY_SECONDS - SHANGHAI_SECONDS)
        };
        Self { year, begins: midnight(year - 1), ends: midnight(year) }
    }

    /// Whether a moment lies in it.
    pub fn contains(&self, moment: EventTime) -> bool {
        (self.begins..self.ends).contains(&moment)
    }
}

/// What two springs are laid side by side by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
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
    /// All there are.
    pub const ALL: [Self; 3] = [Self::SpringFestival, Self::Calendar, Self::Workday];

    /// By its word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alignment| alignment.as_str() == word)
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
    /// The day of its season, whose festival has to be known.
    pub fn of(moment: EventTime) -> Option<Self> {
        let date = date_of(moment)?;
        let festival = festival(Season::of(moment).year)?;
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
    let year = Season::of(moment).year;
    let here = festival(year).ok_or(Unaligned { year })?;
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

const UNIX_DAY: Date = Date::constant(1970, 1, 1);

/// The date in Shanghai.
fn date_of(moment: EventTime) -> Option<Date> {
    let days = (moment.seconds() + SHANGHAI_SECONDS).div_euclid(DAY_SECONDS);
    let days = i32::try_from(days).ok()?;
    UNIX_DAY.checked_add(jiff::Span::new().days(days)).ok()
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
