//! A storm over several instances: killed, asleep for longer than their session, stopped and restarted, on and on, and now
//! and then the broker or `serve` goes, while records flow. When it is over, every record is one row and the board is that
//! of one replay.
//!
//! What happens follows from a seed alone; when exactly a process gets to it does not. `CHUNFENG_STORM_SEED` repeats a
//! storm, `CHUNFENG_STORM_SECONDS` says how long it lasts, `CHUNFENG_STORM_EVENTS` how many events flow through it.

use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::broker::{Broker, Leaves};
use crate::fleet::{As, Blow, Journal, Victim, options};
use crate::instances::Board;
use crate::kafka::{
    Delivered, Dice, PIPELINE, TOPIC, assert_every_record_is_one_row, assert_same_rates,
    broker_with_partitions, replayed_once,
};
use crate::load::workload;
use crate::object_store::Bucket;
use crate::process::within;
use crate::program::{Home, Lake};

const PARTITIONS: i32 = 16;
const INSTANCES: usize = 4;
/// The last one is `serve`'s.
const SERVE: usize = INSTANCES;
const BROKER: usize = INSTANCES + 1;
const SEED: u64 = 20_220_204;

/// For everybody to be there once the first of them has committed.
const CALM: Duration = Duration::from_secs(8);
/// Longer than `session.timeout.ms`: whoever sleeps so long is taken for dead.
const SESSION: u64 = 6_000;
/// Nobody is struck again before it had this long to come to: a storm that lets nobody work shows nothing. …
const COMES_TO: Duration = Duration::from_secs(8);
/// … A broker has to start its JVM and to look through its logs, and a group to find together again.
const BROKER_COMES_TO: Duration = Duration::from_secs(40);
/// For the first commit.
const BEGINS: Duration = Duration::from_secs(120);

/// What may be logged as an error, and why it is none of the program's.
const EXPLAINED: [(&str, &str); 1] = [(
    "FencedInstanceId",
    "a broker that was killed may take who comes back for another of its name",
)];

#[test]
fn after_a_storm_every_record_is_one_row_and_the_board_is_that_of_one_replay() {
    let home = Home::shared("storm-in-a-folder");
    weather(&home, &home.lake("live"), Storm::asked(60, 120_000));
}

#[test]
fn after_a_storm_over_a_lake_in_a_bucket_the_same_holds() {
    let (home, bucket) = (Home::shared("storm-in-a-bucket"), Bucket::start());
    weather(&home, &home.lake_in(&bucket, "live"), Storm::asked(40, 40_000));
}

/// A storm as it is asked for.
struct Storm {
    seed: u64,
    length: Duration,
    events: usize,
}

impl Storm {
    fn asked(seconds: u64, events: usize) -> Self {
        Self {
            seed: variable("CHUNFENG_STORM_SEED").unwrap_or(SEED),
            length: Duration::from_secs(variable("CHUNFENG_STORM_SECONDS").unwrap_or(seconds)),
            events: variable("CHUNFENG_STORM_EVENTS").unwrap_or(events),
        }
    }

    /// The lake's own pace decides how long it takes to catch up with what waits.
    fn aftermath(&self) -> Duration {
        Duration::from_secs(300) + self.length + Duration::from_millis(self.events as u64)
    }

    /// What is to come: from when on, upon whom, and what.
    fn forecast(&self) -> Vec<(Duration, usize, Stroke)> {
        let mut dice = Dice(self.seed);
        let (mut at, end) = (CALM, CALM + self.length);
        let mut idle_from = [Duration::ZERO; BROKER + 1];
        idle_from[BROKER] = CALM + COMES_TO;
        let mut forecast = Vec::new();
        while at < end {
            let who = match dice.below(10) {
                0..7 => dice.below(INSTANCES as u64) as usize,
                7 | 8 => SERVE,
                _ => BROKER,
            };
            let stroke = if who == BROKER { upon_broker(&mut dice) } else { upon_one(&mut dice) };
            if idle_from[who] <= at {
                let comes_to = if who == BROKER { BROKER_COMES_TO } else { COMES_TO };
                idle_from[who] = at + stroke.length() + comes_to;
                forecast.push((at, who, stroke));
            }
            at += Duration::from_millis(300 + dice.below(4_200));
        }
        forecast
    }
}

fn variable<T: FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// What the storm does next.
#[derive(Clone, Copy)]
enum Stroke {
    /// To a process of ours.
    One(Blow),
    /// To the broker.
    Broker(Leaves, Duration),
}

impl Stroke {
    fn length(self) -> Duration {
        match self {
            Self::One(
                Blow::Killed(length, _) | Blow::Stopped(length, _) | Blow::Asleep(length),
            )
            | Self::Broker(_, length) => length,
        }
    }
}

fn upon_one(dice: &mut Dice) -> Stroke {
    let comes_back = if dice.below(2) == 0 { As::AStranger } else { As::Itself };
    let away = Duration::from_millis(dice.below(8_000));
    Stroke::One(match dice.below(10) {
        0..4 => Blow::Killed(away, comes_back),
        4..6 => Blow::Stopped(away, comes_back),
        6 => Blow::Asleep(away),
        _ => Blow::Asleep(Duration::from_millis(SESSION + 1_000 + dice.below(6_000))),
    })
}

fn upon_broker(dice: &mut Dice) -> Stroke {
    let leaves = if dice.below(2) == 0 { Leaves::Killed } else { Leaves::InOrder };
    Stroke::Broker(leaves, Duration::from_millis(dice.below(6_000)))
}

/// Lets a storm pass over a lake, and looks at what is left.
fn weather(home: &Home, live: &Lake, storm: Storm) {
    let Storm { seed, length, events } = storm;
    println!("storm of seed {seed}: {length:?}, {events} events");
    let (began, workload) = (Instant::now(), workload(seed, events));
    let broker = broker_with_partitions(PARTITIONS);
    let delivered = Delivered::new(&workload, &broker);
    let (board, journal) = (Board::of_nobody(), Journal::default());
    let seen = thread::scope(|scope| {
        let enough = board.enough();
        let watched = scope.spawn(|| board.watch());
        let mut fleet = fleet(live, &broker, &board, &journal);
        delivered.send(events / 50);
        within(BEGINS, "the first commit", || (committed(live) > 0).then_some(()));
        strike(&mut fleet, &storm, &broker, &delivered, &journal);
        journal.note("all", &format!("the storm is over, {} records committed", committed(live)));
        drain(&mut fleet, live, &broker, &storm, &journal);
        let replayed = replayed_once(home, &workload);
        journal.note("all", "replayed");
        board.becomes_that_of(&replayed, storm.aftermath());
        journal.note("all", "the board is that of the replay");
        assert_same_rates(live, &replayed);
        drop(enough);
        let seen = watched.join().expect("the board is watched");
        thread::scope(|scope| {
            fleet.iter_mut().for_each(|victim| _ = scope.spawn(|| victim.stop()))
        });
        fleet[SERVE].come_back();
        board.becomes_that_of(&replayed, storm.aftermath());
        fleet[SERVE].stop();
        assert_logs_are_explained(&fleet);
        tell(&fleet, &journal);
        seen
    });
    assert_every_record_is_one_row(live, &broker, PARTITIONS);
    assert!(seen.len() > 10, "the board was seen {} times only", seen.len());
    assert!(seen.is_sorted(), "what has been counted is not uncounted: {seen:?}");
    println!("seed {seed} held: the board was seen {} times, {:?}", seen.len(), began.elapsed());
}

/// The instances, half of them strangers to the group, and `serve`.
fn fleet<'s>(
    live: &'s Lake,
    broker: &'s Broker,
    board: &'s Board,
    journal: &'s Journal,
) -> Vec<Victim<'s>> {
    let instance = |number: usize| {
        let name = format!("ingest{number}");
        let member = name.clone();
        let comes_back = if number.is_multiple_of(2) { As::AStranger } else { As::Itself };
        let start =
            move |log: &str, comes_back| live.ingest(log, broker, &options(&member, comes_back));
        Victim::start(&name, comes_back, journal, Box::new(start))
    };
    let mut fleet: Vec<_> = (0..INSTANCES).map(instance).collect();
    let start = |log: &str, _| {
        let mut serve = live.serve(log);
        board.is_of(&mut serve);
        serve
    };
    fleet.push(Victim::start("serve", As::AStranger, journal, Box::new(start)));
    fleet
}

/// The storm itself: each is struck when its time has come, and runs in between; events flow all the while.
fn strike(
    fleet: &mut [Victim],
    storm: &Storm,
    broker: &Broker,
    delivered: &Delivered,
    journal: &Journal,
) {
    let (forecast, end) = (storm.forecast(), CALM + storm.length);
    journal.begin();
    let of = |who: usize| {
        let mine = forecast.iter().filter(move |(_, whom, _)| *whom == who);
        mine.map(|(at, _, stroke)| (*at, *stroke))
    };
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| delivered.send_evenly(usize::MAX, end, &stop));
        for (who, victim) in fleet.iter_mut().enumerate() {
            let strokes: Vec<_> = of(who).collect();
            scope.spawn(move || {
                for (at, stroke) in strokes {
                    victim.runs_until(at);
                    if let Stroke::One(blow) = stroke {
                        victim.suffer(blow);
                    }
                }
                victim.runs_until(end);
            });
        }
        for (at, stroke) in of(BROKER) {
            thread::sleep(at.saturating_sub(journal.elapsed()));
            if let Stroke::Broker(leaves, away) = stroke {
                journal.note("kafka", &format!("{leaves:?}, back after {away:?}"));
                broker.restart(leaves, away);
                journal.note("kafka", "answers again");
            }
        }
    });
    stop.store(true, Ordering::Relaxed);
}

fn committed(live: &Lake) -> i64 {
    live.next_offsets(PIPELINE, TOPIC, PARTITIONS).iter().sum()
}

/// Waits until all that was sent is committed.
fn drain(fleet: &mut [Victim], live: &Lake, broker: &Broker, storm: &Storm, journal: &Journal) {
    let ends = broker.ends(TOPIC, PARTITIONS);
    let began = Instant::now();
    while live.next_offsets(PIPELINE, TOPIC, PARTITIONS) != ends {
        let next = live.next_offsets(PIPELINE, TOPIC, PARTITIONS);
        assert!(began.elapsed() < storm.aftermath(), "it stays at {next:?} of {ends:?}");
        fleet.iter_mut().for_each(Victim::is_brought_back);
        thread::sleep(Duration::from_secs(1));
    }
    journal.note("all", &format!("{} records are committed", ends.iter().sum::<i64>()));
}

/// No error is logged that a stroke does not explain, nothing panicked, and nobody ended for a reason of its own.
fn assert_logs_are_explained(fleet: &[Victim]) {
    let lines = fleet.iter().flat_map(Victim::log);
    let is_trouble =
        |line: &String| ["ERROR", ": error: ", "panicked"].iter().any(|what| line.contains(what));
    let is_explained = |line: &String| EXPLAINED.iter().any(|(what, _)| line.contains(what));
    let unexplained: Vec<_> =
        lines.filter(|line| is_trouble(line) && !is_explained(line)).collect();
    assert!(unexplained.is_empty(), "{unexplained:#?}");
}

/// How much of what was intended came about.
fn tell(fleet: &[Victim], journal: &Journal) {
    let lines: Vec<String> = fleet.iter().flat_map(Victim::log).collect();
    let logged = |what: &str| lines.iter().filter(|line| line.contains(what)).count();
    println!(
        "killed {}, asleep {}, stopped {}, the broker restarted {}, ended by themselves {}; \
         partitions assigned {}, lost {}, begun anew {}, engines begun anew {}",
        journal.count("Killed("),
        journal.count("Asleep("),
        journal.count("Stopped("),
        journal.count("answers again"),
        journal.count("by itself"),
        logged("partition assigned"),
        logged("is_lost=true"),
        logged("somebody else has moved it on"),
        logged("beginning anew from the lake"),
    );
}
