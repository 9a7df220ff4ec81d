//! Files as topics: what a line's offset is, what is no record, and that the same content never counts twice.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::board::Boards;
use crate::clock::SystemClock;
use crate::decode::{Key, PseudonymScheme, TopicPartition};
use crate::engine::{AsOf, Engine, Life, Publication, Stop};
use crate::error::{Error, ErrorKind};
use crate::lake::{Lake, PipelineLake};
use crate::source::memory::MemorySource;
use crate::spec;
use crate::telemetry::EngineMetrics;

const PIPELINE: &str = include_str!("../../../pipelines/return-to-work.yaml");

/// A folder with files and a lake.
struct Desk {
    folder: TempDir,
}

struct NoProgress;

impl Progress for NoProgress {
    fn advance(&self, _bytes: u64) {}
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> Input {
        fs::write(self.path(name), content).unwrap();
        Input::file(&self.path(name)).unwrap()
    }

    fn lake(&self) -> Lake {
        Lake::at(&self.path("lake").display().to_string()).unwrap()
    }

    fn run(&self, source: impl Source + 'static) {
        let engine = Engine {
            pipelines: vec![Arc::new(spec::load_text("p.yaml", PIPELINE).unwrap())],
            lake: self.lake(),
            key: Arc::new(Key::new(&[7; 32], PseudonymScheme::Blake3)),
            shards: 1,
            commit_interval: Duration::from_secs(10),
            replay_at_most: Duration::from_secs(20),
            life: Life::Replay,
            as_of: AsOf::NewestEvent,
            publication: Publication::Boards,
            clock: Arc::new(SystemClock),
            boards: Arc::new(Boards::default()),
            metrics: Arc::new(EngineMetrics::new().unwrap()),
        };
        engine.run(Box::new(source), &Stop::default()).unwrap();
    }

    fn replay(&self, inputs: Vec<Input>) {
        self.run(FileSource::new(inputs, Arc::new(NoProgress)));
    }

    fn open(&self, read: impl AsyncFnOnce(PipelineLake)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            read(PipelineLake::open_existing(&self.lake(), "return-to-work").await.unwrap()).await;
        });
    }

    /// The offsets in the ledger: every line of these tests is a reject.
    fn offsets(&self) -> Vec<i64> {
        let mut offsets = Vec::new();
        self.open(async |lake| {
            offsets = lake.rejects().await.unwrap().iter().map(|row| row.offset.0).collect();
        });
        offsets
    }

    fn next_offset(&self, partition: &TopicPartition) -> Option<Offset> {
        let mut next = None;
        self.open(async |lake| next = lake.next_offset(partition).await.unwrap());
        next
    }
}

/// The lines of a content from `begin` on with their offsets, and the offset behind all of them.
fn lines(content: &[u8], begin: i64) -> (Vec<(i64, Vec<u8>)>, i64) {
    let mut blocks = Blocks::new(content);
    let partition = TopicPartition { topic: "file:f".into(), partition: 0 };
    let (mut found, mut offset) = (Vec::new(), Offset(0));
    while let Some(block) = blocks.next().unwrap() {
        let mut batch = RecordBatch::of_bytes(partition.clone(), block);
        offset = cut(&mut batch, offset, Offset(begin), EventTime::from_seconds(0));
        let value = |record| batch.value(record).unwrap().to_vec();
        found.extend(batch.records.iter().map(|record| (record.offset.0, value(record))));
    }
    (found, offset.0)
}

fn all_lines(content: &[u8]) -> (Vec<(i64, Vec<u8>)>, i64) {
    lines(content, 0)
}

#[test]
fn a_line_ends_at_its_break_and_the_last_at_the_end() {
    let line = |offset: i64, text: &[u8]| (offset, text.to_vec());
    assert_eq!(all_lines(b""), (vec![], 0));
    assert_eq!(all_lines(b"a\nb"), (vec![line(0, b"a"), line(1, b"b")], 2));
    assert_eq!(all_lines(b"a\n\nb\n"), (vec![line(0, b"a"), line(2, b"b")], 3));
    assert_eq!(all_lines(b"a\r\n"), (vec![line(0, b"a\r")], 1));
    assert_eq!(all_lines(b"\xff\x00\n"), (vec![line(0, b"\xff\x00")], 1));
    assert_eq!(lines(b"a\nb\nc", 1), (vec![line(1, b"b"), line(2, b"c")], 3));
}

/// Where a block ends says nothing about where a line does.
#[test]
fn lines_are_the_same_wherever_blocks_end() {
    for length in [BLOCK_BYTES - 2, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 2 * BLOCK_BYTES]
    {
        for end in ["", "\n", "\ny", "\ny\n"] {
            let content = format!("{}{end}", "x".repeat(length));
            let expected: Vec<_> = content.lines().map(|line| line.as_bytes().to_vec()).collect();
            let (found, behind) = all_lines(content.as_bytes());
            assert_eq!(behind, expected.len() as i64, "{length} {end:?}");
            let found: Vec<_> = found.into_iter().map(|(_, line)| line).collect();
            assert!(found == expected, "{length} {end:?}");
        }
    }
}

#[test]
fn a_file_is_the_topic_that_its_content_names() {
    let desk = Desk::new();
    let topic = |input: &Input| input.partition().topic.to_string();
    let one = desk.file("one", "x\n");
    assert_eq!(topic(&one), topic(&desk.file("copy", "x\n")));
    assert_ne!(topic(&one), topic(&desk.file("other", "x")));
    assert_eq!(one.partition().partition, 0);
    assert!(one.partition().is_file());
    assert_eq!(topic(&one).len(), "file:".len() + 32);
    assert_eq!(one.bytes(), 2);
}

#[test]
fn blank_lines_are_no_records_but_count_as_lines() {
    let desk = Desk::new();
    let input = desk.file("f", "\nx\n  \t\r\n\r\nx\r\nx\n\n");
    let partition = input.partition();
    desk.replay(vec![input]);
    assert_eq!(desk.offsets(), [1, 4, 5]);
    assert_eq!(desk.next_offset(&partition), Some(Offset(6)));
}

#[test]
fn a_file_of_nothing_but_blank_lines_is_no_record_at_all() {
    let desk = Desk::new();
    desk.replay(vec![desk.file("empty", ""), desk.file("blank", "\n\n \n")]);
    assert_eq!(desk.offsets(), Vec::<i64>::new());
}

#[test]
fn the_same_content_is_never_counted_twice() {
    let desk = Desk::new();
    desk.replay(vec![desk.file("one", "x\nx\n"), desk.file("two", "x\nx\n")]);
    desk.replay(vec![desk.file("three", "x\nx\n")]);
    assert_eq!(desk.offsets(), [0, 1]);
}

#[test]
fn files_are_told_apart_by_content() {
    let desk = Desk::new();
    desk.replay(vec![desk.file("one", "x\n"), desk.file("two", "y\n")]);
    assert_eq!(desk.offsets(), [0, 0]);
}

#[test]
fn a_replay_goes_on_where_the_ledger_ends() {
    let desk = Desk::new();
    let input = desk.file("f", "x\n\nx\nx\nx\n");
    let mut begun = RecordBatch::new(input.partition());
    for offset in [0, 2] {
        begun.push(Offset(offset), input.modified(), Some(b"x"), Vec::new());
    }
    desk.run(MemorySource(vec![begun]));
    assert_eq!(desk.offsets(), [0, 2]);
    desk.replay(vec![input]);
    assert_eq!(desk.offsets(), [0, 2, 3, 4]);
}

#[test]
fn lines_longer_than_a_batch_are_records_like_any_other() {
    let desk = Desk::new();
    let long = "x".repeat(BLOCK_BYTES + 1);
    desk.replay(vec![desk.file("f", format!("x\n{long}\nx\n{long}"))]);
    assert_eq!(desk.offsets(), [0, 1, 2, 3]);
}

#[test]
fn a_file_that_grows_while_it_is_replayed_is_read_as_far_as_it_was_named() {
    let desk = Desk::new();
    let input = desk.file("f", "x\nx\n");
    let partition = input.partition();
    fs::write(desk.path("f"), "x\nx\nx\nhalf a li").unwrap();
    desk.replay(vec![input]);
    assert_eq!(desk.next_offset(&partition), Some(Offset(2)));
    assert_eq!(desk.offsets(), [0, 1]);
}

fn refused(path: &std::path::Path) -> String {
    let error = Error::from(Input::file(path).err().unwrap());
    assert_eq!(error.kind(), ErrorKind::Source);
    error.to_string()
}

#[test]
fn what_cannot_be_read_is_named() {
    let desk = Desk::new();
    assert_eq!(
        refused(std::path::Path::new("/no/such/file")),
        "cannot read /no/such/file: No such file or directory (os error 2)"
    );
    let folder = desk.folder.path();
    assert_eq!(
        refused(folder),
        format!("cannot read {}: Is a directory (os error 21)", folder.display())
    );
}

/// A pipe can be read once, and a file is read twice: to name it, then to replay it.
#[test]
fn a_pipe_is_no_file() {
    let desk = Desk::new();
    let pipe = desk.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let told = std::thread::scope(|scope| {
        let written = scope.spawn(|| _ = fs::write(&pipe, "x\n"));
        let told = refused(&pipe);
        written.join().unwrap();
        told
    });
    assert_eq!(
        told,
        format!(
            "cannot read {}: it is a pipe: write it to standard input, and name `-`",
            pipe.display()
        )
    );
}
