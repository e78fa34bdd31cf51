//! Receipts, with the part that paid for L1 (`spec/execution.md` 18).

use crate::{
    process::{Executed, Incoming},
    tx::ArbTxEnvelope,
};
use alloc::vec::Vec;
use alloy_primitives::{Address, B256, Bloom, BloomInput, Log, U256};
use alloy_rlp::{Encodable, Header};
use state::{MultiGas, keccak::keccak256_each, world::trie::Trie};

/// What became of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArbReceipt {
    /// Type byte of the transaction.
    pub tx_type: u8,
    /// Hash of the transaction.
    pub tx_hash: B256,
    /// Its sender.
    pub from: Address,
    /// Whether it succeeded.
    pub success: bool,
    /// Gas it used.
    pub gas_used: u64,
    /// Gas the block used up to and with it.
    pub cumulative_gas_used: u64,
    /// The part of its gas that paid for posting its data.
    pub gas_used_for_l1: u64,
    /// What a gas cost, in wei.
    pub effective_gas_price: U256,
    /// The contract it created.
    pub contract_address: Option<Address>,
    /// Logs, in order.
    pub logs: Vec<Log>,
    /// Gas by kind; meaningful from version 60 on.
    pub multi_gas: MultiGas,
    /// Bloom filter of the logs.
    pub bloom: Bloom,
}

impl ArbReceipt {
    /// The receipt of an included transaction; its price is not final before the block is.
    pub(crate) fn of(incoming: &Incoming<'_>, executed: Executed, before: u64, offered: U256) -> Self {
        Self {
            tx_type: incoming.tx.tx_type(),
            tx_hash: incoming.hash,
            from: incoming.sender,
            success: executed.success,
            gas_used: executed.gas_used,
            cumulative_gas_used: before.saturating_add(executed.gas_used),
            gas_used_for_l1: executed.gas_used_for_l1,
            effective_gas_price: offered,
            contract_address: executed.contract_address,
            bloom: bloom(&executed.logs),
            logs: executed.logs,
            multi_gas: executed.multi_gas,
        }
    }

    /// Bytes as they stand in the trie of receipts.
    #[must_use]
    pub fn encoded(&self) -> Vec<u8> {
        let mut fields = Vec::new();
        self.success.encode(&mut fields);
        self.cumulative_gas_used.encode(&mut fields);
        self.bloom.encode(&mut fields);
        self.logs.encode(&mut fields);
        let mut out = Vec::with_capacity(fields.len() + 8);
        if !matches!(self.tx_type, 0x00 | 0x78) {
            out.push(self.tx_type);
        }
        Header { list: true, payload_length: fields.len() }.encode(&mut out);
        out.extend_from_slice(&fields);
        out
    }
}

/// Bloom filter of logs.
#[must_use]
pub fn bloom(logs: &[Log]) -> Bloom {
    let inputs = logs.iter().flat_map(|log| {
        let topics = log.topics().iter().map(B256::as_slice);
        core::iter::once(log.address.as_slice()).chain(topics)
    });
    let mut bloom = Bloom::ZERO;
    keccak256_each(inputs, |_, hash| bloom.accrue(BloomInput::Hash(hash)));
    bloom
}

/// Roots of the tries of transactions and of receipts.
#[must_use]
pub fn body_roots(transactions: &[ArbTxEnvelope], receipts: &[ArbReceipt]) -> (B256, B256) {
    let mut transactions = Trie::of_list(transactions.iter().map(|tx| tx.encoded().into()));
    let mut receipts = Trie::of_list(receipts.iter().map(ArbReceipt::encoded));
    Trie::hash_all([&mut transactions, &mut receipts]);
    (transactions.root(), receipts.root())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn a_bloom_filter_is_that_of_its_logs() {
        let topics = |number: u8| (0..number).map(B256::repeat_byte).collect();
        let log = |number| Log::new_unchecked(Address::repeat_byte(number), topics(number), vec![number].into());
        for number in 0..5 {
            let logs: Vec<_> = (0..number).map(log).collect();
            assert_eq!(bloom(&logs), alloy_primitives::logs_bloom(&logs));
        }
    }
}
