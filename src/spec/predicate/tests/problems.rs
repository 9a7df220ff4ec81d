//! Each mistake: where it is, in which words it is told, and what is to be written instead.

use super::{columns, problems};
use crate::spec::predicate::{DEPTH_MOST, Predicate, TOKENS_MOST};

const COLUMNS: &str = "there are `departed_at`, `returned_at`, `trips`, `insured`, `local`, `mode`";
const LANGUAGE: &str =
    "a predicate is built of comparisons, AND, OR, NOT, IS, IN, BETWEEN, CASE and COALESCE";
const UNITS: &str = "units are seconds, minutes, hours, days and weeks: INTERVAL '3 days'";
const READABLE: &str = "write whole numbers and units: INTERVAL '1 day 12 hours'";
const ARITHMETIC: &str = "arithmetic is not supported, save a time plus or minus an interval | \
    compare the column with a number worked out beforehand";
const PARENTHESES: &str =
    "a condition within a comparison needs parentheses | write ( … ) around it";

/// The problems as lines: place, message, and after a bar what to write instead.
fn told(sql: &str) -> Vec<String> {
    let line = |problem: crate::spec::predicate::SqlProblem| {
        let instead = problem.instead.map(|instead| format!(" | {instead}")).unwrap_or_default();
        format!("{}:{} {}{instead}", problem.line, problem.column, problem.message)
    };
    problems(sql).into_iter().map(line).collect()
}

/// Compares the problems of a text with one that is expected.
fn tells(sql: &str, expected: impl AsRef<str>) {
    assert_eq!(told(sql), [expected.as_ref()], "{sql}");
}

#[test]
fn all_problems_are_told_at_once_in_the_order_of_the_text() {
    let sql = "trips = 1\n  AND (trips = '1' OR foo)\n  AND returned_at = 3";
    let expected = [
        "2:16 a string beside an integer | write it without quotes".to_owned(),
        format!("2:23 no column is named `foo`: {COLUMNS}"),
        "3:21 `=` mixes a time with an integer | write TIMESTAMP '2022-02-01 08:00:00'".to_owned(),
    ];
    assert_eq!(told(sql), expected);
}

#[test]
fn a_problem_says_its_place_when_printed() {
    let problem = &problems("trips = 3.5")[0];
    assert_eq!(problem.to_string(), "line 1, column 9: `3.5` is not a whole number");
}

#[test]
fn an_unknown_column_is_told_with_the_nearest_and_all_there_are() {
    let expected =
        format!("1:1 no column is named `retuned_at`: {COLUMNS} | did you mean `returned_at`?");
    tells("retuned_at >= departed_at", expected);
    tells("insured AND foo", format!("1:13 no column is named `foo`: {COLUMNS}"));
    tells("mode = \"air\"", format!("1:8 no column is named `air`: {COLUMNS}"));
}

#[test]
fn nothing_more_is_said_of_an_operand_beside_a_broken_one() {
    tells("foo = 'bar'", format!("1:1 no column is named `foo`: {COLUMNS}"));
    tells("trips IN (foo, NULL)", format!("1:11 no column is named `foo`: {COLUMNS}"));
    tells("foo + 3 > departed_at", format!("1:1 no column is named `foo`: {COLUMNS}"));
}

#[test]
fn a_column_has_no_table() {
    tells(
        "t.insured",
        "1:1 a column has no table before it: a predicate reads one row | write insured",
    );
}

#[test]
fn a_string_outside_the_list_of_labels_is_told_with_the_nearest_and_all_there_are() {
    let labels = "is no label of this column: there are 'air', 'rail', 'bus'";
    tells("mode = 'buss'", format!("1:8 `'buss'` {labels} | did you mean 'bus'?"));
    tells("mode = 'Air'", format!("1:8 `'Air'` {labels} | did you mean 'air'?"));
    tells("mode IN ('air', 'ship')", format!("1:17 `'ship'` {labels}"));
    tells("CASE mode WHEN 'ship' THEN TRUE END", format!("1:16 `'ship'` {labels}"));
    tells("mode = COALESCE(NULL, 'ship')", format!("1:23 `'ship'` {labels}"));
}

#[test]
fn labels_have_no_order() {
    let instead = "list the labels: IN ('…', '…')";
    let expected = format!("1:1 `<` puts values in an order, and labels have none | {instead}");
    tells("mode < 'bus'", expected);
    let expected =
        format!("1:1 `BETWEEN` puts values in an order, and labels have none | {instead}");
    tells("mode BETWEEN 'air' AND 'bus'", expected);
    tells("mode LIKE 'a%'", format!("1:1 patterns are not supported | {instead}"));
}

#[test]
fn a_string_beside_no_label_is_told_once() {
    let expected = "stands beside no label column | compare it with a label column";
    tells("insured AND 'a' = 'b'", format!("1:13 `'a'` {expected}"));
    tells("COALESCE('air', 'bus') IS NULL", format!("1:10 `'air'` {expected}"));
}

#[test]
fn a_string_beside_another_type_is_told_what_it_should_be() {
    tells(
        "returned_at > '2022-02-03'",
        "1:15 a string beside a time | write TIMESTAMP '2022-02-03'",
    );
    let expected = "1:15 a string beside a time | write TIMESTAMP '2022-02-01 08:00:00'";
    tells("returned_at > 'yesterday'", expected);
    tells("trips = '3'", "1:9 a string beside an integer | write it without quotes");
    let expected = "1:11 a string where a boolean is wanted | write TRUE or FALSE, without quotes";
    tells("insured = 'true'", expected);
}

#[test]
fn operands_of_two_types_do_not_mix() {
    tells("trips = returned_at", "1:9 `=` mixes an integer with a time");
    tells("insured = 1", "1:11 `=` mixes a boolean with an integer | write TRUE or FALSE");
    tells("mode <> 3", "1:9 `<>` mixes a label with an integer | a label is written in quotes");
    tells("trips IN (1, local)", "1:14 `IN` mixes an integer with a boolean");
    tells("trips BETWEEN 1 AND departed_at", "1:21 `BETWEEN` mixes an integer with a time");
    tells("COALESCE(insured, mode)", "1:19 `COALESCE` mixes a boolean with a label");
    tells("CASE WHEN local THEN insured ELSE mode END", "1:35 `CASE` mixes a boolean with a label");
    tells("mode IS DISTINCT FROM local", "1:23 `IS DISTINCT FROM` mixes a label with a boolean");
}

#[test]
fn labels_from_two_lists_do_not_mix() {
    let mut columns = columns();
    let column_type = crate::spec::column::ColumnType::Label(vec!["air".to_owned()]);
    columns.push(crate::spec::column::Column { name: "back_by".to_owned(), column_type });
    let problems = Predicate::compile("mode = back_by", &columns).unwrap_err();
    assert_eq!(problems[0].message, "`=` mixes labels from two different lists");
}

#[test]
fn a_condition_is_wanted() {
    let time = "ask whether there is one: returned_at IS NOT NULL";
    tells("returned_at", format!("1:1 a predicate needs a condition, and this is a time | {time}"));
    tells("NOT returned_at", format!("1:5 `NOT` needs a condition, and this is a time | {time}"));
    let trips = "needs a condition, and this is an integer | compare it: trips > 0";
    tells("trips AND insured", format!("1:1 `AND` {trips}"));
    tells("insured OR trips", format!("1:12 `OR` {trips}"));
    tells("trips IS NOT TRUE", format!("1:1 `IS` {trips}"));
    tells("CASE WHEN trips THEN insured END", format!("1:11 `WHEN` {trips}"));
    tells(
        "mode",
        "1:1 a predicate needs a condition, and this is a label | compare it: mode = 'air'",
    );
}

#[test]
fn a_predicate_reads_a_column() {
    tells("TRUE", format!("1:1 the predicate reads no column | {COLUMNS}"));
    tells("  1 = 1", format!("1:3 the predicate reads no column | {COLUMNS}"));
}

#[test]
fn conditions_within_comparisons_need_parentheses() {
    tells("insured = local = TRUE", format!("1:1 {PARENTHESES}"));
    tells("insured IS NULL = FALSE", format!("1:1 {PARENTHESES}"));
    tells("trips > 3 IS TRUE", format!("1:1 {PARENTHESES}"));
    tells("insured = NOT local", format!("1:15 {PARENTHESES}"));
    tells("trips = 1 IS DISTINCT FROM 3", format!("1:1 {PARENTHESES}"));
    tells("insured IN (local) IN (TRUE)", format!("1:1 {PARENTHESES}"));
}

#[test]
fn a_difference_of_times_is_told_as_a_comparison() {
    let expected = "1:1 a time minus a time is not supported | \
        compare the times: returned_at >= departed_at + INTERVAL '3 days'";
    tells("returned_at - departed_at > INTERVAL '3 days'", expected);
    let expected = "1:2 a time minus a time is not supported | \
        compare the times: a >= b + INTERVAL '3 days'";
    tells("(returned_at) - departed_at IS NULL", expected);
}

#[test]
fn arithmetic_is_not_supported() {
    tells("trips + 1 > 3", format!("1:1 {ARITHMETIC}"));
    tells("trips * 2 > 3", format!("1:1 {ARITHMETIC}"));
    tells("3 < -trips", format!("1:6 {ARITHMETIC}"));
    let expected = "1:15 an integer beside a time | write a length of time: INTERVAL '3 days'";
    tells("returned_at + 3 > departed_at", expected);
}

#[test]
fn intervals_have_a_fixed_length() {
    let tells = |interval: &str, expected: &str| {
        tells(&format!("returned_at > departed_at + INTERVAL {interval}"), expected);
    };
    tells("'1 month'", "1:38 a month has no fixed length | write INTERVAL '30 days'");
    tells("1 YEAR", "1:38 a year has no fixed length | write INTERVAL '365 days'");
    tells("'3'", &format!("1:38 `3` has no unit | {UNITS}"));
    tells("'3 d'", &format!("1:38 `d` is no unit of an interval | {UNITS}"));
    let expected =
        "1:38 an interval is at most a thousand years | write INTERVAL '365250 days' or less";
    tells("'365251 days'", expected);
    tells("9223372036854775807 WEEKS", expected);
}

#[test]
fn intervals_are_whole_numbers_and_units() {
    let unreadable =
        ["''", "'+3 days'", "1.5 DAY", "'3 days' DAY", "'1' DAY TO SECOND", "trips DAY", "-3 DAY"];
    for interval in unreadable {
        let sql = format!("departed_at + INTERVAL {interval} IS NULL");
        tells(&sql, format!("1:24 this is no interval | {READABLE}"));
    }
}

#[test]
fn intervals_are_added_to_times() {
    let expected = "1:24 an interval is a length, no value of its own | \
        add it to a time: departed_at + INTERVAL '3 days'";
    tells("returned_at > INTERVAL '3 days'", expected);
    let expected = "1:10 an interval has no time before it | \
        write a time first: departed_at + INTERVAL '3 days'";
    tells("INTERVAL 3 DAY - returned_at > departed_at", expected);
    let expected = "1:1 an interval is added to a time, and this is an integer";
    tells("trips + INTERVAL '3 days' > returned_at", expected);
    let expected = "1:1 an interval is added to a time, and this is NULL";
    tells("NULL + INTERVAL '3 days' > returned_at", expected);
}

#[test]
fn times_are_written_in_one_way() {
    let write = "write TIMESTAMP '2022-02-01 08:00:00', without an offset";
    for time in [
        "2022-02-01 08:00:00+08",
        "2022-02-30",
        "2022-02-01 08:00:60",
        "2022-2-1",
        "0000-01-01",
        "",
    ] {
        let expected = format!("1:25 `'{time}'` is no time in whole seconds of UTC | {write}");
        tells(&format!("returned_at > TIMESTAMP '{time}'"), expected);
    }
    let expected = "1:20 `DATE` literals are not supported | write TIMESTAMP '2022-02-03', in UTC";
    tells("returned_at > DATE '2022-02-03'", expected);
    tells(
        "returned_at AT TIME ZONE 'UTC' > departed_at",
        "1:1 all times are UTC | write the literal in UTC",
    );
}

#[test]
fn what_time_it_is_no_predicate_knows() {
    let write = "compare with a column or with TIMESTAMP '2022-02-01 08:00:00'";
    for clock in ["now", "CURRENT_TIMESTAMP", "current_date"] {
        let expected = format!("1:15 `{clock}` tells another time at every run | {write}");
        let call = if clock == "now" { "now()" } else { clock };
        tells(&format!("returned_at > {call}"), expected);
    }
}

#[test]
fn functions_subqueries_and_casts_are_not_supported() {
    tells(
        "lower(mode) = 'air'",
        "1:1 function `lower` is not supported | the only function is COALESCE(…)",
    );
    tells(
        "count(*) > 3",
        "1:1 function `count` is not supported | the only function is COALESCE(…)",
    );
    tells(
        "COALESCE(local) OVER ()",
        "1:1 function `COALESCE` is not supported | the only function is COALESCE(…)",
    );
    tells(
        "COALESCE()",
        "1:1 `COALESCE` chooses among nothing | name what to choose among: COALESCE(a, b)",
    );
    let subquery = "a predicate reads one row: subqueries are not supported";
    tells("trips IN (SELECT 1)", format!("1:1 {subquery} | {LANGUAGE}"));
    tells("insured AND EXISTS (SELECT 1)", format!("1:1 {subquery} | {LANGUAGE}"));
    let cast = "casts are not supported | write literals in the column's own type";
    tells("CAST(trips AS BOOLEAN)", format!("1:6 {cast}"));
    tells("trips::boolean", format!("1:1 {cast}"));
}

#[test]
fn other_operators_and_constructs_are_not_supported() {
    tells("insured XOR local", format!("1:13 operator `XOR` is not supported | {LANGUAGE}"));
    tells("trips <=> 3", "1:7 operator `<=>` is not supported | write IS NOT DISTINCT FROM");
    tells("trips = +3", format!("1:10 operator `+` is not supported | {LANGUAGE}"));
    tells(
        "mode IS NORMALIZED",
        format!("1:1 this construct is not part of predicates | {LANGUAGE}"),
    );
    let expected = "1:2 a list of values stands only after IN | compare the columns one by one";
    tells("(trips, insured) IS NULL", expected);
}

#[test]
fn numbers_are_whole_and_of_64_bits() {
    tells("trips > 3.5", "1:9 `3.5` is not a whole number");
    tells("trips = 1e3", "1:9 `1e3` is not a whole number");
    tells("trips = 9223372036854775808", "1:9 `9223372036854775808` is beyond 64 bits");
    tells("trips = -9223372036854775808", "1:10 `-9223372036854775808` is beyond 64 bits");
    let literals = "literals are 3, 'label', TRUE, FALSE, NULL and TIMESTAMP '2022-02-01 08:00:00'";
    tells("trips = 3L", format!("1:9 `3L` is no literal of predicates | {literals}"));
    tells("trips = $1", format!("1:9 `$1` is no literal of predicates | {literals}"));
}

#[test]
fn an_empty_text_is_no_predicate() {
    let expected = "1:1 the predicate is empty | write a condition: departed_at IS NOT NULL";
    tells("", expected);
    tells(" \n /* nothing */ ", expected);
}

#[test]
fn a_statement_is_no_predicate() {
    let expected = "a predicate is a condition, not a statement";
    tells("SELECT insured", format!("1:1 {expected} | write only what would follow WHERE"));
    tells("WHERE insured", format!("1:1 {expected} | write only what would follow WHERE"));
    tells("insured;", format!("1:8 {expected} | leave out the `;`"));
}

#[test]
fn a_predicate_is_one_condition() {
    let expected =
        "1:8 a predicate is one condition, and here begins another | join them with AND or OR";
    tells("insured, local", expected);
    let expected = "1:9 `local` follows the end of the condition | join conditions with AND or OR";
    tells("insured local", expected);
}

#[test]
fn what_cannot_be_parsed_is_told_with_its_place() {
    tells("insured AND", "1:12 expected an expression, found the end of the text");
    tells("IS DISTINCT FROM 3", "1:1 expected an expression, found `IS DISTINCT FROM`");
    tells("insured AND\n )", "2:2 expected an expression, found `)`");
    tells("(insured", "1:9 expected `)`, found the end of the text");
    tells("CASE WHEN insured THEN local", "1:29 expected END, found the end of the text");
    tells("mode = 'air", "1:8 unterminated string literal");
}

#[test]
fn a_comment_to_the_end_of_the_line_is_refused() {
    let expected = "a comment with `--` ends with its line, and a folded text has lost its lines";
    tells("insured -- by law\nAND local", format!("1:9 {expected} | write /* … */"));
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth: usize| format!("{}insured{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Predicate::compile(&nested(DEPTH_MOST - 1), &columns()).is_ok());
    let expected = "the predicate nests deeper than 64 levels";
    for sql in [nested(DEPTH_MOST), nested(1_000), "NOT ".repeat(DEPTH_MOST) + "insured"] {
        assert_eq!(problems(&sql)[0].message, expected);
    }
}

#[test]
fn length_is_bounded_and_the_longest_chain_does_not_overflow_the_stack() {
    let long = "insured AND ".repeat(TOKENS_MOST / 2) + "insured";
    tells(&long, "1:24577 the predicate has more than 4096 words and signs");
    for link in [" = 1", "::a", " - 1", " IS NULL", " NOT LIKE 'a'", " || 'a'", "[1]"] {
        let sql = "trips".to_owned() + &link.repeat(TOKENS_MOST / 4 - 8);
        for sql in [sql.clone(), format!("lower({sql}) = 'x'"), format!("trips = ({sql})")] {
            let problem = &problems(&sql)[0];
            assert!(!problem.message.starts_with("the predicate has more than"), "{link}");
        }
    }
}

#[test]
fn one_mistake_within_many_levels_is_told_at_once() {
    let openings = [
        "(",
        "NOT (",
        "CASE WHEN ",
        "COALESCE(",
        "INTERVAL ",
        "CAST(",
        "trips IN (",
        "EXISTS (SELECT ",
    ];
    for opening in openings {
        let begun = std::time::Instant::now();
        assert!(!problems(&opening.repeat(60)).is_empty());
        assert!(begun.elapsed().as_secs() < 5, "{opening}");
    }
}
