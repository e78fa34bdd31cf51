//! Tables and laws of the pair of pools.

use super::*;
use proptest::prelude::*;

const GWEI: u64 = 1_000_000_000;

fn parameters() -> Parameters {
    Parameters {
        large: 600_000_000,
        small: 60_000_000,
        speed_limit: 1_000_000,
        min_price: U256::from(GWEI),
        max_price: U256::MAX,
    }
}

fn levels(large: i64, small: i64, price: u64) -> Levels {
    Levels { large, small, price: U256::from(price) }
}

/// The law of one second at a time, as the rules write it.
fn slowly(mut levels: Levels, mut seconds: u64, parameters: &Parameters) -> Levels {
    while seconds > 0 {
        if levels.is_full(parameters) {
            if levels.price <= parameters.min_price {
                return Levels { price: parameters.min_price, ..levels };
            }
            if seconds >= 83 {
                levels.price /= U256::from(2);
                seconds -= 83;
            } else {
                levels.price = levels.price * U256::from(119) / U256::from(120);
                seconds -= 1;
            }
            continue;
        }
        pour(&mut levels, 1, parameters);
        levels.price = moved(levels.price, levels.large, levels.small, parameters);
        seconds -= 1;
    }
    levels.price = levels.price.max(parameters.min_price).min(parameters.max_price);
    levels
}

#[test]
fn the_price_follows_the_table() {
    let start = levels(360_000_000, -180_000_000, GWEI);
    let after_20 = start.after(20, &parameters());
    assert_eq!(after_20, levels(380_000_000, -160_000_000, 1_065_717_775));
    assert_eq!(after_20.after(1, &parameters()), levels(381_000_000, -159_000_000, 1_068_959_333));
    assert_eq!(after_20.after(100, &parameters()), levels(480_000_000, -60_000_000, 1_348_213_652));
    assert_eq!(after_20.after(500, &parameters()), levels(600_000_000, 60_000_000, GWEI));
    let full = levels(600_000_000, 60_000_000, 4 * GWEI);
    assert_eq!(full.after(82, &parameters()).price, U256::from(2_013_949_808u64));
    assert_eq!(full.after(83, &parameters()).price, U256::from(2 * GWEI));
}

#[test]
fn use_moves_the_price_only_as_time_passes() {
    let used = levels(600_000_000, 60_000_000, GWEI).drained(240_000_000);
    assert_eq!(used.price, U256::from(GWEI));
    assert_eq!(used.after(0, &parameters()), used);
    let later = used.after(20, &parameters());
    assert!(later.price > U256::from(GWEI));
    assert_eq!(later.after(500, &parameters()).price, U256::from(GWEI));
}

#[test]
fn one_block_at_most_doubles_the_price() {
    let capped = Parameters { max_price: U256::from(2 * GWEI), ..parameters() };
    assert_eq!(levels(-600_000_000, -600_000_000, GWEI).after(600, &capped).price, U256::from(2 * GWEI));
}

#[test]
fn full_pools_at_the_minimum_do_not_ask_the_maximum() {
    let raised = Parameters { min_price: U256::from(10 * GWEI), max_price: U256::from(2 * GWEI), ..parameters() };
    assert_eq!(levels(600_000_000, 60_000_000, 10 * GWEI).after(1, &raised).price, raised.min_price);
    assert_eq!(levels(599_000_000, 60_000_000, 10 * GWEI).after(0, &raised).price, raised.max_price);
}

#[test]
fn a_pool_as_empty_as_can_be_takes_no_time() {
    let slow = Parameters { large: 600, small: 60, speed_limit: 1, max_price: U256::MAX, ..parameters() };
    let after = levels(i64::MIN, i64::MIN, GWEI).after(u64::MAX, &slow);
    assert_eq!((after.large, after.small), (600, 60));
    let still = Parameters { speed_limit: 0, ..slow };
    assert_eq!(levels(-1, -1, GWEI).after(u64::MAX, &still).large, -1);
}

#[test]
fn a_price_of_nothing_waits_for_full_pools_and_is_the_minimum_then() {
    let bounds = Parameters { min_price: U256::from(10), max_price: U256::from(2), ..parameters() };
    let start = levels(599_000_000, 59_000_000, 0);
    assert_eq!(start.after(1, &bounds).price, U256::from(2));
    assert_eq!(start.after(2, &bounds).price, U256::from(10));
    assert_eq!(start.after(u64::MAX, &bounds), start.after(2, &bounds));
}

#[test]
fn sizes_are_bounded() {
    assert!(is_allowed(600, 60, 1_000_000));
    assert!(is_allowed(10_800, 10_800, 1));
    assert!(!is_allowed(10_801, 1, 1));
    assert!(!is_allowed(60, 61, 1));
    assert!(!is_allowed(60, 0, 1));
    assert!(!is_allowed(60, 60, 0));
    assert!(!is_allowed(2, 1, u64::MAX / 2));
    assert!(is_allowed(1, 1, i64::MAX as u64));
}

proptest! {
    #[test]
    fn many_seconds_at_once_are_like_one_by_one(
        large in -2_000_000_000i64..600_000_000, small in -2_000_000_000i64..60_000_000,
        price in prop_oneof![0u64..10, 0..10 * GWEI], seconds in 0u64..3_000, min in prop_oneof![0u64..10, 0..GWEI],
        max in prop_oneof![0u64..10, any::<u64>()],
    ) {
        let parameters = Parameters { min_price: U256::from(min), max_price: U256::from(max), ..parameters() };
        let start = levels(large, small, price);
        prop_assert_eq!(start.after(seconds, &parameters), slowly(start, seconds, &parameters));
    }

    #[test]
    fn pools_never_exceed_their_sizes(
        large in i64::MIN..600_000_000, small in i64::MIN..60_000_000, price in any::<u64>(), seconds in 0u64..100_000,
    ) {
        let after = levels(large, small, price).after(seconds, &parameters());
        prop_assert!(after.large <= 600_000_000 && after.small <= 60_000_000);
        prop_assert!(after.price >= U256::from(GWEI));
    }

    #[test]
    fn emptier_pools_cost_more(
        large in -600_000_000i64..600_000_000, small in -60_000_000i64..60_000_000,
        used in 0u64..600_000_000, seconds in 0u64..400,
    ) {
        let start = levels(large, small, 3 * GWEI);
        let (idle, busy) = (start.after(seconds, &parameters()), start.drained(used).after(seconds, &parameters()));
        prop_assert!(busy.price >= idle.price);
    }
}
