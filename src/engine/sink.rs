//! What a source sees of the engine: where its records go, when to stop, where to begin, and what has been committed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::conductor::ToConductor;
use super::lost::Lost;
use super::resume::Resume;
use super::{Drained, Offered, Stop};
use crate::decode::{Offset, RecordBatch, TopicPartition};
use crate::error::{Error, ErrorKind, Result};
use crate::lake::Share;

/// How long to wait before a full queue is tried again.
const BETWEEN_OFFERS: Duration = Duration::from_millis(10);

/// Tells one assignment of a partition from another: records that were read under an earlier one are not taken.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Assignment(pub u64);

/// Partitions as they are assigned.
#[derive(Clone, Debug)]
pub struct Assigned {
    /// Records that are read from now on say so.
    pub assignment: Assignment,
    /// Where to begin: behind what every pipeline's ledger holds; `None` where one of them holds nothing.
    pub begins: BTreeMap<TopicPartition, Option<Offset>>,
}

/// The engine as its source sees it.
#[derive(Clone)]
pub struct Sink {
    sender: SyncSender<ToConductor>,
    stop: Stop,
    resume: Resume,
    committed: Arc<Committed>,
    lost: Arc<Lost>,
    ready: Arc<Ready>,
}

impl Sink {
    pub(super) fn new(
        sender: SyncSender<ToConductor>,
        stop: Stop,
        resume: Resume,
        committed: Arc<Committed>,
        lost: Arc<Lost>,
        ready: Arc<Ready>,
    ) -> Self {
        Self { sender, stop, resume, committed, lost, ready }
    }

    /// Hands over records; waits while the engine is busy. `false` when the engine has ended.
    #[must_use]
    pub fn send(&self, batch: RecordBatch, assignment: Assignment) -> bool {
        self.sender.send(ToConductor::Batch(batch, assignment)).is_ok()
    }

    /// Hands over records if the engine can take them now.
    #[must_use]
    pub fn offer(&self, batch: RecordBatch, assignment: Assignment) -> Offered {
        match self.sender.try_send(ToConductor::Batch(batch, assignment)) {
            Ok(()) => Offered::Taken,
            Err(TrySendError::Full(ToConductor::Batch(batch, _))) => Offered::Busy(batch),
            Err(_) => Offered::Ended,
        }
    }

    /// Takes partitions on, beside those that are read already. Their records are awaited once what the lake remembers of
    /// them is there ([`Sink::newly_ready`]). `share` says who else reads the source from now on.
    pub fn assigned(&self, partitions: &[TopicPartition], share: Share) -> Result<Assigned> {
        let (assigned, found) = self.resume.look_up(partitions)?;
        let message = ToConductor::Assigned(assigned.clone(), found, share);
        self.sender.send(message).map_err(|_| ended())?;
        Ok(assigned)
    }

    /// Waits until everything sent so far is committed, at most this long.
    pub fn drain(&self, deadline: Duration) -> Drained {
        let until = Instant::now() + deadline;
        let (answer, answered) = sync_channel(1);
        let mut message = ToConductor::Drain(answer);
        loop {
            message = match self.sender.try_send(message) {
                Ok(()) => break,
                Err(TrySendError::Full(message)) if Instant::now() < until => message,
                Err(_) => return Drained::Not,
            };
            std::thread::sleep(BETWEEN_OFFERS);
        }
        match answered.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(()) => Drained::Committed,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Drained::Not,
        }
    }

    /// Gives partitions up: what was sent of them and is not committed is dropped, and somebody else reads it.
    pub fn revoked(&self, partitions: Vec<TopicPartition>, share: Share) -> Result<()> {
        self.sender.send(ToConductor::Revoked(partitions, share)).map_err(|_| ended())
    }

    /// Partitions whose records are awaited since this was last asked, if they are still read under these assignments.
    pub fn newly_ready(&self) -> BTreeMap<TopicPartition, Assignment> {
        self.ready.take()
    }

    /// Partitions that somebody else has moved on since this was last asked. Where they are still assigned here, they
    /// have to be taken on anew.
    pub fn newly_lost(&self) -> BTreeSet<TopicPartition> {
        self.lost.take_for_source()
    }

    /// Whether the source should end.
    pub fn is_stopping(&self) -> bool {
        self.stop.is_asked()
    }

    /// What has been committed since this was last asked.
    pub fn newly_committed(&self) -> BTreeMap<TopicPartition, Offset> {
        self.committed.take()
    }
}

fn ended() -> Error {
    Error::new(ErrorKind::Internal, "the engine has ended before its source")
}

/// Partitions whose records are awaited, and whose source does not know it yet.
#[derive(Default)]
pub struct Ready(Mutex<BTreeMap<TopicPartition, Assignment>>);

impl Ready {
    /// Awaits these.
    pub fn note(&self, partitions: impl IntoIterator<Item = (TopicPartition, Assignment)>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(partitions);
    }

    fn take(&self) -> BTreeMap<TopicPartition, Assignment> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
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
