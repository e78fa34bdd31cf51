//! Answers to what a program asks of the state (`spec/stylus.md` 7.2).

use super::{Asked, ProgramFrame, Running, Stopped, start::page_prices};
use crate::evm::{ArbContext, ArbFrame};
use ::state::{
    ArbosVersion,
    ResourceKind::{self, HistoryGrowth, StorageAccessRead, StorageAccessWrite, StorageGrowth},
};
use alloc::vec::Vec;
use alloy_primitives::{Address, B256, Bytes, Log, U256};
use revm::{context::JournalTr, primitives::KECCAK_EMPTY};
use wavm::run::{Answer, Request};

/// Gas of a warm access.
pub(super) const WARM: u64 = 100;
/// What the first access to an account costs more.
pub(super) const COLD_ACCOUNT: u64 = 2_500;
/// What the first access to a slot costs more, when it is read.
const COLD_READ: u64 = 2_000;
/// What the first access to a slot costs more, when it is written.
const COLD_WRITE: u64 = 2_100;
/// Gas of code of the ordinary largest size.
const CODE_GAS: u64 = 700;
/// The ordinary largest size of code.
const CODE_SIZE: u64 = 24_576;
/// Gas of a byte in the history.
const HISTORY_BYTE: u64 = 8;
/// Gas of a topic in the history.
const HISTORY_TOPIC: u64 = 256;

/// Statuses of an answer.
pub(super) const SUCCESS: u8 = 0;
pub(super) const FAILURE: u8 = 1;
pub(super) const OUT_OF_GAS: u8 = 2;
const WRITE_PROTECTION: u8 = 3;

impl ProgramFrame {
    /// Answers a request, or says which frame has to run first.
    pub(super) fn ask(
        &mut self,
        running: &mut Running,
        frame: &mut ArbFrame,
        context: &mut ArbContext<'_>,
        request: Request,
    ) -> Result<Asked, Stopped> {
        let target = frame.interpreter.input.target_address;
        let is_static = frame.interpreter.runtime_flag.is_static;
        let answer = match request {
            Request::GetBytes32(slot) => self.load(context, target, slot)?,
            Request::SetTrieSlots { .. } if is_static => Answer::status(WRITE_PROTECTION, 0),
            Request::SetTrieSlots { gas_left, slots } => self.flush(frame, context, gas_left, &slots)?,
            Request::GetTransientBytes32(slot) => {
                Answer::word(context.journaled_state.tload(target, slot.into()).into(), 0)
            }
            Request::SetTransientBytes32(..) if is_static => Answer::status(WRITE_PROTECTION, 0),
            Request::SetTransientBytes32(slot, word) => {
                context.journaled_state.tstore(target, slot.into(), word.into());
                Answer::status(SUCCESS, 0)
            }
            Request::EmitLog { .. } if is_static => Answer::status(WRITE_PROTECTION, 0),
            Request::EmitLog { topics, data } => log(context, target, topics, data),
            Request::AccountBalance(address) => {
                let gas = self.touch(context, address)?;
                let balance = context.journaled_state.load_account(address)?.info.balance;
                Answer::word(balance.into(), gas)
            }
            Request::AccountCode { address, gas } => self.code(context, address, gas)?,
            Request::AccountCodeHash(address) => {
                let gas = self.touch(context, address)?;
                let account = context.journaled_state.load_account(address)?;
                let absent = account.is_loaded_as_not_existing() && account.is_empty() && !account.is_touched();
                let hash = if account.info.code_hash.is_zero() { KECCAK_EMPTY } else { account.info.code_hash };
                Answer::word(if absent { B256::ZERO } else { hash }, gas)
            }
            Request::AddPages(pages) => open_pages(running, context, pages),
            Request::Call { .. } | Request::Create { .. } => return self.contract(running, frame, context, request),
        };
        Ok(Asked::Answer(answer))
    }

    /// Attributes gas of a request to a kind, and counts it.
    pub(super) const fn attribute(&mut self, context: &mut ArbContext<'_>, kind: ResourceKind, gas: u64) {
        if matches!(kind, ResourceKind::Computation) {
            self.computation += gas;
        } else {
            context.chain.tx.attributed.add(kind, gas);
        }
    }

    fn load(&mut self, context: &mut ArbContext<'_>, target: Address, slot: B256) -> Result<Answer, Stopped> {
        let loaded = context.journaled_state.sload(target, slot.into())?;
        let cold = if loaded.is_cold { COLD_READ } else { 0 };
        self.attribute(context, StorageAccessRead, cold);
        self.attribute(context, ResourceKind::Computation, WARM);
        Ok(Answer::word(loaded.data.into(), cold + WARM))
    }

    /// Writes slots until the gas is gone.
    fn flush(
        &mut self,
        frame: &mut ArbFrame,
        context: &mut ArbContext<'_>,
        gas_left: u64,
        slots: &[(B256, B256)],
    ) -> Result<Answer, Stopped> {
        let target = frame.interpreter.input.target_address;
        let mut left = gas_left;
        let mut costs = Vec::new();
        for (slot, word) in slots {
            let write = write(context, target, (*slot).into(), (*word).into())?;
            match left.checked_sub(write.total()) {
                Some(rest) => left = rest,
                None => {
                    left = 0;
                    break;
                }
            }
            context.journaled_state.sstore(target, (*slot).into(), (*word).into())?;
            frame.interpreter.gas.record_refund(write.refund);
            costs.extend(write.costs);
        }
        if left == 0 {
            // Kept: out of gas is a failure like others below version 50.
            let version = context.chain.facts.header_version;
            let status = if version < ArbosVersion::STYLUS_FLUSH_OUT_OF_GAS { FAILURE } else { OUT_OF_GAS };
            return Ok(Answer::status(status, gas_left));
        }
        for (kind, gas) in costs {
            self.attribute(context, kind, gas);
        }
        Ok(Answer::status(SUCCESS, gas_left - left))
    }

    /// Reaches an account.
    fn touch(&mut self, context: &mut ArbContext<'_>, address: Address) -> Result<u64, Stopped> {
        let cold = if context.journaled_state.load_account(address)?.is_cold { COLD_ACCOUNT } else { 0 };
        self.attribute(context, StorageAccessRead, cold);
        self.attribute(context, ResourceKind::Computation, WARM);
        Ok(cold + WARM)
    }

    fn code(&mut self, context: &mut ArbContext<'_>, address: Address, gas: u64) -> Result<Answer, Stopped> {
        let surcharge = CODE_GAS * (context.chain.facts.max_code_size / CODE_SIZE);
        let cost = self.touch(context, address)? + surcharge;
        self.attribute(context, StorageAccessRead, surcharge);
        let data = if gas < cost {
            Bytes::new()
        } else {
            let account = context.journaled_state.load_account_with_code(address)?;
            account.info.code.as_ref().map(revm::bytecode::Bytecode::original_bytes).unwrap_or_default()
        };
        Ok(Answer { result: Vec::new(), data, gas: cost })
    }
}

fn log(context: &mut ArbContext<'_>, target: Address, topics: Vec<B256>, data: Bytes) -> Answer {
    let history = HISTORY_TOPIC * topics.len() as u64 + HISTORY_BYTE * data.len() as u64;
    context.chain.tx.attributed.add(HistoryGrowth, history);
    context.journaled_state.log(Log::new_unchecked(target, topics, data));
    Answer::default()
}

/// Opens pages; from version 59 on not more than the limit.
fn open_pages(running: &Running, context: &mut ArbContext<'_>, new: u16) -> Answer {
    let pages = context.chain.tx.pages;
    let gas = pages.gas(new, page_prices(&running.params));
    let opened = pages.opened(new);
    context.chain.tx.pages = opened;
    let limit = running.params.page_limit;
    let limits = context.chain.facts.header_version >= ArbosVersion::STYLUS_PAGE_LIMIT;
    let too_many = limits && limit != 0 && opened.open > limit;
    Answer { gas: if too_many { u64::MAX } else { gas }, ..Answer::default() }
}

/// What a write of a slot costs.
struct SlotWrite {
    costs: [(ResourceKind, u64); 2],
    refund: i64,
}

impl SlotWrite {
    const fn total(&self) -> u64 {
        self.costs[0].1 + self.costs[1].1
    }
}

/// Cost of writing a slot, which becomes warm (EIP-2929, EIP-3529).
fn write(context: &mut ArbContext<'_>, target: Address, slot: U256, new: U256) -> Result<SlotWrite, Stopped> {
    let loaded = context.journaled_state.sload(target, slot)?;
    let current = loaded.data;
    let account = context.journaled_state.inner.state.get(&target);
    let original = account.and_then(|account| account.storage.get(&slot)).map_or(current, |slot| slot.original_value);
    let cold = (StorageAccessRead, if loaded.is_cold { COLD_WRITE } else { 0 });
    let (cost, refund) = change(original, current, new);
    Ok(SlotWrite { costs: [cold, cost], refund })
}

/// Cost and refund of a change of a slot, its access aside.
fn change(original: U256, current: U256, new: U256) -> ((ResourceKind, u64), i64) {
    const CLEARED: i64 = 4_800;
    let dirty = (ResourceKind::Computation, WARM);
    if current == new {
        return (dirty, 0);
    }
    if original == current {
        return match (original.is_zero(), new.is_zero()) {
            (true, _) => ((StorageGrowth, 20_000), 0),
            (false, cleared) => ((StorageAccessWrite, 2_900), if cleared { CLEARED } else { 0 }),
        };
    }
    let mut refund = 0;
    if !original.is_zero() {
        if current.is_zero() {
            refund -= CLEARED;
        } else if new.is_zero() {
            refund += CLEARED;
        }
    }
    if original == new {
        refund += if original.is_zero() { 19_900 } else { 2_800 };
    }
    (dirty, refund)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_cost_what_they_do_in_contracts() {
        let [zero, one, two] = [0, 1, 2].map(U256::from);
        let cost = |original, current, new| {
            let ((_, gas), refund) = change(original, current, new);
            (gas, refund)
        };
        assert_eq!(cost(zero, zero, one), (20_000, 0));
        assert_eq!(cost(one, one, two), (2_900, 0));
        assert_eq!(cost(one, one, zero), (2_900, 4_800));
        assert_eq!(cost(one, zero, two), (100, -4_800));
        assert_eq!(cost(one, two, zero), (100, 4_800));
        assert_eq!(cost(zero, one, zero), (100, 19_900));
        assert_eq!(cost(one, zero, one), (100, -2_000));
        assert_eq!(cost(one, two, one), (100, 2_800));
        assert_eq!(cost(one, two, two), (100, 0));
    }
}
