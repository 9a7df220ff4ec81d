//! What the module promises, tried on a disk that loses everything it may, and on a real one.
//!
//! `lossy` is that disk, `power` the promises under a power cut, `store` the object store's face.

mod lossy;
mod power;
mod store;
