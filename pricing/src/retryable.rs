//! Fees of retryable tickets (`spec/execution.md` 8 and 9).

use alloy_primitives::U256;

/// What creating a ticket costs, in wei; saturating at 256 bits.
#[must_use]
pub fn submission_fee(l1_base_fee: U256, calldata_bytes: usize) -> U256 {
    let units = 1_400 + 6 * calldata_bytes as u64;
    l1_base_fee.saturating_mul(U256::from(units))
}

/// Takes up to `amount` out of `pool` and returns what was taken.
#[must_use]
pub fn take(pool: &mut U256, amount: U256) -> U256 {
    let taken = amount.min(*pool);
    *pool -= taken;
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_gives_what_it_has() {
        let mut pool = U256::from(5);
        assert_eq!(take(&mut pool, U256::from(3)), U256::from(3));
        assert_eq!(take(&mut pool, U256::from(3)), U256::from(2));
        assert_eq!(pool, U256::ZERO);
    }

    #[test]
    fn the_fee_grows_with_calldata() {
        assert_eq!(submission_fee(U256::from(2), 10), U256::from(2 * 1_460));
    }
}
