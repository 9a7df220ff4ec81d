//! What happens inside librdkafka's rebalance, eager or cooperative: assigned partitions begin where their ledger ends and
//! are paused until the engine awaits them, revoked ones are committed before they are given up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, RebalanceProtocol};
use rdkafka::error::KafkaError;
use rdkafka::metadata::Metadata;
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};

use super::DRAIN_DEADLINE;
use crate::decode::{Offset, TopicPartition};
use crate::engine::{Assignment, Drained, Sink};
use crate::error::{Error, ErrorKind, Result};
use crate::lake::Share;

/// How long brokers may take to say how many partitions a topic has.
const METADATA_DEADLINE: Duration = Duration::from_secs(10);
/// How long no answer to that is waited for; well below the five minutes after which the group gives a member up.
const METADATA_PATIENCE: Duration = Duration::from_secs(60);
/// Some failures are told at once.
const BETWEEN_QUESTIONS: Duration = Duration::from_millis(200);
/// Troubles that librdkafka mends itself are told no more often than this.
const BETWEEN_WARNINGS: Duration = Duration::from_secs(10);

/// The consumer's callbacks.
pub struct Context {
    sink: Sink,
    topics: Vec<String>,
    logged: Mutex<Option<Instant>>,
    assigned: Mutex<BTreeMap<TopicPartition, Assignment>>,
    told: Mutex<Told>,
    /// Whether there is anything in it: the reading loop asks for every record.
    has_told: AtomicBool,
}

/// What callbacks, which cannot return anything, have to tell the reading loop.
#[derive(Default)]
pub struct Told {
    /// Given up since it last asked.
    pub revoked: BTreeSet<TopicPartition>,
    /// What went wrong.
    pub failure: Option<Error>,
}

impl Context {
    pub fn new(sink: Sink, topics: Vec<String>) -> Self {
        Self {
            sink,
            topics,
            logged: Mutex::default(),
            assigned: Mutex::default(),
            told: Mutex::default(),
            has_told: AtomicBool::default(),
        }
    }

    /// Brokers that are away are told of many times a second; once in a while is enough.
    pub fn warn(&self, message: &str) {
        let mut logged = locked(&self.logged);
        if logged.is_none_or(|last| last.elapsed() >= BETWEEN_WARNINGS) {
            tracing::warn!("kafka: {message}");
            *logged = Some(Instant::now());
        }
    }

    /// What callbacks have told since this was last asked.
    pub fn take_told(&self) -> Told {
        match self.has_told.load(Ordering::Acquire) {
            true => {
                self.has_told.store(false, Ordering::Release);
                std::mem::take(&mut *locked(&self.told))
            }
            false => Told::default(),
        }
    }

    fn tell(&self, tell: impl FnOnce(&mut Told)) {
        tell(&mut locked(&self.told));
        self.has_told.store(true, Ordering::Release);
    }

    /// Under which assignment a partition is read.
    pub fn assignment(&self, partition: &TopicPartition) -> Option<Assignment> {
        locked(&self.assigned).get(partition).copied()
    }

    /// Takes partitions on that somebody else had moved on, of those that are still assigned. Returns where they begin
    /// now; they stay paused until they are awaited.
    pub fn begin_anew(
        &self,
        consumer: &BaseConsumer<Self>,
        lost: BTreeSet<TopicPartition>,
    ) -> Result<TopicPartitionList> {
        let still = lost.into_iter().filter(|partition| self.assignment(partition).is_some());
        let still: Vec<_> = still.collect();
        let list = listed(still.iter().map(|partition| (partition, KafkaOffset::Invalid)))?;
        if still.is_empty() {
            return Ok(list);
        }
        consumer.pause(&list).map_err(refused)?;
        self.take_on(consumer, &still)
    }

    /// Takes partitions on. librdkafka is answered even where that fails: it lets nobody leave who owes it an answer.
    fn assign(&self, consumer: &BaseConsumer<Self>, new: &[TopicPartition]) -> Result<()> {
        let taken = self.take_on(consumer, new);
        let list = match &taken {
            Ok(begins) => begins,
            Err(_) => &listed(new.iter().map(|partition| (partition, KafkaOffset::Invalid)))?,
        };
        let done = match consumer.rebalance_protocol() {
            RebalanceProtocol::Cooperative => consumer.incremental_assign(list),
            _ => consumer.assign(list),
        };
        // What the lake remembers of them has to be there before their records are.
        let done = done.and_then(|()| consumer.pause(list));
        taken.and(done.map_err(refused))
    }

    /// Tells the engine of partitions, and finds out where they begin.
    fn take_on(
        &self,
        consumer: &BaseConsumer<Self>,
        new: &[TopicPartition],
    ) -> Result<TopicPartitionList> {
        let mut all: BTreeSet<TopicPartition> = locked(&self.assigned).keys().cloned().collect();
        all.extend(new.iter().cloned());
        let taken = self.sink.assigned(new, self.share(consumer, &all)?)?;
        for (partition, begin) in &taken.begins {
            tracing::info!(%partition, begin = begin.unwrap_or(Offset(0)).0, "partition assigned");
        }
        let numbered = new.iter().map(|partition| (partition.clone(), taken.assignment));
        locked(&self.assigned).extend(numbered);
        listed(taken.begins.iter().map(|(partition, begin)| {
            let begin = begin.map_or(KafkaOffset::Beginning, |begin| KafkaOffset::Offset(begin.0));
            (partition, begin)
        }))
    }

    /// Who reads the topics, when these partitions are read here.
    fn share(
        &self,
        consumer: &BaseConsumer<Self>,
        assigned: &BTreeSet<TopicPartition>,
    ) -> Result<Share> {
        for topic in &self.topics {
            let metadata = self.metadata(consumer, topic)?;
            let all: usize = metadata.topics().iter().map(|topic| topic.partitions().len()).sum();
            let own = assigned.iter().filter(|partition| *partition.topic == **topic).count();
            if own < all {
                tracing::info!(topic, own, all, "others read a part of the topic");
                return Ok(Share::Part);
            }
        }
        Ok(Share::Whole)
    }

    /// The topics that the brokers do not have, as far as they answer.
    pub fn missing_topics(&self, consumer: &BaseConsumer<Self>) -> Vec<&str> {
        let is_missing = |topic: &&String| {
            let metadata = consumer.fetch_metadata(Some(topic.as_str()), METADATA_DEADLINE);
            metadata.is_ok_and(|metadata| {
                metadata.topics().iter().all(|topic| topic.partitions().is_empty())
            })
        };
        self.topics.iter().filter(is_missing).map(String::as_str).collect()
    }

    /// What brokers say of a topic. Where they are away just now they are waited for, unless it is time to stop.
    fn metadata(&self, consumer: &BaseConsumer<Self>, topic: &str) -> Result<Metadata> {
        let began = Instant::now();
        loop {
            match consumer.fetch_metadata(Some(topic), METADATA_DEADLINE) {
                Err(error) if began.elapsed() < METADATA_PATIENCE && !self.sink.is_stopping() => {
                    self.warn(&format!("no answer how many partitions {topic} has: {error}"));
                    std::thread::sleep(BETWEEN_QUESTIONS);
                }
                answered => return answered.map_err(refused),
            }
        }
    }

    /// Gives partitions up once everything handed over is committed; or at once, where they are somebody else's already.
    /// librdkafka is answered here, too, whether the engine is still there or not.
    fn revoke(&self, consumer: &BaseConsumer<Self>, revoked: &[TopicPartition]) -> Result<()> {
        let given_up = self.give_up(consumer, revoked);
        let done = match consumer.rebalance_protocol() {
            RebalanceProtocol::Cooperative => {
                let gone = revoked.iter().map(|partition| (partition, KafkaOffset::Invalid));
                consumer.incremental_unassign(&listed(gone)?)
            }
            _ => consumer.unassign(),
        };
        given_up.and(done.map_err(refused))
    }

    fn give_up(&self, consumer: &BaseConsumer<Self>, revoked: &[TopicPartition]) -> Result<()> {
        let is_lost = consumer.assignment_lost();
        for partition in revoked {
            locked(&self.assigned).remove(partition);
        }
        // What was read of them and not handed over is read again, by whoever has them now.
        self.tell(|told| told.revoked.extend(revoked.iter().cloned()));
        if revoked.is_empty() || self.sink.is_stopping() {
            return Ok(());
        }
        if !is_lost && self.sink.drain(DRAIN_DEADLINE) == Drained::Not {
            tracing::warn!("partitions are given up before everything read was committed");
        }
        // Somebody else has what is given up.
        self.sink.revoked(revoked.to_vec(), Share::Part)?;
        tracing::info!(partitions = revoked.len(), is_lost, "partitions given up");
        Ok(())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Partitions in librdkafka's own form.
pub fn listed<'p>(
    partitions: impl Iterator<Item = (&'p TopicPartition, KafkaOffset)>,
) -> Result<TopicPartitionList> {
    let mut list = TopicPartitionList::new();
    for (partition, offset) in partitions {
        let added = list.add_partition_offset(&partition.topic, partition.partition, offset);
        added.map_err(refused)?;
    }
    Ok(list)
}

fn refused(error: KafkaError) -> Error {
    Error::new(ErrorKind::Source, format!("Kafka refused an assignment: {error}")).because(error)
}

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        match level {
            RDKafkaLogLevel::Emerg
            | RDKafkaLogLevel::Alert
            | RDKafkaLogLevel::Critical
            | RDKafkaLogLevel::Error => self.warn(message),
            _ => tracing::debug!(facility, "kafka: {message}"),
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.warn(&format!("{error}: {reason}"));
    }
}

impl ConsumerContext for Context {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        event: rdkafka::types::RDKafkaRespErr,
        partitions: &mut TopicPartitionList,
    ) {
        use rdkafka::types::RDKafkaRespErr as Event;
        let partitions: Vec<TopicPartition> = partitions
            .elements()
            .into_iter()
            .map(|element| TopicPartition {
                topic: element.topic().into(),
                partition: element.partition(),
            })
            .collect();
        let done = match event {
            Event::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => self.assign(consumer, &partitions),
            _ => self.revoke(consumer, &partitions),
        };
        if let Err(error) = done {
            self.tell(|told| told.failure = Some(error));
        }
    }
}
