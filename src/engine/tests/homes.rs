//! Homes that come and go while a shard goes on, and snapshots that are taken meanwhile.

use super::super::Publication;
use super::super::shard::{EpochId, RecallId, Walked};
use super::naive;
use super::world::{DEPARTED, RETURNED, Shards, Told, area, as_json, return_to_work, time};
use crate::roster::{HomeId, PackedTimelines, Token};
use crate::spec::KindId;
use crate::time::EventTime;

const HERE: HomeId = HomeId(0);
const THERE: HomeId = HomeId(1);

fn told(worker: u8, kind: KindId, at: &str) -> Told {
    Told {
        entity: Token([worker; 16]),
        time: time(at),
        kind,
        retracts: false,
        area: Some(area("350206")),
        fields: if kind == RETURNED { naive::mode(None) } else { Vec::new() },
    }
}

fn workers(numbers: std::ops::Range<u8>) -> Vec<Told> {
    let departed = |worker| told(worker, DEPARTED, "2022-01-25T09:00:00+08:00");
    let returned = |worker| told(worker, RETURNED, "2022-02-10T09:00:00+08:00");
    let returns = numbers.clone().filter(|worker| worker % 3 != 0).map(returned);
    numbers.map(departed).chain(returns).collect()
}

fn later() -> EventTime {
    time("2022-03-01T00:00:00+08:00")
}

#[test]
fn a_home_that_is_forgotten_is_counted_no_more_and_counted_again_when_it_comes_back() {
    let mut shards = Shards::new(&return_to_work(), 2);
    shards.feed_from(HERE, &workers(0..50));
    let without = as_json(&shards.close(later()));
    shards.feed_from(THERE, &workers(100..180));
    let with = as_json(&shards.close(later()));
    assert_ne!(with, without);
    shards.forget(THERE);
    assert_eq!(as_json(&shards.close(later())), without);
    shards.expect(THERE, RecallId(1));
    shards.recall_home(THERE, RecallId(1), &workers(100..150), &workers(140..180));
    assert_eq!(as_json(&shards.close(later())), with);
}

#[test]
fn what_is_told_late_of_a_home_that_was_given_up_is_not_believed() {
    let mut shards = Shards::new(&return_to_work(), 1);
    shards.expect(HERE, RecallId(1));
    shards.recall_home(HERE, RecallId(1), &workers(0..20), &[]);
    shards.forget(HERE);
    shards.recall_home(HERE, RecallId(1), &workers(20..40), &[]);
    assert!(shards.close(later()).figures.is_empty());
    shards.expect(HERE, RecallId(2));
    shards.recall_home(HERE, RecallId(1), &workers(20..40), &[]);
    assert!(shards.close(later()).figures.is_empty());
}

#[test]
fn a_file_that_says_what_it_adds_up_to_counts_like_one_that_is_walked() {
    let mut shards = Shards::new(&return_to_work(), 2);
    shards.feed(&workers(0..50));
    let walked = as_json(&shards.close(later()));
    let mut shards = Shards::new(&return_to_work(), 2);
    shards.recall_counted(HERE, RecallId::EVERYTHING, &workers(0..50), 50);
    assert_eq!(as_json(&shards.close(later())), walked);
    shards.feed(&workers(0..60));
    let mut more = Shards::new(&return_to_work(), 2);
    more.feed(&workers(0..60));
    assert_eq!(as_json(&shards.close(later())), as_json(&more.close(later())));
}

#[test]
fn an_entity_of_two_files_that_say_what_they_add_up_to_counts_once() {
    let mut shards = Shards::new(&return_to_work(), 2);
    let departed = |worker| told(worker, DEPARTED, "2022-01-25T09:00:00+08:00");
    let left: Vec<Told> = (0..20).map(departed).collect();
    shards.recall_counted(HERE, RecallId::EVERYTHING, &workers(0..50), 50);
    shards.recall_counted(THERE, RecallId::EVERYTHING, &left, 20);
    let mut walked = Shards::new(&return_to_work(), 2);
    walked.feed(&workers(0..50));
    assert_eq!(as_json(&shards.close(later())), as_json(&walked.close(later())));
}

#[test]
fn what_two_files_say_of_an_entity_counts_together_where_one_of_them_counts_for_nothing() {
    let file = |kind, at| (0..20).map(|worker| told(worker, kind, at)).collect::<Vec<Told>>();
    let departed = file(DEPARTED, "2022-01-25T09:00:00+08:00");
    let returned = file(RETURNED, "2022-02-10T09:00:00+08:00");
    let mut walked = Shards::new(&return_to_work(), 2);
    walked.feed(departed.iter().chain(&returned));
    let walked = as_json(&walked.close(later()));
    for files in [[&returned, &departed], [&departed, &returned]] {
        let mut shards = Shards::new(&return_to_work(), 2);
        shards.recall_counted(HERE, RecallId::EVERYTHING, files[0], 20);
        shards.recall_counted(THERE, RecallId::EVERYTHING, files[1], 20);
        assert_eq!(as_json(&shards.close(later())), walked);
    }
}

#[test]
fn a_home_that_is_forgotten_before_all_that_was_counted_is_told_leaves_nothing() {
    let mut shards = Shards::new(&return_to_work(), 2);
    shards.feed_from(HERE, &workers(0..50));
    let without = as_json(&shards.close(later()));
    shards.expect(THERE, RecallId(1));
    shards.recall_counted(THERE, RecallId(1), &workers(100..180), 13);
    shards.forget(THERE);
    assert_eq!(as_json(&shards.close(later())), without);
    shards.expect(THERE, RecallId(2));
    shards.recall_counted(THERE, RecallId(1), &workers(100..180), 80);
    assert_eq!(as_json(&shards.close(later())), without);
    shards.recall_counted(THERE, RecallId(2), &workers(100..180), 80);
    shards.recalled(THERE);
    let with = as_json(&shards.close(later()));
    shards.feed_from(THERE, &workers(100..180));
    assert_eq!(as_json(&shards.close(later())), with);
    shards.forget(THERE);
    assert_eq!(as_json(&shards.close(later())), without);
}

#[test]
fn what_is_still_being_recalled_when_another_home_is_forgotten_is_counted_once() {
    const ELSEWHERE: HomeId = HomeId(2);
    let mut shards = Shards::new(&return_to_work(), 2);
    for home in [HERE, THERE, ELSEWHERE] {
        shards.expect(home, RecallId(1));
    }
    shards.recall_counted(HERE, RecallId(1), &workers(0..50), 50);
    shards.recall_counted(THERE, RecallId(1), &workers(50..100), 20);
    shards.forget(HERE);
    // Both come as counted: whoever tells them does not know of it.
    shards.recall_counted(THERE, RecallId(1), &workers(50..100), 50);
    shards.recall_counted(ELSEWHERE, RecallId(1), &workers(100..120), 20);
    shards.recalled(THERE);
    shards.recalled(ELSEWHERE);
    let mut walked = Shards::new(&return_to_work(), 2);
    walked.feed(&workers(50..120));
    assert_eq!(as_json(&shards.close(later())), as_json(&walked.close(later())));
}

/// The entities of the parts among what was walked.
fn walked(parts: &[Walked]) -> usize {
    let sizes = parts.iter().map(|part| match part {
        Walked::Part(part) => part.entities.values().map(PackedTimelines::len).sum(),
        Walked::Done { .. } => 0,
    });
    sizes.sum()
}

fn ends(parts: &[Walked]) -> Vec<(EpochId, EpochId, usize)> {
    let ends = parts.iter().filter_map(|part| match part {
        Walked::Done { began, holds, disturbed } => Some((*began, *holds, disturbed.len())),
        Walked::Part(_) => None,
    });
    ends.collect()
}

#[test]
fn a_snapshot_holds_every_entity_and_says_of_which_epochs() {
    let mut shards = Shards::new(&return_to_work(), 1);
    shards.feed_from(HERE, &workers(0..200));
    shards.end_epoch(later(), true);
    let parts = shards.walk();
    assert_eq!(walked(&parts), 200);
    assert_eq!(ends(&parts), [(EpochId(1), EpochId(1), 0)]);
}

#[test]
fn facts_that_come_while_a_snapshot_is_taken_are_said_to_be_in_it() {
    let mut shards = Shards::new(&return_to_work(), 1);
    shards.feed_from(HERE, &workers(0..100));
    shards.end_epoch(later(), true);
    let mut parts = shards.walk_a_step();
    shards.feed_from(HERE, &workers(100..200));
    shards.end_epoch(later(), false);
    parts.extend(shards.walk());
    assert!(walked(&parts) >= 100);
    assert_eq!(ends(&parts), [(EpochId(1), EpochId(2), 0)]);
}

#[test]
fn a_home_that_goes_while_a_snapshot_is_taken_is_said_to_be_disturbed() {
    let mut shards = Shards::new(&return_to_work(), 1);
    shards.feed_from(HERE, &workers(0..100));
    shards.feed_from(THERE, &workers(100..200));
    shards.end_epoch(later(), true);
    shards.walk_a_step();
    shards.forget(THERE);
    assert_eq!(ends(&shards.walk()), [(EpochId(1), EpochId(1), 1)]);
}

#[test]
fn an_entity_of_two_homes_is_one_entity_and_known_to_be_shared() {
    let mut shards = Shards::new(&return_to_work(), 1);
    shards.feed_from(HERE, &[told(7, DEPARTED, "2022-01-25T09:00:00+08:00")]);
    shards.feed_from(THERE, &[told(7, RETURNED, "2022-02-10T09:00:00+08:00")]);
    let closing = shards.end_epoch(later(), false).remove(0);
    assert_eq!((closing.entities, closing.shared), (1, 1));
}

#[test]
fn what_moved_is_told_the_panes_table_once_and_by_the_home_that_moved_it() {
    let mut shards =
        Shards::at(&return_to_work(), 1, Publication::Panes, time("2022-01-01T00:00:00Z"));
    shards.feed_from(HERE, &workers(0..10));
    let closing = shards.end_epoch(later(), false).remove(0);
    assert_eq!(closing.news.keys().collect::<Vec<_>>(), [&HERE]);
    assert!(closing.cells.is_empty(), "whoever follows the table makes the boards");
    shards.feed_from(THERE, &workers(10..20));
    let closing = shards.end_epoch(later(), false).remove(0);
    assert_eq!(closing.news.keys().collect::<Vec<_>>(), [&THERE]);
}

/// Nobody knows before where the panes stand: what would be told then is not told at all.
#[test]
fn what_is_recalled_before_an_epoch_ends_is_told_when_all_of_the_home_is_there() {
    let frontier = time("2022-01-01T00:00:00Z");
    let mut shards = Shards::at(&return_to_work(), 1, Publication::Panes, frontier);
    shards.expect(HERE, RecallId(1));
    shards.recall_home(HERE, RecallId(1), &[], &workers(0..10));
    assert!(shards.end_epoch(later(), false).remove(0).news.is_empty(), "half of it is there");
    shards.recall_home(HERE, RecallId(1), &[], &workers(10..20));
    shards.recalled(HERE);
    let told = shards.end_epoch(later(), false).remove(0).news;

    let mut at_once = Shards::at(&return_to_work(), 1, Publication::Panes, frontier);
    at_once.feed_from(HERE, &workers(0..20));
    let wanted = at_once.end_epoch(later(), false).remove(0).news;
    assert_eq!(told, wanted);
}
