//! What the articles printed comes out of the deliveries, to the digit.

use std::collections::BTreeMap;

use super::super::calendar::{DAY, moment};
use super::super::printed::{Computed, agrees};
use super::super::spring2022::deliveries;
use super::super::{Published, Springs, published};
use super::fold::*;

fn is_key(enterprise: &Timeline) -> bool {
    enterprise.at("listed-key", i64::MAX).is_some()
}

fn is_industry_of_yiwu(enterprise: &Timeline) -> bool {
    let sector = enterprise.sector.as_deref();
    enterprise.area == "330782" && sector == Some("above-scale-industry")
}

/// Of Huli's workers, Jinhua's key enterprises and Yiwu's industry.
fn shares() -> [Published; 3] {
    let of = |area| *published().iter().find(|p| p.area == area && p.text.ends_with('%')).unwrap();
    [of("350206"), of("330700"), of("330782")]
}

fn share(numerator: u64, denominator: u64) -> Computed {
    Computed {
        numerator: numerator.into(),
        numerator_scale: 0,
        denominator: Some(denominator.into()),
        denominator_scale: 0,
    }
}

#[test]
fn huli_has_146600_of_149400_workers_back() {
    let [huli, ..] = shares();
    let (back, went_home) = workers_back(&TIMELINES, huli.as_of_seconds);
    assert_eq!((back, went_home), (146_600, 149_400));
    assert_eq!(Some(went_home), huli.denominator);
    assert!(huli.agrees(share(back, went_home)));
}

#[test]
fn leaving_out_200_returns_misses_the_published_figure_and_changes_nothing_else() {
    let [huli, ..] = shares();
    let options = Springs { leave_out_returns: 200, ..Springs::default() };
    let mut fewer = deliveries(options).peekable();
    let (kept, left_out) =
        SPRING.iter().partition::<Vec<_>, _>(|record| fewer.next_if_eq(&record.delivery).is_some());
    assert_eq!(fewer.next(), None);
    assert!(left_out.iter().all(|record| record.fact.kind == "returned"));
    let timelines = fold(kept.iter().map(|record| &record.fact));
    let (back, went_home) = workers_back(&timelines, huli.as_of_seconds);
    assert_eq!((back, went_home), (146_400, 149_400));
    assert!(!huli.agrees(share(back, went_home)));
}

#[test]
fn jinhua_has_2309_of_2332_key_enterprises_at_work_all_through_19_february() {
    let [_, jinhua, _] = shares();
    assert_eq!(enterprises().count(), 3_100);
    for hours_before in 0..24 {
        let as_of = jinhua.as_of_seconds - hours_before * 3_600;
        assert_eq!(at_work(enterprises(), as_of, is_key), (2_309, 2_332));
    }
    assert!(jinhua.agrees(share(2_309, 2_332)));
    assert!(at_work(enterprises(), i64::MAX, is_key).0 > 2_309, "some restart after the deadline");
}

#[test]
fn another_seed_reproduces_jinhuas_figures_too() {
    let [_, jinhua, yiwu] = shares();
    let other = deliveries(Springs { seed: 7, ..Springs::default() });
    let other = other.filter(|delivery| delivery.topic == "hr.enterprises");
    let facts = other.map(|delivery| Fact::read(&delivery.value)).collect::<Vec<_>>();
    let timelines = fold(facts.iter());
    let at_work = |published: Published, picks: fn(&Timeline) -> bool| {
        at_work(timelines.values(), published.as_of_seconds, picks)
    };
    assert_eq!(at_work(jinhua, is_key), (2_309, 2_332));
    assert_eq!(at_work(yiwu, is_industry_of_yiwu), (717, 717));
}

#[test]
fn yiwu_has_all_717_above_scale_industrial_enterprises_at_work() {
    let [_, _, yiwu] = shares();
    let listed = |enterprise: &Timeline| {
        is_industry_of_yiwu(enterprise) && enterprise.at("listed-above-scale", i64::MAX).is_some()
    };
    assert_eq!(at_work(enterprises(), yiwu.as_of_seconds, is_industry_of_yiwu), (717, 717));
    assert_eq!(at_work(enterprises(), yiwu.as_of_seconds, listed), (717, 717));
    assert_eq!(at_work(enterprises(), i64::MAX, is_industry_of_yiwu), (717, 717));
    assert!(
        at_work(enterprises(), yiwu.as_of_seconds - i64::from(DAY), is_industry_of_yiwu).0 < 717
    );
}

#[test]
fn key_and_above_scale_share_1855_enterprises() {
    let mut by_lists = BTreeMap::<(bool, bool), usize>::new();
    for enterprise in enterprises() {
        let on = |list| enterprise.at(list, i64::MAX).is_some();
        *by_lists.entry((on("listed-key"), on("listed-above-scale"))).or_default() += 1;
    }
    let expected =
        [((true, true), 1_855), ((false, true), 432), ((true, false), 477), ((false, false), 336)];
    assert_eq!(by_lists, expected.into());
}

#[test]
fn every_enterprise_is_registered_and_listed_from_5_to_20_january() {
    let opening = seconds_between(moment(1, 5, 0), moment(1, 20, 0));
    for enterprise in enterprises() {
        assert!(enterprise.at("registered", i64::MAX).is_some());
        for (at, kind) in &enterprise.facts {
            let opens = kind == "registered" || kind.starts_with("listed");
            assert_eq!(opens, opening.contains(at), "{kind}");
        }
    }
}

#[test]
fn a_share_agrees_when_it_rounds_half_up_to_the_printed_text() {
    for (text, numerator, denominator, agreed) in [
        ("98.1%", 146_600, 149_400, true),
        ("98.1%", 146_400, 149_400, false),
        ("98.1%", 9_805, 10_000, true),
        ("98.1%", 98_049, 100_000, false),
        ("98.1%", 98_149, 100_000, true),
        ("98.1%", 9_815, 10_000, false),
        ("99.0%", 2_309, 2_332, true),
        ("99.0%", 2_310, 2_332, false),
        ("99.0%", 2_307, 2_332, false),
        ("100%", 717, 717, true),
        ("100%", 999_999, 1_000_000, false),
        ("100%", 718, 717, false),
        ("0%", 0, 10, true),
        ("0%", 0, 0, false),
        ("98.1", 981, 1_000, false),
        ("+98.1%", 981, 1_000, false),
        ("about 98%", 98, 100, false),
        ("%", 0, 1, false),
    ] {
        assert_eq!(
            agrees(text, share(numerator, denominator)),
            agreed,
            "{text} {numerator}/{denominator}"
        );
    }
}

#[test]
fn a_number_agrees_when_it_rounds_to_the_printed_digits_and_more_than_means_more() {
    for (text, numerator, scale, agreed) in [
        ("3351790人", 3_351_790, 0, true),
        ("3351790人", 3_351_791, 0, false),
        ("114万人", 1_140_000, 0, true),
        ("114万人", 1_144_999, 0, true),
        ("114万人", 1_145_000, 0, false),
        ("6.16亿元", 61_600_000_000, 2, true),
        ("6.16亿元", 61_650_000_000, 2, false),
        ("1800余万元", 1_800_000_000, 2, true),
        ("1800余万元", 1_899_999_999, 2, true),
        ("1800余万元", 1_900_000_000, 2, false),
        ("1800余万元", 1_799_999_999, 2, false),
        ("500人以上", 512, 0, true),
        ("500人以上", 499, 0, false),
        ("约30个", 30, 0, true),
        ("4.5万人", 45_000, 0, true),
        ("人", 1, 0, false),
    ] {
        let computed =
            Computed { numerator, numerator_scale: scale, denominator: None, denominator_scale: 0 };
        assert_eq!(agrees(text, computed), agreed, "{text} {numerator}");
    }
}

#[test]
fn zero_agrees_where_something_was_open_and_nothing_is() {
    assert!(agrees("清零", share(1, 1)));
    assert!(!agrees("清零", share(0, 1)));
    assert!(!agrees("清零", share(0, 0)));
}
