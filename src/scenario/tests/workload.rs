//! A workload is what was asked for: so long, so repeated, so shuffled, and always the same facts.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::super::calendar::{DAY, moment};
use super::super::{Event, Workload, WorkloadOptions};
use super::fold::*;

fn lines(workload: &Workload) -> Vec<Vec<u8>> {
    let line = |event: &Event| {
        let mut line = Vec::new();
        workload.write_line(event, &mut line);
        line
    };
    workload.events().map(line).collect()
}

const TROUBLE: WorkloadOptions =
    WorkloadOptions { duplicates: 0.2, shuffled: true, leave_again: 1_000 };

#[test]
fn a_workload_means_the_same_however_it_is_repeated_and_shuffled() {
    let plain = WorkloadOptions { duplicates: 0.0, shuffled: false, ..TROUBLE };
    let sorted_with_repeats = WorkloadOptions { shuffled: false, ..TROUBLE };
    let set = |options| BTreeSet::from_iter(lines(&Workload::new(1, 5_000, options)));
    assert_eq!(set(plain), set(TROUBLE));
    assert_eq!(set(plain), set(sorted_with_repeats));
}

#[test]
fn a_workload_repeats_the_share_asked_for_and_is_as_long_as_estimated() {
    for shuffled in [true, false] {
        let options = WorkloadOptions { leave_again: 0, shuffled, ..TROUBLE };
        let workers = Workload::workers_for(40_000, options);
        let lines = lines(&Workload::new(3, workers, options));
        assert!((39_200..40_800).contains(&lines.len()), "{}", lines.len());
        let different = lines.iter().collect::<HashSet<_>>().len();
        let share = (lines.len() - different) as f64 / different as f64;
        assert!((0.185..0.215).contains(&share), "{share}");
    }
}

#[test]
fn no_worker_of_a_workload_has_more_than_three_facts_of_a_kind_nor_two_at_once() {
    let workload =
        Workload::new(5, 20_000, WorkloadOptions { leave_again: 20_000, ..Default::default() });
    let mut by_worker_and_kind = HashMap::<_, Vec<u32>>::new();
    for event in workload.events() {
        let key = (event.entity, event.kind.event_type());
        by_worker_and_kind.entry(key).or_default().push(event.at_seconds);
    }
    for times in by_worker_and_kind.values_mut() {
        assert!(times.len() <= 3);
        times.sort_unstable();
        assert!(times.is_sorted_by(|earlier, later| earlier < later));
    }
    let largest = by_worker_and_kind.values().map(Vec::len).max();
    assert_eq!(largest, Some(3), "the limit is reached");
}

#[test]
fn a_workload_covers_forty_counties_of_ten_provinces_and_codes_that_nobody_has() {
    let areas = Workload::new(5, 20_000, WorkloadOptions::default());
    let areas = areas.events().map(|event| event.area).collect::<HashSet<_>>();
    assert_eq!(areas.len(), 43);
}

#[test]
fn those_who_leave_again_in_march_bring_hulis_rate_down() {
    let options = WorkloadOptions { leave_again: 500, shuffled: true, ..Default::default() };
    let workload = Workload::new(9, 20_000, options);
    let march = i64::from(moment(3, 1, 0));
    let lines = lines(&workload);
    let facts = lines.iter().map(|line| Fact::read(line)).collect::<Vec<_>>();
    let timelines = fold(facts.iter());
    let back = |as_of| {
        let huli = timelines.values().filter(|worker| worker.area == "350206");
        huli.filter(|worker| worker.is_back(as_of)).count()
    };
    assert_eq!(workload.last_phase().len(), 500);
    assert_eq!(back(march - 1) - back(march + 3 * i64::from(DAY)), 500);
    assert!(workload.spring().iter().all(|event| event.at_seconds < moment(3, 1, 0)));
}
