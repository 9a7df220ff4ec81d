//! One line of `data/areas.csv`. What a row means for the tree, `tree` decides.

use super::code::Code;

/// What the table says a code is. The words are those of its last column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Province,
    Prefecture,
    County,
    /// A unit that the statistical bureau counts by itself and the ministry does not list.
    Zone,
    /// Once valid. Codes are never used again, so it still means the place it meant.
    Retired,
    /// A heading such as 市辖区: no place at all, so what is reported at one counts above it.
    Grouping,
}

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Kind::Province => "province",
            Kind::Prefecture => "prefecture",
            Kind::County => "county",
            Kind::Zone => "zone",
            Kind::Retired => "retired",
            Kind::Grouping => "grouping",
        }
    }

    fn parse(word: &str) -> Option<Kind> {
        use Kind::{County, Grouping, Prefecture, Province, Retired, Zone};
        [Province, Prefecture, County, Zone, Retired, Grouping]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// A line, read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Row {
    pub(super) code: Code,
    /// The six digits as the table writes them.
    pub(super) digits: &'static str,
    pub(super) name_zh: &'static str,
    /// Empty for a grouping.
    pub(super) name_en: &'static str,
    pub(super) kind: Kind,
}

impl Row {
    /// Reads `code,name_zh,name_en,kind`. No name has a comma, so nothing is quoted. `None` for the
    /// header and for any line that is not a row.
    pub(super) fn parse(line: &'static str) -> Option<Row> {
        let mut cells = line.split(',');
        let row = Row {
            digits: cells.next().filter(|digits| digits.len() == 6)?,
            name_zh: cells.next().filter(|name| !name.is_empty())?,
            name_en: cells.next()?,
            kind: Kind::parse(cells.next()?)?,
            code: Code::parse(line.get(..6)?)?,
        };
        cells.next().is_none().then_some(row)
    }
}
