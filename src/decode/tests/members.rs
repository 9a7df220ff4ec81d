//! Kinds, entities and fields: what an event must say, what it may, and in which type.

use super::*;

const MODE: usize = 0;
const TRIPS_MADE: usize = 1;
const INSURED: usize = 2;
const SINCE: usize = 3;

fn field(pointer: &str, value: impl Into<Json>, field: usize) -> Option<i64> {
    fact(decode(event_with(pointer, value))).fields[field]
}

fn refused(pointer: &str, value: impl Into<Json>, reason: Reason) {
    rejected(event_with(pointer, value), reason);
}

#[test]
fn a_kind_must_be_there_and_known() {
    for missing in
        [event_without("/type"), event_with("/type", ""), event_with("/type", Json::Null)]
    {
        rejected(missing, Reason::MissingKind);
    }
    for no_text in [json!(1), json!(true), json!({ "name": "returned.v1" }), json!(["returned.v1"])]
    {
        refused("/type", no_text, Reason::MissingKind);
    }
    for unknown in ["returned.v2", "RETURNED.V1", " returned.v1", "returned.v1 ", "returned"] {
        refused("/type", unknown, Reason::UnknownKind);
    }
}

#[test]
fn a_heartbeat_needs_no_more_than_its_type() {
    assert_eq!(decode(event_with("/type", "alive.v1")), Decoded::Heartbeat);
    assert_eq!(decode(r#"{"type":"alive.v1","source":"/huli"}"#), Decoded::Heartbeat);
    assert_eq!(decode(r#"{"type":"alive.v1","time":"never"}"#), Decoded::Heartbeat);
}

#[test]
fn a_kind_that_another_pipeline_counts_is_ignored_whatever_else_it_says() {
    assert_eq!(decode(event_with("/type", "stayed.v1")), Decoded::Ignored);
    assert_eq!(decode(r#"{"type":"stayed.v1"}"#), Decoded::Ignored);
    assert_eq!(
        decode(r#"{"type":"stayed.v1","time":"never","data":{"trips":"x"}}"#),
        Decoded::Ignored
    );
}

#[test]
fn a_retraction_needs_its_entity_and_time_alone() {
    let retraction = fact(decode(
        r#"{"type":"return-cancelled.v1","subject":"w1","time":"2022-02-10T09:00:00Z"}"#,
    ));
    assert!(retraction.retracts);
    assert_eq!(retraction.entity, fact(decode(event().to_string())).entity);
    rejected(
        r#"{"type":"return-cancelled.v1","time":"2022-02-10T09:00:00Z"}"#,
        Reason::MissingEntity,
    );
}

#[test]
fn an_entity_must_be_named() {
    for missing in ["", " ", "\u{3000}"] {
        refused("/subject", missing, Reason::MissingEntity);
    }
    refused("/subject", Json::Null, Reason::MissingEntity);
    rejected(event_without("/subject"), Reason::MissingEntity);
}

#[test]
fn an_entity_is_named_by_text_or_a_whole_number() {
    let named = |subject: Json| fact(decode(event_with("/subject", subject))).entity;
    assert_eq!(named(json!(42)), named(json!("42")));
    assert_eq!(named(json!(" w1\n")), named(json!("w1")));
    assert_ne!(named(json!("W1")), named(json!("w1")));
    assert_ne!(named(json!("042")), named(json!(42)));
    for wrong in
        [json!(4.2), json!(true), json!({ "id": 1 }), json!([1]), json!(1e20), json!(u64::MAX)]
    {
        refused("/subject", wrong, Reason::InvalidEntity);
    }
}

#[test]
fn an_identifier_has_256_bytes_at_most() {
    fact(decode(event_with("/subject", "x".repeat(256))));
    fact(decode(event_with("/subject", format!(" {} ", "x".repeat(256)))));
    refused("/subject", "x".repeat(257), Reason::InvalidEntity);
    refused("/subject", "工".repeat(86), Reason::InvalidEntity);
}

#[test]
fn a_field_may_be_absent() {
    for pointer in ["/data/mode", "/data/trips", "/data/insured", "/data/since"] {
        assert!(fact(decode(event_without(pointer))).fields.contains(&None), "{pointer}");
        let null = fact(decode(event_with(pointer, Json::Null)));
        assert_eq!(null, fact(decode(event_without(pointer))), "{pointer}");
    }
}

#[test]
fn a_label_is_one_of_its_list_to_the_letter() {
    assert_eq!(field("/data/mode", "air", MODE), Some(0));
    assert_eq!(field("/data/mode", "own's", MODE), Some(2));
    for unknown in ["", "Rail", "rail ", "boat", "铁路"] {
        refused("/data/mode", unknown, Reason::UnknownLabel);
    }
    for wrong in [json!(1), json!(true), json!({}), json!(["rail"])] {
        refused("/data/mode", wrong, Reason::FieldType);
    }
}

#[test]
fn an_integer_is_a_whole_number_that_fits() {
    assert_eq!(field("/data/trips", 0, TRIPS_MADE), Some(0));
    assert_eq!(field("/data/trips", i64::MAX, TRIPS_MADE), Some(i64::MAX));
    assert_eq!(field("/data/trips", i64::MIN + 1, TRIPS_MADE), Some(i64::MIN + 1));
    // The least number of 64 bits stands for NULL.
    for out_of_range in [json!(i64::MIN), json!(u64::MAX), json!(1e300), json!(-1e300)] {
        refused("/data/trips", out_of_range, Reason::FieldRange);
    }
    for wrong in
        [json!(3.0), json!(3.5), json!(1e3), json!("3"), json!(true), json!([3]), json!({})]
    {
        refused("/data/trips", wrong, Reason::FieldType);
    }
    let spelled =
        |number: &str| event().to_string().replace("\"trips\":3", &format!("\"trips\":{number}"));
    rejected(spelled("99999999999999999999"), Reason::FieldRange);
    rejected(spelled("-99999999999999999999"), Reason::FieldRange);
    rejected(spelled("-0"), Reason::FieldType);
    rejected(spelled("3e0"), Reason::FieldType);
}

#[test]
fn a_boolean_is_true_or_false_and_no_text() {
    assert_eq!(field("/data/insured", true, INSURED), Some(1));
    assert_eq!(field("/data/insured", false, INSURED), Some(0));
    for wrong in [json!("true"), json!("是"), json!(1), json!(0), json!("")] {
        refused("/data/insured", wrong, Reason::FieldType);
    }
}

#[test]
fn a_time_in_a_field_may_lie_in_the_future_but_not_in_another_century() {
    assert_eq!(field("/data/since", "2050-01-01T08:00:00.5+08:00", SINCE), Some(2_524_608_000));
    for far in ["1999-12-31T23:59:59Z", "2100-01-01T00:00:00Z"] {
        refused("/data/since", far, Reason::FieldRange);
    }
    for wrong in [json!(""), json!("2022-01-01"), json!(1_640_995_200), json!(true), json!({})] {
        refused("/data/since", wrong, Reason::FieldType);
    }
}

#[test]
fn members_are_found_where_the_pointer_says_and_nowhere_else() {
    let moved = TRIPS.replace("path: /data/trips", "path: /data/a~1b/m~0n");
    let mut event = event();
    event["data"]["a/b"] = json!({ "m~n": 5, "trips": 6 });
    let decoded =
        Desk::of(&moved).decode(Some(event.to_string().as_bytes()), Headers::new(), WRITTEN);
    assert_eq!(fact(decoded).fields[TRIPS_MADE], Some(5));
    event["data"]["a/b"] = json!([{ "m~n": 5 }]);
    let decoded =
        Desk::of(&moved).decode(Some(event.to_string().as_bytes()), Headers::new(), WRITTEN);
    assert_eq!(fact(decoded).fields[TRIPS_MADE], None);
}

#[test]
fn what_one_record_says_is_forgotten_at_the_next() {
    let mut desk = Desk::of(TRIPS);
    let mut batch = RecordBatch::new(place());
    let bare = r#"{"type":"returned.v1","subject":"w2","time":"2022-02-10T09:00:00Z"}"#;
    for (offset, value) in
        [event().to_string(), "{\"data\":{\"trips\":9".to_owned(), bare.to_owned()]
            .iter()
            .enumerate()
    {
        batch.push(Offset(offset as i64), WRITTEN, Some(value.as_bytes()), Headers::new());
    }
    let mut picks = desk.reader.picks();
    for record in &batch.records[..2] {
        _ = desk.reader.read(record, batch.value(record), &mut picks);
    }
    let last = &batch.records[2];
    desk.reader.read(last, batch.value(last), &mut picks).unwrap();
    let Outcome::Fact(fact) =
        desk.interpreter.interpret(&picks, desk.interpreter.meaning(&picks), WRITTEN)
    else {
        panic!("the last record is a fact");
    };
    assert_eq!(fact.area_text, None);
    assert!(desk.interpreter.fields().iter().all(|value| value.is_null()));
}
