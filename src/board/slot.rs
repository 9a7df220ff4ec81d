//! Where the published boards hang: one slot a pipeline, swapped whole, read by every surface.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::Board;

/// The published boards of all pipelines, in the order of the pipelines.
#[derive(Default)]
pub struct Boards {
    slots: RwLock<Vec<Arc<Board>>>,
    withheld: AtomicBool,
}

impl Boards {
    /// Hangs a board in place of the pipeline's last one.
    pub fn publish(&self, board: Arc<Board>) {
        let mut slots = self.slots.write().unwrap_or_else(PoisonError::into_inner);
        match slots.iter_mut().find(|slot| slot.pipeline.name == board.pipeline.name) {
            Some(slot) => *slot = board,
            None => slots.push(board),
        }
    }

    /// Takes every board down: what hung is not to be shown again.
    pub fn take_down(&self) {
        self.slots.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Takes one pipeline's board down.
    pub fn retract(&self, pipeline: &str) {
        let mut slots = self.slots.write().unwrap_or_else(PoisonError::into_inner);
        slots.retain(|board| board.pipeline.name != pipeline);
    }

    /// Shows no board until [`Boards::show`].
    pub fn withhold(&self) {
        self.withheld.store(true, Ordering::Relaxed);
    }

    /// Shows the boards again.
    pub fn show(&self) {
        self.withheld.store(false, Ordering::Relaxed);
    }

    /// Whether boards are withheld.
    pub fn are_withheld(&self) -> bool {
        self.withheld.load(Ordering::Relaxed)
    }

    /// The boards as they hang now.
    pub fn all(&self) -> Vec<Arc<Board>> {
        if self.are_withheld() {
            return Vec::new();
        }
        self.slots.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
