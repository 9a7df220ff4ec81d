//! `chunfeng generate`: dashboards, rules, documentation and schema from the pipeline files, or whether they drifted.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::error::{Error, ErrorKind, Result};
use crate::generate::{GeneratedFile, MARK, Product};
use crate::spec;

/// Write dashboards, Prometheus rules and their tests, documentation and a schema from the pipeline files.
#[derive(Args)]
pub struct Generate {
    /// What to write; everything unless said.
    #[arg(value_enum, value_name = "WHAT")]
    what: Vec<What>,
    /// Where to write; the current folder unless said.
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// Write nothing; tell which files are not as they should be.
    #[arg(long)]
    check: bool,
    /// The folder of pipeline files.
    #[arg(long, value_name = "DIR", env = "CHUNFENG_PIPELINES", default_value = "pipelines")]
    pipelines: PathBuf,
}

/// A product, as it is asked for.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Grafana dashboards.
    Dashboards,
    /// Prometheus rules, with their tests.
    Rules,
    /// The reference of metrics.
    Docs,
    /// The JSON schema of pipeline files, for editors.
    Schema,
}

impl What {
    fn product(self) -> Product {
        match self {
            Self::Dashboards => Product::Dashboards,
            Self::Rules => Product::Rules,
            Self::Docs => Product::Docs,
            Self::Schema => Product::Schema,
        }
    }
}

impl Generate {
    pub fn run(&self) -> Result<()> {
        let pipelines = spec::load_folder(&self.pipelines)?;
        let files: Vec<_> =
            self.products().iter().flat_map(|product| product.files(&pipelines)).collect();
        match self.check {
            true => self.compare(&files),
            false => self.write(&files),
        }
    }

    fn products(&self) -> Vec<Product> {
        match self.what.is_empty() {
            true => Product::ALL.to_vec(),
            false => self.what.iter().map(|what| what.product()).collect(),
        }
    }

    fn write(&self, files: &[GeneratedFile]) -> Result<()> {
        for file in files {
            let path = self.out.join(&file.path);
            write(&path, &file.text).map_err(|error| failed("write", &path, error))?;
            println!("{}", path.display());
        }
        for stray in self.strays(files)? {
            tracing::warn!("{stray} belongs to no pipeline any more: remove it");
        }
        Ok(())
    }

    fn compare(&self, files: &[GeneratedFile]) -> Result<()> {
        let mut drifted = Vec::new();
        for file in files {
            let path = self.out.join(&file.path);
            let found = found(&path).map_err(|error| failed("read", &path, error))?;
            drifted.extend(drift(file, found.as_deref()));
        }
        let strays = self.strays(files)?;
        drifted.extend(strays.map(|path| format!("{path}: belongs to no pipeline any more")));
        match drifted.len() {
            0 => Ok(()),
            count => {
                println!("{}", drifted.join("\n"));
                let message = format!("{count} generated files are not as the pipeline files say");
                Err(Error::new(ErrorKind::Disagreement, message)
                    .advise("run `chunfeng generate`; remove what belongs to no pipeline"))
            }
        }
    }

    /// Files that were generated once and would not be today.
    fn strays(&self, files: &[GeneratedFile]) -> Result<impl Iterator<Item = String>> {
        let mut strays = BTreeSet::new();
        for folder in self.products().iter().flat_map(|product| product.folders()) {
            let place = self.out.join(&folder);
            let names = names(&place).map_err(|error| failed("read", &place, error))?;
            strays.extend(names.into_iter().map(|name| format!("{folder}/{name}")));
        }
        for file in files {
            strays.remove(&file.path);
        }
        let out = self.out.clone();
        let is_ours = move |path: &String| {
            fs::read_to_string(out.join(path)).is_ok_and(|text| text.contains(MARK))
        };
        Ok(strays.into_iter().filter(is_ours))
    }
}

/// How a file differs from what it should be, told by its path and a reason; `None` where it does not.
fn drift(file: &GeneratedFile, found: Option<&str>) -> Option<String> {
    let Some(found) = found else {
        return Some(format!("{}: missing", file.path));
    };
    if found == file.text {
        return None;
    }
    let lines = file.text.lines().zip(found.lines());
    let same = lines.take_while(|(wanted, found)| wanted == found).count();
    Some(format!("{}: differs from line {} on", file.path, same + 1))
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}

/// A file's text, unless there is no such file.
fn found(path: &Path) -> std::io::Result<Option<String>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn names(folder: &Path) -> std::io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

fn failed(what: &str, path: &Path, error: std::io::Error) -> Error {
    let message = format!("cannot {what} {}: {error}", path.display());
    Error::new(ErrorKind::Invalid, message).because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> GeneratedFile {
        let path = "rules/spring.yml".to_owned();
        GeneratedFile { path, text: text.to_owned() }
    }

    #[test]
    fn a_file_as_it_should_be_has_not_drifted() {
        assert_eq!(drift(&file("a\nb\n"), Some("a\nb\n")), None);
    }

    #[test]
    fn drift_is_told_by_the_first_line_that_differs() {
        let told = drift(&file("a\nb\n"), Some("a\nc\n"));
        assert_eq!(told.as_deref(), Some("rules/spring.yml: differs from line 2 on"));
        let told = drift(&file("a\nb\n"), Some("a\nb"));
        assert_eq!(told.as_deref(), Some("rules/spring.yml: differs from line 3 on"));
        let told = drift(&file("a\nb\n"), None);
        assert_eq!(told.as_deref(), Some("rules/spring.yml: missing"));
    }

    #[test]
    fn check_finds_what_was_edited_what_is_missing_and_what_was_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let command = |check| Generate {
            what: Vec::new(),
            out: folder.path().to_owned(),
            check,
            pipelines: concat!(env!("CARGO_MANIFEST_DIR"), "/pipelines").into(),
        };
        assert!(command(true).run().is_err(), "nothing is there yet");
        command(false).run().unwrap();
        command(true).run().unwrap();

        let rules = folder.path().join("docker/prometheus/rules");
        fs::write(rules.join("notes.yml"), "# by hand\n").unwrap();
        command(true).run().unwrap();

        fs::copy(rules.join("return-to-work.yml"), rules.join("gone.yml")).unwrap();
        let error = command(true).run().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Disagreement);
        fs::remove_file(rules.join("gone.yml")).unwrap();

        fs::write(rules.join("return-to-work.yml"), "groups: []\n").unwrap();
        assert!(command(true).run().is_err());
    }
}
