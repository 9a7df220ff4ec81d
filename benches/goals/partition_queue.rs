//! Records of one partition, by the batch: the least that librdkafka asks for a record. rdkafka has no such call, so this calls
//! librdkafka itself.
#![expect(
    unsafe_code,
    reason = "librdkafka's batch call has no safe wrapper; each block has its argument"
)]

use std::ffi::CString;
use std::ptr::{self, NonNull};
use std::slice;
use std::sync::Arc;

use rdkafka::bindings::{
    rd_kafka_consume_batch_queue, rd_kafka_message_destroy, rd_kafka_message_t,
    rd_kafka_queue_destroy, rd_kafka_queue_forward, rd_kafka_queue_get_partition, rd_kafka_queue_t,
};
use rdkafka::consumer::{BaseConsumer, Consumer};

/// One partition's records, which the consumer's own poll does not return any more.
pub struct PartitionQueue {
    queue: NonNull<rd_kafka_queue_t>,
    /// Where librdkafka puts what it hands over.
    handed_over: Vec<*mut rd_kafka_message_t>,
    /// A queue must not outlive its consumer.
    _consumer: Arc<BaseConsumer>,
}

impl PartitionQueue {
    /// The queue of a partition of which nothing has been handed over before.
    pub fn split(consumer: &Arc<BaseConsumer>, topic: &str, partition: i32) -> Option<Self> {
        let topic = CString::new(topic).ok()?;
        let client = consumer.client().native_ptr();
        // SAFETY: the client is alive as long as `consumer` is, and the name is a C string that is copied.
        let queue = unsafe { rd_kafka_queue_get_partition(client, topic.as_ptr(), partition) };
        let queue = NonNull::new(queue)?;
        // SAFETY: the queue was just returned and is ours until it is destroyed; a null target ends the forwarding.
        unsafe { rd_kafka_queue_forward(queue.as_ptr(), ptr::null_mut()) };
        Some(Self { queue, handed_over: Vec::new(), _consumer: consumer.clone() })
    }

    /// Calls `each` with the values of up to `most` records that are there already, in the order of their offsets. Returns how many
    /// it were; what is no record has no value.
    pub fn take(&mut self, most: usize, mut each: impl FnMut(&[u8])) -> usize {
        self.handed_over.clear();
        self.handed_over.reserve(most);
        let (queue, room) = (self.queue.as_ptr(), self.handed_over.as_mut_ptr());
        // SAFETY: the queue is alive until `self` is dropped, and there is room for `most` pointers.
        let taken = unsafe { rd_kafka_consume_batch_queue(queue, 0, room, most) };
        let taken = usize::try_from(taken).unwrap_or(0);
        // SAFETY: librdkafka has written so many pointers, which is no more than was asked for.
        unsafe { self.handed_over.set_len(taken.min(most)) };
        for message in self.handed_over.drain(..) {
            // SAFETY: the message is ours until it is destroyed, which is done once and last; a payload that is not null has so
            // many bytes.
            unsafe {
                if let Some(value) = NonNull::new((*message).payload.cast::<u8>()) {
                    each(slice::from_raw_parts(value.as_ptr(), (*message).len));
                }
                rd_kafka_message_destroy(message);
            }
        }
        taken
    }
}

impl Drop for PartitionQueue {
    fn drop(&mut self) {
        // SAFETY: the queue was returned to us once, and nothing uses it after this.
        unsafe { rd_kafka_queue_destroy(self.queue.as_ptr()) }
    }
}
