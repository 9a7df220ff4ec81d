//! The hot path without its threads: events of the scenario, and what a decoder makes of them for one pipeline. The benches
//! of `benches/rooms.rs` use it, too.

use std::path::Path;
use std::sync::Arc;

use chunfeng::decode::{
    Fact, Interpreter, Key, Offset, Outcome, Picks, PseudonymScheme, Reader, RecordBatch,
    TopicPartition,
};
use chunfeng::scenario::{Workload, WorkloadOptions};
use chunfeng::spec::column::Value;
use chunfeng::spec::{self, Pipeline};
use chunfeng::time::LATEST;

/// The pipeline that is measured.
pub fn return_to_work() -> Arc<Pipeline> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines");
    let mut pipelines = spec::load_folder(&folder).into_iter().flatten();
    Arc::new(pipelines.find(|pipeline| pipeline.name == "return-to-work").expect("it is shipped"))
}

/// Where its events are.
pub fn partition() -> TopicPartition {
    TopicPartition { topic: "hr.workers".into(), partition: 0 }
}

/// So many events, shuffled, a fifth of them repeated.
pub fn events(count: usize) -> RecordBatch {
    let options = WorkloadOptions { duplicates: 0.2, shuffled: true, ..WorkloadOptions::default() };
    let workload = Workload::new(2022, Workload::workers_for(count, options), options);
    let (mut batch, mut line) = (RecordBatch::new(partition()), Vec::new());
    for (offset, event) in (0..).zip(workload.events()) {
        line.clear();
        workload.write_line(event, &mut line);
        batch.push(Offset(offset), LATEST, Some(&line), Vec::new());
    }
    batch
}

/// Decodes for one pipeline.
pub struct Desk {
    reader: Reader,
    interpreter: Interpreter,
}

impl Desk {
    /// Of this pipeline.
    pub fn new(pipeline: Arc<Pipeline>) -> Self {
        let (mut reader, key) = (Reader::new(), Key::new(&[7; 32], PseudonymScheme::Blake3));
        let interpreter = Interpreter::new(pipeline, Arc::new(key), &mut reader);
        Self { reader, interpreter }
    }

    /// What is kept from event to event.
    pub fn picks<'b>(&self) -> Picks<'b> {
        self.reader.picks()
    }

    /// Calls `each` with the facts of a batch and their fields.
    pub fn decode<'b>(
        &mut self,
        batch: &'b RecordBatch,
        picks: &mut Picks<'b>,
        mut each: impl FnMut(Offset, &Fact, &[Value]),
    ) {
        for record in &batch.records {
            self.reader.read(record, batch.value(record), picks).expect("an event");
            let meaning = self.interpreter.meaning(picks);
            if let Outcome::Fact(fact) = self.interpreter.interpret(picks, meaning, record.time) {
                each(record.offset, &fact, self.interpreter.fields());
            }
        }
    }
}
