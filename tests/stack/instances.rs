//! Several `chunfeng ingest` of one group and one `chunfeng serve`: the board is that of a single instance, whoever
//! comes, goes or is killed, and it never falls by itself.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::broker::Broker;
use crate::http;
use crate::kafka::{
    Delivered, NOTICED_SOON, PARTITIONS, PIPELINE, TOPIC, assert_clean_log,
    assert_every_record_is_one_row, broker_with_topics, replayed_once, wait_for_commit,
    wait_until_committed,
};
use crate::load::workload;
use crate::process::{Process, within};
use crate::program::{Home, Lake, START, STOP, address};

const SEED: u64 = 20_220_214;
const EVENTS: usize = 60_000;
/// So many events a second come while it is watched how many are read.
const STEADILY: usize = 1_000;
const WINDOW: Duration = Duration::from_secs(10);
/// For the board to follow what is committed.
const FOLLOWED: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(200);

#[test]
fn three_instances_one_of_them_killed_give_the_board_of_one() {
    let home = Home::new();
    let live = home.lake("live");
    let workload = workload(SEED, EVENTS);
    let broker = broker_with_topics();
    let delivered = Delivered::new(&workload, &broker);

    let mut serve = live.serve("serve");
    let board = Board::of(&mut serve);
    let seen = thread::scope(|scope| {
        let enough = board.enough();
        let watched = scope.spawn(|| board.watch());
        let mut first = live.ingest("first", &broker, &NOTICED_SOON);
        let begin = live.version("return-to-work/ledger");
        delivered.send(EVENTS / 6);
        wait_for_commit(&mut first, &live, begin);
        let mut second = live.ingest("second", &broker, &NOTICED_SOON);
        let mut third = live.ingest("third", &broker, &NOTICED_SOON);
        for _ in 0..3 {
            delivered.send(EVENTS / 6);
            thread::sleep(Duration::from_secs(3));
        }
        second.kill();
        delivered.send(EVENTS / 6);
        wait_until_committed(&mut third, &live, &broker);
        assert!(third.terminate(STOP).success(), "{}", third.log());
        delivered.send(usize::MAX);
        wait_until_committed(&mut first, &live, &broker);
        board.equals_one_replay(&home, &live, &workload);
        drop(enough);
        assert!(first.terminate(STOP).success(), "{}", first.log());
        for instance in [&first, &second, &third] {
            assert_clean_log(instance);
        }
        watched.join().expect("the board is watched")
    });
    assert!(seen.len() > 10, "the board was seen {} times only", seen.len());
    assert!(seen.is_sorted(), "what has been counted is not uncounted: {seen:?}");
    assert!(serve.terminate(STOP).success(), "{}", serve.log());
    assert_clean_log(&serve);
    assert_every_record_is_one_row(&live, &broker, PARTITIONS);
}

#[test]
fn when_one_of_three_is_killed_the_others_soon_read_as_much_as_the_three_did() {
    let home = Home::new();
    let live = home.lake("live");
    let workload = workload(SEED, STEADILY * 120);
    let broker = broker_with_topics();
    let (delivered, enough) = (Delivered::new(&workload, &broker), AtomicBool::new(false));
    let names = ["first", "second", "third"];
    let mut three = names.map(|name| live.ingest(name, &broker, &NOTICED_SOON));
    thread::scope(|scope| {
        scope.spawn(|| delivered.send_evenly(usize::MAX, Duration::from_secs(120), &enough));
        wait_until_read_behind(&live, &broker.ends(TOPIC, PARTITIONS));
        wait_until_they_keep_up(&live, &broker);
        let before = read_in(WINDOW, &live);
        three[1].kill();
        let (killed, ends) = (Instant::now(), broker.ends(TOPIC, PARTITIONS));
        wait_until_read_behind(&live, &ends);
        wait_until_they_keep_up(&live, &broker);
        let noticed = killed.elapsed();
        let after = read_in(WINDOW, &live);
        enough.store(true, Ordering::Relaxed);
        eprintln!(
            "three read {before} records in {WINDOW:?}; {noticed:.1?} after one was killed two keep up, and read {after}"
        );
        // What is committed at either end of a window may be a second old.
        assert!(after * 10 >= before * 8, "{after} instead of {before} records in {WINDOW:?}");
    });
    wait_until_committed(&mut three[0], &live, &broker);
    assert_every_record_is_one_row(&live, &broker, PARTITIONS);
}

/// Every partition has been read behind these offsets, by whoever has it.
fn wait_until_read_behind(live: &Lake, ends: &[i64]) {
    within(FOLLOWED, "every partition is read", || {
        let next = live.next_offsets(PIPELINE, TOPIC, PARTITIONS);
        next.iter().zip(ends).all(|(next, end)| next > end).then_some(())
    });
}

/// What is not committed yet came in the last few seconds.
fn wait_until_they_keep_up(live: &Lake, broker: &Broker) {
    within(FOLLOWED, "they keep up", || {
        let ends: i64 = broker.ends(TOPIC, PARTITIONS).iter().sum();
        (ends - read(live) <= 3 * STEADILY as i64).then_some(())
    });
}

fn read(live: &Lake) -> i64 {
    live.next_offsets(PIPELINE, TOPIC, PARTITIONS).iter().sum()
}

fn read_in(window: Duration, live: &Lake) -> i64 {
    let before = read(live);
    thread::sleep(window);
    read(live) - before
}

/// The board that `serve` publishes.
pub struct Board {
    address: Mutex<SocketAddr>,
    enough: AtomicBool,
    departed: Mutex<Vec<i64>>,
}

/// Ends a board's watch when it is dropped, by a test that fails too: whoever waits for the watch would wait for ever.
pub struct Enough<'b>(&'b Board);

impl Drop for Enough<'_> {
    fn drop(&mut self) {
        self.0.enough.store(true, Ordering::Relaxed);
    }
}

impl Board {
    pub fn of(serve: &mut Process) -> Self {
        let board = Self::of_nobody();
        board.is_of(serve);
        board
    }

    /// Nobody publishes it yet, and nobody listens at port 0.
    pub fn of_nobody() -> Self {
        let address = Mutex::new(SocketAddr::from(([127, 0, 0, 1], 0)));
        Self { address, enough: AtomicBool::new(false), departed: Mutex::default() }
    }

    /// This `serve` publishes it from now on.
    pub fn is_of(&self, serve: &mut Process) {
        let address = address(serve);
        *self.address.lock().unwrap_or_else(PoisonError::into_inner) = address;
    }

    pub fn address(&self) -> SocketAddr {
        *self.address.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rows(&self) -> Option<Vec<serde_json::Value>> {
        let rows = http::get_json(self.address(), "/api/v1/rates?pipeline=return-to-work")?;
        rows.as_array().cloned()
    }

    /// Looks at how many have departed in the whole country until it is told that it is enough. Nobody departs less.
    pub fn watch(&self) -> Vec<i64> {
        while !self.enough.load(Ordering::Relaxed) {
            let country = self.rows().unwrap_or_default().into_iter().find(|row| {
                row["area"] == "100000"
                    && row["rate"] == "return_rate"
                    && row["dimension"].is_null()
            });
            let departed = country.and_then(|row| row["denominator"].as_i64());
            if let (Some(departed), Ok(mut seen)) = (departed, self.departed.lock()) {
                seen.push(departed);
            }
            thread::sleep(LOOK);
        }
        self.departed.lock().map(|seen| seen.clone()).unwrap_or_default()
    }

    /// Watched until what this returns is dropped.
    pub fn enough(&self) -> Enough<'_> {
        Enough(self)
    }

    /// LAW, over all instances: the board is that of the same events in a file, replayed once into a fresh lake.
    pub fn equals_one_replay(
        &self,
        home: &Home,
        live: &Lake,
        workload: &chunfeng::scenario::Workload,
    ) {
        let replayed = replayed_once(home, workload);
        self.becomes_that_of(&replayed, FOLLOWED);
        // What each instance says of it by itself agrees, too.
        assert_eq!(
            live.rates(Some("2022-03-03T06:30:00+08:00")),
            replayed.rates(Some("2022-03-03T06:30:00+08:00"))
        );
    }

    /// Within a while the board is, row by row, what another lake says as of the same moment.
    pub fn becomes_that_of(&self, replayed: &Lake, most: Duration) {
        within(most, "the board of one replay", || {
            let rows = self.rows()?;
            let as_of = rows.first()?["as_of"].as_str()?.to_owned();
            let wanted: Vec<serde_json::Value> =
                serde_json::from_str(&replayed.rates(Some(&as_of))).ok()?;
            let wanted: Vec<_> =
                wanted.into_iter().filter(|row| row["pipeline"] == "return-to-work").collect();
            (wanted.len() > 100 && rows == wanted).then_some(())
        });
        let ready = within(START, "readiness", || http::get(self.address(), "/readyz"));
        assert_eq!(ready, "ready\n");
    }
}
