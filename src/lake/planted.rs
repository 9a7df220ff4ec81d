//! Bugs that tests plant, to see that they would be found. Nothing of this is in the program itself.

use std::cell::Cell;

/// A bug.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bug {
    /// A commit does not look whether others have moved its partitions on.
    ForgetsWhoOwnsWhat,
    /// Panes are told what the ledger does not hold yet.
    PanesAheadOfTheLedger,
    /// What the panes hold is recalled behind what they lack.
    LackingFirst,
    /// A roster may hold facts of epochs that are not committed yet.
    RosterAheadOfTheLedger,
    /// A snapshot is kept of homes that came or went while it was taken.
    KeepsDisturbedHomes,
}

thread_local! {
    static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
}

/// Whether a bug is planted on this thread.
pub fn is(bug: Bug) -> bool {
    PLANTED.get() == Some(bug)
}

/// Plants a bug on this thread, or takes it out.
pub fn plant(bug: Option<Bug>) {
    PLANTED.set(bug);
}
