//! The catalogue of the engine's own metrics, and logging.
//!
//! What the boards say is exported elsewhere, from the boards; here is how the engine itself is doing. Values are added
//! per batch, never per record. docs/metrics.md repeats this catalogue, and a test compares the two.

mod feeds;

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use prometheus::local::LocalHistogram;
use prometheus::{
    GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry,
};

pub use feeds::FeedMetrics;

use crate::decode::{Reason, TopicPartition};
use crate::lake::RecordOutcome;
use crate::time::EventTime;

/// Commits take milliseconds on a local disk and seconds on a slow store.
const COMMIT_SECONDS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// What is on time, and then minutes, hours, days, and a month: people report late, and feeds are switched on late.
const LATENESS_SECONDS: [f64; 9] =
    [0.0, 60.0, 600.0, 3_600.0, 21_600.0, 86_400.0, 259_200.0, 604_800.0, 2_592_000.0];

/// The engine's own metrics.
pub struct EngineMetrics {
    registry: Registry,
    records: RecordMetrics,
    lag: IntGaugeVec,
    feeds: FeedMetrics,
    entities: IntGaugeVec,
    last_commit: GaugeVec,
    commit_seconds: HistogramVec,
    lake_failures: IntCounter,
    lake_failing: IntGauge,
    takeovers: IntCounter,
    recovery: RecoveryMetrics,
    upkeep: UpkeepMetrics,
    lake_trouble: RwLock<Option<String>>,
    withheld: RwLock<BTreeMap<String, String>>,
}

impl EngineMetrics {
    /// Registers every metric. Fails only where two have one name, which a test rules out.
    pub fn new() -> prometheus::Result<Self> {
        let gauge = |name: &str, help: &str, labels: &[&str]| {
            IntGaugeVec::new(Opts::new(name, help), labels)
        };
        let seconds =
            |name: &str, help: &str, labels: &[&str]| GaugeVec::new(Opts::new(name, help), labels);
        let commit = HistogramOpts::new(
            "chunfeng_commit_duration_seconds",
            "How long a ledger commit took, from encoding to acknowledgement.",
        );
        let registry = Registry::new();
        let metrics = Self {
            records: RecordMetrics::new()?,
            lag: gauge(
                "chunfeng_consumer_lag_records",
                "Records of a partition that have not been delivered yet.",
                &["topic", "partition"],
            )?,
            feeds: FeedMetrics::register(&registry)?,
            entities: gauge("chunfeng_entities", "Entities with a timeline.", &["pipeline"])?,
            last_commit: seconds(
                "chunfeng_last_commit_timestamp_seconds",
                "When the ledger was last committed to.",
                &["pipeline"],
            )?,
            commit_seconds: HistogramVec::new(
                commit.buckets(COMMIT_SECONDS.to_vec()),
                &["pipeline"],
            )?,
            lake_failures: IntCounter::new(
                "chunfeng_lake_failures_total",
                "Operations of the lake that failed and were tried again.",
            )?,
            lake_failing: IntGauge::new(
                "chunfeng_lake_failing",
                "1 while an operation of the lake fails and is waited for, else 0.",
            )?,
            takeovers: IntCounter::new(
                "chunfeng_takeovers_total",
                "Times that another process had taken over and this one began anew from the lake.",
            )?,
            recovery: RecoveryMetrics::new()?,
            upkeep: UpkeepMetrics::new()?,
            lake_trouble: RwLock::new(None),
            withheld: RwLock::default(),
            registry,
        };
        metrics.register()?;
        Ok(metrics)
    }

    fn register(&self) -> prometheus::Result<()> {
        self.registry.register(Box::new(self.records.records.clone()))?;
        self.registry.register(Box::new(self.records.rejects.clone()))?;
        self.registry.register(Box::new(self.lag.clone()))?;
        self.registry.register(Box::new(self.entities.clone()))?;
        self.registry.register(Box::new(self.last_commit.clone()))?;
        self.registry.register(Box::new(self.commit_seconds.clone()))?;
        self.registry.register(Box::new(self.records.lateness.clone()))?;
        self.registry.register(Box::new(self.lake_failures.clone()))?;
        self.registry.register(Box::new(self.lake_failing.clone()))?;
        self.registry.register(Box::new(self.takeovers.clone()))?;
        self.registry.register(Box::new(self.recovery.partitions.clone()))?;
        self.registry.register(Box::new(self.recovery.rows.clone()))?;
        self.registry.register(Box::new(self.recovery.shared.clone()))?;
        self.registry.register(Box::new(self.upkeep.last_success.clone()))?;
        self.registry.register(Box::new(self.upkeep.table_files.clone()))?;
        let process = prometheus::process_collector::ProcessCollector::for_self();
        self.registry.register(Box::new(process))
    }

    /// Where further collectors are registered and everything is gathered.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The metrics of one pipeline.
    pub fn lane(&self, pipeline: &str) -> LaneMetrics {
        LaneMetrics {
            pipeline: pipeline.to_owned(),
            records: self.records.records.clone(),
            rejects: self.records.rejects.clone(),
            entities: self.entities.with_label_values(&[pipeline]),
            shared: self.recovery.shared.with_label_values(&[pipeline]),
            last_commit: self.last_commit.clone(),
            commit_seconds: self.commit_seconds.with_label_values(&[pipeline]),
            lateness: self.records.lateness.with_label_values(&[pipeline]).local(),
            outcomes: [0; RecordOutcome::ALL.len()],
            reasons: [0; Reason::ALL.len()],
        }
    }

    /// How many records of a pipeline have come to this so far.
    pub fn records(&self, pipeline: &str, outcome: RecordOutcome) -> u64 {
        self.records.records.with_label_values(&[pipeline, outcome.code()]).get()
    }

    /// The metrics of feeds.
    pub fn feeds(&self) -> &FeedMetrics {
        &self.feeds
    }

    /// An operation of the lake failed and is waited for.
    pub fn lake_fails(&self, how: &str) {
        self.lake_failures.inc();
        self.lake_failing.set(1);
        *self.lake_trouble.write().unwrap_or_else(PoisonError::into_inner) = Some(how.to_owned());
    }

    /// The lake works again.
    pub fn lake_works(&self) {
        self.lake_failing.set(0);
        *self.lake_trouble.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// How the lake fails, while it does.
    pub fn lake_trouble(&self) -> Option<String> {
        self.lake_trouble.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Why no board is made of something, or that nothing is in the way.
    pub fn withheld(&self, of: &str, why: Option<String>) {
        let mut withheld = self.withheld.write().unwrap_or_else(PoisonError::into_inner);
        match why {
            Some(why) => _ = withheld.insert(of.to_owned(), why),
            None => _ = withheld.remove(of),
        }
    }

    /// Of what no board is made, and why.
    pub fn why_withheld(&self) -> Option<String> {
        let withheld = self.withheld.read().unwrap_or_else(PoisonError::into_inner);
        withheld.iter().next().map(|(of, why)| format!("{of}: {why}"))
    }

    /// Another process had taken over.
    pub fn taken_over(&self) {
        self.takeovers.inc();
    }

    /// So many partitions are being recalled from the lake.
    pub fn recalling(&self, partitions: usize) {
        self.recovery.partitions.set(partitions as i64);
    }

    /// How many partitions are being recalled from the lake.
    pub fn partitions_recalled(&self) -> i64 {
        self.recovery.partitions.get()
    }

    /// So many more entities and facts have been recalled.
    pub fn recalled(&self, rows: u64) {
        self.recovery.rows.inc_by(rows);
    }

    /// A partition is read elsewhere: its lag is not known here any more.
    pub fn lag_unknown(&self, partition: &TopicPartition) {
        let number = partition.partition.to_string();
        // It may never have been known.
        _ = self.lag.remove_label_values(&[&*partition.topic, &number]);
    }

    /// The upkeep of a pipeline's tables succeeded.
    pub fn kept_up(&self, pipeline: &str, now: EventTime) {
        self.upkeep.last_success.with_label_values(&[pipeline]).set(now.seconds() as f64);
    }

    /// How many data files a table has.
    pub fn table_files(&self, pipeline: &str, table: &str, files: usize) {
        self.upkeep.table_files.with_label_values(&[pipeline, table]).set(files as i64);
    }

    /// How many records of a partition have not been delivered yet.
    pub fn lag(&self, partition: &TopicPartition, records: i64) {
        let number = partition.partition.to_string();
        self.lag.with_label_values(&[&*partition.topic, &number]).set(records);
    }
}

/// What is seen of the records that come.
struct RecordMetrics {
    records: IntCounterVec,
    rejects: IntCounterVec,
    lateness: HistogramVec,
}

impl RecordMetrics {
    fn new() -> prometheus::Result<Self> {
        let counter = |name: &str, help: &str, label: &str| {
            IntCounterVec::new(Opts::new(name, help), &["pipeline", label])
        };
        let lateness = HistogramOpts::new(
            "chunfeng_event_lateness_seconds",
            "How long before the newest board an accepted event had happened; 0 if it had not yet.",
        );
        let lateness = lateness.buckets(LATENESS_SECONDS.to_vec());
        Ok(Self {
            records: counter(
                "chunfeng_records_total",
                "Records consumed, by what became of them.",
                "outcome",
            )?,
            rejects: counter("chunfeng_rejects_total", "Records rejected, by reason.", "reason")?,
            lateness: HistogramVec::new(lateness, &["pipeline"])?,
        })
    }
}

/// What ops see of a recovery, and of what stands in the way of sharing the work.
struct RecoveryMetrics {
    partitions: IntGauge,
    rows: IntCounter,
    shared: IntGaugeVec,
}

impl RecoveryMetrics {
    fn new() -> prometheus::Result<Self> {
        let shared = Opts::new(
            "chunfeng_entities_in_several_partitions",
            "Entities that have facts from more than one partition.",
        );
        Ok(Self {
            partitions: IntGauge::new(
                "chunfeng_recovering_partitions",
                "Partitions whose entities are being loaded from the lake.",
            )?,
            rows: IntCounter::new(
                "chunfeng_recovered_rows_total",
                "Entities and facts loaded from the lake.",
            )?,
            shared: IntGaugeVec::new(shared, &["pipeline"])?,
        })
    }
}

/// What is seen of the lake's upkeep.
struct UpkeepMetrics {
    last_success: GaugeVec,
    table_files: IntGaugeVec,
}

impl UpkeepMetrics {
    fn new() -> prometheus::Result<Self> {
        let last_success = Opts::new(
            "chunfeng_upkeep_last_success_timestamp_seconds",
            "When the upkeep of a pipeline's tables last succeeded.",
        );
        let table_files = Opts::new(
            "chunfeng_table_files",
            "Live data files of a table when upkeep last looked.",
        );
        Ok(Self {
            last_success: GaugeVec::new(last_success, &["pipeline"])?,
            table_files: IntGaugeVec::new(table_files, &["pipeline", "table"])?,
        })
    }
}

/// One pipeline's metrics; counts are gathered here and added at [`LaneMetrics::flush`].
pub struct LaneMetrics {
    pipeline: String,
    records: IntCounterVec,
    rejects: IntCounterVec,
    entities: IntGauge,
    shared: IntGauge,
    last_commit: GaugeVec,
    commit_seconds: Histogram,
    lateness: LocalHistogram,
    outcomes: [u64; RecordOutcome::ALL.len()],
    reasons: [u64; Reason::ALL.len()],
}

impl LaneMetrics {
    /// A record came to this.
    pub fn count(&mut self, outcome: RecordOutcome) {
        self.outcomes[outcome as usize] += 1;
    }

    /// An event that happened then was accepted, after a board had been made as of `board`.
    pub fn accepted(&mut self, happened: EventTime, board: EventTime) {
        let late = board.seconds().saturating_sub(happened.seconds()).max(0);
        self.lateness.observe(late as f64);
    }

    /// A record was rejected for this.
    pub fn count_reject(&mut self, reason: Reason) {
        self.reasons[reason as usize] += 1;
    }

    /// Adds what was counted since the last time.
    pub fn flush(&mut self) {
        self.lateness.flush();
        for (outcome, count) in RecordOutcome::ALL.into_iter().zip(&mut self.outcomes) {
            if *count > 0 {
                self.records
                    .with_label_values(&[self.pipeline.as_str(), outcome.code()])
                    .inc_by(*count);
                *count = 0;
            }
        }
        for (reason, count) in Reason::ALL.into_iter().zip(&mut self.reasons) {
            if *count > 0 {
                self.rejects
                    .with_label_values(&[self.pipeline.as_str(), reason.code()])
                    .inc_by(*count);
                *count = 0;
            }
        }
    }

    /// A ledger commit was acknowledged.
    pub fn committed(&self, took: Duration, now: EventTime) {
        self.commit_seconds.observe(took.as_secs_f64());
        // Set only now: a gauge at zero would read as a commit in 1970.
        self.last_commit.with_label_values(&[self.pipeline.as_str()]).set(now.seconds() as f64);
    }

    /// How many entities have a timeline.
    pub fn entities(&self, count: usize) {
        self.entities.set(count as i64);
    }

    /// How many entities have facts from several partitions.
    pub fn shared(&self, count: usize) {
        self.shared.set(count as i64);
    }

    /// The same, as it was told last.
    pub fn shared_entities(&self) -> i64 {
        self.shared.get()
    }
}

/// Delta's own log calls an error what is waited for here, page by page.
const QUIET: &str =
    "chunfeng=info,warn,deltalake_core=off,buoyant_kernel=off,buoyant_kernel_engine=off";

/// Starts logging to standard error. `CHUNFENG_LOG` sets the level; normal operation says little.
pub fn start_logging(verbose: bool) {
    let level = if verbose { "chunfeng=debug,warn" } else { QUIET };
    let filter = tracing_subscriber::EnvFilter::try_from_env("CHUNFENG_LOG")
        .unwrap_or_else(|_| level.into());
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(wants_colours())
        .with_target(false);
    drop(subscriber.try_init()); // a second start in one process keeps the first
}

/// Colours are for terminals: in a file or a log collector they would be noise between key and value.
fn wants_colours() -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    std::io::stderr().is_terminal() && !unwanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_after_the_newest_board_is_not_late() {
        let metrics = EngineMetrics::new().expect("names differ");
        let mut lane = metrics.lane("p");
        let board = EventTime::from_seconds(1_000);
        for happened in [900, 1_000, 1_001, 5_000] {
            lane.accepted(EventTime::from_seconds(happened), board);
        }
        lane.flush();
        let lateness = metrics.records.lateness.with_label_values(&["p"]);
        assert_eq!((lateness.get_sample_count(), lateness.get_sample_sum()), (4, 100.0));
    }
}
