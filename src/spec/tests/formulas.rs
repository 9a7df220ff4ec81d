//! What rates may say beside one measure over another, and what each mistake is told in.

use super::*;
use crate::spec::formula::Formula;

/// The file with its rate saying something else, and another behind it.
fn with_rate(says: &str) -> String {
    file_with("    numerator: returned\n    denominator: departed\n", &format!("    {says}\n"))
        .replace("alerts:\n  Dropped: { rate: return_rate, drop: 0.02, over: 24h, for: 10m, severity: warning, min_denominator: 500 }\n", "")
        .replace("denominator: 1 }", "}")
}

fn says(rate: &str) -> String {
    told(&with_rate(rate)).join("; ")
}

#[test]
fn measures_are_added_and_taken_away() {
    let pipeline = load(&with_rate("numerator: departed - returned + departed"));
    let Formula::Counted { counted, .. } = &pipeline.rates[0].formula else { panic!("counted") };
    let level = |measure: crate::spec::MeasureId| if measure.0 == 0 { 10 } else { 3 };
    assert_eq!(counted.numerator.level(level), 17);
    assert_eq!(counted.numerator.title(&pipeline).en, "departed − Back + departed");
    for (wrong, expected) in [
        ("departed -returned", "`-returned` is neither + nor -"),
        ("departed - ", "the last sign has no measure behind it"),
        ("departed - gone", "no measure is named `gone`"),
        (" ", "no measure is named"),
    ] {
        let told = says(&format!("numerator: \"{wrong}\""));
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn measures_of_other_units_are_not_added() {
    let text = with_rate("numerator: departed - returned").replace(
        "departed: { where: departed_at IS NOT NULL }",
        "departed: { where: departed_at IS NOT NULL, unit: person }",
    );
    assert!(told(&text)[0].contains("`departed` and `returned` have other units or decimals"));
}

#[test]
fn a_rate_says_one_thing() {
    let one = "a rate needs one of `numerator`, `index`, `cleared` and `across`";
    assert!(says("better: higher").contains(one));
    assert!(
        says("numerator: departed\n    cleared: { open: departed, ever: departed }").contains(one)
    );
    let alone = says("denominator: departed");
    assert!(alone.contains("this belongs to a `numerator`, and there is none"), "{alone}");
}

#[test]
fn an_index_comes_behind_the_ratios_it_is_made_of() {
    let told = says("index: { return_rate: 1.0 }");
    assert!(told.contains("no rate with a ratio is named `return_rate` before this one"), "{told}");
    assert!(says("index: {}").contains("an index of nothing"));
}

#[test]
fn an_index_is_broken_out_by_no_more_than_its_rates_are() {
    let second = "    change: [1h, 24h]\n    by: [mode]\n  index:\n    title: { zh: 指数, en: Index }\n    definition: { zh: 指数, en: Index }\n    index: { return_rate: 1 }\n";
    let text = file_with("    change: [1h, 24h]\n", second);
    assert!(told(&text)[0].contains("the index is broken out by more than `return_rate` is"));
    let pipeline = load(
        &text.replace("index: { return_rate: 1 }\n", "index: { return_rate: 1 }\n    by: [mode]\n"),
    );
    assert_eq!(pipeline.measures_of(&pipeline.rates[1]).len(), 2);
}

#[test]
fn reports_are_of_the_same_thing_and_their_areas_are_apart() {
    let reported = |says: &str| format!("numerator: returned\n    reported: {{ {says} }}");
    let pipeline = load(&with_rate(&reported("numerator: departed, areas: [\"330700\"]")));
    assert_eq!(pipeline.rates[1].name, "return_rate_reconciliation");
    assert_eq!(pipeline.rates[1].title.zh, "返岗率·对账差");
    for (wrong, expected) in [
        ("numerator: departed, areas: [\"330700\", \"330782\"]", "`330782` lies within another"),
        ("numerator: departed, areas: [\"339999\"]", "`339999` is no area"),
        ("numerator: departed, areas: []", "no area reports"),
        (
            "numerator: departed, denominator: departed, areas: [\"330700\"]",
            "another denominator or other decimals",
        ),
    ] {
        let told = says(&reported(wrong));
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn facts_are_counted_where_every_one_is_kept() {
    let kept = |keep: &str| {
        file_with("    keep: last 3\n", &format!("    keep: {keep}\n    counted: person-trip\n"))
    };
    assert!(
        told(&kept("last 3"))[0].contains("only facts of which every one is kept can be counted")
    );
    let columns = load(&kept("all")).columns;
    assert_eq!(columns.last().map(|column| column.name.as_str()), Some("returned_count"));
}

#[test]
fn a_rate_says_which_way_is_good_and_what_is_too_few() {
    assert!(
        says("numerator: departed\n    better: up")
            .contains("`up` is no direction | write `higher` or `lower`")
    );
    assert!(says("numerator: departed\n    minimum_sample: 0").contains("must be 1 or more"));
}

#[test]
fn an_alert_asks_for_the_rate_s_minimum_sample_unless_it_says_otherwise() {
    let text =
        file_with("    change: [1h, 24h]\n", "    change: [1h, 24h]\n    minimum_sample: 30\n");
    assert_eq!(load(&text).alerts[0].min_denominator, 500);
    let text = text.replace(", min_denominator: 500", "");
    assert_eq!(load(&text).alerts[0].min_denominator, 30);
}

#[test]
fn a_dimension_goes_down_to_a_level_of_areas() {
    let text = file_with(
        "mode: { column: returned_mode,",
        "mode: { down_to: town, column: returned_mode,",
    );
    assert!(told(&text)[0].contains("`town` is no level of areas"));
}

#[test]
fn a_rate_with_a_season_says_what_aligns_its_springs() {
    let of = |season: &str| format!("numerator: departed\n    season: {season}");
    assert!(
        says(&of("easter"))
            .contains("`easter` aligns no seasons | write spring-festival, calendar or workday")
    );
    let season = load(&with_rate(&of("spring-festival"))).rates[0].season;
    assert_eq!(season, Some(crate::season::Alignment::SpringFestival));
}

#[test]
fn a_rate_may_lie_across_pipelines_and_is_told_of_now_alone() {
    let across = |more: &str| {
        format!(
            "across:\n      numerator: {{ rate: hiring/hired, title: {{ zh: 录用, en: Hired }} }}\n      denominator: {{ rate: trips/{more}"
        )
    };
    let good = across("return_rate, title: { zh: 返岗, en: Back } }");
    let text = with_rate(&good).replace("    change: [1h, 24h]\n", "");
    let pipeline = load(&text.replace("numerator: 0, }", "numerator: 0, denominator: 1 }"));
    let named = pipeline.rates[0].formula.across().expect("it lies across");
    assert_eq!((&*named.numerator.pipeline, &*named.numerator.rate), ("hiring", "hired"));
    assert!(pipeline.rates[0].by.is_empty() && pipeline.rates[0].formula.has_ratio());
    assert!(says(&good).contains("what lies across pipelines is told of now alone"));
    let nameless = across("return_rate, title: { zh: 返岗, en: Back } }").replace("hiring/", "");
    assert!(
        says(&nameless).contains("`hired` names no rate of a pipeline | write `pipeline/rate`")
    );
    assert!(says(&format!("numerator: departed\n    {good}")).contains("a rate needs one of"));
}

#[test]
fn a_dimension_that_qualifies_says_which_value_is_exact() {
    let exact = |value: &str| {
        let column = "column: returned_mode, ";
        file_with(column, &format!("{column}exact: {value}, "))
    };
    assert_eq!(load(&exact("rail")).dimensions[0].exact, Some(1));
    assert!(told(&exact("ship"))[0].contains("`ship` is no value of it | its values: air, rail"));
}
