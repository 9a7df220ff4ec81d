//! What an event does not cost: memory that is asked for, once everything that comes again and again is known.

use std::path::Path;
use std::sync::Arc;

use allocation_counter::measure;
use chunfeng::decode::{
    Interpreter, Key, Offset, Outcome, Picks, PseudonymScheme, Reader, RecordBatch, TopicPartition,
};
use chunfeng::panes::Panes;
use chunfeng::roster::{FactHead, HomeId, Roster, Timeline, Token};
use chunfeng::scenario::{Workload, WorkloadOptions};
use chunfeng::spec::column::Value;
use chunfeng::spec::{self, Lookbacks, Pipeline};
use chunfeng::steps::{Stepper, moved};
use chunfeng::time::{EARLIEST, LATEST};

const EVENTS: usize = 60_000;

fn return_to_work() -> Arc<Pipeline> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines");
    let pipelines = spec::load_folder(&folder).unwrap();
    Arc::new(pipelines.into_iter().find(|pipeline| pipeline.name == "return-to-work").unwrap())
}

fn events() -> RecordBatch {
    let options = WorkloadOptions { duplicates: 0.2, shuffled: true, ..WorkloadOptions::default() };
    let workload = Workload::new(2022, Workload::workers_for(EVENTS, options), options);
    let mut batch = RecordBatch::new(TopicPartition { topic: "hr.workers".into(), partition: 0 });
    let mut line = Vec::new();
    for (offset, event) in (0..).zip(workload.events()) {
        line.clear();
        workload.write_line(event, &mut line);
        batch.push(Offset(offset), LATEST, Some(&line), Vec::new());
    }
    batch
}

/// A decoder, and the facts that came of its last batch.
struct Desk {
    reader: Reader,
    interpreter: Interpreter,
    facts: Vec<(Token, FactHead)>,
    fields: Vec<Value>,
}

impl Desk {
    fn new(pipeline: Arc<Pipeline>) -> Self {
        let (mut reader, key) = (Reader::new(), Key::new(&[7; 32], PseudonymScheme::Blake3));
        let interpreter = Interpreter::new(pipeline, Arc::new(key), &mut reader);
        Self { reader, interpreter, facts: Vec::new(), fields: Vec::new() }
    }

    fn decode<'b>(&mut self, batch: &'b RecordBatch, picks: &mut Picks<'b>) {
        self.facts.clear();
        self.fields.clear();
        for record in &batch.records {
            self.reader.read(record, batch.value(record), picks).unwrap();
            let meaning = self.interpreter.meaning(picks);
            if let Outcome::Fact(fact) = self.interpreter.interpret(picks, meaning, record.time) {
                self.facts.push((fact.entity, fact.head));
                self.fields.extend(self.interpreter.fields());
            }
        }
    }
}

#[test]
fn to_decode_an_event_takes_no_memory() {
    let (batch, mut desk) = (events(), Desk::new(return_to_work()));
    let mut picks = desk.reader.picks();
    desk.decode(&batch, &mut picks); // what is kept from event to event grows as far as it has to
    let again = measure(|| desk.decode(&batch, &mut picks));
    assert!(desk.facts.len() > EVENTS * 9 / 10, "{} facts", desk.facts.len());
    assert_eq!(again.count_total, 0, "{again:?}");
}

/// What is known grows with what is told, and a cell with time, but neither for every event.
#[test]
fn to_count_a_fact_takes_memory_now_and_then() {
    let (pipeline, batch) = (return_to_work(), events());
    let mut desk = Desk::new(pipeline.clone());
    let mut picks = desk.reader.picks();
    desk.decode(&batch, &mut picks);
    let mut stepper = Stepper::new(pipeline.clone());
    let layout = stepper.layout().clone();
    let (mut roster, mut panes) =
        (Roster::new(layout.clone()), Panes::new(Lookbacks::of(&pipeline), EARLIEST));
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let mut count = |facts: &[(Token, FactHead)], fields: &mut std::slice::Iter<Value>| {
        for (entity, head) in facts {
            let of_kind = layout.fields(head.code());
            let words: [u64; 8] = std::array::from_fn(|index| match index < of_kind {
                true => fields.next().unwrap().raw() as u64,
                false => 0,
            });
            roster.change(*entity, HomeId(0), |timeline: &mut Timeline| {
                stepper.walk(timeline, &mut before);
                timeline.join(*head, &words[..of_kind], &layout);
                stepper.walk(timeline, &mut after);
                moved(&mut before, &mut after, |movement| panes.apply(movement));
            });
        }
    };
    let (first, last) = desk.facts.split_at(desk.facts.len() * 9 / 10);
    let mut fields = desk.fields.iter();
    count(first, &mut fields);
    let asked = measure(|| count(last, &mut fields)).count_total;
    assert!(asked < last.len() as u64 / 2, "{asked} allocations for {} facts", last.len());
}
