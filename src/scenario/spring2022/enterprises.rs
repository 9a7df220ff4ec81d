//! What happened to Jinhua's enterprises: of 2,332 key ones 2,309 are at work again by the end of
//! 19 February, and all of Yiwu's 717 above-scale industrial ones by the end of the 17th.
//!
//! The roll below decides who is on which list and who is behind, so that the totals are exact;
//! when they restart is drawn. Knows nothing of delivery.

use super::super::calendar::{DAY, HOUR, moment};
use super::super::county::YIWU;
use super::super::event::{Diary, Event, Kind, Sector};
use super::super::random::Random;
use super::super::rhythm::working_hours;

/// How many enterprises a county has, by the lists they are on. All above-scale industry is listed
/// above-scale.
struct County {
    area: u32,
    industry_and_key: u32,
    industry_only: u32,
    key_only: u32,
    neither: u32,
    /// Of those on the key list alone, so many are not at work by the deadline.
    behind: u32,
}

const fn county(area: u32, lists: [u32; 4], behind: u32) -> County {
    let [industry_and_key, industry_only, key_only, neither] = lists;
    County { area, industry_and_key, industry_only, key_only, neither, behind }
}

/// 3,100 enterprises: 1,855 on both lists, 432 above-scale only, 477 key only, 336 on neither; 23
/// behind.
const ROLL: [County; 9] = [
    county(330702, [210, 40, 60, 50], 4),
    county(330703, [150, 30, 40, 35], 3),
    county(330723, [190, 35, 40, 35], 3),
    county(330726, [110, 25, 30, 30], 2),
    county(330727, [45, 10, 20, 15], 1),
    county(330781, [190, 35, 45, 40], 3),
    county(YIWU, [540, 177, 120, 63], 2),
    county(330783, [210, 40, 62, 48], 3),
    county(330784, [210, 40, 60, 20], 2),
];

const OTHER_SECTORS: [Sector; 4] =
    [Sector::Construction, Sector::Commerce, Sector::Transport, Sector::FoodMedicine];

/// Enterprises draw from streams far from those of workers.
const STREAMS: u64 = 1 << 40;

/// What becomes of an enterprise after the festival.
enum Course {
    Restarted,
    /// Restarted, suspended, and restarted again in time.
    RestartedTwice,
    /// Reported at work by mistake, called off, and truly at work later.
    CalledOff,
    Suspended,
    AfterTheDeadline,
    NotYet,
}

/// Appends all that happened to Jinhua's enterprises.
pub fn happenings(seed: u64, events: &mut Vec<Event>) {
    let mut enterprise = 0;
    for county in &ROLL {
        for place in 0..county.size() {
            let mut random = Random::stream(seed, STREAMS + u64::from(enterprise));
            let mut diary = Diary { events: &mut *events, entity: enterprise, area: county.area };
            enlist(county, place, &mut diary, &mut random);
            follow(county.course(place), county.at_work_by(place), &mut diary, &mut random);
            enterprise += 1;
        }
    }
}

impl County {
    fn size(&self) -> u32 {
        self.key_only_from() + self.key_only + self.neither
    }

    /// Where those on the key list alone begin; before them comes the industry.
    fn key_only_from(&self) -> u32 {
        self.industry_and_key + self.industry_only
    }

    fn is_industry(&self, place: u32) -> bool {
        place < self.key_only_from()
    }

    fn is_industry_of_yiwu(&self, place: u32) -> bool {
        self.area == YIWU && self.is_industry(place)
    }

    fn is_key(&self, place: u32) -> bool {
        let key_only = self.key_only_from()..self.key_only_from() + self.key_only;
        place < self.industry_and_key || key_only.contains(&place)
    }

    fn course(&self, place: u32) -> Course {
        let behind = self.key_only_from()..self.key_only_from() + self.behind;
        let unwatched = !self.is_key(place) && !self.is_industry_of_yiwu(place);
        if behind.contains(&place) || (unwatched && place.is_multiple_of(12)) {
            return match (place / 12 + place) % 3 {
                0 => Course::Suspended,
                1 => Course::AfterTheDeadline,
                _ => Course::NotYet,
            };
        }
        match place % 64 {
            7 => Course::RestartedTwice,
            23 => Course::CalledOff,
            _ => Course::Restarted,
        }
    }

    /// The midnight by which it is at work, if it is not behind. Nothing happens to the key list
    /// on 19 February, so any moment of that day shows the published figure.
    fn at_work_by(&self, place: u32) -> u32 {
        if self.is_industry_of_yiwu(place) { moment(2, 18, 0) } else { moment(2, 19, 0) }
    }
}

fn enlist(county: &County, place: u32, diary: &mut Diary, random: &mut Random) {
    let registered = working_hours(moment(1, 5, 0), moment(1, 15, 0), random);
    let other_sector = OTHER_SECTORS[random.weighted(&[30, 35, 20, 15])];
    let sector = if county.is_industry(place) { Sector::AboveScaleIndustry } else { other_sector };
    diary.note(registered, Kind::EnterpriseRegistered(sector));
    let listed = working_hours(moment(1, 15, 0), moment(1, 20, 0), random);
    if county.is_key(place) {
        diary.note(listed, Kind::EnterpriseListedKey);
    }
    if county.is_industry(place) {
        diary.note(listed, Kind::EnterpriseListedAboveScale);
    }
}

fn follow(course: Course, at_work_by: u32, diary: &mut Diary, random: &mut Random) {
    match course {
        Course::NotYet => {}
        Course::Restarted => {
            let restarted = working_hours(moment(2, 5, 0), at_work_by, random);
            restart(restarted, diary, random);
        }
        Course::AfterTheDeadline => {
            let restarted = working_hours(moment(2, 20, 0), moment(2, 21, 0), random);
            restart(restarted, diary, random);
        }
        Course::Suspended => {
            restart_and_stop(Kind::EnterpriseSuspended, 3 * DAY, diary, random);
        }
        Course::RestartedTwice => {
            let stopped = restart_and_stop(Kind::EnterpriseSuspended, 3 * DAY, diary, random);
            restart(stopped + random.between(4 * HOUR, 2 * DAY), diary, random);
        }
        Course::CalledOff => {
            let stopped = restart_and_stop(Kind::EnterpriseRestartCancelled, DAY, diary, random);
            restart(stopped + random.between(4 * HOUR, 3 * DAY), diary, random);
        }
    }
}

/// One in five says how many people are at work.
fn restart(at_seconds: u32, diary: &mut Diary, random: &mut Random) {
    diary.note(at_seconds, Kind::EnterpriseRestarted);
    if random.chance(0.2) {
        let reported = at_seconds + random.below(2 * HOUR);
        diary.note(reported, Kind::EnterpriseHeadcountReported);
    }
}

/// A restart in the first working week that does not last; returns the moment it ends, which is
/// early enough to restart in time.
fn restart_and_stop(ending: Kind, longest: u32, diary: &mut Diary, random: &mut Random) -> u32 {
    let restarted = working_hours(moment(2, 7, 0), moment(2, 12, 0), random);
    restart(restarted, diary, random);
    let stopped = restarted + random.between(HOUR, longest);
    diary.note(stopped, ending);
    stopped
}
