//! The project's own vectors, replayed by the runners of the `arbos` program. What is skipped needs something that is not built yet.

use arbos::vectors::{self, Options, Verdict};
use std::{
    fs,
    path::{Path, PathBuf},
    thread,
};

/// Stack of a thread that makes blocks: calls may be 1,024 deep, and here nothing is inlined.
const STACK: usize = 512 << 20;

/// Chains whose names begin so have a test of their own, so that they run side by side.
const GROUPS: [&str; 9] =
    ["kinds-", "txs-", "retryables-", "pricing-", "upgrade-", "precompiles-", "fuzz-", "extremes-", "stylus-"];

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(folder);
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    files
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).expect("a name")
}

/// What a file shows to be wrong, and how many of its cases passed.
fn replay(path: &Path) -> (Vec<String>, usize) {
    let report = vectors::run(path, &Options::default(), &|_, _| ());
    let mut wrong: Vec<_> = report.error.iter().map(|error| error.to_string()).collect();
    let mut passed = 0;
    for case in report.cases {
        match case.verdict {
            Verdict::Passed => passed += 1,
            Verdict::Failed(differences) => wrong.push(format!("{}: {:?}", case.id, differences.first())),
            Verdict::Skipped(_) => {}
        }
    }
    (wrong, passed)
}

fn all_come_out_as_expected(files: Vec<PathBuf>) {
    let work = move || {
        let mut passed = 0;
        for path in &files {
            let (wrong, cases) = replay(path);
            assert!(wrong.is_empty(), "{}: {wrong:#?}", name(path));
            passed += cases;
        }
        assert!(passed > 0, "a case that is not skipped");
    };
    thread::Builder::new().stack_size(STACK).spawn(work).expect("a thread").join().expect("no difference");
}

fn chains(prefix: &str) {
    all_come_out_as_expected(files("chain").into_iter().filter(|path| name(path).starts_with(prefix)).collect());
}

#[test]
fn every_kind_of_message_makes_its_block() {
    chains("kinds-");
}

#[test]
fn every_type_of_transaction_ends_as_it_should() {
    chains("txs-");
}

#[test]
fn tickets_live_as_they_should() {
    chains("retryables-");
}

#[test]
fn programs_run_to_the_exact_ink() {
    chains("stylus-");
}

#[test]
fn prices_move_as_they_should() {
    chains("pricing-");
}

#[test]
fn upgrades_write_what_they_should() {
    chains("upgrade-");
}

#[test]
fn precompiles_answer_as_they_should() {
    chains("precompiles-");
}

#[test]
fn random_chains_are_reproduced() {
    chains("fuzz-");
}

#[test]
fn parameters_at_their_edges_do_what_they_should() {
    chains("extremes-");
}

#[test]
fn all_other_chains_are_reproduced() {
    let grouped = |path: &PathBuf| GROUPS.iter().any(|group| name(path).starts_with(group));
    all_come_out_as_expected(files("chain").into_iter().filter(|path| !grouped(path)).collect());
}

#[test]
fn recorded_blocks_are_reproduced() {
    all_come_out_as_expected(files("partial"));
}

#[test]
fn blocks_are_reproduced_from_witnesses() {
    all_come_out_as_expected(files("witness"));
}

#[test]
fn texts_of_nodes_are_read() {
    all_come_out_as_expected(files("feed"));
}

#[test]
fn compressed_sizes_are_those_of_the_reference() {
    all_come_out_as_expected(files("brotli"));
}

#[test]
fn machines_step_hash_and_prove_as_they_should() {
    all_come_out_as_expected(files("wavm"));
}

#[test]
fn programs_are_activated_as_they_should() {
    all_come_out_as_expected(files("stylus"));
}
