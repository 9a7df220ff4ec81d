//! What an event does not cost: memory that is asked for, once everything that comes again and again is known.

use allocation_counter::measure;
use chunfeng::panes::Panes;
use chunfeng::roster::{FactHead, HomeId, Roster, Timeline, Token};
use chunfeng::spec::Lookbacks;
use chunfeng::steps::{Stepper, moved};
use chunfeng::time::EARLIEST;

use crate::hot_path::{Desk, events, return_to_work};

const EVENTS: usize = 60_000;
/// No kind of the pipeline has more.
const FIELDS_MOST: usize = 2;

#[test]
fn to_decode_an_event_takes_no_memory() {
    let (batch, mut desk) = (events(EVENTS), Desk::new(return_to_work()));
    let (mut picks, mut facts) = (desk.picks(), 0);
    // What is kept from event to event grows as far as it has to.
    desk.decode(&batch, &mut picks, |_, _, _| facts += 1);
    assert!(facts > EVENTS * 9 / 10, "{facts} facts");
    let again = measure(|| desk.decode(&batch, &mut picks, |_, _, _| {}));
    assert_eq!(again.count_total, 0, "{again:?}");
}

/// What is known grows with what is told, and a cell with time, but neither for every event.
#[test]
fn to_count_a_fact_takes_memory_now_and_then() {
    let (pipeline, batch) = (return_to_work(), events(EVENTS));
    let (mut desk, mut facts) = (Desk::new(pipeline.clone()), Vec::new());
    let mut picks = desk.picks();
    desk.decode(&batch, &mut picks, |_, fact, fields| {
        let mut words = [0; FIELDS_MOST];
        words.iter_mut().zip(fields).for_each(|(word, field)| *word = field.raw() as u64);
        facts.push((fact.entity, fact.head, words));
    });
    let mut stepper = Stepper::new(pipeline.clone());
    let layout = stepper.layout().clone();
    let mut roster = Roster::new(layout.clone());
    let mut panes = Panes::new(Lookbacks::of(&pipeline), EARLIEST);
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let mut count = |facts: &[(Token, FactHead, [u64; FIELDS_MOST])]| {
        for (entity, head, words) in facts {
            roster.change(*entity, HomeId(0), |timeline: &mut Timeline| {
                stepper.walk(timeline, &mut before);
                timeline.join(*head, &words[..layout.fields(head.code())], &layout);
                stepper.walk(timeline, &mut after);
                moved(&mut before, &mut after, |movement| panes.apply(movement));
            });
        }
    };
    let (first, last) = facts.split_at(facts.len() * 9 / 10);
    count(first);
    let asked = measure(|| count(last)).count_total;
    assert!(asked < last.len() as u64 / 2, "{asked} allocations for {} facts", last.len());
}
