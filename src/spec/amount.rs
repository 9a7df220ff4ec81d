//! Numbers with a unit and a fixed count of decimals, kept exactly as whole numbers of their last decimal.
//!
//! Deliberately knows neither JSON nor Parquet: both hand in digits.

use rust_decimal::Decimal;

use super::column::Value;
use super::unit::Unit;

/// The most decimals an amount may have.
pub const SCALE_MOST: u8 = 6;

/// No amount is further from zero, in its last decimal: so that nine hundred thousand of the largest add up in 64 bits.
/// With two decimals it is a hundred billion.
pub const AMOUNT_MOST: i64 = 10_000_000_000_000;

/// What an amount's number means.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Denomination {
    /// What is counted.
    pub unit: Unit,
    /// So many decimals are kept: 2 are cents.
    pub scale: u8,
}

/// Why digits are no amount.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoAmount {
    /// They are no number.
    NotANumber,
    /// It is beyond [`AMOUNT_MOST`], or has more decimals than are kept.
    DoesNotFit,
}

impl Denomination {
    /// The amount that digits say, `12.5` or `1.25e1`; none is rounded.
    pub fn parse(self, digits: &str) -> Result<Value, NoAmount> {
        self.of_last(last_decimals(digits, self.scale)?)
    }

    /// A whole number of the unit.
    pub fn whole(self, number: i64) -> Result<Value, NoAmount> {
        let last = number.checked_mul(10_i64.pow(u32::from(self.scale)));
        self.of_last(last.ok_or(NoAmount::DoesNotFit)?)
    }

    fn of_last(self, last: i64) -> Result<Value, NoAmount> {
        let fits = (-AMOUNT_MOST..=AMOUNT_MOST).contains(&last);
        Value::new(last).filter(|_| fits).ok_or(NoAmount::DoesNotFit)
    }
}

/// A number as so many of its last decimals; none is rounded.
pub fn last_decimals(digits: &str, scale: u8) -> Result<i64, NoAmount> {
    let read = Decimal::from_str_exact(digits).or_else(|_| Decimal::from_scientific(digits));
    // Beyond what a decimal holds, a fraction still tells whether it is a number at all.
    let beyond = || digits.parse::<f64>().is_ok_and(f64::is_finite);
    let no = |_| if beyond() { NoAmount::DoesNotFit } else { NoAmount::NotANumber };
    let number = read.map_err(no)?.normalize();
    if number.scale() > u32::from(scale) {
        return Err(NoAmount::DoesNotFit);
    }
    let tens = 10_i128.checked_pow(u32::from(scale) - number.scale());
    let last = tens.and_then(|tens| number.mantissa().checked_mul(tens));
    last.and_then(|last| i64::try_from(last).ok()).ok_or(NoAmount::DoesNotFit)
}

/// The digits of a number of last decimals: `1250` of two decimals is `12.50`.
pub fn digits(last: i64, scale: u8) -> String {
    Decimal::from_i128_with_scale(i128::from(last), u32::from(scale)).to_string()
}

/// The number itself, for surfaces that know fractions only.
pub fn decimal(last: i64, scale: u8) -> f64 {
    last as f64 / 10_f64.powi(i32::from(scale))
}
