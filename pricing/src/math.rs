//! Arithmetic of the protocol: saturating, in basis points, and wide where the reference has no bound.

use alloy_primitives::{I256, Signed, U256, U512, Uint};

/// One, in basis points.
pub const ONE_IN_BIPS: u64 = 10_000;

/// A signed number wide enough for every product of settlements.
pub type Wide = Signed<1024, 16>;

/// An unsigned number as a wide one.
#[must_use]
pub const fn wide(value: U256) -> Wide {
    Wide::from_raw(Uint::from_limbs_slice(value.as_limbs()))
}

/// A signed number as a wide one.
#[must_use]
pub fn wide_signed(value: I256) -> Wide {
    let magnitude = wide(value.unsigned_abs());
    if value.is_negative() { -magnitude } else { magnitude }
}

/// Division that rounds toward minus infinity. None if the divisor is zero.
#[must_use]
pub fn div_floor(value: Wide, divisor: Wide) -> Option<Wide> {
    if divisor.is_zero() {
        return None;
    }
    let (quotient, rest) = (value / divisor, value % divisor);
    Some(if rest.is_negative() { quotient - Wide::ONE } else { quotient })
}

/// Clamped to 256 bits, signed.
#[must_use]
pub fn clamp_signed(value: Wide) -> I256 {
    let magnitude = value.unsigned_abs();
    let fits = magnitude.bit_len() <= 255;
    let limbs = &magnitude.as_limbs()[..4];
    let magnitude = I256::from_raw(U256::from_limbs_slice(limbs));
    match (fits, value.is_negative()) {
        (true, false) => magnitude,
        (true, true) => -magnitude,
        (false, false) => I256::MAX,
        (false, true) => I256::MIN,
    }
}

/// As 256 bits, unsigned; none if it is negative or larger.
#[must_use]
pub fn to_unsigned(value: Wide) -> Option<U256> {
    let magnitude = value.unsigned_abs();
    let fits = !value.is_negative() && magnitude.bit_len() <= 256;
    fits.then(|| U256::from_limbs_slice(&magnitude.as_limbs()[..4]))
}

/// As 64 bits, unsigned; the largest if it does not fit.
#[must_use]
pub fn saturating_u64(value: U256) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

/// An unsigned number as a signed one; the largest if it does not fit.
#[must_use]
pub fn saturating_i64(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// `e` to the power of `exponent_bips`, in basis points: a series of `terms` terms, each division truncating.
#[must_use]
pub fn exp_bips(exponent_bips: i64, terms: u64) -> u64 {
    let x = exponent_bips.unsigned_abs();
    let mut result = ONE_IN_BIPS.wrapping_add(x / terms);
    for term in (1..terms).rev() {
        result = ONE_IN_BIPS.wrapping_add(result.saturating_mul(x) / (term * ONE_IN_BIPS));
    }
    if exponent_bips < 0 { ONE_IN_BIPS * ONE_IN_BIPS / result.max(1) } else { result }
}

/// `value * bips / 10000`, saturating at 256 bits.
#[must_use]
pub fn mul_bips(value: U256, bips: u64) -> U256 {
    mul_bips_checked(value, bips).unwrap_or(U256::MAX)
}

/// `value * bips / 10000`, none above 256 bits.
#[must_use]
pub fn mul_bips_checked(value: U256, bips: u64) -> Option<U256> {
    let product = value.widening_mul::<256, 4, 512, 8>(U256::from(bips)) / U512::from(ONE_IN_BIPS);
    (product.bit_len() <= 256).then(|| U256::from_limbs_slice(&product.as_limbs()[..4]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_exponential_follows_the_table() {
        let table: [(i64, u64, u64); 9] = [
            (0, 10_000, 10_000),
            (1, 10_001, 10_001),
            (100, 10_100, 10_100),
            (5_000, 16_484, 16_487),
            (10_000, 27_083, 27_182),
            (20_000, 70_000, 73_888),
            (85_000, 3_654_791, 44_677_729),
            (-10_000, 3_692, 3_678),
            (-20_000, 1_428, 1_353),
        ];
        for (exponent, four, twelve) in table {
            assert_eq!((exp_bips(exponent, 4), exp_bips(exponent, 12)), (four, twelve), "{exponent}");
        }
    }

    #[test]
    fn division_rounds_down() {
        let seven = wide(U256::from(7));
        assert_eq!(div_floor(-seven, wide(U256::from(2))), Some(-wide(U256::from(4))));
        assert_eq!(div_floor(seven, Wide::ZERO), None);
    }

    proptest! {
        #[test]
        fn the_exponential_grows(x in 0i64..1_000_000) {
            prop_assert!(exp_bips(x + 1, 4) >= exp_bips(x, 4));
        }

        #[test]
        fn clamping_keeps_what_fits(value in any::<[u8; 32]>()) {
            let value = I256::from_be_bytes(value);
            prop_assert_eq!(clamp_signed(wide_signed(value)), if value == I256::MIN { I256::MIN } else { value });
        }
    }
}
