//! Every event in every state a partition can be in.

use super::*;
use crate::lake::Share;

const FIRST: Assignment = Assignment(1);
const SECOND: Assignment = Assignment(2);

fn partition(number: i32) -> TopicPartition {
    TopicPartition { topic: "hr.workers".into(), partition: number }
}

fn home(number: i32) -> Home {
    Home::Partition(partition(number))
}

fn homes_of(partition: &TopicPartition) -> Vec<Home> {
    vec![Home::Partition(partition.clone())]
}

fn of_panes() -> Holdings {
    Holdings::new(Publication::Panes, Share::Part)
}

fn assign(holdings: &mut Holdings, numbers: &[i32], assignment: Assignment) -> Change {
    let partitions: Vec<_> = numbers.iter().copied().map(partition).collect();
    holdings.assign(&partitions, assignment, Share::Whole, homes_of)
}

fn recall(change: &Change) -> RecallId {
    change.recall.as_ref().expect("something is recalled").0
}

/// The states of partition 0, each with how to come to it.
fn states() -> [(&'static str, Holdings); 4] {
    let unowned = of_panes();
    let mut recalling = of_panes();
    assign(&mut recalling, &[0], FIRST);
    let mut reading = of_panes();
    let change = assign(&mut reading, &[0], FIRST);
    reading.recalled(recall(&change));
    let mut lost = of_panes();
    let change = assign(&mut lost, &[0], FIRST);
    lost.recalled(recall(&change));
    lost.lose([&partition(0)]);
    [("unowned", unowned), ("recalling", recalling), ("reading", reading), ("lost", lost)]
}

/// What an event does in each state: recalled homes, forgotten homes, ready partitions, and what becomes of a batch of
/// the first and of the second assignment afterwards.
fn table(event: impl Fn(&mut Holdings) -> Change) -> Vec<String> {
    let row = |(state, mut holdings): (&str, Holdings)| {
        let change = event(&mut holdings);
        let judged = [FIRST, SECOND].map(|assignment| holdings.judge(&partition(0), assignment));
        format!(
            "{state}: recalls {}, forgets {}, ready {}, {judged:?}",
            change.recall.map_or(0, |(_, homes)| homes.len()),
            change.forget.len(),
            change.ready.len(),
        )
    };
    states().into_iter().map(row).collect()
}

#[test]
fn an_assignment_recalls_what_is_not_known_and_drops_what_was_read_before_it() {
    let assigned = table(|holdings| assign(holdings, &[0], SECOND));
    assert_eq!(
        assigned,
        [
            "unowned: recalls 1, forgets 0, ready 0, [Drop, Unawaited]",
            "recalling: recalls 0, forgets 0, ready 0, [Drop, Unawaited]",
            "reading: recalls 0, forgets 0, ready 1, [Drop, Take]",
            "lost: recalls 1, forgets 0, ready 0, [Drop, Unawaited]",
        ]
    );
}

#[test]
fn a_recall_makes_ready_what_waits_for_it_and_nothing_else() {
    let recalled = table(|holdings| holdings.recalled(RecallId(1)));
    assert_eq!(
        recalled,
        [
            "unowned: recalls 0, forgets 0, ready 0, [Drop, Drop]",
            "recalling: recalls 0, forgets 0, ready 1, [Take, Drop]",
            "reading: recalls 0, forgets 0, ready 0, [Take, Drop]",
            "lost: recalls 0, forgets 0, ready 0, [Drop, Drop]",
        ]
    );
}

#[test]
fn a_revocation_forgets_what_is_known_or_being_recalled() {
    let revoked = table(|holdings| holdings.revoke([&partition(0)], Share::Part));
    assert_eq!(
        revoked,
        [
            "unowned: recalls 0, forgets 0, ready 0, [Drop, Drop]",
            "recalling: recalls 0, forgets 1, ready 0, [Drop, Drop]",
            "reading: recalls 0, forgets 1, ready 0, [Drop, Drop]",
            "lost: recalls 0, forgets 0, ready 0, [Drop, Drop]",
        ]
    );
}

#[test]
fn a_loss_forgets_the_same() {
    let lost = table(|holdings| holdings.lose([&partition(0)]));
    assert_eq!(
        lost,
        [
            "unowned: recalls 0, forgets 0, ready 0, [Drop, Drop]",
            "recalling: recalls 0, forgets 1, ready 0, [Drop, Drop]",
            "reading: recalls 0, forgets 1, ready 0, [Drop, Drop]",
            "lost: recalls 0, forgets 0, ready 0, [Drop, Drop]",
        ]
    );
}

#[test]
fn a_recall_that_ends_after_its_partition_was_given_up_and_taken_on_again_is_not_believed() {
    let mut holdings = of_panes();
    let first = recall(&assign(&mut holdings, &[0], FIRST));
    holdings.revoke([&partition(0)], Share::Part);
    let second = recall(&assign(&mut holdings, &[0], SECOND));
    assert_eq!(holdings.recalled(first), Change::default());
    assert_eq!(holdings.judge(&partition(0), SECOND), Verdict::Unawaited);
    assert_eq!(holdings.recalled(second).ready, [(partition(0), SECOND)]);
    assert_eq!(holdings.judge(&partition(0), SECOND), Verdict::Take);
}

#[test]
fn what_is_read_already_keeps_flowing_while_more_is_taken_on() {
    let mut holdings = of_panes();
    let first = recall(&assign(&mut holdings, &[0], FIRST));
    holdings.recalled(first);
    let change = assign(&mut holdings, &[1], SECOND);
    assert_eq!(change.recall, Some((RecallId(2), vec![home(1)])));
    assert_eq!(holdings.judge(&partition(0), FIRST), Verdict::Take);
}

#[test]
fn boards_are_made_only_of_everything() {
    let mut holdings = Holdings::new(Publication::Boards, Share::Part);
    assert_eq!(holdings.knows(), Knows::APart);
    let change = assign(&mut holdings, &[0, 1], FIRST);
    let (number, homes) = change.recall.clone().unwrap();
    assert_eq!(homes, [home(0), home(1), Home::Elsewhere]);
    assert_eq!(holdings.knows(), Knows::APart);
    holdings.recalled(number);
    assert_eq!(holdings.knows(), Knows::Everything);
    assert_eq!(holdings.snapshot_scope(|_| true), Some(Scope::Whole));
    holdings.lose([&partition(1)]);
    assert_eq!(holdings.knows(), Knows::APart);
    assert_eq!(holdings.snapshot_scope(|_| true), Some(Scope::Homes(vec![home(0)])));
    holdings.revoke([&partition(1)], Share::Part);
    assert_eq!(holdings.knows(), Knows::APart);
}

#[test]
fn a_source_that_reads_everything_recalls_nothing_twice() {
    let mut holdings = Holdings::new(Publication::Boards, Share::Whole);
    holdings.knows_the_lake();
    let change = assign(&mut holdings, &[0], FIRST);
    assert_eq!((change.recall, change.ready), (None, vec![(partition(0), FIRST)]));
    assert_eq!(holdings.knows(), Knows::Everything);
}
