//! A bar past the first second of a simulation, and how fast it went.

use arbos::{
    prices::{Row, Simulation},
    vectors::InputError,
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{
    io::IsTerminal,
    time::{Duration, Instant},
};

/// Seconds simulated between two looks at the clock.
const STEP: u64 = 1_024;

/// Runs a simulation, gives each row away, and says how fast it went.
pub(super) fn run(simulation: &Simulation, row: impl FnMut(Row)) -> Result<(), InputError> {
    let bar = ProgressBar::with_draw_target(Some(simulation.seconds), ProgressDrawTarget::hidden());
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent:>3}% {elapsed} {wide_msg}") {
        bar.set_style(style);
    }
    bar.set_message(simulation.model.name());
    let start = now();
    let show = |second: u64| {
        if second.is_multiple_of(STEP) {
            if bar.is_hidden() && since(start) > Duration::from_secs(1) && std::io::stderr().is_terminal() {
                bar.set_draw_target(ProgressDrawTarget::stderr());
            }
            bar.set_position(second);
        }
    };
    let outcome = simulation.run(row, show);
    bar.finish_and_clear();
    outcome?;
    let blocks = simulation.seconds.saturating_mul(simulation.blocks_per_second);
    let (seconds, rate) = rate(blocks, since(start));
    eprintln!("{}: {blocks} blocks in {seconds:.1} s, {rate:.0} a second", simulation.model.name());
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the program says how fast it was")]
fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "the program says how fast it was")]
fn since(start: Instant) -> Duration {
    start.elapsed()
}

/// Seconds, and blocks a second.
#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn rate(blocks: u64, time: Duration) -> (f64, f64) {
    let seconds = time.as_secs_f64().max(1e-9);
    (seconds, blocks as f64 / seconds)
}
