//! The built program with a folder of its own, and its ledger read as data teams read it: with Parquet alone.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use arrow::array::{ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value as Json;
use tempfile::TempDir;

/// Thirty-two bytes that are nobody's key.
pub const KEY: &str = "Y2h1bmZlbmctdGVzdC1rZXktMzItYnl0ZXMtbG9uZyE=";
/// And another thirty-two.
pub const OTHER_KEY: &str = "b3RoZXItdGVzdC1rZXktb2YtMzItYnl0ZXMtbG9uZyE=";

/// A folder with a key and a lake.
pub struct Desk {
    folder: TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ended {
    /// Checks the exit code, showing what was said where it is another.
    pub fn with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }
}

impl Desk {
    pub fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        desk.file("key", KEY);
        desk.file("other-key", OTHER_KEY);
        desk
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A path as an argument.
    pub fn at(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    /// The program, in an environment that holds nothing of whoever runs the tests.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chunfeng"));
        command.args(arguments).env_clear().env("HOME", self.folder.path());
        command.stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.command(arguments).output().unwrap().into()
    }

    /// The arguments of a replay of these files into this desk's lake.
    pub fn replay_arguments(&self, files: &[&str]) -> Vec<String> {
        let lake = self.at("lake");
        let key = self.at("key");
        let fixed = ["replay", "--lake", &lake, "--key-file", &key, "--pipelines", "pipelines"];
        fixed.iter().chain(files).map(|argument| (*argument).to_owned()).collect()
    }

    pub fn replay(&self, files: &[&str]) -> Ended {
        let arguments = self.replay_arguments(files);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.run(&arguments)
    }

    pub fn rates(&self, more: &[&str]) -> String {
        let lake = self.at("lake");
        let arguments: Vec<&str> = ["rates", "--lake", &lake].iter().chain(more).copied().collect();
        self.run(&arguments).with(0).stdout
    }

    pub fn rates_rows(&self, more: &[&str]) -> Vec<Json> {
        let json = self.rates(&[&["--format", "json"], more].concat());
        serde_json::from_str(&json).unwrap()
    }

    /// The lines of `rejects`.
    pub fn rejects(&self, key: &str, more: &[&str]) -> Vec<Json> {
        let (lake, key) = (self.at("lake"), self.at(key));
        let fixed = ["rejects", "--lake", &lake, "--key-file", &key];
        let arguments: Vec<&str> = fixed.iter().chain(more).copied().collect();
        let told = self.run(&arguments).with(0).stdout;
        told.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// Gives a command this input and waits for its end.
pub fn run_with_input(mut command: Command, input: &[u8]) -> Ended {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap().into()
}

/// A process that does not outlive its test.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.0.kill(); // it has ended already, unless the test failed
        _ = self.0.wait();
    }
}

/// Asks a process to end, as an operator's `kill` does.
pub fn terminate(child: &Child) {
    let sent = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
}

/// Every file below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Every column of a Parquet file, batch by batch, with its name.
pub fn columns(path: &Path) -> Vec<(String, ArrayRef)> {
    let file = fs::File::open(path).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let mut columns = Vec::new();
    for batch in reader {
        let batch = batch.unwrap();
        let names =
            batch.schema().fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>();
        columns.extend(names.into_iter().zip(batch.columns().iter().cloned()));
    }
    columns
}

/// One ledger row: topic, offset, and the outcome or the reason of its rejection.
pub type LedgerRow = (String, i64, String);

/// The ledger of a pipeline, sorted.
pub fn ledger(lake: &Path, pipeline: &str) -> Vec<LedgerRow> {
    let folder = lake.join(pipeline).join("ledger");
    let parquet =
        files(&folder).into_iter().filter(|path| path.extension().is_some_and(|e| e == "parquet"));
    let mut rows: Vec<LedgerRow> = parquet.flat_map(|path| ledger_rows(&path)).collect();
    rows.sort();
    rows
}

fn ledger_rows(path: &Path) -> Vec<LedgerRow> {
    let columns = columns(path);
    let texts = |name| texts_of(named(&columns, name));
    let offsets = named(&columns, "offset")
        .flat_map(|column| column.as_primitive::<Int64Type>().values().to_vec());
    let what = texts("reason").into_iter().zip(texts("outcome"));
    let what = what.map(|(reason, outcome)| reason.or(outcome).unwrap());
    let places = texts("topic").into_iter().zip(offsets);
    places.zip(what).map(|((topic, offset), what)| (topic.unwrap(), offset, what)).collect()
}

/// A row of the rates table: as-of in microseconds, revision, numerator, denominator, reason.
pub type PublishedRow = (i64, Option<i64>, i64, i64, Option<String>);

/// What was published of one rate in one area, in total, by moment and revision.
pub fn published(lake: &Path, pipeline: &str, rate: &str, area: &str) -> Vec<PublishedRow> {
    let folder = lake.join(pipeline).join("rates");
    let parquet =
        files(&folder).into_iter().filter(|path| path.extension().is_some_and(|e| e == "parquet"));
    let mut rows: Vec<PublishedRow> = Vec::new();
    for path in parquet {
        let columns = columns(&path);
        let texts = |name| texts_of(named(&columns, name));
        let numbers = |name| -> Vec<Option<i64>> {
            let plain = named(&columns, name).map(|c| cast(c, &DataType::Int64).unwrap());
            plain.flat_map(|c| c.as_primitive::<Int64Type>().iter().collect::<Vec<_>>()).collect()
        };
        let (rates, areas, dimensions) = (texts("rate"), texts("area"), texts("dimension"));
        let (as_ofs, revisions, reasons) = (numbers("as_of"), numbers("revision"), texts("reason"));
        let (above, below) = (numbers("numerator"), numbers("denominator"));
        for row in 0..rates.len() {
            let is_asked = rates[row].as_deref() == Some(rate)
                && areas[row].as_deref() == Some(area)
                && dimensions[row].is_none();
            if is_asked {
                let counts = (above[row].unwrap(), below[row].unwrap());
                let (as_of, reason) = (as_ofs[row].unwrap(), reasons[row].clone());
                rows.push((as_of, revisions[row], counts.0, counts.1, reason));
            }
        }
    }
    rows.sort();
    rows
}

fn named<'c>(
    columns: &'c [(String, ArrayRef)],
    name: &'c str,
) -> impl Iterator<Item = &'c ArrayRef> {
    columns.iter().filter(move |(is, _)| is == name).map(|(_, column)| column)
}

/// The values of a text column, whatever its encoding.
fn texts_of<'c>(columns: impl Iterator<Item = &'c ArrayRef>) -> Vec<Option<String>> {
    let plain = columns.map(|column| cast(column, &DataType::Utf8).unwrap());
    let texts = |column: ArrayRef| -> Vec<Option<String>> {
        column.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
    };
    plain.flat_map(texts).collect()
}
