//! Any number of return-to-work events over forty counties, for tests and benchmarks.
//!
//! Workers go home, return, leave and return again, some returns are called off, some workers turn
//! up in another county or under a code nobody has. At the end some thousands leave within three
//! days, so that a rate drops. Knows no published figure and no delivery time.

use super::calendar::{DAY, HOUR, moment};
use super::county::{COUNTIES, HULI, UNKNOWN_AREAS};
use super::event::{Diary, Event, Kind};
use super::line::write_line;
use super::random::Random;
use super::rhythm::{arrival, departure, mode};

/// What kind of trouble a workload makes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WorkloadOptions {
    /// The share of the lines that come once more later, 0.0 to 1.0.
    pub duplicates: f64,
    /// Whether the lines come in any order instead of by time. The last phase stays last.
    pub shuffled: bool,
    /// So many workers who are back leave again from 1 to 3 March, Huli's before all others.
    pub leave_again: u32,
}

/// A planned run of events. Planning takes sixteen bytes an event; lines are written on demand.
///
/// No worker has more than three facts of a kind, and none two of a kind in the same second.
pub struct Workload {
    spring: Vec<Event>,
    last_phase: Vec<Event>,
}

/// How many events a thousand workers make before repetition, as counted.
const EVENTS_BY_THOUSAND_WORKERS: f64 = 2_269.0;

/// Streams that no worker draws from.
const ORDER: u64 = 1 << 41;
const LEAVING: u64 = 1 << 42;

/// How far behind its event a repetition comes, in lines, unless all is shuffled anyway.
const REPEATED_WITHIN: u32 = 10_000;

impl Workload {
    /// Plans the events of so many workers.
    pub fn new(seed: u64, workers: u32, options: WorkloadOptions) -> Self {
        let mut spring = Vec::new();
        let mut leavers = Leavers::new(options.leave_again as usize);
        for worker in 0..workers {
            let mut random = Random::stream(seed, u64::from(worker));
            let mut diary = Diary { events: &mut spring, entity: worker, area: home(&mut random) };
            if go_home_and_return(&mut diary, &mut random) {
                leavers.offer(diary.entity, diary.area);
            }
        }
        let mut random = Random::stream(seed, LEAVING);
        let mut last_phase = leavers.leave(&mut random);
        let mut random = Random::stream(seed, ORDER);
        arrange(&mut spring, options, &mut random);
        arrange(&mut last_phase, options, &mut random);
        Self { spring, last_phase }
    }

    /// How many workers make about so many lines of the first phase.
    pub fn workers_for(events: usize, options: WorkloadOptions) -> u32 {
        let by_worker = EVENTS_BY_THOUSAND_WORKERS / 1_000.0 * (1.0 + options.duplicates);
        (events as f64 / by_worker).ceil() as u32
    }

    /// All events in the order of their lines: the spring, then the last phase.
    pub fn events(&self) -> impl Iterator<Item = &Event> + Clone {
        self.spring.iter().chain(&self.last_phase)
    }

    /// The events before the last phase, in the order of their lines.
    pub fn spring(&self) -> &[Event] {
        &self.spring
    }

    /// The events of the days on which thousands leave, in the order of their lines.
    pub fn last_phase(&self) -> &[Event] {
        &self.last_phase
    }

    /// Appends an event's JSON, without a line break, so that the same bytes serve as a Kafka value.
    pub fn write_line(&self, event: &Event, out: &mut Vec<u8>) {
        write_line(event, out);
    }
}

/// Most workers belong to the counties at the head of the list, few to its tail, as in life.
fn home(random: &mut Random) -> u32 {
    let counties = COUNTIES.len() as u32;
    if random.chance(0.005) {
        return UNKNOWN_AREAS[random.below(UNKNOWN_AREAS.len() as u32) as usize];
    }
    COUNTIES[random.below(counties).min(random.below(counties)) as usize]
}

/// One worker's spring, over by the end of February; returns whether the worker is back.
fn go_home_and_return(diary: &mut Diary, random: &mut Random) -> bool {
    diary.note(departure(random), Kind::WorkerDeparted);
    if random.chance(0.02) {
        return false;
    }
    if random.chance(0.02) {
        diary.area = home(random);
    }
    let mut at_seconds = arrival(random);
    come_back(at_seconds, diary, random);
    if random.chance(0.05) {
        at_seconds += random.between(HOUR / 6, 6 * HOUR);
        diary.note(at_seconds, Kind::WorkerReturnCancelled);
        if random.chance(0.2) {
            return false;
        }
        // A replaced return is the second of at most three: this worker leaves no more.
        come_back(at_seconds + pause(random), diary, random);
        return true;
    }
    come_and_go(at_seconds, diary, random)
}

/// Some leave once, a few of them twice.
fn come_and_go(mut at_seconds: u32, diary: &mut Diary, random: &mut Random) -> bool {
    for share_who_leave in [0.12, 0.10] {
        if !random.chance(share_who_leave) {
            return true;
        }
        at_seconds += pause(random);
        diary.note(at_seconds, Kind::WorkerLeft);
        if !random.chance(0.7) {
            return false;
        }
        at_seconds += pause(random);
        come_back(at_seconds, diary, random);
    }
    true
}

/// Long enough to be two events, short enough for four to be over by the end of February.
fn pause(random: &mut Random) -> u32 {
    random.between(HOUR, 36 * HOUR)
}

fn come_back(at_seconds: u32, diary: &mut Diary, random: &mut Random) {
    let mode = (!random.chance(0.1)).then(|| mode(random));
    diary.note(at_seconds, Kind::WorkerReturned(mode));
}

/// Who is to leave in March: Huli's workers first, so that one county's rate drops visibly.
struct Leavers {
    wanted: usize,
    of_huli: Vec<(u32, u32)>,
    of_others: Vec<(u32, u32)>,
}

impl Leavers {
    fn new(wanted: usize) -> Self {
        Self { wanted, of_huli: Vec::new(), of_others: Vec::new() }
    }

    fn offer(&mut self, worker: u32, area: u32) {
        let list = if area == HULI { &mut self.of_huli } else { &mut self.of_others };
        if list.len() < self.wanted {
            list.push((worker, area));
        }
    }

    fn leave(&self, random: &mut Random) -> Vec<Event> {
        let chosen = self.of_huli.iter().chain(&self.of_others).take(self.wanted);
        let leaving = |&(entity, area): &(u32, u32)| Event {
            at_seconds: moment(3, 1, 0) + random.below(3 * DAY),
            entity,
            area,
            kind: Kind::WorkerLeft,
        };
        chosen.map(leaving).collect()
    }
}

/// Puts events into the order of their lines and repeats some.
fn arrange(events: &mut Vec<Event>, options: WorkloadOptions, random: &mut Random) {
    if options.shuffled {
        repeat_at_the_end(events, options.duplicates, random);
        random.shuffle(events);
    } else {
        events.sort_unstable();
        repeat_within_reach(events, options.duplicates, random);
    }
}

fn repeat_at_the_end(events: &mut Vec<Event>, share: f64, random: &mut Random) {
    for place in 0..events.len() {
        if random.chance(share) {
            events.push(events[place]);
        }
    }
}

/// Every line gets its place as a number, a repetition that of a line further on.
fn repeat_within_reach(events: &mut Vec<Event>, share: f64, random: &mut Random) {
    let mut lines = Vec::with_capacity(events.len());
    for (place, &event) in (0..).zip(&*events) {
        lines.push((place, event));
        if random.chance(share) {
            lines.push((place + random.between(1, REPEATED_WITHIN), event));
        }
    }
    lines.sort_by_key(|&(place, _)| place);
    events.clear();
    events.extend(lines.into_iter().map(|(_, event)| event));
}
