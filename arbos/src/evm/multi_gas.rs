//! Attribution of opcode costs to kinds of gas, from ArbOS 60 on (`spec/execution.md` 10).
//!
//! Everything a transaction uses is computation unless it is attributed here or by a precompile, so only the opcodes with another
//! kind are wrapped. A wrapper runs the opcode first: what fails is computation.

use crate::evm::{ArbContext, ArbInstructions};
use alloy_primitives::{Address, U256};
use revm::{
    bytecode::opcode,
    context::JournalEntry,
    interpreter::{
        Instruction, InstructionContext, InstructionExecResult, InstructionResult, instructions,
        interpreter::EthInterpreter,
    },
};
use state::ResourceKind::{HistoryGrowth, StorageAccessRead, StorageAccessWrite, StorageGrowth};

/// An opcode.
type Run<'w> = for<'a> fn(Context<'a, 'w>) -> InstructionExecResult;
type Context<'a, 'w> = InstructionContext<'a, ArbContext<'w>, EthInterpreter>;

/// Surcharge for the first access to an account.
const COLD_ACCOUNT: u64 = 2_500;
/// Cost of resolving a delegation, first and later.
const DELEGATION: (u64, u64) = (2_600, 100);
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

fn mark(host: &ArbContext<'_>) -> usize {
    host.journaled_state.inner.journal.len()
}

fn sload(mut context: Context<'_, '_>) -> InstructionExecResult {
    let cold = spent(&mut context, instructions::host::sload)?;
    context.host.chain.tx.attributed.add(StorageAccessRead, cold);
    Ok(())
}

fn sstore(mut context: Context<'_, '_>) -> InstructionExecResult {
    let mut cost = spent(&mut context, instructions::host::sstore)?;
    let attributed = &mut context.host.chain.tx.attributed;
    if matches!(cost, 2_200 | 5_000 | 22_100) {
        attributed.add(StorageAccessRead, 2_100);
        cost -= 2_100;
    }
    match cost {
        20_000 => attributed.add(StorageGrowth, cost),
        2_900 => attributed.add(StorageAccessWrite, cost),
        _ => {}
    }
    Ok(())
}

fn account<'w>(mut context: Context<'_, 'w>, run: Run<'w>) -> InstructionExecResult {
    let cold = spent(&mut context, run)?;
    context.host.chain.tx.attributed.add(StorageAccessRead, cold);
    Ok(())
}

fn extcodecopy(mut context: Context<'_, '_>) -> InstructionExecResult {
    let (address, mark) = (peek_address(&context, 0), mark(context.host));
    let length = u64::try_from(peek(&context, 3)).unwrap_or(u64::MAX);
    spent(&mut context, instructions::host::extcodecopy)?;
    let cold = if was_cold(context.host, mark, address) { COLD_ACCOUNT } else { 0 };
    context.host.chain.tx.attributed.add(StorageAccessRead, length.div_ceil(32).saturating_mul(3) + cold);
    Ok(())
}

fn log<const TOPICS: usize>(mut context: Context<'_, '_>) -> InstructionExecResult {
    let length = u64::try_from(peek(&context, 1)).unwrap_or(u64::MAX);
    spent(&mut context, instructions::host::log::<TOPICS, _>)?;
    let growth = (256 * TOPICS as u64).saturating_add(length.saturating_mul(8));
    context.host.chain.tx.attributed.add(HistoryGrowth, growth);
    Ok(())
}

fn call<const KIND: u8>(mut context: Context<'_, '_>) -> InstructionExecResult {
    let (to, mark) = (peek_address(&context, 1), mark(context.host));
    let has_value = KIND == opcode::CALL && !peek(&context, 2).is_zero();
    let outcome = spent(&mut context, instructions::contract::call::<KIND, _, _>);
    if !matches!(outcome, Err(InstructionResult::Suspend)) {
        return outcome.map(drop);
    }
    let host = context.host;
    let mut read = if was_cold(host, mark, to) { COLD_ACCOUNT } else { 0 };
    let account = host.journaled_state.inner.state.get(&to);
    if let Some(target) = account.and_then(|account| account.info.code.as_ref()?.eip7702_address()) {
        read += if target != to && was_cold(host, mark, target) { DELEGATION.0 } else { DELEGATION.1 };
    }
    let empty = account.is_some_and(revm::state::Account::is_empty);
    host.chain.tx.attributed.add(StorageAccessRead, read);
    if has_value && empty {
        host.chain.tx.attributed.add(StorageGrowth, NEW_ACCOUNT);
    }
    Err(InstructionResult::Suspend)
}

fn selfdestruct(context: Context<'_, '_>) -> InstructionExecResult {
    let before = context.interpreter.gas.remaining();
    let InstructionContext { interpreter, host } = context;
    let outcome = instructions::host::selfdestruct(InstructionContext { interpreter: &mut *interpreter, host: &mut *host });
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
