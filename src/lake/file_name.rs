//! Names of data files: each carries a hash of its content, so that a damaged file is found out before it is believed.

use uuid::Uuid;

/// What every name begins with.
pub const PREFIX: &str = "part-";
const SUFFIX: &str = ".zstd.parquet";
/// Hexadecimal digits of the hash: enough against accidents, which is what it is for.
const HASH_DIGITS: usize = 16;

/// A name no other file has, for this content.
pub fn of(content: &[u8]) -> String {
    format!("{PREFIX}{}-{}{SUFFIX}", Uuid::new_v4(), hash(content))
}

/// Whether a file's content is another than its name says. Files of the first format have no hash in their names.
pub fn contradicts(path: &str, content: &[u8]) -> bool {
    let stem = path.strip_suffix(SUFFIX).and_then(|path| path.rsplit('-').next());
    stem.is_some_and(|said| said.len() == HASH_DIGITS && *said != *hash(content))
}

fn hash(content: &[u8]) -> String {
    blake3::hash(content).to_hex()[..HASH_DIGITS].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_whose_content_has_changed_contradicts_its_name() {
        let name = format!("hr.workers/3/{}", of(b"rows"));
        assert!(!contradicts(&name, b"rows"));
        assert!(contradicts(&name, b"rowz"));
    }

    #[test]
    fn a_name_without_a_hash_says_nothing_of_its_content() {
        let name = "part-20cf1a34-38ab-4d4f-a24a-3b7a9e6bd2b3.zstd.parquet";
        assert!(!contradicts(name, b"rows"));
    }
}
