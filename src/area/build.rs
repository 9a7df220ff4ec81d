//! From the table's text to the tree.
//!
//! A parent's code is a prefix of its child's, so in the order of codes it always comes first: one
//! pass finds every parent. A line that is no row is skipped, and a test holds that the embedded
//! table has none.

use hashbrown::HashMap;

use super::addition::Addition;
use super::code::Code;
use super::id::AreaId;
use super::index::Index;
use super::level::Level;
use super::lifetime::Lifetime;
use super::row::{Kind, Row};
use super::tree::AreaTree;

/// The embedded table; `data/README.md` says where it comes from.
pub(super) const TABLE: &str = include_str!("data/areas.csv");

/// What the tree keeps of an area.
#[derive(Clone, Copy, Debug)]
pub(super) struct Area {
    pub(super) code: &'static str,
    pub(super) name_zh: &'static str,
    pub(super) name_en: &'static str,
    pub(super) level: Level,
    pub(super) parent: Option<AreaId>,
}

const COUNTRY: Area =
    Area {
        code: "100000", name_zh: "全国", name_en: "China", level: Level::Country, parent: None
    };

pub(super) static UNASSIGNED: Area = unassigned();

const fn unassigned() -> Area {
    Area {
        code: "unassigned",
        name_zh: "未归属",
        name_en: "Unassigned",
        level: Level::Unassigned,
        parent: Some(AreaId::COUNTRY),
    }
}

/// Since when codes are valid and until when: `code,from,until,before,after`.
pub(super) const HISTORY: &str = include_str!("data/history.csv");

/// The tree of a table and of its history, each in any order of lines.
pub(super) fn tree(table: &'static str, history: &str) -> AreaTree {
    let mut rows: Vec<Row> = table.lines().filter_map(Row::parse).collect();
    rows.sort_by_key(|row| row.code);
    let (groupings, places): (Vec<&Row>, Vec<&Row>) =
        rows.iter().partition(|row| row.kind == Kind::Grouping);

    let mut index = Index::new();
    index.set(Code::COUNTRY, AreaId::COUNTRY);
    let mut areas = vec![COUNTRY];
    for place in &places {
        let parent = above(&index, place.code);
        index.set(place.code, AreaId::from_index(areas.len()));
        areas.push(area(place, parent));
    }
    let unassigned_id = AreaId::from_index(areas.len());
    areas.push(unassigned());
    // Only now, when no place can take a grouping for its parent.
    for grouping in &groupings {
        index.set(grouping.code, above(&index, grouping.code));
    }
    let fingerprint = fingerprint(&rows, &areas, &index);
    let lifetimes = history.lines().filter_map(|line| Lifetime::parse(&index, line)).collect();
    let added = HashMap::new();
    AreaTree { areas, index, unassigned: unassigned_id, added, lifetimes, fingerprint }
}

/// The tree and more areas below those it has, in their order. What lies in no area that it has is left out.
pub(super) fn extended(tree: &AreaTree, additions: &[Addition]) -> AreaTree {
    let (mut areas, mut added) = (tree.areas.clone(), HashMap::new());
    for addition in additions {
        let Some(parent) = tree.resolve(&addition.within) else { continue };
        let for_ever = |text: &str| -> &'static str { String::from(text).leak() };
        let code = for_ever(&addition.code);
        added.insert(code, AreaId::from_index(areas.len()));
        areas.push(Area {
            code,
            name_zh: for_ever(&addition.name_zh),
            name_en: for_ever(&addition.name_en),
            level: tree.level(parent).below(),
            parent: Some(parent),
        });
    }
    AreaTree {
        areas,
        added,
        index: tree.index.clone(),
        unassigned: tree.unassigned,
        lifetimes: tree.lifetimes.clone(),
        fingerprint: tree.fingerprint,
    }
}

fn area(row: &Row, parent: AreaId) -> Area {
    Area {
        code: row.digits,
        name_zh: row.name_zh,
        name_en: row.name_en,
        level: row.code.level(),
        parent: Some(parent),
    }
}

/// The nearest area above a code. A retired county may have lost its prefecture; it still has its
/// province.
fn above(index: &Index, code: Code) -> AreaId {
    code.above().find_map(|code| index.get(code)).unwrap_or(AreaId::COUNTRY)
}

/// One line a row, `code,kind,code above`, in the order of codes.
fn fingerprint(rows: &[Row], areas: &[Area], index: &Index) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for row in rows {
        let above = areas[above(index, row.code).index()].code;
        for word in [row.digits, ",", row.kind.as_str(), ",", above, "\n"] {
            hasher.update(word.as_bytes());
        }
    }
    hasher.finalize().into()
}
