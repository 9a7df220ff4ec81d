//! The promises under a power cut: tried after every operation, for all that the cut may spare.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use super::super::disk::Disk;
use super::super::failure::Failure;
use super::super::protocol::IfThere::{Refuse, Replace};
use super::super::temporary::is_temporary;
use super::super::writer::Writer;
use super::lossy::{LossyDisk, Survivors};

const OBJECT: &str = "/lake/area=1/object";
const OTHER: &str = "/lake/area=2/other";
const OLD: [&[u8]; 2] = [b"how it ", b"was"];
const NEW: [&[u8]; 3] = [b"how ", b"it ", b"will be"];

/// What an object may be after a power cut, and where.
type Allowed = dyn Fn(bool, &Seen) -> bool;

/// The objects that survived, without the temporaries.
struct Seen(Survivors);

impl Seen {
    /// Whether exactly these objects are there, and whole.
    fn is(&self, objects: &[(&str, &[&[u8]])]) -> bool {
        let expected = objects.iter().map(|(path, chunks)| (PathBuf::from(path), chunks.concat()));
        self.0 == expected.collect::<Survivors>()
    }
}

/// A deed, what was there before it, and what may be there after it.
struct Scenario<'a> {
    before: &'a dyn Fn(&Writer, &LossyDisk),
    deed: &'a dyn Fn(&Writer, &LossyDisk) -> Result<(), Failure>,
    /// Given whether the deed reported success.
    allowed: &'a Allowed,
    ignores: Option<&'static str>,
}

impl Scenario<'_> {
    /// Cuts the power after every number of operations; tells each loss that was possible then.
    fn losses(&self) -> Vec<String> {
        let mut losses = Vec::new();
        for operations in 0.. {
            let (writer, disk) = writer_on_lossy_disk();
            (self.before)(&writer, &disk);
            disk.cut_power_after(operations, self.ignores);
            let is_ok = (self.deed)(&Writer::new(Arc::new(disk.clone())), &disk).is_ok();
            let crashes = disk.crashes().into_iter().map(objects);
            losses.extend(
                crashes
                    .filter(|seen| !(self.allowed)(is_ok, seen))
                    .map(|seen| format!("ok: {is_ok}, after {:?}: {:?}", disk.log(), seen.0)),
            );
            if !disk.is_off() {
                assert!(operations > 0, "the deed did nothing");
                break;
            }
        }
        losses
    }

    #[track_caller]
    fn must_not_lose(&self) {
        assert_eq!(self.losses(), Vec::<String>::new());
    }
}

fn writer_on_lossy_disk() -> (Writer, LossyDisk) {
    let disk = LossyDisk::default();
    (Writer::new(Arc::new(disk.clone())), disk)
}

fn objects(survivors: Survivors) -> Seen {
    let is_object = |path: &Path| !is_temporary(path.file_name().unwrap().to_str().unwrap());
    Seen(survivors.into_iter().filter(|(path, _)| is_object(path)).collect())
}

fn chunks(content: &[&'static [u8]]) -> Vec<Bytes> {
    content.iter().map(|chunk| Bytes::from_static(chunk)).collect()
}

fn nothing(_: &Writer, _: &LossyDisk) {}

fn old_object(writer: &Writer, _: &LossyDisk) {
    writer.put(&chunks(&OLD), Path::new(OBJECT), Refuse).unwrap();
}

fn create(writer: &Writer, _: &LossyDisk) -> Result<(), Failure> {
    writer.put(&chunks(&NEW), Path::new(OBJECT), Refuse)
}

fn overwrite(writer: &Writer, _: &LossyDisk) -> Result<(), Failure> {
    writer.put(&chunks(&NEW), Path::new(OBJECT), Replace)
}

fn absent_or_new(is_ok: bool, seen: &Seen) -> bool {
    seen.is(&[(OBJECT, &NEW)]) || (!is_ok && seen.is(&[]))
}

fn old_or_new(is_ok: bool, seen: &Seen) -> bool {
    seen.is(&[(OBJECT, &NEW)]) || (!is_ok && seen.is(&[(OBJECT, &OLD)]))
}

fn scenario<'a>(
    before: &'a dyn Fn(&Writer, &LossyDisk),
    deed: &'a dyn Fn(&Writer, &LossyDisk) -> Result<(), Failure>,
    allowed: &'a Allowed,
) -> Scenario<'a> {
    Scenario { before, deed, allowed, ignores: None }
}

#[test]
fn a_power_cut_never_leaves_half_an_object_nor_forgets_a_created_one() {
    scenario(&nothing, &create, &absent_or_new).must_not_lose();
}

#[test]
fn a_power_cut_while_overwriting_leaves_the_old_or_the_new_object() {
    scenario(&nothing, &overwrite, &absent_or_new).must_not_lose();
    scenario(&old_object, &overwrite, &old_or_new).must_not_lose();
}

#[test]
fn an_object_that_was_there_survives_a_refused_creation() {
    let old_only = |is_ok: bool, seen: &Seen| !is_ok && seen.is(&[(OBJECT, &OLD)]);
    scenario(&old_object, &create, &old_only).must_not_lose();
}

#[test]
fn folders_within_new_folders_survive_with_the_object() {
    const DEEP: &str = "/a/b/c/d/e/object";
    let create =
        |writer: &Writer, _: &LossyDisk| writer.put(&chunks(&NEW), Path::new(DEEP), Refuse);
    let allowed = |is_ok: bool, seen: &Seen| seen.is(&[(DEEP, &NEW)]) || (!is_ok && seen.is(&[]));
    scenario(&nothing, &create, &allowed).must_not_lose();
}

#[test]
fn a_folder_that_somebody_else_made_but_never_synced_is_made_durable_too() {
    let folder_in_doubt = |writer: &Writer, disk: &LossyDisk| {
        writer.settle(Path::new("/lake")).unwrap();
        disk.create_folder(Path::new("/lake/area=1")).unwrap();
    };
    scenario(&folder_in_doubt, &create, &absent_or_new).must_not_lose();
}

#[test]
fn only_a_folder_we_found_may_lie_in_one_that_we_cannot_sync() {
    let (writer, disk) = writer_on_lossy_disk();
    disk.create_folder(Path::new("/lake")).unwrap();
    disk.lock(Path::new("/"));
    create(&writer, &disk).unwrap();

    let made_by_us = writer.settle(Path::new("/new")).unwrap_err().to_string();
    assert!(made_by_us.contains("sync folder /"), "{made_by_us}");
}

#[test]
fn parts_written_in_any_order_survive_as_one_object() {
    let upload = |writer: &Writer, _: &LossyDisk| {
        let mut draft = writer.begin(Path::new(OBJECT))?;
        for (offset, nth) in [(7, 2), (0, 0), (4, 1)] {
            let written = draft.file.write_at(offset, &chunks(&NEW)[nth..=nth]);
            written.map_err(Failure::to("write", &draft.path))?;
        }
        writer.publish(draft, Path::new(OBJECT))
    };
    scenario(&nothing, &upload, &absent_or_new).must_not_lose();
    scenario(&old_object, &upload, &old_or_new).must_not_lose();
}

#[test]
fn a_power_cut_while_copying_keeps_the_source_and_never_half_a_copy() {
    let allowed = |is_ok: bool, seen: &Seen| {
        seen.is(&[(OBJECT, &OLD), (OTHER, &OLD)]) || (!is_ok && seen.is(&[(OBJECT, &OLD)]))
    };
    for if_there in [Refuse, Replace] {
        let copy = |writer: &Writer, _: &LossyDisk| {
            writer.copy(Path::new(OBJECT), Path::new(OTHER), if_there)
        };
        scenario(&old_object, &copy, &allowed).must_not_lose();
    }
}

#[test]
fn a_copy_lasts_even_if_its_source_was_never_synced() {
    let source_in_doubt = |writer: &Writer, disk: &LossyDisk| {
        writer.settle(Path::new("/lake/area=1")).unwrap();
        disk.write_new(Path::new(OBJECT), &chunks(&OLD)).unwrap();
    };
    let copy =
        |writer: &Writer, _: &LossyDisk| writer.copy(Path::new(OBJECT), Path::new(OTHER), Refuse);
    let copy_lasts =
        |is_ok: bool, seen: &Seen| !is_ok || seen.0.get(Path::new(OTHER)) == Some(&OLD.concat());
    scenario(&source_in_doubt, &copy, &copy_lasts).must_not_lose();
}

#[test]
fn a_power_cut_while_renaming_never_loses_both_names() {
    let allowed = |is_ok: bool, seen: &Seen| {
        let moving = [(OBJECT, &OLD[..]), (OTHER, &OLD[..])];
        seen.is(&moving[1..]) || (!is_ok && (seen.is(&moving) || seen.is(&moving[..1])))
    };
    for if_there in [Refuse, Replace] {
        let rename = |writer: &Writer, _: &LossyDisk| {
            writer.rename(Path::new(OBJECT), Path::new(OTHER), if_there)
        };
        scenario(&old_object, &rename, &allowed).must_not_lose();
    }
}

#[test]
fn what_was_deleted_does_not_come_back() {
    let delete = |writer: &Writer, _: &LossyDisk| writer.delete(Path::new(OBJECT));
    let allowed = |is_ok: bool, seen: &Seen| seen.is(&[]) || (!is_ok && seen.is(&[(OBJECT, &OLD)]));
    scenario(&old_object, &delete, &allowed).must_not_lose();
}

#[test]
fn the_loser_hears_of_the_winner_only_once_the_winner_is_durable() {
    let (writer, disk) = writer_on_lossy_disk();
    writer.settle(Path::new("/lake/area=1")).unwrap();
    let mut winner = disk.write_new(Path::new("/lake/area=1/draft"), &chunks(&OLD)).unwrap();
    winner.sync().unwrap();
    disk.link(Path::new("/lake/area=1/draft"), Path::new(OBJECT)).unwrap();
    assert_eq!(disk.crash().get(Path::new(OBJECT)), None);

    let lost = create(&writer, &disk);

    assert!(matches!(lost, Err(Failure::AlreadyExists { .. })), "{lost:?}");
    assert_eq!(disk.crash().get(Path::new(OBJECT)), Some(&OLD.concat()));
}

#[test]
fn an_object_is_written_then_synced_then_named_and_then_its_folder_is_synced() {
    let (writer, disk) = writer_on_lossy_disk();
    writer.settle(Path::new("/lake/area=1")).unwrap();

    disk.cut_power_after(usize::MAX, None);
    create(&writer, &disk).unwrap();
    assert_eq!(disk.log(), ["write", "sync_file", "link", "sync_folder", "unlink"]);

    disk.cut_power_after(usize::MAX, None);
    overwrite(&writer, &disk).unwrap();
    assert_eq!(disk.log(), ["write", "sync_file", "rename", "sync_folder", "unlink"]);
}

#[test]
fn a_disk_that_ignores_a_sync_is_found_out() {
    for ignores in ["sync_file", "sync_folder"] {
        let ignores = Some(ignores);
        let creation = Scenario { ignores, ..scenario(&nothing, &create, &absent_or_new) };
        assert!(!creation.losses().is_empty(), "creation, {ignores:?}");
        let overwriting = Scenario { ignores, ..scenario(&old_object, &overwrite, &old_or_new) };
        assert!(!overwriting.losses().is_empty(), "overwriting, {ignores:?}");
    }
}

#[test]
fn a_protocol_in_the_wrong_order_is_found_out() {
    let name_before_content = |writer: &Writer, disk: &LossyDisk| {
        let draft = writer.begin(Path::new(OBJECT))?;
        let all = || -> std::io::Result<()> {
            let mut file = draft.file;
            file.write_at(0, &chunks(&NEW))?;
            disk.link(&draft.path, Path::new(OBJECT))?;
            file.sync()?;
            disk.sync_folder(Path::new("/lake/area=1"))
        };
        all().map_err(Failure::to("write", Path::new(OBJECT)))
    };
    let losses = scenario(&nothing, &name_before_content, &absent_or_new).losses();
    assert!(!losses.is_empty());
    assert!(losses.iter().all(|loss| loss.starts_with("ok: false")), "{losses:?}");
}
