//! Structured, binary and bare: the same event, whichever way it comes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::*;

fn headers(pairs: &[(&str, &str)]) -> Headers {
    let header = |(name, value): &(&str, &str)| ((*name).to_owned(), value.as_bytes().to_vec());
    pairs.iter().map(header).collect()
}

/// The headers of an event in the binary form: its attributes, but for `data`.
fn attributes(event: &Json) -> Headers {
    let members = event.as_object().unwrap().iter();
    let attributes = members.filter(|(name, _)| *name != "data");
    let text = |value: &Json| match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut headers: Headers =
        attributes.map(|(name, value)| (format!("ce_{name}"), text(value).into_bytes())).collect();
    headers.push(("content-type".to_owned(), b"application/json; charset=UTF-8".to_vec()));
    headers
}

fn received(value: impl AsRef<[u8]>, headers: Headers) -> Decoded {
    Desk::of(TRIPS).decode(Some(value.as_ref()), headers, WRITTEN)
}

fn structured(event: &Json, content_type: &str) -> Decoded {
    received(event.to_string(), headers(&[("content-type", content_type)]))
}

fn binary(event: &Json) -> Decoded {
    received(event["data"].to_string(), attributes(event))
}

fn encoded(event: &Json) -> Decoded {
    let mut event = event.clone();
    let data = event.as_object_mut().unwrap().remove("data").unwrap();
    event["data_base64"] = STANDARD.encode(data.to_string()).into();
    structured(&event, "application/cloudevents+json")
}

#[test]
fn an_event_is_the_same_fact_in_every_form() {
    let event = event();
    let bare = decode(event.to_string());
    let told = fact(bare.clone());
    assert_eq!(told.time, "2022-02-10T01:00:00Z");
    assert_eq!(told.counts_at.as_deref(), Some("350206"));
    assert_eq!(told.fields, [Some(1), Some(3), Some(1), Some(1_640_995_200)]);
    assert_eq!(structured(&event, "application/cloudevents+json"), bare);
    assert_eq!(binary(&event), bare);
    assert_eq!(encoded(&event), bare);
}

fn any_scalar() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        "\\PC{0,12}".prop_map(Json::from),
    ]
}

fn any_area() -> impl Strategy<Value = Json> {
    let known = prop_oneof![Just("350206"), Just("330782"), Just("4419"), Just("330783123201")];
    prop_oneof![known.prop_map(Json::from), "[0-9]{0,19}".prop_map(Json::from), any_scalar()]
}

fn any_data() -> impl Strategy<Value = Json> {
    let mode = prop_oneof![Just(json!("air")), Just(json!("own's")), any_scalar()];
    let rest = proptest::collection::btree_map("[a-z\"\\\\]{1,3}", any_scalar(), 0..4);
    (any_area(), mode, any_scalar(), any_scalar(), rest).prop_map(|(area, mode, trips, insured, rest)| {
        json!({ "area": area, "mode": mode, "trips": trips, "insured": insured, "rest": rest })
    })
}

prop_compose! {
    fn any_event()(
        kind in prop_oneof![Just("returned.v1"), Just("return-cancelled.v1"), Just("stayed.v1"), Just("other.v1")],
        subject in prop_oneof!["\\PC{0,20}", "[0-9]{17}[0-9xX]"],
        source in "\\PC{1,20}",
        time in prop_oneof![
            Just("2022-02-10T09:00:00.123+08:00"), Just("1999-01-01T00:00:00Z"), Just("2022-03-01T00:00:00Z"),
            Just("today"), Just(""),
        ],
        data in any_data(),
    ) -> Json {
        json!({
            "specversion": "1.0", "id": "e-1", "source": source, "type": kind, "subject": subject, "time": time,
            "traceparent": "00-1", "data": data
        })
    }
}

proptest! {
    #[test]
    fn the_form_of_an_event_decides_nothing(event in any_event()) {
        let bare = decode(event.to_string());
        prop_assert_eq!(&structured(&event, "application/cloudevents+json"), &bare);
        prop_assert_eq!(&binary(&event), &bare);
        prop_assert_eq!(&encoded(&event), &bare);
    }
}

#[test]
fn a_content_type_is_read_whatever_its_case_and_parameters() {
    let event = event();
    for content_type in [
        "application/cloudevents",
        "Application/CloudEvents+JSON",
        "application/cloudevents+json; charset=utf-8",
        " application/cloudevents+json ;charset=\"utf-8\"",
    ] {
        assert_eq!(structured(&event, content_type), decode(event.to_string()), "{content_type}");
    }
}

#[test]
fn other_formats_are_unsupported() {
    let event = event();
    let unsupported = Decoded::Rejected(Reason::UnsupportedEnvelope);
    for content_type in [
        "application/cloudevents+avro",
        "application/cloudevents+protobuf",
        "application/cloudevents-batch+json",
        "application/cloudevents-batch+json; charset=utf-8",
        "application/cloudeventsjson",
    ] {
        assert_eq!(structured(&event, content_type), unsupported, "{content_type}");
    }
    for content_type in ["application/avro", "text/plain", "application/xml", "text/csv"] {
        let mut headers = attributes(&event);
        headers.retain(|(name, _)| name != "content-type");
        headers.push(("content-type".to_owned(), content_type.into()));
        assert_eq!(received("{}", headers), unsupported, "{content_type}");
    }
}

#[test]
fn data_of_a_binary_event_may_be_any_json_type() {
    let event = event();
    for content_type in
        ["application/json", "text/json", "application/vnd.hr+json", "APPLICATION/JSON"]
    {
        let mut headers = attributes(&event);
        headers.retain(|(name, _)| name != "content-type");
        headers.push(("Content-Type".to_owned(), content_type.into()));
        assert_eq!(received(event["data"].to_string(), headers), decode(event.to_string()));
    }
}

#[test]
fn a_binary_event_without_a_content_type_is_json() {
    let event = event();
    let mut headers = attributes(&event);
    headers.retain(|(name, _)| name != "content-type");
    assert_eq!(received(event["data"].to_string(), headers), decode(event.to_string()));
}

#[test]
fn only_version_one_is_spoken() {
    let unsupported = Decoded::Rejected(Reason::UnsupportedEnvelope);
    for version in [json!("0.3"), json!("1.1"), json!("2.0"), json!(1.0), json!("")] {
        let mut event = event();
        event["specversion"] = version.clone();
        assert_eq!(decode(event.to_string()), unsupported, "bare {version}");
        assert_eq!(
            structured(&event, "application/cloudevents+json"),
            unsupported,
            "structured {version}"
        );
        // A header has no types: there, 1.0 is "1.0".
        if version.is_string() {
            assert_eq!(binary(&event), unsupported, "binary {version}");
        }
    }
}

#[test]
fn a_structured_event_has_all_its_required_attributes() {
    for attribute in ["/id", "/source", "/type", "/specversion"] {
        let json = headers(&[("content-type", "application/cloudevents+json")]);
        let decoded = received(event_without(attribute), json);
        assert_eq!(decoded, Decoded::Rejected(Reason::IncompleteEnvelope), "{attribute}");
    }
    for empty in ["/id", "/source", "/type"] {
        let json = headers(&[("content-type", "application/cloudevents+json")]);
        let decoded = received(event_with(empty, ""), json);
        assert_eq!(decoded, Decoded::Rejected(Reason::IncompleteEnvelope), "{empty}");
    }
}

#[test]
fn headers_without_a_required_attribute_make_no_binary_event() {
    let event = event();
    for attribute in ["ce_id", "ce_source", "ce_type", "ce_specversion"] {
        let mut headers = attributes(&event);
        headers.retain(|(name, _)| name != attribute);
        // The value is then all there is: bare JSON, which here is a whole event or only its data.
        assert_eq!(
            received(event.to_string(), headers.clone()),
            decode(event.to_string()),
            "{attribute}"
        );
        let data = received(event["data"].to_string(), headers);
        assert_eq!(data, Decoded::Rejected(Reason::MissingKind), "{attribute}");
    }
}

#[test]
fn foreign_headers_leave_a_bare_event_as_it_is() {
    let tracing = headers(&[("traceparent", "00-4bf9"), ("content-type", "application/json")]);
    assert_eq!(received(event().to_string(), tracing), decode(event().to_string()));
}

#[test]
fn header_names_are_read_in_any_case() {
    let event = event();
    let upper = attributes(&event).into_iter();
    let upper = upper.map(|(name, value)| (name.to_uppercase(), value)).collect();
    assert_eq!(received(event["data"].to_string(), upper), decode(event.to_string()));
}

#[test]
fn a_header_whose_name_only_begins_alike_is_another() {
    let event = event();
    let mut headers = attributes(&event);
    headers.insert(0, ("ce_types".to_owned(), b"stayed.v1".to_vec()));
    headers.insert(0, ("ce_typ".to_owned(), b"stayed.v1".to_vec()));
    headers.insert(0, ("ce_tÿpe".to_owned(), b"stayed.v1".to_vec()));
    assert_eq!(received(event["data"].to_string(), headers), decode(event.to_string()));
}

#[test]
fn a_header_that_is_no_utf8_is_told() {
    let mut headers = attributes(&event());
    headers.retain(|(name, _)| name != "ce_subject");
    headers.push(("ce_subject".to_owned(), vec![0xff, 0xfe]));
    assert_eq!(received("{}", headers), Decoded::Rejected(Reason::InvalidUtf8));
}

#[test]
fn a_structured_event_may_repeat_its_attributes_in_headers_that_do_not_count() {
    let mut both = headers(&[("content-type", "application/cloudevents+json")]);
    both.extend(headers(&[
        ("ce_type", "stayed.v1"),
        ("ce_id", "x"),
        ("ce_source", "x"),
        ("ce_specversion", "0.3"),
    ]));
    assert_eq!(received(event().to_string(), both), decode(event().to_string()));
}

#[test]
fn encoded_data_must_be_base64_of_a_json_object() {
    let with = |encoded: Json| decode(event_with("/data_base64", encoded));
    assert_eq!(with("%%%".into()), Decoded::Rejected(Reason::InvalidJson));
    let bytes = |bytes: &[u8]| Json::from(STANDARD.encode(bytes));
    assert_eq!(with(bytes(b"{")), Decoded::Rejected(Reason::InvalidJson));
    assert_eq!(with(bytes(&[0xff])), Decoded::Rejected(Reason::InvalidUtf8));
    assert_eq!(with(bytes(b"[1]")), Decoded::Rejected(Reason::NotAnObject));
    assert_eq!(with(bytes(br#"{"a":1,"a":2}"#)), Decoded::Rejected(Reason::DuplicateKey));
}

#[test]
fn a_structured_event_without_data_is_a_fact_without_fields() {
    let told = fact(decode(event_without("/data")));
    assert_eq!(told.fields, [None; 4]);
    assert_eq!((told.counts_at, told.area_text), (None, None));
}
