//! Decimal and hexadecimal digits into bytes, without the formatting machinery: a benchmark's
//! generator must cost less than what it feeds. Knows no field and no format.

/// Fills the slot with a number's last decimal digits, with zeros in front.
pub fn fill(slot: &mut [u8], mut number: u32) {
    for digit in slot.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// Appends exactly `WIDTH` decimal digits.
pub fn push_padded<const WIDTH: usize>(number: u32, out: &mut Vec<u8>) {
    let mut slot = [b'0'; WIDTH];
    fill(&mut slot, number);
    out.extend_from_slice(&slot);
}

/// Appends a number without zeros in front.
pub fn push_number(number: u32, out: &mut Vec<u8>) {
    let width = number.checked_ilog10().unwrap_or(0) as usize + 1;
    let mut slot = [b'0'; 10];
    fill(&mut slot, number);
    out.extend_from_slice(&slot[10 - width..]);
}

/// Appends sixteen hexadecimal digits.
pub fn push_hexadecimal(number: u64, out: &mut Vec<u8>) {
    let digits = std::array::from_fn::<u8, 16, _>(|place| {
        b"0123456789abcdef"[((number >> (60 - 4 * place)) & 15) as usize]
    });
    out.extend_from_slice(&digits);
}
