//! Progress on standard error, where somebody watches.

use indicatif::{ProgressBar, ProgressStyle};

use crate::source::files::Progress;

/// A bar over bytes. Where standard error is no terminal, it draws nothing.
pub fn bytes(total: u64) -> ProgressBar {
    styled(total, "{elapsed_precise} {wide_bar} {bytes}/{total_bytes} {eta}")
}

/// A bar over records with a message behind it.
pub fn records(total: u64) -> ProgressBar {
    styled(total, "{elapsed_precise} {bar:24} {human_pos}/{human_len}  {wide_msg}")
}

/// How many records so far, where nobody knows how many there will be.
pub fn counting() -> ProgressBar {
    styled(0, "{elapsed_precise} {human_pos}")
}

fn styled(total: u64, template: &str) -> ProgressBar {
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(total).with_style(style)
}

impl Progress for ProgressBar {
    fn advance(&self, bytes: u64) {
        self.inc(bytes);
    }
}
