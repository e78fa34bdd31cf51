//! History: the first exponential law, April 2022 (`spec/pricing.md` 3.6, D). No chain runs it.
//!
//! A pool that is never above zero; what it lacks is the backlog. The price is the minimum times the exponential of the backlog
//! beyond a tolerance. Without tolerance it is the very first form.

use crate::{l2::price, math::saturating_i64};
use alloy_primitives::U256;

/// Parameters of the law.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameters {
    /// Gas the chain aims to use a second.
    pub speed_limit: u64,
    /// Seconds of speed limit that multiply the price by e.
    pub denominator: u64,
    /// Seconds of speed limit that cost nothing; none in the first form.
    pub tolerance: u64,
    /// Lowest price, in wei.
    pub min_price: U256,
}

impl Parameters {
    /// The parameters the law began with, for a minimum price: no tolerance yet.
    #[must_use]
    pub const fn initial(min_price: U256) -> Self {
        Self { speed_limit: 1_000_000, denominator: 102, tolerance: 0, min_price }
    }
}

/// The pool after use: it starts from zero where it is above.
#[must_use]
pub fn drained(pool: i64, gas: u64) -> i64 {
    pool.min(0).saturating_sub(saturating_i64(gas))
}

/// The pool after time: at most zero.
#[must_use]
pub fn filled(pool: i64, seconds: u64, speed_limit: u64) -> i64 {
    pool.saturating_add(saturating_i64(seconds.saturating_mul(speed_limit))).min(0)
}

/// The price at a level of the pool; none where the law divides by zero.
#[must_use]
pub fn base_fee(pool: i64, parameters: &Parameters) -> Option<U256> {
    let tolerated = saturating_i64(parameters.tolerance.saturating_mul(parameters.speed_limit));
    let beyond = pool.saturating_add(tolerated);
    if beyond >= 0 {
        return Some(parameters.min_price);
    }
    let divisor = saturating_i64(parameters.denominator.saturating_mul(parameters.speed_limit));
    let exponent = beyond.saturating_mul(10_000).checked_div(divisor)?.saturating_neg();
    Some(price(parameters.min_price, exponent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MIN: U256 = U256::from_limbs([1_000_000_000, 0, 0, 0]);

    #[test]
    fn a_backlog_of_the_denominator_multiplies_by_e() {
        let parameters = Parameters::initial(MIN);
        assert_eq!(base_fee(0, &parameters), Some(MIN));
        assert_eq!(base_fee(-102_000_000, &parameters), Some(U256::from(2_708_300_000u64)));
        assert_eq!(base_fee(-204_000_000, &parameters), Some(U256::from(7_000_000_000u64)));
        assert_eq!(base_fee(-10_199, &parameters), Some(MIN));
        assert_eq!(base_fee(-10_200, &parameters), Some(U256::from(1_000_100_000u64)));
    }

    #[test]
    fn a_tolerated_backlog_costs_nothing() {
        let parameters = Parameters { tolerance: 10, ..Parameters::initial(MIN) };
        assert_eq!(base_fee(-10_000_000, &parameters), Some(MIN));
        assert_eq!(base_fee(-112_000_000, &parameters), Some(U256::from(2_708_300_000u64)));
    }

    #[test]
    fn the_pool_is_never_above_zero() {
        assert_eq!(filled(-5, 1, 1_000_000), 0);
        assert_eq!(filled(-1_500_000, 1, 1_000_000), -500_000);
        assert_eq!(drained(700, 300), -300);
        assert_eq!(drained(i64::MIN, u64::MAX), i64::MIN);
    }

    #[test]
    fn zero_parameters_have_no_answer() {
        let parameters = Parameters { denominator: 0, ..Parameters::initial(MIN) };
        assert_eq!((base_fee(-1, &parameters), base_fee(0, &parameters)), (None, Some(MIN)));
    }

    proptest! {
        #[test]
        fn the_price_grows_with_the_backlog(pool in i64::MIN / 2..0, more in 0i64..i64::MAX / 2) {
            let parameters = Parameters::initial(MIN);
            prop_assert!(base_fee(pool - more, &parameters) >= base_fee(pool, &parameters));
            prop_assert!(base_fee(pool, &parameters).unwrap() >= MIN);
        }
    }
}
