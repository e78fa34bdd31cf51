//! The steps from each version of the operating system to the next (`spec/versions.md` 2 and 3).

use crate::{
    address,
    arbos::{ArbosState, L2Layout},
    error::{Fault, Result},
    space::Write,
    version::ArbosVersion,
};
use alloy_primitives::{Address, Bytes, U256, hex};

/// Addresses of the precompiles and the version that introduced each, in the order of addresses.
pub const PRECOMPILES: [(u64, ArbosVersion); 18] = [
    (0x64, ArbosVersion::ZERO),
    (0x65, ArbosVersion::ZERO),
    (0x66, ArbosVersion::ZERO),
    (0x67, ArbosVersion::ZERO),
    (0x68, ArbosVersion::ZERO),
    (0x69, ArbosVersion::ZERO),
    (0x6b, ArbosVersion::ZERO),
    (0x6c, ArbosVersion::ZERO),
    (0x6d, ArbosVersion::ZERO),
    (0x6e, ArbosVersion::ZERO),
    (0x6f, ArbosVersion::ZERO),
    (0x70, ArbosVersion::ZERO),
    (0x71, ArbosVersion::STYLUS),
    (0x72, ArbosVersion::STYLUS),
    (0x73, ArbosVersion::NATIVE_TOKEN),
    (0x74, ArbosVersion::TRANSACTION_FILTERING),
    (0xff, ArbosVersion::ZERO),
    (0xa4b05, ArbosVersion::ZERO),
];

/// Code of a precompile's account.
pub const PRECOMPILE_CODE: Bytes = Bytes::from_static(&[0xfe]);

/// Code of the contract that keeps parent hashes by L2 block number.
pub const HISTORY_STORAGE_CODE: Bytes = Bytes::from_static(&hex!(
    "3373fffffffffffffffffffffffffffffffffffffffe1460605760203603605c575f3563a3b1b31d5f5260205f6004601c60645afa15605c575f"
    "51600181038211605c57816205ffd0910311605c576205ffd09006545f5260205ff35b5f5ffd5b5f356205ffd0600163a3b1b31d5f5260205f60"
    "04601c60645afa15605c575f5103065500"
));

/// Address of a precompile from its number.
#[must_use]
pub const fn precompile_address(number: u64) -> Address {
    let mut bytes = [0; 20];
    let number = number.to_be_bytes();
    let mut index = 0;
    while index < 8 {
        bytes[12 + index] = number[index];
        index += 1;
    }
    Address::new(bytes)
}

/// What a step does to one account besides the operating state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountWrite {
    /// The account.
    pub account: Address,
    /// Its nonce, if it is set.
    pub nonce: Option<u64>,
    /// Its code.
    pub code: Bytes,
}

/// Whether the upgrade makes a new chain or changes a running one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// While a chain is made.
    Genesis,
    /// Inside the first transaction of a block.
    Running,
}

/// The version a running chain has to move to now, if any.
///
/// # Errors
/// A failing store.
pub fn due(state: &mut ArbosState<'_, Write>, timestamp: u64) -> Result<Option<ArbosVersion>> {
    let target = state.upgrade_version().get()?;
    let from = state.upgrade_timestamp().get()?;
    Ok((state.version() < target && timestamp >= from).then_some(target))
}

/// Moves the state to `target`, step by step, and returns what to write to other accounts. `pool_balance` is what the L1
/// pricing pool holds.
///
/// # Errors
/// [`Fault::Halt`] for a version this library does not know, before anything is written; otherwise a failing store or a
/// state no step starts from.
pub fn run(
    state: &mut ArbosState<'_, Write>,
    target: ArbosVersion,
    moment: Moment,
    pool_balance: U256,
) -> Result<alloc::vec::Vec<AccountWrite>> {
    if !target.is_known() {
        return Err(Fault::Halt("the chain upgrades to a version this library does not know"));
    }
    let mut accounts = alloc::vec::Vec::new();
    let mut version = state.version();
    while version < target {
        version = version.next();
        step(state, version, moment, pool_balance)?;
        if version == ArbosVersion::HISTORY_STORAGE {
            let account = address::HISTORY_STORAGE;
            accounts.push(AccountWrite { account, nonce: Some(1), code: HISTORY_STORAGE_CODE });
        }
        let introduced = PRECOMPILES.iter().filter(|(_, since)| *since == version);
        accounts.extend(introduced.map(|(number, _)| AccountWrite {
            account: precompile_address(*number),
            nonce: None,
            code: PRECOMPILE_CODE,
        }));
    }
    if moment == Moment::Genesis && target >= ArbosVersion::NITRO_PARAMETERS {
        nitro_parameters(state, target)?;
    }
    state.root_mut().version().set(target)?;
    Ok(accounts)
}

/// One step. Versions without an arm write nothing.
fn step(state: &mut ArbosState<'_, Write>, version: ArbosVersion, moment: Moment, pool_balance: U256) -> Result<()> {
    match version {
        v if v == ArbosVersion::L1_PRICING_SURPLUS => state.l1_pricing().last_surplus().set(Default::default()),
        v if v == ArbosVersion::AMORTIZED_COST_CAP => to_3(state),
        v if v == ArbosVersion::L1_FEES_AVAILABLE => state.l1_pricing().l1_fees_available().set(pool_balance),
        v if v == ArbosVersion::FIX_REDEEM_GAS => to_11(state, moment),
        v if v == ArbosVersion::BROTLI_LEVEL => state.brotli_compression_level().set(1),
        v if v == ArbosVersion::STYLUS => state.programs().initialize(version),
        v if v == ArbosVersion::STYLUS_FIXES => to_31(state),
        v if v == ArbosVersion::MAX_WASM_SIZE => to_40(state),
        v if v == ArbosVersion::TX_GAS_LIMIT => to_50(state),
        v if v == ArbosVersion::STYLUS_ACTIVATION_GAS => to_59(state),
        v if v == ArbosVersion::STYLUS_CONTRACT_LIMIT => to_60(state),
        _ => Ok(()),
    }
}

fn to_3(state: &mut ArbosState<'_, Write>) -> Result<()> {
    state.l1_pricing().per_batch_gas_cost().set(0)?;
    state.l1_pricing().amortized_cost_cap_bips().set(u64::MAX)
}

fn to_11(state: &mut ArbosState<'_, Write>, moment: Moment) -> Result<()> {
    state.l1_pricing().per_batch_gas_cost().set(210_000)?;
    if state.l1_pricing().amortized_cost_cap_bips().get()? == u64::MAX {
        state.l1_pricing().amortized_cost_cap_bips().set(0)?;
    }
    // Kept: the list of owners is cleared and their index stays, so that owners are added again by `rectifyChainOwner`.
    if moment == Moment::Running {
        state.chain_owners().clear_list()?;
    }
    Ok(())
}

fn to_31(state: &mut ArbosState<'_, Write>) -> Result<()> {
    let version = ArbosVersion::STYLUS_FIXES;
    let mut params = state.programs().params(version)?;
    params.upgrade_version(1)?;
    params.min_init_gas = 69;
    state.programs().save_params(&params, version)
}

fn to_40(state: &mut ArbosState<'_, Write>) -> Result<()> {
    let version = ArbosVersion::MAX_WASM_SIZE;
    let mut params = state.programs().params(version)?;
    if params.version != 2 {
        return Err(Fault::Halt("the Stylus version is not the one an upgrade starts from"));
    }
    params.max_wasm_size = crate::arbos::stylus_params::DEFAULT_MAX_WASM_SIZE;
    state.programs().save_params(&params, version)
}

fn to_50(state: &mut ArbosState<'_, Write>) -> Result<()> {
    let version = ArbosVersion::TX_GAS_LIMIT;
    let mut params = state.programs().params(version)?;
    params.max_stack_depth = params.max_stack_depth.min(22_000);
    state.programs().save_params(&params, version)?;
    state.per_tx_gas_limit().set(32_000_000)
}

fn to_59(state: &mut ArbosState<'_, Write>) -> Result<()> {
    let version = ArbosVersion::STYLUS_ACTIVATION_GAS;
    let mut params = state.programs().params(version)?;
    params.upgrade_version(2)?;
    state.programs().save_params(&params, version)
}

fn to_60(state: &mut ArbosState<'_, Write>) -> Result<()> {
    let version = ArbosVersion::STYLUS_CONTRACT_LIMIT;
    let mut params = state.programs().params(version)?;
    params.max_wasm_size = 262_144;
    params.max_fragment_count = 4;
    state.programs().save_params(&params, version)?;
    state.transaction_filterers().initialize()
}

/// What chains get that are made at version 6 or later; a chain that is upgraded through 6 gets none of it.
fn nitro_parameters(state: &mut ArbosState<'_, Write>, target: ArbosVersion) -> Result<()> {
    if target < ArbosVersion::FIX_REDEEM_GAS {
        state.l1_pricing().per_batch_gas_cost().set(100_000)?;
    }
    state.l1_pricing().equilibration_units().set(U256::from(160_000_000u64))?;
    // The pair of pools starts the same at every version.
    if state.l2_layout() == L2Layout::DualPool {
        return Ok(());
    }
    state.l2_pricing().speed_limit_per_second().set(7_000_000)?;
    state.l2_pricing().per_block_gas_limit().set(32_000_000)
}
