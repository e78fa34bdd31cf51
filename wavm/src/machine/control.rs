//! Jumps, calls, frames.
//!
//! A call leaves three values for the callee's `InitFrame`: where to return to, the caller's module, and where that module's internal
//! functions begin. They are pushed before a call may fail, and stay if it does.

use super::{
    Failure, Machine, Stop,
    cpu::{Cpu, Step, instructions},
    thread::{Frame, THREAD_LIMIT},
};
use crate::{
    op::Instruction,
    value::{ProgramCounter, Value},
};

instructions! {
    (cpu: Cpu<'_>, instruction)
    Unreachable => Err(Stop::Trap);
    Nop => Ok(());
    Return => cpu.leave_frame();
    Call => {
        let frame = cpu.frame()?;
        cpu.push_caller(frame.caller_module, frame.caller_internals)?;
        cpu.enter(instruction.low())
    };
    CallIndirect => cpu.call_indirect(instruction);
    InitFrame => cpu.enter_frame();
    ArbitraryJump => cpu.jump(instruction);
    ArbitraryJumpIf => {
        let condition: u32 = cpu.pop()?;
        if condition == 0 { Ok(()) } else { cpu.jump(instruction) }
    };
    CrossModuleCall => {
        cpu.push_caller(cpu.module_index, cpu.module.internals_offset)?;
        cpu.leave_module(instruction.high(), instruction.low())
    };
    CrossModuleForward => {
        let frame = cpu.frame()?;
        cpu.push_caller(frame.caller_module, frame.caller_internals)?;
        cpu.leave_module(instruction.high(), instruction.low())
    };
    CallerModuleInternalCall => {
        let frame = cpu.frame()?;
        cpu.push_caller(cpu.module_index, cpu.module.internals_offset)?;
        if frame.caller_internals == 0 {
            return Err(Stop::Trap);
        }
        let func = frame.caller_internals.checked_add(instruction.low()).ok_or(Stop::Malformed)?;
        cpu.leave_module(frame.caller_module, func)
    };
    CrossModuleInternalCall => Err(Stop::Leave);
}

impl Cpu<'_> {
    #[inline(always)]
    fn jump(&mut self, instruction: Instruction) -> Step {
        self.fetch.jump(instruction.low() as usize);
        Ok(())
    }

    #[inline(always)]
    fn push_caller(&mut self, module: u32, internals: u32) -> Step {
        self.push_slot(Value::InternalRef(self.pc()).into())?;
        self.push(module)?;
        self.push(internals)
    }

    /// Goes to a function of a module that is not the running one, at least not for sure.
    #[inline(always)]
    fn leave_module(&mut self, module: u32, func: u32) -> Step {
        if module == self.module_index {
            return self.enter(func);
        }
        self.switch(ProgramCounter::new(module, func, 0))
    }

    #[inline(always)]
    fn call_indirect(&mut self, instruction: Instruction) -> Step {
        let index: u32 = self.pop()?;
        let table = self.module.tables.get(instruction.low() as usize).ok_or(Stop::Malformed)?;
        let ty = self.module.types.get(instruction.high() as usize).ok_or(Stop::Malformed)?;
        let func = table.get(index).flatten().ok_or(Stop::Trap)?;
        if self.module.functions.get(func as usize).ok_or(Stop::Malformed)?.ty != *ty {
            return Err(Stop::Trap);
        }
        let frame = self.frame()?;
        self.push_caller(frame.caller_module, frame.caller_internals)?;
        self.enter(func)
    }

    #[inline(always)]
    fn enter_frame(&mut self) -> Step {
        let caller_internals = self.pop()?;
        let caller_module = self.pop()?;
        let return_to = match self.pop_slot()?.into() {
            Value::InternalRef(pc) => Some(pc),
            Value::RefNull => None,
            _ => return Err(Stop::Malformed),
        };
        let types = &self.module.functions.get(self.func as usize).ok_or(Stop::Malformed)?.locals;
        self.base = self.locals.len();
        if self.base as u64 + types.len() > THREAD_LIMIT as u64 || self.frames.len() >= THREAD_LIMIT {
            return Err(Stop::Limit);
        }
        for &(count, ty) in types.runs() {
            self.locals.resize(self.locals.len() + count as usize, ty.default_value());
        }
        self.frames.push(Frame { return_to, caller_module, caller_internals, base: self.base });
        Ok(())
    }

    #[inline(always)]
    fn leave_frame(&mut self) -> Step {
        let frame = self.frames.pop().ok_or(Stop::Malformed)?;
        self.locals.truncate(frame.base);
        self.base = self.frames.last().map_or(0, |frame| frame.base);
        let pc = frame.return_to.ok_or(Stop::Trap)?;
        if pc.module == self.module_index {
            return self.go_to(pc.func, pc.inst);
        }
        self.switch(pc)
    }
}

impl Machine {
    /// Calls an internal function of the module whose index is on the stack.
    pub(super) fn cross_module_internal_call(&mut self, instruction: Instruction) -> Result<(), Failure> {
        let own = self.running_module()?.internals_offset();
        let pc = self.pc;
        let thread = self.thread_mut();
        let module = thread.pop_i32()?;
        [Value::InternalRef(pc), Value::I32(pc.module), Value::I32(own)]
            .into_iter()
            .for_each(|value| thread.push(value));
        let internals = self.modules.get(module as usize).ok_or(Stop::Malformed)?.internals_offset();
        let func = internals.checked_add(instruction.low()).ok_or(Stop::Malformed)?;
        self.pc = ProgramCounter::new(module, func, 0);
        Ok(())
    }
}
