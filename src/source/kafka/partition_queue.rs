//! Records of one partition, taken by the batch.
//!
//! Polled one by one, a record costs a lock, an event, two allocations and a look at the clock: half of what librdkafka needs
//! for it. A batch costs them once. rdkafka offers no such call, so this is the one place that calls librdkafka itself.
#![expect(
    unsafe_code,
    reason = "librdkafka's batch call has no safe wrapper; each block has its argument"
)]

use std::ffi::{CStr, CString};
use std::ptr::{self, NonNull};
use std::slice;
use std::sync::Arc;

use rdkafka::bindings::{
    rd_kafka_consume_batch_queue, rd_kafka_header_get_all, rd_kafka_message_destroy,
    rd_kafka_message_headers, rd_kafka_message_t, rd_kafka_message_timestamp,
    rd_kafka_queue_destroy, rd_kafka_queue_forward, rd_kafka_queue_get_partition, rd_kafka_queue_t,
    rd_kafka_timestamp_type_t,
};
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaRespErr;

use crate::decode::{Headers, Offset};
use crate::time::EventTime;

/// One partition's records, which the consumer's own poll does not return any more.
pub struct PartitionQueue<C: ConsumerContext + 'static> {
    queue: NonNull<rd_kafka_queue_t>,
    /// Where librdkafka puts what it hands over.
    handed_over: Vec<*mut rd_kafka_message_t>,
    /// A queue must not outlive its consumer.
    _consumer: Arc<BaseConsumer<C>>,
}

/// A record, as long as it is looked at.
pub struct Consumed<'m> {
    /// Its place in the partition.
    pub offset: Offset,
    /// When it was written, by Kafka's account.
    pub time: EventTime,
    /// `None` is Kafka's null.
    pub value: Option<&'m [u8]>,
    /// Its headers.
    pub headers: Headers,
}

impl<C: ConsumerContext> PartitionQueue<C> {
    /// The queue of a partition that is assigned and paused, so that nothing of it has been handed over before. To be split
    /// off anew whenever it is assigned anew.
    pub fn split(consumer: &Arc<BaseConsumer<C>>, topic: &str, partition: i32) -> Option<Self> {
        let topic = CString::new(topic).ok()?;
        let client = consumer.client().native_ptr();
        // SAFETY: the client is alive as long as `consumer` is, and the name is a C string that is copied.
        let queue = unsafe { rd_kafka_queue_get_partition(client, topic.as_ptr(), partition) };
        let queue = NonNull::new(queue)?;
        // SAFETY: the queue was just returned and is ours until it is destroyed; a null target ends the forwarding.
        unsafe { rd_kafka_queue_forward(queue.as_ptr(), ptr::null_mut()) };
        Some(Self { queue, handed_over: Vec::new(), _consumer: consumer.clone() })
    }

    /// Takes up to `most` records that are there already, in the order of their offsets, and what librdkafka has to say of
    /// the partition. Returns how many it were.
    pub fn take(
        &mut self,
        most: usize,
        mut each: impl FnMut(Result<Consumed<'_>, KafkaError>),
    ) -> usize {
        self.handed_over.clear();
        self.handed_over.reserve(most);
        let (queue, room) = (self.queue.as_ptr(), self.handed_over.as_mut_ptr());
        // SAFETY: the queue is alive until `self` is dropped, and there is room for `most` pointers.
        let taken = unsafe { rd_kafka_consume_batch_queue(queue, 0, room, most) };
        let taken = usize::try_from(taken).unwrap_or(0);
        // SAFETY: librdkafka has written so many pointers, which is no more than was asked for.
        unsafe { self.handed_over.set_len(taken.min(most)) };
        for message in self.handed_over.drain(..) {
            // SAFETY: every pointer is of a message that is ours until it is destroyed, which is done once, and after
            // whatever was borrowed from it.
            unsafe {
                each(consumed(&*message));
                rd_kafka_message_destroy(message);
            }
        }
        taken
    }
}

impl<C: ConsumerContext> Drop for PartitionQueue<C> {
    fn drop(&mut self) {
        // SAFETY: the queue was returned to us once, and nothing uses it after this.
        unsafe { rd_kafka_queue_destroy(self.queue.as_ptr()) }
    }
}

/// # Safety
///
/// The message must be one that librdkafka handed over and that has not been destroyed.
unsafe fn consumed(message: &rd_kafka_message_t) -> Result<Consumed<'_>, KafkaError> {
    if message.err != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
        return Err(KafkaError::MessageConsumption(message.err.into()));
    }
    let mut kind = rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    // SAFETY: of the caller; the kind is written to.
    let milliseconds = unsafe { rd_kafka_message_timestamp(message, &raw mut kind) };
    let value = NonNull::new(message.payload.cast::<u8>());
    // SAFETY: of the caller; a payload that is not null has so many bytes, which the message owns.
    let value = value.map(|value| unsafe { slice::from_raw_parts(value.as_ptr(), message.len) });
    // A record without a timestamp says -1.
    let time = EventTime::from_milliseconds(milliseconds.max(0));
    // SAFETY: of the caller.
    let headers = unsafe { headers(message) };
    Ok(Consumed { offset: Offset(message.offset), time, value, headers })
}

/// # Safety
///
/// As [`consumed`].
unsafe fn headers(message: &rd_kafka_message_t) -> Headers {
    let (mut list, mut headers) = (ptr::null_mut(), Headers::new());
    // SAFETY: of the caller; the list stays the message's.
    if unsafe { rd_kafka_message_headers(message, &raw mut list) }
        != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR
    {
        return headers;
    }
    loop {
        let (mut name, mut value, mut length) = (ptr::null(), ptr::null(), 0);
        // SAFETY: the list is the message's; what is written are a C string and so many bytes, or null, that it owns.
        let got = unsafe {
            rd_kafka_header_get_all(
                list,
                headers.len(),
                &raw mut name,
                &raw mut value,
                &raw mut length,
            )
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
