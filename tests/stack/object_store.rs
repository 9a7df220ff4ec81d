//! An S3 server on loopback with one bucket in its memory, and what the tests look up in it beside chunfeng.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use futures::TryStreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::http;
use crate::process::Process;
use crate::services;

const START: Duration = Duration::from_secs(60);
const BUCKET: &str = "lakes";
/// The server believes whatever is signed.
const CREDENTIALS: [(&str, &str); 2] =
    [("aws_access_key_id", "chunfeng"), ("aws_secret_access_key", "spring2022")];

/// A bucket. It goes, with all that is in it, when it is dropped.
pub struct Bucket {
    address: SocketAddr,
    client: AmazonS3,
    runtime: Runtime,
    _process: Process,
    _folder: TempDir,
}

impl Bucket {
    /// Starts a server and makes a bucket in it.
    pub fn start() -> Self {
        let folder = TempDir::with_prefix("chunfeng-s3-").expect("a folder for the server's log");
        let port = http::free_ports(1);
        let mut command = Command::new(services::s3());
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        let mut process = Process::start("s3", &mut command, folder.path());
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        process.until(START, "it makes a bucket", |_| {
            let (status, _) = http::ask(address, "PUT", &format!("/{BUCKET}"))?;
            (status == 200).then_some(())
        });
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let options = options(address).into_iter();
        let builder = options.fold(AmazonS3Builder::new(), |builder, (name, value)| {
            builder.with_config(name.parse().expect("an option"), value)
        });
        let client = builder.with_bucket_name(BUCKET).build().expect("a client");
        Self { address, client, runtime, _process: process, _folder: folder }
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of something in it.
    pub fn url(&self, name: &str) -> String {
        format!("s3://{BUCKET}/{name}")
    }

    /// The keys of what lies directly below a URL.
    pub fn keys(&self, url: &str) -> Vec<String> {
        let listed = self.runtime.block_on(async {
            let objects: Vec<_> = self.client.list(Some(&key(url))).try_collect().await?;
            Ok::<_, object_store::Error>(objects)
        });
        let listed = listed.expect("a listing of the bucket");
        listed.into_iter().map(|object| self.url(object.location.as_ref())).collect()
    }

    /// An object as text.
    pub fn text(&self, url: &str) -> String {
        let bytes =
            self.runtime.block_on(async { self.client.get(&key(url)).await?.bytes().await });
        String::from_utf8(bytes.expect("an object").to_vec()).expect("an object of text")
    }
}

/// The key of a URL.
fn key(url: &str) -> Path {
    let prefix = format!("s3://{BUCKET}/");
    Path::from(url.strip_prefix(&prefix).expect("a URL in the bucket"))
}

/// How a bucket is reached at an address, under the names that chunfeng and delta-rs share.
pub fn options(address: SocketAddr) -> Vec<(&'static str, String)> {
    let owned = |(name, value): (&'static str, &str)| (name, value.to_owned());
    let mut options: Vec<_> = CREDENTIALS.into_iter().map(owned).collect();
    options.push(("aws_endpoint", format!("http://{address}")));
    options.extend([("aws_allow_http", "true"), ("aws_region", "us-east-1")].map(owned));
    options
}
