//! Layout of L2 pricing where the chain uses the pair of pools (`spec/pricing.md` 3.7).

use crate::view;
use alloy_primitives::U256;

view! {
    /// Two pools, drained by use and filled by time.
    pub struct GasPools {
        /// Gas in the large pool; may be negative.
        gas_pool: i64 = slot 0,
        /// Gas in the small pool; may be negative.
        small_gas_pool: i64 = slot 1,
        /// Size of the large pool, in seconds of the speed limit.
        gas_pool_seconds: u64 = slot 2,
        /// Size of the small pool, in seconds of the speed limit.
        small_gas_pool_seconds: u64 = slot 3,
        /// Base fee of the next block, in wei.
        gas_price_wei: U256 = slot 4,
        /// Lowest base fee, in wei.
        min_gas_price_wei: U256 = slot 5,
        /// Highest base fee, in wei.
        max_gas_price_wei: U256 = slot 6,
        /// Gas that fills each pool a second.
        speed_limit_per_second: u64 = slot 7,
        /// Most compute gas of a block.
        max_per_block_gas_limit: u64 = slot 8,
        /// Compute gas of a transaction. Since version 50.
        per_tx_gas_limit: u64 = slot 9,
    }
}
