//! What is expected of a block. A field that is absent is not asserted.

use crate::vectors::json::{Entries, FromNode, Node, Read};
use ::state::ResourceKind;
use alloy_primitives::{Address, B256, Bloom, Bytes, U256};

/// What is known of a block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpectedBlock {
    /// Number.
    pub number: Option<u64>,
    /// Hash of the header.
    pub hash: Option<B256>,
    /// Hash of the block before.
    pub parent_hash: Option<B256>,
    /// Root of the state after the block.
    pub state_root: Option<B256>,
    /// Root of the transactions.
    pub transactions_root: Option<B256>,
    /// Root of the receipts.
    pub receipts_root: Option<B256>,
    /// Root of the sends.
    pub send_root: Option<B256>,
    /// Number of sends.
    pub send_count: Option<u64>,
    /// L1 block number as recorded.
    pub l1_block_number: Option<u64>,
    /// Version of the operating system.
    pub arbos_version: Option<u64>,
    /// Base fee in wei.
    pub base_fee: Option<U256>,
    /// Gas of all transactions.
    pub gas_used: Option<u64>,
    /// Gas limit of the header.
    pub gas_limit: Option<u64>,
    /// Seconds.
    pub timestamp: Option<u64>,
    /// Poster of the message.
    pub coinbase: Option<Address>,
    /// Messages of the bridge read so far.
    pub nonce: Option<u64>,
    /// Extra data.
    pub extra_data: Option<Bytes>,
    /// Mix hash.
    pub mix_hash: Option<B256>,
    /// Bloom filter of the logs.
    pub logs_bloom: Option<Bloom>,
    /// Receipts of all transactions.
    pub receipts: Option<Vec<ExpectedReceipt>>,
    /// Accounts after the block.
    pub state: Option<ExpectedState>,
}

/// Accounts and what is known of them.
pub type ExpectedState = Vec<(Address, ExpectedAccount)>;

/// Names of the fields of an expected block.
const BLOCK_FIELDS: &[&str] = &[
    "number",
    "hash",
    "parentHash",
    "stateRoot",
    "transactionsRoot",
    "receiptsRoot",
    "sendRoot",
    "sendCount",
    "l1BlockNumber",
    "arbosVersion",
    "baseFee",
    "gasUsed",
    "gasLimit",
    "timestamp",
    "coinbase",
    "nonce",
    "extraData",
    "mixHash",
    "logsBloom",
    "receipts",
    "state",
];

impl ExpectedBlock {
    /// Reads an object that may have other fields too.
    ///
    /// # Errors
    /// The first field that is not what it must be, or has a name that is in neither list.
    pub fn read_beside(node: &Node<'_>, others: &[&str]) -> Read<Self> {
        node.only(&[BLOCK_FIELDS, others].concat())?;
        Ok(Self {
            number: node.optional("number")?,
            hash: node.optional("hash")?,
            parent_hash: node.optional("parentHash")?,
            state_root: node.optional("stateRoot")?,
            transactions_root: node.optional("transactionsRoot")?,
            receipts_root: node.optional("receiptsRoot")?,
            send_root: node.optional("sendRoot")?,
            send_count: node.optional("sendCount")?,
            l1_block_number: node.optional("l1BlockNumber")?,
            arbos_version: node.optional("arbosVersion")?,
            base_fee: node.optional("baseFee")?,
            gas_used: node.optional("gasUsed")?,
            gas_limit: node.optional("gasLimit")?,
            timestamp: node.optional("timestamp")?,
            coinbase: node.optional("coinbase")?,
            nonce: node.optional("nonce")?,
            extra_data: node.optional("extraData")?,
            mix_hash: node.optional("mixHash")?,
            logs_bloom: node.optional("logsBloom")?,
            receipts: node.optional("receipts")?,
            state: node.optional::<Entries<_, _>>("state")?.map(|state| state.0),
        })
    }
}

impl FromNode for ExpectedBlock {
    fn read(node: &Node<'_>) -> Read<Self> {
        Self::read_beside(node, &[])
    }
}

/// What is known of a receipt.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpectedReceipt {
    /// Hash of the transaction.
    pub tx_hash: Option<B256>,
    /// Type byte of the transaction.
    pub tx_type: Option<u8>,
    /// Sender.
    pub from: Option<Address>,
    /// 1 for success.
    pub status: Option<u64>,
    /// Gas it used.
    pub gas_used: Option<u64>,
    /// Gas the block used up to and with it.
    pub cumulative_gas_used: Option<u64>,
    /// The part of its gas that paid for posting its data.
    pub gas_used_for_l1: Option<u64>,
    /// What a gas cost, in wei.
    pub effective_gas_price: Option<U256>,
    /// The contract it created.
    pub contract_address: Option<Option<Address>>,
    /// All logs, in order.
    pub logs: Option<Vec<ExpectedLog>>,
    /// Gas by kind: names of kinds, `total` or `refund`, and amounts.
    pub multi_gas: Option<Vec<(String, u64)>>,
}

impl FromNode for ExpectedReceipt {
    fn read(node: &Node<'_>) -> Read<Self> {
        node.only(&[
            "txHash",
            "type",
            "from",
            "status",
            "gasUsed",
            "cumulativeGasUsed",
            "gasUsedForL1",
            "effectiveGasPrice",
            "contractAddress",
            "logs",
            "multiGas",
        ])?;
        Ok(Self {
            tx_hash: node.optional("txHash")?,
            tx_type: node.optional("type")?,
            from: node.optional("from")?,
            status: node.optional("status")?,
            gas_used: node.optional("gasUsed")?,
            cumulative_gas_used: node.optional("cumulativeGasUsed")?,
            gas_used_for_l1: node.optional("gasUsedForL1")?,
            effective_gas_price: node.optional("effectiveGasPrice")?,
            contract_address: node.optional("contractAddress")?,
            logs: node.optional("logs")?,
            multi_gas: node.optional_with("multiGas", read_multi_gas)?,
        })
    }
}

/// A log, all of it known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedLog {
    /// Who logged.
    pub address: Address,
    /// Topics, in order.
    pub topics: Vec<B256>,
    /// Data.
    pub data: Bytes,
}

impl FromNode for ExpectedLog {
    fn read(node: &Node<'_>) -> Read<Self> {
        node.only(&["address", "topics", "data"])?;
        Ok(Self { address: node.get("address")?, topics: node.get("topics")?, data: node.get("data")? })
    }
}

/// What is known of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpectedAccount {
    /// Balance in wei.
    pub balance: Option<U256>,
    /// Nonce.
    pub nonce: Option<u64>,
    /// Hash of the code.
    pub code_hash: Option<B256>,
    /// Slots and values; zero where nothing is.
    pub storage: Vec<(B256, B256)>,
}

impl FromNode for ExpectedAccount {
    fn read(node: &Node<'_>) -> Read<Self> {
        node.only(&["balance", "nonce", "codeHash", "storage"])?;
        Ok(Self {
            balance: node.optional("balance")?,
            nonce: node.optional("nonce")?,
            code_hash: node.optional("codeHash")?,
            storage: node.optional::<Entries<_, _>>("storage")?.unwrap_or_default().0,
        })
    }
}

/// Reads amounts by kind.
fn read_multi_gas(node: &Node<'_>) -> Read<Vec<(String, u64)>> {
    let kinds = ResourceKind::ALL.map(ResourceKind::name);
    node.only(&[&kinds[..], &["total", "refund"]].concat())?;
    Entries::read(node).map(|entries| entries.0)
}
