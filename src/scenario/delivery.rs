//! One record as it lies on its topic. Knows nothing of what it says.

use super::identity::EntityId;

/// One record as it lies on its topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The topic, such as `hr.workers`.
    pub topic: &'static str,
    /// The identifier of whom or what it is about: the subject of the event.
    pub key: EntityId,
    /// The record's timestamp, in Unix seconds: when it was delivered, which is never before it
    /// happened.
    pub recorded_at_seconds: i64,
    /// A structured CloudEvent, JSON without a line break.
    pub value: Vec<u8>,
}
