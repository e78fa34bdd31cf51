//! Price of the data a transaction posts to L1 (`spec/pricing.md` 1).

pub mod floor;
pub mod legacy;
pub mod settlement;

use crate::math::{ONE_IN_BIPS, saturating_u64};
use alloy_primitives::U256;

/// Units of one compressed byte.
pub const UNITS_PER_BYTE: u64 = 16;

/// Units of data that compresses to `bytes`.
#[must_use]
pub const fn units(bytes: u64) -> u64 {
    bytes.saturating_mul(UNITS_PER_BYTE)
}

/// Units an estimate assumes: some more than measured, for what the real transaction will add.
#[must_use]
pub const fn estimated_units(units: u64) -> u64 {
    const PADDING: u64 = 16 * UNITS_PER_BYTE;
    const FACTOR_BIPS: u64 = 10_100;
    (units.wrapping_add(PADDING)).wrapping_mul(FACTOR_BIPS) / ONE_IN_BIPS
}

/// What units cost, in wei; saturating at 256 bits.
#[must_use]
pub fn data_cost(price_per_unit: U256, units: u64) -> U256 {
    price_per_unit.saturating_mul(U256::from(units))
}

/// Gas that pays `cost` at a price; the largest number if it does not fit 64 bits, zero at no price.
#[must_use]
pub fn poster_gas(cost: U256, price: U256) -> u64 {
    if price.is_zero() { 0 } else { saturating_u64(cost / price) }
}

/// Price and cost an estimate of gas uses, so that a later and dearer block still fits: `(price, cost)`.
#[must_use]
pub fn estimated_poster_price(price: U256, cost: U256, min_base_fee: U256) -> (U256, U256) {
    let lowered = price.saturating_mul(U256::from(7)) / U256::from(8);
    (lowered.max(min_base_fee), crate::math::mul_bips(cost, 11_000))
}

/// Fields of the transaction that stands for a call in estimates, where the call leaves them zero.
pub mod estimate {
    /// Nonce.
    pub const NONCE: u64 = 0xa844_cbca_d86e_b849;
    /// Tip cap in wei.
    pub const GAS_TIP_CAP: u64 = 0x39ba_7d26;
    /// Fee cap in wei.
    pub const GAS_FEE_CAP: u64 = 0xf1aa_387f;
    /// Gas limit.
    pub const GAS: u64 = 0xb848_0ca2;
    /// Signature parity field.
    pub const V: u64 = 126_483;
    /// Text whose hash is the first part of the signature.
    pub const R_TEXT: &[u8] = b"R";
    /// Text whose hash is the second part of the signature.
    pub const S_TEXT: &[u8] = b"S";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_sixteenths_of_bytes() {
        assert_eq!(units(10), 160);
        assert_eq!(estimated_units(160), (160 + 256) * 10_100 / 10_000);
    }

    #[test]
    fn poster_gas_saturates() {
        assert_eq!(poster_gas(U256::MAX, U256::ONE), u64::MAX);
        assert_eq!(poster_gas(U256::from(10), U256::from(3)), 3);
        assert_eq!(poster_gas(U256::from(10), U256::ZERO), 0);
    }
}
