//! Charging for posted data and for what execution may use (`spec/execution.md` 9).

use super::{Incoming, Meter, validate::Admitted, validate::Refusal};
use crate::{error::Error, evm::ArbEvm};
use ::state::{ArbosState, ArbosVersion, ResourceKind, Write, arbos::L2Layout};
use alloy_primitives::U256;
use pricing::l1;

/// Units of data a transaction pays for posting, and their cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PosterCost {
    /// Units; a unit is a sixteenth of a compressed byte.
    pub units: u64,
    /// Their cost in wei.
    pub wei: U256,
}

/// Takes poster gas, and holds back what execution may not use.
///
/// # Errors
/// A failing store.
pub fn run(
    evm: &mut ArbEvm<'_>,
    incoming: &Incoming<'_>,
    admitted: &Admitted,
    meter: &mut Meter,
) -> Result<Result<(), Refusal>, Error> {
    let simulation = evm.context().chain.simulation;
    let base_fee = simulation.map_or(evm.context().chain.facts.base_fee, |simulation| simulation.base_fee);
    if !base_fee.is_zero() {
        count_units(evm, incoming.poster.units)?;
        let paid = if admitted.price.is_zero() { base_fee } else { admitted.price };
        let (mut price, mut cost) = (paid, incoming.poster.wei);
        if simulation.is_some_and(|simulation| simulation.estimates) {
            let min_base_fee = evm.arbos(|state| state.min_base_fee_wei().get())?;
            (price, cost) = l1::estimated_poster_price(price, cost, min_base_fee);
        }
        let run = &mut evm.context_mut().chain.tx;
        run.poster_gas = l1::poster_gas(cost, price);
        run.poster_fee = paid.saturating_mul(U256::from(run.poster_gas));
    }
    let run = &mut evm.context_mut().chain.tx;
    let Some(left) = meter.left.checked_sub(run.poster_gas) else { return Ok(Err(Refusal::IntrinsicGas)) };
    run.attributed.add(ResourceKind::SingleDim, run.poster_gas);
    let is_call = simulation.is_some_and(|simulation| !simulation.estimates);
    let chain = &evm.context().chain;
    let version = chain.facts.header_version;
    let of_block = (chain.layout == L2Layout::DualPool).then_some(chain.gas_limit);
    let (limit, network) = evm.arbos(|state| {
        let limit = if is_call { u64::MAX } else { compute_limit(state, version, of_block, admitted.intrinsic.gas)? };
        Ok((limit, state.network_fee_account().get()?))
    })?;
    meter.left = left.min(limit);
    let run = &mut evm.context_mut().chain.tx;
    run.held_gas = left - meter.left;
    run.tip_recipient = network;
    Ok(Ok(()))
}

/// Remembers units for the next report of a batch.
fn count_units(evm: &mut ArbEvm<'_>, units: u64) -> Result<(), Error> {
    if units == 0 {
        return Ok(());
    }
    evm.arbos(|state| state.l1_pricing().units_since_update().update(|before| Ok(before.wrapping_add(units))))
}

/// Gas execution may use: a limit of the transaction, of the block below version 50, of both where pools limit the block.
fn compute_limit(
    state: &mut ArbosState<'_, Write>,
    version: ArbosVersion,
    of_block: Option<u64>,
    intrinsic: u64,
) -> ::state::Result<u64> {
    if version >= ArbosVersion::TX_GAS_LIMIT {
        let limit = state.per_tx_gas_limit().get()?.saturating_sub(intrinsic);
        return Ok(limit.min(of_block.unwrap_or(u64::MAX)));
    }
    of_block.map_or_else(|| state.per_block_gas_limit().get(), Ok)
}
