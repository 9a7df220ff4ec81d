//! The hot path room by room, so that a change which makes one of them slower is seen: `cargo bench --bench rooms`.
//!
//! Criterion compares with the last run: `-- --save-baseline main` before a change, `-- --baseline main` after it. What the whole
//! costs beside its goals, `goals` measures.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use chunfeng::decode::{
    Fact, Interpreter, Key, Offset, Outcome, Picks, PseudonymScheme, Reader, RecordBatch,
    TopicPartition,
};
use chunfeng::lake::{Advance, Identity, Lake, LedgerRows, PipelineLake, Share};
use chunfeng::panes::Panes;
use chunfeng::roster::{FactHead, HomeId, Roster, Token};
use chunfeng::scenario::{Workload, WorkloadOptions};
use chunfeng::spec::column::Value;
use chunfeng::spec::{self, Lookbacks, Pipeline};
use chunfeng::steps::{Movement, Stepper, moved};
use chunfeng::time::{EARLIEST, LATEST};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

const EVENTS: usize = 200_000;

fn return_to_work() -> Arc<Pipeline> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines");
    let pipelines = spec::load_folder(&folder).into_iter().flatten();
    let found = pipelines.into_iter().find(|pipeline| pipeline.name == "return-to-work");
    Arc::new(found.unwrap_or_else(|| panic!("no return-to-work in {}", folder.display())))
}

fn partition() -> TopicPartition {
    TopicPartition { topic: "hr.workers".into(), partition: 0 }
}

/// The scenario's events, shuffled, a fifth of them repeated.
fn events() -> RecordBatch {
    let options = WorkloadOptions { duplicates: 0.2, shuffled: true, ..WorkloadOptions::default() };
    let workload = Workload::new(2022, Workload::workers_for(EVENTS, options), options);
    let (mut batch, mut line) = (RecordBatch::new(partition()), Vec::new());
    for (offset, event) in (0..).zip(workload.events()) {
        line.clear();
        workload.write_line(event, &mut line);
        batch.push(Offset(offset), LATEST, Some(&line), Vec::new());
    }
    batch
}

/// Reads a batch for one pipeline.
struct Desk {
    reader: Reader,
    interpreter: Interpreter,
}

impl Desk {
    fn new(pipeline: Arc<Pipeline>) -> Self {
        let (mut reader, key) = (Reader::new(), Key::new(&[7; 32], PseudonymScheme::Blake3));
        let interpreter = Interpreter::new(pipeline, Arc::new(key), &mut reader);
        Self { reader, interpreter }
    }

    fn decode<'b>(
        &mut self,
        batch: &'b RecordBatch,
        picks: &mut Picks<'b>,
        mut each: impl FnMut(Offset, &Fact, &[Value]),
    ) {
        for record in &batch.records {
            if self.reader.read(record, batch.value(record), picks).is_err() {
                continue;
            }
            let meaning = self.interpreter.meaning(picks);
            if let Outcome::Fact(fact) = self.interpreter.interpret(picks, meaning, record.time) {
                each(record.offset, &fact, self.interpreter.fields());
            }
        }
    }
}

/// Facts as a shard gets them.
type Facts = Vec<(Token, FactHead, Vec<u64>)>;

fn facts(pipeline: &Arc<Pipeline>, batch: &RecordBatch) -> Facts {
    let mut desk = Desk::new(pipeline.clone());
    let (mut picks, mut facts) = (desk.reader.picks(), Facts::new());
    desk.decode(batch, &mut picks, |_, fact, fields| {
        let words = fields.iter().map(|value| value.raw() as u64);
        facts.push((fact.entity, fact.head, words.collect()));
    });
    facts
}

/// What moves when the facts are told one after the other.
fn movements(pipeline: &Arc<Pipeline>, facts: &Facts) -> Vec<Movement> {
    let mut stepper = Stepper::new(pipeline.clone());
    let layout = stepper.layout().clone();
    let (mut roster, mut movements) = (Roster::new(layout.clone()), Vec::new());
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for (entity, head, words) in facts {
        roster.change(*entity, HomeId(0), |timeline| {
            stepper.walk(timeline, &mut before);
            timeline.join(*head, words, &layout);
            stepper.walk(timeline, &mut after);
            moved(&mut before, &mut after, |movement| movements.push(movement));
        });
    }
    movements
}

fn decode(criterion: &mut Criterion) {
    let (batch, mut desk) = (events(), Desk::new(return_to_work()));
    let mut picks = desk.reader.picks();
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Elements(batch.records.len() as u64)).sample_size(20);
    group.bench_function("events to facts", |bencher| {
        bencher.iter(|| desk.decode(&batch, &mut picks, |_, _, _| {}));
    });
}

fn roster(criterion: &mut Criterion) {
    let pipeline = return_to_work();
    let facts = facts(&pipeline, &events());
    let layout = Stepper::new(pipeline).layout().clone();
    let mut group = criterion.benchmark_group("roster");
    group.throughput(Throughput::Elements(facts.len() as u64)).sample_size(20);
    group.bench_function("facts to timelines", |bencher| {
        bencher.iter_batched(
            || Roster::new(layout.clone()),
            |mut roster| {
                for batch in facts.chunks(32) {
                    roster.approach(batch.iter().map(|(entity, ..)| *entity));
                    for (entity, head, words) in batch {
                        let join = |timeline: &mut _| join(timeline, *head, words, &layout);
                        roster.change(*entity, HomeId(0), join);
                    }
                }
                roster
            },
            BatchSize::LargeInput,
        );
    });
}

fn join(
    timeline: &mut chunfeng::roster::Timeline,
    head: FactHead,
    words: &[u64],
    layout: &chunfeng::roster::Layout,
) -> bool {
    timeline.join(head, words, layout)
}

fn panes(criterion: &mut Criterion) {
    let pipeline = return_to_work();
    let movements = movements(&pipeline, &facts(&pipeline, &events()));
    let mut group = criterion.benchmark_group("panes");
    group.throughput(Throughput::Elements(movements.len() as u64)).sample_size(20);
    group.bench_function("movements to a board's levels", |bencher| {
        bencher.iter_batched(
            || Panes::new(Lookbacks::of(&pipeline), EARLIEST),
            |mut panes| {
                movements.iter().for_each(|movement| panes.apply(*movement));
                panes.close(LATEST)
            },
            BatchSize::LargeInput,
        );
    });
}

fn parquet(criterion: &mut Criterion) {
    let (pipeline, batch) = (return_to_work(), events());
    let runtime = tokio::runtime::Runtime::new().unwrap_or_else(|error| panic!("{error}"));
    let mut group = criterion.benchmark_group("lake");
    group.throughput(Throughput::Elements(batch.records.len() as u64)).sample_size(10);
    group.bench_function("facts to a committed file", |bencher| {
        bencher.iter_batched(
            || {
                let mut desk = Desk::new(pipeline.clone());
                let (mut picks, mut rows) = (desk.reader.picks(), LedgerRows::default());
                desk.decode(&batch, &mut picks, |offset, fact, fields| {
                    rows.push_fact((&partition(), offset, LATEST), fact, fields, &pipeline);
                });
                (rows, tempfile::tempdir().unwrap_or_else(|error| panic!("{error}")))
            },
            |(rows, folder)| {
                runtime.block_on(commit(&pipeline, rows, &folder.path().join("lake")));
                folder
            },
            BatchSize::LargeInput,
        );
    });
}

async fn commit(pipeline: &Arc<Pipeline>, rows: LedgerRows, folder: &Path) {
    let lake = Lake::at(&folder.display().to_string());
    let lake = lake.unwrap_or_else(|error| panic!("{error}"));
    let identity = Identity::new(pipeline, "bench");
    let opened = PipelineLake::open(&lake, pipeline.clone(), &identity).await;
    let mut opened = opened.unwrap_or_else(|error| panic!("{error}"));
    let advance = Advance { from: None, to: Offset(rows.len() as i64) };
    let advances = BTreeMap::from([(partition(), advance)]);
    let committed = opened.commit(rows, &advances, Share::Whole).await;
    committed.unwrap_or_else(|error| panic!("{error}"));
}

criterion_group!(rooms, decode, roster, panes, parquet);
criterion_main!(rooms);
