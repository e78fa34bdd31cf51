//! What memory instructions touch: a global, or the leaf that an access begins in and the next one.
//!
//! Kept: the next leaf of a store is proved in the tree that the store leaves behind, although only a store across the border touches
//! it. A leaf outside of memory is written as zeros without siblings.

use super::Proof;
use crate::{
    machine::{Machine, Running, Stop},
    memory::LEAF_SIZE,
    op::{Instruction, Op},
};
use alloy_primitives::B256;

/// Writes what a memory instruction touches.
pub(super) fn prove(machine: &mut Machine, proof: &mut Proof, instruction: Instruction) -> Result<(), Stop> {
    match (instruction.op, access_size(instruction.op)) {
        (Op::GlobalGet | Op::GlobalSet, _) => prove_global(machine, proof, instruction),
        (op, Some(size)) if is_store(op) => prove_store(machine, proof, instruction, size),
        (_, Some(_)) => prove_load(machine, proof, instruction),
        (_, None) => Ok(()),
    }
}

fn prove_global(machine: &mut Machine, proof: &mut Proof, instruction: Instruction) -> Result<(), Stop> {
    let index = usize::try_from(instruction.argument).map_err(|_| Stop::Malformed)?;
    let module = running(machine)?;
    proof.value(module.globals().get(index).ok_or(Stop::Malformed)?);
    proof.siblings(module.globals_tree().proof(index).ok_or(Stop::Malformed)?);
    Ok(())
}

fn prove_load(machine: &mut Machine, proof: &mut Proof, instruction: Instruction) -> Result<(), Stop> {
    let address = instruction.argument.wrapping_add(machine.peek(1)?);
    let leaf = leaf_at(address);
    prove_leaf(machine, proof, leaf)?;
    prove_leaf(machine, proof, leaf.saturating_add(1))?;
    Ok(())
}

fn prove_store(machine: &mut Machine, proof: &mut Proof, instruction: Instruction, size: usize) -> Result<(), Stop> {
    let value = machine.peek(1)?.to_le_bytes();
    let address = instruction.argument.wrapping_add(machine.peek(2)?);
    let leaf = leaf_at(address);
    prove_leaf(machine, proof, leaf)?;
    let memory = running(machine)?.memory_mut();
    if address.checked_add(size as u64).is_none_or(|end| end > memory.size()) {
        return prove_leaf(machine, proof, leaf.saturating_add(1)).map(|_| ());
    }
    let mut bytes = memory.leaf(leaf).ok_or(Stop::Malformed)?;
    let start = usize::try_from(address).map_err(|_| Stop::Malformed)? % LEAF_SIZE;
    bytes[start..].iter_mut().zip(&value[..size]).for_each(|(old, new)| *old = *new);
    proof.hash(B256::new(memory.leaf(leaf + 1).unwrap_or_default()));
    proof.siblings_if_any(memory.proof_after(leaf, &bytes));
    Ok(())
}

/// Writes a leaf of the running module's memory with its siblings, and returns it.
pub(super) fn prove_leaf(machine: &mut Machine, proof: &mut Proof, leaf: usize) -> Result<B256, Stop> {
    let memory = running(machine)?.memory_mut();
    let bytes = B256::new(memory.leaf(leaf).unwrap_or_default());
    proof.hash(bytes);
    proof.siblings_if_any(memory.proof(leaf));
    Ok(bytes)
}

fn running(machine: &mut Machine) -> Result<&mut Running, Stop> {
    let index = machine.pc().module;
    machine.running_mut(index).ok_or(Stop::Malformed)
}

fn leaf_at(address: u64) -> usize {
    usize::try_from(address).unwrap_or(usize::MAX) / LEAF_SIZE
}

const fn is_store(op: Op) -> bool {
    Op::I32Store as u8 <= op as u8 && op as u8 <= Op::I64Store32 as u8
}

/// Bytes that a load or store touches.
const fn access_size(op: Op) -> Option<usize> {
    Some(match op {
        Op::I32Load8S | Op::I32Load8U | Op::I64Load8S | Op::I64Load8U | Op::I32Store8 | Op::I64Store8 => 1,
        Op::I32Load16S | Op::I32Load16U | Op::I64Load16S | Op::I64Load16U | Op::I32Store16 | Op::I64Store16 => 2,
        Op::I32Load | Op::F32Load | Op::I64Load32S | Op::I64Load32U | Op::I32Store | Op::F32Store | Op::I64Store32 => 4,
        Op::I64Load | Op::F64Load | Op::I64Store | Op::F64Store => 8,
        _ => return None,
    })
}
