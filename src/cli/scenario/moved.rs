//! The springs as if they were of another day: every moment that a record names, and its own, moved by the same length of time.

use serde_json::{Value, json};

use crate::scenario::Delivery;
use crate::time::EventTime;

/// What tells of a worker who is back, and of one who has left again.
const RETURNED: &str = "cn.hr.worker.returned.v1";
const LEFT: &str = "cn.hr.worker.left.v1";

/// The record so many seconds later.
pub fn later(delivery: Delivery, seconds: i64) -> Delivery {
    if seconds == 0 {
        return delivery;
    }
    let recorded_at_seconds = delivery.recorded_at_seconds + seconds;
    let value = match serde_json::from_slice(&delivery.value) {
        Ok(event) => moved(event, seconds).to_string().into_bytes(),
        Err(_) => delivery.value,
    };
    Delivery { recorded_at_seconds, value, ..delivery }
}

/// Of a worker's return, that the same worker leaves at that moment; nothing of any other record.
pub fn leaves_again(delivery: &Delivery, moment: EventTime) -> Option<Delivery> {
    let mut event: Value = serde_json::from_slice(&delivery.value).ok()?;
    if event["type"] != RETURNED {
        return None;
    }
    let id = event["id"].as_str().map(|id| format!("{id}-left"))?;
    event["id"] = json!(id);
    event["type"] = json!(LEFT);
    event["time"] = json!(moment.to_string());
    let value = event.to_string().into_bytes();
    Some(Delivery { recorded_at_seconds: moment.seconds(), value, ..delivery.clone() })
}

fn moved(value: Value, seconds: i64) -> Value {
    match value {
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name, moved(value, seconds))).collect()
        }
        Value::Array(values) => values.into_iter().map(|value| moved(value, seconds)).collect(),
        Value::String(text) => match EventTime::parse(&text) {
            Some(time) => json!(time.plus(seconds).to_string()),
            None => Value::String(text),
        },
        value => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Springs, deliveries};

    fn returned() -> Delivery {
        let is_it = |one: &Delivery| {
            serde_json::from_slice::<Value>(&one.value).is_ok_and(|event| event["type"] == RETURNED)
        };
        deliveries(Springs::default()).find(is_it).unwrap()
    }

    fn event(delivery: &Delivery) -> Value {
        serde_json::from_slice(&delivery.value).unwrap()
    }

    #[test]
    fn all_moments_of_a_record_move_and_nothing_else_does() {
        let (before, after) = (returned(), later(returned(), 86_400));
        assert_eq!(after.recorded_at_seconds, before.recorded_at_seconds + 86_400);
        let time = |event: &Value| EventTime::parse(event["time"].as_str().unwrap()).unwrap();
        let (mut before, mut after) = (event(&before), event(&after));
        assert_eq!(time(&after), time(&before).plus(86_400));
        before["time"].take();
        after["time"].take();
        assert_eq!(before, after);
        assert_eq!(later(returned(), 0), returned(), "the same bytes");
    }

    #[test]
    fn who_came_back_leaves_again_and_nobody_else_does() {
        let now = EventTime::parse("2026-12-01T00:00:00Z").unwrap();
        let left = leaves_again(&returned(), now).unwrap();
        let (before, after) = (event(&returned()), event(&left));
        assert_eq!(
            (&after["type"], &after["time"]),
            (&json!(LEFT), &json!("2026-12-01T00:00:00Z"))
        );
        assert_eq!(
            (&after["subject"], &after["data"]["area"]),
            (&before["subject"], &before["data"]["area"])
        );
        assert_ne!(after["id"], before["id"]);
        assert_eq!(leaves_again(&left, now), None);
    }
}
