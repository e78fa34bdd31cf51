//! `brotli-sizes/1`: compressed sizes at all levels. Each further line is a case.

use super::Run;
use crate::vectors::{CaseReport, InputError, Verdict, compare::Comparison, format::brotli::Case};
use pricing::brotli::{Brotli, CompressError, Compressor};

pub(in crate::vectors) fn run(run: &mut Run<'_>) -> Result<(), InputError> {
    let mut compressor = Brotli::default();
    for (index, line) in run.file.lines().enumerate().skip(1) {
        let case: Case = line.read()?;
        let report =
            run_case(&case, format!("input {index} ({}, {} bytes)", case.kind, case.input.len()), &mut compressor);
        run.finish(report);
        (run.progress)(index + 1);
    }
    Ok(())
}

fn run_case(case: &Case, id: String, compressor: &mut Brotli) -> CaseReport {
    let mut report = CaseReport::new(&id);
    let mut comparison = Comparison::at(id);
    for (level, want) in (0..).zip(&case.sizes) {
        let path = format!("sizes[{level}]");
        match compressor.compressed_len(&case.input, level) {
            Ok(size) => comparison.field(&path, Some(want), &(size as u64)),
            Err(error @ CompressError::NeedsNative(..)) => {
                report.verdict = Verdict::Skipped(error.to_string());
                return report;
            }
            Err(error) => comparison.differs(&path, want.to_string(), error.to_string()),
        }
    }
    report.judge(comparison);
    report
}
