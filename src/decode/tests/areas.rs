//! Where it happened: codes of every length, codes nobody knows, and what is no code and must not be repeated.

use super::*;

/// Where the event counts, and what the ledger will say it wrote.
fn counted(area: impl Into<Json>) -> (Option<String>, Option<String>) {
    let told = fact(decode(event_with("/data/area", area)));
    (told.counts_at, told.area_text)
}

fn told(counts_at: &str, text: &str) -> (Option<String>, Option<String>) {
    (Some(counts_at.to_owned()), Some(text.to_owned()))
}

#[test]
fn a_code_of_any_length_counts_at_its_area_and_is_kept_as_it_came() {
    assert_eq!(counted("35"), told("350000", "35"));
    assert_eq!(counted("3502"), told("350200", "3502"));
    assert_eq!(counted("350206"), told("350206", "350206"));
    assert_eq!(counted("330783123"), told("330783", "330783123"));
    assert_eq!(counted("330783123201"), told("330783", "330783123201"));
    assert_eq!(counted(" 350206\t"), told("350206", "350206"));
}

#[test]
fn a_code_may_be_a_number() {
    assert_eq!(counted(35), told("350000", "35"));
    assert_eq!(counted(350_206), told("350206", "350206"));
    assert_eq!(counted(330_783_123_201_i64), told("330783", "330783123201"));
}

#[test]
fn an_unknown_code_counts_as_unassigned_and_is_kept() {
    assert_eq!(counted("999999"), told("unassigned", "999999"));
    assert_eq!(counted(359_999), told("unassigned", "359999"));
}

#[test]
fn an_event_without_an_area_names_none() {
    for area in [Json::Null, json!(""), json!("  ")] {
        assert_eq!(counted(area), (None, None));
    }
    assert_eq!(fact(decode(event_without("/data/area"))).counts_at, None);
}

#[test]
fn what_is_no_code_counts_as_unassigned_and_is_not_repeated() {
    let nothing = told("unassigned", "unassigned");
    for area in [
        "1",
        "350",
        "35020",
        "3502061",
        "35o206",
        "湖里区",
        "350206.0",
        "+350206",
        "３５",
        "unassigned",
        "-1",
    ] {
        assert_eq!(counted(area), nothing, "{area}");
    }
    for area in [
        json!(3),
        json!(-350_206),
        json!(350_206.5),
        json!(true),
        json!({}),
        json!(["350206"]),
        json!(1e300),
    ] {
        assert_eq!(counted(area.clone()), nothing, "{area}");
    }
}

#[test]
fn a_person_in_the_area_field_is_not_repeated() {
    let nothing = told("unassigned", "unassigned");
    let numbers = [
        ("identity number", "110101199003077715"),
        ("identity number with a letter", "11010119900307771X"),
        ("identity number of the first generation", "110101900307771"),
        ("mobile number", "13912345678"),
        ("mobile number with its country", "8613912345678"),
        ("fixed number", "059212345678"),
        ("fixed number of a small town", "05921234567"),
        ("bank card", "6222021234567890123"),
    ];
    for (what, number) in numbers {
        assert_eq!(counted(number), nothing, "{what}");
        if let (Ok(number), false) = (number.parse::<i64>(), number.starts_with('0')) {
            assert_eq!(counted(number), nothing, "{what} as a number");
        }
    }
}

#[test]
fn a_retraction_names_no_area() {
    let mut event = event();
    event["type"] = "return-cancelled.v1".into();
    event["data"] = json!({ "area": "110101199003077715", "trips": "many" });
    let told = fact(decode(event.to_string()));
    assert!(told.retracts);
    assert_eq!((told.counts_at, told.area_text, told.fields), (None, None, Vec::new()));
}

#[test]
fn a_word_is_an_area_where_a_pipeline_declares_it() {
    let areas = "areas: { torch-park: { zh: 火炬园, en: Torch Park, within: \"350206\" } }\nkinds:";
    let declared = TRIPS.replacen("kinds:", areas, 1);
    let event = event_with("/data/area", " torch-park ");
    let told = fact(Desk::of(&declared).decode(Some(event.as_bytes()), Headers::new(), WRITTEN));
    assert_eq!(told.area_text.as_deref(), Some("torch-park"), "the ledger keeps the word");
    let told = fact(decode(event));
    assert_eq!(told.area_text.as_deref(), Some("unassigned"), "elsewhere it might be anything");
}
