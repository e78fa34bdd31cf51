//! The harness: a chain in memory with verbs, for scenarios, properties and benches.
//!
//! | module | what |
//! | --- | --- |
//! | [`account`] | accounts with keys, and transactions they sign |
//! | [`chain`] | the chain: one verb a line, one block a verb |
//! | [`arrivals`] | what arrives from L1: deposits, tickets, reports of batches |
//! | [`bench`](mod@bench) | what benches share: senders, states, the fastest of some rounds |
//! | [`relay`] | contracts that pass calls on and log what came back |
//! | [`at`] | addresses of the precompiles |
//!
//! A verb panics where a scenario has gone wrong: a transaction that was not included, a call that should succeed and does not.
#![forbid(unsafe_code)]

use std::io::Write;

pub mod account;
pub mod arrivals;
pub mod at;
pub mod bench;
pub mod chain;

pub mod relay;

pub use account::{Account, Draft};
pub use arrivals::{BatchReport, Submission};
pub use chain::{Chain, Sent, Setup};
pub use relay::{Relay, Relayed};

/// Says something that is shown even if the test that says it passes.
///
/// # Panics
/// There is no standard error to say it on.
pub fn say(what: &str) {
    writeln!(std::io::stderr(), "{what}").expect("there is a standard error");
}

/// One ether in wei.
pub const ETHER: u128 = 1_000_000_000_000_000_000;

/// The versions at which something about precompiles changed, and the last one.
pub const VERSIONS: [u64; 20] = [1, 2, 3, 4, 5, 6, 9, 10, 11, 20, 30, 31, 32, 40, 41, 50, 51, 59, 60, 61];
