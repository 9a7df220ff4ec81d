//! A figure as articles print it, and whether a computed one is the same.
//!
//! `98.1%`, `3,351,790`, `1800余万元`, `6.16亿元`, `500人以上`, `清零`, `高于去年同期`. 万 is ten thousand, 亿 a hundred million; 余 and 以上 say that
//! it is more than printed.

/// A printed figure, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Printed {
    /// Of a hundred, in units of which `unit` make a per cent.
    Percent { printed: u128, unit: u128 },
    /// A number whose last printed digit is worth `step`; both in millionths.
    Number { printed: u128, step: u128, is_at_least: bool },
    /// Nothing is open.
    Cleared,
    /// More than on the same day of last spring.
    Higher,
}

const MILLIONTHS: u128 = 1_000_000;

/// A computed figure: a number with so many decimals, over another one where it is a share, or beside the earlier one that it
/// is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Computed {
    /// What counts, in last decimals.
    pub numerator: u128,
    /// The decimals of the numerator.
    pub numerator_scale: u8,
    /// Out of what, in last decimals; none where it is out of nothing.
    pub denominator: Option<u128>,
    /// The decimals of the denominator.
    pub denominator_scale: u8,
}

/// Whether a computed figure, rounded half up to the digits that the text shows, is the text. `100%` and `清零` say "all of
/// them" and are never the result of rounding up. What is printed as "more than" is at least that, and less than the next
/// number of as many digits.
pub fn agrees(text: &str, computed: Computed) -> bool {
    let tens = |scale: u8| 10_u128.pow(u32::from(scale));
    let above = computed.numerator * tens(computed.denominator_scale);
    let below = computed.denominator.map(|below| below * tens(computed.numerator_scale));
    match (read(text), below) {
        (Some(Printed::Percent { printed, unit }), Some(below)) if below > 0 => {
            match printed == 100 * unit {
                true => above == below,
                false => (2 * above * 100 * unit + below) / (2 * below) == printed,
            }
        }
        (Some(Printed::Number { printed, step, is_at_least }), below) => {
            let below =
                below.unwrap_or(tens(computed.denominator_scale) * tens(computed.numerator_scale));
            let number = (above * MILLIONTHS).checked_div(below);
            number.is_some_and(|number| match is_at_least {
                true => (printed..printed + step).contains(&number),
                false => (2 * number + step) / (2 * step) * step == printed,
            })
        }
        (Some(Printed::Cleared), Some(below)) => below > 0 && above == below,
        (Some(Printed::Higher), Some(earlier)) => earlier > 0 && above > earlier,
        _ => false,
    }
}

fn read(text: &str) -> Option<Printed> {
    if text == "清零" {
        return Some(Printed::Cleared);
    }
    if text == "高于去年同期" {
        return Some(Printed::Higher);
    }
    let text = text.strip_prefix('约').unwrap_or(text).replace(',', "");
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (digits, behind) = text.split_at(end);
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let number: u128 = [whole, decimals].concat().parse().ok()?;
    let unit = 10_u128.checked_pow(u32::try_from(decimals.len()).ok()?)?;
    if behind == "%" {
        return Some(Printed::Percent { printed: number, unit });
    }
    let is_at_least = behind.contains('余') || behind.ends_with("以上");
    let worth = MILLIONTHS
        * match () {
            () if behind.contains('亿') => 100_000_000,
            () if behind.contains('万') => 10_000,
            () => 1,
        };
    // "1800余万" is between 1800 and 1900 of them: zeros at the end are not meant to the digit.
    let zeros = digits.len() - digits.trim_end_matches('0').len();
    let rounded = if is_at_least { 10_u128.pow(zeros as u32) } else { 1 };
    Some(Printed::Number {
        printed: number * worth / unit,
        step: worth / unit * rounded,
        is_at_least,
    })
}
