//! The whole engine in one thread from one seed: instances of a group over a log in memory and a storage that fails, with
//! crashes, sleepers that wake up, rebalances, duplicates and clocks that jump. What the real conductor, shards, recalls,
//! committer, snapshots and follower make of it is held against all events counted once.
//!
//! `CHUNFENG_SIMULATION_SEEDS=1000 cargo test --lib simulation` tries more seeds than are tried unless said;
//! `CHUNFENG_SIMULATION_SEED=7` tries one, and tells what happens.

mod instance;
mod world;

use self::world::World;
use std::panic::catch_unwind;

use super::super::Publication;
use crate::lake::planted::{self, Bug};

/// How many seeds each way of working is tried with, unless said.
const SEEDS: u64 = 100;
/// What happens in a run before everything is let come to its end.
const STEPS: usize = 400;

fn seeds() -> Vec<u64> {
    let number = |name| std::env::var(name).ok().map(|text| text.parse().expect("a number"));
    match number("CHUNFENG_SIMULATION_SEED") {
        Some(seed) => vec![seed],
        None => (0..number("CHUNFENG_SIMULATION_SEEDS").unwrap_or(SEEDS)).collect(),
    }
}

fn whatever_happens(publication: Publication) {
    seeds().into_iter().for_each(|seed| run(seed, publication));
}

fn run(seed: u64, publication: Publication) {
    let mut world = World::new(seed, publication);
    for _ in 0..STEPS {
        world.step();
    }
    world.come_to_the_end();
}

/// Within so many seeds a planted bug is found, or the simulation looks away.
const SEEDS_TO_FIND: u64 = 120;

fn is_found(bug: Bug) {
    planted::plant(Some(bug));
    let survives = |seed| catch_unwind(|| run(seed, Publication::Panes)).is_ok();
    let found = (0..SEEDS_TO_FIND).find(|seed| !survives(*seed));
    planted::plant(None);
    let seed = found.unwrap_or_else(|| panic!("nobody has noticed: {bug:?}"));
    eprintln!("{bug:?} is found by seed {seed}");
}

#[test]
fn a_commit_that_does_not_look_who_owns_what_is_found() {
    is_found(Bug::ForgetsWhoOwnsWhat);
}

#[test]
fn panes_ahead_of_the_ledger_are_found() {
    is_found(Bug::PanesAheadOfTheLedger);
}

#[test]
fn recalling_what_the_panes_lack_before_what_they_hold_is_found() {
    is_found(Bug::LackingFirst);
}

#[test]
fn a_roster_ahead_of_the_ledger_is_found() {
    is_found(Bug::RosterAheadOfTheLedger);
}

#[test]
fn whatever_happens_to_several_instances_the_board_and_the_ledger_are_those_of_one_replay() {
    whatever_happens(Publication::Panes);
}

#[test]
fn whatever_happens_to_instances_that_publish_for_themselves_the_same_is_true() {
    whatever_happens(Publication::Boards);
}
