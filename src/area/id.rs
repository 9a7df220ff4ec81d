//! What the rest of the program holds instead of an area: a small number.

/// Dense id of an area in the tree, ordered by code. Fits 22 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AreaId(u32);

impl AreaId {
    /// The country comes first.
    pub(super) const COUNTRY: AreaId = AreaId(0);

    /// From 0, without gaps: it may index an array that has a cell for each area.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// The inverse of [`AreaId::index`]. An index that no area has makes an id that the tree reads
    /// as unassigned.
    pub fn from_index(index: usize) -> AreaId {
        AreaId(u32::try_from(index).unwrap_or(u32::MAX))
    }
}
