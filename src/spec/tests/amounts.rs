//! Amounts: exact decimals with a unit, what may be summed and compared, and what each mistake is told in.

use proptest::prelude::*;

use super::*;
use crate::spec::Unit;
use crate::spec::amount::{AMOUNT_MOST, Denomination, NoAmount, digits};
use crate::spec::column::Value;

const YUAN: &str = "{ path: /data/trips, type: amount, unit: CNY, scale: 2 }";

/// The file with an amount, and a measure that says this of itself.
fn with_measure(says: &str) -> String {
    let text = file_with("{ path: /data/trips, type: integer }", YUAN);
    text.replace("departed: { where: departed_at IS NOT NULL }", &format!("departed: {{ {says} }}"))
}

fn cents() -> Denomination {
    Denomination { unit: Unit::of("CNY").unwrap(), scale: 2 }
}

fn last(digits: &str) -> Result<i64, NoAmount> {
    cents().parse(digits).map(|value| value.get().unwrap())
}

#[test]
fn digits_become_last_decimals_and_none_is_rounded() {
    assert_eq!(last("1250"), Ok(125_000));
    assert_eq!(last("0.1"), Ok(10));
    assert_eq!(last("-12.50"), Ok(-1_250));
    assert_eq!(last("1.25e3"), Ok(125_000));
    assert_eq!(last("3.100"), Ok(310));
    assert_eq!(last("0.125"), Err(NoAmount::DoesNotFit));
    assert_eq!(last("100000000000.01"), Err(NoAmount::DoesNotFit));
    assert_eq!(last("1e300"), Err(NoAmount::DoesNotFit));
    assert_eq!(last("约1800"), Err(NoAmount::NotANumber));
    assert_eq!(last(""), Err(NoAmount::NotANumber));
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_the_same(number in -AMOUNT_MOST..=AMOUNT_MOST, scale in 0_u8..=6) {
        let of = Denomination { scale, ..cents() };
        prop_assert_eq!(of.parse(&digits(number, scale)), Ok(Value::new(number).unwrap()));
        // The ledger's JSON goes through a fraction.
        let json: serde_json::Value = serde_json::from_str(&digits(number, scale)).unwrap();
        prop_assert_eq!(of.parse(&json.to_string()), Ok(Value::new(number).unwrap()));
    }
}

#[test]
fn an_amount_is_compared_with_numbers_of_its_decimals() {
    let holds = |sql: &str, cents: i64| {
        let pipeline = load(&with_measure(&format!("where: \"{sql}\"")));
        let row = [Value::NULL, Value::NULL, Value::NULL, Value::new(cents).unwrap()];
        pipeline.measures[0].predicate.holds(&row)
    };
    assert!(holds("returned_trips > 12.5", 1_251));
    assert!(!holds("returned_trips > 12.5", 1_250));
    assert!(holds("3 = returned_trips", 300));
    assert!(holds("returned_trips BETWEEN -1 AND 0.01", 1));
    assert!(holds("returned_trips IN (1, 2.5)", 250));
    assert!(holds("COALESCE(returned_trips, 0) >= 2", 200));
    let told = told(&with_measure("where: returned_trips > 0.125"));
    assert_eq!(told[0], "f:23:39: `0.125` is beyond an amount of 2 decimals");
}

#[test]
fn a_measure_sums_an_amount_or_a_length_of_time() {
    let sum = |says: &str| {
        let pipeline = load(&with_measure(&format!("where: returned_at IS NOT NULL, sum: {says}")));
        let sum = pipeline.measures[0].sum.clone().unwrap();
        let row = [Some(1_000), Some(1_060), None, Some(250)];
        let row = row.map(|number| number.map_or(Value::NULL, |n| Value::new(n).unwrap()));
        (sum.of(&row), sum.of(&[Value::NULL; 4]), sum.denomination.unit.code())
    };
    assert_eq!(sum("returned_trips"), (250, 0, "CNY"));
    assert_eq!(sum("returned_at - departed_at"), (60, 0, "second"));
}

#[test]
fn what_cannot_be_summed_is_told() {
    let expected =
        |what: &str| format!("f:23:52: {what} | name an amount, or write `closed_at - opened_at`");
    for (sum, what) in [
        ("fare", "no column is named `fare`"),
        ("returned_mode", "`returned_mode` is no amount, and only amounts are summed"),
        (
            "returned_at - returned_mode",
            "`returned_mode` is no time, and only times are subtracted",
        ),
    ] {
        let text = with_measure(&format!("where: returned_at IS NOT NULL, sum: {sum}"));
        assert_eq!(told(&text)[0], expected(what));
    }
}

#[test]
fn an_amount_needs_a_unit_of_the_list_and_few_decimals() {
    let tells = |otherwise: &str| {
        told(&file_with("{ path: /data/trips, type: integer }", otherwise))[0].clone()
    };
    assert_eq!(
        tells("{ path: /data/trips, type: amount }"),
        "f:19:41: an `amount` needs a `unit` | unit: CNY"
    );
    assert_eq!(
        tells("{ path: /data/trips, type: amount, unit: persn }"),
        "f:19:55: `persn` is no unit | did you mean `person`?"
    );
    assert_eq!(
        tells("{ path: /data/trips, type: amount, unit: CNY, scale: 7 }"),
        "f:19:67: an amount has at most 6 decimals"
    );
    assert_eq!(
        tells("{ path: /data/trips, type: integer, unit: CNY }"),
        "f:19:56: only an `amount` has `unit`"
    );
}

#[test]
fn what_is_counted_within_a_while_is_held_for_less() {
    let within = |says: &str| {
        load(&with_measure(&format!("where: departed_at IS NOT NULL, {says}"))).measures[0]
            .within_seconds
    };
    assert_eq!(within("within: 7d"), Some(7 * 86_400));
    assert_eq!(within("within: 7d, held_for: 1d"), Some(7 * 86_400));
    assert_eq!(
        told(&with_measure("where: departed_at IS NOT NULL, held_for: 7d, within: 7d"))[0],
        "f:23:69: nothing is counted within less than it has to be held for | write a longer time"
    );
}

#[test]
fn what_is_summed_and_within_which_while_is_another_generation() {
    let of = |says: &str| {
        load(&with_measure(&format!("where: departed_at IS NOT NULL{says}"))).counting_fingerprint()
    };
    let all = ["", ", sum: returned_trips", ", within: 1d", ", held_for: 1d"].map(of);
    for (index, one) in all.iter().enumerate() {
        assert!(!all[..index].contains(one));
    }
}
