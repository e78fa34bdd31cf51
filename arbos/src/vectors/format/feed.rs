//! `feed/1`: messages as nodes broadcast them and hand them on.

use super::{
    Title,
    message::{self, Unknown},
};
use crate::{
    message::{BatchDataStats, MessageWithMetadata},
    vectors::json::{FromNode, Node, Read},
};
use alloy_primitives::{Address, B256, Bytes, U256};

/// The first line.
#[derive(Debug, Clone)]
pub struct Start {
    /// Name of the feed.
    pub id: String,
    /// Chain id.
    pub chain_id: u64,
}

impl FromNode for Start {
    fn read(node: &Node<'_>) -> Read<Self> {
        Ok(Self { id: Title::read(node)?.id.unwrap_or_default(), chain_id: node.get("chainId")? })
    }
}

/// A further line: a text and what it must be read as.
#[derive(Debug, Clone)]
pub enum Case {
    /// A payload of a feed.
    Broadcast {
        /// The text.
        raw: String,
        /// What it holds.
        expected: ExpectedBroadcast,
    },
    /// A message with its metadata.
    Message {
        /// The text.
        raw: String,
        /// What it holds.
        expected: Box<ExpectedMessage>,
    },
}

impl FromNode for Case {
    fn read(node: &Node<'_>) -> Read<Self> {
        let raw = node.get("raw")?;
        match node.get::<String>("form")?.as_str() {
            "broadcast" => Ok(Self::Broadcast { raw, expected: node.get("expected")? }),
            "message" => {
                let expected = node.with("expected", |expected| ExpectedMessage::read_beside(expected, &[]))?;
                Ok(Self::Message { raw, expected: Box::new(expected) })
            }
            other => node.with("form", |form| Err(form.error(format!("{other:?} is no form of a text")))),
        }
    }
}

/// What a payload of a feed must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedBroadcast {
    /// Version of the feed.
    pub version: u64,
    /// Its messages.
    pub messages: Vec<ExpectedFeedMessage>,
}

impl FromNode for ExpectedBroadcast {
    fn read(node: &Node<'_>) -> Read<Self> {
        node.only(&["version", "messages"])?;
        Ok(Self { version: node.get("version")?, messages: node.get("messages")? })
    }
}

/// What a message of a feed must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedFeedMessage {
    /// Where it stands in the chain.
    pub sequence_number: u64,
    /// Hash of its block.
    pub block_hash: Option<Option<B256>>,
    /// Signature of the sequencer, in base64.
    pub signature: Option<Option<String>>,
    /// The message.
    pub message: ExpectedMessage,
}

impl FromNode for ExpectedFeedMessage {
    fn read(node: &Node<'_>) -> Read<Self> {
        Ok(Self {
            sequence_number: node.get("sequenceNumber")?,
            block_hash: node.optional("blockHash")?,
            signature: node.optional("signature")?,
            message: ExpectedMessage::read_beside(node, &["sequenceNumber", "blockHash", "signature"])?,
        })
    }
}

/// What a message must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedMessage {
    /// Kind.
    pub kind: Option<u8>,
    /// Who sent it.
    pub sender: Option<Address>,
    /// L1 block.
    pub block_number: Option<u64>,
    /// Seconds.
    pub timestamp: Option<u64>,
    /// Which message of the bridge it is.
    pub request_id: Option<Option<B256>>,
    /// L1 base fee in wei.
    pub base_fee_l1: Option<Option<U256>>,
    /// Messages of the bridge read so far.
    pub delayed_messages_read: Option<u64>,
    /// Payload.
    pub l2_msg: Option<Bytes>,
    /// Cost of the batch by the old formula.
    pub batch_gas_cost: Option<u64>,
    /// Length of the batch and its bytes that are not zero.
    pub batch_data_tokens: Option<BatchDataStats>,
    /// What a first message says.
    pub init: Option<ExpectedInit>,
    /// Its transactions, where it is of a kind with one.
    pub transactions: Option<Vec<ExpectedTransaction>>,
}

impl ExpectedMessage {
    fn read_beside(node: &Node<'_>, others: &[&str]) -> Read<Self> {
        const FIELDS: &[&str] = &[
            "kind",
            "sender",
            "blockNumber",
            "timestamp",
            "requestId",
            "baseFeeL1",
            "delayedMessagesRead",
            "l2Msg",
            "batchGasCost",
            "batchDataTokens",
            "init",
            "transactions",
        ];
        node.only(&[FIELDS, others].concat())?;
        Ok(Self {
            kind: node.optional("kind")?,
            sender: node.optional("sender")?,
            block_number: node.optional("blockNumber")?,
            timestamp: node.optional("timestamp")?,
            request_id: node.optional("requestId")?,
            base_fee_l1: node.optional("baseFeeL1")?,
            delayed_messages_read: node.optional("delayedMessagesRead")?,
            l2_msg: node.optional("l2Msg")?,
            batch_gas_cost: node.optional("batchGasCost")?,
            batch_data_tokens: node.optional("batchDataTokens")?,
            init: node.optional("init")?,
            transactions: node.optional("transactions")?,
        })
    }
}

/// What a first message must say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedInit {
    /// Chain id.
    pub chain_id: U256,
    /// L1 base fee in wei.
    pub initial_l1_base_fee: U256,
    /// Text of the configuration.
    pub chain_config: String,
}

impl FromNode for ExpectedInit {
    fn read(node: &Node<'_>) -> Read<Self> {
        node.only(&["chainId", "initialL1BaseFee", "chainConfig"])?;
        Ok(Self {
            chain_id: node.get("chainId")?,
            initial_l1_base_fee: node.get("initialL1BaseFee")?,
            chain_config: node.get("chainConfig")?,
        })
    }
}

/// A transaction a message must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedTransaction {
    /// Type byte.
    pub tx_type: u8,
    /// Hash.
    pub hash: B256,
    /// Bytes as they are hashed.
    pub raw: Bytes,
}

impl FromNode for ExpectedTransaction {
    fn read(node: &Node<'_>) -> Read<Self> {
        node.only(&["type", "hash", "raw"])?;
        Ok(Self { tx_type: node.get("type")?, hash: node.get("hash")?, raw: node.get("raw")? })
    }
}

/// A payload of a feed.
#[derive(Debug, Clone)]
pub struct Broadcast {
    /// Version of the feed.
    pub version: u64,
    /// Its messages.
    pub messages: Vec<FeedMessage>,
}

/// A message of a feed.
#[derive(Debug, Clone)]
pub struct FeedMessage {
    /// Where it stands in the chain.
    pub sequence_number: u64,
    /// Hash of its block.
    pub block_hash: Option<B256>,
    /// Signature of the sequencer, in base64.
    pub signature: Option<String>,
    /// The message.
    pub message: MessageWithMetadata,
}

impl FromNode for Broadcast {
    fn read(node: &Node<'_>) -> Read<Self> {
        let messages = node.optional::<Option<_>>("messages")?.flatten().unwrap_or_default();
        Ok(Self { version: node.get("version")?, messages })
    }
}

impl FromNode for FeedMessage {
    fn read(node: &Node<'_>) -> Read<Self> {
        Ok(Self {
            sequence_number: node.get("sequenceNumber")?,
            block_hash: node.optional::<Option<_>>("blockHash")?.flatten(),
            signature: node.optional::<Option<_>>("signature")?.flatten(),
            message: node.with("message", |message| message::read(message, Unknown::Ignored))?,
        })
    }
}
