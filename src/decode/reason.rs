//! Why a record was rejected. The codes are part of the ledger and of the metrics; docs/errors.md explains each.

/// Why a record was rejected.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reason {
    /// A null value: on a compacted topic, a deletion.
    Tombstone,
    /// A value without a byte, or a blank line.
    Empty,
    /// A value longer than a record may be.
    TooLarge,
    /// Bytes that are no UTF-8.
    InvalidUtf8,
    /// Text that is no JSON.
    InvalidJson,
    /// JSON nested deeper than any event is.
    TooDeep,
    /// An object that names a member twice: which one counts would be chance.
    DuplicateKey,
    /// JSON that is no object.
    NotAnObject,
    /// A CloudEvents format or version this program does not read.
    UnsupportedEnvelope,
    /// A structured CloudEvent without one of its required attributes.
    IncompleteEnvelope,
    /// No event type.
    MissingKind,
    /// An event type that neither a kind nor `ignore` names.
    UnknownKind,
    /// No identifier of the entity.
    MissingEntity,
    /// An identifier that is no text or number, or is longer than one may be.
    InvalidEntity,
    /// No time, and the pipeline does not take the record's.
    MissingTime,
    /// A time that is not RFC 3339 with an offset.
    InvalidTime,
    /// A time before 2000.
    TimeBefore2000,
    /// A time later than the record that reports it, by more than the pipeline allows.
    TimeAfterRecord,
    /// A field whose value has another type.
    FieldType,
    /// A number that does not fit.
    FieldRange,
    /// A label that is not in the closed list.
    UnknownLabel,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 21] = [
        Self::Tombstone,
        Self::Empty,
        Self::TooLarge,
        Self::InvalidUtf8,
        Self::InvalidJson,
        Self::TooDeep,
        Self::DuplicateKey,
        Self::NotAnObject,
        Self::UnsupportedEnvelope,
        Self::IncompleteEnvelope,
        Self::MissingKind,
        Self::UnknownKind,
        Self::MissingEntity,
        Self::InvalidEntity,
        Self::MissingTime,
        Self::InvalidTime,
        Self::TimeBefore2000,
        Self::TimeAfterRecord,
        Self::FieldType,
        Self::FieldRange,
        Self::UnknownLabel,
    ];

    /// The code in the ledger and in the label `reason`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Tombstone => "tombstone",
            Self::Empty => "empty",
            Self::TooLarge => "too_large",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::InvalidJson => "invalid_json",
            Self::TooDeep => "too_deep",
            Self::DuplicateKey => "duplicate_key",
            Self::NotAnObject => "not_an_object",
            Self::UnsupportedEnvelope => "unsupported_envelope",
            Self::IncompleteEnvelope => "incomplete_envelope",
            Self::MissingKind => "missing_kind",
            Self::UnknownKind => "unknown_kind",
            Self::MissingEntity => "missing_entity",
            Self::InvalidEntity => "invalid_entity",
            Self::MissingTime => "missing_time",
            Self::InvalidTime => "invalid_time",
            Self::TimeBefore2000 => "time_before_2000",
            Self::TimeAfterRecord => "time_after_record",
            Self::FieldType => "field_type",
            Self::FieldRange => "field_range",
            Self::UnknownLabel => "unknown_label",
        }
    }
}
