//! Each mistake in sections, names, kinds and fields, and how many of anything there may be: where it is told, in which
//! words, and what to write instead.

use super::*;
use crate::spec::Side;

const NAME: &str = "lower-case letters, digits, `-` and `_`, beginning with a letter, at most 64";

#[test]
fn a_section_that_is_missing_or_misspelt_is_told() {
    tells("source: { topic: hr.workers }\n", "", "f:1:1: `source` is missing");
    tells("{ topic: hr.workers }", "{}", "f:4:9: `topic` is missing");
    assert_eq!(
        told(&file_with("title: { zh: 返岗, en: Trips }", "titl: { zh: 返岗, en: Trips }")),
        ["f:1:1: `title` is missing", "f:2:1: unknown key `titl` | did you mean `title`?"]
    );
    tells(
        "ignore: [stayed.v1]",
        "colour: red",
        "f:21:1: unknown key `colour` | known here: pipeline, title, entity, season, source, decode, areas, ignore, feeds, kinds, measures, \
         dimensions, rates, alerts, funnel, service_levels, tests",
    );
}

#[test]
fn a_misspelt_section_of_kinds_is_told_although_all_else_depends_on_it() {
    assert_eq!(
        told(&file_with("kinds:\n", "kind:\n")),
        ["f:1:1: `kinds` is missing", "f:12:1: unknown key `kind` | did you mean `kinds`?"]
    );
}

#[test]
fn a_file_that_is_no_mapping_is_told() {
    assert_eq!(told("- a\n- b\n"), ["f:1:1: expected a mapping, found a list"]);
    assert_eq!(told("text"), ["f:1:1: expected a mapping, found text"]);
    assert_eq!(told(""), ["f:1:1: the file must hold exactly one YAML document"]);
    assert_eq!(told("a: 1\n---\nb: 1\n"), ["f:1:1: the file must hold exactly one YAML document"]);
    assert!(told("a: [1\n")[0].contains("not YAML: "));
}

#[test]
fn a_name_becomes_a_label_a_folder_and_a_column() {
    for wrong in ["Trips", "返岗", "1st", "a b", "a.b", "-a", "_a", "../a"] {
        let expected = format!("f:1:11: `{wrong}` is no name | {NAME}");
        assert_eq!(told(&file_with("pipeline: trips", &format!("pipeline: {wrong}"))), [expected]);
    }
    let long = "a".repeat(65);
    let expected = format!("f:1:11: `{long}` is no name | {NAME}");
    tells("pipeline: trips", &format!("pipeline: {long}"), &expected);
    load(&file_with("pipeline: trips", &format!("pipeline: {}", "a".repeat(64))));
    tells("entity: worker", "entity: Worker", &format!("f:3:9: `Worker` is no name | {NAME}"));
    tells("  often:\n", "  Often:\n", &format!("f:27:3: `Often` is no name | {NAME}"));
}

#[test]
fn words_are_wanted_in_both_languages() {
    tells_first("title: { zh: 返岗, en: Trips }", "title: { zh: 返岗 }", "f:2:8: `en` is missing");
    tells_first(
        "title: { zh: 返岗, en: Trips }",
        "title: Trips",
        "f:2:8: expected a mapping, found text",
    );
    tells_first(
        "    definition: { zh: 已返岗的比例, en: Share of those back }\n",
        "",
        "f:32:5: `definition` is missing",
    );
}

#[test]
fn pointers_begin_with_a_slash() {
    let instead = "begin with `/` and name the members: /data/area";
    for wrong in ["subject", "/", "/subject/", "$.subject"] {
        let expected = format!("f:6:11: `{wrong}` is no JSON pointer | {instead}");
        tells("entity: /subject", &format!("entity: {wrong}"), &expected);
    }
}

#[test]
fn decode_s_own_words_are_told() {
    tells(
        "missing_time: record_time",
        "missing_time: now",
        "f:10:17: `now` says nothing about a missing time | write `reject` or `record_time`",
    );
    for wrong in ["soon", "0s", "2 h", "-1h", "2hours", "200y"] {
        let expected = format!("f:11:11: `{wrong}` is no length of time | {UNITS}");
        tells("latest: 2h", &format!("latest: {wrong}"), &expected);
    }
    tells(
        "latest: 2h",
        "latest: 2",
        "f:11:11: expected text, found a whole number | put it in quotes",
    );
}

/// A length of time is added to times: what does not fit there is none.
#[test]
fn no_length_of_time_is_longer_than_a_century() {
    load(&file_with("held_for: 3d", "held_for: 36500d"));
    for wrong in ["36501d", "9223372036854775807s"] {
        let expected = format!("f:11:11: `{wrong}` is no length of time | {UNITS}");
        tells("latest: 2h", &format!("latest: {wrong}"), &expected);
    }
}

#[test]
fn kinds_say_which_events_they_are() {
    tells_first("{ events: [departed.v1, departed.v2] }", "{}", "f:20:13: `events` is missing");
    tells_first(
        "[departed.v1, departed.v2]",
        "departed.v1",
        "f:20:23: expected a list, found text",
    );
    tells_first(
        "[departed.v1, departed.v2]",
        "[departed.v1, 2]",
        "f:20:37: expected text, found a whole number | put it in quotes",
    );
    tells_first(
        "keep: last 3",
        "keep: some",
        "f:16:11: `some` does not say how many to keep | write `last 4`, `first` or `all`",
    );
    tells_first(
        "keep: last 3",
        "keep: last 0",
        "f:16:11: `last 0` does not say how many to keep | write `last 4`, `first` or `all`",
    );
    tells_first(
        "keep: last 3",
        "keep: first",
        "f:16:11: `keep: first` and `retracted_by` together would depend on the order of arrival | write `keep: all`",
    );
}

#[test]
fn an_event_type_means_one_thing() {
    let instead = "name it in one kind, one `retracted_by`, `ignore` or `heartbeats`";
    for (passage, otherwise, twice) in [
        ("ignore: [stayed.v1]", "ignore: [departed.v1]", "departed.v1"),
        ("departed.v2]", "departed.v1]", "departed.v1"),
        ("[return-cancelled.v1]", "[returned.v1]", "returned.v1"),
    ] {
        tells(
            passage,
            otherwise,
            &format!("f:1:1: event type `{twice}` is named twice | {instead}"),
        );
    }
}

#[test]
fn fields_have_a_path_and_a_type() {
    tells_first(
        "{ path: /data/trips, type: integer }",
        "{ type: integer }",
        "f:19:14: `path` is missing",
    );
    tells_first(
        "type: integer",
        "type: int",
        "f:19:41: unknown type `int` | write one of: label, integer, amount, boolean, time",
    );
    tells_first(
        "type: integer",
        "type: intger",
        "f:19:41: unknown type `intger` | did you mean `integer`?",
    );
    tells_first(
        "type: integer",
        "type: integer, values: [1]",
        "f:19:58: only a `label` has `values`",
    );
    let label = "f:18:39: a `label` needs `values`: the closed list of what it may be, each once";
    for wrong in ["type: label", "type: label, values: []", "type: label, values: [air, air]"] {
        let text = file_with("type: label, values: [air, rail]", wrong);
        assert_eq!(told(&text)[0], format!("{label} | values: [air, rail, bus, own]"), "{wrong}");
    }
}

#[test]
fn no_two_columns_have_one_name() {
    tells(
        "      trips: {",
        "      at: { path: /data/at, type: time }\n      trips: {",
        "f:13:3: two columns are named `returned_at` | give the field or the kind another name",
    );
    let text = file_with(
        "  departed: { events",
        "  returned_trips: { events: [x], fields: { x: { path: /x, type: time } } }\n  departed: { events",
    );
    let text = text
        .replace("      trips: {", "      trips_x: {")
        .replace("returned_trips > 3", "returned_trips_x > now")
        .replace("returned_trips_x > now", "returned_trips_at IS NULL");
    assert_eq!(
        told(&text),
        [
            "f:13:3: two columns are named `returned_trips_x` | give the field or the kind another name"
        ]
    );
}

#[test]
fn there_are_limits_that_are_told() {
    let measures: String =
        (0..64).map(|at| format!("  m{at}: {{ where: departed_at IS NULL }}\n")).collect();
    tells(
        "measures:\n",
        &format!("measures:\n{measures}"),
        "f:1:1: 66 measures; at most 64 fit in a pipeline",
    );
    let values: String =
        (0..127).map(|at| format!("      v{at}: {{ where: returned_trips = {at} }}\n")).collect();
    tells(
        "    values:\n",
        &format!("    values:\n{values}"),
        "f:1:1: 130 dimension values; at most 128 fit in a pipeline",
    );
    let kinds: String = (0..126).map(|at| format!("  k{at}: {{ events: [k{at}] }}\n")).collect();
    tells(
        "kinds:\n",
        &format!("kinds:\n{kinds}"),
        "f:1:1: 128 kinds; at most 127 fit in a pipeline",
    );
}

#[test]
fn every_problem_is_told_at_once_in_the_order_of_the_file() {
    let text = file_with("entity: worker", "entity: Worker")
        .replace("latest: 2h", "latest: soon")
        .replace("keep: last 3", "keep: some")
        .replace("drop: 0.02", "drop: 2");
    let places: Vec<String> =
        told(&text).iter().map(|line| line.split(": ").next().unwrap().to_owned()).collect();
    assert_eq!(places[..3], ["f:3:9", "f:11:11", "f:16:11"]);
    assert!(places.contains(&"f:38:39".to_owned()), "{places:?}");
}

#[test]
fn what_dashboards_shall_show_is_there_and_counted() {
    let with = |line: &str| file_with("ignore: [stayed.v1]", line);
    let good = load(&with("funnel: [departed, returned]\nservice_levels: [return_rate]"));
    let sides: Vec<Side> = good.funnel.iter().map(|stage| stage.side).collect();
    assert_eq!(sides, [Side::Denominator, Side::Numerator]);
    assert_eq!(good.service_levels, [0]);
    assert_eq!(told(&with("funnel: [departed]")), ["f:21:9: a funnel has at least two stages"]);
    assert_eq!(
        told(&with("funnel: [departed, returnd]")),
        ["f:21:20: no measure is named `returnd` | did you mean `returned`?"]
    );
    assert_eq!(
        told(&with("service_levels: [return_rat]")),
        ["f:21:18: no rate is named `return_rat` | did you mean `return_rate`?"]
    );
    let without = with("funnel: [departed, returned]").replace("    denominator: departed\n", "");
    assert!(
        told(&without).contains(
            &"f:21:10: no rate has `departed` alone as its numerator or denominator | add one: a count of it, or a share of another"
                .to_owned()
        ),
        "{:?}",
        told(&without)
    );
}
