//! Each construct of the language, asked of one row.

use super::{DAY, FEBRUARY, ROW, columns, compile, row, says};
use crate::spec::column::Value;
use crate::spec::predicate::{Predicate, TOKENS_MOST};

fn holds(sql: &str) {
    assert_eq!(says(sql), Some(true), "{sql}");
}

#[test]
fn the_measure_of_the_return_to_work_pipeline_holds() {
    holds("returned_at >= departed_at AND (local IS NULL OR trips < 3)");
}

#[test]
fn column_names_are_read_in_any_case_and_in_quotes() {
    holds("INSURED AND \"insured\" AND \"Insured\"");
}

#[test]
fn integers_are_compared_as_64_bits() {
    holds("trips = 3 AND trips <> -3 AND trips != - 3 AND trips == 3");
    holds("trips < 9223372036854775807 AND trips > -9223372036854775807");
}

#[test]
fn labels_are_compared_with_their_strings_on_either_side() {
    holds(
        "mode = 'rail' AND 'air' <> mode AND mode IN ('bus', 'rail') AND mode IS DISTINCT FROM 'bus'",
    );
}

#[test]
fn strings_within_a_choice_are_labels_of_the_column_beside_it() {
    holds("CASE WHEN insured THEN 'rail' ELSE 'air' END = mode");
    holds("mode = COALESCE(NULL, 'rail', 'bus')");
    holds("CASE WHEN local THEN mode ELSE 'bus' END = 'bus'");
    holds("CASE mode WHEN 'air' THEN FALSE WHEN 'rail' THEN TRUE END");
}

#[test]
fn timestamps_are_utc_to_the_second() {
    holds("departed_at = TIMESTAMP '2022-02-01 00:00:00'");
    holds("departed_at = TIMESTAMP '2022-02-01T00:00:00' AND departed_at = TIMESTAMP '2022-02-01'");
    holds("departed_at < TIMESTAMP '2022-02-01 00:00:01'");
}

#[test]
fn intervals_are_written_in_three_ways_and_five_units() {
    for two_days in [
        "INTERVAL '2 days'",
        "INTERVAL 2 DAY",
        "INTERVAL '2' DAYS",
        "INTERVAL '48 hours'",
        "INTERVAL 2880 MINUTES",
        "INTERVAL 172800 SECOND",
        "(INTERVAL '1 day 23 hours 59 minutes 60 seconds')",
    ] {
        holds(&format!("returned_at = departed_at + {two_days}"));
        holds(&format!("returned_at = {two_days} + departed_at"));
        holds(&format!("returned_at - {two_days} = departed_at"));
    }
    holds("returned_at - INTERVAL '1 week' = departed_at + INTERVAL '-5 days'");
}

#[test]
fn a_time_out_of_reach_becomes_null() {
    let predicate = compile("departed_at + INTERVAL '1 day' IS NULL");
    assert_eq!(predicate.evaluate(&row(&[Some(i64::MAX)])), Some(true));
    let predicate = compile("departed_at - INTERVAL '1 day' IS NULL");
    assert_eq!(predicate.evaluate(&row(&[Some(i64::MIN + DAY)])), Some(true));
    assert_eq!(predicate.evaluate(&row(&[Some(FEBRUARY)])), Some(false));
}

#[test]
fn and_binds_closer_than_or_and_not_closer_than_both() {
    holds("TRUE OR FALSE AND NOT insured");
    holds("NOT trips = 4 AND NOT local IS NOT NULL");
    holds("NOT trips IN (4) AND trips BETWEEN 1 AND 3 AND insured");
}

#[test]
fn the_right_side_of_is_distinct_from_ends_before_and_and_or() {
    holds("trips IS DISTINCT FROM 4 AND mode IS NOT DISTINCT FROM 'rail' OR FALSE");
    holds("NOT trips IS DISTINCT FROM 3 AND insured");
}

#[test]
fn comments_between_stars_are_passed_over() {
    holds("insured /* of the employer */ AND trips = 3");
}

#[test]
fn a_long_chain_is_not_a_deep_one() {
    let sql = vec!["insured"; TOKENS_MOST / 2].join(" AND ");
    holds(&sql);
}

#[test]
fn the_columns_it_reads_are_told_once_each() {
    let predicate = compile("mode = 'air' OR departed_at < returned_at OR mode = 'bus'");
    assert_eq!(predicate.columns().collect::<Vec<_>>(), [0, 1, 5]);
}

#[test]
fn a_column_that_a_row_lacks_is_null() {
    assert_eq!(compile("trips = 3").evaluate(&[]), None);
}

#[test]
fn labels_of_two_columns_with_one_list_compare() {
    let mut columns = columns();
    let mode = columns.last().unwrap().clone();
    columns.push(crate::spec::column::Column { name: "back_by".to_owned(), ..mode });
    let predicate = Predicate::compile("mode = back_by", &columns).unwrap();
    let mut values = row(&ROW);
    values.push(Value::new(1).unwrap());
    assert_eq!(predicate.evaluate(&values), Some(true));
}
