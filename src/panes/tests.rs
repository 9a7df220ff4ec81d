//! Panes against the plain list of all steps: the level at every moment a board asks about is the sum of the steps up to
//! it, whenever they came, in whatever panes they lie by then.

use std::collections::HashMap;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::window::horizon;
use super::{Levels, Panes, last_midnight, pane_end, same_midnights, window_start};
use crate::area::AreaTree;
use crate::season::Alignment;
use crate::spec::{Lookbacks, MeasureId, Window};
use crate::steps::{Cell, Movement, Step};
use crate::time::{EARLIEST, EventTime};

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

const WINDOWS: [i64; 7] = [30, HOUR, 24 * HOUR, 2 * DAY, 3 * DAY, 60 * DAY, 90 * DAY];

/// The first board is made here, in the middle of a day, an hour and a minute.
const START: i64 = 1_644_476_123; // 2022-02-10T06:55:23Z

fn windows(seconds: &[i64]) -> Vec<Window> {
    let window = |seconds: &i64| Window { seconds: *seconds, label: format!("{seconds}s") };
    seconds.iter().map(window).collect()
}

fn over(seconds: &[i64]) -> Lookbacks {
    Lookbacks::over(windows(seconds))
}

fn cell(measure: u8) -> Cell {
    Cell::new(MeasureId(measure), AreaTree::gbt2260().country(), None)
}

fn time(text: &str) -> EventTime {
    EventTime::parse(text).expect("a time of RFC 3339")
}

/// All steps ever made and not taken back, and nothing cleverer.
#[derive(Default)]
struct Plainly {
    steps: Vec<Step>,
}

impl Plainly {
    fn apply(&mut self, movement: Movement) {
        match movement {
            Movement::Made(step) => self.steps.push(step),
            Movement::TakenBack(step) => {
                let made = self.steps.iter().position(|made| *made == step);
                self.steps.swap_remove(made.expect("only a step that was made is taken back"));
            }
        }
    }

    fn level(&self, cell: Cell, moment: EventTime) -> i64 {
        let until = self.steps.iter().filter(|step| step.cell == cell && step.time <= moment);
        until.map(|step| step.rise).sum()
    }
}

/// What may befall panes.
#[derive(Clone, Debug)]
enum Event {
    /// A step so many seconds after the last board's as-of, or before it.
    Make { after: i64, cell: u8, rise: i64 },
    /// One of the steps made so far is taken back.
    TakeBack { which: prop::sample::Index },
    /// A board, so many seconds after the last.
    Close { after: i64 },
}

/// Lengths of time at which something changes, and what lies between them.
fn any_length() -> impl Strategy<Value = i64> {
    let edges = [0, 1, MINUTE, HOUR, DAY, 2 * DAY, 3 * DAY, 60 * DAY, 90 * DAY];
    let near_an_edge =
        (select(edges.to_vec()), -61_i64..=61).prop_map(|(edge, off)| (edge + off).max(0));
    prop_oneof![near_an_edge, 0..2 * HOUR, 0..4 * DAY, 0..100 * DAY]
}

fn any_event() -> impl Strategy<Value = Event> {
    let after = prop_oneof![5 => any_length().prop_map(|length| -length), 1 => 0..4 * DAY];
    let make = (after, 0_u8..2, -3_i64..=3).prop_map(|(after, cell, rise)| Event::Make {
        after,
        cell,
        rise,
    });
    let take_back = any::<prop::sample::Index>().prop_map(|which| Event::TakeBack { which });
    let close = any_length().prop_map(|after| Event::Close { after });
    prop_oneof![6 => make, 1 => take_back, 2 => close]
}

/// Panes beside the plain list, led through the same events.
struct Pair {
    windows: Vec<i64>,
    panes: Panes,
    plainly: Plainly,
    as_of: EventTime,
}

impl Pair {
    fn new(seconds: Vec<i64>) -> Self {
        Self {
            panes: Panes::new(over(&seconds), EARLIEST),
            windows: seconds,
            plainly: Plainly::default(),
            as_of: EventTime::from_seconds(START),
        }
    }

    fn meet(&mut self, event: &Event) {
        match event {
            Event::Make { after, cell: measure, rise } => {
                self.apply(Movement::Made(Step {
                    time: self.as_of.plus(*after),
                    cell: cell(*measure),
                    rise: *rise,
                }));
            }
            Event::TakeBack { .. } if self.plainly.steps.is_empty() => {}
            Event::TakeBack { which } => {
                let step = *which.get(&self.plainly.steps);
                self.apply(Movement::TakenBack(step));
            }
            Event::Close { after } => {
                self.as_of = self.as_of.plus(*after);
                self.agree();
            }
        }
    }

    fn apply(&mut self, movement: Movement) {
        self.panes.apply(movement);
        self.plainly.apply(movement);
    }

    /// Makes a board and compares every level with the plain sum.
    fn agree(&mut self) {
        let levels: HashMap<Cell, Levels> = self.panes.close(self.as_of).into_iter().collect();
        let starts = self.windows.iter().map(|seconds| window_start(self.as_of, *seconds));
        let ends = [last_midnight(self.as_of)];
        let moments: Vec<EventTime> =
            std::iter::once(self.as_of).chain(starts).chain(ends).collect();
        for cell in [cell(0), cell(1)] {
            let expected: Levels = moments.iter().map(|at| self.plainly.level(cell, *at)).collect();
            let absent = vec![0; moments.len()];
            let found = levels.get(&cell).unwrap_or(&absent);
            assert_eq!(*found, expected, "{cell:?} at {moments:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_level_is_the_sum_of_the_steps_up_to_its_moment(
        seconds in subsequence(WINDOWS.to_vec(), 0..=WINDOWS.len()),
        events in prop::collection::vec(any_event(), 1..60),
    ) {
        let mut pair = Pair::new(seconds);
        events.iter().for_each(|event| pair.meet(event));
        pair.agree();
    }

    #[test]
    fn a_promise_made_before_the_movements_changes_no_level(
        seconds in subsequence(WINDOWS.to_vec(), 0..=WINDOWS.len()),
        events in prop::collection::vec(any_event(), 1..60),
        early in 0..30 * DAY,
    ) {
        let mut pair = Pair::new(seconds.clone());
        events.iter().for_each(|event| pair.meet(event));
        let mut promised = Panes::new(over(&seconds), EventTime::from_seconds(START));
        promised.advance(pair.as_of.plus(-early));
        pair.plainly.steps.iter().for_each(|step| promised.apply(Movement::Made(*step)));
        promised.advance(pair.as_of);
        pair.panes = promised;
        pair.agree();
    }

    #[test]
    fn panes_begun_at_a_frontier_agree_with_panes_that_grew_up_to_it(
        seconds in subsequence(WINDOWS.to_vec(), 0..=WINDOWS.len()),
        events in prop::collection::vec(any_event(), 1..60),
    ) {
        let mut pair = Pair::new(seconds.clone());
        events.iter().for_each(|event| pair.meet(event));
        let mut begun = Panes::new(over(&seconds), pair.as_of);
        pair.plainly.steps.iter().for_each(|step| begun.apply(Movement::Made(*step)));
        pair.panes = begun;
        pair.agree();
    }

    #[test]
    fn a_window_starts_its_length_ago_or_up_to_one_pane_of_that_age_earlier(
        after in 0..100 * DAY,
        seconds in select(WINDOWS.to_vec()),
    ) {
        let as_of = EventTime::from_seconds(START + after);
        let start = window_start(as_of, seconds);
        let (width, midnight) = match seconds {
            _ if seconds > 60 * DAY => (DAY, 16 * HOUR), // in Shanghai
            _ if seconds > 2 * DAY => (HOUR, 0),
            _ => (MINUTE, 0),
        };
        let early = as_of.seconds() - seconds - start.seconds();
        prop_assert!((0..width).contains(&early));
        prop_assert_eq!(start.seconds().rem_euclid(width), midnight);
    }

    #[test]
    fn a_window_never_starts_earlier_than_it_did(after in 0..100 * DAY, more in any_length(), seconds in 1..100 * DAY) {
        let as_of = EventTime::from_seconds(START + after);
        prop_assert!(window_start(as_of, seconds) <= window_start(as_of.plus(more), seconds));
    }

    #[test]
    fn a_longer_window_never_starts_later(after in 0..100 * DAY, seconds in 1..100 * DAY, more in any_length()) {
        let as_of = EventTime::from_seconds(START + after);
        prop_assert!(window_start(as_of, seconds + more) <= window_start(as_of, seconds));
    }

    #[test]
    fn the_panes_of_one_time_lie_behind_those_of_an_earlier_one(age in any_length(), more in any_length()) {
        let frontier = EventTime::from_seconds(START);
        let later = frontier.plus(-age);
        prop_assert!(pane_end(later.plus(-more), frontier) <= pane_end(later, frontier));
    }

    #[test]
    fn a_pane_holds_its_end_and_never_reaches_over_the_frontier(age in any_length(), future in 0..4 * DAY) {
        let frontier = EventTime::from_seconds(START);
        let past = frontier.plus(-age);
        let end = pane_end(past, frontier);
        prop_assert!((past..=frontier).contains(&end));
        prop_assert_eq!(pane_end(end, frontier), end);
        let to_come = frontier.plus(future);
        prop_assert_eq!(pane_end(to_come, frontier), to_come, "what is to come has its second for itself");
    }

    #[test]
    fn a_pane_of_panes_is_the_pane_of_their_times(age in any_length(), waited in any_length()) {
        let (frontier, later) = (EventTime::from_seconds(START), EventTime::from_seconds(START + waited));
        let past = frontier.plus(-age);
        prop_assert_eq!(pane_end(pane_end(past, frontier), later), pane_end(past, later));
    }

    #[test]
    fn no_pane_lies_across_the_start_of_a_window(seconds in select(WINDOWS.to_vec()), before in any_length(), phase in 0..DAY) {
        let frontier = EventTime::from_seconds(START + phase);
        let start = window_start(frontier, seconds);
        prop_assert!(pane_end(start.plus(-before), frontier) <= start);
    }
}

/// What an entity that comes or goes does to a level.
const ENTRY: i64 = 1;
const EXIT: i64 = -1;

fn made(time: EventTime, rise: i64) -> Movement {
    Movement::Made(Step { time, cell: cell(0), rise })
}

/// The levels of the one cell, at the as-of and at the start of each window.
fn levels(panes: &mut Panes, as_of: EventTime) -> Levels {
    match panes.close(as_of).as_slice() {
        [(_, levels)] => levels.clone(),
        others => panic!("{} cells instead of one", others.len()),
    }
}

#[test]
fn a_step_at_the_as_of_counts_and_one_a_second_later_waits() {
    let as_of = time("2022-02-10T09:00:00+08:00");
    let mut panes = Panes::new(over(&[HOUR]), EARLIEST);
    panes.apply(made(as_of, ENTRY));
    panes.apply(made(as_of.plus(1), ENTRY));
    assert_eq!(levels(&mut panes, as_of), [1, 0, 0]);
    assert_eq!(levels(&mut panes, as_of.plus(1)), [2, 0, 0]);
    assert_eq!(levels(&mut panes, as_of.plus(HOUR)), [2, 1, 0]);
    assert_eq!(levels(&mut panes, as_of.plus(HOUR + MINUTE)), [2, 2, 0]);
    assert_eq!(levels(&mut panes, as_of.plus(15 * HOUR)), [2, 2, 2], "behind the midnight");
}

#[test]
fn a_late_movement_corrects_the_far_end_of_a_window() {
    let noon = time("2022-02-10T12:00:00+08:00");
    let mut panes = Panes::new(over(&[24 * HOUR]), EARLIEST);
    panes.apply(made(noon, ENTRY));
    assert_eq!(levels(&mut panes, noon), [1, 0, 0]);
    panes.apply(made(noon.plus(-25 * HOUR), ENTRY));
    assert_eq!(levels(&mut panes, noon), [2, 1, 1]);
}

#[test]
fn a_step_behind_every_window_can_still_be_taken_back() {
    let noon = time("2022-02-10T12:00:00+08:00");
    let long_ago = Step { time: noon.plus(-100 * DAY), cell: cell(0), rise: ENTRY };
    let mut panes = Panes::new(over(&[HOUR]), EARLIEST);
    panes.apply(Movement::Made(long_ago));
    assert_eq!(levels(&mut panes, noon), [1, 1, 1]);
    panes.apply(Movement::TakenBack(long_ago));
    assert!(panes.close(noon).is_empty());
}

#[test]
fn whoever_enters_and_leaves_within_one_pane_was_there_in_neither_end() {
    let noon = time("2022-02-10T12:00:00+08:00");
    let mut panes = Panes::new(over(&[HOUR]), EARLIEST);
    panes.apply(made(noon.plus(-50), ENTRY));
    panes.apply(made(noon.plus(-10), EXIT));
    assert!(panes.close(noon).is_empty(), "so the cell says nothing");
}

#[test]
fn windows_longer_than_sixty_days_begin_at_midnight_in_shanghai() {
    let as_of = time("2022-05-20T12:34:56+08:00");
    assert_eq!(window_start(as_of, 90 * DAY), time("2022-02-19T00:00:00+08:00"));
    assert_eq!(window_start(as_of, 60 * DAY), time("2022-03-21T12:00:00+08:00"));
    assert_eq!(window_start(as_of, 2 * DAY), time("2022-05-18T12:34:00+08:00"));
    assert_eq!(window_start(as_of, 30), time("2022-05-20T12:34:00+08:00"));
}

#[test]
fn nothing_is_kept_apart_that_neither_a_window_nor_the_last_midnight_reaches() {
    let as_of = time("2022-02-10T12:34:56+08:00");
    assert_eq!(horizon(&windows(&[HOUR, 24 * HOUR]), as_of), time("2022-02-09T12:34:00+08:00"));
    assert_eq!(horizon(&[], as_of), time("2022-02-10T00:00:00+08:00"));
}

/// What is kept is seen in what is printed: a cell tells how many panes it has to nobody else.
fn panes_kept(panes: &Panes) -> usize {
    let printed = panes.cells.iter().map(|(_, cell)| format!("{cell:?}"));
    printed.map(|cell| cell.matches("Pane {").count()).sum()
}

#[test]
fn a_year_of_steps_is_kept_in_minutes_for_two_days_then_hours_then_days() {
    let begin = time("2021-02-10T12:00:00+08:00");
    let mut panes = Panes::new(over(&[90 * DAY]), EARLIEST);
    for second in (0..365 * DAY).step_by(601) {
        panes.apply(made(begin.plus(second), ENTRY));
        if second % 97 == 0 {
            panes.close(begin.plus(second));
        }
    }
    panes.close(begin.plus(365 * DAY));
    let (minutes, hours, days) = (2 * DAY / 601, 58 * 24, 31);
    let most = usize::try_from(minutes + hours + days).unwrap() + 50;
    assert!(panes_kept(&panes) <= most, "{} panes, at most {most}", panes_kept(&panes));
    assert_eq!(levels(&mut panes, begin.plus(365 * DAY))[0], 365 * DAY / 601 + 1);
}

/// A cell that nothing moves any more is looked at again as soon as its panes get wider, and not before.
#[test]
fn a_cell_that_is_left_alone_gets_coarser_all_the_same() {
    let begin = time("2022-02-10T12:00:00+08:00");
    let mut panes = Panes::new(over(&[90 * DAY]), EARLIEST);
    (0..24 * HOUR).step_by(10).for_each(|second| panes.apply(made(begin.plus(second), ENTRY)));
    let kept = [1, 2, 3, 61, 62, 91, 92].map(|days| {
        panes.close(begin.plus(days * DAY));
        panes_kept(&panes)
    });
    // Minutes, and the moment of noon; hours before the last one; a midnight and hours; midnights; one number.
    assert_eq!(kept, [1_441, 1_441, 24 + 60, 1 + 12, 2, 2, 0]);
}

/// Two springs: what is told of the one before is told of midnights, and exactly.
mod springs {
    use super::*;
    use crate::area::AreaId;
    use crate::spec::{Pipeline, SliceId, load_text};

    const PIPELINE: &str = r"
pipeline: returns
title: { zh: 返岗, en: Returns }
entity: worker
source: { topic: hr.workers }
decode: { entity: /subject, kind: /type, time: /time }
kinds:
  departed: { events: [departed] }
  returned: { events: [returned] }
measures:
  departed: { where: departed_at IS NOT NULL }
  returned: { where: returned_at IS NOT NULL }
rates:
  at_once: { title: { zh: 离, en: Gone }, definition: { zh: 离, en: Gone }, numerator: departed, change: [1h] }
  by_spring:
    title: { zh: 返, en: Back }
    definition: { zh: 返, en: Back }
    numerator: returned
    season: spring-festival
  by_date: { title: { zh: 返, en: Back }, definition: { zh: 返, en: Back }, numerator: returned, season: calendar }
";
    const DEPARTED: u8 = 0;
    const RETURNED: u8 = 1;

    fn lookbacks() -> Lookbacks {
        let pipeline: Pipeline = load_text("returns.yaml", PIPELINE).expect("a valid file");
        Lookbacks::of(&pipeline)
    }

    fn step(measure: u8, slice: Option<SliceId>, time: EventTime, rise: i64) -> Movement {
        let area: AreaId = AreaTree::gbt2260().country();
        Movement::Made(Step { time, cell: Cell::new(MeasureId(measure), area, slice), rise })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn the_level_at_a_midnight_of_last_spring_is_the_sum_of_the_steps_up_to_it(
            steps in prop::collection::vec((-500 * DAY..=0, -2_i64..5), 1..40),
            boards in prop::collection::btree_set(0_i64..30 * DAY, 1..6),
        ) {
            let first = time("2022-02-11T09:30:00+08:00");
            let mut panes = Panes::new(lookbacks(), EARLIEST);
            let mut told = Vec::new();
            let mut steps = steps.into_iter();
            for board in boards {
                // Some come late, at any time before the board.
                for (ago, rise) in steps.by_ref().take(8) {
                    let at = first.plus(board + ago);
                    told.push((at, rise));
                    panes.apply(step(RETURNED, None, at, rise));
                }
                let as_of = first.plus(board);
                let cells: HashMap<Cell, Levels> = panes.close(as_of).into_iter().collect();
                let levels = cells.get(&cell(RETURNED)).cloned().unwrap_or(vec![0; 5]);
                let level = |until| told.iter().filter(|(at, _)| *at <= until).map(|(_, rise)| rise).sum::<i64>();
                let [midnight, by_spring] = same_midnights(as_of, Alignment::SpringFestival).unwrap();
                let [_, by_date] = same_midnights(as_of, Alignment::Calendar).unwrap();
                let expected: Vec<i64> =
                    [as_of, window_start(as_of, HOUR), midnight, by_spring, by_date].map(level).to_vec();
                prop_assert_eq!(levels, expected);
            }
        }
    }

    #[test]
    fn midnights_are_shanghai_s_and_a_spring_before_the_first_that_is_known_has_none() {
        let same = |moment: &str| same_midnights(time(moment), Alignment::SpringFestival);
        let (this, last) = ("2022-02-20T00:00:00+08:00", "2021-03-03T00:00:00+08:00");
        assert_eq!(same("2022-02-20T00:00:00+08:00"), Some([time(this), time(last)]));
        assert_eq!(same("2022-02-20T23:59:59+08:00"), Some([time(this), time(last)]));
        assert_eq!(same("2015-02-20T00:00:00+08:00"), None);
    }

    #[test]
    fn only_totals_of_rates_with_a_season_keep_what_is_a_year_old() {
        let as_of = time("2022-02-20T12:00:00+08:00");
        let mut panes = Panes::new(lookbacks(), as_of);
        let then = time("2021-03-01T12:00:00+08:00");
        panes.apply(step(DEPARTED, None, then, 1));
        panes.apply(step(RETURNED, Some(SliceId(0)), then, 1));
        panes.apply(step(RETURNED, None, then, 1));
        panes.apply_waiting();
        assert_eq!(panes_kept(&panes), 1, "{:?}", panes.cells);
    }
}
