//! What a run shows: lines for people, or an object a line for machines.

use crate::{End, bench::Timing, files, progress::Progress};
use arbos::vectors::{CaseReport, Difference, FileReport, InputError, Tally, Verdict, Work};
use serde_json::{Map, Value, json};
use std::{
    fmt::Display,
    io::{self, Write},
    path::Path,
};

/// Prints reports and counts cases.
#[derive(Debug)]
pub(crate) struct Printer {
    json: bool,
    progress: Progress,
    tally: Tally,
    timing: Option<Timing>,
    bad_input: bool,
}

impl Printer {
    /// A printer that has printed nothing yet.
    pub(crate) fn new(json: bool, progress: Progress) -> Self {
        Self { json, progress, tally: Tally::default(), timing: None, bad_input: false }
    }

    /// Prints what running a file found.
    pub(crate) fn file(&mut self, path: &Path, report: &FileReport) {
        let name = files::name(path);
        report.cases.iter().for_each(|case| self.tally.count(&case.verdict));
        for block in &report.dumps {
            self.dump(&name, block);
        }
        if self.json {
            report.cases.iter().for_each(|case| self.object(&case_object(&name, case)));
        } else {
            lines(&name, &report.cases).iter().for_each(|line| self.line(line));
        }
        if let Some(error) = &report.error {
            self.bad_input(error);
        }
    }

    /// Prints input that is not what it must be.
    pub(crate) fn bad_input(&mut self, error: &InputError) {
        self.bad_input = true;
        if self.json {
            let object =
                json!({ "file": error.file, "line": error.line, "field": error.field, "error": error.problem });
            return self.object(&object);
        }
        self.progress.around(|| eprintln!("error: {error}"));
    }

    /// Prints how fast the blocks of a file were made.
    pub(crate) fn timing(&mut self, path: &Path, timing: &Timing) {
        let name = files::name(path);
        if self.json {
            let mut object = timing.object();
            object.insert("file".into(), name.into());
            self.object(&object.into());
        } else {
            timing.lines().iter().for_each(|(what, line)| self.line(format!("{what:<8} {name}: {line}")));
        }
        self.timing.get_or_insert_default().add(timing);
    }

    /// Prints the counts of all cases and says how the program ends.
    pub(crate) fn sum_up(&self) -> End {
        let tally = &self.tally;
        if self.json {
            let mut object = self.timing.as_ref().map(Timing::object).unwrap_or_default();
            object.insert("passed".into(), tally.passed.into());
            object.insert("failed".into(), tally.failed.into());
            object.insert("skipped".into(), tally.skipped().into());
            object.insert("not_built".into(), json!(tally.skipped));
            self.object(&object.into());
        } else {
            if !tally.skipped.is_empty() {
                let parts: Vec<_> = tally.skipped.iter().map(|(what, count)| format!("{what} ({count})")).collect();
                self.line(format!("not built yet: {}", parts.join(", ")));
            }
            self.line(format!("{} passed, {} failed, {} skipped", tally.passed, tally.failed, tally.skipped()));
        }
        match (self.bad_input, tally.failed) {
            (true, _) => End::BadInput,
            (false, 0) => End::Good,
            (false, _) => End::Failed,
        }
    }

    fn dump(&self, name: &str, block: &Map<String, Value>) {
        if self.json {
            self.object(&json!({ "file": name, "block": block }));
        } else {
            self.line(format!("block    {name}: {:#}", Value::Object(block.clone())));
        }
    }

    fn object(&self, object: &Value) {
        self.line(object);
    }

    /// A reader that went away ends the program, not a panic.
    fn line(&self, line: impl Display) {
        let written = self.progress.around(|| writeln!(io::stdout().lock(), "{line}"));
        if written.is_err() {
            std::process::exit(1);
        }
    }
}

/// Lines for the cases of a file: each failure, what is not built, how many passed.
fn lines(name: &str, cases: &[CaseReport]) -> Vec<String> {
    let single = cases.len() == 1;
    let of_case = |case: &CaseReport| if single { name.into() } else { format!("{name}: {}", case.id) };
    let mut lines = Vec::new();
    let mut tally = Tally::default();
    for case in cases {
        tally.count(&case.verdict);
        if let Verdict::Failed(differences) = &case.verdict {
            lines.push(format!("failed   {}: {}", of_case(case), first(differences)));
        }
        if !case.derived.is_empty() {
            lines.push(format!("derived  {}: {}", of_case(case), first(&case.derived)));
        }
    }
    let part = |count: u64| if single { String::new() } else { format!("{count} of {} cases, ", cases.len()) };
    for (what, count) in &tally.skipped {
        let reached = cases.first().filter(|_| single).map_or(0, |case| case.work.blocks);
        let reached = if reached > 0 { format!(" (after {reached} blocks)") } else { String::new() };
        lines.push(format!("skipped  {name}: {}{what}: not built yet{reached}", part(*count)));
    }
    if tally.passed > 0 {
        lines.push(format!("passed   {name}: {}{}", part(tally.passed), work(cases)));
    }
    lines
}

/// What the cases that passed amount to.
fn work(cases: &[CaseReport]) -> String {
    let mut work = Work::default();
    cases.iter().filter(|case| case.verdict == Verdict::Passed).for_each(|case| work += case.work);
    match (work.blocks, work.transactions) {
        (0, _) => "no blocks".into(),
        (1, transactions) => format!("1 block, {transactions} transactions"),
        (blocks, transactions) => format!("{blocks} blocks, {transactions} transactions"),
    }
}

/// The first difference, and how many there are beside it.
fn first(differences: &[Difference]) -> String {
    match differences {
        [] => String::new(),
        [one] => one.to_string(),
        [first, others @ ..] => format!("{first} (and {} more)", others.len()),
    }
}

fn case_object(file: &str, case: &CaseReport) -> Value {
    let list = |differences: &[Difference]| -> Value {
        let object = |one: &Difference| json!({ "path": one.path, "want": one.want, "got": one.got });
        differences.iter().map(object).collect()
    };
    let (verdict, differences, reason) = match &case.verdict {
        Verdict::Passed => ("passed", Value::Null, Value::Null),
        Verdict::Failed(differences) => ("failed", list(differences), Value::Null),
        Verdict::Skipped(what) => ("skipped", Value::Null, what.as_str().into()),
    };
    let mut object = json!({
        "file": file,
        "id": case.id,
        "verdict": verdict,
        "differences": differences,
        "not_built": reason,
        "derived": list(&case.derived),
        "assumed": case.assumed,
        "blocks": case.work.blocks,
        "transactions": case.work.transactions,
        "gas": case.work.gas,
    });
    if let Value::Object(fields) = &mut object {
        fields.retain(|_, value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()));
    }
    object
}
