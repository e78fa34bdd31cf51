//! Type 0x66: a transaction of an L1 contract.

use super::fields::own_type;
use alloy_primitives::{Address, B256, Bytes, U256};

own_type! {
    /// Like type 0x65, without a nonce.
    ContractTx = 0x66 {
        /// Chain id.
        chain_id: U256,
        /// Which message of the bridge this is.
        request_id: B256,
        /// Alias of the contract.
        from: Address,
        /// Highest price for a gas, in wei.
        gas_fee_cap: U256,
        /// Gas limit.
        gas: u64,
        /// Target; none creates a contract.
        to: Option<Address>,
        /// Value in wei.
        value: U256,
        /// Calldata or init code.
        data: Bytes,
    }
}
