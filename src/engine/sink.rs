//! What a source sees of the engine: where its records go, when to stop, where to begin, and what has been committed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Resume;
use crate::board::Boards;
use crate::decode::{Offset, RecordBatch, TopicPartition};
use crate::error::Result;
use crate::lake::Share;

/// How long to wait before a full queue is tried again.
const BETWEEN_OFFERS: Duration = Duration::from_millis(10);

/// Something that delivers records, until it ends or is asked to stop.
pub trait Source: Send {
    /// How much of the log it reads before it has told anything else by [`Sink::own`].
    fn share_at_first(&self) -> Share {
        Share::Whole
    }

    /// Delivers everything into the sink. Runs on a thread of its own.
    fn run(self: Box<Self>, sink: Sink) -> Result<()>;
}

/// What a source sends.
pub enum FromSource {
    /// Records of one partition.
    Batch(RecordBatch),
    /// Asks that everything sent so far be committed; answered when it is.
    Drain(SyncSender<()>),
    /// These partitions begin anew where their ledgers end: somebody else may have moved them on.
    Assigned(Vec<TopicPartition>),
}

/// What became of records that were offered.
pub enum Offered {
    /// The engine has them.
    Taken,
    /// The engine is busy: offer them again later.
    Busy(RecordBatch),
    /// The engine has ended.
    Ended,
}

/// Whether everything sent has been committed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Drained {
    /// All of it.
    Committed,
    /// Not within the deadline, or the engine has ended.
    Not,
}

/// The engine as its source sees it.
#[derive(Clone)]
pub struct Sink {
    sender: SyncSender<FromSource>,
    stop: Stop,
    resume: Resume,
    committed: Arc<Committed>,
    ownership: Arc<Ownership>,
    boards: Arc<Boards>,
}

impl Sink {
    pub(super) fn new(
        sender: SyncSender<FromSource>,
        stop: Stop,
        resume: Resume,
        committed: Arc<Committed>,
        ownership: Arc<Ownership>,
        boards: Arc<Boards>,
    ) -> Self {
        Self { sender, stop, resume, committed, ownership, boards }
    }

    /// Hands over records; waits while the engine is busy. `false` when the engine has ended.
    #[must_use]
    pub fn send(&self, batch: RecordBatch) -> bool {
        self.sender.send(FromSource::Batch(batch)).is_ok()
    }

    /// Hands over records if the engine can take them now.
    #[must_use]
    pub fn offer(&self, batch: RecordBatch) -> Offered {
        match self.sender.try_send(FromSource::Batch(batch)) {
            Ok(()) => Offered::Taken,
            Err(TrySendError::Full(FromSource::Batch(batch))) => Offered::Busy(batch),
            Err(_) => Offered::Ended,
        }
    }

    /// Waits until everything sent so far is committed, at most this long.
    pub fn drain(&self, deadline: Duration) -> Drained {
        let until = Instant::now() + deadline;
        let (answer, answered) = sync_channel(1);
        if !self.send_until(FromSource::Drain(answer), until) {
            return Drained::Not;
        }
        match answered.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(()) => Drained::Committed,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Drained::Not,
        }
    }

    /// Tells that these partitions begin where their ledgers end now. `false` where the engine did not hear it in time.
    #[must_use]
    pub fn assigned(&self, partitions: Vec<TopicPartition>, deadline: Duration) -> bool {
        self.send_until(FromSource::Assigned(partitions), Instant::now() + deadline)
    }

    fn send_until(&self, mut message: FromSource, until: Instant) -> bool {
        loop {
            message = match self.sender.try_send(message) {
                Ok(()) => return true,
                Err(TrySendError::Full(message)) if Instant::now() < until => message,
                Err(_) => return false,
            };
            std::thread::sleep(BETWEEN_OFFERS);
        }
    }

    /// Whether the source should end.
    pub fn is_stopping(&self) -> bool {
        self.stop.is_asked()
    }

    /// Where to begin reading a partition: behind what every pipeline's ledger holds of it.
    pub fn begin(&self, partition: &TopicPartition) -> Result<Option<Offset>> {
        self.resume.begin(partition)
    }

    /// Refuses to read partitions anew where another process has committed meanwhile.
    pub fn refuse_foreign_commits(&self) -> Result<()> {
        self.resume.refuse_foreign_commits()
    }

    /// Tells how much of the log is read here from now on. Where others read a part, boards are withheld: a part's rates
    /// would be wrong.
    pub fn own(&self, share: Share) {
        self.ownership.set(share);
        match share {
            Share::Whole => self.boards.show(),
            Share::Part => self.boards.withhold(),
        }
    }

    /// What has been committed since this was last asked.
    pub fn newly_committed(&self) -> BTreeMap<TopicPartition, Offset> {
        self.committed.take()
    }
}

/// How much of the log is read here.
pub struct Ownership(AtomicBool);

impl Ownership {
    pub(super) fn new(share: Share) -> Self {
        Self(AtomicBool::new(share == Share::Whole))
    }

    fn set(&self, share: Share) {
        self.0.store(share == Share::Whole, Ordering::Relaxed);
    }

    /// The share.
    pub fn share(&self) -> Share {
        if self.0.load(Ordering::Relaxed) { Share::Whole } else { Share::Part }
    }
}

/// A request to drain, commit and end, which any thread may make.
#[derive(Clone, Default)]
pub struct Stop {
    asked: Arc<AtomicBool>,
    outer: Option<Arc<Stop>>,
}

impl Stop {
    /// A request that this one includes: asking it stops no more than the inner work.
    pub fn inner(&self) -> Self {
        Self { asked: Arc::default(), outer: Some(Arc::new(self.clone())) }
    }

    /// Asks.
    pub fn ask(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    /// Whether somebody has asked.
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
            || self.outer.as_ref().is_some_and(|outer| outer.is_asked())
    }
}

/// Offsets that have been committed to the ledger and not yet shown elsewhere.
#[derive(Default)]
pub struct Committed(Mutex<BTreeMap<TopicPartition, Offset>>);

impl Committed {
    /// Notes what a commit covered.
    pub fn note(&self, next: BTreeMap<TopicPartition, Offset>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(next);
    }

    fn take(&self) -> BTreeMap<TopicPartition, Offset> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
