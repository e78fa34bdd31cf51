//! The `arbos` program: replays vectors, shows what a chain begins with and what moves its prices, looks at programs, proves steps of
//! machines.
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
#[path = "arbos/image.rs"]
mod image;
#[path = "arbos/machine.rs"]
mod machine;
#[path = "arbos/precompiles.rs"]
mod precompiles;
#[path = "arbos/prices.rs"]
mod prices;
#[path = "arbos/print.rs"]
mod print;
#[path = "arbos/program.rs"]
mod program;
#[path = "arbos/progress.rs"]
mod progress;
#[path = "arbos/prove.rs"]
mod prove;
#[path = "arbos/replay.rs"]
mod replay;
#[path = "arbos/wasm.rs"]
mod wasm;

use arbos::vectors::InputError;
use clap::{Parser, Subcommand};
use serde_json::json;
use std::{
    fmt::Display,
    io::{self, Write},
    process::ExitCode,
};

/// Replays the blocks of Arbitrum chains, and proves how they were made.
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
    /// Looks at Stylus programs
    Wasm(wasm::Args),
    /// Proves a step of a machine, or finds the step at which two machines part
    Prove(prove::Args),
    /// Runs, hashes and traces a machine
    Machine(machine::Args),
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
        Verb::Wasm(args) => wasm::run(&args),
        Verb::Prove(args) => prove::run(&args),
        Verb::Machine(args) => machine::run(&args),
    };
    end.into()
}

/// Prints what is wrong with the input.
fn bad_input(error: &InputError, json: bool) -> End {
    if json {
        let InputError { file, line, field, problem } = error;
        print_line(json!({ "file": file, "line": line, "field": field, "error": problem }));
    } else {
        eprintln!("error: {error}");
    }
    End::BadInput
}

/// Prints a line of the answer. A reader that went away ends the program, not a panic.
fn print_line(line: impl Display) {
    if writeln!(io::stdout().lock(), "{line}").is_err() {
        std::process::exit(1);
    }
}
