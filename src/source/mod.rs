//! Where records come from: Kafka, NDJSON files, memory.
//!
//! Only [`kafka`] knows rdkafka. A source delivers batches of one partition, in order, into the engine's sink, and asks
//! it where to begin; it knows nothing of what the records mean.

pub mod files;
pub mod kafka;
pub mod memory;
