//! One backlog with a tolerance: the model of all chains without constraints.

use crate::l2::{exponent_bips, price};
use alloy_primitives::U256;
use state::{Fault, Result, Write, arbos::L2Pricing};

/// Parameters of the model.
#[derive(Debug, Clone, Copy)]
pub struct Parameters {
    /// Gas the chain aims to use a second.
    pub speed_limit: u64,
    /// Seconds of speed limit that multiply the fee by e.
    pub inertia: u64,
    /// Seconds of speed limit that cost nothing.
    pub tolerance: u64,
    /// Lowest base fee, in wei.
    pub min_base_fee: U256,
}

/// A backlog after time has passed.
#[must_use]
pub const fn pay_off(backlog: u64, rate: u64, seconds: u64) -> u64 {
    backlog.saturating_sub(seconds.saturating_mul(rate))
}

/// Base fee at a backlog; none where the reference divides by zero.
#[must_use]
pub fn base_fee(backlog: u64, parameters: &Parameters) -> Option<U256> {
    let tolerated = parameters.tolerance.wrapping_mul(parameters.speed_limit);
    if backlog <= tolerated {
        return Some(parameters.min_base_fee);
    }
    let exponent = exponent_bips(backlog - tolerated, parameters.inertia.saturating_mul(parameters.speed_limit))?;
    Some(price(parameters.min_base_fee, exponent))
}

pub(super) fn advance(view: &mut L2Pricing<'_, Write>, seconds: u64) -> Result<()> {
    let speed_limit = view.speed_limit_per_second().get()?;
    let backlog = pay_off(view.gas_backlog().get()?, speed_limit, seconds);
    view.gas_backlog().set(backlog)?;
    let parameters = Parameters {
        speed_limit,
        inertia: view.pricing_inertia().get()?,
        tolerance: view.backlog_tolerance().get()?,
        min_base_fee: view.min_base_fee_wei().get()?,
    };
    let fee = base_fee(backlog, &parameters).ok_or(Fault::Halt("L2 pricing divides by an inertia or speed of zero"))?;
    view.base_fee_wei().set(fee)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PARAMETERS: Parameters = Parameters {
        speed_limit: 7_000_000,
        inertia: 102,
        tolerance: 10,
        min_base_fee: U256::from_limbs([100_000_000, 0, 0, 0]),
    };

    #[test]
    fn the_fee_follows_the_table() {
        let table: [(u64, u64, u64, u64); 5] = [
            (70_000_001, 0, 70_000_001, 100_000_000),
            (70_071_400, 0, 70_071_400, 100_010_000),
            (784_000_000, 0, 784_000_000, 270_830_000),
            (1_498_000_000, 1, 1_491_000_000, 693_720_000),
            (7_000_000_000, 3, 6_979_000_000, 57_378_770_000),
        ];
        for (before, seconds, after, fee) in table {
            let backlog = pay_off(before, PARAMETERS.speed_limit, seconds);
            assert_eq!(backlog, after);
            assert_eq!(base_fee(backlog, &PARAMETERS), Some(U256::from(fee)));
        }
    }

    proptest! {
        #[test]
        fn the_fee_grows_with_the_backlog(backlog in 0u64..10_000_000_000, more in 0u64..10_000_000_000) {
            let fee = base_fee(backlog, &PARAMETERS).unwrap();
            prop_assert!(fee >= PARAMETERS.min_base_fee);
            prop_assert!(base_fee(backlog + more, &PARAMETERS).unwrap() >= fee);
        }
    }

    #[test]
    fn zero_parameters_have_no_fee_above_the_tolerance() {
        let parameters = Parameters { inertia: 0, ..PARAMETERS };
        assert_eq!(base_fee(70_000_000, &parameters), Some(parameters.min_base_fee));
        assert_eq!(base_fee(70_000_001, &parameters), None);
    }
}
