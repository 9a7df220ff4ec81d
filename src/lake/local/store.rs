//! The face of the module: an [`ObjectStore`] on a local folder.
//!
//! It deliberately does not know how objects are made durable; it translates paths, options and
//! errors, moves blocking work off the runtime, and hides the temporaries.

use std::fmt;
use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::ready;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::{self, Path};
use object_store::{
    Attributes, CopyMode, CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload,
    ObjectMeta, ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult,
    RenameOptions, RenameTargetMode, Result,
};

use super::blocking;
use super::disk::{Disk, RealDisk};
use super::failure::Failure;
use super::protocol::IfThere;
use super::temporary::is_temporary;
use super::upload::Upload;
use super::writer::Writer;

/// Deletions under way at once; they share the disk's syncs.
const PARALLEL_DELETES: usize = 10;

/// A local folder whose every put, copy, rename and delete is atomic, and durable once it
/// returns. Cheap to clone; several processes may share the folder.
///
/// A put returns no entity tag: ask `head` for it.
#[derive(Clone, Debug)]
pub struct DurableLocal {
    /// Maps paths and reads. It must never write.
    reader: LocalFileSystem,
    writer: Arc<Writer>,
    root: PathBuf,
}

impl DurableLocal {
    /// Opens the folder `root`, and durably creates it if need be. Blocks.
    ///
    /// # Errors
    ///
    /// If `root` cannot be created, synced or read.
    pub fn new(root: &FilePath) -> Result<Self> {
        Self::on(root, Arc::new(RealDisk))
    }

    /// The same on another disk.
    pub(super) fn on(root: &FilePath, disk: Arc<dyn Disk>) -> Result<Self> {
        let root = std::path::absolute(root).map_err(Failure::to("locate", root))?;
        let writer = Arc::new(Writer::new(disk));
        writer.settle(&root)?;
        Ok(Self { reader: LocalFileSystem::new_with_prefix(&root)?, writer, root })
    }

    /// The file of an object that is to be written. Never a temporary: it could not be listed.
    fn file_of(&self, location: &Path) -> Result<PathBuf> {
        let file = self.reader.path_to_filesystem(location)?;
        if is_hidden(location) {
            return Err(path::Error::InvalidPath { path: file }.into());
        }
        Ok(file)
    }

    /// Lets the writer write, off the runtime.
    async fn write(
        &self,
        work: impl FnOnce(&Writer) -> Result<(), Failure> + Send + 'static,
    ) -> Result<()> {
        let writer = Arc::clone(&self.writer);
        blocking::wait_for(move || Ok(work(&writer)?)).await
    }

    async fn delete_one(self, location: Result<Path>) -> Result<Path> {
        let location = location?;
        let file = self.file_of(&location)?;
        self.write(move |writer| writer.delete(&file)).await?;
        Ok(location)
    }

    /// A file has no place for attributes, and to drop them silently would be a lie.
    fn refuse_attributes(&self, attributes: &Attributes) -> Result<()> {
        if attributes.is_empty() { Ok(()) } else { Err(self.not_implemented("attributes")) }
    }

    fn not_implemented(&self, operation: &str) -> Error {
        Error::NotImplemented { operation: operation.into(), implementer: self.to_string() }
    }
}

impl fmt::Display for DurableLocal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DurableLocal({})", self.root.display())
    }
}

#[async_trait]
impl ObjectStore for DurableLocal {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        opts: PutOptions,
    ) -> Result<PutResult> {
        self.refuse_attributes(&opts.attributes)?;
        let if_there = match opts.mode {
            PutMode::Create => IfThere::Refuse,
            PutMode::Overwrite => IfThere::Replace,
            PutMode::Update(_) => return Err(self.not_implemented("conditional update")),
        };
        let file = self.file_of(location)?;
        self.write(move |writer| writer.put(payload.as_ref(), &file, if_there)).await?;
        Ok(PutResult { e_tag: None, version: None })
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.refuse_attributes(&opts.attributes)?;
        let (writer, file) = (Arc::clone(&self.writer), self.file_of(location)?);
        let upload = blocking::wait_for(move || Upload::begin(writer, file)).await?;
        Ok(Box::new(upload))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.reader.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.reader.get_ranges(location, ranges).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let store = self.clone();
        locations
            .map(move |location| store.clone().delete_one(location))
            .buffered(PARALLEL_DELETES)
            .boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        without_temporaries(self.reader.list(prefix))
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        without_temporaries(self.reader.list_with_offset(prefix, offset))
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        let mut listed = self.reader.list_with_delimiter(prefix).await?;
        listed.objects.retain(|object| !is_hidden(&object.location));
        Ok(listed)
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        let if_there = match options.mode {
            CopyMode::Create => IfThere::Refuse,
            CopyMode::Overwrite => IfThere::Replace,
        };
        let (from, to) = (self.file_of(from)?, self.file_of(to)?);
        self.write(move |writer| writer.copy(&from, &to, if_there)).await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        let if_there = match options.target_mode {
            RenameTargetMode::Create => IfThere::Refuse,
            RenameTargetMode::Overwrite => IfThere::Replace,
        };
        let (from, to) = (self.file_of(from)?, self.file_of(to)?);
        self.write(move |writer| writer.rename(&from, &to, if_there)).await
    }
}

fn without_temporaries(
    objects: BoxStream<'static, Result<ObjectMeta>>,
) -> BoxStream<'static, Result<ObjectMeta>> {
    objects.try_filter(|object| ready(!is_hidden(&object.location))).boxed()
}

fn is_hidden(location: &Path) -> bool {
    location.filename().is_some_and(is_temporary)
}
