//! `partial/1`: one real block over the accounts and slots that were recorded.

use super::{Title, block::ExpectedBlock};
use crate::{
    message::MessageWithMetadata,
    vectors::json::{Entries, FromNode, Node, Read},
};
use alloy_primitives::{Address, B256, Bytes, U256};

/// A block and what was recorded of the state before it.
#[derive(Debug, Clone)]
pub struct Case {
    /// Name of the case.
    pub id: String,
    /// Chain id.
    pub chain_id: u64,
    /// Version before the block.
    pub arbos_version: Option<u64>,
    /// The block.
    pub block: BlockFacts,
    /// What was recorded.
    pub prestate: Prestate,
    /// What the chain is given; rebuilt, so messages read from the bridge mean nothing.
    pub message: Option<MessageWithMetadata>,
    /// Transactions of the block.
    pub transactions: Vec<Transaction>,
    /// Receipts, and state that was written.
    pub expected: ExpectedBlock,
}

impl FromNode for Case {
    fn read(node: &Node<'_>) -> Read<Self> {
        Ok(Self {
            id: Title::read(node)?.id.unwrap_or_default(),
            chain_id: node.get("chainId")?,
            arbos_version: node.optional("arbosVersion")?,
            block: node.get("block")?,
            prestate: node.get("prestate")?,
            message: node.optional("message")?,
            transactions: node.get("transactions")?,
            expected: node.get("expected")?,
        })
    }
}

/// What is known of the block beside its transactions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockFacts {
    /// Number.
    pub number: u64,
    /// Hash; cannot be checked.
    pub hash: Option<B256>,
    /// L1 block number as recorded.
    pub l1_block_number: u64,
    /// L1 base fee of the message.
    pub l1_base_fee: Option<U256>,
    /// Seconds.
    pub timestamp: u64,
    /// Seconds of the block before.
    pub parent_timestamp: Option<u64>,
    /// Base fee in wei.
    pub base_fee: U256,
    /// Gas limit of the header.
    pub gas_limit: u64,
    /// Poster of the message.
    pub coinbase: Address,
    /// Mix hash.
    pub mix_hash: Option<B256>,
}

impl FromNode for BlockFacts {
    fn read(node: &Node<'_>) -> Read<Self> {
        node.only(&[
            "number",
            "hash",
            "l1BlockNumber",
            "l1BaseFee",
            "timestamp",
            "parentTimestamp",
            "baseFee",
            "gasLimit",
            "coinbase",
            "mixHash",
        ])?;
        Ok(Self {
            number: node.get("number")?,
            hash: node.optional("hash")?,
            l1_block_number: node.get("l1BlockNumber")?,
            l1_base_fee: node.optional("l1BaseFee")?,
            timestamp: node.get("timestamp")?,
            parent_timestamp: node.optional("parentTimestamp")?,
            base_fee: node.get("baseFee")?,
            gas_limit: node.get("gasLimit")?,
            coinbase: node.get("coinbase")?,
            mix_hash: node.optional("mixHash")?,
        })
    }
}

/// Accounts, code and block hashes that were recorded.
#[derive(Debug, Clone, Default)]
pub struct Prestate {
    /// Accounts.
    pub accounts: Vec<(Address, Account)>,
    /// Code by its hash.
    pub codes: Vec<(B256, Bytes)>,
    /// Hashes of blocks by number.
    pub block_hashes: Vec<(u64, B256)>,
}

impl FromNode for Prestate {
    fn read(node: &Node<'_>) -> Read<Self> {
        node.only(&["accounts", "codes", "blockHashes"])?;
        Ok(Self {
            accounts: node.get::<Entries<_, _>>("accounts")?.0,
            codes: node.get::<Entries<_, _>>("codes")?.0,
            block_hashes: node.get::<Entries<_, _>>("blockHashes")?.0,
        })
    }
}

/// An account as it was recorded.
#[derive(Debug, Clone)]
pub struct Account {
    /// Balance in wei.
    pub balance: U256,
    /// Nonce.
    pub nonce: u64,
    /// Hash of the code.
    pub code_hash: B256,
    /// Recorded slots.
    pub storage: Vec<(B256, B256)>,
}

impl FromNode for Account {
    fn read(node: &Node<'_>) -> Read<Self> {
        node.only(&["balance", "nonce", "codeHash", "storage"])?;
        Ok(Self {
            balance: node.get("balance")?,
            nonce: node.get("nonce")?,
            code_hash: node.get("codeHash")?,
            storage: node.optional::<Entries<_, _>>("storage")?.unwrap_or_default().0,
        })
    }
}

/// A transaction of the block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// Bytes as they stand in the trie of transactions.
    pub raw: Bytes,
    /// Hash.
    pub hash: B256,
    /// Sender.
    pub from: Address,
}

impl FromNode for Transaction {
    fn read(node: &Node<'_>) -> Read<Self> {
        node.only(&["raw", "hash", "from"])?;
        Ok(Self { raw: node.get("raw")?, hash: node.get("hash")?, from: node.get("from")? })
    }
}
