//! Kafka through rdkafka: the only room on the data path that knows it.
//!
//! A consumer group hands out partitions; *where* to read is the ledger's word alone. Kafka's own committed offsets are
//! written for lag displays and never read back. librdkafka's rebalance callbacks run inside `poll`, on this source's
//! thread, so a partition is given up only after everything read from it is committed.

mod context;
mod filling;
mod options;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::Offset as KafkaOffset;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

pub use options::{KafkaOptions, OWNED_OPTIONS};

use self::context::{Context, Told, listed};
use self::filling::{Batch, Filling};
use crate::decode::TopicPartition;
use crate::engine::{Offered, Sink, Source};
use crate::error::{Error, ErrorKind, Result};
use crate::lake::Share;
use crate::telemetry::EngineMetrics;

/// A batch that is not full is handed over when the oldest of its records has waited this long.
const BATCH_WAIT: Duration = Duration::from_millis(100);
/// How soon an engine that was busy is offered records again.
const BETWEEN_OFFERS: Duration = Duration::from_millis(2);
/// An engine that is busy longer than this is not just at work: something holds it up. Pausing costs what was fetched.
const BUSY_MOST: Duration = Duration::from_secs(1);
/// How often lag is measured and committed offsets are shown to Kafka.
const HOUSEKEEPING: Duration = Duration::from_secs(5);
/// How long brokers may take to say where a partition ends.
const WATERMARK_DEADLINE: Duration = Duration::from_secs(1);
/// How long librdkafka may take to go to where a partition begins anew.
const SEEK_DEADLINE: Duration = Duration::from_secs(10);
/// Longer than any commit; well below the five minutes after which the group gives a member up.
const DRAIN_DEADLINE: Duration = Duration::from_secs(60);

/// Consumes topics in a consumer group.
pub struct KafkaSource {
    options: KafkaOptions,
    topics: Vec<String>,
    metrics: Arc<EngineMetrics>,
}

impl KafkaSource {
    /// Consumes these topics with these options.
    pub fn new(options: KafkaOptions, topics: Vec<String>, metrics: Arc<EngineMetrics>) -> Self {
        Self { options, topics, metrics }
    }
}

impl Source for KafkaSource {
    /// Until the group has given out its partitions nobody knows who reads what.
    fn share_at_first(&self) -> Share {
        Share::Part
    }

    fn run(self: Box<Self>, sink: Sink) -> Result<()> {
        let context = Context::new(sink.clone(), self.topics.clone());
        let consumer: BaseConsumer<Context> = self
            .options
            .client_config()
            .create_with_context(context)
            .map_err(failed("start a consumer"))?;
        let topics: Vec<&str> = self.topics.iter().map(String::as_str).collect();
        consumer.subscribe(&topics).map_err(failed("subscribe"))?;
        let mut reading = Reading {
            consumer,
            sink,
            metrics: self.metrics,
            filling: Filling::default(),
            awaited: BTreeSet::new(),
            is_behind: false,
        };
        reading.run()
    }
}

struct Reading {
    consumer: BaseConsumer<Context>,
    sink: Sink,
    metrics: Arc<EngineMetrics>,
    filling: Filling,
    /// Partitions whose records the engine awaits.
    awaited: BTreeSet<TopicPartition>,
    /// The engine stays busy: nothing is read until it is not.
    is_behind: bool,
}

/// Whether the engine still works.
#[derive(Clone, Copy, PartialEq, Eq)]
enum EngineIs {
    Working,
    Gone,
}

impl Reading {
    fn run(&mut self) -> Result<()> {
        let mut handed_over = Instant::now();
        let mut kept_house = Instant::now();
        while !self.sink.is_stopping() {
            // Where records are there, a wait that is not needed would cost librdkafka more looks at the clock.
            let polled =
                self.consumer.poll(Duration::ZERO).or_else(|| self.consumer.poll(BATCH_WAIT));
            let Told { revoked, failure } = self.consumer.context().take_told();
            // What this very poll returned came after any revocation, and stays.
            forget(&revoked, &mut self.filling, &mut self.awaited);
            revoked.iter().for_each(|partition| self.metrics.lag_unknown(partition));
            match polled {
                None => {}
                Some(Ok(message)) => self.filling.take(&message, self.consumer.context()),
                Some(Err(error)) if is_of_a_missing_topic(&error) => {
                    let missing = self.consumer.context().missing_topics(&self.consumer);
                    return Err(no_such_topics(&missing, error));
                }
                Some(Err(error)) => self.consumer.context().warn(&judge(error)?),
            }
            failure.map_or(Ok(()), Err)?;
            // A look at the clock costs a record a hundredth of what it costs altogether.
            let now = Instant::now();
            if now - handed_over >= BATCH_WAIT {
                if let Some((code, reason)) = self.consumer.client().fatal_error() {
                    return Err(ended_by(code, &reason));
                }
                self.begin_lost_anew()?;
                self.await_ready()?;
                self.filling.finish();
                handed_over = now;
            }
            if self.hand_over()? == EngineIs::Gone {
                return Ok(());
            }
            if now - kept_house >= HOUSEKEEPING {
                self.show_committed(CommitMode::Async);
                self.measure_lag();
                kept_house = now;
            }
        }
        // Read and not handed over is read again; what was handed over is committed, and shown as such.
        self.sink.drain(DRAIN_DEADLINE);
        self.show_committed(CommitMode::Sync);
        self.measure_lag();
        Ok(())
    }

    /// Reads what somebody else has moved on from where that ends, if it is still assigned here.
    fn begin_lost_anew(&mut self) -> Result<()> {
        let lost = self.sink.newly_lost();
        if lost.is_empty() {
            return Ok(());
        }
        forget(&lost, &mut self.filling, &mut self.awaited);
        let begins = self.consumer.context().begin_anew(&self.consumer, lost)?;
        if begins.count() > 0 {
            let sought = self.consumer.seek_partitions(begins, SEEK_DEADLINE);
            sought.map_err(failed("go to where the ledger ends"))?;
        }
        Ok(())
    }

    /// Reads what the engine awaits from now on.
    fn await_ready(&mut self) -> Result<()> {
        let context = self.consumer.context();
        let ready = self.sink.newly_ready().into_iter();
        let ready: Vec<TopicPartition> = ready
            .filter(|(partition, awaited)| context.assignment(partition) == Some(*awaited))
            .map(|(partition, _)| partition)
            .collect();
        if ready.is_empty() {
            return Ok(());
        }
        if !self.is_behind {
            let list = listed(ready.iter().map(|partition| (partition, KafkaOffset::Invalid)))?;
            self.consumer.resume(&list).map_err(failed("resume partitions"))?;
        }
        self.awaited.extend(ready);
        Ok(())
    }

    /// Offers what waits. Where the engine stays busy, partitions are paused and polled all the same: a member that does
    /// not poll is taken for dead and loses its partitions.
    fn hand_over(&mut self) -> Result<EngineIs> {
        if self.filling.none_waits() && !self.is_behind {
            return Ok(EngineIs::Working);
        }
        let (was_behind, began) = (self.is_behind, Instant::now());
        self.is_behind = false;
        while let Some(Batch { records, assignment }) = self.filling.next() {
            match self.sink.offer(records, assignment) {
                Offered::Taken => {}
                Offered::Ended => return Ok(EngineIs::Gone),
                Offered::Busy(records) => {
                    self.filling.put_back(Batch { records, assignment });
                    if was_behind || began.elapsed() >= BUSY_MOST {
                        self.is_behind = true;
                        break;
                    }
                    std::thread::sleep(BETWEEN_OFFERS);
                }
            }
        }
        if was_behind != self.is_behind {
            let awaited = self.awaited.iter().map(|partition| (partition, KafkaOffset::Invalid));
            let awaited = listed(awaited)?;
            let done = match self.is_behind {
                true => self.consumer.pause(&awaited),
                false => self.consumer.resume(&awaited),
            };
            done.map_err(failed("pause or resume partitions"))?;
        }
        Ok(EngineIs::Working)
    }

    /// Tells Kafka what the ledger holds, for displays of the group's lag.
    fn show_committed(&self, mode: CommitMode) {
        let committed = self.sink.newly_committed();
        // A partition that has been given up meanwhile is not ours to show.
        let ours = committed.iter().filter(|(partition, _)| self.awaited.contains(*partition));
        let list = listed(ours.map(|(partition, next)| (partition, KafkaOffset::Offset(next.0))));
        if let Ok(list) = list
            && list.count() > 0
        {
            _ = self.consumer.commit(&list, mode);
        }
    }

    fn measure_lag(&self) {
        let Ok(positions) = self.consumer.position() else { return };
        for element in positions.elements() {
            let KafkaOffset::Offset(position) = element.offset() else { continue };
            let (topic, number) = (element.topic(), element.partition());
            if let Ok((_, high)) = self.consumer.fetch_watermarks(topic, number, WATERMARK_DEADLINE)
            {
                let partition = TopicPartition { topic: topic.into(), partition: number };
                self.metrics.lag(&partition, (high - position).max(0));
            }
        }
    }
}

/// Forgets what was read of partitions and not handed over.
fn forget(
    partitions: &BTreeSet<TopicPartition>,
    filling: &mut Filling,
    awaited: &mut BTreeSet<TopicPartition>,
) {
    if !partitions.is_empty() {
        filling.forget(partitions);
        awaited.retain(|partition| !partitions.contains(partition));
    }
}

/// Most errors are librdkafka telling of what it mends itself; of these, `Ok` says what to warn of.
fn judge(error: KafkaError) -> Result<String> {
    use RDKafkaErrorCode as Code;
    match error.rdkafka_error_code() {
        Some(Code::AutoOffsetReset | Code::OffsetOutOfRange) => Err(gone(error)),
        Some(
            Code::Fatal
            | Code::Authentication
            | Code::SaslAuthenticationFailed
            | Code::TopicAuthorizationFailed
            | Code::GroupAuthorizationFailed,
        ) => Err(failed("consume")(error)),
        _ => Ok(error.to_string()),
    }
}

fn is_of_a_missing_topic(error: &KafkaError) -> bool {
    use RDKafkaErrorCode as Code;
    matches!(error.rdkafka_error_code(), Some(Code::UnknownTopicOrPartition | Code::UnknownTopic))
}

/// Each pipeline file brings a topic with it, and a folder of files may bring more than a broker has.
fn no_such_topics(missing: &[&str], error: KafkaError) -> Error {
    let message = match missing.is_empty() {
        true => format!("cannot consume: {error}"),
        false => format!("the brokers have no topic {}", missing.join(", ")),
    };
    Error::new(ErrorKind::Source, message)
        .advise("create them, or take the pipeline files that read them out of the folder")
        .because(error)
}

/// What librdkafka does not mend: it only warns of it, and delivers nothing any more.
fn ended_by(code: RDKafkaErrorCode, reason: &str) -> Error {
    match code {
        // Another process of this name, or this very one as a broker that was away takes it for another.
        RDKafkaErrorCode::FencedInstanceId => {
            let message =
                format!("the group has another member of this group.instance.id: {reason}");
            Error::new(ErrorKind::TakenOver, message)
                .advise("give each instance a `group.instance.id` of its own")
        }
        _ => Error::new(ErrorKind::Source, format!("cannot consume: {reason}"))
            .advise("look at the `kafka:` settings and at the brokers"),
    }
}

fn gone(error: KafkaError) -> Error {
    let message = format!("the topic no longer holds the record the ledger ends before: {error}");
    let advice = "the topic was recreated or its retention has passed: start a new lake, and replay what is missing into \
                  it from a copy first";
    Error::new(ErrorKind::Source, message).advise(advice).because(error)
}

fn failed(action: &'static str) -> impl Fn(KafkaError) -> Error {
    move |error| {
        Error::new(ErrorKind::Source, format!("cannot {action}: {error}"))
            .advise("look at the `kafka:` settings and at the brokers")
            .because(error)
    }
}
