//! How those who report to a pipeline are expected to: when silence is silence, and when nobody expects anything.

use super::Window;

/// A feed that was not heard of for a week is gone: nobody is told of it any more.
pub const FEED_GONE_SECONDS: i64 = 7 * 86_400;

/// What is expected of a pipeline's feeds.
#[derive(Debug)]
pub struct FeedRules {
    /// A feed that was not heard of for so long is silent.
    pub silent_after: Window,
    /// Event types that only say that a feed lives and has nothing to report (零报告).
    pub heartbeats: Vec<String>,
    /// When nobody expects anything.
    pub quiet: Quiet,
}

/// When nobody expects a feed to report.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Quiet {
    /// From this minute of the day to that one, in Shanghai; over midnight where the second is earlier.
    pub hours: Option<[u16; 2]>,
    /// From this day of the season to that one, both included; 1 is 正月初一.
    pub days: Option<[i64; 2]>,
}
