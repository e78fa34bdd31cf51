//! History: one pool and an estimate of the rate of use, as it was in February 2022 (`spec/pricing.md` 3.4, C1). No chain runs it.
//!
//! The price moves by a mix of two signs of load: how far the pool is from its target, and how the rate compares with the speed
//! limit. Ratios are of 53-bit floating point, as the law was written; the rest is of whole numbers.

use crate::math::saturating_i64;
use alloy_primitives::U256;

/// Bips that the exponent of one second at twice the load is divided by: seconds that move the price by e.
const DAMPING_SECONDS: i64 = 120;
/// One, in basis points.
const ONE: i64 = 10_000;

/// Parameters of the law.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameters {
    /// Gas the chain aims to use a second.
    pub speed_limit: u64,
    /// Size of the pool, in seconds of the speed limit.
    pub pool_seconds: u64,
    /// Level of the pool that is aimed at, in basis points of its size.
    pub target_bips: u64,
    /// Weight of the pool in the mix, in basis points; the rate has the rest.
    pub pool_weight_bips: u64,
    /// Seconds the estimate of the rate looks back.
    pub rate_seconds: u64,
    /// Lowest price, in wei.
    pub min_price: U256,
}

impl Parameters {
    /// The parameters the law began with, for a minimum price.
    #[must_use]
    pub const fn initial(min_price: U256) -> Self {
        Self {
            speed_limit: 1_000_000,
            pool_seconds: 600,
            target_bips: 5_000,
            pool_weight_bips: 6_000,
            rate_seconds: 60,
            min_price,
        }
    }

    /// What the pool holds at most.
    #[must_use]
    pub fn capacity(&self) -> i64 {
        saturating_i64(self.pool_seconds.saturating_mul(self.speed_limit))
    }
}

/// What the law keeps from block to block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// Gas in the pool.
    pub pool: i64,
    /// The same after the last update.
    pub pool_last_block: i64,
    /// Estimated gas a second.
    pub rate: u64,
    /// Price of a gas, in wei.
    pub price: U256,
}

impl State {
    /// A full pool, no use, the lowest price.
    #[must_use]
    pub fn initial(parameters: &Parameters) -> Self {
        let pool = parameters.capacity();
        Self { pool, pool_last_block: pool, rate: 0, price: parameters.min_price }
    }

    /// After gas was used.
    #[must_use]
    pub fn drained(self, gas: u64) -> Self {
        Self { pool: self.pool.saturating_sub(saturating_i64(gas)), ..self }
    }

    /// After a block with a base fee, `seconds` after the one before; none where the law divides by zero.
    #[must_use]
    pub fn after(self, seconds: u64, base_fee: U256, parameters: &Parameters) -> Option<Self> {
        let used = self.pool_last_block.wrapping_sub(self.pool).cast_unsigned();
        let weighed = parameters.rate_seconds.saturating_mul(self.rate).saturating_add(used);
        let rate = weighed.checked_div(parameters.rate_seconds.saturating_add(seconds))?;
        let (average, pool) = filled(self.pool, seconds, parameters)?;
        let exponent = exponent(average, rate, seconds, parameters)?;
        let factor = U256::from(exp4(exponent).max(0).unsigned_abs());
        let doubled = base_fee.saturating_mul(U256::from(2));
        let price = (base_fee.saturating_mul(factor) / U256::from(ONE)).max(parameters.min_price).min(doubled);
        Some(Self { pool, pool_last_block: pool, rate, price })
    }

    /// Most compute gas of the next block.
    #[must_use]
    pub fn block_gas_limit(&self, most: u64) -> u64 {
        self.pool.max(0).unsigned_abs().min(most)
    }
}

/// The average level of the pool while it fills, and its level afterwards; none at no speed.
fn filled(pool: i64, seconds: u64, parameters: &Parameters) -> Option<(i64, i64)> {
    let (most, speed) = (parameters.capacity(), saturating_i64(parameters.speed_limit));
    let seconds_to_full = most.saturating_sub(pool).checked_div(speed)?.cast_unsigned();
    if seconds > seconds_to_full {
        let space = i128::from(most) - i128::from(pool);
        let twice = i128::from(parameters.speed_limit.saturating_mul(2).saturating_mul(seconds));
        let average = i128::from(most) - space.saturating_mul(space).checked_div(twice)?;
        return Some((i64::try_from(average).unwrap_or(i64::MIN), most));
    }
    let gained = saturating_i64(seconds).saturating_mul(speed);
    Some((pool.saturating_add(gained / 2), pool.saturating_add(gained)))
}

/// The exponent of the change, in basis points; none at no speed or target.
#[expect(clippy::cast_precision_loss, reason = "the law is of 53-bit floating point")]
#[expect(clippy::cast_possible_truncation, reason = "a float becomes a whole number by cutting off, saturating")]
fn exponent(average: i64, rate: u64, seconds: u64, parameters: &Parameters) -> Option<i64> {
    let capacity = i128::from(parameters.capacity());
    let target = (i128::from(parameters.target_bips) * capacity) / i128::from(ONE);
    let missing = 2 * target - i128::from(average);
    let pool_ratio = match missing > 0 {
        true if target == 0 => return None,
        true => missing as f64 / target as f64,
        false => 0.0,
    };
    if parameters.speed_limit == 0 {
        return None;
    }
    let rate_ratio = rate as f64 / parameters.speed_limit as f64;
    let weight = parameters.pool_weight_bips as f64;
    let mix = (pool_ratio * weight + rate_ratio * (ONE as f64 - weight)) as i64;
    let above = mix.min(2 * ONE) - ONE;
    Some(above.saturating_mul(saturating_i64(seconds)) / DAMPING_SECONDS)
}

/// `e` to the power of `exponent`, both in basis points, by four terms in wrapping numbers.
#[must_use]
pub fn exp4(exponent: i64) -> i64 {
    let x = exponent.wrapping_abs();
    let mut result = ONE.wrapping_add(x / 4);
    for divisor in [30_000, 20_000, 10_000] {
        result = ONE.wrapping_add(result.wrapping_mul(x) / divisor);
    }
    if exponent < 0 { (ONE * ONE).checked_div(result).unwrap_or(0) } else { result }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MIN: U256 = U256::from_limbs([1_000_000_000, 0, 0, 0]);

    fn steady() -> (Parameters, State) {
        let parameters = Parameters::initial(MIN);
        (parameters, State::initial(&parameters))
    }

    #[test]
    fn the_exponential_is_that_of_four_terms() {
        for (exponent, want) in [(0, 10_000), (100, 10_100), (10_000, 27_083), (20_000, 70_000), (-10_000, 3_692)] {
            assert_eq!(exp4(exponent), want, "{exponent}");
        }
    }

    #[test]
    fn a_full_pool_used_at_the_speed_limit_is_steady() {
        let (parameters, state) = steady();
        let state = State { rate: parameters.speed_limit, ..state };
        let after = state.drained(parameters.speed_limit).after(1, state.price, &parameters).unwrap();
        assert_eq!((after.pool, after.price, after.rate), (state.pool, state.price, state.rate));
    }

    #[test]
    fn a_pool_at_its_target_used_at_the_speed_limit_is_steady() {
        let (parameters, _) = steady();
        let target = parameters.capacity() / 2;
        let price = MIN * U256::from(3);
        let state = State { pool: target, pool_last_block: target, rate: parameters.speed_limit, price };
        let after = state.drained(parameters.speed_limit).after(1, price, &parameters).unwrap();
        assert_eq!((after.pool, after.rate), (target, parameters.speed_limit));
        assert!(after.price.abs_diff(price) <= price / U256::from(10_000));
    }

    #[test]
    fn eight_times_the_speed_raises_the_price_before_the_pool_is_at_its_target() {
        let (parameters, mut state) = steady();
        while state.pool > parameters.capacity() / 2 {
            state = state.drained(8 * parameters.speed_limit).after(1, state.price, &parameters).unwrap();
        }
        assert!(state.price > MIN);
    }

    #[test]
    fn nothing_changes_without_gas_and_time() {
        let (parameters, state) = steady();
        assert_eq!(state.after(0, state.price, &parameters), Some(state));
    }

    #[test]
    fn an_empty_pool_raises_the_price() {
        let (parameters, state) = steady();
        let empty = State { pool: 0, pool_last_block: 0, rate: parameters.speed_limit, ..state };
        assert!(empty.after(1, state.price, &parameters).unwrap().price > state.price);
        assert_eq!(empty.block_gas_limit(20_000_000), 0);
    }

    #[test]
    fn zero_parameters_have_no_answer() {
        let (parameters, state) = steady();
        assert_eq!(state.after(1, MIN, &Parameters { speed_limit: 0, ..parameters }), None);
        assert_eq!(
            State { pool: -2_000_000, ..state }.after(1, MIN, &Parameters { target_bips: 0, ..parameters }),
            None
        );
    }

    proptest! {
        #[test]
        fn the_price_is_bounded(pool in any::<i64>(), rate in any::<u64>(), seconds in any::<u64>(), fee in any::<u64>()) {
            let (parameters, state) = steady();
            let fee = U256::from(fee).max(MIN);
            if let Some(after) = (State { pool, rate, ..state }).after(seconds, fee, &parameters) {
                prop_assert!(after.price >= MIN && after.price <= fee * U256::from(2));
            }
        }
    }
}
