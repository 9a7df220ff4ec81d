//! What holds for every area of the tree.

use super::*;

#[test]
fn of_the_table_the_country_is_the_first_area_and_unassigned_the_last() {
    assert_eq!(tree().ids().next(), Some(tree().country()));
    assert_eq!(tree().ids().last(), Some(tree().unassigned()));
    assert_eq!(tree().ids().count(), tree().len());
    assert_eq!(tree().len(), rows().filter(|row| row.kind != Kind::Grouping).count() + 2);
}

#[test]
fn the_country_has_names_and_no_parent() {
    let country = tree().country();
    assert_eq!(tree().code(country), "100000");
    assert_eq!((tree().name_zh(country), tree().name_en(country)), ("全国", "China"));
    assert_eq!(tree().level(country), Level::Country);
    assert_eq!(tree().parent(country), None);
}

#[test]
fn unassigned_has_names_and_belongs_to_the_country() {
    let id = tree().unassigned();
    assert_eq!(tree().code(id), "unassigned");
    assert_eq!((tree().name_zh(id), tree().name_en(id)), ("未归属", "Unassigned"));
    assert_eq!(tree().level(id), Level::Unassigned);
    assert_eq!(tree().parent(id), Some(tree().country()));
}

#[test]
fn the_code_of_every_area_resolves_to_it() {
    for id in tree().ids() {
        assert_eq!(tree().resolve(tree().code(id)), Some(id));
        assert_eq!(AreaId::from_index(id.index()), id);
    }
}

#[test]
fn ids_are_in_the_order_of_codes() {
    let codes = tree().ids().map(|id| tree().code(id));
    assert!(codes.is_sorted());
}

#[test]
fn every_area_leads_up_to_the_country_through_rising_levels() {
    for id in tree().ids() {
        let path: Vec<AreaId> = tree().ancestors(id).collect();
        assert_eq!(path.first(), Some(&id));
        assert_eq!(path.last(), Some(&tree().country()));
        assert!(path.len() <= 4);
        assert!(path.is_sorted_by(|below, above| below > above), "parents come first");
        assert!(path.is_sorted_by(|b, a| tree().level(*b) > tree().level(*a)));
    }
}

#[test]
fn children_never_cross_provinces() {
    for row in rows() {
        for id in tree().ancestors(at(row.digits)).filter(|id| *id != tree().country()) {
            assert_eq!(tree().code(id)[..2], row.digits[..2], "{}", row.digits);
        }
    }
}

#[test]
fn every_row_reaches_its_province() {
    for row in rows() {
        let province = at(&row.digits[..2]);
        assert_eq!(tree().level(province), Level::Province);
        assert!(tree().ancestors(at(row.digits)).any(|id| id == province), "{}", row.digits);
    }
}

#[test]
fn an_id_of_no_area_reads_as_unassigned() {
    for index in [tree().len(), usize::MAX] {
        let stranger = AreaId::from_index(index);
        assert_eq!(tree().code(stranger), "unassigned");
        assert_eq!(tree().ancestors(stranger).last(), Some(tree().country()));
    }
}

#[test]
fn a_county_whose_prefecture_is_unknown_hangs_from_its_province() {
    let tree = build::tree("330000,浙江省,,province\n330799,某县,,retired\n", "");
    let county = tree.resolve("330799").unwrap();
    assert_eq!(tree.parent(county), tree.resolve("330000"));
}

#[test]
fn the_words_for_levels_are_those_of_labels() {
    use Level::{Country, County, Prefecture, Province, Township, Unassigned};
    let words = [Country, Province, Prefecture, County, Township, Unassigned].map(Level::as_str);
    assert_eq!(words, ["country", "province", "prefecture", "county", "township", "unassigned"]);
}
