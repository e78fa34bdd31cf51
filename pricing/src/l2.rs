//! Price of L2 gas (`spec/pricing.md` 2): which model is active, and what moves its backlogs and the base fee.
//!
//! A backlog grows with use and shrinks with time; the base fee is the minimum times the exponential of the backlog. Three models
//! differ in how many backlogs they keep and what they weigh. A chain whose configuration says so has a pair of pools instead.

pub mod constraints;
pub mod dual_pool;
pub mod first_exponential;
pub mod forgetful_pools;
pub mod legacy;
pub mod multi_gas;
pub mod rate_estimate;

use crate::math::{exp_bips, mul_bips};
use alloy_primitives::U256;
use state::{Access, ArbosState, ArbosVersion, MultiGas, Result, Write, arbos::L2Layout};

/// Terms of the exponential.
const EXP_TERMS: u64 = 4;

/// Gas a redeem keeps back for changing one backlog: a read and a write.
const BACKLOG_UPDATE_GAS: u64 = state::burn::READ_GAS + state::burn::WRITE_GAS;

/// The model in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum L2Model {
    /// One backlog with a tolerance.
    Legacy,
    /// Several targets over single gas, since version 50.
    Constraints,
    /// Several targets over kinds of gas, since version 60.
    MultiGas,
    /// A pair of pools, where the chain's configuration says so.
    DualPool,
}

/// Which way a backlog moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// By use.
    Grow,
    /// By time, or by gas that was given away and is counted later.
    Shrink,
}

impl Direction {
    /// A backlog after `amount`, saturating.
    #[must_use]
    pub const fn apply(self, backlog: u64, amount: u64) -> u64 {
        match self {
            Self::Grow => backlog.saturating_add(amount),
            Self::Shrink => backlog.saturating_sub(amount),
        }
    }
}

impl L2Model {
    /// The model in force: reads the lengths of the lists the version knows.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn active<A: Access>(state: &mut ArbosState<'_, A>) -> Result<Self> {
        if state.l2_layout() == L2Layout::DualPool {
            return Ok(Self::DualPool);
        }
        let version = state.version();
        if version >= ArbosVersion::MULTI_GAS_CONSTRAINTS && !state.l2_pricing().multi_gas_constraints().is_empty()? {
            return Ok(Self::MultiGas);
        }
        if version >= ArbosVersion::GAS_CONSTRAINTS && !state.l2_pricing().gas_constraints().is_empty()? {
            return Ok(Self::Constraints);
        }
        Ok(Self::Legacy)
    }
}

/// Moves the backlogs of the active model by an amount of gas, or drains and fills the pools.
///
/// # Errors
/// Out of gas or a failing store.
pub fn move_backlog(
    state: &mut ArbosState<'_, Write>,
    direction: Direction,
    gas: u64,
    multi_gas: &MultiGas,
) -> Result<()> {
    match L2Model::active(state)? {
        L2Model::Legacy => state.l2_pricing().gas_backlog().update(|backlog| Ok(direction.apply(backlog, gas))),
        L2Model::Constraints => constraints::move_backlogs(&mut state.l2_pricing(), direction, gas),
        L2Model::MultiGas => multi_gas::move_backlogs(&mut state.l2_pricing(), direction, multi_gas),
        L2Model::DualPool => match direction {
            Direction::Grow => dual_pool::drain(&mut state.gas_pools(), gas),
            Direction::Shrink => dual_pool::give_back(&mut state.gas_pools(), gas),
        },
    }
}

/// A submission scheduled the first attempt of its ticket: the pools lose its gas at once; backlogs wait for its end.
///
/// # Errors
/// A failing store.
pub fn schedule_attempt(state: &mut ArbosState<'_, Write>, gas: u64) -> Result<()> {
    match state.l2_layout() {
        L2Layout::Backlog => Ok(()),
        L2Layout::DualPool => dual_pool::drain(&mut state.gas_pools(), gas),
    }
}

/// An attempt ended: backlogs grow by what it used; the pools, which lost its gas before, get back what it left.
///
/// # Errors
/// A failing store.
pub fn end_attempt(state: &mut ArbosState<'_, Write>, used: u64, left: u64, multi_gas: &MultiGas) -> Result<()> {
    match state.l2_layout() {
        L2Layout::Backlog => move_backlog(state, Direction::Grow, used, multi_gas),
        L2Layout::DualPool => dual_pool::give_back(&mut state.gas_pools(), left),
    }
}

/// Most compute gas of the block that starts now.
///
/// # Errors
/// A failing store.
pub fn block_gas_limit<A: Access>(state: &mut ArbosState<'_, A>) -> Result<u64> {
    match state.l2_layout() {
        L2Layout::Backlog => state.per_block_gas_limit().get(),
        L2Layout::DualPool => dual_pool::block_gas_limit(&mut state.gas_pools()),
    }
}

/// Ends a block with a base fee that lasted `seconds`: the pair of pools moves its price now, the other models at the start of
/// the next block.
///
/// # Errors
/// A failing store.
pub fn end_block(state: &mut ArbosState<'_, Write>, base_fee: U256, seconds: u64) -> Result<()> {
    match state.l2_layout() {
        L2Layout::Backlog => Ok(()),
        L2Layout::DualPool => dual_pool::end_block(&mut state.gas_pools(), base_fee, seconds),
    }
}

/// Lets time pass and sets the base fee of the next block. Called once a block, at its start.
///
/// # Errors
/// A failing store, or parameters by which the reference divides and that are zero.
pub fn advance(state: &mut ArbosState<'_, Write>, seconds: u64) -> Result<()> {
    let model = L2Model::active(state)?;
    let mut view = state.l2_pricing();
    match model {
        L2Model::Legacy => legacy::advance(&mut view, seconds),
        L2Model::Constraints => constraints::advance(&mut view, seconds),
        L2Model::MultiGas => multi_gas::advance(&mut view, seconds),
        // The price moves at the end of the block.
        L2Model::DualPool => Ok(()),
    }
}

/// Base fee at an exponent: the minimum below and at zero. Saturates at 256 bits.
#[must_use]
pub fn price(min_base_fee: U256, exponent_bips: i64) -> U256 {
    if exponent_bips <= 0 { min_base_fee } else { mul_bips(min_base_fee, exp_bips(exponent_bips, EXP_TERMS)) }
}

/// A fraction of a backlog over a divisor, in basis points; none if the divisor is zero.
pub(crate) fn exponent_bips(backlog: u64, divisor: u64) -> Option<i64> {
    let scaled = crate::math::saturating_i64(backlog).saturating_mul(10_000);
    scaled.checked_div(crate::math::saturating_i64(divisor))
}

/// Gas `ArbRetryableTx.redeem` keeps back for the backlog. From version 51 to 59 it reads the number of constraints for it.
///
/// # Errors
/// Out of gas or a failing store.
pub fn redeem_reserve<A: Access>(state: &mut ArbosState<'_, A>) -> Result<u64> {
    if state.l2_layout() == L2Layout::DualPool {
        return Ok(2 * BACKLOG_UPDATE_GAS);
    }
    let version = state.version();
    if version >= ArbosVersion::MULTI_GAS_CONSTRAINTS || version < ArbosVersion::GAS_CONSTRAINTS {
        return Ok(BACKLOG_UPDATE_GAS);
    }
    let length_read = state::burn::READ_GAS;
    if version >= ArbosVersion::CONSTRAINT_FIX {
        let constraints = state.l2_pricing().gas_constraints().len()?;
        if constraints > 0 {
            let updates = constraints.saturating_mul(BACKLOG_UPDATE_GAS);
            return Ok(updates.saturating_add(2 * length_read));
        }
    }
    Ok(length_read + BACKLOG_UPDATE_GAS)
}
