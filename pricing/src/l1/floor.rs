//! L1 gas of a posted batch, as reports count it (`spec/pricing.md` 1.4).

/// Tokens by which the posting call exceeds the raw batch.
const CALL_TOKENS: u64 = 172;
/// L1 gas of a transaction.
const TRANSACTION_GAS: u64 = 21_000;

/// Cost of a batch's bytes as calldata, with hashing and two writes of the inbox.
#[must_use]
pub const fn calldata_gas(length: u64, non_zeros: u64) -> u64 {
    let zeros = length.saturating_sub(non_zeros);
    let keccak = 6u64.saturating_mul(length.div_ceil(32)).saturating_add(30);
    zeros.saturating_mul(4).saturating_add(non_zeros.saturating_mul(16)).saturating_add(keccak).saturating_add(40_000)
}

/// Gas of a report of the first form: data gas and the cost of a batch, which may be negative.
#[must_use]
pub fn report_gas(batch_data_gas: u64, per_batch_gas: i64) -> u64 {
    let data = i64::try_from(batch_data_gas).unwrap_or(i64::MAX);
    u64::try_from(per_batch_gas.saturating_add(data)).unwrap_or(0)
}

/// What a report of the second form says of its batch.
#[derive(Debug, Clone, Copy)]
pub struct BatchStatistics {
    /// Bytes.
    pub length: u64,
    /// Bytes that are not zero.
    pub non_zeros: u64,
    /// Gas beside the data.
    pub extra_gas: u64,
}

/// Gas of a report of the second form. A negative cost of a batch counts as nothing. `floor_per_token` is none below version 50.
#[must_use]
pub fn report_gas_v2(batch: &BatchStatistics, per_batch_gas: i64, floor_per_token: Option<u64>) -> u64 {
    let data = calldata_gas(batch.length, batch.non_zeros);
    let gas = data.saturating_add(batch.extra_gas).saturating_add(u64::try_from(per_batch_gas).unwrap_or(0));
    let Some(per_token) = floor_per_token else { return gas };
    let tokens = batch.length.wrapping_add(batch.non_zeros.wrapping_mul(3)).wrapping_add(CALL_TOKENS);
    gas.max(per_token.wrapping_mul(tokens).wrapping_add(TRANSACTION_GAS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_negative_batch_cost_counts_only_in_the_first_form() {
        assert_eq!(report_gas(1_000, -400), 600);
        assert_eq!(report_gas(1_000, -4_000), 0);
        let batch = BatchStatistics { length: 0, non_zeros: 0, extra_gas: 0 };
        assert_eq!(report_gas_v2(&batch, -400, None), 40_030);
    }

    #[test]
    fn the_floor_counts_tokens() {
        let batch = BatchStatistics { length: 1_000, non_zeros: 900, extra_gas: 0 };
        assert_eq!(report_gas_v2(&batch, 0, Some(100)), 100 * (1_000 + 2_700 + 172) + 21_000);
    }
}
