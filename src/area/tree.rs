//! The tree: what a code resolves to, and what may be asked of an area.
//!
//! Built once from the table and never changed. Names are for people: they decide nothing.

use std::iter;
use std::sync::OnceLock;

use super::build::{self, Area};
use super::code::Code;
use super::id::AreaId;
use super::index::Index;
use super::level::Level;

/// Every area there is, each with its parent.
#[derive(Debug)]
pub struct AreaTree {
    /// By id: the country, the table's areas in the order of their codes, unassigned.
    pub(super) areas: Vec<Area>,
    pub(super) index: Index,
    pub(super) fingerprint: [u8; 32],
}

impl AreaTree {
    /// The tree of GB/T 2260, read from the embedded table at the first call.
    pub fn gbt2260() -> &'static AreaTree {
        static TREE: OnceLock<AreaTree> = OnceLock::new();
        TREE.get_or_init(|| build::tree(build::TABLE))
    }

    /// 全国, code `100000`: the root, and the only area without a parent.
    pub fn country(&self) -> AreaId {
        AreaId::COUNTRY
    }

    /// 未归属, code `unassigned`: where facts count whose code is not in the table.
    pub fn unassigned(&self) -> AreaId {
        AreaId::from_index(self.len() - 1)
    }

    /// The area that a code counts at; `None` when it is malformed or not in the table.
    ///
    /// | code | counts at |
    /// |---|---|
    /// | 6 digits | that area; a grouping, at the area above it |
    /// | 2 or 4 digits | the province or the prefecture |
    /// | 9 or 12 digits (township, village) | what its first six digits are |
    ///
    /// Six digits may end in zeros below a longer code too: `441900003` is a town of 东莞, which
    /// has no counties, and `330700000000` is 金华 itself written long.
    ///
    /// The code of every area resolves to it, `unassigned` among them.
    pub fn resolve(&self, code: &str) -> Option<AreaId> {
        match Code::parse(code) {
            Some(code) => self.index.get(code),
            None => (code == build::UNASSIGNED.code).then(|| self.unassigned()),
        }
    }

    /// Six digits, or `unassigned`.
    pub fn code(&self, id: AreaId) -> &str {
        self.area(id).code
    }

    /// The Chinese name, in full: 恩施土家族苗族自治州. Not unique, so never a key.
    pub fn name_zh(&self, id: AreaId) -> &str {
        self.area(id).name_zh
    }

    /// The English name. Unique among living siblings only, so never a key.
    pub fn name_en(&self, id: AreaId) -> &str {
        self.area(id).name_en
    }

    /// How far down the tree the area is.
    pub fn level(&self, id: AreaId) -> Level {
        self.area(id).level
    }

    /// The area it is part of; `None` for the country alone.
    pub fn parent(&self, id: AreaId) -> Option<AreaId> {
        self.area(id).parent
    }

    /// How many areas there are, the country and unassigned among them.
    #[expect(clippy::len_without_is_empty, reason = "a tree has a country, so it is never empty")]
    pub fn len(&self) -> usize {
        self.areas.len()
    }

    /// All areas in the order of their ids: a parent before its children, unassigned last.
    pub fn ids(&self) -> impl Iterator<Item = AreaId> + use<> {
        (0..self.len()).map(AreaId::from_index)
    }

    /// From the area itself up to the country.
    pub fn ancestors(&self, id: AreaId) -> impl Iterator<Item = AreaId> {
        iter::successors(Some(id), |id| self.parent(*id))
    }

    /// BLAKE3 of what decides where a fact counts: codes, kinds and parents, not names.
    pub fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }

    /// An id that is not of this tree reads as unassigned, so that no lookup can fail.
    fn area(&self, id: AreaId) -> &Area {
        self.areas.get(id.index()).unwrap_or(&build::UNASSIGNED)
    }
}
