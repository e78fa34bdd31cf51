//! What a call of a program costs before it runs, and its start (`spec/stylus.md` 6).

use super::{Running, Stopped};
use crate::{
    evm::{ArbContext, ArbFrame, Ledger},
    spec::{HEADER_GAS_LIMIT, StylusCode},
};
use ::state::{
    ArbosState, ArbosVersion, Fault, SystemBurner,
    arbos::{Program, StylusParams},
};
use alloc::{boxed::Box, string::String, vec::Vec};
use alloy_primitives::{Address, B256, Bytes, keccak256};
use pricing::stylus::{cached_gas, init_gas, pages::PagePrices};
use revm::interpreter::InstructionResult;
use wavm::{
    engine::Compiled,
    run::{Environment, Limits, Run},
    stylus::wire,
};

/// Charges for the call and makes the run. What refuses the call takes all its gas.
pub(super) fn start(
    frame: &ArbFrame,
    context: &mut ArbContext<'_>,
    code: &Bytes,
) -> Result<Result<Box<Running>, InstructionResult>, Stopped> {
    let code_hash = frame.interpreter.bytecode.hash().unwrap_or_default();
    let (params, program) = read(context, code_hash)?;
    let now = context.chain.facts.timestamp;
    let is_active = program.version != 0 && program.version == params.version && !program.is_expired(&params, now);
    if !is_active {
        return Ok(Err(InstructionResult::PrecompileError));
    }
    let starting_gas = frame.interpreter.gas.remaining();
    let Some(gas) = starting_gas.checked_sub(call_cost(context, code_hash, &program, &params)) else {
        // Kept: what such a call loses is of no kind.
        context.chain.tx.unattributed += starting_gas;
        return Ok(Err(InstructionResult::OutOfGas));
    };
    let compiled = compiled(context, code, code_hash, &program)?;
    let open_before = context.chain.tx.pages.open;
    context.chain.tx.pages = context.chain.tx.pages.opened(program.footprint);
    let limits = Limits {
        ink: gas.saturating_mul(u64::from(params.ink_price)),
        ink_price: params.ink_price,
        stack: params.max_stack_depth,
    };
    let calldata = frame.interpreter.input.input.bytes(context);
    let run = Run::new(&compiled, limits, environment(frame, context), calldata).map_err(|error| broken(&error))?;
    let attributed_before = context.chain.tx.attributed.total();
    Ok(Ok(Box::new(Running { run, params, starting_gas, attributed_before, open_before, pending: None, ended: None })))
}

/// An activated program that does not run: no block can be made that calls it.
fn broken(error: &wavm::WasmError) -> Stopped {
    Stopped::Custom(alloc::format!("an activated program cannot be run: {error}"))
}

/// Parameters and row of a program, read where nobody pays.
fn read(context: &mut ArbContext<'_>, code_hash: B256) -> Result<(StylusParams, Program), Stopped> {
    let mut ledger = Ledger::new(&mut context.journaled_state, &mut context.chain);
    let mut burner = SystemBurner::default();
    let read = ArbosState::system_read(&mut ledger, &mut burner).and_then(|mut state| {
        let version = state.version();
        let mut programs = state.programs();
        Ok((programs.params(version)?, programs.program(code_hash).get()?))
    });
    read.map_err(|fault| stop(context, fault))
}

/// Keeps a fault of the system for the top.
pub(super) fn stop(context: &mut ArbContext<'_>, fault: Fault) -> Stopped {
    context.chain.stop.get_or_insert(fault);
    Stopped::Custom(String::from("block production stops"))
}

/// Gas of the call itself.
fn call_cost(context: &mut ArbContext<'_>, code_hash: B256, program: &Program, params: &StylusParams) -> u64 {
    let version = context.chain.facts.header_version;
    let pages = context.chain.tx.pages;
    let mut cost = pages.gas(program.footprint, page_prices(params));
    let is_recent =
        version >= ArbosVersion::RECENT_PROGRAMS && context.chain.recent.insert(code_hash, params.block_cache_size);
    let is_cached = program.cached || is_recent;
    if is_cached || program.version > 1 {
        let gas = cached_gas(params.min_cached_init_gas, program.cached_cost, params.cached_cost_scalar);
        cost = cost.saturating_add(gas);
    }
    if !is_cached {
        cost = cost.saturating_add(init_gas(params.min_init_gas, program.init_cost, params.init_cost_scalar));
    }
    let too_many = params.page_limit != 0 && pages.opened(program.footprint).open > params.page_limit;
    if version >= ArbosVersion::STYLUS_PAGE_LIMIT && too_many { u64::MAX } else { cost }
}

/// Prices of pages.
pub(super) const fn page_prices(params: &StylusParams) -> PagePrices {
    PagePrices { free: params.free_pages, gas: params.page_gas }
}

/// The program, compiled.
fn compiled(
    context: &mut ArbContext<'_>,
    code: &Bytes,
    code_hash: B256,
    program: &Program,
) -> Result<Compiled, Stopped> {
    let (identity, parts) = parts(context, code, code_hash)?;
    if let Some(compiled) = context.chain.programs.get(identity, program.version) {
        return Ok(compiled);
    }
    let wasm = match parts {
        // It was activated, so its size was bounded then.
        None => wire::uncompress(code, u32::MAX),
        Some((root, codes)) => root.uncompress(&codes),
    };
    let wasm = wasm.map_err(|error| broken(&error))?;
    let debug = context.chain.facts.allow_debug;
    context.chain.programs.compile(identity, &wasm, program.version, debug).map_err(|error| broken(&error))
}

/// A root with the code of its fragments.
type Parts = Option<(wire::Root, Vec<Bytes>)>;

/// What identifies the wasm of a program, and what it is made of where it lies in several accounts.
fn parts(context: &mut ArbContext<'_>, code: &Bytes, code_hash: B256) -> Result<(B256, Parts), Stopped> {
    let version = context.chain.facts.header_version;
    if StylusCode::of(code, version) != Some(StylusCode::Root) {
        return Ok((code_hash, None));
    }
    let root = wire::Root::parse(code).map_err(|error| broken(&error))?;
    let (mut codes, mut identity) = (Vec::new(), code_hash.to_vec());
    for fragment in &root.fragments {
        let mut ledger = Ledger::new(&mut context.journaled_state, &mut context.chain);
        let read = ledger.code_hash(*fragment).and_then(|hash| Ok((hash, ledger.code(*fragment)?)));
        let (hash, code) = read.map_err(|fault| stop(context, fault))?;
        identity.extend_from_slice(hash.as_slice());
        codes.push(code);
    }
    Ok((keccak256(identity), Some((root, codes))))
}

/// What the program can learn of its call.
fn environment(frame: &ArbFrame, context: &ArbContext<'_>) -> Environment {
    let (facts, tx, input) = (&context.chain.facts, &context.chain.tx, &frame.interpreter.input);
    Environment {
        arbos_version: facts.header_version.number(),
        block_basefee: facts.base_fee,
        chain_id: facts.chain_id,
        block_coinbase: facts.coinbase,
        block_gas_limit: HEADER_GAS_LIMIT,
        block_number: facts.l1_block_number,
        block_timestamp: facts.timestamp,
        contract_address: input.target_address,
        msg_sender: input.caller_address,
        msg_value: input.call_value,
        tx_gas_price: tx.offered_gas_price,
        tx_origin: tx.origin,
        reentrant: times_open(context, input.target_address) > 1,
    }
}

/// Open frames in which an account acts as itself.
fn times_open(context: &ArbContext<'_>, account: Address) -> usize {
    context.chain.tx.frames.iter().filter(|frame| frame.acts_as == Some(account)).count()
}
