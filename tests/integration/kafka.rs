//! The engine against librdkafka's mock cluster: the real protocol in this process.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use chunfeng::area::AreaTree;
use chunfeng::board::{Boards, FigureKey};
use chunfeng::clock::ManualClock;
use chunfeng::decode::{Key, PseudonymScheme, Reason, TopicPartition};
use chunfeng::engine::{AsOf, Engine, Life, Publication, Stop};
use chunfeng::lake::{Lake, PipelineLake, RecordOutcome};
use chunfeng::source::kafka::{KafkaOptions, KafkaSource};
use chunfeng::spec::{self, Pipeline};
use chunfeng::telemetry::EngineMetrics;
use chunfeng::time::EventTime;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer};
use tempfile::TempDir;

const TOPIC: &str = "hr.workers";
const PATIENCE: Duration = Duration::from_secs(60);

struct Bench {
    folder: TempDir,
    cluster: MockCluster<'static, DefaultProducerContext>,
    producer: BaseProducer,
    pipeline: Arc<Pipeline>,
    runs: AtomicUsize,
}

impl Bench {
    fn new() -> Self {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic(TOPIC, 3, 1).unwrap();
        let producer = ClientConfig::new()
            .set("bootstrap.servers", cluster.bootstrap_servers())
            .create()
            .unwrap();
        let text = include_str!("../../pipelines/return-to-work.yaml");
        let pipeline = Arc::new(spec::load_text("return-to-work.yaml", text).unwrap());
        Self {
            folder: tempfile::tempdir().unwrap(),
            cluster,
            producer,
            pipeline,
            runs: AtomicUsize::new(0),
        }
    }

    fn send(&self, partition: i32, value: Option<&str>, headers: &[(&str, &str)]) {
        let mut owned = OwnedHeaders::new();
        for (key, value) in headers {
            owned = owned.insert(Header { key, value: Some(*value) });
        }
        let time = EventTime::parse("2022-02-12T00:00:00Z").unwrap();
        let mut record = BaseRecord::<str, str>::to(TOPIC).partition(partition).key("k");
        record = record.timestamp(time.seconds() * 1_000).headers(owned);
        record = match value {
            Some(value) => record.payload(value),
            None => record,
        };
        self.producer.send(record).map_err(|(error, _)| error).unwrap();
        self.producer.flush(PATIENCE).unwrap();
    }

    /// Runs an engine until it has read `records` records, stops it, and returns its metrics and boards.
    fn run_until(&self, records: u64) -> (Arc<EngineMetrics>, Arc<Boards>) {
        let (metrics, boards) = self.run_while(|metrics| {
            within_patience(|| read(metrics) >= records);
        });
        assert_eq!(read(&metrics), records);
        (metrics, boards)
    }

    /// Runs an engine while `meanwhile` is under way, and stops it.
    fn run_while(
        &self,
        meanwhile: impl FnOnce(&EngineMetrics),
    ) -> (Arc<EngineMetrics>, Arc<Boards>) {
        let metrics = Arc::new(EngineMetrics::new().unwrap());
        let boards = Arc::new(Boards::default());
        let (engine, source) = self.engine(&metrics, &boards, self.options());
        let stop = Stop::default();
        std::thread::scope(|scope| {
            let running = scope.spawn(|| {
                // Whoever waits for what an engine does sees why it does it no more.
                engine.run(Box::new(source), &stop).inspect_err(|error| eprintln!("{error:?}"))
            });
            meanwhile(&metrics);
            stop.ask();
            running.join().unwrap().unwrap();
        });
        (metrics, boards)
    }

    /// Those of a new group each time: where to begin is the ledger's word alone, and the mock cluster waits long for a
    /// member that has left.
    fn options(&self) -> KafkaOptions {
        let mut options = KafkaOptions::default();
        options.set("bootstrap.servers", self.cluster.bootstrap_servers()).unwrap();
        let group = format!("run-{}", self.runs.fetch_add(1, Ordering::Relaxed));
        options.set("group.id", group).unwrap();
        options
    }

    /// An engine, and what it reads from.
    fn engine(
        &self,
        metrics: &Arc<EngineMetrics>,
        boards: &Arc<Boards>,
        options: KafkaOptions,
    ) -> (Engine, KafkaSource) {
        let engine = Engine {
            pipelines: vec![self.pipeline.clone()],
            lake: self.lake(),
            key: Arc::new(Key::new(&[7; 32], PseudonymScheme::Blake3)),
            shards: 2,
            commit_interval: Duration::from_millis(200),
            replay_at_most: Duration::from_secs(20),
            life: Life::Live,
            as_of: AsOf::Clock,
            publication: Publication::Boards,
            clock: Arc::new(ManualClock::at(EventTime::parse("2022-02-20T00:00:00Z").unwrap())),
            boards: boards.clone(),
            metrics: metrics.clone(),
        };
        (engine, KafkaSource::new(options, vec![TOPIC.to_owned()], metrics.clone()))
    }

    fn lake(&self) -> Lake {
        Lake::at(&self.folder.path().to_string_lossy()).unwrap()
    }

    /// How many records the ledger holds, of all partitions.
    fn committed(&self) -> i64 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let Ok(lake) = PipelineLake::open_existing(&self.lake(), "return-to-work").await else {
                return 0;
            };
            let mut records = 0;
            for partition in 0..3 {
                let partition = TopicPartition { topic: TOPIC.into(), partition };
                records += lake.next_offset(&partition).await.unwrap().map_or(0, |next| next.0);
            }
            records
        })
    }

    fn huli(&self, boards: &Boards) -> (i64, i64) {
        let board = boards.all().pop().unwrap();
        let area = AreaTree::gbt2260().resolve("350206").unwrap();
        let figure = board.figure(FigureKey { rate: 0, area, slice: None });
        figure.map_or((0, 0), |figure| (figure.numerator, figure.denominator))
    }
}

/// Waits until something is so; returns whether it came to be.
fn within_patience(mut is_so: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if is_so() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

fn read(metrics: &EngineMetrics) -> u64 {
    RecordOutcome::ALL.map(|outcome| metrics.records("return-to-work", outcome)).iter().sum()
}

fn event(worker: &str, kind: &str, time: &str) -> String {
    let head =
        format!(r#""specversion":"1.0","id":"1","source":"/huli","type":"cn.hr.worker.{kind}.v1""#);
    format!(r#"{{{head},"subject":"{worker}","time":"{time}","data":{{"area":"350206"}}}}"#)
}

const STRUCTURED: [(&str, &str); 1] =
    [("content-type", "application/cloudevents+json; charset=UTF-8")];

#[test]
fn every_envelope_on_kafka_becomes_a_fact_and_what_is_none_a_reject() {
    let bench = Bench::new();
    let binary = [
        ("ce_specversion", "1.0"),
        ("ce_id", "2"),
        ("ce_source", "/huli"),
        ("ce_type", "cn.hr.worker.returned.v1"),
        ("ce_subject", "w1"),
        ("ce_time", "2022-02-10T09:00:00+08:00"),
        ("content-type", "application/json"),
    ];
    bench.send(0, Some(&event("w1", "departed", "2022-01-25T01:00:00Z")), &STRUCTURED);
    bench.send(1, Some(r#"{"area":"350206","mode":"rail"}"#), &binary);
    bench.send(2, Some(&event("w2", "departed", "2022-01-25T01:00:00Z")), &[]);
    bench.send(2, None, &[]);
    bench.send(2, Some(&event("w2", "returned", "2022-02-12T01:00:01Z")), &STRUCTURED);
    let (metrics, boards) = bench.run_until(5);
    assert_eq!(metrics.records("return-to-work", RecordOutcome::Fact), 3);
    assert_eq!(metrics.records("return-to-work", RecordOutcome::Rejected), 2);
    assert_eq!(bench.huli(&boards), (1, 2));

    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let rejects = runtime.block_on(async {
        PipelineLake::open_existing(&bench.lake(), "return-to-work")
            .await
            .unwrap()
            .rejects()
            .await
            .unwrap()
    });
    let reasons: Vec<&str> = rejects.iter().map(|reject| reject.reason.as_str()).collect();
    assert_eq!(reasons, [Reason::Tombstone.code(), Reason::TimeAfterRecord.code()]);
}

#[test]
fn a_restart_goes_on_from_the_lake_alone_and_reads_no_record_twice() {
    let bench = Bench::new();
    for (partition, worker) in ["w1", "w2", "w3"].into_iter().enumerate() {
        bench.send(
            partition as i32,
            Some(&event(worker, "departed", "2022-01-25T01:00:00Z")),
            &STRUCTURED,
        );
    }
    let (_, boards) = bench.run_until(3);
    assert_eq!(bench.huli(&boards), (0, 3));

    bench.send(1, Some(&event("w1", "returned", "2022-02-10T01:00:00Z")), &STRUCTURED);
    let (_, boards) = bench.run_until(1);
    assert_eq!(
        bench.huli(&boards),
        (1, 3),
        "w1's fact came on another partition and met its timeline"
    );
    let (_, boards) = bench.run_until(0);
    assert_eq!(bench.huli(&boards), (1, 3), "a board hangs before any record arrives");
}

/// How many accepted events came within so many seconds behind the board, and how many came.
fn late_at_most(metrics: &EngineMetrics, seconds: f64) -> (u64, u64) {
    let families = metrics.registry().gather();
    let name = "chunfeng_event_lateness_seconds";
    let family = families.iter().find(|family| family.name() == name).unwrap();
    let histogram = family.get_metric()[0].get_histogram();
    let within = histogram.get_bucket().iter().find(|bucket| bucket.upper_bound() == seconds);
    (within.unwrap().cumulative_count(), histogram.get_sample_count())
}

#[test]
fn an_event_is_late_by_how_long_before_the_newest_board_it_happened() {
    let bench = Bench::new();
    let send = |worker, time| bench.send(0, Some(&event(worker, "departed", time)), &STRUCTURED);
    send("w1", "2022-01-25T01:00:00Z");
    bench.run_until(1);
    // The next engine knows of the board that this one has published, which was of the twentieth of February.
    send("w2", "2022-02-11T23:00:00Z");
    send("w3", "2022-02-11T23:00:00Z");
    send("w4", "2022-01-20T01:00:00Z");
    let (metrics, _) = bench.run_until(3);
    let week = 7.0 * 86_400.0;
    assert_eq!(late_at_most(&metrics, week), (0, 3));
    assert_eq!(late_at_most(&metrics, 30.0 * 86_400.0), (2, 3));
}

/// The ledger's folder is a file for a while, as a mount that went away or a full disk would have it.
#[test]
fn a_lake_that_fails_is_waited_for_and_loses_nothing() {
    let bench = Bench::new();
    let ledger = bench.folder.path().join("return-to-work/ledger");
    let aside = bench.folder.path().join("aside");
    let send = |workers: std::ops::Range<u32>| {
        for worker in workers {
            let text = event(&format!("w{worker}"), "departed", "2022-01-25T08:00:00Z");
            bench.send(worker as i32 % 3, Some(&text), &STRUCTURED);
        }
    };
    send(0..30);
    let (metrics, boards) = bench.run_while(|metrics| {
        assert!(within_patience(|| bench.committed() == 30), "the first are committed");
        std::fs::rename(&ledger, &aside).unwrap();
        std::fs::write(&ledger, "in the way").unwrap();
        send(30..60);
        assert!(within_patience(|| metrics.lake_trouble().is_some()), "the failure is told");
        std::fs::remove_file(&ledger).unwrap();
        std::fs::rename(&aside, &ledger).unwrap();
        assert!(within_patience(|| metrics.lake_trouble().is_none()), "and that it has passed");
        assert!(within_patience(|| bench.committed() == 60), "the others are committed then");
    });
    assert_eq!(metrics.records("return-to-work", RecordOutcome::Fact), 60);
    assert_eq!(bench.huli(&boards), (0, 60));
}

/// librdkafka waits for an answer whenever it assigns, be it nothing, and lets nobody leave before it has one.
#[test]
fn who_cannot_take_on_what_is_assigned_leaves_the_group_and_says_why() {
    let bench = Bench::new();
    // Nothing is assigned to who comes second before the first has given something up, or has been given up.
    let mut options = bench.options();
    options.set("heartbeat.interval.ms", "5000".to_owned()).unwrap();
    options.set("session.timeout.ms", "6000".to_owned()).unwrap();
    let first: BaseConsumer = options.client_config().create().unwrap();
    first.subscribe(&[TOPIC]).unwrap();
    assert!(within_patience(|| {
        first.poll(Duration::from_millis(100));
        first.assignment().is_ok_and(|all| all.count() == 3)
    }));
    let metrics = Arc::new(EngineMetrics::new().unwrap());
    let (engine, source) = bench.engine(&metrics, &Arc::default(), options);
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || tell.send(engine.run(Box::new(source), &Stop::default())));
    let lake = bench.folder.path().join("return-to-work");
    assert!(within_patience(|| lake.join("rates/_delta_log").exists()), "a lake is made");
    // Long enough to be opened, and much shorter than what passes before the first one hears of the second.
    std::thread::sleep(Duration::from_millis(500));
    std::fs::rename(&lake, bench.folder.path().join("aside")).unwrap();
    let error = told.recv_timeout(PATIENCE).expect("it ends").expect_err("without its lake");
    assert!(error.to_string().contains("return-to-work"), "{error}");
}
