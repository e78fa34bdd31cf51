//! What stack instructions touch beside the stacks: a local.

use super::Proof;
use crate::{
    machine::{Machine, Stop},
    op::{Instruction, Op},
};

/// Writes the local of an instruction that has one.
pub(super) fn prove(machine: &mut Machine, proof: &mut Proof, instruction: Instruction) -> Result<(), Stop> {
    if !matches!(instruction.op, Op::LocalGet | Op::LocalSet) {
        return Ok(());
    }
    let index = usize::try_from(instruction.argument).map_err(|_| Stop::Malformed)?;
    let thread = machine.thread_mut();
    let last = thread.frames().len().checked_sub(1).ok_or(Stop::Malformed)?;
    proof.value(thread.locals(last).nth(index).ok_or(Stop::Malformed)?);
    proof.siblings(thread.locals_tree().and_then(|tree| tree.proof(index)).ok_or(Stop::Malformed)?);
    Ok(())
}
