//! `arbos genesis`: the first block of a configuration.

use crate::End;
use arbos::{
    Chain, Genesis,
    message::init::DEFAULT_INITIAL_L1_BASE_FEE,
    vectors::{InputError, compare::show, config},
};
use serde_json::Value;
use std::{
    io::{self, Write},
    path::PathBuf,
};

/// Arguments of `genesis`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// JSON of the chain configuration; its bytes, without a line break at the end, are kept in state
    config: PathBuf,
    /// L1 base fee the chain starts with, in wei
    #[arg(long, value_name = "WEI", default_value_t = DEFAULT_INITIAL_L1_BASE_FEE)]
    l1_base_fee: u64,
}

/// Runs the verb.
pub(crate) fn run(args: &Args) -> End {
    match header(args) {
        Ok(header) => match writeln!(io::stdout().lock(), "{header:#}") {
            Ok(()) => End::Good,
            Err(_) => End::Failed,
        },
        Err(error) => {
            eprintln!("error: {error}");
            End::BadInput
        }
    }
}

fn header(args: &Args) -> Result<Value, InputError> {
    let config = config::read(&args.config)?;
    let initial_l1_base_fee = args.l1_base_fee.try_into().map_err(|error| InputError::of_file(&args.config, error))?;
    let genesis = Genesis { config, initial_l1_base_fee, alloc: Vec::new() };
    let chain = Chain::genesis(&genesis).map_err(|error| InputError::of_file(&args.config, error))?;
    Ok(Value::Object(show::header(chain.head(), chain.head_hash())))
}
