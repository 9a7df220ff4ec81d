//! One strict pass over a JSON object that keeps only what the pointers name.
//!
//! It is our own because it is asked of every event: a general parser does for every member what is needed for few.
//! Three things make it cheap. Values are borrowed from the record. What nobody wants is only looked through. And events of a
//! topic look alike: the [road](road) remembers the members of the last one in their order, so that most are recognised by
//! one comparison. What is rare, such as escapes and fractions, serde_json reads, as it reads everything in the tests that
//! hold the two against each other.
//!
//! Strict means: RFC 8259 and nothing more, a member named twice refused at every level, depth bounded.

mod picks;
mod pointers;
mod road;
mod scan;
mod string;

pub use picks::Picks;
pub use pointers::{At, PointerTree};

/// No event is nested this deep; it also bounds the stack.
pub(super) const DEPTH_MOST: usize = 64;
