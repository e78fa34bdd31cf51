//! Type 0x69: creates a retryable ticket.

use super::fields::own_type;
use ::precompiles::arb_retryable_tx::ArbRetryableTx;
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::SolCall;

own_type! {
    /// A submission from L1. Its hash is the ticket's id.
    SubmitRetryableTx = 0x69 {
        /// Chain id.
        chain_id: U256,
        /// Which message of the bridge this is.
        request_id: B256,
        /// Sender, aliased if it is a contract.
        from: Address,
        /// L1 base fee, in wei.
        l1_base_fee: U256,
        /// Value that arrived from L1, in wei.
        deposit_value: U256,
        /// Highest price for a gas of the first attempt, in wei.
        gas_fee_cap: U256,
        /// Gas of the first attempt.
        gas: u64,
        /// Target of the attempts; none creates a contract.
        retry_to: Option<Address>,
        /// Value of the attempts, in wei.
        retry_value: U256,
        /// May cancel.
        beneficiary: Address,
        /// Most the submission may cost, in wei.
        max_submission_fee: U256,
        /// Gets what is left of fees.
        fee_refund_address: Address,
        /// Calldata of the attempts.
        retry_data: Bytes,
    }
}

impl SubmitRetryableTx {
    /// The call by which it is shown.
    #[must_use]
    pub fn call_data(&self) -> Bytes {
        ArbRetryableTx::submitRetryableCall {
            requestId: self.request_id,
            l1BaseFee: self.l1_base_fee,
            deposit: self.deposit_value,
            callvalue: self.retry_value,
            gasFeeCap: self.gas_fee_cap,
            gasLimit: self.gas,
            maxSubmissionFee: self.max_submission_fee,
            feeRefundAddress: self.fee_refund_address,
            beneficiary: self.beneficiary,
            retryTo: self.retry_to.unwrap_or_default(),
            retryData: self.retry_data.clone(),
        }
        .abi_encode()
        .into()
    }
}
