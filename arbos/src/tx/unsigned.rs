//! Type 0x65: a transaction of an account, sent through L1.

use super::fields::own_type;
use alloy_primitives::{Address, Bytes, U256};

own_type! {
    /// Vouched for by the bridge instead of a signature.
    UnsignedTx = 0x65 {
        /// Chain id.
        chain_id: U256,
        /// Sender.
        from: Address,
        /// Nonce of the sender.
        nonce: u64,
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
