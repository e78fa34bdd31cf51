//! Type 0x78: a transaction from before the present system, as it was imported.

use super::{SignedTx, TxError, fields::Field};
use alloy_primitives::{Address, B256};

/// A legacy transaction with the hash and the facts it had then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassicTx {
    legacy: SignedTx,
    /// Its hash then.
    pub hash_override: B256,
    /// What a gas cost, in wei.
    pub effective_gas_price: u64,
    /// L1 block it was in.
    pub l1_block_number: u64,
    /// Its sender, where the signature does not tell.
    pub sender: Option<Address>,
}

impl ClassicTx {
    /// Type byte.
    pub const TYPE: u8 = 0x78;

    /// Reads the fields behind the type byte.
    ///
    /// # Errors
    /// Malformed RLP or other fields.
    pub fn decode(mut bytes: &[u8]) -> Result<Self, TxError> {
        let mut list = super::fields::whole_list(&mut bytes)?;
        if !bytes.is_empty() {
            return Err(TxError::Trailing(bytes.len()));
        }
        let inner = list;
        super::fields::whole_list(&mut list)?;
        let legacy = SignedTx::decode(&inner[..inner.len() - list.len()])?;
        let tx = Self {
            legacy,
            hash_override: Field::take(&mut list)?,
            effective_gas_price: Field::take(&mut list)?,
            l1_block_number: Field::take(&mut list)?,
            sender: if list.is_empty() { None } else { Field::take(&mut list)? },
        };
        if list.is_empty() { Ok(tx) } else { Err(alloy_rlp::Error::UnexpectedLength.into()) }
    }

    /// The transaction inside; its bytes stand in the trie of transactions.
    #[must_use]
    pub const fn legacy(&self) -> &SignedTx {
        &self.legacy
    }
}
