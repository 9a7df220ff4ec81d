//! What happened to Huli's workers: 149,400 went home for the festival, 146,600 are back.
//!
//! Who does what is decided by the worker's number, so that the totals are exact; when they do it
//! is drawn. Knows nothing of delivery.

use super::super::calendar::{DAY, HOUR, moment};
use super::super::county::{HULI, TORCH_ZONE};
use super::super::event::{Diary, Event, Kind};
use super::super::random::Random;
use super::super::rhythm::{arrival, departure, mode, working_hours};

const WENT_HOME: u32 = 149_400;
/// They stay in Xiamen over the festival; that is another pipeline's business.
const STAYED: u32 = 1_500;
const RETURNS_WITHOUT_MODE: f64 = 0.0025;

/// What becomes of a worker who went home.
enum Course {
    /// Back, and gone again for good.
    GoneAgain,
    AtHome,
    /// Back, gone again, and back once more.
    BackTwice,
    /// Reported back by mistake, called off, and truly back later.
    CalledOff,
    Back,
}

/// Appends all that happened to Huli's workers.
pub fn happenings(seed: u64, leave_out_returns: usize, events: &mut Vec<Event>) {
    let left_out = u32::try_from(leave_out_returns).unwrap_or(u32::MAX);
    let present = WENT_HOME.saturating_sub(left_out);
    for worker in 0..WENT_HOME + STAYED {
        let mut random = Random::stream(seed, u64::from(worker));
        let mut diary = Diary { events: &mut *events, entity: worker, area: post(worker) };
        if worker >= WENT_HOME {
            stay(&mut diary, &mut random);
        } else {
            diary.note(departure(&mut random), Kind::WorkerDeparted);
            let course = if worker < present { course(worker) } else { Course::AtHome };
            follow(course, &mut diary, &mut random);
        }
    }
}

/// One of twelve works in the torch zone. That is ours.
fn post(worker: u32) -> u32 {
    if worker.is_multiple_of(12) { TORCH_ZONE } else { HULI }
}

/// The first 2,800 are not back at their posts, the other 146,600 are.
fn course(worker: u32) -> Course {
    match worker {
        0..40 => Course::GoneAgain,
        40..2_800 => Course::AtHome,
        2_800..2_860 => Course::BackTwice,
        2_860..2_950 => Course::CalledOff,
        _ => Course::Back,
    }
}

fn follow(course: Course, diary: &mut Diary, random: &mut Random) {
    match course {
        Course::AtHome => {}
        Course::Back => come_back(arrival(random), diary, random),
        Course::GoneAgain => {
            back_and_gone(diary, random);
        }
        Course::BackTwice => {
            let left = back_and_gone(diary, random);
            come_back(left + random.between(6 * HOUR, 3 * DAY), diary, random);
        }
        Course::CalledOff => {
            let reported = early_arrival(random);
            come_back(reported, diary, random);
            let called_off = reported + random.between(HOUR / 6, 6 * HOUR);
            diary.note(called_off, Kind::WorkerReturnCancelled);
            come_back(called_off + random.between(HOUR, 4 * DAY), diary, random);
        }
    }
}

fn come_back(at_seconds: u32, diary: &mut Diary, random: &mut Random) {
    let mode = (!random.chance(RETURNS_WITHOUT_MODE)).then(|| mode(random));
    diary.note(at_seconds, Kind::WorkerReturned(mode));
}

/// Returns the moment of leaving.
fn back_and_gone(diary: &mut Diary, random: &mut Random) -> u32 {
    let back = early_arrival(random);
    come_back(back, diary, random);
    let left = back + random.between(DAY, 3 * DAY);
    diary.note(left, Kind::WorkerLeft);
    left
}

/// Early enough for what follows to be over by 20 February.
fn early_arrival(random: &mut Random) -> u32 {
    working_hours(moment(2, 5, 0), moment(2, 13, 0), random)
}

fn stay(diary: &mut Diary, random: &mut Random) {
    diary.note(working_hours(moment(1, 10, 0), moment(1, 15, 0), random), Kind::WorkerRegistered);
    diary.note(working_hours(moment(2, 1, 0), moment(2, 7, 0), random), Kind::WorkerStayed);
}
