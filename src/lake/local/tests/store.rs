//! The object store's face, on a real disk.

use std::future::Future;
use std::sync::Barrier;

use bytes::Bytes;
use futures::TryStreamExt;
use futures::future::try_join_all;
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, Error, GetOptions, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode,
    PutOptions, PutPayload, Result, UpdateVersion,
};
use proptest::prelude::*;
use tempfile::TempDir;

use super::super::DurableLocal;
use super::super::temporary;

fn store() -> (TempDir, DurableLocal) {
    let folder = tempfile::tempdir().unwrap();
    let store = DurableLocal::new(&folder.path().join("the/lake")).unwrap();
    (folder, store)
}

fn wait_for<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

async fn create(store: &DurableLocal, path: &Path, content: &'static str) -> Result<()> {
    store.put_opts(path, content.into(), PutMode::Create.into()).await.map(drop)
}

async fn read(store: &DurableLocal, path: &Path) -> Bytes {
    store.get(path).await.unwrap().bytes().await.unwrap()
}

async fn names(store: &DurableLocal) -> Vec<String> {
    let objects: Vec<ObjectMeta> = store.list(None).try_collect().await.unwrap();
    let mut names: Vec<_> = objects.iter().map(|object| object.location.to_string()).collect();
    names.sort();
    names
}

/// All files under the store's folder, the temporaries too.
fn files(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
}

#[test]
fn of_eight_who_race_for_one_name_exactly_one_wins() {
    let (folder, store) = store();
    for round in 0..20 {
        let path = Path::from(format!("_delta_log/{round:020}.json"));
        let start = Barrier::new(8);
        let race = |runner: u8| {
            start.wait();
            let content = PutPayload::from(vec![runner; 1000]);
            wait_for(store.put_opts(&path, content, PutMode::Create.into()))
        };
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let runners: Vec<_> = (0..8).map(|runner| scope.spawn(move || race(runner))).collect();
            runners.into_iter().map(|runner| runner.join().unwrap()).collect()
        });

        let winner = outcomes.iter().position(Result::is_ok).unwrap();
        let is_lost = |outcome: &Result<_>| matches!(outcome, Err(Error::AlreadyExists { .. }));
        assert_eq!(outcomes.iter().filter(|outcome| is_lost(outcome)).count(), 7, "{outcomes:?}");
        assert_eq!(wait_for(read(&store, &path)), vec![winner as u8; 1000]);
    }
    assert_eq!(files(folder.path()), 20);
}

#[test]
fn what_was_put_is_listed_measured_read_and_deleted() {
    let (_folder, store) = store();
    wait_for(async {
        let (a, b) = (Path::from("top"), Path::from("x/y=1/deep"));
        create(&store, &a, "0123456789").await.unwrap();
        store.put(&b, "first".into()).await.unwrap();
        store.put(&b, "second".into()).await.unwrap();

        assert_eq!(names(&store).await, ["top", "x/y=1/deep"]);
        let after: Vec<_> = store.list_with_offset(None, &a).try_collect().await.unwrap();
        assert_eq!(after.len(), 1);
        let listed = store.list_with_delimiter(None).await.unwrap();
        assert_eq!(listed.common_prefixes, [Path::from("x")]);
        assert_eq!(listed.objects, [store.head(&a).await.unwrap()]);
        assert_eq!(store.head(&a).await.unwrap().size, 10);
        assert_eq!(read(&store, &b).await, "second");
        assert_eq!(store.get_range(&a, 2..5).await.unwrap(), "234");
        assert_eq!(store.get_ranges(&a, &[0..1, 8..10]).await.unwrap(), ["0", "89"]);
        let suffix =
            GetOptions { range: Some(object_store::GetRange::Suffix(3)), ..Default::default() };
        assert_eq!(store.get_opts(&a, suffix).await.unwrap().bytes().await.unwrap(), "789");

        store.delete(&b).await.unwrap();
        assert!(matches!(store.delete(&b).await, Err(Error::NotFound { .. })));
        assert!(matches!(store.get(&b).await, Err(Error::NotFound { .. })));
        assert_eq!(names(&store).await, ["top"]);
    });
}

#[test]
fn temporaries_are_neither_listed_nor_written_to_by_name() {
    let (folder, store) = store();
    let leftover = temporary::beside(&folder.path().join("the/lake/object"));
    std::fs::write(&leftover, "half an ob").unwrap();
    let name = Path::from(leftover.file_name().unwrap().to_str().unwrap());
    wait_for(async {
        create(&store, &Path::from("object"), "whole").await.unwrap();
        assert_eq!(names(&store).await, ["object"]);
        let before_all = Path::from("!");
        let after: Vec<_> = store.list_with_offset(None, &before_all).try_collect().await.unwrap();
        assert_eq!(after.len(), 1);
        assert_eq!(store.list_with_delimiter(None).await.unwrap().objects.len(), 1);

        let refused = store.put(&name, "mine".into()).await;
        assert!(matches!(refused, Err(Error::InvalidPath { .. })), "{refused:?}");
        assert!(matches!(store.delete(&name).await, Err(Error::InvalidPath { .. })));
    });
}

#[test]
fn copies_and_renames_respect_or_replace_what_is_there() {
    let (folder, store) = store();
    wait_for(async {
        let [a, b, c] = ["one/a", "two/b", "three/c"].map(Path::from);
        create(&store, &a, "A").await.unwrap();
        create(&store, &b, "B").await.unwrap();

        let taken = store.copy_if_not_exists(&a, &b).await;
        assert!(matches!(taken, Err(Error::AlreadyExists { .. })), "{taken:?}");
        let taken = store.rename_if_not_exists(&a, &b).await;
        assert!(matches!(taken, Err(Error::AlreadyExists { .. })), "{taken:?}");
        let missing = store.copy(&c, &a).await;
        assert!(matches!(missing, Err(Error::NotFound { .. })), "{missing:?}");
        assert_eq!((read(&store, &a).await, read(&store, &b).await), ("A".into(), "B".into()));

        store.rename_if_not_exists(&a, &c).await.unwrap();
        store.copy(&c, &b).await.unwrap();
        store.copy(&c, &b).await.unwrap();
        assert_eq!(read(&store, &b).await, "A");
        store.put(&c, "C".into()).await.unwrap();
        assert_eq!(read(&store, &b).await, "A", "a copy must not follow its source");
        store.rename(&c, &b).await.unwrap();
        store.rename(&b, &b).await.unwrap();
        assert_eq!(read(&store, &b).await, "C");
        assert_eq!(names(&store).await, ["two/b"]);
    });
    assert_eq!(files(folder.path()), 1);
}

#[test]
fn an_upload_appears_whole_or_not_at_all() {
    let (folder, store) = store();
    let path = Path::from("big/file.parquet");
    wait_for(async {
        let mut upload = store.put_multipart(&path).await.unwrap();
        let parts = ["to", "get", "her"].map(|part| upload.put_part(part.into()));
        try_join_all(parts.into_iter().rev()).await.unwrap();
        assert_eq!(names(&store).await, Vec::<String>::new());
        upload.complete().await.unwrap();
        assert_eq!(read(&store, &path).await, "together");
        assert!(upload.put_part("more".into()).await.is_err());
        assert!(upload.abort().await.is_err());

        let mut aborted = store.put_multipart(&path).await.unwrap();
        aborted.put_part("never".into()).await.unwrap();
        aborted.abort().await.unwrap();
        assert!(aborted.complete().await.is_err());

        let mut holed = store.put_multipart(&path).await.unwrap();
        drop(holed.put_part("never polled".into()));
        holed.put_part("polled".into()).await.unwrap();
        assert!(holed.complete().await.is_err());

        drop(store.put_multipart(&path).await.unwrap());
        assert_eq!(read(&store, &path).await, "together");
    });
    // The runtime is gone, and with it all work that a destructor started.
    assert_eq!(files(folder.path()), 1);
}

#[test]
fn what_a_folder_cannot_do_is_refused() {
    let (_folder, store) = store();
    let path = Path::from("object");
    let update = PutMode::Update(UpdateVersion { e_tag: None, version: None });
    let attributes = Attributes::from_iter([(Attribute::ContentType, "text/plain")]);
    for opts in [PutOptions::from(update), PutOptions::from(attributes)] {
        let refused = wait_for(store.put_opts(&path, "x".into(), opts));
        assert!(matches!(refused, Err(Error::NotImplemented { .. })), "{refused:?}");
    }
    assert_eq!(wait_for(names(&store)), Vec::<String>::new());
}

#[test]
fn a_folder_removed_under_us_is_made_again() {
    let (folder, store) = store();
    wait_for(async {
        create(&store, &Path::from("x/y/one"), "1").await.unwrap();
        std::fs::remove_dir_all(folder.path().join("the/lake/x")).unwrap();
        create(&store, &Path::from("x/y/two"), "2").await.unwrap();
        assert_eq!(names(&store).await, ["x/y/two"]);
    });
}

#[test]
fn a_failure_names_the_file_and_the_cause() {
    let (_folder, store) = store();
    wait_for(create(&store, &Path::from("file"), "")).unwrap();
    let error = wait_for(create(&store, &Path::from("file/below"), "")).unwrap_err().to_string();
    assert!(error.contains("the/lake/file"), "{error}");
    assert!(error.contains("Not a directory"), "{error}");
}

#[test]
fn it_works_without_a_runtime_and_after_reopening() {
    let (folder, store) = store();
    let path = Path::from("object");
    let put = create(&store, &path, "here");
    let waker = std::task::Waker::noop();
    let polled = std::pin::pin!(put).poll(&mut std::task::Context::from_waker(waker));
    assert!(polled.is_ready());

    let reopened = DurableLocal::new(&folder.path().join("the/lake")).unwrap();
    assert_eq!(wait_for(read(&reopened, &path)), "here");
    assert!(reopened.to_string().contains("the/lake"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_name_and_any_content_come_back(
        // No colon: `LocalFileSystem` takes a final `a:` for a Windows drive, and so for a folder.
        parts in prop::collection::vec("[a-zäß水 %=+&?.]{1,40}", 1..4),
        content in prop::collection::vec(any::<u8>(), 0..2000),
    ) {
        let (_folder, store) = store();
        let path = Path::from_iter(parts);
        wait_for(store.put(&path, content.clone().into())).unwrap();
        prop_assert_eq!(wait_for(read(&store, &path)), content);
        prop_assert_eq!(wait_for(names(&store)), [path.to_string()]);
    }
}
