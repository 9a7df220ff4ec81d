//! What a ledger says of itself, so that the lake can be read without the pipeline's file and refuses what would
//! falsify it.

use super::LakeError;
use super::table::Table;
use crate::spec::{self, Pipeline};

const PIPELINE: &str = "chunfeng.pipeline";
const DECODING: &str = "chunfeng.decoding";
const COUNTING: &str = "chunfeng.counting";
const KEY: &str = "chunfeng.key";
const FORMAT: &str = "chunfeng.format";

/// The layout of the tables that this version writes. It grows when an older program would misread them.
const FORMAT_WRITTEN: u32 = 2;

/// Set, it makes Delta forget the offset of a partition that was idle for long, which would then be counted again.
const FORGETS_OFFSETS: &str = "delta.setTransactionRetentionDuration";

/// How long the log remembers what was taken out. Each checkpoint repeats it, so it is no longer than upkeep needs: it lets
/// a file be for a day after it was taken out.
pub(super) const REMEMBERS_REMOVALS: (&str, &str) =
    ("delta.deletedFileRetentionDuration", "interval 2 days");

/// What decides: the pipeline, the tree of areas and the key.
pub struct Identity {
    pipeline_name: String,
    pipeline_text: String,
    decoding: String,
    counting: String,
    key: String,
}

impl Identity {
    /// The identity under which a pipeline writes with this key's fingerprint.
    pub fn new(pipeline: &Pipeline, key_fingerprint: &str) -> Self {
        let areas_fingerprint = blake3::Hash::from(pipeline.areas.fingerprint()).to_hex();
        Self {
            pipeline_name: pipeline.name.clone(),
            pipeline_text: pipeline.source_text.clone(),
            decoding: format!("{}/{areas_fingerprint}", pipeline.decoding_fingerprint()),
            counting: pipeline.counting_fingerprint(),
            key: key_fingerprint.to_owned(),
        }
    }

    pub(super) fn properties(&self) -> Vec<(String, String)> {
        [
            (PIPELINE, self.pipeline_text.clone()),
            (DECODING, self.decoding.clone()),
            (COUNTING, self.counting.clone()),
            (KEY, self.key.clone()),
            (FORMAT, FORMAT_WRITTEN.to_string()),
            (REMEMBERS_REMOVALS.0, REMEMBERS_REMOVALS.1.to_owned()),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .to_vec()
    }

    /// Whether this identity may go on writing to an existing ledger. Figures may be counted otherwise than before:
    /// what is derived is rebuilt from the ledger then.
    pub(super) async fn admit(&self, ledger: &mut Table) -> Result<(), LakeError> {
        let says = |key: &str| ledger.property(key).cloned().unwrap_or_default();
        if ledger.property(FORGETS_OFFSETS).is_some() {
            return Err(LakeError::Unsafe {
                table: ledger.name().to_owned(),
                what: FORGETS_OFFSETS,
                advice: "unset it: with it a partition that was idle for long would be counted again",
            });
        }
        if Self::format_of(ledger) > FORMAT_WRITTEN {
            let advice = "it was written by a newer version: run that one, or a newer one still";
            return Err(LakeError::Foreign { what: "version", advice: advice.to_owned() });
        }
        // A text that this version cannot read is replaced below by one that it can.
        if let Ok(written_by) = Self::pipeline_of(ledger)
            && written_by.name != self.pipeline_name
        {
            let name = written_by.name;
            let advice = format!(
                "it is of the pipeline `{name}`: name the pipeline or the folder otherwise"
            );
            return Err(LakeError::Foreign { what: "pipeline", advice });
        }
        if says(KEY) != self.key {
            let advice = "give the key file the lake was made with; with another key every entity would count anew";
            return Err(LakeError::Foreign { what: "key", advice: advice.to_owned() });
        }
        if says(DECODING) != self.decoding {
            let advice = "kinds, fields or pointers changed since it was written: read the source again into a new lake";
            return Err(LakeError::Foreign { what: "way of decoding", advice: advice.to_owned() });
        }
        let is_older = Self::format_of(ledger) < FORMAT_WRITTEN;
        if is_older || says(PIPELINE) != self.pipeline_text {
            ledger.set_properties(self.properties()).await?;
        }
        Ok(())
    }

    /// Whether what a ledger says was counted last was counted otherwise.
    pub(super) fn counts_otherwise(&self, ledger: &Table) -> bool {
        ledger.property(COUNTING).is_some_and(|counting| *counting != self.counting)
    }

    /// The text of the pipeline that wrote a ledger.
    pub(super) fn text_of(ledger: &Table) -> Option<&String> {
        ledger.property(PIPELINE)
    }

    /// The pipeline that wrote a ledger.
    pub(super) fn pipeline_of(ledger: &Table) -> Result<Pipeline, LakeError> {
        let foreign = || LakeError::Foreign {
            what: "program",
            advice: "name a lake that chunfeng has written".to_owned(),
        };
        let text = Self::text_of(ledger).ok_or_else(foreign)?;
        spec::load_text(ledger.name(), text).map_err(|_| foreign())
    }

    /// Absent in the first version's lakes.
    fn format_of(ledger: &Table) -> u32 {
        let format = ledger.property(FORMAT).map(|format| format.parse().unwrap_or(u32::MAX));
        format.unwrap_or(1)
    }

    /// The fingerprint of the key behind a ledger's pseudonyms.
    pub(super) fn key_of(ledger: &Table) -> Option<String> {
        ledger.property(KEY).cloned()
    }
}
