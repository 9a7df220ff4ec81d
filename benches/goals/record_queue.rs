//! Records of all partitions, taken by the batch: the least that librdkafka asks for a record. rdkafka has no such call, so this
//! calls librdkafka itself.
#![expect(
    unsafe_code,
    reason = "librdkafka's batch call has no safe wrapper; each block has its argument"
)]

use std::ffi::CString;
use std::ptr::NonNull;
use std::slice;
use std::sync::Arc;
use std::time::Duration;

use rdkafka::bindings::{
    rd_kafka_consume_batch_queue, rd_kafka_message_destroy, rd_kafka_message_t,
    rd_kafka_queue_destroy, rd_kafka_queue_forward, rd_kafka_queue_get_partition,
    rd_kafka_queue_new, rd_kafka_queue_t,
};
use rdkafka::consumer::{BaseConsumer, Consumer};

/// A queue for the records of whichever partitions are sent here. To be dropped before its consumer is closed, or what nobody
/// took from it is kept until then.
pub struct RecordQueue {
    queue: NonNull<rd_kafka_queue_t>,
    /// Where librdkafka puts what it hands over.
    handed_over: Vec<*mut rd_kafka_message_t>,
    /// A queue must not outlive its client.
    consumer: Arc<BaseConsumer>,
}

/// A record, as long as it is looked at.
pub struct Consumed<'m>(&'m rd_kafka_message_t);

impl RecordQueue {
    /// An empty queue; `None` where librdkafka has none to give.
    pub fn new(consumer: &Arc<BaseConsumer>) -> Option<Self> {
        // SAFETY: the client is alive as long as `consumer` is.
        let queue = unsafe { rd_kafka_queue_new(consumer.client().native_ptr()) };
        let queue = NonNull::new(queue)?;
        Some(Self { queue, handed_over: Vec::new(), consumer: consumer.clone() })
    }

    /// Sends a partition's records here from now on, and whenever it is assigned again; the consumer's poll does not return them
    /// any more. The partition must be paused or not assigned yet, so that none of its records are on their way there.
    /// `false` where librdkafka knows no such partition.
    #[must_use]
    pub fn receive(&self, topic: &str, partition: i32) -> bool {
        let Ok(topic) = CString::new(topic) else { return false };
        let client = self.consumer.client().native_ptr();
        // SAFETY: the client is alive as long as `self.consumer` is, and the name is a C string that is copied.
        let own = unsafe { rd_kafka_queue_get_partition(client, topic.as_ptr(), partition) };
        if own.is_null() {
            return false;
        }
        // SAFETY: both queues are alive; what was returned is ours to destroy, once, which ends no forwarding.
        unsafe {
            rd_kafka_queue_forward(own, self.queue.as_ptr());
            rd_kafka_queue_destroy(own);
        }
        true
    }

    /// Waits until there are `most` records, but no longer than `patience`, and calls `each` with those that are there, in the
    /// order of their offsets within a partition. Returns how many they were.
    pub fn take(
        &mut self,
        most: usize,
        patience: Duration,
        mut each: impl FnMut(Consumed<'_>),
    ) -> usize {
        self.handed_over.clear();
        self.handed_over.reserve(most);
        let milliseconds = i32::try_from(patience.as_millis()).unwrap_or(i32::MAX);
        let (queue, room) = (self.queue.as_ptr(), self.handed_over.as_mut_ptr());
        // SAFETY: the queue is alive until `self` is dropped, and there is room for `most` pointers.
        let taken = unsafe { rd_kafka_consume_batch_queue(queue, milliseconds, room, most) };
        let taken = usize::try_from(taken).unwrap_or(0).min(most);
        // SAFETY: librdkafka has written so many pointers.
        unsafe { self.handed_over.set_len(taken) };
        for message in self.handed_over.drain(..) {
            // SAFETY: every pointer is of a message that is ours until it is destroyed, which is done once, and after whatever
            // was borrowed from it.
            unsafe {
                each(Consumed(&*message));
                rd_kafka_message_destroy(message);
            }
        }
        taken
    }
}

impl Drop for RecordQueue {
    fn drop(&mut self) {
        // SAFETY: the queue was made for us, and nothing uses it after this; partitions still sent here lose what they bring.
        unsafe { rd_kafka_queue_destroy(self.queue.as_ptr()) }
    }
}

impl<'m> Consumed<'m> {
    /// `None` is Kafka's null.
    pub fn value(&self) -> Option<&'m [u8]> {
        let value = NonNull::new(self.0.payload.cast::<u8>())?;
        // SAFETY: a payload that is not null has so many bytes, which the message owns.
        Some(unsafe { slice::from_raw_parts(value.as_ptr(), self.0.len) })
    }
}
