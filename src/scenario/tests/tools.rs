//! Identifiers, times and random numbers keep their promises.

use std::collections::{BTreeSet, HashSet};

use jiff::Timestamp;

use super::super::calendar::{moment_of, push_rfc3339};
use super::super::identity::{enterprise_id, worker_id};
use super::super::random::Random;

#[test]
fn a_worker_is_born_in_no_month_and_every_number_gives_another_identifier() {
    let ids = (0..100_000).map(worker_id).collect::<HashSet<_>>();
    assert_eq!(ids.len(), 100_000);
    for id in &ids {
        let month = (id[10] - b'0') * 10 + id[11] - b'0';
        assert!((13..100).contains(&month));
        assert!(id[..17].iter().all(u8::is_ascii_digit));
        assert!(id[17].is_ascii_digit() || id[17] == b'X');
    }
    assert!(enterprise_id(330782, 1).starts_with(b"ZZ330782"));
}

#[test]
fn times_are_written_as_the_calendar_library_reads_them() {
    for at in (moment_of(2020, 1, 1, 0)..moment_of(2025, 12, 31, 23)).step_by(86_399) {
        let mut text = Vec::new();
        push_rfc3339(at, &mut text);
        let read = String::from_utf8(text).unwrap().parse::<Timestamp>().unwrap();
        assert_eq!(read.as_second(), i64::from(at));
    }
}

#[test]
fn another_stream_of_a_seed_gives_other_numbers_within_their_limits() {
    let draw = |stream| {
        let mut random = Random::stream(1, stream);
        (0..1_000).map(|_| random.between(10, 20)).collect::<Vec<_>>()
    };
    assert_ne!(draw(1), draw(2));
    assert_eq!(draw(1), draw(1));
    assert_eq!(draw(3).into_iter().collect::<BTreeSet<_>>(), (10..20).collect());
}
