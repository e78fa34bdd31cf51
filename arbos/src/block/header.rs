//! Headers: Ethereum's fields with the chain's meaning (`spec/execution.md` 18).

use crate::spec::HEADER_GAS_LIMIT;
use alloy_consensus::{EMPTY_OMMER_ROOT_HASH, Header};
use alloy_primitives::{Address, B64, B256, Bloom, Bytes, U256};
use alloy_rlp::{Decodable, Encodable};
use state::{ArbosVersion, keccak::keccak256};

/// What a header says of the operating system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HeaderInfo {
    /// Root of the tree of sends.
    pub send_root: B256,
    /// Number of sends.
    pub send_count: u64,
    /// L1 block number as recorded.
    pub l1_block_number: u64,
    /// Version of the operating system.
    pub version: ArbosVersion,
    /// Whether tips are collected in the block; since version 60.
    pub collect_tips: bool,
}

impl HeaderInfo {
    /// The mix hash that carries all but the send root.
    #[must_use]
    pub fn mix_hash(&self) -> B256 {
        let mut mix = B256::ZERO;
        mix[..8].copy_from_slice(&self.send_count.to_be_bytes());
        mix[8..16].copy_from_slice(&self.l1_block_number.to_be_bytes());
        mix[16..24].copy_from_slice(&self.version.number().to_be_bytes());
        mix[25] = u8::from(self.collect_tips);
        mix
    }

    /// Reads a header; one without base fee, with another difficulty or extra data says nothing (version 0).
    #[must_use]
    pub fn of(header: &ArbHeader) -> Self {
        let inner = &header.inner;
        let readable = header.base_fee.is_some() && inner.extra_data.len() == 32 && inner.difficulty == U256::ONE;
        if !readable {
            return Self::default();
        }
        let number =
            |at: usize| inner.mix_hash[at..at + 8].iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
        Self {
            send_root: B256::from_slice(&inner.extra_data),
            send_count: number(0),
            l1_block_number: number(8),
            version: ArbosVersion::new(number(16)),
            collect_tips: inner.mix_hash[25] == 1,
        }
    }
}

/// A header. The base fee stands beside the inner header, because it may exceed 64 bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArbHeader {
    /// All fields but the base fee, whose place in there is unused.
    pub inner: Header,
    /// Base fee in wei.
    pub base_fee: Option<U256>,
}

/// Fields of a header that are not fixed.
#[derive(Debug, Clone)]
pub struct HeaderParts {
    /// Hash of the block before.
    pub parent_hash: B256,
    /// Number of the block.
    pub number: u64,
    /// Seconds.
    pub timestamp: u64,
    /// Poster of the message.
    pub coinbase: Address,
    /// Base fee in wei.
    pub base_fee: U256,
    /// Messages of the bridge read so far.
    pub delayed_messages_read: u64,
    /// State after the block.
    pub state_root: B256,
    /// Root of its transactions.
    pub transactions_root: B256,
    /// Root of its receipts.
    pub receipts_root: B256,
    /// Bloom filter of its logs.
    pub logs_bloom: Bloom,
    /// Gas of all transactions.
    pub gas_used: u64,
    /// What it says of the operating system.
    pub info: HeaderInfo,
}

impl From<HeaderParts> for ArbHeader {
    fn from(parts: HeaderParts) -> Self {
        let inner = Header {
            parent_hash: parts.parent_hash,
            ommers_hash: EMPTY_OMMER_ROOT_HASH,
            beneficiary: parts.coinbase,
            state_root: parts.state_root,
            transactions_root: parts.transactions_root,
            receipts_root: parts.receipts_root,
            logs_bloom: parts.logs_bloom,
            difficulty: U256::ONE,
            number: parts.number,
            gas_limit: HEADER_GAS_LIMIT,
            gas_used: parts.gas_used,
            timestamp: parts.timestamp,
            extra_data: Bytes::copy_from_slice(parts.info.send_root.as_slice()),
            mix_hash: parts.info.mix_hash(),
            nonce: B64::from(parts.delayed_messages_read.to_be_bytes()),
            ..Header::default()
        };
        Self { inner, base_fee: Some(parts.base_fee) }
    }
}

impl ArbHeader {
    /// RLP of the header.
    #[must_use]
    pub fn encoded(&self) -> alloc::vec::Vec<u8> {
        let header = &self.inner;
        let mut fields = alloc::vec::Vec::with_capacity(600);
        header.parent_hash.encode(&mut fields);
        header.ommers_hash.encode(&mut fields);
        header.beneficiary.encode(&mut fields);
        header.state_root.encode(&mut fields);
        header.transactions_root.encode(&mut fields);
        header.receipts_root.encode(&mut fields);
        header.logs_bloom.encode(&mut fields);
        header.difficulty.encode(&mut fields);
        header.number.encode(&mut fields);
        header.gas_limit.encode(&mut fields);
        header.gas_used.encode(&mut fields);
        header.timestamp.encode(&mut fields);
        header.extra_data.encode(&mut fields);
        header.mix_hash.encode(&mut fields);
        header.nonce.encode(&mut fields);
        if let Some(base_fee) = &self.base_fee {
            base_fee.encode(&mut fields);
        }
        let mut out = alloc::vec::Vec::with_capacity(fields.len() + 4);
        alloy_rlp::Header { list: true, payload_length: fields.len() }.encode(&mut out);
        out.extend_from_slice(&fields);
        out
    }

    /// Reads a header with a base fee and nothing after it, as all blocks of the chain have it.
    ///
    /// # Errors
    /// Malformed RLP or other fields.
    pub fn decode(mut bytes: &[u8]) -> Result<Self, alloy_rlp::Error> {
        let mut list = alloy_rlp::Header::decode_bytes(&mut bytes, true)?;
        let fields = &mut list;
        let inner = Header {
            parent_hash: Decodable::decode(fields)?,
            ommers_hash: Decodable::decode(fields)?,
            beneficiary: Decodable::decode(fields)?,
            state_root: Decodable::decode(fields)?,
            transactions_root: Decodable::decode(fields)?,
            receipts_root: Decodable::decode(fields)?,
            logs_bloom: Decodable::decode(fields)?,
            difficulty: Decodable::decode(fields)?,
            number: Decodable::decode(fields)?,
            gas_limit: Decodable::decode(fields)?,
            gas_used: Decodable::decode(fields)?,
            timestamp: Decodable::decode(fields)?,
            extra_data: Decodable::decode(fields)?,
            mix_hash: Decodable::decode(fields)?,
            nonce: Decodable::decode(fields)?,
            ..Header::default()
        };
        let base_fee = if fields.is_empty() { None } else { Some(U256::decode(fields)?) };
        if !fields.is_empty() || !bytes.is_empty() {
            return Err(alloy_rlp::Error::UnexpectedLength);
        }
        Ok(Self { inner, base_fee })
    }

    /// Hash of the block.
    #[must_use]
    pub fn hash(&self) -> B256 {
        keccak256(self.encoded())
    }

    /// Messages of the bridge read so far.
    #[must_use]
    pub const fn delayed_messages_read(&self) -> u64 {
        u64::from_be_bytes(self.inner.nonce.0)
    }
}
