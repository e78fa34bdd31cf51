//! Layout of L2 pricing (`spec/state.md` 6). The formulas are in crate `pricing`.

use super::{GasConstraints, MultiGasConstraints, MultiGasFees};
use crate::view;
use alloy_primitives::U256;

view! {
    /// Parameters and backlogs of L2 gas pricing.
    pub struct L2Pricing {
        /// Gas the chain aims to use a second.
        speed_limit_per_second: u64 = slot 0,
        /// Compute gas of a block.
        per_block_gas_limit: u64 = slot 1,
        /// Base fee of the next block once the start of this one has run, in wei.
        base_fee_wei: U256 = slot 2,
        /// Lowest base fee, in wei.
        min_base_fee_wei: U256 = slot 3,
        /// Gas used above the speed limit and not yet paid off by time.
        gas_backlog: u64 = slot 4,
        /// Seconds of speed limit that multiply the fee by e.
        pricing_inertia: u64 = slot 5,
        /// Seconds of speed limit that cost nothing.
        backlog_tolerance: u64 = slot 6,
        /// Compute gas of a transaction. Since version 50.
        per_tx_gas_limit: u64 = slot 7,
        /// One entry a target. Since version 50.
        gas_constraints: GasConstraints = space [0],
        /// One entry a target over kinds of gas. Since version 60.
        multi_gas_constraints: MultiGasConstraints = space [1],
        /// Fees by kind. Since version 60.
        multi_gas_fees: MultiGasFees = space [2],
    }
}
