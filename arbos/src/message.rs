//! Messages: what a chain is given, one a block (`spec/execution.md` 1).

pub mod init;
pub mod parse;

pub use init::InitMessage;
pub use parse::{ParseError, parse};

use alloc::vec::Vec;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_rlp::{Encodable, Header as RlpHeader};
use thiserror::Error;

/// Longest payload.
pub const MAX_L2_MESSAGE_SIZE: usize = 256 * 1024;

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageKind(pub u8);

impl MessageKind {
    /// Transactions of users.
    pub const L2_MESSAGE: Self = Self(3);
    /// Nothing any more.
    pub const END_OF_BLOCK: Self = Self(6);
    /// A transaction with the value for it.
    pub const L2_FUNDED_BY_L1: Self = Self(7);
    /// Nothing any more.
    pub const ROLLUP_EVENT: Self = Self(8);
    /// A retryable ticket.
    pub const SUBMIT_RETRYABLE: Self = Self(9);
    /// Not in a block.
    pub const BATCH_FOR_GAS_ESTIMATION: Self = Self(10);
    /// The first message.
    pub const INITIALIZE: Self = Self(11);
    /// Value from L1.
    pub const ETH_DEPOSIT: Self = Self(12);
    /// What posting a batch cost.
    pub const BATCH_POSTING_REPORT: Self = Self(13);
    /// Stands for what could not be read.
    pub const INVALID: Self = Self(0xff);
}

/// Where a message came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageHeader {
    /// What it is for.
    pub kind: MessageKind,
    /// Who sent it; the sequencer's address for its own.
    pub poster: Address,
    /// L1 block.
    pub block_number: u64,
    /// Seconds.
    pub timestamp: u64,
    /// Which message of the bridge it is; none for the sequencer's own.
    pub request_id: Option<B256>,
    /// L1 base fee in wei; none for what could not be read.
    pub l1_base_fee: Option<U256>,
}

/// Length of a posted batch and how many of its bytes are not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchDataStats {
    /// Bytes.
    pub length: u64,
    /// Bytes that are not zero.
    pub non_zeros: u64,
}

/// A message as it arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Where it came from.
    pub header: MessageHeader,
    /// Payload.
    pub l2_msg: Bytes,
    /// For reports of batches: cost by the old formula.
    pub legacy_batch_gas_cost: Option<u64>,
    /// For reports of batches: size of the batch.
    pub batch_data_stats: Option<BatchDataStats>,
}

/// Why bytes are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MessageError {
    /// Fewer bytes than the header has.
    #[error("a serialized message of {0} bytes; the header alone has 113")]
    TooShort(usize),
    /// A message without request id or base fee has no serialized form.
    #[error("only messages with a request id and an L1 base fee can be serialized")]
    NotSerializable,
}

/// Bytes of a serialized header.
const SERIALIZED_HEADER: usize = 113;

impl Message {
    /// The message that stands for what could not be read.
    #[must_use]
    pub const fn invalid() -> Self {
        Self {
            header: MessageHeader {
                kind: MessageKind::INVALID,
                poster: Address::ZERO,
                block_number: 0,
                timestamp: 0,
                request_id: None,
                l1_base_fee: None,
            },
            l2_msg: Bytes::new(),
            legacy_batch_gas_cost: None,
            batch_data_stats: None,
        }
    }

    /// Reads the form in which the bridge keeps messages. Upper bytes of the sender are ignored.
    ///
    /// # Errors
    /// [`MessageError::TooShort`].
    pub fn deserialize(bytes: &[u8]) -> Result<Self, MessageError> {
        let Some((header, payload)) = bytes.split_at_checked(SERIALIZED_HEADER) else {
            return Err(MessageError::TooShort(bytes.len()));
        };
        let number = |at: usize| U256::from_be_slice(&header[at..at + 8]).to::<u64>();
        Ok(Self {
            header: MessageHeader {
                kind: MessageKind(header[0]),
                poster: Address::from_slice(&header[13..33]),
                block_number: number(33),
                timestamp: number(41),
                request_id: Some(B256::from_slice(&header[49..81])),
                l1_base_fee: Some(U256::from_be_slice(&header[81..113])),
            },
            l2_msg: Bytes::copy_from_slice(payload),
            legacy_batch_gas_cost: None,
            batch_data_stats: None,
        })
    }

    /// The form in which the bridge keeps messages.
    ///
    /// # Errors
    /// [`MessageError::NotSerializable`].
    pub fn serialize(&self) -> Result<Vec<u8>, MessageError> {
        let header = &self.header;
        let (Some(request_id), Some(base_fee)) = (header.request_id, header.l1_base_fee) else {
            return Err(MessageError::NotSerializable);
        };
        let mut out = Vec::with_capacity(SERIALIZED_HEADER + self.l2_msg.len());
        out.push(header.kind.0);
        out.extend_from_slice(header.poster.into_word().as_slice());
        out.extend_from_slice(&header.block_number.to_be_bytes());
        out.extend_from_slice(&header.timestamp.to_be_bytes());
        out.extend_from_slice(request_id.as_slice());
        out.extend_from_slice(&base_fee.to_be_bytes::<32>());
        out.extend_from_slice(&self.l2_msg);
        Ok(out)
    }

    fn rlp_fields(&self) -> Vec<u8> {
        let mut fields = Vec::new();
        self.header.kind.0.encode(&mut fields);
        self.header.poster.encode(&mut fields);
        self.header.block_number.encode(&mut fields);
        self.header.timestamp.encode(&mut fields);
        match &self.header.request_id {
            Some(request_id) => request_id.encode(&mut fields),
            None => fields.push(alloy_rlp::EMPTY_LIST_CODE),
        }
        self.header.l1_base_fee.unwrap_or_default().encode(&mut fields);
        let mut out = list(&fields);
        self.l2_msg.encode(&mut out);
        match (self.legacy_batch_gas_cost, &self.batch_data_stats) {
            (None, None) => {}
            (cost, stats) => {
                match cost {
                    Some(cost) => cost.encode(&mut out),
                    None => out.push(alloy_rlp::EMPTY_STRING_CODE),
                }
                if let Some(stats) = stats {
                    let mut pair = Vec::new();
                    stats.length.encode(&mut pair);
                    stats.non_zeros.encode(&mut pair);
                    out.extend(list(&pair));
                }
            }
        }
        out
    }
}

fn list(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 8);
    RlpHeader { list: true, payload_length: payload.len() }.encode(&mut out);
    out.extend_from_slice(payload);
    out
}

/// A message and how many messages of the bridge were read up to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageWithMetadata {
    /// The message.
    pub message: Message,
    /// Becomes the nonce of the block's header.
    pub delayed_messages_read: u64,
}

impl MessageWithMetadata {
    /// Hash of its RLP, by which feeds name it.
    #[must_use]
    pub fn hash(&self) -> B256 {
        let mut fields = list(&self.message.rlp_fields());
        self.delayed_messages_read.encode(&mut fields);
        keccak256(list(&fields))
    }
}
