//! What makes a new generation: what decides, and nothing that is only said.

use super::*;

/// Which fingerprints another file has: (decoding, keeping, counting).
fn changed(passage: &str, otherwise: &str) -> (bool, bool, bool) {
    let (before, after) = (load(FILE), load(&file_with(passage, otherwise)));
    (
        before.decoding_fingerprint() != after.decoding_fingerprint(),
        before.keeping_fingerprint() != after.keeping_fingerprint(),
        before.counting_fingerprint() != after.counting_fingerprint(),
    )
}

const NOTHING: (bool, bool, bool) = (false, false, false);
const DECODING: (bool, bool, bool) = (true, false, false);
const KEEPING: (bool, bool, bool) = (false, true, true);
const COUNTING: (bool, bool, bool) = (false, false, true);

#[test]
fn the_same_file_has_the_same_fingerprints() {
    assert_eq!(load(FILE).decoding_fingerprint(), load(FILE).decoding_fingerprint());
    assert_eq!(load(FILE).decoding_fingerprint().len(), 32);
}

#[test]
fn words_for_people_decide_nothing() {
    for (passage, otherwise) in [
        ("title: { zh: 返岗, en: Trips }", "title: { zh: 返岗了, en: Trips! }"),
        ("title: { zh: 已返岗, en: Back }, ", ""),
        ("titles: { air: { zh: 航空, en: Air } }", "titles: { air: { zh: 飞机, en: Plane } }"),
        ("zh: 已返岗的比例", "zh: 返岗比例"),
        ("en: Return rate", "en: Rate of return"),
        ("name: one is back", "name: somebody is back"),
        ("severity: warning", "severity: critical"),
        ("drop: 0.02", "drop: 0.05"),
        ("pipeline: trips\n", "# a comment\npipeline: trips # another\n"),
        ("where: departed_at IS NOT NULL", "where:   departed_at IS NOT NULL  "),
    ] {
        assert_eq!(changed(passage, otherwise), NOTHING, "{otherwise}");
    }
}

#[test]
fn what_turns_records_into_facts_is_decoding() {
    for (passage, otherwise) in [
        ("pipeline: trips", "pipeline: journeys"),
        ("entity: worker", "entity: person"),
        ("entity: worker\n", "entity: worker\nseason: spring-festival\n"),
        ("entity: /subject", "entity: /data/id"),
        ("kind: /type", "kind: /data/type"),
        ("time: /time", "time: /data/time"),
        ("area: /data/area", "area: /data/county"),
        ("  area: /data/area\n", ""),
        ("missing_time: record_time", "missing_time: reject"),
        ("latest: 2h", "latest: 3h"),
        ("departed.v2]", "departed.v3]"),
        ("[return-cancelled.v1]", "[return-undone.v1]"),
        ("path: /data/trips", "path: /data/journeys"),
    ] {
        assert_eq!(changed(passage, otherwise), DECODING, "{otherwise}");
    }
}

#[test]
fn another_list_of_labels_is_decoding_and_where_it_is_a_dimension_counting_too() {
    assert_eq!(changed("[air, rail]", "[rail, air]"), (true, false, true));
    assert_eq!(changed("[air, rail]", "[air, rail, bus]"), (true, false, true));
}

#[test]
fn how_much_is_kept_is_keeping() {
    assert_eq!(changed("keep: last 3", "keep: all"), KEEPING);
    assert_eq!(changed("keep: last 3", "keep: last 4"), KEEPING);
    assert_eq!(changed("    keep: last 3\n", ""), KEEPING);
}

#[test]
fn what_turns_facts_into_figures_is_counting() {
    for (passage, otherwise) in [
        ("departed_at IS NOT NULL", "departed_at IS NULL"),
        ("held_for: 3d", "held_for: 4d"),
        ("returned_trips > 3", "returned_trips > 4"),
        ("change: [1h, 24h]", "change: [24h]"),
        ("numerator: returned", "numerator: departed"),
        // What is ignored was no fact before, nor is it one now.
        ("ignore: [stayed.v1]", "ignore: [stayed.v1, slept.v1]"),
    ] {
        assert_eq!(changed(passage, otherwise), COUNTING, "{otherwise}");
    }
}
