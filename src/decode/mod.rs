//! Bytes into a fact or a reject.
//!
//! Two halves: [`Reader`] parses a record once for all pipelines, picking out what any of them wants; [`Interpreter`]
//! then says what it means to one pipeline. Every refusal has a [`Reason`]; nothing panics, nothing is lost: the raw
//! bytes of a reject are [sealed](Key::seal). No raw identifier leaves this room in the clear (TOKEN). It knows no
//! Kafka and asks no clock: "too late" is judged against the record's own timestamp, so a replay decides as the live run
//! did.

mod envelope;
mod feed;
mod interpret;
mod json;
mod key;
mod naming;
mod pick;
mod reason;
mod record;
mod seal;

#[cfg(test)]
mod tests;

pub use envelope::Reader;
pub use feed::feed_name;
pub use interpret::{AreaText, Fact, Interpreter, Meaning, Outcome};
pub use json::Picks;
pub use key::{Key, KeyError, PseudonymScheme};
pub use pick::Picked;
pub use reason::Reason;
pub use record::{Headers, Offset, RawRecord, RecordBatch, TopicPartition};
pub use seal::{SealError, Unsealed};
