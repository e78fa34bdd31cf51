//! Opcodes that differ from Ethereum's (`spec/execution.md` 14).
//!
//! NUMBER needs no change: the block environment carries the L1 number. Base fees may exceed what revm's environment holds, so
//! BASEFEE and GASPRICE read ours.

use crate::evm::{ArbContext, ArbInstructions, Ledger, multi_gas};
use alloy_primitives::U256;
use revm::{
    bytecode::opcode,
    handler::instructions::EthInstructions,
    interpreter::{
        Instruction, InstructionContext, InstructionExecResult, InstructionResult, instructions,
        interpreter::EthInterpreter,
    },
    primitives::hardfork::SpecId,
};
use state::{ArbosState, ArbosVersion, SystemBurner};

type Context<'a, 'w> = InstructionContext<'a, ArbContext<'w>, EthInterpreter>;

/// The instruction table of a version. From version 60 on costs are attributed to kinds of gas while they run.
#[must_use]
pub fn table<'w>(spec: SpecId, version: ArbosVersion) -> ArbInstructions<'w> {
    let mut table = EthInstructions::new(instructions::instruction_table(), instructions::gas_table_spec(spec), spec);
    table.insert_instruction(opcode::BLOCKHASH, Instruction::new(block_hash), 20);
    table.insert_instruction(opcode::GASPRICE, Instruction::new(gas_price), 2);
    table.insert_instruction(opcode::BASEFEE, Instruction::new(base_fee), 2);
    table.insert_instruction(opcode::BLOBBASEFEE, Instruction::unknown(), 0);
    if version >= ArbosVersion::MULTI_GAS_CONSTRAINTS {
        multi_gas::insert(&mut table);
    }
    table
}

/// The hash recorded for an L1 block, zero outside of the last 256.
pub(super) fn block_hash(context: Context<'_, '_>) -> InstructionExecResult {
    let Some(([], top)) = context.interpreter.stack.popn_top::<0>() else {
        return Err(InstructionResult::StackUnderflow);
    };
    let current = context.host.chain.facts.l1_block_number;
    let in_range =
        u64::try_from(*top).ok().filter(|number| *number < current && *number >= current.saturating_sub(256));
    let Some(number) = in_range else {
        *top = U256::ZERO;
        return Ok(());
    };
    let mut ledger = Ledger::new(&mut context.host.journaled_state, &mut context.host.chain);
    let mut burner = SystemBurner::default();
    let hash =
        ArbosState::system_read(&mut ledger, &mut burner).and_then(|mut state| state.block_hashes().l1_hash(number));
    match hash {
        Ok(hash) => {
            *top = hash.unwrap_or_default().into();
            Ok(())
        }
        Err(fault) => {
            context.host.chain.stop.get_or_insert(fault);
            Err(InstructionResult::FatalExternalError)
        }
    }
}

fn gas_price(context: Context<'_, '_>) -> InstructionExecResult {
    push(context.interpreter.stack.push(context.host.chain.tx.gas_price))
}

fn base_fee(context: Context<'_, '_>) -> InstructionExecResult {
    push(context.interpreter.stack.push(context.host.chain.facts.base_fee))
}

const fn push(done: bool) -> InstructionExecResult {
    if done { Ok(()) } else { Err(InstructionResult::StackOverflow) }
}
