//! Areas that a pipeline adds to the table: townships, and reporting units that no list of codes has.

/// An area that the table does not have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Addition {
    /// What events name it by: the nine digits of a township, or a word for an area without a code.
    pub code: String,
    /// Its Chinese name.
    pub name_zh: String,
    /// Its English name.
    pub name_en: String,
    /// The code of the area it lies in, which is of the table.
    pub within: String,
}
