//! `witness/1`: one block from preimages.

use super::{Title, block::ExpectedBlock};
use crate::{
    config::ChainConfig,
    message::MessageWithMetadata,
    vectors::json::{Entries, FromNode, Node, Read},
};
use alloy_primitives::{B256, Bytes};

/// A block and all it needs.
#[derive(Debug, Clone)]
pub struct Case {
    /// Name of the case.
    pub id: String,
    /// The configuration, where it is not to be read from the state.
    pub config: Option<ChainConfig>,
    /// RLP of the header before.
    pub parent: Bytes,
    /// RLP of headers before that one.
    pub headers: Vec<Bytes>,
    /// Trie nodes.
    pub nodes: Vec<Bytes>,
    /// Code.
    pub codes: Vec<Bytes>,
    /// What the chain is given.
    pub message: MessageWithMetadata,
    /// The batch the message came from.
    pub batch: Option<Batch>,
    /// What must come out.
    pub expected: Expected,
    /// What another reading says of the block.
    pub derived: Option<ExpectedBlock>,
}

/// What must come out.
#[derive(Debug, Clone)]
pub enum Expected {
    /// A block.
    Block {
        /// What is known of it.
        block: Box<ExpectedBlock>,
        /// The position after the message.
        end_state: Option<GlobalState>,
        /// Module hashes of programs among the codes, by code hash.
        modules: Vec<(B256, B256)>,
    },
    /// An error that names what is missing.
    Missing {
        /// Its hash.
        hash: B256,
        /// What it is.
        kind: MissingKind,
    },
}

/// What can be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingKind {
    /// A trie node.
    Node,
    /// A contract's code.
    Code,
    /// A header.
    Header,
}

impl FromNode for MissingKind {
    fn read(node: &Node<'_>) -> Read<Self> {
        match node.text()? {
            "node" => Ok(Self::Node),
            "code" => Ok(Self::Code),
            "header" => Ok(Self::Header),
            _ => Err(node.error("want node, code or header")),
        }
    }
}

impl FromNode for Case {
    fn read(node: &Node<'_>) -> Read<Self> {
        Ok(Self {
            id: Title::read(node)?.id.unwrap_or_default(),
            config: node.optional("chainConfig")?,
            parent: node.get("parentHeader")?,
            headers: node.get("headers")?,
            nodes: node.get("nodes")?,
            codes: node.get("codes")?,
            message: node.get("message")?,
            batch: node.optional("batch")?,
            expected: node.get("expected")?,
            derived: node.optional("derived")?,
        })
    }
}

impl FromNode for Expected {
    fn read(node: &Node<'_>) -> Read<Self> {
        if let Some(hash) = node.optional("missing")? {
            node.only(&["missing", "kind"])?;
            return Ok(Self::Missing { hash, kind: node.get("kind")? });
        }
        Ok(Self::Block {
            block: Box::new(ExpectedBlock::read_beside(node, &["endState", "moduleHashes"])?),
            end_state: node.optional("endState")?,
            modules: node.optional::<Entries<_, _>>("moduleHashes")?.unwrap_or_default().0,
        })
    }
}

/// A posted batch and where the message stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Number.
    pub number: u64,
    /// Header and payload.
    pub data: Bytes,
    /// What the payload is found by, for batches kept elsewhere.
    pub preimages: Vec<Bytes>,
    /// The message of the bridge the batch refers to.
    pub delayed: Option<Bytes>,
    /// Where reading begins.
    pub start: GlobalState,
}

impl FromNode for Batch {
    fn read(node: &Node<'_>) -> Read<Self> {
        node.only(&["number", "data", "preimages", "delayed", "startState"])?;
        Ok(Self {
            number: node.get("number")?,
            data: node.get("data")?,
            preimages: node.optional("preimages")?.unwrap_or_default(),
            delayed: node.optional("delayed")?,
            start: node.get("startState")?,
        })
    }
}

/// A position between two messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalState {
    /// Hash of the last block.
    pub block_hash: Option<B256>,
    /// Root of the sends.
    pub send_root: Option<B256>,
    /// The batch of the next message.
    pub batch: u64,
    /// Its place in the batch.
    pub position: u64,
}

impl FromNode for GlobalState {
    fn read(node: &Node<'_>) -> Read<Self> {
        node.only(&["blockHash", "sendRoot", "batch", "posInBatch"])?;
        Ok(Self {
            block_hash: node.optional("blockHash")?,
            send_root: node.optional("sendRoot")?,
            batch: node.get("batch")?,
            position: node.get("posInBatch")?,
        })
    }
}
