//! History: the pair of pools as it was first written down, January 2022 (`spec/pricing.md` 3.3, F2 of B5). No chain runs it.
//!
//! Kept: the price of a second forgets the price before, and a division that multiplied made it jump between both bounds: emptier
//! than half in sum is the maximum, fuller the minimum. The law that was meant is [`dual_pool`](super::dual_pool).

use super::dual_pool::{Levels, Parameters, halved_while_full, pour};
use alloy_primitives::{U256, U512};

/// The levels after time has passed.
#[must_use]
pub fn after(mut levels: Levels, mut seconds: u64, parameters: &Parameters) -> Levels {
    while seconds > 0 {
        if levels.is_full(parameters) {
            match halved_while_full(&mut levels, seconds, parameters) {
                Some(passed) => seconds -= passed,
                None => return levels,
            }
        } else {
            pour(&mut levels, 1, parameters);
            levels.price = price(&levels, parameters);
            seconds -= 1;
        }
    }
    levels.price = levels.price.max(parameters.min_price).min(parameters.max_price);
    levels
}

/// `(P - cross) * P * 121 / 120`, zero where it is negative, saturating: P the product of both sizes, cross the filled parts of each
/// times the size of the other.
fn price(levels: &Levels, parameters: &Parameters) -> U256 {
    let held = |pool: i64| U512::from(pool.max(0).unsigned_abs());
    let (large, small) = (held(parameters.large), held(parameters.small));
    let product = large * small;
    let cross = held(levels.large) * small + held(levels.small) * large;
    let ratio = product.saturating_sub(cross) * product;
    let price = ratio * U512::from(121) / U512::from(120);
    if price.bit_len() > 256 { U256::MAX } else { U256::from_limbs_slice(&price.as_limbs()[..4]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GWEI: u64 = 1_000_000_000;

    fn parameters() -> Parameters {
        Parameters {
            large: 600_000_000,
            small: 60_000_000,
            speed_limit: 1_000_000,
            min_price: U256::from(GWEI),
            max_price: U256::from(2 * GWEI),
        }
    }

    fn price_after(large: i64, small: i64, seconds: u64) -> U256 {
        after(Levels { large, small, price: U256::from(GWEI) }, seconds, &parameters()).price
    }

    #[test]
    fn the_price_follows_the_table() {
        assert_eq!(price_after(360_000_000, -180_000_000, 20), U256::from(2 * GWEI));
        assert_eq!(price_after(590_000_000, 50_000_000, 1), U256::from(GWEI));
    }

    #[test]
    fn use_raises_the_price_with_time_and_time_lowers_it() {
        let used = 4 * 60_000_000;
        let (large, small) = (600_000_000 - used, 60_000_000 - used);
        assert_eq!(price_after(large, small, 0), U256::from(GWEI));
        assert!(price_after(large, small, 20) > U256::from(GWEI));
        assert_eq!(price_after(large, small, 520), U256::from(GWEI));
    }

    proptest! {
        #[test]
        fn the_price_is_at_one_of_its_bounds(
            large in -600_000_000i64..600_000_000, small in -60_000_000i64..60_000_000, seconds in 1u64..700,
        ) {
            let price = price_after(large, small, seconds);
            prop_assert!(price == parameters().min_price || price == parameters().max_price);
        }
    }
}
