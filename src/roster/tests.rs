//! UNION: a timeline is a function of the set of facts, compared with that set written down plainly.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::{FactBatch, FactCode, FactHead, Layout, Timeline, Token};
use crate::area::AreaId;
use crate::spec::column::Value;
use crate::spec::{KindId, load_text};
use crate::time::{EARLIEST, EventTime, LATEST};

/// One kind for each way to keep. Sorted by name, as a kind's id is its place.
const PIPELINE: &str = r"
pipeline: visits
title: { zh: 走访, en: Visits }
entity: worker
source: { topic: hr.visits }
decode: { entity: /subject, kind: /type, time: /time, area: /data/area }
kinds:
  asked: { events: [asked], keep: all, retracted_by: [unasked] }
  hired:
    events: [hired]
    keep: last 2
    retracted_by: [unhired]
    fields:
      wage: { path: /data/wage, type: integer }
      days: { path: /data/days, type: integer }
  seen: { events: [seen], keep: first, fields: { times: { path: /data/times, type: integer } } }
measures: { hired: { where: hired_at IS NOT NULL } }
rates:
  rate: { title: { zh: 率, en: Rate }, definition: { zh: 率, en: Rate }, numerator: hired, denominator: hired }
";

const ASKED: u8 = 0;
const HIRED: u8 = 1;
const SEEN: u8 = 2;

fn layout() -> &'static Layout {
    static READ: LazyLock<Layout> = LazyLock::new(|| {
        Layout::of(&load_text("visits.yaml", PIPELINE).expect("the pipeline is valid"))
    });
    &READ
}

/// A fact or a retraction as HOUSE tells it. The order of its parts is the canonical one: time, kind, value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Told {
    seconds: i64,
    kind: u8,
    retracts: bool,
    area: Option<usize>,
    fields: Vec<Option<i64>>,
}

impl Told {
    fn fact(seconds: i64, kind: u8, fields: &[i64]) -> Self {
        Self {
            seconds,
            kind,
            retracts: false,
            area: None,
            fields: fields.iter().copied().map(Some).collect(),
        }
    }

    fn retraction(seconds: i64, kind: u8) -> Self {
        Self { retracts: true, ..Self::fact(seconds, kind, &[]) }
    }

    fn in_area(self, area: usize) -> Self {
        Self { area: Some(area), ..self }
    }

    fn head(&self) -> FactHead {
        let kind = KindId(self.kind);
        let code = match self.retracts {
            true => FactCode::retraction_of(kind),
            false => FactCode::of(kind),
        };
        let time = EventTime::from_seconds(EARLIEST.seconds() + self.seconds);
        FactHead::new(time, code, self.area.map(AreaId::from_index))
    }

    fn values(&self) -> impl Iterator<Item = Value> {
        self.fields
            .iter()
            .map(|field| field.map_or(Value::NULL, |number| Value::new(number).unwrap()))
    }

    fn words(&self) -> Vec<u64> {
        self.values().map(|value| value.raw() as u64).collect()
    }

    fn read(head: FactHead, fields: &[u64]) -> Self {
        let field = |word: &u64| Value::from_raw(*word as i64).get();
        Self {
            seconds: head.time().seconds() - EARLIEST.seconds(),
            kind: head.code().kind().0,
            retracts: head.code().is_retraction(),
            area: head.area().map(AreaId::index),
            fields: fields.iter().map(field).collect(),
        }
    }
}

fn joined(told: &[Told]) -> Timeline {
    let mut timeline = Timeline::default();
    for told in told {
        timeline.join(told.head(), &told.words(), layout());
    }
    timeline
}

fn facts_of(timeline: &Timeline) -> Vec<Told> {
    let facts = timeline.facts(layout());
    facts.map(|(head, fields)| Told::read(head, fields)).collect()
}

/// The set, without what is voided, bounded by what each kind keeps, beside the last retraction of each kind.
fn plainly(told: &[Told]) -> Vec<Told> {
    let set: BTreeSet<Told> = told.iter().cloned().collect();
    let mut timeline = BTreeSet::new();
    for kind in [ASKED, HIRED, SEEN] {
        let retraction = set.iter().rfind(|told| told.kind == kind && told.retracts);
        let standing = |told: &&Told| retraction.is_none_or(|r| told.seconds > r.seconds);
        let facts: Vec<&Told> = set
            .iter()
            .filter(|told| told.kind == kind && !told.retracts)
            .filter(standing)
            .collect();
        let kept = match kind {
            ASKED => &facts[..],
            HIRED => &facts[facts.len().saturating_sub(2)..],
            _ => &facts[..facts.len().min(1)],
        };
        timeline.extend(kept.iter().copied().chain(retraction).cloned());
    }
    timeline.into_iter().collect()
}

fn any_told() -> impl Strategy<Value = Told> {
    let number = || prop_oneof![1 => Just(None), 4 => (-2_i64..2).prop_map(Some)];
    let fact = (0_i64..8, 0_u8..3, prop::option::of(0_usize..3), [number(), number()]);
    let fact = fact.prop_map(|(seconds, kind, area, numbers)| Told {
        seconds,
        kind,
        retracts: false,
        area,
        fields: numbers[..[0, 2, 1][usize::from(kind)]].to_vec(),
    });
    // `first` and a retraction do not go together: the specification refuses them.
    let retraction = (0_i64..8, select(vec![ASKED, HIRED]))
        .prop_map(|(seconds, kind)| Told::retraction(seconds, kind));
    prop_oneof![6 => fact, 1 => retraction]
}

fn some_told() -> impl Strategy<Value = Vec<Told>> {
    prop::collection::vec(any_told(), 0..24)
}

/// Facts, and the same facts in another order, some of them repeated.
fn told_twice() -> impl Strategy<Value = (Vec<Told>, Vec<Told>)> {
    some_told().prop_flat_map(|told| {
        let some_again = subsequence(told.clone(), 0..=told.len());
        let repeated = some_again.prop_map({
            let told = told.clone();
            move |again| [told.clone(), again].concat()
        });
        (Just(told), repeated.prop_shuffle())
    })
}

proptest! {
    #[test]
    fn any_order_and_any_repetition_give_the_same_words((told, again) in told_twice()) {
        let (one, other) = (joined(&told), joined(&again));
        prop_assert_eq!(one.words(), other.words());
    }

    #[test]
    fn a_timeline_is_the_set_of_facts_voided_and_bounded(told in some_told()) {
        prop_assert_eq!(facts_of(&joined(&told)), plainly(&told));
    }

    #[test]
    fn facts_split_over_two_timelines_are_one_timeline_when_joined(told in some_told(), cut in 0_usize..24) {
        let (one, other) = told.split_at(cut.min(told.len()));
        let both = [facts_of(&joined(one)), facts_of(&joined(other))].concat();
        prop_assert_eq!(joined(&both), joined(&told));
    }

    #[test]
    fn joining_tells_whether_the_timeline_is_another_one(told in some_told(), next in any_told()) {
        let mut timeline = joined(&told);
        let before = timeline.clone();
        let changed = timeline.join(next.head(), &next.words(), layout());
        prop_assert_eq!(changed, timeline != before);
        prop_assert!(!timeline.join(next.head(), &next.words(), layout()), "the second time changes nothing");
    }

    #[test]
    fn a_fact_is_appended_exactly_where_joining_it_puts_it_behind_all_others_and_drops_none(told in some_told(), next in any_told()) {
        let before = joined(&told);
        let (mut appended, mut by_joining) = (before.clone(), before.clone());
        by_joining.join(next.head(), &next.words(), layout());
        let appends = appended.append_newest(next.head(), &next.words(), layout());
        prop_assert_eq!(&appended, if appends { &by_joining } else { &before });
        let is_newest = facts_of(&before).iter().all(|told| told.seconds < next.seconds);
        let only_adds = by_joining.words().len() > before.words().len();
        prop_assert_eq!(appends, is_newest && only_adds && !next.retracts);
    }

    #[test]
    fn a_retraction_voids_whichever_comes_first(told in some_told(), at in 0_i64..8, kind in 0_u8..2) {
        let retraction = Told::retraction(at, kind);
        let first = [vec![retraction.clone()], told.clone()].concat();
        let last = [told, vec![retraction]].concat();
        prop_assert_eq!(joined(&first), joined(&last));
        let stands = |told: &Told| told.kind == kind && !told.retracts && told.seconds <= at;
        prop_assert!(!facts_of(&joined(&last)).iter().any(stands));
    }

    #[test]
    fn a_timeline_survives_being_written_as_words(told in some_told()) {
        let timeline = joined(&told);
        prop_assert_eq!(Timeline::from_words(timeline.words()), timeline);
    }

    #[test]
    fn a_batch_gives_back_the_facts_in_their_order(told in some_told(), entity in any::<[u8; 16]>()) {
        let mut batch = FactBatch::default();
        told.iter().for_each(|told| batch.push(Token(entity), told.head(), told.values()));
        let read: Vec<(Token, Told)> =
            batch.iter(layout()).map(|(token, head, fields)| (token, Told::read(head, fields))).collect();
        prop_assert_eq!(batch.len(), told.len());
        prop_assert_eq!(batch.is_empty(), told.is_empty());
        prop_assert_eq!(read, told.into_iter().map(|told| (Token(entity), told)).collect::<Vec<_>>());
    }

    #[test]
    fn heads_are_ordered_by_time_then_kind_then_area(left in any_told(), right in any_told()) {
        let parts = |told: &Told| (told.seconds, told.kind, told.retracts, told.area);
        prop_assert_eq!(left.head().cmp(&right.head()), parts(&left).cmp(&parts(&right)));
    }

    #[test]
    fn every_token_belongs_to_one_of_the_shards(token in any::<[u8; 16]>(), shards in 1_usize..9) {
        prop_assert!(Token(token).shard(shards) < shards);
        prop_assert_eq!(Token::from_words(Token(token).words()), Token(token));
    }
}

#[test]
fn a_head_holds_the_first_and_the_last_second_and_every_area_and_kind() {
    for time in [EARLIEST, LATEST] {
        for area in [None, Some(0), Some((1 << 22) - 2)] {
            let area = area.map(AreaId::from_index);
            for code in [FactCode::of(KindId(0)), FactCode::retraction_of(KindId(126))] {
                let head = FactHead::from_word(FactHead::new(time, code, area).word());
                assert_eq!((head.time(), head.code(), head.area()), (time, code, area));
            }
        }
    }
}

#[test]
fn a_fact_that_comes_twice_is_one_fact() {
    let hired = Told::fact(5, HIRED, &[3_000, 22]).in_area(1);
    assert_eq!(facts_of(&joined(&[hired.clone(), hired.clone()])), [hired]);
}

#[test]
fn facts_of_the_same_second_stand_side_by_side_unless_they_are_equal_in_everything() {
    let low = Told::fact(5, HIRED, &[3_000, 22]);
    let high = Told::fact(5, HIRED, &[4_000, 22]);
    assert_eq!(facts_of(&joined(&[high.clone(), low.clone()])), [low, high]);
}

#[test]
fn an_unknown_value_comes_before_every_known_one() {
    let unknown = Told { fields: vec![None, None], ..Told::fact(5, HIRED, &[]) };
    let negative = Told::fact(5, HIRED, &[-1, 0]);
    assert_eq!(facts_of(&joined(&[negative.clone(), unknown.clone()])), [unknown, negative]);
}

#[test]
fn the_last_two_stay_however_late_the_others_come() {
    let hired = |seconds| Told::fact(seconds, HIRED, &[1, 1]);
    let late = joined(&[hired(7), hired(9), hired(8), hired(1)]);
    assert_eq!(facts_of(&late), [hired(8), hired(9)]);
}

#[test]
fn the_first_stays_and_an_earlier_one_that_comes_late_takes_its_place() {
    let seen = |seconds| Told::fact(seconds, SEEN, &[0]);
    assert_eq!(facts_of(&joined(&[seen(5), seen(6)])), [seen(5)]);
    assert_eq!(facts_of(&joined(&[seen(5), seen(2)])), [seen(2)]);
}

#[test]
fn a_retraction_voids_its_own_second_and_not_the_next() {
    let retraction = Told::retraction(5, HIRED);
    let hired = |seconds| Told::fact(seconds, HIRED, &[1, 1]);
    let before = joined(&[hired(5), hired(6), retraction.clone()]);
    let after = joined(&[retraction.clone(), hired(5), hired(6)]);
    assert_eq!(facts_of(&before), [retraction, hired(6)]);
    assert_eq!(before, after);
}

#[test]
fn a_retraction_leaves_other_kinds_alone() {
    let (asked, retraction) = (Told::fact(3, ASKED, &[]), Told::retraction(5, HIRED));
    assert_eq!(facts_of(&joined(&[asked.clone(), retraction.clone()])), [asked, retraction]);
}

#[test]
fn of_two_retractions_the_later_one_stays() {
    let (early, late) = (Told::retraction(3, HIRED), Told::retraction(6, HIRED));
    let either_way = [[early.clone(), late.clone()], [late.clone(), early]];
    for told in either_way {
        assert_eq!(facts_of(&joined(&told)), std::slice::from_ref(&late));
    }
}

#[test]
fn what_was_one_too_many_before_a_retraction_is_missed_by_nobody_after_it() {
    let hired = |seconds| Told::fact(seconds, HIRED, &[1, 1]);
    let retraction = Told::retraction(8, HIRED);
    let crowded = [hired(1), hired(7), hired(8), hired(9), retraction.clone()];
    assert_eq!(facts_of(&joined(&crowded)), [retraction, hired(9)]);
}

mod packed {
    //! What a roster keeps: nothing is lost by packing, and a slot holds what was put into it last.

    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::roster::packed::{pack, unpack};
    use crate::roster::{HomeId, Roster};

    fn packed(timeline: &Timeline) -> Vec<u8> {
        let mut bytes = Vec::new();
        pack(timeline, layout(), &mut bytes);
        bytes
    }

    fn through_bytes(timeline: &Timeline) -> Timeline {
        let mut unpacked = Timeline::default();
        unpack(&packed(timeline), layout(), &mut unpacked);
        unpacked
    }

    fn any_value() -> impl Strategy<Value = i64> {
        prop_oneof![
            -3..300_i64,
            Just(Value::NULL.raw()),
            Just(i64::MAX),
            Just(i64::MIN + 1),
            any::<i64>()
        ]
    }

    fn any_fact() -> impl Strategy<Value = (FactHead, Vec<u64>)> {
        let seconds = prop_oneof![
            EARLIEST.seconds()..=LATEST.seconds(),
            Just(EARLIEST.seconds()),
            Just(LATEST.seconds())
        ];
        let area = proptest::option::of(prop_oneof![0..5_000_usize, Just((1 << 22) - 2)]);
        (seconds, 0..3_u8, any::<bool>(), area, proptest::collection::vec(any_value(), 2)).prop_map(
            |(seconds, kind, retracts, area, values)| {
                let kind = KindId(kind);
                let code =
                    if retracts { FactCode::retraction_of(kind) } else { FactCode::of(kind) };
                let head = FactHead::new(
                    EventTime::from_seconds(seconds),
                    code,
                    area.map(AreaId::from_index),
                );
                let fields =
                    values.into_iter().take(layout().fields(code)).map(|value| value as u64);
                (head, fields.collect())
            },
        )
    }

    #[test]
    fn a_label_is_a_byte_and_the_same_area_again_is_another() {
        let mut timeline = Timeline::default();
        let at = |day: i64| EventTime::from_seconds(EARLIEST.seconds() + day * 86_400);
        let area = Some(AreaId::from_index(2_000));
        timeline.join(FactHead::new(at(8_000), FactCode::of(KindId(SEEN)), area), &[3], layout());
        assert_eq!(packed(&timeline).len(), 1 + 5 + 2 + 1);
        timeline.join(FactHead::new(at(8_014), FactCode::of(KindId(SEEN)), area), &[3], layout());
        timeline.join(
            FactHead::new(at(8_014), FactCode::of(KindId(HIRED)), area),
            &[3, 4],
            layout(),
        );
        assert_eq!(packed(&timeline).len(), 1 + 5 + 2 + 1 + 1 + 3 + 1 + 2);
    }

    proptest! {
        #[test]
        fn packing_loses_nothing(facts in proptest::collection::vec(any_fact(), 0..8)) {
            let mut timeline = Timeline::default();
            for (head, fields) in &facts {
                timeline.join(*head, fields, layout());
                prop_assert_eq!(&through_bytes(&timeline), &timeline);
            }
        }

        /// Against a map of plain timelines: entities come again and again, and homes go.
        #[test]
        fn a_roster_holds_what_a_map_of_timelines_would(
            told in proptest::collection::vec((0..40_u8, 0..3_u16, any_fact(), 0..200_u8), 1..400),
        ) {
            let mut roster = Roster::new(Arc::new(layout().clone()));
            let mut plain: BTreeMap<Token, (HomeId, bool, Timeline)> = BTreeMap::new();
            for (entity, home, (head, fields), chance) in told {
                // All in one slot, so that it is compacted.
                let mut bytes = [0; 16];
                bytes[5] = entity;
                let (token, home) = (Token(bytes), HomeId(home));
                if chance == 0 {
                    let mut seen = 0;
                    roster.forget(home, |_| seen += 1);
                    let before = plain.len();
                    plain.retain(|_, (of, ..)| *of != home);
                    prop_assert_eq!(seen, before - plain.len());
                    continue;
                }
                let joined = roster.change(token, home, |timeline| timeline.join(head, &fields, layout()));
                let (first, is_shared, timeline) = plain.entry(token).or_insert((home, false, Timeline::default()));
                *is_shared |= *first != home;
                prop_assert_eq!(joined, timeline.join(head, &fields, layout()));
                prop_assert_eq!(roster.home(token), Some(*first));
            }
            prop_assert_eq!(roster.len(), plain.len());
            prop_assert_eq!(roster.shared(), plain.values().filter(|(_, is_shared, _)| *is_shared).count());
            let mut homes = BTreeMap::new();
            roster.copy_slot(0, &mut homes);
            let copied = homes.iter_mut().flat_map(|(home, timelines)| {
                timelines.sort();
                timelines.iter().map(|(token, timeline)| (*home, token, timeline))
            });
            let mut wanted: Vec<_> = plain.into_iter().map(|(token, (home, _, timeline))| (home, token, timeline)).collect();
            wanted.sort_by_key(|(home, token, _)| (*home, *token));
            prop_assert_eq!(copied.collect::<Vec<_>>(), wanted);
        }
    }
}
