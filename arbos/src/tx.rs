//! Transactions: Ethereum's types 0, 1, 2 and 4, and the chain's own (`spec/execution.md` 4).

pub mod contract;
pub mod deposit;
pub mod fields;
pub mod internal;
pub mod legacy;
pub mod recover;
pub mod retry;
pub mod signed;
pub mod submit_retryable;
pub mod unsigned;

pub use contract::ContractTx;
pub use deposit::DepositTx;
pub use internal::InternalTx;
pub use legacy::ClassicTx;
pub use retry::RetryTx;
pub use signed::SignedTx;
pub use submit_retryable::SubmitRetryableTx;
pub use unsigned::UnsignedTx;

use alloc::vec::Vec;
use alloy_primitives::{Address, B256, Bytes, U256};
use state::{ArbosVersion, address};
use thiserror::Error;

/// Why bytes are no transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TxError {
    /// RLP that is malformed, not canonical, or has other fields.
    #[error("malformed transaction: {0}")]
    Rlp(#[from] alloy_rlp::Error),
    /// A type that does not exist, or may not come from a user.
    #[error("transaction type {0:#04x} is not supported")]
    Type(u8),
    /// No bytes, or a type without fields.
    #[error("a transaction of {0} bytes")]
    TooShort(usize),
    /// Bytes after the transaction.
    #[error("{0} bytes after the transaction")]
    Trailing(usize),
}

/// A transaction of any type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArbTxEnvelope {
    /// Types 0x00, 0x01, 0x02 and 0x04.
    Signed(SignedTx),
    /// Type 0x64.
    Deposit(DepositTx),
    /// Type 0x65.
    Unsigned(UnsignedTx),
    /// Type 0x66.
    Contract(ContractTx),
    /// Type 0x68.
    Retry(RetryTx),
    /// Type 0x69.
    SubmitRetryable(SubmitRetryableTx),
    /// Type 0x6a.
    Internal(InternalTx),
    /// Type 0x78.
    Classic(ClassicTx),
}

/// Calls `$body` with the inner value of the chain's own types.
macro_rules! own {
    ($envelope:expr, $tx:ident => $body:expr, $signed:ident => $other:expr, $classic:ident => $import:expr) => {
        match $envelope {
            ArbTxEnvelope::Signed($signed) => $other,
            ArbTxEnvelope::Deposit($tx) => $body,
            ArbTxEnvelope::Unsigned($tx) => $body,
            ArbTxEnvelope::Contract($tx) => $body,
            ArbTxEnvelope::Retry($tx) => $body,
            ArbTxEnvelope::SubmitRetryable($tx) => $body,
            ArbTxEnvelope::Internal($tx) => $body,
            ArbTxEnvelope::Classic($classic) => $import,
        }
    };
}

impl ArbTxEnvelope {
    /// Reads what a user may send: types 0, 1, 2 and 4, nothing after them.
    ///
    /// # Errors
    /// See [`TxError`].
    pub fn decode_user(bytes: &[u8]) -> Result<Self, TxError> {
        SignedTx::decode(bytes).map(Self::Signed)
    }

    /// Reads what a block may hold.
    ///
    /// # Errors
    /// See [`TxError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, TxError> {
        let body = bytes.get(1..).ok_or(TxError::TooShort(bytes.len()))?;
        Ok(match bytes[0] {
            DepositTx::TYPE => Self::Deposit(DepositTx::decode_fields(body)?),
            UnsignedTx::TYPE => Self::Unsigned(UnsignedTx::decode_fields(body)?),
            ContractTx::TYPE => Self::Contract(ContractTx::decode_fields(body)?),
            RetryTx::TYPE => Self::Retry(RetryTx::decode_fields(body)?),
            SubmitRetryableTx::TYPE => Self::SubmitRetryable(SubmitRetryableTx::decode_fields(body)?),
            InternalTx::TYPE => Self::Internal(InternalTx::decode_fields(body)?),
            ClassicTx::TYPE => Self::Classic(ClassicTx::decode(body)?),
            _ => Self::decode_user(bytes)?,
        })
    }

    /// Bytes as they stand in the trie of transactions, and as they are hashed.
    #[must_use]
    pub fn encoded(&self) -> Bytes {
        own!(self, tx => tx.encoded(), signed => signed.raw().clone(), classic => classic.legacy().raw().clone())
    }

    /// Hash of the transaction.
    #[must_use]
    pub fn hash(&self) -> B256 {
        own!(self, tx => tx.hash(), signed => signed.hash(), classic => classic.hash_override)
    }

    /// Type byte.
    #[must_use]
    pub const fn tx_type(&self) -> u8 {
        match self {
            Self::Signed(tx) => tx.tx_type(),
            Self::Deposit(_) => DepositTx::TYPE,
            Self::Unsigned(_) => UnsignedTx::TYPE,
            Self::Contract(_) => ContractTx::TYPE,
            Self::Retry(_) => RetryTx::TYPE,
            Self::SubmitRetryable(_) => SubmitRetryableTx::TYPE,
            Self::Internal(_) => InternalTx::TYPE,
            Self::Classic(_) => ClassicTx::TYPE,
        }
    }

    /// Who sends it, by the rules of a version; none if its signature does not say.
    #[must_use]
    pub fn sender(&self, chain_id: u64, version: ArbosVersion) -> Option<Address> {
        match self {
            Self::Signed(tx) => tx.sender(chain_id, version),
            Self::Deposit(tx) => Some(tx.from),
            Self::Unsigned(tx) => Some(tx.from),
            Self::Contract(tx) => Some(tx.from),
            Self::Retry(tx) => Some(tx.from),
            Self::SubmitRetryable(tx) => Some(tx.from),
            Self::Internal(_) => Some(address::ARBOS_ACTS),
            Self::Classic(tx) => tx.sender.or_else(|| tx.legacy().sender(chain_id, version)),
        }
    }

    /// Gas limit.
    #[must_use]
    pub const fn gas_limit(&self) -> u64 {
        match self {
            Self::Signed(tx) => tx.gas_limit,
            Self::Unsigned(tx) => tx.gas,
            Self::Contract(tx) => tx.gas,
            Self::Retry(tx) => tx.gas,
            Self::SubmitRetryable(tx) => tx.gas,
            Self::Classic(tx) => tx.legacy().gas_limit,
            Self::Deposit(_) | Self::Internal(_) => 0,
        }
    }

    /// Highest price for a gas, in wei; none if it exceeds 256 bits.
    #[must_use]
    pub const fn gas_fee_cap(&self) -> Option<U256> {
        match self {
            Self::Signed(tx) => tx.gas_fee_cap,
            Self::Unsigned(tx) => Some(tx.gas_fee_cap),
            Self::Contract(tx) => Some(tx.gas_fee_cap),
            Self::Retry(tx) => Some(tx.gas_fee_cap),
            Self::SubmitRetryable(tx) => Some(tx.gas_fee_cap),
            Self::Classic(tx) => tx.legacy().gas_fee_cap,
            Self::Deposit(_) | Self::Internal(_) => Some(U256::ZERO),
        }
    }

    /// Highest tip for a gas, in wei; none if it exceeds 256 bits.
    #[must_use]
    pub const fn gas_tip_cap(&self) -> Option<U256> {
        match self {
            Self::Signed(tx) => tx.gas_tip_cap,
            _ => Some(U256::ZERO),
        }
    }

    /// Nonce.
    #[must_use]
    pub const fn nonce(&self) -> u64 {
        match self {
            Self::Signed(tx) => tx.nonce,
            Self::Unsigned(tx) => tx.nonce,
            Self::Retry(tx) => tx.nonce,
            Self::Classic(tx) => tx.legacy().nonce,
            _ => 0,
        }
    }

    /// Target; none creates a contract.
    #[must_use]
    pub const fn to(&self) -> Option<Address> {
        match self {
            Self::Signed(tx) => tx.to,
            Self::Deposit(tx) => Some(tx.to),
            Self::Unsigned(tx) => tx.to,
            Self::Contract(tx) => tx.to,
            Self::Retry(tx) => tx.to,
            Self::SubmitRetryable(_) => Some(address::ARB_RETRYABLE_TX),
            Self::Internal(_) => Some(address::ARBOS_ACTS),
            Self::Classic(tx) => tx.legacy().to,
        }
    }

    /// Value in wei; none if it exceeds 256 bits.
    #[must_use]
    pub const fn value(&self) -> Option<U256> {
        match self {
            Self::Signed(tx) => tx.value,
            Self::Deposit(tx) => Some(tx.value),
            Self::Unsigned(tx) => Some(tx.value),
            Self::Contract(tx) => Some(tx.value),
            Self::Retry(tx) => Some(tx.value),
            Self::Classic(tx) => tx.legacy().value,
            Self::SubmitRetryable(_) | Self::Internal(_) => Some(U256::ZERO),
        }
    }

    /// Calldata or init code.
    #[must_use]
    pub fn data(&self) -> Bytes {
        match self {
            Self::Signed(tx) => tx.data.clone(),
            Self::Unsigned(tx) => tx.data.clone(),
            Self::Contract(tx) => tx.data.clone(),
            Self::Retry(tx) => tx.data.clone(),
            Self::Internal(tx) => tx.data.clone(),
            Self::SubmitRetryable(tx) => tx.call_data(),
            Self::Classic(tx) => tx.legacy().data.clone(),
            Self::Deposit(_) => Bytes::new(),
        }
    }

    /// The signed form, for what only that has.
    #[must_use]
    pub const fn as_signed(&self) -> Option<&SignedTx> {
        match self {
            Self::Signed(tx) => Some(tx),
            _ => None,
        }
    }

    /// Whether the nonce is compared with the account's, and the account may have no code.
    #[must_use]
    pub const fn checks_sender(&self) -> bool {
        matches!(self, Self::Signed(_) | Self::Unsigned(_))
    }

    /// Whether it pays for being posted.
    #[must_use]
    pub const fn has_poster_cost(&self) -> bool {
        matches!(self, Self::Signed(_) | Self::Classic(_))
    }
}

/// Bytes of a type: the type byte and its fields.
pub(crate) fn typed(tx_type: u8, fields: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(fields.len() + 1);
    out.push(tx_type);
    out.extend_from_slice(fields);
    out
}
