//! Speed and size of the machine, as ratios to work of a known kind that is done in the same run.
//!
//! Each figure is the least of several runs, so that neighbours on the machine matter little. The bounds are those that the project
//! holds itself to; a figure beyond its bound is marked. Arguments are parts of names: only figures whose name has one are made.
#![expect(clippy::disallowed_methods, reason = "a bench reads the clock and starts itself again")]

#[path = "machine/hashes.rs"]
mod hashes;
#[path = "machine/loops.rs"]
mod loops;
#[path = "machine/memory.rs"]
mod memory;
#[path = "machine/programs.rs"]
mod programs;

use std::time::Duration;

/// A figure: what was measured, against what.
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) measured: Duration,
    /// What it is compared with, and its time.
    pub(crate) against: (&'static str, Duration),
    /// The highest ratio.
    pub(crate) bound: Option<f64>,
}

/// A name and what makes its figures.
type Part = (&'static str, fn() -> Vec<Figure>);

/// The least time of several runs. What `prepare` makes is not timed.
pub(crate) fn least<T, R>(runs: u32, mut prepare: impl FnMut() -> T, mut run: impl FnMut(T) -> R) -> Duration {
    let times = (0..runs).map(|_| {
        let input = prepare();
        let start = clock();
        let result = std::hint::black_box(run(std::hint::black_box(input)));
        let time = clock().saturating_sub(start);
        drop(result);
        time
    });
    times.min().unwrap_or_default()
}

/// Time that this thread had a processor, so that waiting for neighbours does not count.
#[cfg(all(unix, not(feature = "parallel")))]
fn clock() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.try_into().unwrap_or_default()
}

/// Time by the clock on the wall, since work may be on several threads.
#[cfg(not(all(unix, not(feature = "parallel"))))]
fn clock() -> Duration {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed()
}

impl Figure {
    fn print(&self) {
        let ratio = self.measured.as_secs_f64() / self.against.1.as_secs_f64();
        let bound = match self.bound {
            Some(bound) if ratio > bound => format!(", MISSES {bound}"),
            Some(bound) => format!(", at most {bound}"),
            None => String::new(),
        };
        let Self { name, measured, against: (what, time), .. } = self;
        println!("{name:<44} {measured:>10.2?} {ratio:>9.2} x {what} ({time:.2?}){bound}");
    }
}

fn main() {
    if memory::is_measured_here() {
        return;
    }
    let wanted: Vec<_> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str()));
    let parts: [Part; 3] = [("loops", loops::figures), ("hashes", hashes::figures), ("programs", programs::figures)];
    for (_, figures) in parts.into_iter().filter(|(name, _)| is_wanted(name)) {
        figures().iter().for_each(Figure::print);
    }
    if is_wanted("memory") {
        memory::print();
    }
}
