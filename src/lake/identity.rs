//! What a ledger says of itself, so that the lake can be read without the pipeline's file and refuses what would
//! falsify it.

use super::LakeError;
use super::table::Table;
use crate::spec::{self, Pipeline};

const PIPELINE: &str = "chunfeng.pipeline";
const DECODING: &str = "chunfeng.decoding";
const COUNTING: &str = "chunfeng.counting";
const KEY: &str = "chunfeng.key";

/// What decides: the pipeline, the tree of areas and the key.
pub struct Identity {
    pipeline_text: String,
    decoding: String,
    counting: String,
    key: String,
}

impl Identity {
    /// The identity under which a pipeline writes with this key's fingerprint.
    pub fn new(pipeline: &Pipeline, areas_fingerprint: &str, key_fingerprint: &str) -> Self {
        Self {
            pipeline_text: pipeline.source_text.clone(),
            decoding: format!("{}/{areas_fingerprint}", pipeline.decoding_fingerprint()),
            counting: pipeline.counting_fingerprint(),
            key: key_fingerprint.to_owned(),
        }
    }

    pub(super) fn properties(&self) -> Vec<(String, String)> {
        [
            (PIPELINE, &self.pipeline_text),
            (DECODING, &self.decoding),
            (COUNTING, &self.counting),
            (KEY, &self.key),
        ]
        .map(|(key, value)| (key.to_owned(), value.clone()))
        .to_vec()
    }

    /// Whether this identity may go on writing to an existing ledger. Figures may be counted otherwise than before:
    /// what is derived is rebuilt from the ledger then.
    pub(super) async fn admit(&self, ledger: &mut Table) -> Result<(), LakeError> {
        let says = |key: &str| ledger.property(key).cloned().unwrap_or_default();
        if says(KEY) != self.key {
            let advice = "give the key file the lake was made with; with another key every entity would count anew";
            return Err(LakeError::Foreign { what: "key", advice: advice.to_owned() });
        }
        if says(DECODING) != self.decoding {
            let advice = "kinds, fields or pointers changed since it was written: read the source again into a new lake";
            return Err(LakeError::Foreign { what: "way of decoding", advice: advice.to_owned() });
        }
        if says(PIPELINE) != self.pipeline_text {
            ledger.set_properties(self.properties()).await?;
        }
        Ok(())
    }

    /// The pipeline that wrote a ledger.
    pub(super) fn pipeline_of(ledger: &Table) -> Result<Pipeline, LakeError> {
        let foreign = || LakeError::Foreign {
            what: "program",
            advice: "name a lake that chunfeng has written".to_owned(),
        };
        let text = ledger.property(PIPELINE).ok_or_else(foreign)?;
        spec::load_text(ledger.name(), text).map_err(|_| foreign())
    }

    /// The fingerprint of the key behind a ledger's pseudonyms.
    pub(super) fn key_of(ledger: &Table) -> Option<String> {
        ledger.property(KEY).cloned()
    }
}
