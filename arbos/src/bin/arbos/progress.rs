//! The progress bar, where there is a terminal to see it.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{cell::Cell, fs, io::IsTerminal, path::Path, time::Duration};

/// How often the bar is drawn, in milliseconds.
const TICK: u64 = 200;

/// A bar over the bytes of all files; hidden without a terminal.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar for files.
    pub(crate) fn new<'a>(files: impl Iterator<Item = &'a Path>, shown: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(files.map(size).sum()), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent:>3}% {elapsed} {wide_msg}") {
            bar.set_style(style);
        }
        if shown && std::io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.enable_steady_tick(Duration::from_millis(TICK));
        }
        Self { bar }
    }

    /// Runs a file, which says how many of its lines are done.
    pub(crate) fn file<T>(&self, path: &Path, run: impl FnOnce(&dyn Fn(usize, usize)) -> T) -> T {
        let (size, before) = (size(path), Cell::new(0));
        self.bar.set_message(super::files::name(path));
        let result = run(&|done, total| {
            let part = size.saturating_mul(done as u64) / (total as u64).max(1);
            self.bar.inc(part.saturating_sub(before.replace(part)));
        });
        self.bar.inc(size.saturating_sub(before.get()));
        result
    }

    /// Prints without disturbing the bar.
    pub(crate) fn around<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}
