//! An object that is written in parts, and appears whole when the last one is in.
//!
//! It deliberately does not know how an object appears: that is the protocol's business.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use futures::FutureExt;
use object_store::{Error, MultipartUpload, PutPayload, PutResult, Result, UploadPart};

use super::blocking;
use super::failure::Failure;
use super::protocol::Draft;
use super::writer::Writer;

/// Parts go straight to the draft, each to its place, in whatever order they are polled.
#[derive(Debug)]
pub(super) struct Upload {
    shared: Arc<Shared>,
    /// The length of all parts issued so far, which is where the next one begins.
    issued: u64,
}

#[derive(Debug)]
struct Shared {
    writer: Arc<Writer>,
    target: PathBuf,
    progress: Mutex<Progress>,
}

#[derive(Debug)]
struct Progress {
    /// Gone once the upload is completed or aborted.
    draft: Option<Draft>,
    /// The length of all parts that are in.
    written: u64,
}

impl Upload {
    /// Starts an upload; blocks.
    pub(super) fn begin(writer: Arc<Writer>, target: PathBuf) -> Result<Self> {
        let progress = Progress { draft: Some(writer.begin(&target)?), written: 0 };
        let shared = Shared { writer, target, progress: Mutex::new(progress) };
        Ok(Self { shared: Arc::new(shared), issued: 0 })
    }
}

#[async_trait]
impl MultipartUpload for Upload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let offset = self.issued;
        self.issued += data.content_length() as u64;
        let shared = Arc::clone(&self.shared);
        blocking::wait_for(move || shared.write(offset, &data)).boxed()
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let (shared, issued) = (Arc::clone(&self.shared), self.issued);
        blocking::wait_for(move || shared.complete(issued)).await
    }

    async fn abort(&mut self) -> Result<()> {
        let shared = Arc::clone(&self.shared);
        blocking::wait_for(move || shared.abort()).await
    }
}

/// An upload that is neither completed nor aborted leaves nothing behind.
impl Drop for Upload {
    fn drop(&mut self) {
        let shared = Arc::clone(&self.shared);
        // Taking the draft waits for a part still being written, so not even that happens here.
        blocking::start(move || drop(shared.abort()));
    }
}

impl Shared {
    fn write(&self, offset: u64, data: &PutPayload) -> Result<()> {
        let mut progress = self.progress();
        let draft = progress.draft.as_mut().ok_or_else(|| self.refuse("is over"))?;
        let written = draft.file.write_at(offset, data.as_ref());
        written.map_err(Failure::to("write", &draft.path))?;
        progress.written += data.content_length() as u64;
        Ok(())
    }

    /// A part that failed or was never polled leaves a hole, and a hole is never published.
    fn complete(&self, issued: u64) -> Result<PutResult> {
        let draft = self.take_draft()?;
        if self.progress().written != issued {
            self.writer.discard(draft);
            return Err(self.refuse("lacks a part"));
        }
        self.writer.publish(draft, &self.target)?;
        Ok(PutResult { e_tag: None, version: None })
    }

    fn abort(&self) -> Result<()> {
        self.take_draft().map(|draft| self.writer.discard(draft))
    }

    fn take_draft(&self) -> Result<Draft> {
        self.progress().draft.take().ok_or_else(|| self.refuse("is over"))
    }

    fn refuse(&self, why: &str) -> Error {
        let source = format!("the upload of {} {why}", self.target.display()).into();
        Error::Generic { store: "DurableLocal", source }
    }

    /// A panic while writing a part leaves `written` behind, so `complete` will refuse.
    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
