//! A secret in a file.

use std::path::Path;

/// Reads a secret without its line break. Messages name the file, never what it holds.
pub fn read(path: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(path);
    let text =
        text.map_err(|error| format!("cannot read the secret's file {}: {error}", path.display()))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
