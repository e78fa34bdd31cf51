//! Opcodes that differ from Ethereum's (`spec/execution.md` 14).
//!
//! NUMBER needs no change: the block environment carries the L1 number. Base fees may exceed what revm's environment holds, so
//! BASEFEE and GASPRICE read ours. KECCAK256 differs in nothing but its speed.

use crate::{
    evm::{ArbContext, ArbInstructions, Ledger, multi_gas},
    spec::StylusCode,
};
use alloy_primitives::U256;
use revm::{
    bytecode::{Bytecode, opcode},
    handler::instructions::EthInstructions,
    interpreter::{
        Host, Instruction, InstructionContext, InstructionExecResult, InstructionResult, Interpreter, instructions,
        interpreter::{EthInterpreter, resize_memory},
    },
    primitives::{KECCAK_EMPTY, hardfork::SpecId},
};
use state::{ArbosState, ArbosVersion, SystemBurner, keccak};

type Context<'a, 'w> = InstructionContext<'a, ArbContext<'w>, EthInterpreter>;

/// The instruction table of a version. From version 60 on costs are attributed to kinds of gas while they run.
#[must_use]
pub fn table<'w>(spec: SpecId, version: ArbosVersion) -> ArbInstructions<'w> {
    let mut table = EthInstructions::new(instructions::instruction_table(), instructions::gas_table_spec(spec), spec);
    let gas = table.gas_table()[opcode::KECCAK256 as usize];
    table.insert_instruction(opcode::KECCAK256, Instruction::new(keccak256), gas);
    table.insert_instruction(opcode::BLOCKHASH, Instruction::new(block_hash), 20);
    table.insert_instruction(opcode::GASPRICE, Instruction::new(gas_price), 2);
    table.insert_instruction(opcode::BASEFEE, Instruction::new(base_fee), 2);
    table.insert_instruction(opcode::BLOBBASEFEE, Instruction::unknown(), 0);
    if version >= ArbosVersion::STYLUS {
        let gas = table.gas_table()[opcode::SELFDESTRUCT as usize];
        table.insert_instruction(opcode::SELFDESTRUCT, Instruction::new(selfdestruct), gas);
    }
    if version >= ArbosVersion::MULTI_GAS_CONSTRAINTS {
        multi_gas::insert(&mut table);
    }
    table
}

/// KECCAK256 as in Ethereum, which contracts spend most of their time in, with the hash that is fastest on the processor.
fn keccak256<H: Host + ?Sized>(context: InstructionContext<'_, H, EthInterpreter>) -> InstructionExecResult {
    let InstructionContext { interpreter: Interpreter { stack, gas, memory, .. }, host } = context;
    let Some(([offset], top)) = stack.popn_top::<1>() else { return Err(InstructionResult::StackUnderflow) };
    let small = |number: U256| usize::try_from(number).map_err(|_| InstructionResult::InvalidOperandOOG);
    let length = small(*top)?;
    if !gas.record_regular_cost(host.gas_params().keccak256_cost(length)) {
        return Err(InstructionResult::OutOfGas);
    }
    if length == 0 {
        *top = KECCAK_EMPTY.into();
        return Ok(());
    }
    let offset = small(offset)?;
    resize_memory(gas, memory, host.gas_params(), offset, length)?;
    *top = keccak::keccak256(&*memory.slice_len(offset, length)).into();
    Ok(())
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

/// SELFDESTRUCT, which an account with the code of a program survives: it is charged and reverted.
pub(super) fn selfdestruct(context: Context<'_, '_>) -> InstructionExecResult {
    let InstructionContext { interpreter, host } = context;
    let account = host.journaled_state.inner.state.get(&interpreter.input.target_address);
    let code = account.and_then(|account| account.info.code.as_ref()).map(Bytecode::original_byte_slice);
    let is_program = code.is_some_and(|code| StylusCode::of(code, host.chain.facts.header_version).is_some());
    match instructions::host::selfdestruct(InstructionContext { interpreter, host }) {
        Err(InstructionResult::SelfDestruct) if is_program => Err(InstructionResult::Revert),
        outcome => outcome,
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

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;
    use revm::{context_interface::host::DummyHost, interpreter::Gas};

    /// What an instruction leaves: how it ended, the stack, the gas and the length of memory.
    type Left = (InstructionExecResult, Vec<U256>, u64, usize);

    fn left(
        stack: &[U256],
        gas: u64,
        run: fn(InstructionContext<'_, DummyHost, EthInterpreter>) -> InstructionExecResult,
    ) -> Left {
        let mut interpreter = Interpreter { gas: Gas::new(gas), ..Interpreter::default() };
        for word in stack {
            assert!(interpreter.stack.push(*word));
        }
        let outcome =
            run(InstructionContext { interpreter: &mut interpreter, host: &mut DummyHost::new(SpecId::OSAKA) });
        let size = interpreter.memory.len();
        (outcome, interpreter.stack.data().clone(), interpreter.gas.remaining(), size)
    }

    fn number() -> impl Strategy<Value = U256> {
        prop_oneof![(0u64..400).prop_map(U256::from), any::<u64>().prop_map(U256::from), Just(U256::MAX)]
    }

    proptest! {
        #[test]
        fn hashing_is_the_interpreters(offset in number(), length in number(), gas in 0u64..200) {
            for stack in [&[][..], &[length], &[length, offset]] {
                prop_assert_eq!(left(stack, gas, keccak256), left(stack, gas, instructions::system::keccak256));
            }
        }
    }
}
