//! `chain/1`: a chain from its genesis, one message a line.

use super::{Title, block::ExpectedBlock};
use crate::{
    Genesis, GenesisAccount,
    config::ChainConfig,
    message::MessageWithMetadata,
    vectors::json::{Entries, FromNode, Node, Read},
};
use alloy_primitives::{B256, Bytes, U256};

/// The first line: how the chain begins.
#[derive(Debug, Clone)]
pub struct Start {
    /// Name of the chain.
    pub id: String,
    /// What it is made of.
    pub genesis: Genesis,
    /// The message that carried configuration and base fee, where it is known.
    pub message: Option<MessageWithMetadata>,
    /// What is known of the first block.
    pub expected: ExpectedBlock,
    /// What another reading says of it.
    pub derived: Option<ExpectedBlock>,
}

impl FromNode for Start {
    fn read(node: &Node<'_>) -> Read<Self> {
        let (genesis, message) = node.with("init", read_init)?;
        Ok(Self {
            id: Title::read(node)?.id.unwrap_or_default(),
            genesis,
            message,
            expected: node.get("expected")?,
            derived: node.optional("derived")?,
        })
    }
}

fn read_init(node: &Node<'_>) -> Read<(Genesis, Option<MessageWithMetadata>)> {
    node.only(&["chainConfig", "initialL1BaseFee", "alloc", "message"])?;
    let genesis = Genesis {
        config: node.get("chainConfig")?,
        initial_l1_base_fee: node.get("initialL1BaseFee")?,
        alloc: node.optional::<Entries<_, _>>("alloc")?.unwrap_or_default().0,
    };
    Ok((genesis, node.optional("message")?))
}

/// A configuration as text.
impl FromNode for ChainConfig {
    fn read(node: &Node<'_>) -> Read<Self> {
        Self::parse(node.text()?.as_bytes()).map_err(|error| node.error(error.to_string()))
    }
}

impl FromNode for GenesisAccount {
    fn read(node: &Node<'_>) -> Read<Self> {
        node.only(&["balance", "nonce", "code", "storage"])?;
        let storage = node.optional::<Entries<B256, B256>>("storage")?.unwrap_or_default().0;
        Ok(Self {
            balance: node.optional::<U256>("balance")?.unwrap_or_default(),
            nonce: node.optional("nonce")?.unwrap_or_default(),
            code: node.optional::<Bytes>("code")?.unwrap_or_default(),
            storage: storage.into_iter().map(|(slot, value)| (slot.into(), value.into())).collect(),
        })
    }
}

/// A further line: a message and its block.
#[derive(Debug, Clone)]
pub struct Step {
    /// What the chain is given.
    pub message: MessageWithMetadata,
    /// What is known of its block.
    pub expected: ExpectedBlock,
    /// What another reading says of it.
    pub derived: Option<ExpectedBlock>,
}

impl FromNode for Step {
    fn read(node: &Node<'_>) -> Read<Self> {
        Ok(Self { message: node.get("message")?, expected: node.get("expected")?, derived: node.optional("derived")? })
    }
}
