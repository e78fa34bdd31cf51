//! `arbos replay --bench`: how fast blocks are made.
//!
//! Only production is timed: parsing, senders, execution, root. Files are read beforehand, and each is first run against what is
//! expected of it; what does not pass is not timed.

use crate::{print::Printer, replay::run_file};
use arbos::{
    Error,
    vectors::{InputError, Options, Production, Verdict, Work},
};
use serde_json::{Map, Value};
use std::{
    fmt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Times all files, one after the other.
pub(crate) fn run(files: &[PathBuf], options: &Options, rounds: u32, printer: &mut Printer) {
    for path in files {
        let report = run_file(path, options, &|_, _| {});
        let passed = report.error.is_none() && report.cases.iter().all(|case| case.verdict == Verdict::Passed);
        printer.file(path, &report);
        if passed {
            match time(path, options, rounds) {
                Ok(Some(timing)) => printer.timing(path, &timing),
                Ok(None) => {}
                Err(error) => printer.bad_input(&error),
            }
        }
    }
}

/// Times a file, if it holds a chain.
fn time(path: &Path, options: &Options, rounds: u32) -> Result<Option<Timing>, InputError> {
    let Some(production) = Production::read(path, options.stop_at)? else { return Ok(None) };
    let run = || round(&production).map_err(|error| InputError::of_file(path, error));
    let mut times = Vec::new();
    let mut work = Work::default();
    for _ in 0..rounds {
        let (made, time) = run()?;
        work = made;
        times.push(time);
    }
    times.sort();
    let best = times.first().copied().unwrap_or_default();
    Ok(Some(Timing { work, rounds, best, median: times.get(times.len() / 2).copied().unwrap_or_default() }))
}

/// Makes all blocks once. The genesis before is not timed.
#[expect(clippy::disallowed_methods, reason = "a bench reads the clock, blocks do not")]
fn round(production: &Production) -> Result<(Work, Duration), Error> {
    let mut chain = production.chain()?;
    let mut work = Work::default();
    let start = Instant::now();
    chain.produce_all(production.messages(), |block| work += block.work())?;
    Ok((work, start.elapsed()))
}

/// How long work took.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Timing {
    work: Work,
    rounds: u32,
    best: Duration,
    median: Duration,
}

impl Timing {
    /// Adds the work of another file.
    pub(crate) fn add(&mut self, other: &Self) {
        self.work += other.work;
        self.rounds = self.rounds.max(other.rounds);
        self.best += other.best;
        self.median += other.median;
    }

    /// All figures by name.
    pub(crate) fn object(&self) -> Map<String, Value> {
        let (best, median) = (Rates::of(&self.work, self.best), Rates::of(&self.work, self.median));
        let fields: [(&str, Value); 12] = [
            ("rounds", self.rounds.into()),
            ("blocks", self.work.blocks.into()),
            ("transactions", self.work.transactions.into()),
            ("gas", self.work.gas.into()),
            ("seconds", self.best.as_secs_f64().into()),
            ("blocks_per_second", best.blocks.into()),
            ("tx_per_second", best.transactions.into()),
            ("mgas_per_second", best.mgas.into()),
            ("median_seconds", self.median.as_secs_f64().into()),
            ("median_blocks_per_second", median.blocks.into()),
            ("median_tx_per_second", median.transactions.into()),
            ("median_mgas_per_second", median.mgas.into()),
        ];
        fields.into_iter().map(|(name, value)| (name.into(), value)).collect()
    }
}

impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (best, median) = (Rates::of(&self.work, self.best), Rates::of(&self.work, self.median));
        write!(
            f,
            "{best} in {:.1?}, the best of {} rounds; median {median} in {:.1?}",
            self.best, self.rounds, self.median
        )
    }
}

/// Work in a second.
#[derive(Debug, Clone, Copy)]
struct Rates {
    blocks: f64,
    transactions: f64,
    mgas: f64,
}

impl Rates {
    fn of(work: &Work, time: Duration) -> Self {
        // A time too short to be measured says nothing.
        let seconds = time.as_secs_f64().max(1e-9);
        #[expect(clippy::cast_precision_loss, reason = "figures for people")]
        let rate = |amount: u64| amount as f64 / seconds;
        Self { blocks: rate(work.blocks), transactions: rate(work.transactions), mgas: rate(work.gas) / 1e6 }
    }
}

impl fmt::Display for Rates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0} blocks/s, {:.0} tx/s, {:.1} Mgas/s", self.blocks, self.transactions, self.mgas)
    }
}
