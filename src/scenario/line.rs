//! An event as a structured CloudEvent in JSON, about 290 bytes.
//!
//! Every value is known to need no escaping, so the line is put together from pieces. Knows no
//! order of delivery: the bytes depend on the event alone, so a repeated event repeats them.

use super::calendar::push_rfc3339;
use super::county::feed;
use super::digits::{push_hexadecimal, push_number, push_padded};
use super::event::{Event, Kind};
use super::random::scatter;

/// Appends the event's JSON, without a line break, so that the same bytes serve as a Kafka value.
pub fn write_line(event: &Event, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"specversion":"1.0","id":""#);
    push_id(event.fingerprint(), out);
    out.extend_from_slice(br#"","source":""#);
    out.extend_from_slice(feed(event.area).as_bytes());
    out.push(b'/');
    out.extend_from_slice(event.kind.bureau().as_bytes());
    out.extend_from_slice(br#"","type":""#);
    out.extend_from_slice(event.kind.event_type().as_bytes());
    out.extend_from_slice(br#"","subject":""#);
    out.extend_from_slice(&event.subject());
    out.extend_from_slice(br#"","time":""#);
    push_rfc3339(event.at_seconds, out);
    out.extend_from_slice(br#"","datacontenttype":"application/json","data":{"area":""#);
    push_area(event.area, out);
    out.push(b'"');
    push_fields(event, out);
    out.extend_from_slice(b"}}");
}

/// Appends 64 hexadecimal digits, as of a hash of the record that a feed took the event from.
fn push_id(mut fingerprint: u64, out: &mut Vec<u8>) {
    for _ in 0..4 {
        push_hexadecimal(fingerprint, out);
        fingerprint = scatter(!fingerprint);
    }
}

/// A township's code has nine digits.
fn push_area(area: u32, out: &mut Vec<u8>) {
    match area {
        0..1_000_000 => push_padded::<6>(area, out),
        _ => push_padded::<9>(area, out),
    }
}

/// Appends the fields that only some kinds carry.
fn push_fields(event: &Event, out: &mut Vec<u8>) {
    match event.kind {
        Kind::WorkerDeparted => push_label("origin", origin(event.entity), out),
        Kind::WorkerReturned(Some(mode)) => push_label("mode", mode.label(), out),
        Kind::EnterpriseRegistered(sector) => {
            push_label("sector", sector.label(), out);
            push_employees(event.entity, out);
        }
        Kind::EnterpriseHeadcountReported => push_employees(event.entity, out),
        _ => {}
    }
}

fn push_label(name: &str, label: &str, out: &mut Vec<u8>) {
    for piece in [",\"", name, "\":\"", label, "\""] {
        out.extend_from_slice(piece.as_bytes());
    }
}

/// A worker's number decides where they are from: what provinces send the most. Invented.
fn origin(worker: u32) -> &'static str {
    const PROVINCES: [&str; 16] = [
        "36", "41", "34", "42", "43", "52", "51", "53", "50", "61", "62", "35", "45", "36", "41",
        "52",
    ];
    PROVINCES[(scatter(u64::from(worker)) % PROVINCES.len() as u64) as usize]
}

/// An enterprise's number decides its size: from twenty people to a thousand, more often few.
fn push_employees(enterprise: u32, out: &mut Vec<u8>) {
    let dice = scatter(u64::from(enterprise));
    let employees = 20 + ((dice % 1_000) * (dice / 1_000 % 1_000) / 1_000) as u32;
    out.extend_from_slice(br#","employees":"#);
    push_number(employees, out);
}
