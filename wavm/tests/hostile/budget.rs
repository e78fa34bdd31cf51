//! How many inputs are tried: a fixed number, or as many as fit into the seconds that `FUZZ_SECONDS` gives to each property.

use proptest::{
    prelude::*,
    test_runner::{TestCaseResult, TestRunner},
};
use std::time::{Duration, Instant};

/// Inputs that are tried before the clock is read again.
const BETWEEN_LOOKS: u32 = 20;
/// No input may take longer, on the slowest machine.
const LONGEST: Duration = Duration::from_secs(20);

/// Tries a property on inputs, `cases` of them unless there is a budget of time.
#[expect(clippy::disallowed_methods, reason = "a budget of time, and no input may take too long")]
pub(crate) fn try_all<S: Strategy>(cases: u32, inputs: S, property: impl Fn(S::Value) -> TestCaseResult) {
    let seconds = std::env::var("FUZZ_SECONDS").ok().map(|text| text.parse().expect("a number of seconds"));
    let end = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let timed = |input| {
        let start = Instant::now();
        property(input)?;
        prop_assert!(start.elapsed() < LONGEST, "it took {:?}", start.elapsed());
        Ok(())
    };
    let mut tried: u64 = 0;
    loop {
        let cases = if end.is_some() { BETWEEN_LOOKS } else { cases };
        let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
        if let Err(found) = TestRunner::new(config).run(&inputs, timed) {
            panic!("after {tried} inputs: {found}");
        }
        tried += u64::from(cases);
        if end.is_none_or(|end| Instant::now() >= end) {
            break;
        }
    }
    println!("{tried} inputs");
}
