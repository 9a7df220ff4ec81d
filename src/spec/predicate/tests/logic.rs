//! Three-valued logic, table by table.

use super::{compile, row};

const VALUES: [Option<bool>; 3] = [Some(true), Some(false), None];

/// Asks a predicate over `insured` and `local`.
fn ask(sql: &str, insured: Option<bool>, local: Option<bool>) -> Option<bool> {
    let number = |truth: Option<bool>| truth.map(i64::from);
    compile(sql).evaluate(&row(&[None, None, None, number(insured), number(local), None]))
}

/// The answers for TRUE, FALSE and NULL on the left, and for each of them TRUE, FALSE and NULL on the right.
fn table(sql: &str) -> String {
    let pairs = VALUES.iter().flat_map(|left| VALUES.iter().map(move |right| (*left, *right)));
    pairs.map(|(left, right)| letter(ask(sql, left, right))).collect()
}

/// The answers for TRUE, FALSE and NULL.
fn column(sql: &str) -> String {
    VALUES.iter().map(|value| letter(ask(sql, *value, None))).collect()
}

fn letter(truth: Option<bool>) -> char {
    match truth {
        Some(true) => 'T',
        Some(false) => 'F',
        None => 'n',
    }
}

#[test]
fn and_is_false_as_soon_as_one_side_is() {
    assert_eq!(table("insured AND local"), "TFnFFFnFn");
}

#[test]
fn or_is_true_as_soon_as_one_side_is() {
    assert_eq!(table("insured OR local"), "TTTTFnTnn");
}

#[test]
fn not_leaves_unknown_unknown() {
    assert_eq!(column("NOT insured"), "FTn");
}

#[test]
fn comparisons_with_null_are_unknown() {
    assert_eq!(table("insured = local"), "TFnFTnnnn");
    assert_eq!(table("insured <> local"), "FTnTFnnnn");
    assert_eq!(table("insured < local"), "FFnTFnnnn");
    assert_eq!(table("insured <= local"), "TFnTTnnnn");
    assert_eq!(table("insured > local"), "FTnFFnnnn");
    assert_eq!(table("insured >= local"), "TTnFTnnnn");
}

#[test]
fn is_distinct_from_is_never_unknown() {
    assert_eq!(table("insured IS DISTINCT FROM local"), "FTTTFTTTF");
    assert_eq!(table("insured IS NOT DISTINCT FROM local"), "TFFFTFFFT");
}

#[test]
fn is_asks_for_one_of_three_values_and_always_answers() {
    assert_eq!(column("insured IS TRUE"), "TFF");
    assert_eq!(column("insured IS FALSE"), "FTF");
    assert_eq!(column("insured IS UNKNOWN"), "FFT");
    assert_eq!(column("insured IS NULL"), "FFT");
    assert_eq!(column("insured IS NOT TRUE"), "FTT");
    assert_eq!(column("insured IS NOT FALSE"), "TFT");
    assert_eq!(column("insured IS NOT UNKNOWN"), "TTF");
    assert_eq!(column("insured IS NOT NULL"), "TTF");
}

#[test]
fn in_is_unknown_where_only_a_null_could_match() {
    assert_eq!(column("insured IN (TRUE)"), "TFn");
    assert_eq!(column("insured IN (TRUE, NULL)"), "Tnn");
    assert_eq!(column("insured NOT IN (TRUE, NULL)"), "Fnn");
    assert_eq!(table("insured IN (local)"), "TFnFTnnnn");
    assert_eq!(table("insured IN (local, FALSE)"), "TFnTTTnnn");
}

#[test]
fn between_is_two_comparisons_joined_by_and() {
    assert_eq!(table("TRUE BETWEEN insured AND local"), "TFnTFnnFn");
    assert_eq!(table("insured NOT BETWEEN local AND NULL"), "nnnTnnnnn");
}

#[test]
fn case_takes_a_branch_only_when_its_condition_is_true() {
    assert_eq!(column("CASE WHEN insured THEN FALSE ELSE TRUE END"), "FTT");
    assert_eq!(column("CASE WHEN insured THEN FALSE END"), "Fnn");
    assert_eq!(
        column("CASE insured WHEN NULL THEN TRUE WHEN FALSE THEN NULL ELSE FALSE END"),
        "FnF"
    );
}

#[test]
fn coalesce_takes_the_first_that_is_not_null() {
    assert_eq!(table("COALESCE(insured, local)"), "TTTFFFTFn");
}

#[test]
fn only_true_counts() {
    let holds = |insured: Option<i64>| {
        compile("insured").holds(&row(&[None, None, None, insured, None, None]))
    };
    assert!(holds(Some(1)));
    assert!(!holds(Some(0)));
    assert!(!holds(None));
}
