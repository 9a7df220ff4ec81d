//! The places where the codes do not follow their own rule.

use super::*;

#[test]
fn a_county_run_by_its_province_has_the_province_for_a_parent() {
    for (county, province) in [
        ("419001", "410000"),
        ("429004", "420000"),
        ("429005", "420000"),
        ("429006", "420000"),
        ("429021", "420000"),
        ("469001", "460000"),
        ("469030", "460000"),
        ("659001", "650000"),
        ("659012", "650000"),
    ] {
        assert_eq!(parent_code(county), province, "{county}");
        assert_eq!(tree().level(at(county)), Level::County);
    }
}

#[test]
fn a_district_of_a_municipality_has_the_municipality_for_a_parent() {
    for (district, city) in [
        ("110101", "110000"),
        ("120101", "120000"),
        ("310101", "310000"),
        ("500101", "500000"),
        ("500229", "500000"),
    ] {
        assert_eq!(parent_code(district), city, "{district}");
    }
}

#[test]
fn a_fact_reported_at_a_grouping_counts_above_it() {
    for (grouping, province) in [
        ("110100", "110000"),
        ("120100", "120000"),
        ("310100", "310000"),
        ("500100", "500000"),
        ("500200", "500000"),
        ("419000", "410000"),
        ("429000", "420000"),
        ("469000", "460000"),
        ("659000", "650000"),
        ("4290", "420000"),
        ("429000000000", "420000"),
    ] {
        assert_eq!(counted(grouping), province, "{grouping}");
    }
    assert_eq!(counted("330701"), "330700", "the 市辖区 of a city is the city");
}

#[test]
fn a_grouping_is_never_an_area() {
    let areas: HashSet<&str> = tree().ids().map(|id| tree().code(id)).collect();
    for row in rows_of(Kind::Grouping) {
        assert!(!areas.contains(row.digits), "{} {}", row.digits, row.name_zh);
    }
    for heading in ["市辖区", "县", "市", "省直辖县级行政区划", "自治区直辖县级行政区划"]
    {
        assert!(tree().ids().all(|id| tree().name_zh(id) != heading), "{heading}");
    }
}

#[test]
fn a_prefecture_without_counties_is_an_ordinary_prefecture() {
    for code in ["441900", "442000", "460400", "620200"] {
        let id = at(code);
        assert_eq!(tree().level(id), Level::Prefecture);
        assert_eq!(tree().code(id), code);
        assert!(tree().ids().all(|child| tree().parent(child) != Some(id)), "{code}");
    }
}

#[test]
fn a_development_zone_counts_under_its_prefecture() {
    assert_eq!(tree().name_zh(at("130171")), "石家庄高新技术产业开发区");
    assert_eq!(parent_code("130171"), "130100");
    let numbered = |row: &Row| ("71"..="79").contains(&&row.digits[4..]);
    assert_eq!(rows_of(Kind::Zone).filter(numbered).count(), 124);
}

#[test]
fn areas_of_the_same_name_stay_apart() {
    let named = |name| tree().ids().filter(move |id| tree().name_zh(*id) == name);
    assert_eq!(named("鼓楼区").count(), 4);
    assert!(named("朝阳区").count() >= 2);
    let provinces: HashSet<AreaId> =
        named("朝阳区").filter_map(|id| tree().ancestors(id).nth(1)).collect();
    assert!(provinces.len() >= 2);
}

#[test]
fn a_retired_code_keeps_its_name_and_its_prefecture() {
    for (code, name, prefecture) in [
        ("330103", "下城区", "330100"),
        ("330104", "江干区", "330100"),
        ("430124", "宁乡县", "430100"),
        ("350202", "鼓浪屿区", "350200"),
    ] {
        assert_eq!(tree().name_zh(at(code)), name);
        assert_eq!(parent_code(code), prefecture);
    }
    assert_eq!(counted("330113"), "330113", "临平区 came instead, under a code of its own");
}

#[test]
fn a_county_of_a_retired_prefecture_still_reaches_its_province() {
    assert_eq!(tree().name_zh(at("371202")), "莱城区");
    assert_eq!(parent_code("371202"), "371200");
    assert_eq!(parent_code("371200"), "370000");
    assert_eq!(tree().level(at("371200")), Level::Prefecture);
}

#[test]
fn a_renamed_area_has_its_newest_name() {
    assert_eq!(tree().name_zh(at("130502")), "襄都区");
    assert_eq!(tree().name_zh(at("130503")), "信都区");
}

#[test]
fn the_newest_areas_of_the_ministry_are_there() {
    for code in ["460302", "460303", "653228", "653229", "540600", "430182"] {
        assert_eq!(counted(code), code);
    }
}

#[test]
fn taiwan_hong_kong_and_macao_are_provinces() {
    for (code, name) in [("710000", "Taiwan"), ("810000", "Hong Kong"), ("820000", "Macao")] {
        assert_eq!(tree().name_en(at(code)), name);
        assert_eq!(tree().level(at(code)), Level::Province);
        assert_eq!(tree().parent(at(code)), Some(tree().country()));
    }
}
