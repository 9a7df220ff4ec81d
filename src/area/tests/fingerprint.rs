//! What moves the fingerprint and what does not.

use super::*;

const SMALL: &str = "330000,浙江省,,province\n330700,金华市,,prefecture\n330782,义乌市,,county";

fn of(table: &'static str) -> [u8; 32] {
    build::tree(table, "").fingerprint()
}

#[test]
fn names_do_not_move_it() {
    let renamed = "330000,浙江,Zhejiang,province\n330700,婺州,,prefecture\n330782,乌伤,Yiwu,county";
    assert_eq!(of(SMALL), of(renamed));
}

#[test]
fn the_order_of_lines_does_not_move_it() {
    let shuffled = "330782,义乌市,,county\n330000,浙江省,,province\n330700,金华市,,prefecture";
    assert_eq!(of(SMALL), of(shuffled));
}

#[test]
fn codes_kinds_and_parents_move_it() {
    let code = "330000,浙江省,,province\n330700,金华市,,prefecture\n330783,义乌市,,county";
    let kind = "330000,浙江省,,province\n330700,金华市,,prefecture\n330782,义乌市,,retired";
    let parent = "330000,浙江省,,province\n330700,金华市,,grouping\n330782,义乌市,,county";
    let all = [of(SMALL), of(code), of(kind), of(parent), tree().fingerprint()];
    assert_eq!(HashSet::from(all).len(), all.len());
}
