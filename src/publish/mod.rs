//! What the outside sees: /metrics, the API, the probes and the web board, all of them showing the hung boards.
//!
//! Computes nothing: a figure that is not on a board is not here.

mod catalogue;
mod exposition;
mod http;

#[cfg(test)]
mod tests;

pub use exposition::{
    BoardCollector, FAMILIES, SERIES_MOST, exposition, refuse_too_many_series, series_most,
};
pub use http::{Serving, bind, serve};
