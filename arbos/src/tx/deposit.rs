//! Type 0x64: value that arrived from L1.

use super::fields::own_type;
use alloy_primitives::{Address, B256, U256};

own_type! {
    /// Mints and hands over value.
    DepositTx = 0x64 {
        /// Chain id.
        chain_id: U256,
        /// Which message of the bridge this is.
        l1_request_id: B256,
        /// Sender on L1, aliased if it is a contract.
        from: Address,
        /// Who receives the value.
        to: Address,
        /// Value in wei.
        value: U256,
    }
}
