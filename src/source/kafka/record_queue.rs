//! Records of all partitions that are read, taken by the batch.
//!
//! Polled one by one, a record costs a lock, an event, two allocations and a look at the clock: half of what librdkafka needs
//! for it. A batch costs them once. rdkafka offers no such call, so this is the one place that calls librdkafka itself.
//! Rebalances stay with the consumer's own poll.
#![expect(
    unsafe_code,
    reason = "librdkafka's batch call has no safe wrapper; each block has its argument"
)]

use std::ffi::{CStr, CString};
use std::ptr::{self, NonNull};
use std::slice;
use std::sync::Arc;
use std::time::Duration;

use rdkafka::bindings::{
    rd_kafka_consume_batch_queue, rd_kafka_header_get_all, rd_kafka_message_destroy,
    rd_kafka_message_headers, rd_kafka_message_t, rd_kafka_message_timestamp,
    rd_kafka_queue_destroy, rd_kafka_queue_forward, rd_kafka_queue_get_partition,
    rd_kafka_queue_new, rd_kafka_queue_t, rd_kafka_timestamp_type_t, rd_kafka_topic_name,
};
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaRespErr;

use crate::decode::{Headers, Offset};
use crate::time::EventTime;

/// A queue for the records of whichever partitions are sent here. To be dropped before its consumer is closed, or what nobody
/// took from it is kept until then.
pub struct RecordQueue<C: ConsumerContext + 'static> {
    queue: NonNull<rd_kafka_queue_t>,
    /// Where librdkafka puts what it hands over.
    handed_over: Vec<*mut rd_kafka_message_t>,
    /// A queue must not outlive its client.
    consumer: Arc<BaseConsumer<C>>,
}

/// A record, as long as it is looked at; or what librdkafka has to say of its partition.
pub struct Consumed<'m> {
    /// The topic's name.
    pub topic: &'m str,
    message: &'m rd_kafka_message_t,
}

impl<C: ConsumerContext> RecordQueue<C> {
    /// An empty queue; `None` where librdkafka has none to give.
    pub fn new(consumer: &Arc<BaseConsumer<C>>) -> Option<Self> {
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
        let mut topic = Topic { handle: ptr::null_mut(), name: String::new() };
        for message in self.handed_over.drain(..) {
            // SAFETY: every pointer is of a message that is ours until it is destroyed, which is done once, and after whatever
            // was borrowed from it; its topic's handle lives as long as it does.
            unsafe {
                let handle = (*message).rkt;
                if handle != topic.handle {
                    let name = CStr::from_ptr(rd_kafka_topic_name(handle)).to_string_lossy();
                    topic = Topic { handle, name: name.into_owned() };
                }
                each(Consumed { topic: &topic.name, message: &*message });
                rd_kafka_message_destroy(message);
            }
        }
        taken
    }
}

/// A topic's name is asked for once in a row of its records.
struct Topic {
    handle: *mut rdkafka::bindings::rd_kafka_topic_t,
    name: String,
}

impl<C: ConsumerContext> Drop for RecordQueue<C> {
    fn drop(&mut self) {
        // SAFETY: the queue was made for us, and nothing uses it after this; partitions still sent here lose what they bring.
        unsafe { rd_kafka_queue_destroy(self.queue.as_ptr()) }
    }
}

impl<'m> Consumed<'m> {
    /// The number of its partition.
    pub fn partition(&self) -> i32 {
        self.message.partition
    }

    /// Its place in the partition.
    ///
    /// # Errors
    ///
    /// Where it is no record but a notice of librdkafka's.
    pub fn offset(&self) -> Result<Offset, KafkaError> {
        match self.message.err {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR => Ok(Offset(self.message.offset)),
            error => Err(KafkaError::MessageConsumption(error.into())),
        }
    }

    /// When it was written, by Kafka's account.
    pub fn time(&self) -> EventTime {
        let mut kind = rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
        // SAFETY: the message is not destroyed yet; the kind is written to.
        let milliseconds = unsafe { rd_kafka_message_timestamp(self.message, &raw mut kind) };
        // A record without a timestamp says -1.
        EventTime::from_milliseconds(milliseconds.max(0))
    }

    /// `None` is Kafka's null.
    pub fn value(&self) -> Option<&'m [u8]> {
        let value = NonNull::new(self.message.payload.cast::<u8>())?;
        // SAFETY: a payload that is not null has so many bytes, which the message owns.
        Some(unsafe { slice::from_raw_parts(value.as_ptr(), self.message.len) })
    }

    /// Its headers, in their order.
    pub fn headers(&self) -> Headers {
        let (mut list, mut headers) = (ptr::null_mut(), Headers::new());
        // SAFETY: the message is not destroyed yet; the list stays the message's.
        let got = unsafe { rd_kafka_message_headers(self.message, &raw mut list) };
        if got != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
            return headers;
        }
        loop {
            let (mut name, mut value, mut length) = (ptr::null(), ptr::null(), 0);
            // SAFETY: the list is the message's; what is written are a C string and so many bytes, or null, that it owns.
            let got = unsafe {
                let (name, value) = (&raw mut name, &raw mut value);
                rd_kafka_header_get_all(list, headers.len(), name, value, &raw mut length)
            };
            if got != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
                return headers;
            }
            // SAFETY: as above.
            let name = unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned();
            let value = NonNull::new(value.cast_mut().cast::<u8>()).map_or(Vec::new(), |value| {
                // SAFETY: as above.
                unsafe { slice::from_raw_parts(value.as_ptr(), length) }.to_vec()
            });
            headers.push((name, value));
        }
    }
}
