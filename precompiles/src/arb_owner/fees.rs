//! Setters of L1 and L2 pricing that check what they set.

use super::{ArbOwner, OUT_OF_RANGE, pools};
use crate::{Reply, WriteCtx, context::require};
use alloy_primitives::U256;
use pricing::{brotli, l2::multi_gas};
use state::{
    ArbosVersion, Fault, ResourceKind, View,
    address::L1_PRICER_FUNDS_POOL,
    arbos::{GasConstraint, MultiGasConstraint},
};

/// Most constraints from version 51 to 59.
const MAX_CONSTRAINTS: usize = 20;

/// Refuses what a chain with the pair of pools does not have.
pub(super) fn require_backlogs(cx: &mut WriteCtx<'_, '_>) -> Reply<()> {
    require(!cx.has_pools(), "the chain prices gas by a pair of pools")
}

/// Zero is refused outside of the chain only.
pub(super) fn set_minimum_base_fee(cx: &mut WriteCtx<'_, '_>, price: U256) -> Reply<()> {
    require(!price.is_zero() || cx.block().on_chain, "minimum base fee must be nonzero")?;
    cx.state().min_base_fee_wei().set(price)?;
    if cx.has_pools() { pools::lift_price(cx, price) } else { Ok(()) }
}

pub(super) fn set_speed_limit(cx: &mut WriteCtx<'_, '_>, limit: u64) -> Reply<()> {
    require(limit != 0, "speed limit must be nonzero")?;
    if cx.has_pools() {
        return pools::set_speed_limit(cx, limit);
    }
    Ok(cx.state().speed_limit_per_second().set(limit)?)
}

pub(super) fn set_max_tx_gas_limit(cx: &mut WriteCtx<'_, '_>, limit: u64) -> Reply<()> {
    // Kept: below version 50 the limit is that of a block. See ArbosVersion::TX_GAS_LIMIT.
    if cx.version() < ArbosVersion::TX_GAS_LIMIT {
        return Ok(cx.state().per_block_gas_limit().set(limit)?);
    }
    Ok(cx.state().per_tx_gas_limit().set(limit)?)
}

pub(super) fn set_pricing_inertia(cx: &mut WriteCtx<'_, '_>, seconds: u64) -> Reply<()> {
    require_backlogs(cx)?;
    require(seconds != 0, "price inertia must be nonzero")?;
    Ok(cx.state().l2_pricing().pricing_inertia().set(seconds)?)
}

pub(super) fn set_brotli_level(cx: &mut WriteCtx<'_, '_>, level: u64) -> Reply<()> {
    require(level <= brotli::MAX_LEVEL, "invalid brotli compression level")?;
    Ok(cx.state().brotli_compression_level().set(level)?)
}

/// Counts funds of the pool as available, up to `most` wei. Moves nothing.
pub(super) fn release_surplus(cx: &mut WriteCtx<'_, '_>, most: U256) -> Reply<U256> {
    let balance = cx.host().balance(L1_PRICER_FUNDS_POOL)?;
    let available = cx.state().l1_pricing().l1_fees_available().get()?;
    let Some(surplus) = balance.checked_sub(available) else { return Ok(U256::ZERO) };
    let released = surplus.min(most);
    cx.state().l1_pricing().l1_fees_available().update(|held| Ok(held.wrapping_add(released)))?;
    Ok(released)
}

/// Replaces all constraints over single gas: target, window, backlog.
pub(super) fn set_constraints(cx: &mut WriteCtx<'_, '_>, rows: &[[u64; 3]]) -> Reply<()> {
    require_backlogs(cx)?;
    let version = cx.version();
    let mut state = cx.state();
    let mut l2_pricing = state.l2_pricing();
    let mut list = l2_pricing.gas_constraints();
    for _ in 0..list.len()? {
        GasConstraint::open(list.pop()?).clear()?;
    }
    let bounded = version >= ArbosVersion::CONSTRAINT_FIX && version < ArbosVersion::MULTI_GAS_CONSTRAINTS;
    require(!bounded || rows.len() <= MAX_CONSTRAINTS, "too many constraints")?;
    for [target, window, backlog] in rows {
        require(*target != 0 && *window != 0, "invalid constraint: zero target or window")?;
        let mut row = GasConstraint::open(list.push()?);
        row.target().set(*target)?;
        row.adjustment_window().set(*window)?;
        row.backlog().set(*backlog)?;
    }
    Ok(())
}

/// Weights by kind; the last of several for a kind counts.
fn weights(row: &ArbOwner::MultiGasConstraintRow) -> Reply<[u64; ResourceKind::COUNT]> {
    let mut weights = [0; ResourceKind::COUNT];
    for weighted in &row.resources {
        let kind = ResourceKind::from_user(weighted.resource).ok_or(OUT_OF_RANGE)?;
        weights[kind as usize] = weighted.weight;
    }
    Ok(weights)
}

/// Replaces all constraints over kinds of gas, and refuses what would make the fee explode at once.
pub(super) fn set_multi_gas_constraints(
    cx: &mut WriteCtx<'_, '_>,
    rows: &[ArbOwner::MultiGasConstraintRow],
) -> Reply<()> {
    require_backlogs(cx)?;
    let mut state = cx.state();
    let mut l2_pricing = state.l2_pricing();
    let mut list = l2_pricing.multi_gas_constraints();
    for _ in 0..list.len()? {
        MultiGasConstraint::open(list.pop()?).clear()?;
    }
    for row in rows {
        require(row.targetPerSec != 0 && row.adjustmentWindowSecs != 0, "invalid constraint: zero target or window")?;
        let weights = weights(row)?;
        let mut stored = MultiGasConstraint::open(list.push()?);
        stored.target().set(row.targetPerSec)?;
        stored.adjustment_window().set(row.adjustmentWindowSecs)?;
        stored.backlog().set(row.backlog)?;
        stored.set_weights(&weights)?;
    }
    // Kept: a length that cannot be paid for counts as none, so the check passes.
    let length = match list.len() {
        Err(Fault::OutOfGas) => 0,
        length => length?,
    };
    let exponents = multi_gas::exponents(&mut l2_pricing, length)?;
    require(multi_gas::within_limit(&exponents), "a constraint's exponent exceeds the limit")
}
