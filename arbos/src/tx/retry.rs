//! Type 0x68: an attempt of a retryable ticket.

use super::fields::own_type;
use alloy_primitives::{Address, B256, Bytes, U256};

own_type! {
    /// Scheduled by a submission or a redeem.
    RetryTx = 0x68 {
        /// Chain id.
        chain_id: U256,
        /// Number of the attempt.
        nonce: u64,
        /// Sender, from the ticket.
        from: Address,
        /// Price of a gas, in wei.
        gas_fee_cap: U256,
        /// Gas limit.
        gas: u64,
        /// Target, from the ticket.
        to: Option<Address>,
        /// Value in wei, from the ticket.
        value: U256,
        /// Calldata, from the ticket.
        data: Bytes,
        /// The ticket.
        ticket_id: B256,
        /// Who gets refunds.
        refund_to: Address,
        /// Most that is refunded, in wei.
        max_refund: U256,
        /// Submission fee that is given back on success, in wei.
        submission_fee_refund: U256,
    }
}
