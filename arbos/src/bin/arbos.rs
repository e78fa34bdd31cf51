//! The `arbos` program: replays vectors, shows what a chain begins with and what moves its prices.
//!
//! One verb a file. The program ends with 0 when all is well, 1 when something failed, 2 on bad input.
#![forbid(unsafe_code)]

#[path = "arbos/bench.rs"]
mod bench;
#[path = "arbos/call.rs"]
mod call;
#[path = "arbos/files.rs"]
mod files;
#[path = "arbos/genesis.rs"]
mod genesis;
#[path = "arbos/precompiles.rs"]
mod precompiles;
#[path = "arbos/prices.rs"]
mod prices;
#[path = "arbos/print.rs"]
mod print;
#[path = "arbos/progress.rs"]
mod progress;
#[path = "arbos/replay.rs"]
mod replay;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Replays the blocks of Arbitrum chains.
#[derive(Debug, Parser)]
#[command(name = "arbos", version)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Runs vectors of any format and shows the first difference of each case
    Replay(replay::Args),
    /// Prints the header of the first block of a chain
    Genesis(genesis::Args),
    /// Lists the precompiles with their methods
    Precompiles(precompiles::Args),
    /// Calls a method of a precompile on the state of a replayed chain
    Call(call::Args),
    /// Shows what a load and an owner do to prices
    #[command(subcommand)]
    Prices(prices::Verb),
}

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Good,
    Failed,
    BadInput,
}

impl From<End> for ExitCode {
    fn from(end: End) -> Self {
        match end {
            End::Good => Self::SUCCESS,
            End::Failed => Self::FAILURE,
            End::BadInput => Self::from(2),
        }
    }
}

fn main() -> ExitCode {
    let end = match Cli::parse().verb {
        Verb::Replay(args) => replay::run(&args),
        Verb::Genesis(args) => genesis::run(&args),
        Verb::Precompiles(args) => precompiles::run(&args),
        Verb::Call(args) => call::run(&args),
        Verb::Prices(verb) => prices::run(&verb),
    };
    end.into()
}
