//! Attribution of opcode costs to kinds of gas, from ArbOS 60 on (`spec/execution.md` 10).
//!
//! Everything a transaction uses is computation unless it is attributed here or by a precompile, so only the opcodes with another
//! kind are wrapped. A wrapper runs the opcode first: what fails is computation, with one exception. The protocol charges an
//! opcode before it refuses a write in a static frame, so a write that could be paid keeps its kinds although it is refused.

use crate::evm::{ArbContext, ArbInstructions};
use alloy_primitives::{Address, U256};
use revm::{
    bytecode::opcode,
    context::{JournalEntry, JournalTr},
    interpreter::{
        Instruction, InstructionContext, InstructionExecResult, InstructionResult, instructions,
        interpreter::EthInterpreter,
    },
};
use state::ResourceKind::{HistoryGrowth, StorageAccessRead, StorageAccessWrite, StorageGrowth};

/// An opcode.
type Run<'w> = for<'a> fn(Context<'a, 'w>) -> InstructionExecResult;
type Context<'a, 'w> = InstructionContext<'a, ArbContext<'w>, EthInterpreter>;

/// Gas of the first access to a slot.
const COLD_SLOT: u64 = 2_100;
/// Gas that must be left for a slot to be written.
const CALL_STIPEND: u64 = 2_300;
/// Surcharge for the first access to an account.
const COLD_ACCOUNT: u64 = 2_500;
/// Cost of resolving a delegation, first and later.
const DELEGATION: (u64, u64) = (2_600, 100);
/// Surcharge for a call with value.
const CALL_VALUE: u64 = 9_000;
/// Surcharge for a call with value to an empty account.
const NEW_ACCOUNT: u64 = 25_000;

/// Replaces the opcodes whose cost is not all computation. Static costs stay as they are.
pub(super) fn insert<'w>(table: &mut ArbInstructions<'w>) {
    let wrapped: [(u8, Run<'w>); 17] = [
        (opcode::SLOAD, sload),
        (opcode::SSTORE, sstore),
        (opcode::BALANCE, |cx| account(cx, instructions::host::balance)),
        (opcode::EXTCODESIZE, |cx| account(cx, instructions::host::extcodesize)),
        (opcode::EXTCODEHASH, |cx| account(cx, instructions::host::extcodehash)),
        (opcode::EXTCODECOPY, extcodecopy),
        (opcode::LOG0, log::<0>),
        (opcode::LOG1, log::<1>),
        (opcode::LOG2, log::<2>),
        (opcode::LOG3, log::<3>),
        (opcode::LOG4, log::<4>),
        (opcode::CALL, call::<{ opcode::CALL }>),
        (opcode::CALLCODE, call::<{ opcode::CALLCODE }>),
        (opcode::DELEGATECALL, call::<{ opcode::DELEGATECALL }>),
        (opcode::STATICCALL, call::<{ opcode::STATICCALL }>),
        (opcode::SELFDESTRUCT, selfdestruct),
        (opcode::BLOCKHASH, super::opcodes::block_hash),
    ];
    for (opcode, run) in wrapped {
        let gas = table.gas_table()[opcode as usize];
        table.insert_instruction(opcode, Instruction::new(run), gas);
    }
}

/// Runs the opcode and tells what it cost beside its static part.
fn spent<'w>(context: &mut Context<'_, 'w>, run: Run<'w>) -> Result<u64, InstructionResult> {
    let before = context.interpreter.gas.remaining();
    run(InstructionContext { interpreter: &mut *context.interpreter, host: &mut *context.host })?;
    Ok(before - context.interpreter.gas.remaining())
}

fn peek(context: &Context<'_, '_>, depth: usize) -> U256 {
    context.interpreter.stack.peek(depth).unwrap_or_default()
}

fn peek_address(context: &Context<'_, '_>, depth: usize) -> Address {
    Address::from_word(peek(context, depth).into())
}

/// Whether the opcode that ran since `mark` accessed the account for the first time in the transaction.
fn was_cold(host: &ArbContext<'_>, mark: usize, address: Address) -> bool {
    let journal = &host.journaled_state.inner;
    let warmed = JournalEntry::AccountWarmed { address };
    journal.warm_addresses.is_cold(&address) && journal.journal[mark..].contains(&warmed)
}

const fn mark(host: &ArbContext<'_>) -> usize {
    host.journaled_state.inner.journal.len()
}

fn sload(mut context: Context<'_, '_>) -> InstructionExecResult {
    let cold = spent(&mut context, instructions::host::sload)?;
    context.host.chain.tx.attributed.add(StorageAccessRead, cold);
    Ok(())
}

fn sstore(mut context: Context<'_, '_>) -> InstructionExecResult {
    let outcome = spent(&mut context, instructions::host::sstore);
    let cost = match outcome {
        Err(InstructionResult::StateChangeDuringStaticCall) => refused_sstore_cost(&mut context),
        outcome => Some(outcome?),
    };
    if let Some(mut cost) = cost {
        let attributed = &mut context.host.chain.tx.attributed;
        if matches!(cost, 2_200 | 5_000 | 22_100) {
            attributed.add(StorageAccessRead, COLD_SLOT);
            cost -= COLD_SLOT;
        }
        match cost {
            20_000 => attributed.add(StorageGrowth, cost),
            2_900 => attributed.add(StorageAccessWrite, cost),
            _ => {}
        }
    }
    outcome.map(drop)
}

/// What a refused write of a slot would have cost, if it could be paid.
fn refused_sstore_cost(context: &mut Context<'_, '_>) -> Option<u64> {
    let remaining = context.interpreter.gas.remaining();
    let (key, new) = (context.interpreter.stack.peek(0).ok()?, context.interpreter.stack.peek(1).ok()?);
    let account = context.interpreter.input.target_address;
    let journal = &mut context.host.journaled_state;
    let slot = journal.sload(account, key).ok()?;
    let (present, cold) = (slot.data, if slot.is_cold { COLD_SLOT } else { 0 });
    let original = journal.inner.state.get(&account)?.storage.get(&key)?.original_value;
    let write = match (present == new, original == present) {
        (true, _) | (false, false) => 100,
        (false, true) if original.is_zero() => 20_000,
        (false, true) => 2_900,
    };
    (remaining > CALL_STIPEND && remaining >= cold + write).then_some(cold + write)
}

fn account<'w>(mut context: Context<'_, 'w>, run: Run<'w>) -> InstructionExecResult {
    let cold = spent(&mut context, run)?;
    context.host.chain.tx.attributed.add(StorageAccessRead, cold);
    Ok(())
}

fn extcodecopy(mut context: Context<'_, '_>) -> InstructionExecResult {
    let (address, mark) = (peek_address(&context, 0), mark(context.host));
    let length = peek_u64(&context, 3);
    spent(&mut context, instructions::host::extcodecopy)?;
    let cold = if was_cold(context.host, mark, address) { COLD_ACCOUNT } else { 0 };
    context.host.chain.tx.attributed.add(StorageAccessRead, length.div_ceil(32).saturating_mul(3) + cold);
    Ok(())
}

fn log<const TOPICS: usize>(mut context: Context<'_, '_>) -> InstructionExecResult {
    let (offset, length) = (peek_u64(&context, 0), peek_u64(&context, 1));
    let growth = (256 * TOPICS as u64).saturating_add(length.saturating_mul(8));
    let outcome = spent(&mut context, instructions::host::log::<TOPICS, _>);
    let is_charged = match outcome {
        Err(InstructionResult::StateChangeDuringStaticCall) => {
            let memory = if length == 0 { 0 } else { expansion_cost(&context, offset.saturating_add(length)) };
            let topics = 119 * TOPICS as u64;
            memory.saturating_add(growth).saturating_add(topics) <= context.interpreter.gas.remaining()
        }
        ref outcome => outcome.is_ok(),
    };
    if is_charged {
        context.host.chain.tx.attributed.add(HistoryGrowth, growth);
    }
    outcome.map(drop)
}

fn peek_u64(context: &Context<'_, '_>, depth: usize) -> u64 {
    u64::try_from(peek(context, depth)).unwrap_or(u64::MAX)
}

/// Gas of making memory as long as `end` bytes.
fn expansion_cost(context: &Context<'_, '_>, end: u64) -> u64 {
    let cost = |words: u64| words.saturating_mul(3).saturating_add(words.saturating_mul(words) / 512);
    cost(end.div_ceil(32)).saturating_sub(cost(context.interpreter.memory.len() as u64 / 32))
}

fn call<const KIND: u8>(mut context: Context<'_, '_>) -> InstructionExecResult {
    let (to, mark) = (peek_address(&context, 1), mark(context.host));
    let has_value = KIND == opcode::CALL && !peek(&context, 2).is_zero();
    let outcome = spent(&mut context, instructions::contract::call::<KIND, _, _>);
    let is_refused = matches!(outcome, Err(InstructionResult::CallNotAllowedInsideStatic));
    if !is_refused && !matches!(outcome, Err(InstructionResult::Suspend)) {
        return outcome.map(drop);
    }
    if is_refused {
        // The interpreter refuses before it loads what the protocol charges for.
        let _loaded = context.host.journaled_state.load_account_with_code(to);
    }
    let host = context.host;
    let mut read = if was_cold(host, mark, to) { COLD_ACCOUNT } else { 0 };
    let account = host.journaled_state.inner.state.get(&to);
    if let Some(target) = account.and_then(|account| account.info.code.as_ref()?.eip7702_address()) {
        read += if target != to && was_cold(host, mark, target) { DELEGATION.0 } else { DELEGATION.1 };
    }
    let is_new = has_value && account.is_some_and(revm::state::Account::is_empty);
    let growth = if is_new { NEW_ACCOUNT } else { 0 };
    if is_refused && read + growth + CALL_VALUE > context.interpreter.gas.remaining() {
        return outcome.map(drop);
    }
    host.chain.tx.attributed.add(StorageAccessRead, read);
    host.chain.tx.attributed.add(StorageGrowth, growth);
    outcome.map(drop)
}

fn selfdestruct(context: Context<'_, '_>) -> InstructionExecResult {
    let before = context.interpreter.gas.remaining();
    let InstructionContext { interpreter, host } = context;
    let outcome =
        instructions::host::selfdestruct(InstructionContext { interpreter: &mut *interpreter, host: &mut *host });
    if matches!(outcome, Err(InstructionResult::SelfDestruct)) {
        let mut cost = before - interpreter.gas.remaining();
        let attributed = &mut host.chain.tx.attributed;
        attributed.add(StorageAccessWrite, 4_900);
        if cost >= NEW_ACCOUNT {
            attributed.add(StorageGrowth, NEW_ACCOUNT);
            cost -= NEW_ACCOUNT;
        }
        attributed.add(StorageAccessRead, cost);
    }
    outcome
}
