//! The end of a block: checks, receipts, header (`spec/execution.md` 6 and 18).

use super::{
    Block, Parent,
    build::Builder,
    header::{ArbHeader, HeaderInfo, HeaderParts},
};
use crate::{
    error::Error,
    evm::{BalanceDelta, Caches},
    phase::Phase,
    process::validate::collects_tips,
    receipt::{ArbReceipt, body_roots},
    tx::{ArbTxEnvelope, DepositTx, InternalTx},
};
use ::state::{
    ArbosVersion,
    world::{Changes, World},
};
use alloc::vec::Vec;
use alloy_primitives::{B256, Bloom, I256, U256};

/// A block without its state root.
pub(super) struct Unsealed {
    header: HeaderParts,
    transactions: Vec<ArbTxEnvelope>,
    receipts: Vec<ArbReceipt>,
    /// What the world has to commit.
    pub(super) changes: Changes,
}

impl Unsealed {
    /// The block with its state root.
    pub(super) fn sealed(self, state_root: B256) -> Block {
        let header = ArbHeader::from(HeaderParts { state_root, ..self.header });
        let hash = header.hash();
        tracing::debug!(block = header.inner.number, gas_used = header.inner.gas_used, "sealed");
        Block { header, hash, transactions: self.transactions, receipts: self.receipts, changes: self.changes }
    }
}

/// Ends a block: everything but the state root, which the world that comes back has to give.
pub(super) fn seal<'w>(
    mut builder: Builder<'w>,
    parent: &Parent<'_>,
    delayed_messages_read: u64,
    caches: &mut Caches,
) -> Result<(Unsealed, &'w mut dyn World), Error> {
    let facts = builder.evm.context().chain.facts;
    check_balance(builder.evm.context().chain.delta, facts.allow_debug)?;
    let info = header_info(&mut builder)?;
    let changes = Phase::State.run(|| builder.evm.ledger().changes());
    let (mut receipts, transactions) = (builder.receipts, builder.transactions);
    price_receipts(&mut receipts, &info, facts.base_fee);
    let (transactions_root, receipts_root) = body_roots(&transactions, &receipts);
    let header = HeaderParts {
        parent_hash: parent.hash,
        number: facts.number,
        timestamp: facts.timestamp,
        coinbase: facts.coinbase,
        base_fee: facts.base_fee,
        delayed_messages_read,
        state_root: B256::ZERO,
        transactions_root,
        receipts_root,
        logs_bloom: receipts.iter().fold(Bloom::ZERO, |all, receipt| all | receipt.bloom),
        gas_used: receipts.last().map_or(0, |receipt| receipt.cumulative_gas_used),
        info,
    };
    let (left, world) = builder.evm.into_parts();
    *caches = left;
    Ok((Unsealed { header, transactions, receipts, changes }, world))
}

/// What a gas cost, as receipts say: the base fee, unless the header says that tips are collected. A header of version 9 says so
/// even of blocks where they are not.
fn price_receipts(receipts: &mut [ArbReceipt], info: &HeaderInfo, base_fee: U256) {
    let collects = info.collect_tips || info.version == ArbosVersion::TIPS_ONCE;
    for receipt in receipts {
        receipt.effective_gas_price = match receipt.tx_type {
            0x00..=0x04 if collects => receipt.effective_gas_price,
            DepositTx::TYPE | InternalTx::TYPE if collects => U256::ZERO,
            _ => base_fee,
        };
    }
}

fn header_info(builder: &mut Builder<'_>) -> Result<HeaderInfo, Error> {
    let collects = collects_tips(&mut builder.evm)?;
    builder.evm.arbos(|state| {
        let (send_count, send_root) = state.sends().size_and_root()?;
        let version = state.version();
        Ok(HeaderInfo {
            send_root,
            send_count,
            l1_block_number: state.block_hashes().l1_block_number()?,
            version,
            collect_tips: collects && version != ArbosVersion::TIPS_ONCE,
        })
    })
}

/// Wei may vanish in a block, which is only noted, but not appear; a chain for debugging tolerates neither.
fn check_balance(delta: BalanceDelta, allow_debug: bool) -> Result<(), Error> {
    let delta = delta.value();
    if delta > I256::ZERO || (allow_debug && !delta.is_zero()) {
        return Err(Error::stopped("the balances of a block do not add up"));
    }
    if !delta.is_zero() {
        tracing::warn!(%delta, "wei vanished in a block");
    }
    Ok(())
}
