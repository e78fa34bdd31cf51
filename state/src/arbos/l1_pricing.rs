//! Layout of L1 pricing (`spec/state.md` 5). The formulas are in crate `pricing`.

use super::BatchPosters;
use crate::view;
use alloy_primitives::{Address, I256, U256};

view! {
    /// Price of data, and what is owed to whom.
    pub struct L1Pricing {
        /// Receives the reward for each unit.
        pay_rewards_to: Address = slot 0,
        /// Units over which a surplus is given back.
        equilibration_units: U256 = slot 1,
        /// Weight of the present price.
        inertia: u64 = slot 2,
        /// Reward for a unit, in wei.
        per_unit_reward: u64 = slot 3,
        /// Time of the last report, in seconds.
        last_update_time: u64 = slot 4,
        /// Rewards not paid yet, in wei.
        funds_due_for_rewards: I256 = slot 5,
        /// Units since the last report; a unit is a sixteenth of a compressed byte.
        units_since_update: u64 = slot 6,
        /// Price of a unit, in wei.
        price_per_unit: U256 = slot 7,
        /// Surplus after the last report, in wei. Since version 2.
        last_surplus: I256 = slot 8,
        /// L1 gas of a batch beside its data. Since version 3.
        per_batch_gas_cost: i64 = slot 9,
        /// Most a report may cost, in bips of the amortised cost; 0 is no limit. Since version 3.
        amortized_cost_cap_bips: u64 = slot 10,
        /// Fees in the pool that are not owed. Since version 10.
        l1_fees_available: U256 = slot 11,
        /// L1 floor of gas for a token of calldata. Since version 50.
        gas_floor_per_token: u64 = slot 12,
        /// Posters and what they are owed.
        batch_posters: BatchPosters = space [0],
    }
}
