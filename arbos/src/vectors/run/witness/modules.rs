//! Module hashes of programs in a witness: each is compiled again.

use super::{read, stored_config};
use crate::{config::ChainConfig, vectors::compare::Comparison};
use ::state::world::{WitnessWorld, World, WorldError};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use alloy_primitives::{Address, B256, Bytes};
use wavm::stylus::{Program, wire};

/// Compares what compiling gives with what activation gave.
pub(super) fn compare(
    world: &mut WitnessWorld,
    config: Option<&ChainConfig>,
    place: String,
    modules: &[(B256, B256)],
) -> Comparison {
    let mut comparison = Comparison::at(place);
    for (code_hash, want) in modules {
        let got = module_hash(world, config, *code_hash);
        let name = code_hash.to_string();
        comparison.inside("moduleHashes", |here| match got {
            Ok(got) => here.field(&name, Some(want), &got),
            Err(reason) => here.field(&name, Some(&want.to_string()), &reason),
        });
    }
    comparison
}

fn module_hash(world: &mut WitnessWorld, config: Option<&ChainConfig>, code_hash: B256) -> Result<B256, String> {
    let wasm = wasm(world, code_hash)?;
    let program = read(world, |state| state.programs().program(code_hash).get()).map_err(text)?;
    let debug = match config {
        Some(config) => config.allow_debug_precompiles,
        None => stored_config(world).map_err(text)?.allow_debug_precompiles,
    };
    let program = Program::parse(&wasm, program.version, debug).map_err(text)?;
    program.module(code_hash).map(|module| module.hash()).map_err(text)
}

/// The wasm behind a code hash, joined where it lies in several accounts.
fn wasm(world: &mut WitnessWorld, code_hash: B256) -> Result<Vec<u8>, String> {
    let code = world.code(code_hash).map_err(text)?;
    let Ok(root) = wire::Root::parse(&code) else { return wire::uncompress(&code, u32::MAX).map_err(text) };
    let codes = root.fragments.iter().map(|fragment| code_of(world, *fragment)).collect::<Result<Vec<_>, _>>();
    root.uncompress(&codes.map_err(text)?).map_err(text)
}

fn code_of(world: &mut WitnessWorld, account: Address) -> Result<Bytes, WorldError> {
    let account = world.account(account)?.unwrap_or_default();
    world.code(account.code_hash)
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn text(error: impl ToString) -> String {
    error.to_string()
}
