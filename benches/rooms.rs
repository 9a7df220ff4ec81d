//! The hot path room by room, so that a change which makes one of them slower is seen: `cargo bench --bench rooms`.
//!
//! Criterion compares with the last run: `-- --save-baseline main` before a change, `-- --baseline main` after it. What the whole
//! costs beside its goals, `goals` measures.

#![expect(clippy::expect_used, reason = "what the tests share with it panics, as tests do")]

#[path = "../tests/integration/hot_path.rs"]
mod hot_path;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use chunfeng::decode::{Offset, RecordBatch};
use chunfeng::lake::{Advance, Identity, Lake, LedgerRows, PipelineLake, Share};
use chunfeng::panes::Panes;
use chunfeng::roster::{FactHead, HomeId, Roster, Token};
use chunfeng::spec::{Lookbacks, Pipeline};
use chunfeng::steps::{Movement, Stepper, moved};
use chunfeng::time::{EARLIEST, LATEST};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

use self::hot_path::{Desk, events, partition, return_to_work};

const EVENTS: usize = 200_000;

/// Facts as a shard gets them.
type Facts = Vec<(Token, FactHead, Vec<u64>)>;

fn facts(pipeline: &Arc<Pipeline>, batch: &RecordBatch) -> Facts {
    let mut desk = Desk::new(pipeline.clone());
    let (mut picks, mut facts) = (desk.picks(), Facts::new());
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
    let (batch, mut desk) = (events(EVENTS), Desk::new(return_to_work()));
    let mut picks = desk.picks();
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Elements(batch.records.len() as u64)).sample_size(20);
    group.bench_function("events to facts", |bencher| {
        bencher.iter(|| desk.decode(&batch, &mut picks, |_, _, _| {}));
    });
}

fn roster(criterion: &mut Criterion) {
    let pipeline = return_to_work();
    let facts = facts(&pipeline, &events(EVENTS));
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
    let movements = movements(&pipeline, &facts(&pipeline, &events(EVENTS)));
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
    let (pipeline, batch) = (return_to_work(), events(EVENTS));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut group = criterion.benchmark_group("lake");
    group.throughput(Throughput::Elements(batch.records.len() as u64)).sample_size(10);
    group.bench_function("facts to a committed file", |bencher| {
        bencher.iter_batched(
            || {
                let mut desk = Desk::new(pipeline.clone());
                let (mut picks, mut rows) = (desk.picks(), LedgerRows::default());
                desk.decode(&batch, &mut picks, |offset, fact, fields| {
                    rows.push_fact((&partition(), offset, LATEST), fact, fields, &pipeline);
                });
                (rows, tempfile::tempdir().expect("a folder"))
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
    let lake = Lake::at(&folder.display().to_string()).expect("a lake");
    let identity = Identity::new(pipeline, "bench");
    let opened = PipelineLake::open(&lake, pipeline.clone(), &identity).await;
    let advance = Advance { from: None, to: Offset(rows.len() as i64) };
    let advances = BTreeMap::from([(partition(), advance)]);
    opened.expect("tables").commit(rows, &advances, Share::Whole).await.expect("a commit");
}

criterion_group!(rooms, decode, roster, panes, parquet);
criterion_main!(rooms);
