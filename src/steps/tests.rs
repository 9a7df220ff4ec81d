//! STEPS: at every moment the steps up to it add up to the entities that are in the cell, counted one by one by folding
//! their facts. The fold here is written from the definition and shares nothing with the stepper but the facts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use proptest::sample::select;

use super::{Cell, Movement, Step, Stepper, moved};
use crate::area::{AreaId, AreaTree};
use crate::roster::{FactCode, FactHead, Timeline};
use crate::spec::column::Value;
use crate::spec::{KindId, MeasureId, Pipeline, SliceId, load_text};
use crate::time::EventTime;

const PIPELINE: &str = r"
pipeline: returns
title: { zh: 返岗, en: Returns }
entity: worker
source: { topic: hr.workers }
decode: { entity: /subject, kind: /type, time: /time, area: /data/area }
kinds:
  departed: { events: [departed], keep: all }
  left: { events: [left], keep: all }
  returned:
    events: [returned]
    keep: all
    counted: person-trip
    retracted_by: [unreturned]
    fields:
      mode: { path: /data/mode, type: label, values: [air, rail] }
      fare: { path: /data/fare, type: amount, unit: CNY, scale: 1 }
measures:
  departed: { where: departed_at IS NOT NULL }
  returned: { where: returned_at >= departed_at AND (left_at IS NULL OR left_at < returned_at) }
  settled:
    where: returned_at >= departed_at AND (left_at IS NULL OR left_at < returned_at)
    held_for: 3s
  away: { where: departed_at IS NOT NULL AND (returned_at IS NULL OR returned_at < departed_at), held_for: 7s }
  fares: { where: returned_at >= departed_at, sum: returned_fare, held_for: 2s }
  fresh: { where: returned_at >= departed_at, within: 5s }
  journeys: { where: returned_at >= departed_at, sum: returned_at - departed_at, held_for: 2s, within: 6s }
  trips: { where: returned_at IS NOT NULL, sum: returned_count }
dimensions:
  mode: { column: returned_mode }
  past: # values that overlap
    values:
      once_back: { where: returned_at IS NOT NULL }
      once_gone: { where: left_at IS NOT NULL }
rates:
  rate: { title: { zh: 率, en: Rate }, definition: { zh: 率, en: Rate }, numerator: returned, denominator: departed }
";

const DEPARTED: u8 = 0;
const LEFT: u8 = 1;
const RETURNED: u8 = 2;

const AIR: i64 = 0;
const RAIL: i64 = 1;

/// For how many seconds each measure must hold before it counts, and when it ceases to.
const SPANS: [(i64, Option<i64>); 8] =
    [(0, None), (0, None), (3, None), (7, None), (2, None), (0, Some(5)), (2, Some(6)), (0, None)];
const SETTLED: u8 = 2;
const FARES: u8 = 4;
const FRESH: u8 = 5;
const JOURNEYS: u8 = 6;
const TRIPS: u8 = 7;
/// Those that add something up.
const SUMS: [u8; 3] = [FARES, JOURNEYS, TRIPS];

/// So many seconds before a season ends, on which nothing depends where seasons are not told apart.
const START: i64 = 1_659_283_200 - ENDS; // 2022-08-01T00:00:00+08:00
/// Some of what has to hold for a while would count later.
const ENDS: i64 = 26;

/// Facts happen within so many seconds of it.
const SPAN: i64 = 24;

/// Huli and Siming of Xiamen, Xiamen itself, and a code that no table has.
const AREAS: [&str; 4] = ["350206", "350203", "350200", "unassigned"];

fn pipeline() -> Arc<Pipeline> {
    static READ: LazyLock<Arc<Pipeline>> = LazyLock::new(|| {
        Arc::new(load_text("returns.yaml", PIPELINE).expect("the pipeline is valid"))
    });
    READ.clone()
}

fn tree() -> &'static AreaTree {
    AreaTree::gbt2260()
}

fn at(seconds: i64) -> EventTime {
    EventTime::from_seconds(START + seconds)
}

fn area(code: &str) -> AreaId {
    tree().resolve(code).expect("the area is in the table")
}

/// A fact, in the canonical order: time, kind, area, field.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Fact {
    seconds: i64,
    kind: u8,
    area: Option<AreaId>,
    mode: Option<i64>,
    /// In tenths.
    fare: Option<i64>,
}

/// What is known of one worker: facts, and when returns were last called off.
#[derive(Clone, Default, Debug)]
struct Worker {
    facts: BTreeSet<Fact>,
    called_off: Option<i64>,
}

impl Worker {
    fn with(mut self, seconds: i64, kind: u8, code: &str, mode: Option<i64>) -> Self {
        let area = (!code.is_empty()).then(|| area(code));
        let fare = mode.map(|mode| 100 * (mode + 1));
        self.facts.insert(Fact { seconds, kind, area, mode, fare });
        self
    }

    fn departed(self, seconds: i64, code: &str) -> Self {
        self.with(seconds, DEPARTED, code, None)
    }

    fn returned(self, seconds: i64, code: &str, mode: i64) -> Self {
        self.with(seconds, RETURNED, code, Some(mode))
    }

    fn left(self, seconds: i64) -> Self {
        self.with(seconds, LEFT, "", None)
    }

    fn timeline(&self) -> Timeline {
        let layout = stepper().layout().clone();
        let mut timeline = Timeline::default();
        for fact in &self.facts {
            let head = FactHead::new(at(fact.seconds), FactCode::of(KindId(fact.kind)), fact.area);
            let word = |value: Option<i64>| {
                value.map_or(Value::NULL, |value| Value::new(value).unwrap()).raw() as u64
            };
            let fields = [word(fact.mode), word(fact.fare)];
            let carried = if fact.kind == RETURNED { &fields[..] } else { &[] };
            timeline.join(head, carried, &layout);
        }
        if let Some(seconds) = self.called_off {
            let code = FactCode::retraction_of(KindId(RETURNED));
            timeline.join(FactHead::new(at(seconds), code, None), &[], &layout);
        }
        timeline
    }

    fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        stepper().walk(&self.timeline(), &mut steps);
        steps
    }

    /// The facts that happened by this second and stand.
    fn known_at(&self, second: i64) -> impl Iterator<Item = &Fact> {
        let stands = |fact: &&Fact| fact.kind != RETURNED || Some(fact.seconds) > self.called_off;
        self.facts.iter().filter(stands).filter(move |fact| fact.seconds <= second)
    }

    fn last_at(&self, second: i64, kind: u8) -> Option<&Fact> {
        self.known_at(second).filter(|fact| fact.kind == kind).max()
    }

    /// Whether each measure's predicate is true of the state at this second.
    fn truths_at(&self, second: i64) -> [bool; 8] {
        let when = |kind| self.last_at(second, kind).map(|fact| fact.seconds);
        let (departed, returned, left) = (when(DEPARTED), when(RETURNED), when(LEFT));
        let is_back = departed
            .is_some_and(|departed| returned.is_some_and(|back| back >= departed))
            && left.is_none_or(|left| returned.is_some_and(|back| left < back));
        let is_away = departed.is_some_and(|departed| returned.is_none_or(|back| back < departed));
        let was_back = departed.is_some_and(|at| returned.is_some_and(|back| back >= at));
        let ever = returned.is_some();
        [departed.is_some(), is_back, is_back, is_away, was_back, was_back, was_back, ever]
    }

    /// What the worker brings to each measure at this second.
    fn amounts_at(&self, second: i64) -> [i64; 8] {
        let when = |kind| self.last_at(second, kind).map(|fact| fact.seconds);
        let fare = self.last_at(second, RETURNED).and_then(|fact| fact.fare).unwrap_or(0);
        let journey = when(RETURNED).zip(when(DEPARTED)).map_or(0, |(back, gone)| back - gone);
        let trips = self.known_at(second).filter(|fact| fact.kind == RETURNED).count();
        [1, 1, 1, 1, fare, 1, journey, trips as i64]
    }

    /// What the worker brings to each cell at this second.
    fn cells_at(&self, second: i64) -> BTreeMap<Cell, i64> {
        let named = self.known_at(second).filter(|fact| fact.area.is_some()).max();
        let place = named.and_then(|fact| fact.area).unwrap_or(tree().unassigned());
        let mode = self.last_at(second, RETURNED).and_then(|fact| fact.mode);
        let values = [
            mode == Some(AIR),
            mode == Some(RAIL),
            self.last_at(second, RETURNED).is_some(),
            self.last_at(second, LEFT).is_some(),
        ];
        let slices: Vec<Option<SliceId>> = (0_u8..)
            .zip(values)
            .filter_map(|(slice, holds)| holds.then_some(Some(SliceId(slice))))
            .chain([None])
            .collect();
        let mut cells = BTreeMap::new();
        let amounts = self.amounts_at(second);
        for (measure, (held_for, within)) in (0_u8..).zip(SPANS) {
            let holds = |second| self.truths_at(second)[usize::from(measure)];
            let held = |seconds: i64| (second - seconds..=second).all(holds);
            if held(held_for) && !within.is_some_and(held) {
                let cell = |slice: &Option<SliceId>| {
                    (Cell::new(MeasureId(measure), place, *slice), amounts[usize::from(measure)])
                };
                cells.extend(slices.iter().map(cell).filter(|(_, amount)| *amount != 0));
            }
        }
        cells
    }
}

fn stepper() -> Stepper {
    Stepper::new(pipeline())
}

/// The level of every cell that is not zero, from the steps up to a second.
fn levels_at<'s>(second: i64, steps: impl IntoIterator<Item = &'s Step>) -> BTreeMap<Cell, i64> {
    let mut levels = BTreeMap::new();
    for step in steps.into_iter().filter(|step| step.time <= at(second)) {
        *levels.entry(step.cell).or_default() += step.rise;
    }
    levels.retain(|_, level| *level != 0);
    levels
}

fn any_fact() -> impl Strategy<Value = Fact> {
    let area = prop::option::of(select(&AREAS[..]).prop_map(area));
    let (mode, fare) = (prop::option::of(AIR..=RAIL), prop::option::of(-3_i64..30));
    let returned = |kind, value: Option<i64>| value.filter(|_| kind == RETURNED);
    (0..SPAN, DEPARTED..=RETURNED, area, mode, fare).prop_map(
        move |(seconds, kind, area, mode, fare)| {
            let (mode, fare) = (returned(kind, mode), returned(kind, fare));
            Fact { seconds, kind, area, mode, fare }
        },
    )
}

fn any_worker() -> impl Strategy<Value = Worker> {
    let facts = prop::collection::btree_set(any_fact(), 0..9);
    let called_off = prop::option::weighted(0.2, 0..SPAN);
    (facts, called_off).prop_map(|(facts, called_off)| Worker { facts, called_off })
}

/// Distinct steps, in no order.
fn some_steps() -> impl Strategy<Value = Vec<Step>> {
    let steps = (0_i64..4, 0_u8..2, any::<bool>()).prop_map(|(seconds, measure, enters)| Step {
        time: at(seconds),
        cell: Cell::new(MeasureId(measure), tree().country(), None),
        rise: if enters { 1 } else { -1 },
    });
    prop::collection::btree_set(steps, 0..12).prop_map(Vec::from_iter).prop_shuffle()
}

fn movements(before: &[Step], after: &[Step]) -> Vec<Movement> {
    let mut movements = Vec::new();
    moved(&mut before.to_vec(), &mut after.to_vec(), |movement| movements.push(movement));
    movements
}

fn applied(movements: &[Movement], steps: &mut BTreeMap<Step, i64>) {
    for movement in movements {
        match movement {
            Movement::Made(step) => *steps.entry(*step).or_default() += 1,
            Movement::TakenBack(step) => *steps.entry(*step).or_default() -= 1,
        }
    }
    steps.retain(|_, count| *count != 0);
}

fn counted(steps: &[Step]) -> BTreeMap<Step, i64> {
    steps.iter().map(|step| (*step, 1)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn at_every_moment_the_steps_add_up_to_the_entities_in_the_cell(
        workers in prop::collection::vec(any_worker(), 1..5),
        moments in prop::collection::vec(-1..SPAN + 9, 12),
    ) {
        let steps: Vec<Step> = workers.iter().flat_map(Worker::steps).collect();
        for second in moments {
            let mut expected = BTreeMap::new();
            for (cell, amount) in workers.iter().flat_map(|worker| worker.cells_at(second)) {
                *expected.entry(cell).or_insert(0) += amount;
            }
            expected.retain(|_, level| *level != 0);
            prop_assert_eq!(levels_at(second, &steps), expected, "at second {}", second);
        }
    }

    #[test]
    fn steps_come_in_the_order_of_time_and_nobody_enters_and_leaves_a_cell_in_the_same_second(worker in any_worker()) {
        let steps = worker.steps();
        prop_assert!(steps.is_sorted_by_key(|step| step.time));
        let places: BTreeSet<_> = steps.iter().map(|step| (step.time, step.cell)).collect();
        prop_assert_eq!(places.len(), steps.len());
    }

    #[test]
    fn an_entity_is_in_a_cell_once_or_not_at_all(worker in any_worker()) {
        let mut levels: BTreeMap<Cell, i64> = BTreeMap::new();
        for step in worker.steps().into_iter().filter(|step| !SUMS.contains(&step.cell.measure().0)) {
            let level = levels.entry(step.cell).or_default();
            *level += step.rise;
            prop_assert!((0..=1).contains(level), "{:?} at {}", step.cell, level);
        }
    }

    #[test]
    fn what_moves_turns_the_steps_before_into_the_steps_after(before in some_steps(), after in some_steps()) {
        let mut steps = counted(&before);
        applied(&movements(&before, &after), &mut steps);
        prop_assert_eq!(steps, counted(&after));
    }

    #[test]
    fn nothing_moves_twice_and_nothing_that_stays_moves(before in some_steps(), after in some_steps()) {
        for movement in movements(&before, &after) {
            match movement {
                Movement::Made(step) => prop_assert!(after.contains(&step) && !before.contains(&step)),
                Movement::TakenBack(step) => prop_assert!(before.contains(&step) && !after.contains(&step)),
            }
        }
    }

    #[test]
    fn nothing_moves_between_equals_in_any_order(
        (one, other) in some_steps().prop_flat_map(|steps| (Just(steps.clone()), Just(steps).prop_shuffle())),
    ) {
        prop_assert_eq!(movements(&one, &other), []);
    }

    #[test]
    fn facts_that_come_one_by_one_in_any_order_move_the_steps_to_where_all_at_once_would(
        (worker, order) in any_worker().prop_flat_map(|worker| {
            let facts: Vec<Fact> = worker.facts.iter().cloned().collect();
            (Just(worker), Just(facts).prop_shuffle())
        }),
    ) {
        let mut known = Worker { called_off: worker.called_off, ..Worker::default() };
        let mut steps = BTreeMap::new();
        for fact in order {
            let before = known.steps();
            known.facts.insert(fact);
            applied(&movements(&before, &known.steps()), &mut steps);
        }
        prop_assert_eq!(steps, counted(&worker.steps()));
    }

    #[test]
    fn a_newest_fact_moves_what_two_whole_walks_say_that_it_moves(worker in any_worker(), later in 1_i64..3, next in any_fact()) {
        let before = worker.timeline();
        let newest = worker.facts.iter().map(|fact| fact.seconds).chain(worker.called_off).max().unwrap_or(0);
        let next = Fact { seconds: newest + later, ..next };
        let mut after = worker.clone();
        after.facts.insert(next);
        for mut stepper in [stepper(), stepper_apart()] {
            let mut whole = [Vec::new(), Vec::new()];
            stepper.walk(&before, &mut whole[0]);
            stepper.walk(&after.timeline(), &mut whole[1]);
            let (mut left, mut entered) = (Vec::new(), Vec::new());
            stepper.walk_on(&after.timeline(), &mut left, &mut entered);
            let sorted = |mut movements: Vec<Movement>| {
                movements.sort_by_key(|movement| *movement.step());
                movements
            };
            prop_assert_eq!(
                sorted(movements(&left, &entered)),
                sorted(movements(&whole[0], &whole[1]))
            );
        }
    }

    #[test]
    fn a_cell_gives_back_what_it_was_made_of(measure in 0_u8..64, index in 0_usize..1 << 22, slice in 0_u8..129) {
        let (area, slice) = (AreaId::from_index(index), slice.checked_sub(1).map(SliceId));
        let cell = Cell::new(MeasureId(measure), area, slice);
        prop_assert_eq!((cell.measure(), cell.area(), cell.slice()), (MeasureId(measure), area, slice));
        prop_assert_eq!(cell.in_area(tree().country()), Cell::new(MeasureId(measure), tree().country(), slice));
    }
}

/// Whether the worker counts as settled in Huli at this second, by the steps.
fn is_settled(worker: &Worker, second: i64) -> bool {
    let settled = Cell::new(MeasureId(SETTLED), area("350206"), None);
    levels_at(second, &worker.steps()).contains_key(&settled)
}

fn back_at_ten() -> Worker {
    Worker::default().departed(0, "350206").returned(10, "350206", RAIL)
}

#[test]
fn what_must_hold_for_three_seconds_counts_from_the_third_on() {
    assert!(!is_settled(&back_at_ten(), 12));
    assert!(is_settled(&back_at_ten(), 13));
    assert!(is_settled(&back_at_ten(), 1_000_000));
}

#[test]
fn a_fact_at_the_very_moment_of_counting_prevents_it() {
    let leaves = back_at_ten().left(13);
    assert!((10..30).all(|second| !is_settled(&leaves, second)));
    assert!(leaves.steps().iter().all(|step| step.cell.measure() != MeasureId(SETTLED)));
    assert!(is_settled(&back_at_ten().left(14), 13), "a second later it has counted");
    assert!(!is_settled(&back_at_ten().left(14), 14));
}

#[test]
fn an_interruption_starts_the_waiting_anew() {
    let twice = back_at_ten().left(12).returned(13, "350206", AIR);
    assert!(!is_settled(&twice, 15));
    assert!(is_settled(&twice, 16));
}

#[test]
fn an_event_that_changes_nothing_does_not_start_the_waiting_anew() {
    let confirmed = back_at_ten().returned(12, "350206", RAIL);
    assert!(is_settled(&confirmed, 13));
}

#[test]
fn who_moves_while_waiting_settles_in_the_new_place() {
    let moves = Worker::default()
        .departed(0, "350206")
        .returned(10, "350203", RAIL)
        .returned(12, "350206", RAIL);
    assert!(is_settled(&moves, 13));
}

/// What an entity that is counted does to a level.
const ENTRY: i64 = 1;
const EXIT: i64 = -1;

fn steps_at(worker: &Worker, second: i64) -> BTreeSet<(i64, &'static str, u8, Option<u8>)> {
    let told = |step: Step| {
        let slice = step.cell.slice().map(|slice| slice.0);
        (step.rise, tree().code(step.cell.area()), step.cell.measure().0, slice)
    };
    let steps = worker.steps().into_iter();
    let is_told = |step: &Step| step.time == at(second) && step.cell.measure().0 < FARES;
    steps.filter(is_told).map(told).collect()
}

#[test]
fn who_moves_to_another_county_leaves_every_cell_of_the_old_one() {
    let moves = Worker::default().departed(0, "350206").departed(5, "350203");
    let expected = [(EXIT, "350206", 0, None), (ENTRY, "350203", 0, None)];
    assert_eq!(steps_at(&moves, 5), expected.into());
}

#[test]
fn who_moves_takes_the_dimension_values_along() {
    let moves = back_at_ten().returned(11, "350200", RAIL);
    let cells = |direction, code| {
        [0, 1].into_iter().flat_map(move |measure| {
            [None, Some(1), Some(2)].map(|slice| (direction, code, measure, slice))
        })
    };
    let expected: BTreeSet<_> = cells(EXIT, "350206").chain(cells(ENTRY, "350200")).collect();
    assert_eq!(steps_at(&moves, 11), expected);
}

#[test]
fn who_is_in_no_known_area_counts_as_unassigned_until_a_fact_names_one() {
    let found = Worker::default().departed(0, "").departed(5, "350206");
    assert_eq!(steps_at(&found, 0), [(ENTRY, "unassigned", 0, None)].into());
    let expected = [(EXIT, "unassigned", 0, None), (ENTRY, "350206", 0, None)];
    assert_eq!(steps_at(&found, 5), expected.into());
}

#[test]
fn a_fact_without_an_area_leaves_the_entity_where_it_was() {
    let stays = Worker::default().departed(0, "350206").departed(5, "");
    assert_eq!(steps_at(&stays, 5), [].into());
}

#[test]
fn dimension_values_that_overlap_each_count() {
    let leaves = back_at_ten().left(11);
    let expected = [
        (EXIT, "350206", 1, None),
        (EXIT, "350206", 1, Some(1)),
        (EXIT, "350206", 1, Some(2)),
        (ENTRY, "350206", 0, Some(3)),
    ];
    assert_eq!(steps_at(&leaves, 11), expected.into());
}

#[test]
fn of_facts_in_the_same_second_only_their_outcome_is_a_step() {
    let passes_siming =
        Worker::default().departed(0, "350206").departed(5, "350203").with(5, LEFT, "350200", None);
    let expected =
        [(EXIT, "350206", 0, None), (ENTRY, "350200", 0, None), (ENTRY, "350200", 0, Some(3))];
    assert_eq!(steps_at(&passes_siming, 5), expected.into());
}

#[test]
fn a_return_that_is_called_off_leaves_no_trace_in_the_past() {
    let called_off = Worker { called_off: Some(20), ..back_at_ten() };
    assert_eq!(called_off.steps(), Worker::default().departed(0, "350206").steps());
}

/// What the worker brings to a measure in Huli, in total, whenever that changes.
fn brings(worker: &Worker, measure: u8) -> Vec<(i64, i64)> {
    let cell = Cell::new(MeasureId(measure), area("350206"), None);
    let mut steps = worker.steps();
    steps.retain(|step| step.cell == cell);
    let mut level = 0;
    let told = steps.iter().map(|step| {
        level += step.rise;
        (step.time.seconds() - START, level)
    });
    told.collect()
}

#[test]
fn a_sum_follows_the_field_of_the_last_fact() {
    let mut pays = Worker::default().departed(0, "350206");
    for (seconds, fare) in [(10, 355), (14, 200), (16, 0), (18, -20)] {
        let (mode, kind, area) = (Some(RAIL), RETURNED, Some(area("350206")));
        pays.facts.insert(Fact { seconds, kind, area, mode, fare: Some(fare) });
    }
    // Held for two seconds before anything counts.
    assert_eq!(brings(&pays, FARES), [(12, 355), (14, 200), (16, 0), (18, -20)]);
}

#[test]
fn a_length_of_time_is_summed_in_seconds() {
    let back = Worker::default().departed(3, "350206").returned(10, "350206", RAIL);
    assert_eq!(brings(&back, JOURNEYS), [(12, 7), (16, 0)]);
}

#[test]
fn what_counts_within_a_while_ceases_to_by_the_clock_alone() {
    let back = Worker::default().departed(0, "350206").returned(10, "350206", RAIL);
    assert_eq!(brings(&back, FRESH), [(10, 1), (15, 0)]);
    // To come back once more does not make it turn true once more.
    let again = back.clone().returned(12, "350206", RAIL);
    assert_eq!(brings(&again, FRESH), [(10, 1), (15, 0)]);
    let anew = back.departed(12, "350206").returned(14, "350206", RAIL);
    assert_eq!(brings(&anew, FRESH), [(10, 1), (12, 0), (14, 1), (19, 0)]);
}

/// The steps in a pipeline that tells seasons apart.
fn steps_apart(worker: &Worker) -> Vec<Step> {
    let mut steps = Vec::new();
    stepper_apart().walk(&worker.timeline(), &mut steps);
    steps
}

/// In a pipeline that tells seasons apart.
fn stepper_apart() -> Stepper {
    static PIPELINE_APART: LazyLock<Arc<Pipeline>> = LazyLock::new(|| {
        let text =
            PIPELINE.replace("entity: worker\n", "entity: worker\nseason: spring-festival\n");
        Arc::new(load_text("returns.yaml", &text).expect("the pipeline is valid"))
    });
    Stepper::new(PIPELINE_APART.clone())
}

proptest! {
    #[test]
    fn until_its_season_ends_an_entity_counts_as_ever_and_from_then_on_nowhere(worker in any_worker(), second in -5_i64..40) {
        let (ever, apart) = (worker.steps(), steps_apart(&worker));
        let expected = if second < ENDS { levels_at(second, &ever) } else { BTreeMap::new() };
        prop_assert_eq!(levels_at(second, &apart), expected);
        prop_assert_eq!(levels_at(ENDS - 1, &apart), levels_at(ENDS - 1, &ever));
        prop_assert_eq!(levels_at(ENDS, &apart), BTreeMap::new());
        prop_assert!(apart.is_sorted_by_key(|step| step.time));
    }
}
