//! Each mistake in predicates, rates, dimensions, alerts and examples: where it is told, in which words, and what to write
//! instead.

use super::*;

#[test]
fn a_predicate_s_problem_is_told_at_its_place_in_the_file() {
    let all = "there are `departed_at`, `returned_at`, `returned_mode`, `returned_trips`";
    tells_first(
        "{ where: departed_at IS NOT NULL }",
        "{ where: departd_at IS NOT NULL }",
        &format!("f:23:22: no column is named `departd_at`: {all} | did you mean `departed_at`?"),
    );
    tells_first(
        "where: returned_at >= departed_at,",
        "where: returned_at >= departed_a,",
        &format!("f:24:67: no column is named `departed_a`: {all} | did you mean `departed_at`?"),
    );
    let folded = "{ where: departed_at IS NOT NULL }";
    let text =
        file_with(folded, "\n    where: >-\n      departed_at IS NOT NULL\n      AND foo IS NULL");
    let expected =
        format!("f:25:7: no column is named `foo`: {all} (line 1, character 29 of the predicate)");
    assert_eq!(told(&text)[0], expected);
}

#[test]
fn a_rate_names_its_measures() {
    tells_first(
        "numerator: returned",
        "numerator: retuned",
        "f:34:16: no measure is named `retuned` | did you mean `returned`?",
    );
    tells_first(
        "denominator: departed",
        "denominator: everybody",
        "f:35:18: no measure is named `everybody` | name one of the file's measures",
    );
    tells_first(
        "change: [1h, 24h]",
        "change: [1h, 24h, soon]",
        &format!("f:36:23: `soon` is no length of time | {UNITS}"),
    );
}

/// Each window is a series of its own, told by its label.
#[test]
fn a_rate_names_each_window_once() {
    tells(
        "change: [1h, 24h]",
        "change: [1h, 24h, 1h]",
        "f:36:23: `1h` is named twice | leave one out",
    );
}

#[test]
fn a_rate_is_broken_out_by_every_dimension_unless_said() {
    let by = |says: &str| {
        let text = file_with("change: [1h, 24h]", &format!("change: [1h, 24h]{says}"));
        let pipeline = load(&text);
        pipeline.slices_of(&pipeline.rates[0])
    };
    assert_eq!(by(""), 0b111);
    assert_eq!(by("\n    by: [mode]"), 0b011);
    assert_eq!(by("\n    by: [often]"), 0b100);
    assert_eq!(by("\n    by: []"), 0);
    tells(
        "change: [1h, 24h]",
        "change: [1h, 24h]\n    by: [mod]",
        "f:37:10: `mod` is no dimension, or is named twice | did you mean `mode`?",
    );
}

#[test]
fn no_ratio_of_a_count_can_fall() {
    let text = file_with("    denominator: departed\n", "");
    assert_eq!(
        told(&text)[0],
        "f:37:20: `return_rate` has no denominator, so no ratio of it can fall | name a rate that has one"
    );
}

#[test]
fn what_a_count_is_expected_to_be_is_its_numerator_alone() {
    let text = file_with("    denominator: departed\n", "")
        .replace("alerts:\n  Dropped: { rate: return_rate, drop: 0.02, over: 24h, for: 10m, severity: warning, min_denominator: 500 }\n", "")
        .replace("{ numerator: 0, denominator: 1 }", "{ numerator: 3 }");
    let expected = &load(&text).examples[0].looks[0].expect[0];
    assert_eq!((expected.numerator, expected.denominator), (3, 0));
}

#[test]
fn a_dimension_is_a_column_or_predicates() {
    let instead = "`column: <label column>`, or `values:` with a predicate for each value";
    tells(
        "{ column: returned_mode, titles: { air: { zh: 航空, en: Air } } }",
        "{}",
        &format!("f:26:9: a dimension needs one of `column` and `values` | {instead}"),
    );
    tells(
        "column: returned_mode",
        "column: returned_trips",
        "f:26:19: `returned_trips` is no label column | the label columns are: returned_mode",
    );
    tells(
        "column: returned_mode",
        "column: returned_mod",
        "f:26:19: `returned_mod` is no label column | did you mean `returned_mode`?",
    );
    tells(
        "titles: { air:",
        "titles: { boat:",
        "f:26:44: `boat` is no value of `returned_mode` | its values: air, rail",
    );
}

#[test]
fn an_alert_watches_a_window_that_is_published() {
    tells(
        "rate: return_rate, drop",
        "rate: returns, drop",
        "f:38:20: no rate is named `returns` | name one of the file's rates",
    );
    tells(
        "over: 24h",
        "over: 3h",
        "f:38:51: the rate does not publish its change over 3h | add it to the rate's `change`, which has: 1h, 24h",
    );
    for wrong in ["2", "0", "-0.1", "1"] {
        let expected = "f:38:39: `drop` must lie between 0 and 1 | write the fall as a share of one: 0.02 is two percentage points";
        tells("drop: 0.02", &format!("drop: {wrong}"), expected);
    }
    tells(
        "severity: warning",
        "severity: loud",
        "f:38:76: unknown severity `loud` | write info, warning or critical",
    );
    tells("min_denominator: 500", "min_denominator: 0", "f:38:102: must be 1 or more");
}

#[test]
fn an_example_names_what_it_expects() {
    tells(
        "expect:\n      return_rate:",
        "expect:\n      retun_rate:",
        "f:44:7: no rate is named `retun_rate` | did you mean `return_rate`?",
    );
    tells("numerator: 0,", "", "f:44:32: `numerator` is missing");
    tells(
        "denominator: 1 }",
        "denominator: 1, value: air }",
        "f:44:32: `dimension` and `value` belong together",
    );
    tells(
        "denominator: 1 }",
        "denominator: 1, dimension: mode, value: boat }",
        "f:44:32: no dimension `mode` has the value `boat`",
    );
    tells(
        "as_of: \"2022-02-21T08:00:00+08:00\"",
        "as_of: today",
        "f:42:12: `today` is no time | write RFC 3339: \"2022-02-21T08:00:00+08:00\"",
    );
}
