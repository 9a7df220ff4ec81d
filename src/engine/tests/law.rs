//! The law over thousands of random facts of the shipped pipeline.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;

use super::naive::{self, Counts};
use super::world::{DEPARTED, LEFT, RETURNED, Shards, Told, area, as_json, return_to_work};
use crate::area::AreaId;
use crate::board::Board;
use crate::roster::Token;
use crate::time::EventTime;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// Facts lie within so many seconds after it.
const START: i64 = 1_643_673_600; // 2022-02-01T00:00:00Z
const SPAN: i64 = 12 * DAY;

const AREAS: [&str; 6] = ["350206", "350203", "350200", "330782", "110105", "unassigned"];

fn at(seconds: i64) -> EventTime {
    EventTime::from_seconds(START + seconds)
}

/// Often a full hour, so that facts meet in a second and at the edges of windows.
fn any_moment() -> impl Strategy<Value = i64> {
    prop_oneof![(0..SPAN / HOUR).prop_map(|hour| hour * HOUR), 0..SPAN]
}

fn any_told(workers: u64) -> impl Strategy<Value = Told> {
    let what = select(vec![
        (DEPARTED, false),
        (DEPARTED, false),
        (RETURNED, false),
        (RETURNED, false),
        (RETURNED, false),
        (LEFT, false),
        (RETURNED, true),
    ]);
    let place = prop::option::weighted(0.8, select(&AREAS[..]).prop_map(area));
    let mode = prop::option::of(0_i64..4);
    (0..workers, any_moment(), what, place, mode).prop_map(
        |(worker, seconds, (kind, retracts), place, mode)| Told {
            entity: token(worker),
            time: at(seconds),
            kind,
            retracts,
            area: place.filter(|_| !retracts),
            fields: if kind == RETURNED && !retracts { naive::mode(mode) } else { Vec::new() },
        },
    )
}

/// Spreads small numbers over all bits, as a keyed hash would.
fn token(worker: u64) -> Token {
    let hash = blake3::hash(&worker.to_le_bytes());
    Token(*hash.as_bytes().first_chunk().expect("a hash has sixteen bytes"))
}

fn some_told(most: usize) -> impl Strategy<Value = Vec<Told>> {
    (1_u64..400)
        .prop_flat_map(move |workers| prop::collection::vec(any_told(workers), most / 2..most))
}

/// How the same facts come once more: in another order, some of them again, in batches, with boards in between.
#[derive(Clone, Debug)]
struct Delivery {
    told: Vec<Told>,
    shards: usize,
    batch: usize,
    /// After this batch a board as of so many seconds after the one before.
    boards: Vec<(Index, i64)>,
}

fn delivered(told: Vec<Told>) -> impl Strategy<Value = Delivery> {
    let again = prop::collection::vec(any::<Index>(), 0..told.len() / 4 + 1);
    let repeated = again.prop_map(move |again| {
        let again = again.iter().map(|index| index.get(&told).clone());
        told.iter().cloned().chain(again).collect::<Vec<_>>()
    });
    let boards = prop::collection::vec((any::<Index>(), 0..2 * DAY), 0..8);
    (repeated.prop_shuffle(), 1_usize..5, 1_usize..200, boards)
        .prop_map(|(told, shards, batch, boards)| Delivery { told, shards, batch, boards })
}

impl Delivery {
    /// Feeds everything, with boards on the way. Returns the shards and the last board's as-of.
    fn run(&self) -> (Shards, EventTime) {
        let mut shards = Shards::new(&return_to_work(), self.shards);
        let batches: Vec<&[Told]> = self.told.chunks(self.batch).collect();
        let mut boards: BTreeMap<usize, i64> = BTreeMap::new();
        for (after, seconds) in &self.boards {
            *boards.entry(after.index(batches.len())).or_default() += seconds;
        }
        let mut as_of = at(0);
        for (index, batch) in batches.iter().enumerate() {
            shards.feed(*batch);
            if let Some(seconds) = boards.get(&index) {
                as_of = as_of.plus(*seconds);
                shards.close(as_of);
            }
        }
        (shards, as_of)
    }
}

/// One shard, fed once with everything in order.
fn sorted_once(told: &[Told]) -> Shards {
    let mut sorted = told.to_vec();
    sorted.sort_by_key(|told| told.time);
    let mut shards = Shards::new(&return_to_work(), 1);
    shards.feed(&sorted);
    shards
}

fn told_and_delivered(most: usize) -> impl Strategy<Value = (Vec<Told>, Delivery)> {
    some_told(most).prop_flat_map(|told| (Just(told.clone()), delivered(told)))
}

/// The board's own counts, in the shape of the naive ones.
fn counts(board: &Board) -> BTreeMap<(AreaId, Option<i64>), Counts> {
    let mut sums: BTreeMap<_, Counts> = BTreeMap::new();
    for figure in &board.figures {
        let slice = figure.key.slice.map(|slice| i64::from(slice.0));
        let counts = sums.entry((figure.key.area, slice)).or_default();
        match board.rate(figure).name.as_str() {
            "return_rate" => {
                (counts.returned, counts.departed) = (figure.numerator, figure.denominator);
            }
            "settled_rate" => counts.settled = figure.numerator,
            "lately_returned" => counts.lately = figure.numerator,
            _ => {}
        }
    }
    sums.retain(|_, counts| *counts != Counts::default());
    sums
}

/// A fixed seed, unless `PROPTEST_RNG_SEED` sets another: a case takes long enough for few of them to be run.
fn the_same_every_time() -> ProptestConfig {
    let unless_set = ProptestConfig::default();
    let rng_seed = match unless_set.rng_seed {
        RngSeed::Random => RngSeed::Fixed(20_220_210),
        set => set,
    };
    ProptestConfig { cases: 12, max_shrink_iters: 200, rng_seed, ..unless_set }
}

proptest! {
    #![proptest_config(the_same_every_time())]

    #[test]
    fn any_order_batches_shards_and_boards_on_the_way_give_the_same_board(
        (told, delivery) in told_and_delivered(2_000),
        waits in prop::collection::vec(0..4 * DAY, 10),
    ) {
        let (mut shards, mut as_of) = delivery.run();
        let mut reference = sorted_once(&told);
        for wait in waits {
            as_of = as_of.plus(wait);
            prop_assert_eq!(as_json(&shards.close(as_of)), as_json(&reference.close(as_of)), "as of {}", as_of);
        }
    }

    #[test]
    fn a_board_of_any_moment_past_or_to_come_is_counted_alike_from_the_timelines(
        (told, delivery) in told_and_delivered(1_000),
        moments in prop::collection::vec(any_moment(), 10),
    ) {
        let (mut shards, _) = delivery.run();
        let mut live = BTreeMap::new();
        let mut reference = sorted_once(&told);
        for moment in moments.iter().copied().collect::<BTreeSet<_>>() {
            live.insert(moment, as_json(&reference.close(at(moment))));
        }
        for moment in moments {
            prop_assert_eq!(&as_json(&shards.recount(at(moment))), &live[&moment], "as of {}", at(moment));
        }
    }

    #[test]
    fn what_recovers_from_a_snapshot_and_the_ledger_behind_it_goes_on_as_if_nothing_had_happened(
        (told, delivery) in told_and_delivered(2_000),
        (snapshot, crash) in (any::<Index>(), any::<Index>()),
        wait in 0..4 * DAY,
    ) {
        let log = &delivery.told;
        let crash = crash.index(log.len());
        // A snapshot taken while events flow may hold some of the ledger's facts already.
        let (snapshot, from) = (snapshot.index(crash + 1), snapshot.index(crash + 1) / 2);
        let mut shards = Shards::new(&return_to_work(), delivery.shards);
        shards.recall(&log[..snapshot], &log[from..crash]);
        shards.recount(at(SPAN / 2));
        shards.feed(&log[crash..]);
        let as_of = at(SPAN / 2 + wait);
        prop_assert_eq!(as_json(&shards.close(as_of)), as_json(&sorted_once(&told).close(as_of)));
    }

    #[test]
    fn every_board_counts_what_folding_each_worker_by_itself_counts(
        (told, delivery) in told_and_delivered(1_000),
        moments in prop::collection::vec(0..SPAN + 4 * DAY, 5),
    ) {
        let (mut shards, as_of) = delivery.run();
        prop_assert_eq!(counts(&shards.close(as_of)), naive::count(&told, as_of), "as of {}", as_of);
        for moment in moments.into_iter().map(at) {
            prop_assert_eq!(counts(&shards.recount(moment)), naive::count(&told, moment), "as of {}", moment);
        }
    }
}
