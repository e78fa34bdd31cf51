//! `arbos prices recommend`: parameters for a goal.

use super::{model_named, print_call, wrong};
use arbos::{
    prices::{Load, Mix, Model, recommend::Goal},
    vectors::InputError,
};

/// Arguments of `recommend`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Gas a second that costs no more than the minimum
    #[arg(long, value_name = "GAS")]
    target_gas_per_second: u64,
    /// Highest base fee under the load, in multiples of the minimum
    #[arg(long, value_name = "MULTIPLE")]
    max_multiple: f64,
    /// backlog, constraints, multi-gas or dual-pool
    #[arg(long, default_value = "backlog")]
    model: String,
    /// The load, as for `simulate`; without it half the target, and twice the target in the first ten minutes of every hour
    #[arg(long, value_name = "FILE|PATTERN")]
    load: Option<String>,
    /// How gas divides into kinds where the load does not say so
    #[arg(long, default_value = "computation:1", value_name = "KIND:PARTS,...")]
    mix: String,
    /// Seconds of the load
    #[arg(long, default_value_t = 14_400)]
    seconds: u64,
    /// Blocks in a second
    #[arg(long, default_value_t = 1)]
    blocks_per_second: u64,
}

/// Searches, prints the transactions, and says what they achieve.
pub(super) fn run(args: &Args) -> Result<(), InputError> {
    let mix = Mix::parse(&args.mix).map_err(|problem| wrong("mix", problem))?;
    let load = match &args.load {
        Some(text) => Load::parse(text, mix)?,
        None => Goal::usual_load(args.target_gas_per_second)?,
    };
    let goal = Goal {
        model: model_named(&args.model)?,
        target_gas_per_second: args.target_gas_per_second,
        max_multiple_bips: bips(args.max_multiple)?,
        load,
        seconds: args.seconds,
        blocks_per_second: args.blocks_per_second,
    };
    let mut tries = 1u32;
    let advice = goal.advice(|| tries += 1)?;
    for setting in &advice.settings {
        print_call(&setting.change);
    }
    let (whole, part) = (advice.multiple_bips / 10_000, advice.multiple_bips % 10_000);
    eprintln!("highest base fee under the load: {whole}.{part:04} times the minimum; {tries} simulations");
    if goal.model == Model::DualPool {
        eprintln!("pools that were enlarged begin almost empty: until they are full the base fee rises first");
    }
    Ok(())
}

/// A multiple in basis points.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be a number in range")]
fn bips(multiple: f64) -> Result<u64, InputError> {
    let bips = (multiple * 10_000.0).floor();
    if (0.0..1e15).contains(&bips) { Ok(bips as u64) } else { Err(wrong("max-multiple", "is no multiple")) }
}
