//! The tree: what a code resolves to, and what may be asked of an area.
//!
//! Built once from the table, and once more for whoever adds areas, and never changed. Names are for people: they decide nothing.

use std::iter;
use std::sync::{Mutex, OnceLock, PoisonError};

use hashbrown::HashMap;

use super::addition::Addition;
use super::build::{self, Area};
use super::code::Code;
use super::id::AreaId;
use super::index::Index;
use super::level::Level;
use super::lifetime::Lifetime;

/// Every area there is, each with its parent.
#[derive(Debug)]
pub struct AreaTree {
    /// By id: the country, the table's areas in the order of their codes, unassigned, then what a pipeline adds.
    pub(super) areas: Vec<Area>,
    pub(super) index: Index,
    pub(super) unassigned: AreaId,
    /// What a pipeline adds, by what events name it.
    pub(super) added: HashMap<&'static str, AreaId>,
    pub(super) lifetimes: HashMap<AreaId, Lifetime>,
    pub(super) fingerprint: [u8; 32],
}

impl AreaTree {
    /// The tree of GB/T 2260, read from the embedded table at the first call.
    pub fn gbt2260() -> &'static AreaTree {
        static TREE: OnceLock<AreaTree> = OnceLock::new();
        TREE.get_or_init(|| build::tree(build::TABLE, build::HISTORY))
    }

    /// The same tree with more areas. What is added never changes the ids of what was there, nor does the same addition
    /// ever take memory twice: trees are for ever.
    pub fn with(&'static self, additions: &[Addition]) -> &'static AreaTree {
        static KNOWN: Mutex<Vec<(Vec<Addition>, &AreaTree)>> = Mutex::new(Vec::new());
        if additions.is_empty() {
            return self;
        }
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, tree)) = known.iter().find(|(of, _)| of == additions) {
            return tree;
        }
        let tree: &'static AreaTree = Box::leak(Box::new(build::extended(self, additions)));
        known.push((additions.to_vec(), tree));
        tree
    }

    /// 全国, code `100000`: the root, and the only area without a parent.
    pub fn country(&self) -> AreaId {
        AreaId::COUNTRY
    }

    /// 未归属, code `unassigned`: where facts count whose code is not in the table.
    pub fn unassigned(&self) -> AreaId {
        self.unassigned
    }

    /// The area that a code counts at; `None` when it is malformed or not in the table.
    ///
    /// | code | counts at |
    /// |---|---|
    /// | 6 digits | that area; a grouping, at the area above it |
    /// | 2 or 4 digits | the province or the prefecture |
    /// | 9 or 12 digits (township, village) | that township, where a pipeline names it; else what its first six digits are |
    /// | a word | the area without a code that a pipeline declares by it |
    ///
    /// Six digits may end in zeros below a longer code too: `441900003` is a town of 东莞, which
    /// has no counties, and `330700000000` is 金华 itself written long.
    ///
    /// The code of every area resolves to it, `unassigned` among them.
    pub fn resolve(&self, code: &str) -> Option<AreaId> {
        if !self.added.is_empty()
            && let Some(id) = self.resolve_added(code)
        {
            return Some(id);
        }
        match Code::parse(code) {
            Some(code) => self.index.get(code),
            None => (code == build::UNASSIGNED.code).then(|| self.unassigned()),
        }
    }

    /// Whether a pipeline has declared an area by this word.
    pub fn declares(&self, word: &str) -> bool {
        self.added.contains_key(word)
    }

    /// A village lies in its township.
    fn resolve_added(&self, code: &str) -> Option<AreaId> {
        let of_village = || code.get(..9).filter(|_| code.len() == 12);
        let known = self.added.get(code).or_else(|| self.added.get(of_village()?));
        known.copied()
    }

    /// Six digits, `unassigned`, or what a pipeline calls an area that it adds.
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

    /// All areas in the order of their ids: a parent before its children.
    pub fn ids(&self) -> impl Iterator<Item = AreaId> + use<> {
        (0..self.len()).map(AreaId::from_index)
    }

    /// From the area itself up to the country.
    pub fn ancestors(&self, id: AreaId) -> impl Iterator<Item = AreaId> {
        iter::successors(Some(id), |id| self.parent(*id))
    }

    /// BLAKE3 of what the table decides where a fact counts: codes, kinds and parents, not names. What a pipeline adds is
    /// the pipeline's.
    pub fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }

    /// An id that is not of this tree reads as unassigned, so that no lookup can fail.
    fn area(&self, id: AreaId) -> &Area {
        self.areas.get(id.index()).unwrap_or(&build::UNASSIGNED)
    }
}
