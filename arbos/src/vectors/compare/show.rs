//! How values are shown: as vectors write them.

use crate::{
    block::header::{ArbHeader, HeaderInfo},
    receipt::ArbReceipt,
    vectors::compare::Sealed,
};
use ::state::{MultiGas, ResourceKind, world::Changes};
use alloy_primitives::{Address, B256, Bytes, Log, U256, hex};
use serde_json::{Map, Value, json};

/// Largest number that JSON readers keep exactly.
const MAX_EXACT: u64 = (1 << 53) - 1;

/// A value that can be shown.
pub trait Show {
    /// Decimal for numbers of up to 53 bits, `0x` text for all else.
    fn show(&self) -> String;
}

impl Show for u64 {
    fn show(&self) -> String {
        self.to_string()
    }
}

impl Show for u8 {
    fn show(&self) -> String {
        self.to_string()
    }
}

impl Show for bool {
    fn show(&self) -> String {
        self.to_string()
    }
}

impl Show for U256 {
    fn show(&self) -> String {
        if *self <= Self::from(MAX_EXACT) { self.to_string() } else { format!("{self:#x}") }
    }
}

impl Show for B256 {
    fn show(&self) -> String {
        self.to_string()
    }
}

impl Show for Address {
    fn show(&self) -> String {
        format!("{self:#x}")
    }
}

impl Show for Bytes {
    fn show(&self) -> String {
        bytes(self)
    }
}

impl Show for String {
    fn show(&self) -> String {
        format!("{self:?}")
    }
}

impl<T: Show> Show for Option<T> {
    fn show(&self) -> String {
        self.as_ref().map_or_else(|| "none".into(), T::show)
    }
}

/// Bytes as `0x` text.
#[must_use]
pub fn bytes(bytes: &[u8]) -> String {
    hex::encode_prefixed(bytes)
}

/// Amounts of gas by the names receipts have for them, zeros too.
pub fn multi_gas(gas: &MultiGas) -> impl Iterator<Item = (&'static str, u64)> {
    let kinds = ResourceKind::ALL.into_iter().map(|kind| (kind.name(), gas.get(kind)));
    kinds.chain([("total", gas.single_gas()), ("refund", gas.refund())])
}

fn number(number: U256) -> Value {
    match u64::try_from(number) {
        Ok(number) if number <= MAX_EXACT => number.into(),
        _ => format!("{number:#x}").into(),
    }
}

/// A header in the form of vectors.
#[must_use]
pub fn header(header: &ArbHeader, hash: B256) -> Map<String, Value> {
    let (inner, info) = (&header.inner, HeaderInfo::of(header));
    let fields = [
        ("number", inner.number.into()),
        ("hash", hash.show().into()),
        ("parentHash", inner.parent_hash.show().into()),
        ("stateRoot", inner.state_root.show().into()),
        ("transactionsRoot", inner.transactions_root.show().into()),
        ("receiptsRoot", inner.receipts_root.show().into()),
        ("sendRoot", info.send_root.show().into()),
        ("sendCount", info.send_count.into()),
        ("l1BlockNumber", info.l1_block_number.into()),
        ("arbosVersion", info.version.number().into()),
        ("baseFee", number(header.base_fee.unwrap_or_default())),
        ("gasUsed", inner.gas_used.into()),
        ("gasLimit", inner.gas_limit.into()),
        ("timestamp", inner.timestamp.into()),
        ("coinbase", inner.beneficiary.show().into()),
        ("nonce", header.delayed_messages_read().into()),
        ("extraData", inner.extra_data.show().into()),
        ("mixHash", inner.mix_hash.show().into()),
        ("logsBloom", bytes(inner.logs_bloom.as_slice()).into()),
    ];
    fields.into_iter().map(|(name, value)| (name.into(), value)).collect()
}

/// A block in the form of vectors: header, receipts, and the state it changed.
#[must_use]
pub fn block(block: &Sealed<'_>) -> Map<String, Value> {
    let mut fields = header(block.header, block.hash);
    fields.insert("receipts".into(), block.receipts.iter().map(receipt).collect());
    fields.insert("state".into(), changes(block.changes));
    fields
}

fn receipt(receipt: &ArbReceipt) -> Value {
    let gas = multi_gas(&receipt.multi_gas).filter(|(_, amount)| *amount > 0);
    json!({
        "txHash": receipt.tx_hash.show(),
        "type": receipt.tx_type,
        "from": receipt.from.show(),
        "status": u8::from(receipt.success),
        "gasUsed": receipt.gas_used,
        "cumulativeGasUsed": receipt.cumulative_gas_used,
        "gasUsedForL1": receipt.gas_used_for_l1,
        "effectiveGasPrice": number(receipt.effective_gas_price),
        "contractAddress": receipt.contract_address.map(|address| address.show()),
        "logs": receipt.logs.iter().map(log).collect::<Value>(),
        "multiGas": gas.map(|(kind, amount)| (kind.into(), amount.into())).collect::<Map<_, _>>(),
    })
}

fn log(log: &Log) -> Value {
    let topics: Value = log.data.topics().iter().map(Show::show).collect();
    json!({ "address": log.address.show(), "topics": topics, "data": log.data.data.show() })
}

fn changes(changes: &Changes) -> Value {
    let word = |word: &U256| B256::from(*word).show();
    let accounts = changes.accounts.iter().map(|(address, change)| {
        let Some(info) = change.info else { return (address.show(), Value::Null) };
        let storage: Map<_, _> = change.slots.iter().map(|(slot, value)| (word(slot), word(value).into())).collect();
        let account = json!({
            "balance": format!("{:#x}", info.balance),
            "nonce": info.nonce,
            "codeHash": info.code_hash.show(),
            "storage": storage,
        });
        (address.show(), account)
    });
    Value::Object(accounts.collect())
}
