//! What was expected against what came out, field by field.
//!
//! Receipts come first, then state, then the header and its hash last, so that the first difference is as near to its cause as
//! can be.

pub mod show;
mod state;

use super::{
    format::block::{ExpectedBlock, ExpectedLog, ExpectedReceipt},
    names::SeenKeys,
};
use crate::{
    block::header::{ArbHeader, HeaderInfo},
    receipt::ArbReceipt,
};
use ::state::world::{Changes, World};
use alloy_primitives::{B256, Log, U256};
use core::fmt;
use show::Show;

/// Differences that are kept of a case.
const MOST_KEPT: usize = 100;

/// A place where something else came out than was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where (`block 17 receipts[2].gasUsed`).
    pub path: String,
    /// What was expected.
    pub want: String,
    /// What came out.
    pub got: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: want {}, got {}", self.path, self.want, self.got)
    }
}

/// Collects differences along a path.
#[derive(Debug, Default)]
pub struct Comparison {
    place: String,
    path: String,
    found: Vec<Difference>,
}

impl Comparison {
    /// Begins at a place (`block 17`); paths follow it.
    pub fn at(place: impl Into<String>) -> Self {
        Self { place: place.into(), ..Self::default() }
    }

    /// The differences, the first one first.
    #[must_use]
    pub fn found(self) -> Vec<Difference> {
        self.found
    }

    /// Whether nothing differs so far.
    #[must_use]
    pub const fn is_equal(&self) -> bool {
        self.found.is_empty()
    }

    /// Compares below a field or an item.
    pub fn inside(&mut self, name: &str, compare: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        if length > 0 && !name.is_empty() && !name.starts_with('[') {
            self.path.push('.');
        }
        self.path.push_str(name);
        compare(self);
        self.path.truncate(length);
    }

    /// Compares a value, if it is known.
    pub fn field<T: Show + PartialEq>(&mut self, name: &str, want: Option<&T>, got: &T) {
        if let Some(want) = want.filter(|want| *want != got) {
            self.differs(name, want.show(), got.show());
        }
    }

    /// Records a difference.
    pub fn differs(&mut self, name: &str, want: String, got: String) {
        self.inside(name, |here| {
            if here.found.len() < MOST_KEPT {
                let path = [here.place.as_str(), here.path.as_str()].into_iter().filter(|part| !part.is_empty());
                let path = path.collect::<Vec<_>>().join(" ");
                here.found.push(Difference { path, want, got });
            }
        });
    }

    /// Compares bytes; of long ones the 32 around the first difference are shown.
    pub fn bytes(&mut self, name: &str, want: &[u8], got: &[u8]) {
        const LONG: usize = 64;
        if want == got {
            return;
        }
        if want.len().max(got.len()) <= LONG {
            return self.differs(name, show::bytes(want), show::bytes(got));
        }
        if want.len() != got.len() {
            self.differs(&format!("{name}.length"), want.len().to_string(), got.len().to_string());
        }
        let equal = want.iter().zip(got).take_while(|(want, got)| want == got).count();
        let start = equal / 32 * 32;
        let part = |bytes: &[u8]| show::bytes(bytes.get(start..bytes.len().min(start + 32)).unwrap_or_default());
        self.differs(&format!("{name}[{start}..{}]", start + 32), part(want), part(got));
    }

    /// Compares lists item by item, and then their lengths.
    pub fn items<W, G>(&mut self, name: &str, want: &[W], got: &[G], compare: impl Fn(&mut Self, &W, &G)) {
        self.inside(name, |here| {
            for (index, (want, got)) in want.iter().zip(got).enumerate() {
                here.inside(&format!("[{index}]"), |here| compare(here, want, got));
            }
            here.field("length", Some(&(want.len() as u64)), &(got.len() as u64));
        });
    }
}

/// A block that came out.
#[derive(Debug, Clone, Copy)]
pub struct Sealed<'a> {
    /// Its header.
    pub header: &'a ArbHeader,
    /// Hash of the header.
    pub hash: B256,
    /// Receipts of all transactions.
    pub receipts: &'a [ArbReceipt],
    /// What it changed.
    pub changes: &'a Changes,
}

impl Comparison {
    /// Compares a block and the world after it.
    pub fn block(&mut self, want: &ExpectedBlock, got: &Sealed<'_>, world: &mut dyn World, seen: &SeenKeys) {
        self.field("number", want.number.as_ref(), &got.header.inner.number);
        if let Some(receipts) = &want.receipts {
            self.items("receipts", receipts, got.receipts, Self::receipt);
        }
        if let Some(accounts) = &want.state {
            self.inside("state", |here| here.state(accounts, world, seen));
        }
        let state_differs = want.state_root.is_some_and(|root| root != got.header.inner.state_root);
        if let (Some(accounts), true) = (&want.state, state_differs) {
            self.inside("state", |here| here.unexpected(accounts, got.changes, seen));
        }
        self.header(want, got.header);
        self.field("hash", want.hash.as_ref(), &got.hash);
    }

    fn header(&mut self, want: &ExpectedBlock, got: &ArbHeader) {
        let (inner, info) = (&got.inner, HeaderInfo::of(got));
        self.field("arbosVersion", want.arbos_version.as_ref(), &info.version.number());
        self.field("l1BlockNumber", want.l1_block_number.as_ref(), &info.l1_block_number);
        self.field("timestamp", want.timestamp.as_ref(), &inner.timestamp);
        self.field("coinbase", want.coinbase.as_ref(), &inner.beneficiary);
        self.field("nonce", want.nonce.as_ref(), &got.delayed_messages_read());
        self.field("baseFee", want.base_fee.as_ref(), &got.base_fee.unwrap_or_default());
        self.field("gasLimit", want.gas_limit.as_ref(), &inner.gas_limit);
        self.field("gasUsed", want.gas_used.as_ref(), &inner.gas_used);
        self.field("sendCount", want.send_count.as_ref(), &info.send_count);
        self.field("sendRoot", want.send_root.as_ref(), &info.send_root);
        self.field("extraData", want.extra_data.as_ref(), &inner.extra_data);
        self.field("mixHash", want.mix_hash.as_ref(), &inner.mix_hash);
        if let Some(bloom) = &want.logs_bloom {
            self.bytes("logsBloom", bloom.as_slice(), inner.logs_bloom.as_slice());
        }
        self.field("transactionsRoot", want.transactions_root.as_ref(), &inner.transactions_root);
        self.field("receiptsRoot", want.receipts_root.as_ref(), &inner.receipts_root);
        self.field("stateRoot", want.state_root.as_ref(), &inner.state_root);
        self.field("parentHash", want.parent_hash.as_ref(), &inner.parent_hash);
    }

    fn receipt(&mut self, want: &ExpectedReceipt, got: &ArbReceipt) {
        self.field("type", want.tx_type.as_ref(), &got.tx_type);
        self.field("txHash", want.tx_hash.as_ref(), &got.tx_hash);
        self.field("from", want.from.as_ref(), &got.from);
        self.field("status", want.status.as_ref(), &u64::from(got.success));
        self.field("gasUsed", want.gas_used.as_ref(), &got.gas_used);
        self.field("gasUsedForL1", want.gas_used_for_l1.as_ref(), &got.gas_used_for_l1);
        self.field("cumulativeGasUsed", want.cumulative_gas_used.as_ref(), &got.cumulative_gas_used);
        self.field("effectiveGasPrice", want.effective_gas_price.as_ref(), &got.effective_gas_price);
        self.field("contractAddress", want.contract_address.as_ref(), &got.contract_address);
        if let Some(logs) = &want.logs {
            self.items("logs", logs, &got.logs, Self::log);
        }
        for (name, want) in want.multi_gas.iter().flatten() {
            let amount = show::multi_gas(&got.multi_gas).find(|(kind, _)| kind == name).map_or(0, |(_, amount)| amount);
            self.inside("multiGas", |here| here.field(name, Some(want), &amount));
        }
    }

    fn log(&mut self, want: &ExpectedLog, got: &Log) {
        self.field("address", Some(&want.address), &got.address);
        self.items("topics", &want.topics, got.data.topics(), |here, want, got| here.field("", Some(want), got));
        self.bytes("data", &want.data, &got.data.data);
    }
}

/// A slot or its value, as a number.
fn number(word: B256) -> U256 {
    word.into()
}

#[cfg(test)]
mod tests;
