//! Constants, locals, and values that move.

use super::{
    Stop,
    cpu::{Cpu, F32, F64, Step},
    thread::THREAD_LIMIT,
};
use crate::op::{Instruction, Op};

/// Executes a stack instruction.
#[inline(always)]
pub(super) fn execute(op: Op, instruction: Instruction, cpu: &mut Cpu<'_>) -> Step {
    match op {
        Op::Drop => cpu.pop().map(|_| ()),
        Op::Select => cpu.select(),
        Op::LocalGet => {
            let value = *cpu.local(instruction.argument)?;
            cpu.push(value)
        }
        Op::LocalSet => {
            let value = cpu.pop()?;
            *cpu.local(instruction.argument)? = value;
            Ok(())
        }
        Op::I32Const => cpu.push(instruction.low()),
        Op::I64Const => cpu.push(instruction.argument),
        Op::F32Const => cpu.push(F32(instruction.low())),
        Op::F64Const => cpu.push(F64(instruction.argument)),
        Op::MoveFromStackToInternal => {
            let value = cpu.pop()?;
            if cpu.internal.len() >= THREAD_LIMIT {
                return Err(Stop::Limit);
            }
            cpu.internal.push(value);
            Ok(())
        }
        Op::MoveFromInternalToStack => {
            let value = cpu.internal.pop().ok_or(Stop::Malformed)?;
            cpu.push(value)
        }
        Op::Dup => {
            let value = *cpu.top()?;
            cpu.push(value)
        }
        _ => Err(Stop::Malformed),
    }
}

impl Cpu<'_> {
    /// Keeps the lower of two values if the number above them is not zero, else the upper one.
    #[inline(always)]
    fn select(&mut self) -> Step {
        let keep: u32 = self.pop_as()?;
        let upper = self.pop()?;
        if keep == 0 {
            *self.top()? = upper;
        } else {
            self.top()?;
        }
        Ok(())
    }
}
