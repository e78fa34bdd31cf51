//! What arrives from L1: deposits, tickets, reports of batches.

use crate::{Account, Chain, ETHER};
use alloy_primitives::{Address, B256, Bytes, U256};
use arbos::{ArbTxEnvelope, Block, Error, Message, MessageKind, message::BatchDataStats};

/// A ticket to be submitted.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Target of the attempts; zero creates a contract.
    pub to: Address,
    /// Value of the attempts, in wei.
    pub value: U256,
    /// Value that arrives with the submission, in wei.
    pub deposit: U256,
    /// Most the submission may cost, in wei.
    pub max_submission_fee: U256,
    /// Gets what is left of fees.
    pub fee_refund: Address,
    /// May cancel.
    pub beneficiary: Address,
    /// Gas of the first attempt; too little for one schedules none.
    pub gas: u64,
    /// Highest price for a gas of the first attempt, in wei.
    pub gas_fee_cap: U256,
    /// Calldata of the attempts.
    pub data: Bytes,
}

impl Submission {
    /// A ticket that calls `to`, without a first attempt.
    #[must_use]
    pub fn without_attempt(to: Address, data: impl Into<Bytes>) -> Self {
        let beneficiary = Account::numbered(7).address();
        Self {
            to,
            value: U256::ZERO,
            deposit: U256::from(ETHER),
            max_submission_fee: U256::from(ETHER / 10),
            fee_refund: beneficiary,
            beneficiary,
            gas: 0,
            gas_fee_cap: U256::ZERO,
            data: data.into(),
        }
    }

    /// The same with a first attempt.
    #[must_use]
    pub fn with_attempt(self, gas: u64) -> Self {
        Self { gas, gas_fee_cap: U256::from(10_000_000_000u64), ..self }
    }

    /// The payload of its message.
    #[must_use]
    pub fn payload(&self) -> Bytes {
        let words = [
            U256::from_be_bytes(self.to.into_word().0),
            self.value,
            self.deposit,
            self.max_submission_fee,
            U256::from_be_bytes(self.fee_refund.into_word().0),
            U256::from_be_bytes(self.beneficiary.into_word().0),
            U256::from(self.gas),
            self.gas_fee_cap,
            U256::from(self.data.len()),
        ];
        let mut payload: Vec<u8> = words.iter().flat_map(U256::to_be_bytes::<32>).collect();
        payload.extend_from_slice(&self.data);
        payload.into()
    }
}

/// A report of a posted batch.
#[derive(Debug, Clone, Copy)]
pub struct BatchReport {
    /// When it was posted, in seconds.
    pub time: u64,
    /// Who posted it.
    pub poster: Address,
    /// Its number.
    pub number: u64,
    /// L1 base fee then, in wei.
    pub l1_base_fee: U256,
    /// Bytes, and how many of them are not zero.
    pub stats: BatchDataStats,
}

impl BatchReport {
    /// The payload of its message.
    #[must_use]
    pub fn payload(&self) -> Bytes {
        [
            &U256::from(self.time).to_be_bytes::<32>()[..],
            self.poster.as_slice(),
            &[0; 32],
            &U256::from(self.number).to_be_bytes::<32>(),
            &self.l1_base_fee.to_be_bytes::<32>(),
        ]
        .concat()
        .into()
    }
}

impl Chain {
    /// Value arrives for an account.
    pub fn deposit(&mut self, to: Address, value: U256) -> Block {
        let header = self.bridge_header(MessageKind::ETH_DEPOSIT, to);
        let payload = [to.as_slice(), &value.to_be_bytes::<32>()].concat();
        self.message(header, payload)
    }

    /// A ticket arrives; returns its id and the block.
    ///
    /// # Panics
    /// If the submission is not in the block.
    pub fn submit_retryable(&mut self, from: &Account, submission: &Submission) -> (B256, Block) {
        let header = self.bridge_header(MessageKind::SUBMIT_RETRYABLE, from.address());
        let block = self.message(header, submission.payload());
        let submitted = block.transactions.iter().find(|tx| matches!(tx, ArbTxEnvelope::SubmitRetryable(_)));
        (submitted.expect("the submission is included").hash(), block)
    }

    /// A report of a batch arrives.
    ///
    /// # Errors
    /// Where the rules have no answer to it.
    pub fn report_batch(&mut self, report: &BatchReport) -> Result<Block, Error> {
        let header = self.bridge_header(MessageKind::BATCH_POSTING_REPORT, report.poster);
        let outcome = self.try_message(Message {
            header,
            l2_msg: report.payload(),
            legacy_batch_gas_cost: None,
            batch_data_stats: Some(report.stats),
        });
        if outcome.is_err() {
            self.forget_arrival();
        }
        outcome
    }
}
