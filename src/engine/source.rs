//! What the engine asks of a source, and what it answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Sink;
use crate::decode::RecordBatch;
use crate::error::Result;
use crate::lake::Share;

/// Something that delivers records, until it ends or is asked to stop.
pub trait Source: Send {
    /// Who reads the log before the source has told anything else by [`Sink::assigned`].
    fn share_at_first(&self) -> Share {
        Share::Whole
    }

    /// Delivers everything into the sink. Runs on a thread of its own.
    fn run(self: Box<Self>, sink: Sink) -> Result<()>;
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
