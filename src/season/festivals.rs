//! When Spring Festival is, how long its statutory holiday lasts, and which days off are worked instead.
//!
//! 正月初一 by three independent calendars that agree (chinese-lunisolar-calendar 0.2.5, tyme4rs 1.5.0, icu_calendar 2.4.0);
//! holidays and make-up days as the State Council announced them (chinesecalendar 1.11.0), 2020's as it was lengthened. The
//! next year's are announced each November: a line here, and nothing else, is what that takes.

use jiff::civil::{Date, date};

/// A spring.
pub struct Festival {
    /// 正月初一.
    pub day_one: Date,
    /// The last day of the statutory holiday; `None` where it has not been announced.
    pub last_day_off: Option<Date>,
    /// Saturdays and Sundays around it that are worked.
    pub make_up_days: &'static [Date],
}

const fn announced(day_one: Date, last_day_off: Date, make_up_days: &'static [Date]) -> Festival {
    Festival { day_one, last_day_off: Some(last_day_off), make_up_days }
}

const fn to_come(day_one: Date) -> Festival {
    Festival { day_one, last_day_off: None, make_up_days: &[] }
}

/// In the order of the years.
pub static FESTIVALS: [Festival; 21] = [
    announced(date(2015, 2, 19), date(2015, 2, 24), &[date(2015, 2, 15), date(2015, 2, 28)]),
    announced(date(2016, 2, 8), date(2016, 2, 13), &[date(2016, 2, 6), date(2016, 2, 14)]),
    announced(date(2017, 1, 28), date(2017, 2, 2), &[date(2017, 1, 22), date(2017, 2, 4)]),
    announced(date(2018, 2, 16), date(2018, 2, 21), &[date(2018, 2, 11), date(2018, 2, 24)]),
    announced(date(2019, 2, 5), date(2019, 2, 10), &[date(2019, 2, 2), date(2019, 2, 3)]),
    announced(date(2020, 1, 25), date(2020, 2, 2), &[date(2020, 1, 19)]),
    announced(date(2021, 2, 12), date(2021, 2, 17), &[date(2021, 2, 7), date(2021, 2, 20)]),
    announced(date(2022, 2, 1), date(2022, 2, 6), &[date(2022, 1, 29), date(2022, 1, 30)]),
    announced(date(2023, 1, 22), date(2023, 1, 27), &[date(2023, 1, 28), date(2023, 1, 29)]),
    announced(date(2024, 2, 10), date(2024, 2, 17), &[date(2024, 2, 4), date(2024, 2, 18)]),
    announced(date(2025, 1, 29), date(2025, 2, 4), &[date(2025, 1, 26), date(2025, 2, 8)]),
    announced(date(2026, 2, 17), date(2026, 2, 23), &[date(2026, 2, 14), date(2026, 2, 28)]),
    to_come(date(2027, 2, 6)),
    to_come(date(2028, 1, 26)),
    to_come(date(2029, 2, 13)),
    to_come(date(2030, 2, 3)),
    to_come(date(2031, 1, 23)),
    to_come(date(2032, 2, 11)),
    to_come(date(2033, 1, 31)),
    to_come(date(2034, 2, 19)),
    to_come(date(2035, 2, 8)),
];
