//! Calls and creations by a program: their cost, their frames, and what becomes of them.

use super::{
    Asked, ProgramFrame, Running, Stopped,
    answer::{COLD_ACCOUNT, FAILURE, OUT_OF_GAS, SUCCESS, WARM},
};
use crate::evm::{ArbContext, ArbFrame, Ledger};
use ::state::ResourceKind;
use alloc::{boxed::Box, vec::Vec};
use alloy_primitives::{Address, B256, Bytes, U256};
use revm::{
    bytecode::Bytecode,
    context::JournalTr,
    handler::FrameResult,
    interpreter::{
        CallInput, CallInputs, CallScheme, CallValue, CreateInputs, CreateScheme, FrameInput, InstructionResult,
    },
};
use wavm::run::{Answer, CallKind, Request};

/// Gas of a call with value.
const CALL_VALUE: u64 = 9_000;
/// Gas a call with value brings along.
const STIPEND: u64 = 2_300;
/// Gas of a call with value to an account that is empty.
const NEW_ACCOUNT: u64 = 25_000;
/// Gas of a creation.
const CREATE: u64 = 32_000;
/// Gas of a word of init code, where its hash is part of the address.
const CREATE2_WORD: u64 = 6;

/// The frame a program waits for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pending {
    kind: PendingKind,
    /// Gas the frame was given.
    gas: u64,
    /// What was attributed to kinds of gas before the frame.
    attributed_before: u64,
    /// What belonged to no kind.
    unattributed_before: u64,
}

#[derive(Debug, Clone, Copy)]
enum PendingKind {
    /// A call: what it cost beside the gas it was given.
    Call { base: u64 },
    /// A creation: the gas before it, and what was kept back.
    Create { before: u64, kept: u64 },
}

impl ProgramFrame {
    /// Begins a call or a creation.
    pub(super) fn contract(
        &mut self,
        running: &mut Running,
        frame: &ArbFrame,
        context: &mut ArbContext<'_>,
        request: Request,
    ) -> Result<Asked, Stopped> {
        match request {
            Request::Call { kind, address, value, gas_left, gas, data } => {
                let call = Described { kind, address, value, gas_left, gas, data };
                self.call(running, frame, context, call)
            }
            Request::Create { gas, endowment, salt, code } => {
                Ok(self.create(running, frame, context, gas, (endowment, salt, code)))
            }
            _ => Ok(Asked::Answer(Answer::status(FAILURE, 0))),
        }
    }

    fn call(
        &mut self,
        running: &mut Running,
        frame: &ArbFrame,
        context: &mut ArbContext<'_>,
        call: Described,
    ) -> Result<Asked, Stopped> {
        let is_static = frame.interpreter.runtime_flag.is_static;
        if is_static && !call.value.is_zero() {
            return Ok(Asked::Answer(Answer::status(OUT_OF_GAS, 0)));
        }
        let Some(costs) = call_costs(context, &call)? else {
            return Ok(Asked::Answer(Answer::status(OUT_OF_GAS, call.gas_left)));
        };
        let base: u64 = costs.iter().map(|(_, gas)| gas).sum();
        for (kind, gas) in costs {
            self.attribute(context, kind, gas);
        }
        let left = call.gas_left - base;
        // Sixty-three sixty-fourths, rounded down.
        let most = left - left.div_ceil(64);
        let stipend = if call.value.is_zero() { 0 } else { STIPEND };
        let gas = most.min(call.gas).saturating_add(stipend);
        let known_bytecode = code_to_run(context, call.address)?;
        running.pending = Some(Pending {
            kind: PendingKind::Call { base },
            gas,
            attributed_before: context.chain.tx.attributed.total(),
            unattributed_before: context.chain.tx.unattributed,
        });
        let input = &frame.interpreter.input;
        let (scheme, caller, target, value) = match call.kind {
            CallKind::Call => (CallScheme::Call, input.target_address, call.address, CallValue::Transfer(call.value)),
            CallKind::Static => {
                (CallScheme::StaticCall, input.target_address, call.address, CallValue::Transfer(U256::ZERO))
            }
            CallKind::Delegate => (
                CallScheme::DelegateCall,
                input.caller_address,
                input.target_address,
                CallValue::Apparent(input.call_value),
            ),
        };
        Ok(Asked::Frame(FrameInput::Call(Box::new(CallInputs {
            input: CallInput::Bytes(call.data),
            gas_limit: gas,
            target_address: target,
            bytecode_address: call.address,
            known_bytecode,
            caller,
            value,
            scheme,
            is_static: is_static || call.kind == CallKind::Static,
            return_memory_offset: 0..0,
            reservoir: 0,
            charged_new_account_state_gas: false,
        }))))
    }

    fn create(
        &mut self,
        running: &mut Running,
        frame: &ArbFrame,
        context: &ArbContext<'_>,
        before: u64,
        (endowment, salt, code): (U256, Option<B256>, Bytes),
    ) -> Asked {
        let words = if salt.is_some() { CREATE2_WORD * code.len().div_ceil(32) as u64 } else { 0 };
        let base = CREATE + words;
        let left = before.checked_sub(base).filter(|_| !frame.interpreter.runtime_flag.is_static);
        let Some(left) = left else { return Asked::Answer(Answer::status(SUCCESS, before)) };
        self.computation += base;
        let kept = left / 64;
        let gas = left - kept;
        running.pending = Some(Pending {
            kind: PendingKind::Create { before, kept },
            gas,
            attributed_before: context.chain.tx.attributed.total(),
            unattributed_before: context.chain.tx.unattributed,
        });
        let scheme = salt.map_or(CreateScheme::Create, |salt| CreateScheme::Create2 { salt: salt.into() });
        let creator = frame.interpreter.input.target_address;
        Asked::Frame(FrameInput::Create(Box::new(CreateInputs::new(creator, scheme, endowment, code, gas, 0))))
    }

    /// The answer to a call or creation whose frame ended.
    pub(super) fn frame_ended(
        &mut self,
        running: &mut Running,
        frame: &mut ArbFrame,
        context: &mut ArbContext<'_>,
    ) -> Answer {
        let (Some(pending), Some(ended)) = (running.pending.take(), running.ended.take()) else {
            return Answer::status(FAILURE, 0);
        };
        let result = ended.interpreter_result();
        let returned = if result.result.is_ok_or_revert() { result.gas.remaining() } else { 0 };
        if result.result.is_ok() {
            frame.interpreter.gas.record_refund(result.gas.refunded());
        }
        let attributed = context.chain.tx.attributed.total() - pending.attributed_before;
        // What is of no kind below a program is the program's own.
        let tx = &mut context.chain.tx;
        let lost = core::mem::replace(&mut tx.unattributed, pending.unattributed_before) - pending.unattributed_before;
        self.computation += pending.gas.saturating_sub(returned).saturating_sub(attributed).saturating_sub(lost);
        match pending.kind {
            PendingKind::Call { base } => Answer {
                result: alloc::vec![if result.result.is_ok() { SUCCESS } else { OUT_OF_GAS }],
                data: result.output.clone(),
                gas: base.saturating_add(pending.gas.saturating_sub(returned)),
            },
            PendingKind::Create { before, kept } => {
                let created = match &ended {
                    FrameResult::Create(outcome) if result.result.is_ok() => outcome.address.unwrap_or_default(),
                    _ => Address::ZERO,
                };
                let reverted = result.result == InstructionResult::Revert;
                Answer {
                    result: [&[1], created.as_slice()].concat(),
                    data: if reverted { result.output.clone() } else { Bytes::new() },
                    gas: before.saturating_sub(returned.saturating_add(kept)),
                }
            }
        }
    }
}

/// A call as the program asks for it.
struct Described {
    kind: CallKind,
    address: Address,
    value: U256,
    gas_left: u64,
    gas: u64,
    data: Bytes,
}

/// What a call costs before it runs; none if the gas does not last. The account becomes warm on the way.
fn call_costs(context: &mut ArbContext<'_>, call: &Described) -> Result<Option<Vec<(ResourceKind, u64)>>, Stopped> {
    let mut costs = Vec::new();
    let mut left = call.gas_left;
    let mut pay = |kind, gas| match left.checked_sub(gas) {
        Some(rest) => {
            left = rest;
            costs.push((kind, gas));
            true
        }
        None => false,
    };
    if !pay(ResourceKind::Computation, WARM) {
        return Ok(None);
    }
    let account = context.journaled_state.load_account(call.address)?;
    let (is_cold, is_empty) = (account.is_cold, account.is_empty());
    if is_cold && !pay(ResourceKind::StorageAccessRead, COLD_ACCOUNT) {
        return Ok(None);
    }
    if !call.value.is_zero() {
        if is_empty && !pay(ResourceKind::StorageGrowth, NEW_ACCOUNT) {
            return Ok(None);
        }
        if !pay(ResourceKind::Computation, CALL_VALUE) {
            return Ok(None);
        }
    }
    Ok(Some(costs))
}

/// Code of an account with its hash, delegation resolved without making the delegate warm.
fn code_to_run(context: &mut ArbContext<'_>, address: Address) -> Result<(B256, Bytecode), Stopped> {
    let account = context.journaled_state.load_account_with_code(address)?;
    let (hash, code) = (account.info.code_hash, account.info.code.clone().unwrap_or_default());
    let Some(delegate) = code.eip7702_address() else { return Ok((hash, code)) };
    let mut ledger = Ledger::new(&mut context.journaled_state, &mut context.chain);
    let known = ledger.code(delegate).and_then(|code| Ok((ledger.code_hash(delegate)?, code)));
    let (hash, code) = known.map_err(|fault| super::start::stop(context, fault))?;
    Ok((hash, Bytecode::new_raw_checked(code.clone()).unwrap_or_else(|_| Bytecode::new_legacy(code))))
}
