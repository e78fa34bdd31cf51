//! Prices of Stylus programs (`spec/state.md` 9, `spec/precompiles.md` 11).

pub mod data;
pub mod pages;

/// Gas of a call of a program that is not cached: at least `min_units` of 128 gas, and the scaled cost.
#[must_use]
pub fn init_gas(min_units: u8, init_cost: u16, scalar: u8) -> u64 {
    u64::from(min_units) * 128 + scaled(init_cost, scalar)
}

/// Gas of a call of a cached program: at least `min_units` of 32 gas, and the scaled cost.
#[must_use]
pub fn cached_gas(min_units: u8, cached_cost: u16, scalar: u8) -> u64 {
    u64::from(min_units) * 32 + scaled(cached_cost, scalar)
}

/// A cost times a scalar in units of 2 %, rounded up.
fn scaled(cost: u16, scalar: u8) -> u64 {
    (u64::from(cost) * u64::from(scalar) * 2).div_ceil(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_scaled_and_rounded_up() {
        assert_eq!(init_gas(72, 1, 50), 72 * 128 + 1);
        assert_eq!(init_gas(0, 1, 1), 1);
        assert_eq!(cached_gas(11, 3, 50), 11 * 32 + 3);
    }
}
