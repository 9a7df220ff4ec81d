//! chunfeng beside the real things: the built program, a Kafka broker, Prometheus, and readers that share no code with
//! it.
//!
//! `cargo test` leaves these tests out; `cargo test --test stack` runs them. They need what
//! `tests/stack/services/install.sh` installs, and fail, saying so, where it is missing. Everything listens on
//! loopback and lives in temporary folders.
//!
//! | module | what |
//! |---|---|
//! | `services` | where the installed services are |
//! | `process` | child processes that never outlive a test, and waiting with an end |
//! | `http` | HTTP in a few lines |
//! | `broker` | a real Kafka broker |
//! | `object_store` | an S3 server with a bucket |
//! | `meddler` | a proxy before it that throttles, hangs and loses answers |
//! | `program` | the built chunfeng with a key and lakes of its own |
//! | `load` | the events: as an NDJSON file and as records |
//! | `python` | the readers in `python/`, asked in JSON |
//! | `kafka` | ten kills, a clean stop, and every record exactly once |
//! | `instances` | several instances give the board of one |
//! | `storm` | all of it while instances, `serve` and the broker are killed, put to sleep and restarted, on and on |
//! | `fleet` | the processes that a storm strikes |
//! | `recovery` | a restart with many entities, beside a plain scan of their snapshot |
//! | `partitions` | a topic that grows, and one that is not keyed by entity |
//! | `buckets` | a lake in a bucket holds what one in a folder does |
//! | `readers` | DuckDB, Polars, PyArrow and deltalake find what was published |
//! | `predicates` | DuckDB and chunfeng agree on what a predicate says |
//! | `dashboards` | Grafana's types, a Prometheus with a spring in it, and pictures |
//! | `up` | the compose stack without Docker |
//! | `containers` | Docker's own loaders take the compose file and the image |
//! | `alerts` | from an event by way of Prometheus and Alertmanager to a webhook |
//! | `prometheus` | a real Prometheus shows what the API shows, and promtool has nothing to add |

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on says so by panicking"
)]

mod alerts;
mod broker;
mod buckets;
#[path = "../support/predicates.rs"]
mod cases;
mod containers;
mod dashboards;
mod fleet;
mod http;
#[path = "../support/http_call.rs"]
mod http_call;
mod instances;
mod kafka;
mod load;
mod meddler;
mod object_store;
mod partitions;
mod predicates;
mod process;
mod program;
mod prometheus;
mod python;
mod readers;
mod recovery;
mod services;
mod springs;
mod storm;
mod up;
