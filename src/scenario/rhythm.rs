//! When people travel around the Spring Festival of 2022, whose day one is 1 February.
//!
//! The curves are invented, their shape is not: most leave in the last days before the festival,
//! few return on its first days, most in the second week. Knows days and hours, no workers.

use super::calendar::{DAY, HOUR, moment};
use super::event::Mode;
use super::random::Random;

/// Nobody returns at this moment or after it: 2022-02-21T07:00:00+08:00.
pub const LAST_RETURN: u32 = moment(2, 21, 7);

/// From 15 to 31 January.
const DEPARTURES_BY_DAY: [u32; 17] =
    [10, 12, 15, 18, 22, 28, 35, 45, 60, 75, 90, 100, 110, 120, 110, 80, 30];

/// From 1 to 21 February, a row a week.
const RETURNS_BY_DAY: [u32; 21] = [
    2, 3, 6, 10, 25, 50, 60, //
    110, 130, 140, 130, 120, 110, 100, //
    70, 60, 50, 40, 30, 20, 10,
];

const TRAVEL_BY_HOUR: [u32; 24] =
    [2, 1, 1, 1, 2, 4, 8, 12, 16, 18, 18, 16, 14, 14, 16, 18, 18, 16, 14, 12, 10, 8, 5, 3];

/// When a worker sets out for home.
pub fn departure(random: &mut Random) -> u32 {
    travel(moment(1, 15, 0), &DEPARTURES_BY_DAY, random)
}

/// When a worker is back.
pub fn arrival(random: &mut Random) -> u32 {
    let at = travel(moment(2, 1, 0), &RETURNS_BY_DAY, random);
    // The last day ends at seven in the morning: who would come later came the day before.
    if at < LAST_RETURN { at } else { at - DAY }
}

fn travel(first_day: u32, by_day: &[u32], random: &mut Random) -> u32 {
    let day = random.weighted(by_day) as u32;
    let hour = random.weighted(&TRAVEL_BY_HOUR) as u32;
    first_day + day * DAY + hour * HOUR + random.below(HOUR)
}

/// A moment in working hours, from eight to six, of a day from `first` up to, not including,
/// `limit`, both midnights.
pub fn working_hours(first: u32, limit: u32, random: &mut Random) -> u32 {
    first + random.below((limit - first) / DAY) * DAY + random.between(8 * HOUR, 18 * HOUR)
}

/// How a worker travelled: rail before bus before own before air.
pub fn mode(random: &mut Random) -> Mode {
    [Mode::Rail, Mode::Bus, Mode::Own, Mode::Air][random.weighted(&[45, 28, 18, 9])]
}
