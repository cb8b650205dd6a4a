//! Progress on the terminal; nothing when the output is not one.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that counts to `length`.
pub(crate) fn bar(what: &str, length: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:32} {wide_bar} {human_pos}/{human_len} {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length as u64).with_style(style).with_message(what.to_owned())
}

/// A bar over time; set its position in milliseconds.
pub(crate) fn clock(what: &str, length: Duration) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:32} {wide_bar} {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let length = u64::try_from(length.as_millis()).unwrap_or(u64::MAX);
    ProgressBar::new(length).with_style(style).with_message(what.to_owned())
}
