//! The progress bar, where there is a terminal to see it.

use crate::image::Loaded;
use arbos::vectors::InputError;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{
    cell::Cell,
    fs,
    io::IsTerminal,
    path::Path,
    time::{Duration, Instant},
};

/// How often the bar is drawn, in milliseconds.
const TICK: u64 = 200;
/// How long work lasts before steps are shown.
const PATIENCE: Duration = Duration::from_secs(1);
/// Steps between two looks at the clock.
const STEPS: u64 = 1 << 22;

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

/// A bar over the steps of a machine; it is there after a second, and only with a terminal.
pub(crate) struct Steps {
    bar: ProgressBar,
    start: Instant,
    shown: bool,
}

impl Steps {
    /// Steps of some work up to the last one, if that is known.
    #[expect(clippy::disallowed_methods, reason = "a bar knows the time, blocks do not")]
    pub(crate) fn new(work: &'static str, last: Option<u64>, shown: bool) -> Self {
        // More steps than anybody waits for say nothing about the end.
        let last = last.filter(|last| *last < 1 << 40);
        let bar = ProgressBar::with_draw_target(last, ProgressDrawTarget::hidden());
        let template = match last {
            Some(_) => "{msg} {bar:40} {human_pos} of {human_len} steps {elapsed}",
            None => "{msg} {spinner} {human_pos} steps {elapsed}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(work);
        Self { bar, start: Instant::now(), shown: shown && std::io::stderr().is_terminal() }
    }

    /// Runs a machine to a step.
    pub(crate) fn run(&self, loaded: &mut Loaded, step: u64) -> Result<(), InputError> {
        self.advance(loaded, step, |Loaded { machine, answers, .. }, step| machine.skip_to(answers, step))
    }

    /// Runs a machine to a step, instruction by instruction.
    pub(crate) fn single(&self, loaded: &mut Loaded, step: u64) -> Result<(), InputError> {
        self.advance(loaded, step, |Loaded { machine, answers, .. }, step| machine.run_to(answers, step))
    }

    fn advance(
        &self,
        loaded: &mut Loaded,
        step: u64,
        run: impl Fn(&mut Loaded, u64) -> Result<(), wavm::MachineError>,
    ) -> Result<(), InputError> {
        while loaded.machine.steps() < step && !loaded.machine.is_halted() {
            let next = loaded.machine.steps().saturating_add(STEPS).min(step);
            let ended = run(loaded, next);
            ended.map_err(|error| loaded.error(&loaded.machine, &error))?;
            self.at(loaded.machine.steps(), None);
        }
        Ok(())
    }

    /// Shows how far it is.
    #[expect(clippy::disallowed_methods, reason = "a bar knows the time, blocks do not")]
    pub(crate) fn at(&self, step: u64, last: Option<u64>) {
        if self.shown && self.bar.is_hidden() && self.start.elapsed() > PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        last.into_iter().for_each(|last| self.bar.set_length(last));
        self.bar.set_position(step);
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

impl Drop for Steps {
    fn drop(&mut self) {
        self.finish();
    }
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}
