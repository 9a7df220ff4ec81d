//! What the module promises, tried on a disk that loses everything it may, and on a real one.
//!
//! `lossy` is that disk, `deadly` one on which the process is killed, `power` the promises under a power cut, `store` the object store's face.

pub(crate) mod deadly;
mod lossy;
mod power;
mod store;
