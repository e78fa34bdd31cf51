//! `arbos replay --bench`: how fast blocks are made.
//!
//! Only production is timed: parsing, senders, execution, root. Files are read beforehand, and each is first run against what is
//! expected of it; what does not pass is not timed. Between the rounds one thread recovers signers and does nothing else: what a
//! block takes in recoveries depends on the machine, and on its neighbours, less than what it takes in seconds. Further rounds
//! split the time of a block into its phases.

#[path = "bench/recovery.rs"]
mod recovery;
#[path = "bench/split.rs"]
mod split;

use crate::{print::Printer, replay::run_file};
use arbos::{
    Error,
    vectors::{InputError, Options, Production, Verdict, Work},
};
use recovery::Signatures;
use serde_json::{Map, Value};
use split::Split;
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
    let of_file = |error| InputError::of_file(path, error);
    let signatures = Signatures::new();
    let mut before = signatures.time_of_one(SHORTEST_ROUND);
    let mut paces = Vec::new();
    let mut work = Work::default();
    for _ in 0..rounds {
        let (made, time) = round(&production).map_err(of_file)?;
        let after = signatures.time_of_one(time / 16);
        work = made;
        paces.push(Pace::new(time, (before + after) / 2));
        before = after;
    }
    let best = paces.iter().copied().min_by_key(|pace| pace.time).unwrap_or_default();
    paces.sort_by(|one, other| one.recoveries.total_cmp(&other.recoveries));
    let median = paces.get(paces.len() / 2).copied().unwrap_or_default();
    let split = Split::measure(&production).map_err(of_file)?.unwrap_or_default();
    Ok(Some(Timing { work, rounds, best, median, split }))
}

/// A round lasts this long at least: short chains are made several times, so that a round is no shorter than what it is compared with.
const SHORTEST_ROUND: Duration = Duration::from_millis(10);

/// Makes all blocks, and says how long that took. The genesis before is not timed.
fn round(production: &Production) -> Result<(Work, Duration), Error> {
    let (mut time, mut times) = (Duration::ZERO, 0);
    loop {
        let (work, once) = produce(production)?;
        time += once;
        times += 1;
        if time >= SHORTEST_ROUND || work.blocks == 0 {
            return Ok((work, time / times));
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a bench reads the clock, blocks do not")]
fn produce(production: &Production) -> Result<(Work, Duration), Error> {
    let mut chain = production.chain()?;
    let mut work = Work::default();
    let start = Instant::now();
    chain.produce_all(production.messages(), |block| work += block.work())?;
    Ok((work, start.elapsed()))
}

/// How long a round took, and how many recoveries take as long, as they went right before and after it.
#[derive(Debug, Clone, Copy, Default)]
struct Pace {
    time: Duration,
    recoveries: f64,
}

impl Pace {
    /// A time too short to be measured says nothing, and is no divisor either.
    const SHORTEST: Duration = Duration::from_nanos(1);

    fn new(time: Duration, recovery: Duration) -> Self {
        let time = time.max(Self::SHORTEST);
        Self { time, recoveries: time.as_secs_f64() / recovery.max(Self::SHORTEST).as_secs_f64() }
    }

    fn add(&mut self, other: &Self) {
        self.time += other.time;
        self.recoveries += other.recoveries;
    }

    /// Recoveries in a second.
    fn recoveries_per_second(&self) -> f64 {
        self.recoveries / self.time.as_secs_f64()
    }
}

/// How long work took.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Timing {
    work: Work,
    rounds: u32,
    /// The fastest round.
    best: Pace,
    /// The one in the middle, in recoveries.
    median: Pace,
    split: Split,
}

impl Timing {
    /// Adds the work of another file.
    pub(crate) fn add(&mut self, other: &Self) {
        self.work += other.work;
        self.rounds = self.rounds.max(other.rounds);
        self.best.add(&other.best);
        self.median.add(&other.median);
        self.split.add(&other.split);
    }

    /// All figures by name.
    pub(crate) fn object(&self) -> Map<String, Value> {
        let counts: [(&str, Value); 5] = [
            ("rounds", self.rounds.into()),
            ("blocks", self.work.blocks.into()),
            ("transactions", self.work.transactions.into()),
            ("gas", self.work.gas.into()),
            ("split_us_per_block", self.split.object().into()),
        ];
        let mut fields: Map<_, _> = counts.into_iter().map(|(name, value)| (name.into(), value)).collect();
        for (prefix, pace) in [("", &self.best), ("median_", &self.median)] {
            let (second, recovery) = (Rates::a_second(&self.work, pace), Rates::a_recovery(&self.work, pace));
            let figures = [
                ("seconds", pace.time.as_secs_f64()),
                ("blocks_per_second", second.blocks),
                ("tx_per_second", second.transactions),
                ("mgas_per_second", second.gas / 1e6),
                ("recoveries_per_second", pace.recoveries_per_second()),
                ("blocks_per_recovery", recovery.blocks),
                ("tx_per_recovery", recovery.transactions),
                ("gas_per_recovery", recovery.gas),
            ];
            fields.extend(figures.map(|(name, figure)| (format!("{prefix}{name}"), figure.into())));
        }
        fields
    }

    /// The same for people, what each line is about first.
    pub(crate) fn lines(&self) -> [(&'static str, String); 3] {
        let Self { work, rounds, best, median, split } = self;
        let rates = |pace| {
            let Rates { blocks, transactions, gas } = Rates::a_second(work, pace);
            format!("{blocks:.0} blocks/s, {transactions:.0} tx/s, {:.1} Mgas/s", gas / 1e6)
        };
        let timed = format!(
            "{} in {:.1?}, the best of {rounds} rounds; median {} in {:.1?}",
            rates(best),
            best.time,
            rates(median),
            median.time
        );
        let paced = format!(
            "{}, at {:.0} recoveries/s on one thread; median {}, at {:.0}",
            Rates::a_recovery(work, best),
            best.recoveries_per_second(),
            Rates::a_recovery(work, median),
            median.recoveries_per_second()
        );
        [("timed", timed), ("paced", paced), ("split", split.to_string())]
    }
}

/// Work in a second, or in the time of a recovery.
#[derive(Debug, Clone, Copy)]
struct Rates {
    blocks: f64,
    transactions: f64,
    gas: f64,
}

impl Rates {
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    fn of(work: &Work, divisor: f64) -> Self {
        let rate = |amount: u64| amount as f64 / divisor;
        Self { blocks: rate(work.blocks), transactions: rate(work.transactions), gas: rate(work.gas) }
    }

    fn a_second(work: &Work, pace: &Pace) -> Self {
        Self::of(work, pace.time.as_secs_f64())
    }

    fn a_recovery(work: &Work, pace: &Pace) -> Self {
        Self::of(work, pace.recoveries)
    }
}

/// What happens in the time of a recovery.
impl fmt::Display for Rates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { blocks, transactions, gas } = *self;
        write!(f, "{} blocks, {} tx, {gas:.0} gas a recovery", short(blocks), short(transactions))
    }
}

/// A number with three digits that say something.
fn short(number: f64) -> String {
    let digits = (0..6).find(|digits| number >= 10f64.powi(2 - digits)).unwrap_or(6);
    format!("{number:.*}", usize::try_from(digits).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_keep_their_digits() {
        let shown = [1_234.5, 123.45, 12.345, 0.361_2, 0.001_873, 0.0].map(short);
        assert_eq!(shown, ["1234", "123", "12.3", "0.361", "0.00187", "0.000000"]);
    }

    #[test]
    fn files_add_up_by_their_time_in_recoveries() {
        let (slow, fast) = (Duration::from_micros(50), Duration::from_micros(40));
        let timing = |seconds, recovery| {
            let pace = Pace::new(Duration::from_secs(seconds), recovery);
            let work = Work { blocks: 20_000, transactions: 0, gas: 0 };
            Timing { work, best: pace, median: pace, ..Timing::default() }
        };
        let mut sum = timing(1, slow);
        sum.add(&timing(2, fast));
        // 20,000 and 50,000 recoveries.
        assert_eq!(sum.object()["blocks_per_recovery"].as_f64(), Some(40_000.0 / 70_000.0));
        assert_eq!(sum.object()["median_blocks_per_second"].as_f64(), Some(40_000.0 / 3.0));
    }
}
