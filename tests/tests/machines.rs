//! Machines of the conformance vectors, run in more than one way.

use arbos::vectors::{format::machine::Case, input::VectorFile};
use std::path::Path;
use wavm::{Answers, Machine};

/// Machines that can be built, with their names and answers.
fn machines() -> impl Iterator<Item = (String, Machine, Answers)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/wavm/machine.jsonl.zst");
    let file = VectorFile::read(&path).expect("the vectors are there");
    let cases: Vec<Case> = file.lines().skip(1).map(|line| line.read().expect("a machine")).collect();
    cases.into_iter().filter(|case| case.expected.build_error.is_none()).map(|case| {
        let machine = case.machine().expect("it can be built");
        let answers = case.answers().expect("programs can be activated");
        (case.name, machine, answers)
    })
}

#[test]
fn hashing_at_every_step_changes_nothing() {
    for (name, mut often, answers) in machines() {
        let mut once = often.clone();
        for step in 0..500 {
            once.run_to(&answers, step).expect("nothing is missing");
            assert_eq!(often.hash(), once.clone().hash(), "{name}, step {step}");
            often.step(&answers).expect("nothing is missing");
        }
    }
}

/// Distances between steps: short ones, and some that are longer than blocks.
const DISTANCES: [u64; 7] = [1, 2, 37, 5, 400, 11, 3001];

#[test]
fn skipping_ahead_ends_where_single_steps_do() {
    for (name, mut single, answers) in machines() {
        let mut ahead = single.clone();
        for distance in DISTANCES.into_iter().cycle().take(100) {
            let step = single.steps() + distance;
            single.run_to(&answers, step).expect("nothing is missing");
            ahead.skip_to(&answers, step).expect("nothing is missing");
            assert_eq!((ahead.steps(), ahead.hash()), (single.steps(), single.hash()), "{name}, to step {step}");
        }
        single.run(&answers, u64::MAX).expect("nothing is missing");
        ahead.skip(&answers, u64::MAX).expect("nothing is missing");
        assert_eq!((ahead.steps(), ahead.status(), ahead.hash()), (single.steps(), single.status(), single.hash()));
    }
}
