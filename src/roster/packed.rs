//! A timeline in as few bytes as its facts need: what a roster holds a hundred million of.
//!
//! ```text
//! fact    code | seconds since the fact before (the first: since 2000) | area, less that of the fact before | field … | field
//! field   0 for NULL, else its value as zigzag, plus one
//! ```
//!
//! Every number is a LEB128 varint, so that a label is one byte, a fortnight three, and the same area once more one. A worker who
//! left and came back takes some sixteen bytes, where the words of the same timeline take forty.

use super::{FactCode, FactHead, Layout, Timeline};
use crate::spec::column::Value;
use crate::time::EARLIEST;

/// Appends a timeline.
pub fn pack(timeline: &Timeline, layout: &Layout, out: &mut Vec<u8>) {
    let mut before = FactHead::new(EARLIEST, FactCode::FIRST, None);
    for (head, fields) in timeline.facts(layout) {
        out.push(head.code().byte());
        // Sorted by time, so never less.
        push(out, (head.time().seconds() - before.time().seconds()) as u64);
        push(out, zigzag(head.area_word() as i64 - before.area_word() as i64));
        for field in fields {
            let field = Value::from_raw(*field as i64);
            push(out, field.get().map_or(0, |value| zigzag(value) + 1)); // NULL is the only value whose zigzag is the last number
        }
        before = head;
    }
}

/// Appends to `timeline`, which is empty, what was packed under the same layout.
pub fn unpack(mut bytes: &[u8], layout: &Layout, timeline: &mut Timeline) {
    let mut before = FactHead::new(EARLIEST, FactCode::FIRST, None);
    while let Some((code, rest)) = bytes.split_first() {
        bytes = rest;
        let code = FactCode::of_byte(*code);
        let time = before.time().plus(take(&mut bytes) as i64);
        let area = before.area_word() as i64 + unzigzag(take(&mut bytes));
        let head = FactHead::of_parts(time, code, area as u64);
        let fields = (0..layout.fields(code)).map(|_| match take(&mut bytes) {
            0 => Value::NULL.raw() as u64,
            field => unzigzag(field - 1) as u64,
        });
        timeline.append(head, fields);
        before = head;
    }
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// Appends a varint.
pub fn push(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Takes a varint off the front.
#[inline]
pub fn take(bytes: &mut &[u8]) -> u64 {
    let (mut number, mut shift) = (0, 0);
    while let Some((byte, rest)) = bytes.split_first() {
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            break;
        }
        shift += 7;
    }
    number
}
