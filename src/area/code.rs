//! A code as a number: reading it from text, and the codes that lie above it.
//!
//! This is arithmetic on digits alone. Whether a code is in the table, `index` and `tree` know.

use super::level::Level;

/// The six digits of a county, of a prefecture (`xxxx00`) or of a province (`xx0000`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Code(u32);

impl Code {
    /// The code of the whole country, one below the first province.
    pub(super) const COUNTRY: Code = Code(100_000);

    /// Reads 2, 4 or 6 digits, or the first six of a township's 9 or a village's 12. Anything else
    /// is `None`.
    pub(super) fn parse(text: &str) -> Option<Code> {
        let text = text.as_bytes();
        let scale = match text.len() {
            2 => 10_000,
            4 => 100,
            6 | 9 | 12 => 1,
            _ => return None,
        };
        let (area, below) = text.split_at(text.len().min(6));
        if !below.iter().all(u8::is_ascii_digit) {
            return None;
        }
        Some(Code(number(area)? * scale))
    }

    /// The level that the digits say: it takes no table to tell.
    pub(super) fn level(self) -> Level {
        match self {
            Code::COUNTRY => Level::Country,
            Code(n) if n % 10_000 == 0 => Level::Province,
            Code(n) if n % 100 == 0 => Level::Prefecture,
            _ => Level::County,
        }
    }

    /// The codes above, nearest first: prefecture, province, country. Some may not be in the table.
    pub(super) fn above(self) -> impl Iterator<Item = Code> {
        let Code(n) = self;
        let prefecture = Code(n / 100 * 100);
        let province = Code(n / 10_000 * 10_000);
        [prefecture, province, Code::COUNTRY].into_iter().filter(move |above| *above != self)
    }

    /// Its first four digits and its last two, each as a number.
    pub(super) fn split(self) -> (usize, usize) {
        ((self.0 / 100) as usize, (self.0 % 100) as usize)
    }
}

/// At most six ASCII digits, so that nothing overflows.
fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit < 10).then(|| number * 10 + u32::from(digit))
    })
}
