//! The transaction that starts a block.

use super::ArbHeader;
use crate::{message::MessageHeader, tx::InternalTx};
use ::precompiles::arbos_acts::ArbosActs::startBlockCall;
use alloy_primitives::{B256, U256};
use alloy_sol_types::SolCall;

/// When a block is: what its start says of it depends on the block before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Number of the block.
    pub number: u64,
    /// Its time in seconds.
    pub timestamp: u64,
}

impl Moment {
    /// When a sealed block was.
    #[must_use]
    pub const fn of(header: &ArbHeader) -> Self {
        Self { number: header.inner.number, timestamp: header.inner.timestamp }
    }

    /// When the block after this one is that a message makes: time does not go back.
    #[must_use]
    pub fn next(self, header: &MessageHeader) -> Self {
        Self { number: self.number.wrapping_add(1), timestamp: header.timestamp.max(self.timestamp) }
    }

    /// The start of the block after this one.
    pub(super) fn start_of_next(self, header: &MessageHeader) -> startBlockCall {
        let next = self.next(header);
        startBlockCall {
            l1BaseFee: header.l1_base_fee.unwrap_or_default(),
            l1BlockNumber: header.block_number,
            l2BlockNumber: next.number,
            timePassed: next.timestamp.wrapping_sub(self.timestamp),
        }
    }
}

/// The start of a block as it was guessed ahead, with its hash.
#[derive(Debug, Clone)]
pub(super) struct GuessedStart {
    tx: InternalTx,
    hash: B256,
}

impl GuessedStart {
    /// The start of the block that a message makes after another one.
    pub(super) fn new(before: Moment, header: &MessageHeader, chain_id: u64) -> Self {
        let tx = transaction(&before.start_of_next(header), chain_id);
        Self { hash: tx.hash(), tx }
    }

    /// The hash, if this is the transaction that was guessed.
    pub(super) fn hash_of(&self, tx: &InternalTx) -> Option<B256> {
        (self.tx == *tx).then_some(self.hash)
    }
}

/// The start of a block as a transaction.
pub(super) fn transaction(call: &startBlockCall, chain_id: u64) -> InternalTx {
    InternalTx { chain_id: U256::from(chain_id), data: call.abi_encode().into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::MessageKind;
    use alloy_primitives::Address;

    #[test]
    fn a_wrong_guess_says_nothing() {
        let header = MessageHeader {
            kind: MessageKind::L2_MESSAGE,
            poster: Address::ZERO,
            block_number: 2,
            timestamp: 7,
            request_id: None,
            l1_base_fee: None,
        };
        let before = Moment { number: 1, timestamp: 5 };
        let guess = GuessedStart::new(before, &header, 3);
        let right = transaction(&before.start_of_next(&header), 3);
        assert_eq!(guess.hash_of(&right), Some(right.hash()));
        for (before, chain_id) in
            [(Moment { number: 2, ..before }, 3), (Moment { timestamp: 6, ..before }, 3), (before, 4)]
        {
            assert_eq!(guess.hash_of(&transaction(&before.start_of_next(&header), chain_id)), None);
        }
    }
}
