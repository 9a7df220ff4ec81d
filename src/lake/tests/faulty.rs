//! An object store in memory that fails as it is told: before an effect, after it (the answer is lost), or for ever (the
//! process is dead).

use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, ObjectStoreExt, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult,
    Result,
};
use tokio::sync::{Notify, watch};

/// What becomes of one operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It is done and answered.
    Works,
    /// It fails and changes nothing.
    FailsBefore,
    /// It is done, and the answer is lost.
    FailsAfter,
    /// It is refused as if its name were taken, and changes nothing.
    IsRefused,
    /// The process dies before it.
    DiesBefore,
    /// The process dies when it is done.
    DiesAfter,
}

/// Decides the fate of every operation.
pub type Fates = Box<dyn FnMut(&Path) -> Fate + Send>;

/// The store of one process; clones of the objects behind it are another's.
#[derive(Clone)]
pub struct FaultyStore {
    objects: Arc<InMemory>,
    fates: Arc<Mutex<Fates>>,
    life: Arc<Life>,
    /// Whether it overwrites what it is told to create.
    overwrites: bool,
    /// Whether only what changes something can fail.
    reads_work: bool,
    /// Objects that were written three days earlier than they were.
    old: Arc<HashSet<Path>>,
}

#[derive(Default)]
struct Life {
    is_over: AtomicBool,
    ended: Notify,
    buried: watch::Sender<bool>,
}

impl FaultyStore {
    pub fn new(objects: Arc<InMemory>, fates: Fates) -> Self {
        let fates = Arc::new(Mutex::new(fates));
        let (life, old) = (Arc::default(), Arc::default());
        Self { objects, fates, life, overwrites: false, reads_work: false, old }
    }

    /// A store that works, and knows no put-if-absent.
    pub fn overwriting(objects: Arc<InMemory>) -> Self {
        Self { overwrites: true, ..Self::new(objects, Box::new(|_| Fate::Works)) }
    }

    /// A store of which only what changes something can fail.
    pub fn failing_to_change(objects: Arc<InMemory>, fates: Fates) -> Self {
        Self { reads_work: true, ..Self::new(objects, fates) }
    }

    /// The same store, where these objects are three days older.
    pub fn with_old(self, old: Arc<HashSet<Path>>) -> Self {
        Self { old, ..self }
    }

    fn aged(&self, mut object: ObjectMeta) -> ObjectMeta {
        if self.old.contains(&object.location) {
            object.last_modified -= std::time::Duration::from_secs(3 * 86_400);
        }
        object
    }

    async fn decide_read<T>(
        &self,
        path: &Path,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        match self.reads_work && !self.life.is_over.load(Ordering::Relaxed) {
            true => work.await,
            false => self.decide(path, work).await,
        }
    }

    /// Does `work` unless the process dies first: then it is `None`, and nothing it has begun goes on.
    pub async fn unless_dead<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => return Some(done),
            () = self.life.ended.notified() => {}
        }
        // Threads that still wait for the dead process's storage are let go.
        self.life.buried.send_replace(true);
        None
    }

    async fn die<T>(&self) -> Result<T> {
        self.life.is_over.store(true, Ordering::Relaxed);
        self.life.ended.notify_one();
        _ = self.life.buried.subscribe().wait_for(|buried| *buried).await;
        Err(broken())
    }

    async fn decide<T>(&self, path: &Path, work: impl Future<Output = Result<T>>) -> Result<T> {
        if self.life.is_over.load(Ordering::Relaxed) {
            return self.die().await;
        }
        let fate = self.fates.lock().unwrap()(path);
        match fate {
            Fate::Works => work.await,
            Fate::FailsBefore => Err(broken()),
            Fate::IsRefused => {
                let (path, source) = (path.to_string(), "409 conflict".into());
                Err(Error::AlreadyExists { path, source })
            }
            Fate::DiesBefore => self.die().await,
            Fate::FailsAfter => {
                _ = work.await;
                Err(broken())
            }
            Fate::DiesAfter => {
                _ = work.await;
                self.die().await
            }
        }
    }
}

fn broken() -> Error {
    Error::Generic { store: "FaultyStore", source: "503 slow down".into() }
}

impl fmt::Debug for FaultyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FaultyStore")
    }
}

impl fmt::Display for FaultyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FaultyStore")
    }
}

#[async_trait]
impl ObjectStore for FaultyStore {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        mut opts: PutOptions,
    ) -> Result<PutResult> {
        if self.overwrites {
            opts.mode = PutMode::Overwrite;
        }
        self.decide(location, self.objects.put_opts(location, payload, opts)).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.decide(location, self.objects.put_multipart_opts(location, opts)).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let got = self.decide_read(location, self.objects.get_opts(location, options)).await?;
        Ok(GetResult { meta: self.aged(got.meta.clone()), ..got })
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let store = self.clone();
        let delete = move |location: Result<Path>| {
            let store = store.clone();
            async move {
                let location = location?;
                store.decide(&location, store.objects.delete(&location)).await?;
                Ok(location)
            }
        };
        locations.then(delete).boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let (store, prefix) = (self.clone(), prefix.cloned());
        let nothing = Path::from("");
        let listed = async move {
            let aging = store.clone();
            let listed = store.objects.list(prefix.as_ref());
            let answered = async { Ok(listed.map_ok(move |object| aging.aged(object)).boxed()) };
            store
                .decide_read(&nothing, answered)
                .await
                .unwrap_or_else(|error| futures::stream::once(async { Err(error) }).boxed())
        };
        futures::stream::once(listed).flatten().boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.decide_read(&Path::from(""), self.objects.list_with_delimiter(prefix)).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.decide(to, self.objects.copy_opts(from, to, options)).await
    }
}
