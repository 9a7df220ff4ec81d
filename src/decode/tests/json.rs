//! The syntax of a value: what is no JSON, what is too much of it, and what is said twice.

use super::*;

/// An event whose `data` is nested so deep that the whole has `depth` levels of objects and lists.
fn nested(depth: usize) -> String {
    let data = format!("{}1{}", "[".repeat(depth - 1), "]".repeat(depth - 1));
    event().to_string().replacen("{", &format!(r#"{{"deep":{data},"#), 1)
}

#[test]
fn a_tombstone_is_told_from_an_empty_value() {
    let tombstone = Desk::of(TRIPS).decode(None, Headers::new(), WRITTEN);
    assert_eq!(tombstone, Decoded::Rejected(Reason::Tombstone));
    for empty in ["", " ", "\r\n", "\t \n"] {
        rejected(empty, Reason::Empty);
    }
}

#[test]
fn a_value_of_ten_megabytes_is_no_event() {
    rejected(event_with("/note", "x".repeat(10 << 20)), Reason::TooLarge);
}

#[test]
fn a_mebibyte_is_the_most() {
    let padded = |bytes: usize| {
        let event = event().to_string();
        format!("{event}{}", " ".repeat(bytes - event.len()))
    };
    fact(decode(padded(1 << 20)));
    rejected(padded((1 << 20) + 1), Reason::TooLarge);
}

#[test]
fn bytes_that_are_no_utf8_are_told_from_text_that_is_no_json() {
    rejected([b'{', 0xff, b'}'], Reason::InvalidUtf8);
    rejected(b"\xed\xa0\x80", Reason::InvalidUtf8);
    rejected("\0", Reason::InvalidJson);
    rejected("\u{feff}{}", Reason::InvalidJson);
    rejected("returned,w1,2022-02-10", Reason::InvalidJson);
}

#[test]
fn an_event_cut_anywhere_is_no_json() {
    let event = event().to_string();
    for length in 1..event.len() {
        rejected(&event[..length], Reason::InvalidJson);
    }
}

#[test]
fn what_follows_the_object_is_refused() {
    for rest in ["}", "x", "{}", ",", " null", "\0"] {
        rejected(format!("{}{rest}", event()), Reason::InvalidJson);
    }
    fact(decode(format!(" \t{}\r", event())));
}

#[test]
fn what_is_json_and_no_object_is_told() {
    for value in ["[]", "[{}]", "null", "true", "1", "1.5", "-1", "\"text\"", "\"\\u0041\""] {
        rejected(value, Reason::NotAnObject);
    }
}

#[test]
fn strict_json_only() {
    for value in [
        "{'type':'returned.v1'}",
        "{type:1}",
        "{\"a\":1,}",
        "{\"a\":01}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":\"\\x41\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"tab\there\"}",
        "{\"a\":1e999}",
        "{1:1}",
        "{\"a\":1 /* one */}",
    ] {
        rejected(value, Reason::InvalidJson);
    }
}

#[test]
fn sixty_four_levels_are_the_most() {
    fact(decode(nested(63)));
    fact(decode(nested(64)));
    rejected(nested(65), Reason::TooDeep);
}

#[test]
fn a_hundred_thousand_levels_do_not_exhaust_the_stack() {
    rejected(nested(100_000), Reason::TooDeep);
    rejected("[".repeat(100_000), Reason::NotAnObject);
    rejected("{\"a\":".repeat(100_000), Reason::TooDeep);
    rejected(format!("{{\"a\":{}", "[".repeat(100_000)), Reason::TooDeep);
}

#[test]
fn a_member_named_twice_is_refused_at_every_level() {
    for value in [
        r#"{"type":"returned.v1","type":"stayed.v1"}"#,
        r#"{"type":"returned.v1","type":"returned.v1"}"#,
        r#"{"data":{"area":"350206","area":"330782"}}"#,
        r#"{"unwanted":{"x":1,"y":2,"x":3}}"#,
        r#"{"list":[1,{"x":{"y":1,"y":1}}]}"#,
        r#"{"":1,"":2}"#,
        r#"{"时间":1,"时间":2}"#,
    ] {
        rejected(value, Reason::DuplicateKey);
    }
}

#[test]
fn other_spellings_of_a_name_are_the_same_name() {
    for value in [
        r#"{"type":"returned.v1","t\u0079pe":"stayed.v1"}"#,
        r#"{"t\u0079pe":"returned.v1","type":"stayed.v1"}"#,
        r#"{"\u0074ype":"returned.v1","t\u0079pe":"stayed.v1"}"#,
        r#"{"data":{"\/a":1,"/a":2}}"#,
        r#"{"\ud83d\ude00":1,"😀":2}"#,
    ] {
        rejected(value, Reason::DuplicateKey);
    }
    let spelled = event().to_string().replace("\"subject\"", "\"s\\u0075bject\"");
    assert_eq!(decode(spelled), decode(event().to_string()));
}

#[test]
fn the_same_name_in_two_objects_is_no_repetition() {
    fact(decode(event_with(
        "/more",
        json!({ "type": 1, "data": { "area": 1 }, "list": [{ "a": 1 }, { "a": 2 }] }),
    )));
}

/// An object of so many members `m0`, `m1` …, and then `last`.
fn wide(members: usize, last: &str) -> String {
    let members: Vec<String> = (0..members).map(|at| format!("\"m{at}\":{at}")).collect();
    format!("{{\"wide\":{{{},{last}}},{}", members.join(","), &event().to_string()[1..])
}

#[test]
fn a_repetition_is_found_among_any_number_of_members() {
    for members in [1, 22, 23, 24, 25, 26, 100, 5_000] {
        fact(decode(wide(members, r#""last":1"#)));
        rejected(wide(members, r#""m0":1"#), Reason::DuplicateKey);
        rejected(wide(members, r#""\u006d0":1"#), Reason::DuplicateKey);
        rejected(wide(members, &format!(r#""m{}":1"#, members - 1)), Reason::DuplicateKey);
    }
}

#[test]
fn a_wide_object_around_the_wanted_members_hides_nothing() {
    let many: Vec<String> = (0..100).map(|at| format!("\"m{at}\":{{\"x\":[{at}]}}")).collect();
    let value = format!("{{{},{}", many.join(","), &event().to_string()[1..]);
    assert_eq!(decode(&value), decode(event().to_string()));
    rejected(value.replacen("{", r#"{"id":"e-0","#, 1), Reason::DuplicateKey);
}
