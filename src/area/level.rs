//! How far down the tree an area is, and the word for it.

/// The level of an area, from the top down.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// 全国, the root.
    Country,
    /// A province, an autonomous region, a municipality such as 北京, or a special region.
    Province,
    /// A city of several counties or of none, a 自治州, a 盟, a 地区.
    Prefecture,
    /// A county, a district, a county-level city or a development zone, whatever it hangs from.
    County,
    /// A township, a street or a reporting unit within a county, where a pipeline names it.
    Township,
    /// The one area of the facts whose place is unknown.
    Unassigned,
}

impl Level {
    /// The level right below.
    pub(super) fn below(self) -> Level {
        match self {
            Level::Country => Level::Province,
            Level::Province => Level::Prefecture,
            Level::Prefecture => Level::County,
            Level::County | Level::Township | Level::Unassigned => Level::Township,
        }
    }

    /// The word in labels and files: `country`, `province`, `prefecture`, `county`, `township`, `unassigned`.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Country => "country",
            Level::Province => "province",
            Level::Prefecture => "prefecture",
            Level::County => "county",
            Level::Township => "township",
            Level::Unassigned => "unassigned",
        }
    }
}
