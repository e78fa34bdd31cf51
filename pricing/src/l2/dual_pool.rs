//! A large and a small pool of gas, drained by use and filled by time (`spec/pricing.md` 3.7).
//!
//! The price moves by a part of itself each second: down by 1/120 when both pools are full, up by 1/120 when both are empty,
//! linearly between. It is never below the minimum, and one block at most doubles it. The large pool limits the block.

use alloy_primitives::{U256, U512};
use state::{Access, Result, Write, arbos::GasPools};

/// Seconds in which full pools halve the price.
const HALVING_SECONDS: u64 = 83;
/// The price changes by one part in this many a second, at most.
const DAMPING: u64 = 120;
/// Longest time a pool may be sized for, in seconds.
pub const MAX_POOL_SECONDS: u64 = 10_800;

/// What a pool holds at most: `seconds` of the speed limit, saturating.
#[must_use]
pub fn capacity(seconds: u64, speed_limit: u64) -> i64 {
    crate::math::saturating_i64(seconds.saturating_mul(speed_limit))
}

/// Sizes of the pools and bounds of the price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameters {
    /// Most the large pool holds.
    pub large: i64,
    /// Most the small pool holds.
    pub small: i64,
    /// Gas that fills each pool a second.
    pub speed_limit: u64,
    /// Lowest price, in wei.
    pub min_price: U256,
    /// Highest price, in wei.
    pub max_price: U256,
}

/// Pools and price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Levels {
    /// Gas in the large pool; may be negative.
    pub large: i64,
    /// Gas in the small pool; may be negative.
    pub small: i64,
    /// Price of a gas, in wei.
    pub price: U256,
}

impl Levels {
    /// The levels after time has passed.
    #[must_use]
    pub fn after(mut self, mut seconds: u64, parameters: &Parameters) -> Self {
        while seconds > 0 {
            if !self.is_full(parameters) {
                seconds -= self.fill(seconds, parameters);
            } else if let Some(passed) = halved_while_full(&mut self, seconds, parameters) {
                seconds -= passed;
            } else {
                return self;
            }
        }
        self.price = self.price.max(parameters.min_price).min(parameters.max_price);
        self
    }

    pub(super) const fn is_full(&self, parameters: &Parameters) -> bool {
        self.large == parameters.large && self.small == parameters.small
    }

    /// Fills both pools for a second and moves the price. Where that changes nothing but pools that stay empty or full, the
    /// seconds that change nothing either pass at once. Returns the seconds passed.
    fn fill(&mut self, seconds: u64, parameters: &Parameters) -> u64 {
        let before = self.price;
        pour(self, 1, parameters);
        self.price = moved(self.price, self.large, self.small, parameters);
        if self.price != before || self.is_full(parameters) {
            return 1;
        }
        let speed = parameters.speed_limit;
        let quiet = quiet_seconds(self.large, parameters.large, speed)
            .min(quiet_seconds(self.small, parameters.small, speed))
            .min(seconds - 1);
        pour(self, quiet, parameters);
        1 + quiet
    }

    /// The levels after gas was used; both pools saturate.
    #[must_use]
    pub fn drained(self, gas: u64) -> Self {
        let gas = crate::math::saturating_i64(gas);
        Self { large: self.large.saturating_sub(gas), small: self.small.saturating_sub(gas), ..self }
    }
}

/// Both pools are full: the price halves or shrinks. Returns the seconds passed, none if full pools at the minimum stay so for ever;
/// the maximum is not asked then.
pub(super) fn halved_while_full(levels: &mut Levels, seconds: u64, parameters: &Parameters) -> Option<u64> {
    if levels.price <= parameters.min_price {
        levels.price = parameters.min_price;
        return None;
    }
    if seconds >= HALVING_SECONDS {
        levels.price /= U256::from(2);
        return Some(HALVING_SECONDS);
    }
    levels.price = scaled(levels.price, U256::from(DAMPING - 1), U256::from(DAMPING));
    Some(1)
}

/// Seconds of the speed limit go into both pools.
pub(super) fn pour(levels: &mut Levels, seconds: u64, parameters: &Parameters) {
    let gas = i128::from(seconds) * i128::from(parameters.speed_limit);
    levels.large = poured(levels.large, gas, parameters.large);
    levels.small = poured(levels.small, gas, parameters.small);
}

/// A pool with gas poured in; it holds no more than `most`.
fn poured(pool: i64, gas: i128, most: i64) -> i64 {
    let filled = (i128::from(pool) + gas).min(i128::from(most));
    i64::try_from(filled).unwrap_or(most)
}

/// Seconds in which a pool counts the same for the price: for ever when full, until it is above zero when it is below.
const fn quiet_seconds(pool: i64, most: i64, speed_limit: u64) -> u64 {
    if pool >= most {
        return u64::MAX;
    }
    if pool >= 0 {
        return 0;
    }
    match pool.unsigned_abs().checked_div(speed_limit) {
        Some(seconds) => seconds,
        None => u64::MAX,
    }
}

/// The price after a second at these levels: `price * (121 * P - cross) / (120 * P)`, with P the product of both sizes and cross
/// the filled parts of each times the size of the other.
fn moved(price: U256, large: i64, small: i64, parameters: &Parameters) -> U256 {
    let held = |pool: i64| U256::from(pool.max(0).unsigned_abs());
    let (most_large, most_small) = (held(parameters.large), held(parameters.small));
    let product = most_large * most_small;
    let cross = held(large) * most_small + held(small) * most_large;
    let up = (product * U256::from(DAMPING + 1)).saturating_sub(cross);
    scaled(price, up, product * U256::from(DAMPING))
}

/// `value * factor / divisor`, saturating at 256 bits; unchanged where the divisor is zero.
fn scaled(value: U256, factor: U256, divisor: U256) -> U256 {
    if divisor.is_zero() {
        return value;
    }
    let quotient = value.widening_mul::<256, 4, 512, 8>(factor) / U512::from_limbs_slice(divisor.as_limbs());
    if quotient.bit_len() > 256 { U256::MAX } else { U256::from_limbs_slice(&quotient.as_limbs()[..4]) }
}

/// The sizes of both pools.
///
/// # Errors
/// Out of gas or a failing store.
pub fn capacities<A: Access>(pools: &mut GasPools<'_, A>) -> Result<(i64, i64)> {
    let speed_limit = pools.speed_limit_per_second().get()?;
    let large = capacity(pools.gas_pool_seconds().get()?, speed_limit);
    Ok((large, capacity(pools.small_gas_pool_seconds().get()?, speed_limit)))
}

/// Most compute gas of the next block: what the large pool holds, up to the limit that is set.
///
/// # Errors
/// Out of gas or a failing store.
pub fn block_gas_limit<A: Access>(pools: &mut GasPools<'_, A>) -> Result<u64> {
    let held = pools.gas_pool().get()?.max(0).unsigned_abs();
    Ok(held.min(pools.max_per_block_gas_limit().get()?))
}

/// Takes gas out of both pools.
///
/// # Errors
/// Out of gas or a failing store.
pub fn drain(pools: &mut GasPools<'_, Write>, gas: u64) -> Result<()> {
    let gas = crate::math::saturating_i64(gas);
    pools.gas_pool().update(|pool| Ok(pool.saturating_sub(gas)))?;
    pools.small_gas_pool().update(|pool| Ok(pool.saturating_sub(gas)))
}

/// Gives gas back to both pools.
///
/// # Errors
/// Out of gas or a failing store.
pub fn give_back(pools: &mut GasPools<'_, Write>, gas: u64) -> Result<()> {
    let gas = crate::math::saturating_i64(gas);
    pools.gas_pool().update(|pool| Ok(pool.saturating_add(gas)))?;
    pools.small_gas_pool().update(|pool| Ok(pool.saturating_add(gas)))
}

/// Ends a block: the next price is at most twice this block's base fee; then time passes.
///
/// # Errors
/// A failing store.
pub fn end_block(pools: &mut GasPools<'_, Write>, base_fee: U256, seconds: u64) -> Result<()> {
    let max_price = base_fee.saturating_mul(U256::from(2));
    pools.max_gas_price_wei().set(max_price)?;
    let (large, small) = capacities(pools)?;
    let parameters = Parameters {
        large,
        small,
        speed_limit: pools.speed_limit_per_second().get()?,
        min_price: pools.min_gas_price_wei().get()?,
        max_price,
    };
    let before = Levels {
        large: pools.gas_pool().get()?,
        small: pools.small_gas_pool().get()?,
        price: pools.gas_price_wei().get()?,
    };
    let after = before.after(seconds, &parameters);
    pools.gas_pool().set(after.large)?;
    pools.small_gas_pool().set(after.small)?;
    pools.gas_price_wei().set(after.price)
}

/// Whether an owner may size the pools like this.
#[must_use]
pub const fn is_allowed(seconds: u64, small_seconds: u64, speed_limit: u64) -> bool {
    let fits = match seconds.checked_mul(speed_limit) {
        Some(gas) => gas <= i64::MAX.cast_unsigned(),
        None => false,
    };
    small_seconds > 0 && small_seconds <= seconds && seconds <= MAX_POOL_SECONDS && speed_limit > 0 && fits
}

/// Clips both pools to their sizes, after one of these was lowered.
///
/// # Errors
/// Out of gas or a failing store.
pub fn clip(pools: &mut GasPools<'_, Write>) -> Result<()> {
    let (large, small) = capacities(pools)?;
    pools.gas_pool().update(|pool| Ok(pool.min(large)))?;
    pools.small_gas_pool().update(|pool| Ok(pool.min(small)))
}

#[cfg(test)]
#[path = "dual_pool/tests.rs"]
mod tests;
