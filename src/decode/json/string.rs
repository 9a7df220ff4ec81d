//! Where a string ends.

/// Every byte of a word set to this one.
const fn spread(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// What ends a run of plain text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    /// The closing quote.
    Quote,
    /// A backslash.
    Escape,
}

/// How many bytes of plain text come first, and what ends them; `None` where a control character does, or nothing.
#[inline]
pub fn plain_run(text: &[u8]) -> Option<(usize, Stop)> {
    let mut at = 0;
    // Eight bytes at a time: most strings are a few words long.
    while let Some(word) = text.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let stops = stops(u64::from_le_bytes(*word));
        if stops != 0 {
            at += stops.trailing_zeros() as usize / 8;
            break;
        }
        at += 8;
    }
    let is_plain = |byte: &&u8| !matches!(**byte, b'"' | b'\\' | ..0x20);
    at += text.get(at..)?.iter().take_while(is_plain).count();
    match text.get(at)? {
        b'"' => Some((at, Stop::Quote)),
        b'\\' => Some((at, Stop::Escape)),
        _ => None,
    }
}

/// The high bit of the first byte that is a quote, a backslash or a control character; those above it may be wrong.
#[inline]
fn stops(word: u64) -> u64 {
    let zeros = |word: u64| word.wrapping_sub(spread(1)) & !word;
    let quotes = zeros(word ^ spread(b'"'));
    let backslashes = zeros(word ^ spread(b'\\'));
    let controls = word.wrapping_sub(spread(0x20)) & !word;
    (quotes | backslashes | controls) & spread(0x80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_stop_is_found_wherever_it_stands_among_any_bytes() {
        for plain in [b'x', 0x7f, 0x80, 0xe6, 0xff, b' ', b'!', b'#', b'[', b']'] {
            for length in 0..40 {
                for (stop, found) in [
                    (b'"', Some(Stop::Quote)),
                    (b'\\', Some(Stop::Escape)),
                    (0x1f, None),
                    (0, None),
                ] {
                    let mut text = vec![plain; length];
                    text.extend([stop, b'"', b'\\', 0, plain]);
                    let expected = found.map(|found| (length, found));
                    assert_eq!(plain_run(&text), expected, "{plain:x} {length} {stop:x}");
                }
                assert_eq!(plain_run(&vec![plain; length]), None, "nothing ends it");
            }
        }
    }
}
