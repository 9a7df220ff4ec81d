//! Random expressions: the compiler and the plain evaluator must agree on them. And random text: the compiler may
//! refuse it, but not panic.

use proptest::prelude::*;

use super::naive::{Tree, condition};
use super::{columns, row};
use crate::spec::predicate::{Predicate, SqlProblem};

type Trees = BoxedStrategy<Tree>;

fn null() -> Trees {
    Just(Tree::Literal("NULL".to_owned(), None)).boxed()
}

fn times() -> Trees {
    let column =
        prop_oneof![Just(Tree::Column("departed_at", 0)), Just(Tree::Column("returned_at", 1))];
    let literal = (0..3i64).prop_map(|day| {
        let text = format!("TIMESTAMP '2022-02-0{} 00:00:00'", day + 1);
        Tree::Literal(text, Some(super::FEBRUARY + day * super::DAY))
    });
    let known = prop_oneof![column, literal].boxed();
    let shifted =
        (known.clone(), -2..3i64).prop_map(|(time, days)| Tree::Days(Box::new(time), days));
    prop_oneof![3 => known, 1 => shifted, 1 => null()].boxed()
}

fn integers() -> Trees {
    let literal = (-1..3i64).prop_map(|number| Tree::Literal(number.to_string(), Some(number)));
    prop_oneof![2 => Just(Tree::Column("trips", 2)), 2 => literal, 1 => null()].boxed()
}

fn truths() -> Trees {
    let literal =
        any::<bool>().prop_map(|truth| Tree::Literal(truth.to_string(), Some(i64::from(truth))));
    let column = prop_oneof![Just(Tree::Column("insured", 3)), Just(Tree::Column("LOCAL", 4))];
    prop_oneof![3 => column, 1 => literal, 1 => null()].boxed()
}

fn labels() -> Trees {
    let literal = (0..3usize).prop_map(|index| {
        Tree::Literal(format!("'{}'", ["air", "rail", "bus"][index]), Some(index as i64))
    });
    prop_oneof![1 => Just(Tree::Column("mode", 5)), 2 => literal, 1 => null()].boxed()
}

/// Questions about values that have an order.
fn tests_of(values: Trees) -> Trees {
    let operators = prop::sample::select(vec!["=", "<>", "<", "<=", ">", ">="]);
    let pair = (values.clone(), values.clone()).prop_map(|(a, b)| Box::new([a, b]));
    let three =
        (values.clone(), values.clone(), values.clone()).prop_map(|(a, b, c)| Box::new([a, b, c]));
    prop_oneof![
        2 => (operators, pair).prop_map(|(operator, sides)| Tree::Compare(operator, sides)),
        1 => (any::<bool>(), three).prop_map(|(negated, parts)| Tree::Between(negated, parts)),
        2 => equality_tests_of(values.clone(), values),
    ]
    .boxed()
}

/// Questions about values that need have no order. The first operand tells what the others are.
fn equality_tests_of(first: Trees, others: Trees) -> Trees {
    let negated = any::<bool>;
    let pair = (first.clone(), others.clone()).prop_map(|(a, b)| Box::new([a, b]));
    let list = prop::collection::vec(others, 1..4);
    prop_oneof![
        (prop::sample::select(vec!["=", "<>"]), pair.clone())
            .prop_map(|(op, sides)| Tree::Compare(op, sides)),
        (negated(), pair).prop_map(|(negated, sides)| Tree::Distinct(negated, sides)),
        (negated(), first.clone()).prop_map(|(negated, inner)| Tree::Is(
            negated,
            "NULL",
            Box::new(inner)
        )),
        (negated(), first, list).prop_map(|(negated, inner, list)| Tree::In(
            negated,
            Box::new(inner),
            list
        )),
    ]
    .boxed()
}

/// A choice among values by conditions.
fn choices(conditions: Trees, values: Trees) -> Trees {
    let otherwise = prop::option::of(values.clone().prop_map(Box::new)).boxed();
    let branch = |when: Trees| (when, values.clone()).prop_map(|(when, then)| [when, then]);
    prop_oneof![
        prop::collection::vec(values.clone(), 1..4).prop_map(Tree::Coalesce),
        (prop::collection::vec(branch(conditions), 1..3), otherwise.clone())
            .prop_map(|(b, o)| Tree::Case(b, o)),
        (integers(), prop::collection::vec(branch(integers()), 1..3), otherwise)
            .prop_map(|(operand, b, o)| Tree::Switch(Box::new(operand), b, o)),
    ]
    .boxed()
}

fn conditions() -> Trees {
    let mode = Just(Tree::Column("mode", 5)).boxed();
    let leaves = prop_oneof![
        truths(),
        tests_of(times()),
        tests_of(integers()),
        tests_of(truths()),
        equality_tests_of(mode, labels())
    ];
    leaves
        .prop_recursive(4, 40, 3, |inner| {
            let inner = inner.boxed();
            let several = prop::collection::vec(inner.clone(), 2..4);
            let wanted = prop::sample::select(vec!["NULL", "TRUE", "FALSE", "UNKNOWN"]);
            let mode = Just(Tree::Column("mode", 5)).boxed();
            prop_oneof![
                several.clone().prop_map(Tree::And),
                several.prop_map(Tree::Or),
                inner.clone().prop_map(|tree| Tree::Not(Box::new(tree))),
                (any::<bool>(), wanted, inner.clone()).prop_map(|(negated, w, tree)| Tree::Is(
                    negated,
                    w,
                    Box::new(tree)
                )),
                choices(inner.clone(), inner.clone()),
                tests_of(inner.clone()),
                tests_of(choices(inner.clone(), integers())),
                equality_tests_of(mode, choices(inner, labels())),
            ]
        })
        .boxed()
}

fn rows() -> impl Strategy<Value = Vec<Option<i64>>> {
    let time = || prop::option::of((0..4i64).prop_map(|day| super::FEBRUARY + day * super::DAY));
    let truth = || prop::option::of(0..2i64);
    (time(), time(), prop::option::of(-1..3i64), truth(), truth(), prop::option::of(0..3i64))
        .prop_map(|(a, b, c, d, e, f)| vec![a, b, c, d, e, f])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_compiled_predicate_says_what_the_plain_one_says(tree in conditions(), values in rows()) {
        let sql = tree.sql();
        match Predicate::compile(&sql, &columns()) {
            Ok(predicate) => {
                let said = predicate.evaluate(&row(&values));
                prop_assert_eq!(said, condition(&tree, &values), "{}", sql);
            }
            Err(problems) => {
                let reads_none = |p: &SqlProblem| p.message == "the predicate reads no column";
                prop_assert!(problems.iter().all(reads_none), "{}: {:?}", sql, problems);
            }
        }
    }

    #[test]
    fn no_text_makes_the_compiler_panic(sql in "[a-z_'\"() =<>+,.;0-9\\-\\*/\\PC]{0,60}") {
        let _ = Predicate::compile(&sql, &columns());
    }

    #[test]
    fn no_order_of_words_makes_the_compiler_panic(
        words in prop::collection::vec(prop::sample::select(WORDS.to_vec()), 0..30)
    ) {
        let _ = Predicate::compile(&words.join(" "), &columns());
    }
}

const WORDS: [&str; 36] = [
    "insured",
    "trips",
    "mode",
    "departed_at",
    "returned_at",
    "AND",
    "OR",
    "NOT",
    "IS",
    "NULL",
    "TRUE",
    "IN",
    "(",
    ")",
    ",",
    "BETWEEN",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "=",
    "<",
    "+",
    "-",
    "INTERVAL",
    "'3 days'",
    "3",
    "DAY",
    "TIMESTAMP",
    "'2022-02-01'",
    "COALESCE",
    "DISTINCT",
    "FROM",
    "'air'",
    "LIKE",
];
