//! The fee for the code of an activation: it grows with the demand of late.

use crate::math::{exp_bips, saturating_i64};
use alloy_primitives::U256;
use state::{Result, Write, arbos::DataPricer};

/// Terms of the exponential.
const EXP_TERMS: u64 = 12;

/// State of the price.
#[derive(Debug, Clone, Copy)]
pub struct Demand {
    /// Bytes above the target rate.
    pub demand: u32,
    /// Bytes paid off each second.
    pub bytes_per_second: u32,
    /// Lowest price of a byte, in wei.
    pub min_price: u32,
    /// Demand that multiplies the price by e.
    pub inertia: u32,
}

/// The demand after `seconds` and another `bytes`.
#[must_use]
pub fn after(state: &Demand, seconds: u64, bytes: u32) -> u32 {
    let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
    state.demand.saturating_sub(state.bytes_per_second.saturating_mul(seconds)).saturating_add(bytes)
}

/// What `bytes` cost at a demand, in wei. An inertia of zero, which nobody can set, costs the most.
#[must_use]
pub fn fee(state: &Demand, bytes: u32) -> u64 {
    let exponent = 10_000 * u64::from(state.demand);
    let exponent = exponent.checked_div(u64::from(state.inertia)).unwrap_or(u64::MAX);
    let multiplier = exp_bips(saturating_i64(exponent), EXP_TERMS);
    let per_byte = u64::from(state.min_price).saturating_mul(multiplier) / 10_000;
    per_byte.saturating_mul(u64::from(bytes))
}

/// Counts an activation of `bytes` at `now` and returns its fee in wei: five reads and two writes.
///
/// # Errors
/// Out of gas or a failing store.
pub fn charge(view: &mut DataPricer<'_, Write>, bytes: u32, now: u64) -> Result<U256> {
    let demand = view.demand().get()?;
    let bytes_per_second = view.bytes_per_second().get()?;
    let last = view.last_update_time().get()?;
    let min_price = view.min_price().get()?;
    let inertia = view.inertia().get()?;
    let mut state = Demand { demand, bytes_per_second, min_price, inertia };
    state.demand = after(&state, now.wrapping_sub(last), bytes);
    view.demand().set(state.demand)?;
    view.last_update_time().set(now)?;
    Ok(U256::from(fee(&state, bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRESH: Demand = Demand { demand: 0, bytes_per_second: 34_865, min_price: 82_928_201, inertia: 21_360_419 };

    #[test]
    fn demand_is_paid_off_by_time() {
        assert_eq!(after(&Demand { demand: 100_000, ..FRESH }, 1, 10), 100_000 - 34_865 + 10);
        assert_eq!(after(&FRESH, u64::MAX, 7), 7);
    }

    #[test]
    fn the_fee_grows_by_e_with_the_inertia() {
        assert_eq!(fee(&FRESH, 1), 82_928_201);
        let dear = fee(&Demand { demand: FRESH.inertia, ..FRESH }, 1);
        assert_eq!(dear, 82_928_201 * 27_182 / 10_000);
    }
}
