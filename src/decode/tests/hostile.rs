//! One record for every reason there is, and whatever chance makes of a valid event: nothing panics, and every record
//! comes to exactly one thing.

use proptest::prelude::*;

use super::*;

/// A record that only Kafka can carry as well as those of a file: a value or none, headers, a timestamp.
struct Record {
    name: &'static str,
    value: Option<Vec<u8>>,
    headers: Vec<(&'static str, &'static [u8])>,
}

fn record(
    name: &'static str,
    value: impl Into<Vec<u8>>,
    headers: &[(&'static str, &'static [u8])],
) -> Record {
    Record { name, value: Some(value.into()), headers: headers.to_vec() }
}

const STRUCTURED: (&str, &[u8]) = ("content-type", b"application/cloudevents+json");
const BINARY: [(&str, &[u8]); 6] = [
    ("ce_id", b"e-1"),
    ("ce_source", b"/huli"),
    ("ce_type", b"returned.v1"),
    ("ce_specversion", b"1.0"),
    ("ce_subject", b"w1"),
    ("ce_time", b"2022-02-10T09:00:00+08:00"),
];

fn with<'h>(header: (&'static str, &'h [u8])) -> Vec<(&'static str, &'h [u8])> {
    let mut headers = BINARY.to_vec();
    headers.retain(|(name, _)| *name != header.0);
    headers.push(header);
    headers
}

/// Records that no line of a file can be, and their neighbours that are well.
fn records() -> Vec<Record> {
    let tombstone = |name, headers: &[(&'static str, &'static [u8])]| Record {
        name,
        value: None,
        headers: headers.to_vec(),
    };
    vec![
        record("bare", event().to_string(), &[]),
        record("structured", event().to_string(), &[STRUCTURED]),
        record("binary", "{}", &BINARY),
        record("binary, ignored kind", "{}", &with(("ce_type", b"stayed.v1"))),
        record("binary, retraction", "{}", &with(("ce_type", b"return-cancelled.v1"))),
        tombstone("a tombstone", &[]),
        tombstone("a binary event without data", &BINARY),
        tombstone("a structured tombstone", &[STRUCTURED]),
        record("nothing", "", &[]),
        record("a blank line", "\n", &[]),
        record("binary, nothing", "", &BINARY),
        record("more than a mebibyte", vec![b' '; (1 << 20) + 1], &[]),
        record("no UTF-8", [0xff, 0xfe], &[]),
        record("a header that is no UTF-8", "{}", &with(("ce_subject", &[0xff]))),
        record("no JSON", "{", &[]),
        record("JSON and a line break inside", "{\n\"type\":\n\"returned.v1\"\n", &[]),
        record("too deep", format!("{{\"a\":{}", "[".repeat(64)), &[]),
        record("a member twice", r#"{"a":1,"a":1}"#, &[]),
        record("a list", "[]", &[]),
        record(
            "a batch",
            format!("[{}]", event()),
            &[("content-type", b"application/cloudevents-batch+json")],
        ),
        record("Avro", [0, 1, 2], &[("content-type", b"application/cloudevents+avro")]),
        record("binary with Avro data", [0, 1, 2], &with(("content-type", b"avro/binary"))),
        record("binary, version 0.3", "{}", &with(("ce_specversion", b"0.3"))),
        record("structured without an id", event_without("/id"), &[STRUCTURED]),
        record("binary without an id is bare", "{}", &BINARY[1..]),
        record("binary without a type", "{}", &with(("ce_type", b""))),
        record("bare without a type", event_without("/type"), &[]),
        record("binary, unknown kind", "{}", &with(("ce_type", b"cn.other.v1"))),
        record("binary without a subject", "{}", &with(("ce_subject", b""))),
        record("binary, a subject of 300 bytes", "{}", &with(("ce_subject", &[b'x'; 300]))),
        record("binary without a time", "{}", &with(("ce_time", b""))),
        record("binary, no time", "{}", &with(("ce_time", b"noon"))),
        record("binary, before 2000", "{}", &with(("ce_time", b"1999-01-01T00:00:00Z"))),
        record("binary, after its record", "{}", &with(("ce_time", b"2022-02-22T01:00:01Z"))),
        record(
            "binary, an hour after its record",
            "{}",
            &with(("ce_time", b"2022-02-22T01:00:00Z")),
        ),
        record("a field of another type", event_with("/data/insured", "true"), &[STRUCTURED]),
        record("a number that does not fit", event_with("/data/trips", u64::MAX), &[STRUCTURED]),
        record("an unknown label", event_with("/data/mode", "sledge"), &[STRUCTURED]),
    ]
}

fn outcome(record: &Record) -> Decoded {
    let headers = record.headers.iter();
    let headers = headers.map(|(name, value)| ((*name).to_owned(), value.to_vec())).collect();
    Desk::of(TRIPS).decode(record.value.as_deref(), headers, WRITTEN)
}

fn word(decoded: &Decoded) -> &'static str {
    match decoded {
        Decoded::Fact(told) if told.retracts => "retraction",
        Decoded::Fact(_) => "fact",
        Decoded::Ignored => "ignored",
        Decoded::Heartbeat => "heartbeat",
        Decoded::Rejected(reason) => reason.code(),
    }
}

#[test]
fn records_that_only_kafka_carries_come_to_what_the_table_says() {
    let line = |record: &Record| format!("{:<40} {}\n", record.name, word(&outcome(record)));
    let told: String = records().iter().map(line).collect();
    assert_eq!(told, include_str!("hostile.expected.txt"));
}

#[test]
fn every_reason_is_given_to_some_record() {
    let mut given: Vec<Reason> = records()
        .iter()
        .filter_map(|record| match outcome(record) {
            Decoded::Rejected(reason) => Some(reason),
            _ => None,
        })
        .collect();
    given.sort();
    given.dedup();
    assert_eq!(given, Reason::ALL);
}

#[test]
fn every_reason_has_a_code_of_its_own_and_its_place_in_the_list() {
    let mut codes = Reason::ALL.map(Reason::code);
    // The ledger writes a reason as its place in this list.
    assert!(Reason::ALL.iter().enumerate().all(|(at, reason)| *reason as usize == at));
    assert!(codes.iter().all(|code| {
        code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    }));
    codes.sort_unstable();
    assert!(codes.windows(2).all(|pair| pair[0] != pair[1]));
}

/// A change to bytes: where, and to what.
#[derive(Clone, Debug)]
pub(super) enum Edit {
    Set(prop::sample::Index, u8),
    Insert(prop::sample::Index, Vec<u8>),
    Remove(prop::sample::Index, usize),
    Repeat(prop::sample::Index, usize, usize),
    Cut(prop::sample::Index),
}

impl Edit {
    pub(super) fn apply(&self, bytes: &mut Vec<u8>) {
        let end = |from: usize, length: usize, bytes: &[u8]| (from + length).min(bytes.len());
        if bytes.is_empty() {
            return;
        }
        match self {
            Edit::Set(at, byte) => {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            Edit::Insert(at, more) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, more.iter().copied());
            }
            Edit::Remove(at, length) => {
                let at = at.index(bytes.len());
                bytes.drain(at..end(at, *length, bytes));
            }
            Edit::Repeat(at, length, times) => {
                let at = at.index(bytes.len());
                let part = bytes[at..end(at, *length, bytes)].repeat(*times);
                bytes.splice(at..at, part);
            }
            Edit::Cut(at) => bytes.truncate(at.index(bytes.len())),
        }
    }
}

pub(super) fn any_edit() -> impl Strategy<Value = Edit> {
    let at = any::<prop::sample::Index>;
    let syntax = prop::sample::select(&b"{}[]\",:\\0123456789.eE+-tfnu \n\xff\x80"[..]);
    let token = prop::sample::select(vec![
        "null",
        "{}",
        "[]",
        "\"\"",
        "\"data\":",
        "\"type\":\"stayed.v1\",",
        "\\u0000",
        "\\ud800",
        "1e999",
        "\u{feff}",
    ]);
    prop_oneof![
        (at(), prop_oneof![syntax, any::<u8>()]).prop_map(|(at, byte)| Edit::Set(at, byte)),
        (at(), token).prop_map(|(at, token)| Edit::Insert(at, token.as_bytes().to_vec())),
        (at(), 1..20_usize).prop_map(|(at, length)| Edit::Remove(at, length)),
        (at(), 1..20_usize, 1..80_usize)
            .prop_map(|(at, length, times)| Edit::Repeat(at, length, times)),
        at().prop_map(Edit::Cut),
    ]
}

/// How an event may be wrapped, rightly or wrongly.
fn any_headers() -> impl Strategy<Value = Headers> {
    let name = prop::sample::select(vec![
        "content-type",
        "ce_id",
        "ce_source",
        "ce_type",
        "ce_specversion",
        "ce_subject",
        "ce_time",
        "ce_data",
        "CE_TYPE",
        "ce_data_base64",
        "x",
    ]);
    let value = prop_oneof![
        prop::sample::select(vec![
            "application/cloudevents+json",
            "application/json",
            "1.0",
            "returned.v1",
            "e30="
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        proptest::collection::vec(any::<u8>(), 0..20),
    ];
    proptest::collection::vec((name.prop_map(str::to_owned), value), 0..8)
}

/// Decoding twice, with slots that were used before, gives the same outcome; and an accepted fact keeps its promises.
fn comes_to_one_thing(bytes: &[u8], headers: Headers) -> Result<(), TestCaseError> {
    let mut desk = Desk::of(TRIPS);
    let first = desk.decode(Some(bytes), headers.clone(), WRITTEN);
    let again = desk.decode(Some(bytes), headers, WRITTEN);
    prop_assert_eq!(&first, &again);
    if let Decoded::Fact(told) = first {
        prop_assert!(EventTime::parse(&told.time).unwrap() <= WRITTEN.plus(3_600));
        prop_assert_eq!(told.fields.len(), if told.retracts { 0 } else { 4 });
        prop_assert_eq!(told.counts_at.is_some(), told.area_text.is_some());
    }
    Ok(())
}

proptest! {
    #[test]
    fn random_bytes_come_to_one_thing(
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        headers in any_headers(),
    ) {
        comes_to_one_thing(&bytes, headers)?;
    }

    #[test]
    fn a_mangled_event_comes_to_one_thing(
        edits in proptest::collection::vec(any_edit(), 0..12),
        headers in prop_oneof![Just(Headers::new()), any_headers()],
    ) {
        let mut bytes = event().to_string().into_bytes();
        edits.iter().for_each(|edit| edit.apply(&mut bytes));
        comes_to_one_thing(&bytes, headers)?;
    }

    /// What the envelope leaves out is never made up: a value that serde_json does not read as an object is no fact.
    #[test]
    fn a_fact_was_json_to_begin_with(edits in proptest::collection::vec(any_edit(), 0..6)) {
        let mut bytes = event().to_string().into_bytes();
        edits.iter().for_each(|edit| edit.apply(&mut bytes));
        if matches!(decode(&bytes), Decoded::Fact(_) | Decoded::Ignored | Decoded::Heartbeat) {
            let value: Result<Json, _> = serde_json::from_slice(&bytes);
            prop_assert!(value.is_ok_and(|value| value.is_object()));
        }
    }
}
