//! Constants, locals, and values that move.

use super::{
    Stop,
    cpu::{Cpu, F32, F64, Step, instructions},
    thread::THREAD_LIMIT,
};
use crate::op::Instruction;

instructions! {
    (cpu: Cpu<'_>, instruction)
    Drop => cpu.pop_slot().map(|_| ());
    Select => cpu.select();
    LocalGet => {
        let local = cpu.local(instruction.argument)?;
        cpu.push_slot(cpu.locals.slot(local).ok_or(Stop::Malformed)?)
    };
    LocalSet => {
        let value = cpu.pop_slot()?;
        let local = cpu.local(instruction.argument)?;
        cpu.locals.set(local, value).ok_or(Stop::Malformed)
    };
    I32Const => cpu.push(instruction.low());
    I64Const => cpu.push(instruction.argument);
    F32Const => cpu.push(F32(instruction.low()));
    F64Const => cpu.push(F64(instruction.argument));
    MoveFromStackToInternal => {
        let value = cpu.pop_slot()?;
        if cpu.internal.len() >= THREAD_LIMIT {
            return Err(Stop::Limit);
        }
        cpu.internal.push(value);
        Ok(())
    };
    MoveFromInternalToStack => {
        let value = cpu.internal.pop().ok_or(Stop::Malformed)?;
        cpu.push_slot(value)
    };
    Dup => {
        let value = cpu.peek_slot(1)?;
        cpu.push_slot(value)
    };
}

impl Cpu<'_> {
    /// Keeps the lower of two values if the number above them is not zero, else the upper one.
    #[inline(always)]
    fn select(&mut self) -> Step {
        let keep_lower: u32 = self.pop()?;
        let upper = self.pop_slot()?;
        let lower = self.pop_slot()?;
        self.push_slot(if keep_lower == 0 { upper } else { lower })
    }
}
