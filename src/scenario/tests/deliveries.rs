//! The spring has the shape it had, and reaches the topics as events do: mostly in order.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::super::Springs;
use super::super::calendar::{DAY, moment};
use super::super::spring2022::deliveries;
use super::fold::*;

/// The times of all different facts of a kind.
fn times_of(kind: &str) -> Vec<i64> {
    let facts = TIMELINES.values().flat_map(|timeline| &timeline.facts);
    facts.filter(|fact| fact.1 == kind).map(|fact| fact.0).collect()
}

#[test]
fn all_depart_in_the_last_seventeen_days_of_january() {
    let departures = times_of("departed");
    assert_eq!(departures.len(), 149_400);
    let january = seconds_between(moment(1, 15, 0), moment(2, 1, 0));
    assert!(departures.iter().all(|at| january.contains(at)));
    let last_week = departures.iter().filter(|&&at| at >= i64::from(moment(1, 25, 0)));
    assert!(last_week.count() * 2 > departures.len());
}

#[test]
fn few_return_on_the_first_days_and_most_in_the_second_week() {
    let returns = times_of("returned");
    let between = |days: Range<u32>| {
        let days = seconds_between(moment(2, days.start, 0), moment(2, days.end, 0));
        returns.iter().filter(|at| days.contains(at)).count()
    };
    assert!(between(1..4) * 50 < returns.len(), "the first three days: {}", between(1..4));
    assert!(between(8..15) * 2 > returns.len(), "the second week: {}", between(8..15));
    assert!(between(15..22) > between(1..8), "the tail: {}", between(15..22));
    assert_eq!(between(1..22), returns.len());
    assert!(returns.iter().all(|&at| at < i64::from(moment(2, 21, 7))));
}

#[test]
fn rail_comes_before_bus_before_own_before_air_and_a_few_hundred_say_nothing() {
    let mut by_mode = HashMap::<&str, usize>::new();
    let mut seen = HashSet::new();
    for Record { fact, .. } in SPRING.iter() {
        if fact.kind == "returned" && seen.insert(&fact.id) {
            *by_mode.entry(fact.mode.as_deref().unwrap_or("none")).or_default() += 1;
        }
    }
    let order = ["rail", "bus", "own", "air", "none"].map(|mode| by_mode[mode]);
    assert!(order.is_sorted_by(|more, fewer| more > fewer), "{order:?}");
    assert!((200..600).contains(&order[4]), "{order:?}");
}

#[test]
fn some_leave_again_some_returns_are_called_off_and_some_kinds_are_to_be_ignored() {
    for kind in ["left", "return-cancelled", "suspended", "restart-cancelled"] {
        let few = times_of(kind).len();
        assert!((20..200).contains(&few), "{kind}: {few}");
    }
    assert_eq!(times_of("stayed").len(), 1_500);
    assert!(times_of("headcount-reported").len() > 400);
}

#[test]
fn a_tenth_of_the_deliveries_is_late_repeated_or_out_of_order() {
    let mut seen = HashSet::new();
    let mut newest = HashMap::<&str, i64>::new();
    let [mut late, mut repeated, mut overtaken] = [0; 3];
    for Record { delivery, fact } in SPRING.iter() {
        let newest = newest.entry(delivery.topic).or_default();
        match () {
            () if !seen.insert(&delivery.value) => repeated += 1,
            () if delivery.recorded_at_seconds - fact.at >= 600 => late += 1,
            () if fact.at < *newest => overtaken += 1,
            () => {}
        }
        *newest = fact.at.max(*newest);
    }
    let shares = [late, repeated, overtaken].map(|count| f64::from(count) / SPRING.len() as f64);
    assert!((0.09..0.11).contains(&shares.iter().sum()), "{shares:?}");
    assert!(shares.iter().all(|&share| share > 0.02), "{shares:?}");
}

#[test]
fn deliveries_are_sorted_and_never_before_their_time_nor_days_after_it() {
    assert!(SPRING.is_sorted_by_key(|record| record.delivery.recorded_at_seconds));
    let end = i64::from(moment(2, 21, 8));
    for Record { delivery, fact } in SPRING.iter() {
        let delay = delivery.recorded_at_seconds - fact.at;
        assert!((0..=4 * i64::from(DAY)).contains(&delay), "{delay}");
        assert!(delivery.recorded_at_seconds < end);
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let start = |seed| {
        let options = Springs { seed, ..Springs::default() };
        deliveries(options).take(20_000)
    };
    assert!(start(2022).eq(start(2022)));
    assert!(start(2022).ne(start(7)));
}

/// FNV-1a, so that one changed byte of ninety million is seen.
#[test]
fn all_bytes_are_those_of_every_other_machine() {
    let bytes = SPRING.iter().flat_map(|record| &record.delivery.value);
    let digest = bytes.fold(0xCBF2_9CE4_8422_2325_u64, |digest, byte| {
        (digest ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
    });
    assert_eq!((SPRING.len(), digest), (320_620, 0x85A5_53FB_4D65_A417));
}

#[test]
fn an_event_has_about_290_bytes_and_an_id_of_its_own_and_its_subject_is_the_key() {
    let bytes = SPRING.iter().map(|record| record.delivery.value.len()).sum::<usize>();
    assert!((280..300).contains(&(bytes / SPRING.len())), "{}", bytes / SPRING.len());
    let mut line_by_id = HashMap::new();
    for Record { delivery, fact } in SPRING.iter() {
        assert_eq!(fact.subject.as_bytes(), delivery.key);
        assert_eq!(fact.area.starts_with("350206"), delivery.topic == "hr.workers");
        assert_eq!(*line_by_id.entry(&fact.id).or_insert(&delivery.value), &delivery.value);
    }
}
