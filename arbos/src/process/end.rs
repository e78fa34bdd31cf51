//! What follows execution: refunds, fees, backlogs (`spec/execution.md` 7, steps 12 to 16, and 9).

use super::{
    Incoming, Meter, redeem,
    validate::{Admitted, has_calldata_floor},
};
use crate::{error::Error, evm::ArbEvm, tx::ArbTxEnvelope};
use ::state::{
    ArbosState, ArbosVersion, MultiGas, ResourceKind, Write, address::L1_PRICER_FUNDS_POOL, arbos::L2Layout,
};
use alloy_primitives::{Address, U256};
use pricing::l2::{self, Direction, L2Model};

/// Part of the gas used that refunds may give back: one in this many.
const REFUND_QUOTIENT: u64 = 5;

/// What a transaction used in the end.
#[derive(Debug, Clone, Copy)]
pub struct Settled {
    /// Gas, refunds taken off.
    pub gas_used: u64,
    /// The same by kind.
    pub multi_gas: MultiGas,
}

/// Gives back what was not used and hands out the fees.
///
/// # Errors
/// A failing store.
pub fn run(
    evm: &mut ArbEvm<'_>,
    incoming: &Incoming<'_>,
    admitted: &Admitted,
    meter: &Meter,
    success: bool,
) -> Result<Settled, Error> {
    // The transaction may have switched the floor off.
    let floor = if admitted.intrinsic.floor > 0 && has_calldata_floor(evm)? { admitted.intrinsic.floor } else { 0 };
    let settled = settle(evm, meter, floor);
    let left = meter.limit - settled.gas_used;
    let paid = admitted.price;
    mint(evm, incoming.sender, paid.wrapping_mul(U256::from(left)))?;
    let base_fee = evm.context().chain.facts.base_fee;
    let tipped_gas = settled.gas_used.saturating_sub(evm.context().chain.tx.poster_gas);
    let recipient = evm.context().chain.tx.tip_recipient;
    mint(evm, recipient, paid.saturating_sub(base_fee).wrapping_mul(U256::from(tipped_gas)))?;
    if let ArbTxEnvelope::Retry(retry) = incoming.tx {
        redeem::end(evm, retry, &settled, success)?;
    } else {
        hand_out(evm, incoming, &settled, paid)?;
    }
    Ok(settled)
}

/// What was used after refunds and the floor. Everything that was not attributed to another kind is computation.
fn settle(evm: &ArbEvm<'_>, meter: &Meter, floor: u64) -> Settled {
    let run = &evm.context().chain.tx;
    let used = meter.used();
    let mut multi_gas = run.attributed;
    let computation = used.saturating_sub(multi_gas.total()).saturating_sub(run.unattributed);
    multi_gas.add(ResourceKind::Computation, computation);
    let refund = meter.refund.min(used.saturating_sub(run.poster_gas) / REFUND_QUOTIENT);
    multi_gas.set_refund(refund);
    let gas_used = used - refund;
    if gas_used >= floor {
        return Settled { gas_used, multi_gas };
    }
    multi_gas.add(ResourceKind::L2Calldata, floor - gas_used);
    Settled { gas_used: floor, multi_gas }
}

fn mint(evm: &mut ArbEvm<'_>, to: Address, amount: U256) -> Result<(), Error> {
    evm.system(|ledger| ledger.mint(to, amount))
}

/// Fees of a transaction that is no attempt of a ticket.
fn hand_out(evm: &mut ArbEvm<'_>, incoming: &Incoming<'_>, settled: &Settled, paid: U256) -> Result<(), Error> {
    let facts = evm.context().chain.facts;
    let (poster_gas, poster_fee) = (evm.context().chain.tx.poster_gas, evm.context().chain.tx.poster_fee);
    let compute_gas = settled.gas_used.saturating_sub(poster_gas);
    let mut compute_cost = facts.base_fee.wrapping_mul(U256::from(compute_gas));
    let (infra, network) = evm.arbos(|state| {
        let infra = if facts.header_version >= ArbosVersion::INFRA_FEE { infra(state)? } else { None };
        Ok((infra, state.network_fee_account().get()?))
    })?;
    if let Some((infra, min_base_fee)) = infra {
        let part = min_base_fee.min(facts.base_fee).wrapping_mul(U256::from(compute_gas));
        mint(evm, infra, part)?;
        compute_cost = compute_cost.wrapping_sub(part);
    }
    if !compute_cost.is_zero() {
        mint(evm, network, compute_cost)?;
    }
    // Kept: version 1 pays the poster itself. See ArbosVersion::L1_PRICING_SURPLUS.
    let has_pool = facts.header_version >= ArbosVersion::L1_PRICING_SURPLUS;
    mint(evm, if has_pool { L1_PRICER_FUNDS_POOL } else { facts.coinbase }, poster_fee)?;
    if facts.header_version >= ArbosVersion::L1_FEES_AVAILABLE && !poster_fee.is_zero() {
        evm.arbos(|state| state.l1_pricing().l1_fees_available().update(|held| Ok(held.saturating_add(poster_fee))))?;
    }
    if let Some(saved) = saved_by_kinds(evm, settled)? {
        evm.try_transfer(network, incoming.sender, saved)?;
    }
    if paid.is_zero() && evm.context().chain.layout == L2Layout::Backlog {
        return Ok(());
    }
    let mut multi_gas = settled.multi_gas;
    multi_gas.remove(ResourceKind::SingleDim, poster_gas);
    grow_backlog(evm, compute_gas, &multi_gas)
}

/// The infrastructure account, if there is one, with the least base fee.
pub(super) fn infra(state: &mut ArbosState<'_, Write>) -> ::state::Result<Option<(Address, U256)>> {
    let account = state.infra_fee_account().get()?;
    if account.is_zero() {
        return Ok(None);
    }
    Ok(Some((account, state.min_base_fee_wei().get()?)))
}

/// What pricing by kinds saves against one price, in wei.
pub(super) fn saved_by_kinds(evm: &mut ArbEvm<'_>, settled: &Settled) -> Result<Option<U256>, Error> {
    let facts = evm.context().chain.facts;
    if facts.header_version < ArbosVersion::MULTI_GAS_REFUND {
        return Ok(None);
    }
    let fixed = facts.header_version >= ArbosVersion::MULTI_GAS_REFUND_FIX;
    let cost = evm.arbos(|state| {
        if fixed && L2Model::active(state)? != L2Model::MultiGas {
            return Ok(None);
        }
        // Kept: version 60 falls back to the base fee of the next block. See ArbosVersion::MULTI_GAS_REFUND_FIX.
        let fallback = if fixed { facts.base_fee } else { state.base_fee_wei().get()? };
        l2::multi_gas::cost(&mut state.l2_pricing(), &settled.multi_gas, fallback).map(Some)
    })?;
    let single = facts.base_fee.saturating_mul(U256::from(settled.gas_used));
    Ok(cost.and_then(|cost| single.checked_sub(cost)).filter(|saved| !saved.is_zero()))
}

/// Adds used gas to the backlogs.
fn grow_backlog(evm: &mut ArbEvm<'_>, gas: u64, multi_gas: &MultiGas) -> Result<(), Error> {
    evm.arbos(|state| l2::move_backlog(state, Direction::Grow, gas, multi_gas))
}
