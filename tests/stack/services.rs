//! Where the services are that `services/install.sh` installs. What is missing ends the test with the command that
//! brings it.

use std::env;
use std::path::{Path, PathBuf};

/// Where the cache is unless `CHUNFENG_SERVICES` says otherwise, as in `install.sh`.
const CACHE: &str = "/var/tmp/chunfeng/services";

/// The project's folder.
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder that holds Kafka's jars.
pub fn kafka() -> PathBuf {
    present(cache().join("kafka"), ".complete")
}

/// The script that becomes a Kafka broker.
pub fn kafka_start() -> PathBuf {
    project().join("tests/stack/services/kafka/start.sh")
}

/// The Python that has the readers.
pub fn python() -> PathBuf {
    present(cache().join("python"), ".complete").join("bin/python")
}

/// The folder that holds Grafana's types.
pub fn grafana() -> PathBuf {
    present(cache().join("grafana"), ".complete")
}

/// The promtool of Prometheus 3; that of Debian is of 2.42.
pub fn promtool_3() -> PathBuf {
    present(cache().join("go"), ".complete").join("promtool")
}

/// What loads a compose file and a Dockerfile as Docker does.
pub fn containers() -> PathBuf {
    present(cache().join("go"), ".complete").join("containers")
}

/// The S3 server.
pub fn s3() -> PathBuf {
    python().with_file_name("moto_server")
}

/// A program from a Debian package, such as `promtool`.
pub fn tool(name: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file());
    found.unwrap_or_else(|| missing(name))
}

fn cache() -> PathBuf {
    env::var_os("CHUNFENG_SERVICES").map_or_else(|| CACHE.into(), PathBuf::from)
}

fn present(folder: PathBuf, mark: &str) -> PathBuf {
    if folder.join(mark).is_file() {
        return folder;
    }
    missing(&folder.display().to_string())
}

fn missing(what: &str) -> ! {
    let install = project().join("tests/stack/services/install.sh");
    panic!("{what} is not installed; run this once: {}", install.display())
}
