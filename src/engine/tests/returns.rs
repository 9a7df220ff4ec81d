//! One worker's comings and goings, told out: what a board says now, and what it says of every earlier moment.

use super::naive;
use super::world::{DEPARTED, LEFT, RETURNED, Shards, Told, area, return_to_work, time};
use crate::board::{Board, FigureKey};
use crate::roster::Token;
use crate::spec::KindId;

fn told(kind: KindId, at: &str) -> Told {
    Told {
        entity: Token([7; 16]),
        time: time(at),
        kind,
        retracts: false,
        area: Some(area("350206")),
        fields: if kind == RETURNED { naive::mode(None) } else { Vec::new() },
    }
}

/// Numerator and denominator of Huli's return rate.
fn return_rate(board: &Board) -> (i64, i64) {
    let key = FigureKey { rate: 0, area: area("350206"), slice: None };
    let figure = board.figure(key);
    figure.map_or((0, 0), |figure| (figure.numerator, figure.denominator))
}

/// Home for the festival, back, gone again, and back again.
fn comings_and_goings() -> Vec<Told> {
    vec![
        told(DEPARTED, "2022-01-25T09:00:00+08:00"),
        told(RETURNED, "2022-02-10T09:00:00+08:00"),
        told(LEFT, "2022-02-12T09:00:00+08:00"),
        told(RETURNED, "2022-02-15T09:00:00+08:00"),
    ]
}

/// Moments with what Huli's return rate was then.
const HISTORY: [(&str, (i64, i64)); 9] = [
    ("2022-01-25T08:59:59+08:00", (0, 0)),
    ("2022-01-25T09:00:00+08:00", (0, 1)),
    ("2022-02-10T08:59:59+08:00", (0, 1)),
    ("2022-02-10T09:00:00+08:00", (1, 1)),
    ("2022-02-12T08:59:59+08:00", (1, 1)),
    ("2022-02-12T09:00:00+08:00", (0, 1)),
    ("2022-02-15T08:59:59+08:00", (0, 1)),
    ("2022-02-15T09:00:00+08:00", (1, 1)),
    ("2022-03-15T09:00:00+08:00", (1, 1)),
];

#[test]
fn who_returns_leaves_and_returns_again_counts_right_now_and_at_every_earlier_moment() {
    let mut shards = Shards::new(&return_to_work(), 1);
    shards.feed(&comings_and_goings());
    for (moment, expected) in HISTORY {
        assert_eq!(return_rate(&shards.recount(time(moment))), expected, "{moment}");
    }
}

#[test]
fn the_same_when_every_event_comes_late_and_the_last_one_first() {
    let mut shards = Shards::new(&return_to_work(), 2);
    shards.close(time("2022-03-01T00:00:00+08:00"));
    for told in comings_and_goings().iter().rev() {
        shards.feed([told]);
        shards.close(time("2022-03-01T00:00:00+08:00"));
    }
    assert_eq!(return_rate(&shards.close(time("2022-03-02T00:00:00+08:00"))), (1, 1));
    for (moment, expected) in HISTORY {
        assert_eq!(return_rate(&shards.recount(time(moment))), expected, "{moment}");
    }
}

#[test]
fn the_same_when_boards_are_made_as_it_happens() {
    let mut shards = Shards::new(&return_to_work(), 1);
    shards.feed(&comings_and_goings());
    for (moment, expected) in HISTORY {
        assert_eq!(return_rate(&shards.close(time(moment))), expected, "{moment}");
    }
}

#[test]
fn a_worker_who_leaves_is_a_drop_of_the_change_over_a_day() {
    let mut shards = Shards::new(&return_to_work(), 1);
    shards.feed(&comings_and_goings());
    let board = shards.close(time("2022-02-12T12:00:00+08:00"));
    let drops = board.figures.iter().filter(|figure| figure.key.rate == 0);
    assert!(drops.clone().count() > 0);
    assert!(drops.into_iter().all(|figure| figure.change == [Some(0.0), Some(-1.0)]));
}

#[test]
fn what_comes_back_from_the_lake_joins_what_is_there_in_any_order() {
    let facts = comings_and_goings();
    let mut shards = Shards::new(&return_to_work(), 1);
    shards.recall([], &facts[1..]);
    shards.recall(&facts[..1], &[]);
    assert_eq!(return_rate(&shards.recount(time("2022-03-01T00:00:00+08:00"))), (1, 1));
}
