//! Conformance vectors: what a chain was given and what it must answer.
//!
//! [`run`] reads a file of any format by its first line, runs its cases and says what differs, without printing. Formats whose
//! subject is not built yet are counted as skipped, by name: a new runner is one line in the list of formats.

pub mod compare;
pub mod config;
pub mod format;
pub mod input;
pub mod json;
pub mod machine;
pub mod names;
mod run;

pub use compare::Difference;
pub use input::InputError;
pub use run::chain::Production;

use format::Title;
use input::VectorFile;
use json::FieldError;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, path::Path};

/// What may be asked beside running.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// The last block of a chain to be run.
    pub stop_at: Option<u64>,
    /// The block to be kept in full.
    pub dump_block: Option<u64>,
}

/// What running a file found.
#[derive(Debug, Default)]
pub struct FileReport {
    /// Its cases in order, as far as they were run.
    pub cases: Vec<CaseReport>,
    /// Input that ended the file early.
    pub error: Option<InputError>,
    /// Blocks that were to be kept, in the form of vectors.
    pub dumps: Vec<Map<String, Value>>,
}

/// What running a case found.
#[derive(Debug, Clone)]
pub struct CaseReport {
    /// Its name.
    pub id: String,
    /// Whether all came out as expected.
    pub verdict: Verdict,
    /// Differences from what another reading says; never a failure.
    pub derived: Vec<Difference>,
    /// What was taken for granted where the vector is silent.
    pub assumed: Vec<String>,
    /// What was made on the way.
    pub work: Work,
}

/// Whether all came out as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// All that is known is equal.
    Passed,
    /// The differences, the first one first.
    Failed(Vec<Difference>),
    /// What would be needed and is not built yet.
    Skipped(String),
}

/// Amounts of work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Work {
    /// Blocks sealed.
    pub blocks: u64,
    /// Transactions in them, those that start blocks aside.
    pub transactions: u64,
    /// Gas they used.
    pub gas: u64,
}

impl core::ops::AddAssign for Work {
    fn add_assign(&mut self, other: Self) {
        self.blocks += other.blocks;
        self.transactions += other.transactions;
        self.gas += other.gas;
    }
}

/// How many cases had which verdict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Cases that passed.
    pub passed: u64,
    /// Cases that failed.
    pub failed: u64,
    /// Cases that were skipped, by what is not built yet.
    pub skipped: BTreeMap<String, u64>,
}

impl Tally {
    /// Counts a case.
    pub fn count(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Failed(_) => self.failed += 1,
            Verdict::Skipped(what) => *self.skipped.entry(what.clone()).or_default() += 1,
        }
    }

    /// Cases that were skipped.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped.values().sum()
    }
}

/// A format and what becomes of its files.
struct Format {
    name: &'static str,
    subject: Subject,
}

enum Subject {
    /// Cases that can be run.
    Built(run::Runner),
    /// What is not built yet, where a file is one case.
    MissingForFile(&'static str),
    /// What is not built yet, where each further line is a case.
    MissingForLines(&'static str),
}

/// All formats.
const FORMATS: &[Format] = &[
    Format { name: "chain/1", subject: Subject::Built(run::chain::run) },
    Format { name: "witness/1", subject: Subject::Built(run::witness::run) },
    Format { name: "partial/1", subject: Subject::Built(run::partial::run) },
    Format { name: "feed/1", subject: Subject::Built(run::feed::run) },
    Format { name: "brotli-sizes/1", subject: Subject::Built(run::brotli::run) },
    Format { name: "batch/1", subject: Subject::MissingForFile("batches") },
    Format { name: "delayed/1", subject: Subject::MissingForFile("delayed inbox") },
    Format { name: "inbox/1", subject: Subject::MissingForLines("batches") },
    Format { name: "stylus-activation/1", subject: Subject::Built(run::activation::run) },
    Format { name: "stylus-run/1", subject: Subject::Built(run::program::run) },
    Format { name: "wavm-machine/1", subject: Subject::Built(run::machine::run) },
];

/// Runs a file. `progress` is told after each line how many lines are done, and how many there are.
pub fn run(path: &Path, options: &Options, progress: &dyn Fn(usize, usize)) -> FileReport {
    let mut report = FileReport::default();
    let ended = VectorFile::read(path).and_then(|file| {
        let total = file.lines().len();
        let progress = |done| progress(done, total);
        run_file(&file, &mut run::Run { file: &file, options, progress: &progress, report: &mut report })
    });
    report.error = ended.err();
    report
}

fn run_file(file: &VectorFile, run: &mut run::Run<'_>) -> Result<(), InputError> {
    let Some(first) = file.lines().next() else { return Ok(()) };
    let title: Title = first.read()?;
    let Some(format) = FORMATS.iter().find(|format| format.name == title.format) else {
        let problem = format!("{:?} is no format that is known", title.format);
        return Err(first.error(FieldError { field: "format".into(), problem }));
    };
    let id = title.id.unwrap_or_else(|| title.format.clone());
    match format.subject {
        Subject::Built(runner) => runner(run)?,
        Subject::MissingForFile(what) => run.finish(CaseReport::skipped(id, what)),
        Subject::MissingForLines(what) => {
            for _ in file.lines().skip(1) {
                run.finish(CaseReport::skipped(id.clone(), what));
            }
        }
    }
    Ok(())
}

impl CaseReport {
    /// A case that has passed so far.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            verdict: Verdict::Passed,
            derived: Vec::new(),
            assumed: Vec::new(),
            work: Work::default(),
        }
    }

    fn skipped(id: String, what: &str) -> Self {
        Self { verdict: Verdict::Skipped(what.into()), ..Self::new(id) }
    }
}
