//! What the inner loop works on: the running thread, module and function, taken out of the machine for a burst of instructions.
//!
//! Nothing here may be called without being inlined: as long as no reference to the [`Cpu`] leaves the loop, its fields live in
//! registers.

use super::{
    Stop,
    thread::{Frame, Thread},
};
use crate::{
    memory::Memory,
    module::{Function, Module},
    op::Instruction,
    value::{ProgramCounter, Value},
};
use alloc::vec::Vec;

/// What comes of an instruction.
pub(super) type Step = Result<(), Stop>;

/// The running part of a machine.
pub(super) struct Cpu<'m> {
    pub(super) module: &'m Module,
    pub(super) module_index: u32,
    pub(super) func: u32,
    pub(super) inst: usize,
    pub(super) code: &'m [Instruction],
    pub(super) slots: &'m mut [Value],
    pub(super) height: usize,
    pub(super) frames: &'m mut Vec<Frame>,
    pub(super) locals: &'m mut Vec<Value>,
    /// Index of the first local of the last frame.
    pub(super) base: usize,
    pub(super) internal: &'m mut Vec<Value>,
    pub(super) globals: &'m mut [Value],
    pub(super) memory: &'m mut Memory,
}

impl<'m> Cpu<'m> {
    /// The machine's parts, with the code at `pc`; none if there is no such function.
    pub(super) fn new(
        pc: ProgramCounter,
        module: &'m Module,
        (globals, memory): (&'m mut [Value], &'m mut Memory),
        thread: &'m mut Thread,
        internal: &'m mut Vec<Value>,
    ) -> Option<Self> {
        let code = &module.functions.get(pc.func as usize)?.code;
        let Thread { slots, height, frames, locals, .. } = thread;
        let base = frames.last().map_or(0, |frame| frame.base);
        Some(Self {
            module,
            module_index: pc.module,
            func: pc.func,
            inst: pc.inst as usize,
            code,
            slots,
            height: *height,
            frames,
            locals,
            base,
            internal,
            globals,
            memory,
        })
    }

    /// The place of the next instruction.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "code is shorter than 2^32 instructions")]
    pub(super) const fn pc(&self) -> ProgramCounter {
        ProgramCounter::new(self.module_index, self.func, self.inst as u32)
    }

    #[inline(always)]
    pub(super) fn push(&mut self, value: impl Into<Value>) -> Step {
        *self.slots.get_mut(self.height).ok_or(Stop::Malformed)? = value.into();
        self.height += 1;
        Ok(())
    }

    #[inline(always)]
    pub(super) fn pop(&mut self) -> Result<Value, Stop> {
        let height = self.height.wrapping_sub(1);
        let value = *self.slots.get(height).ok_or(Stop::Malformed)?;
        self.height = height;
        Ok(value)
    }

    #[inline(always)]
    pub(super) fn pop_as<T: Operand>(&mut self) -> Result<T, Stop> {
        T::of(self.pop()?).ok_or(Stop::Malformed)
    }

    /// The value on top.
    #[inline(always)]
    pub(super) fn top(&mut self) -> Result<&mut Value, Stop> {
        self.slots.get_mut(self.height.wrapping_sub(1)).ok_or(Stop::Malformed)
    }

    #[inline(always)]
    pub(super) fn local(&mut self, index: u64) -> Result<&mut Value, Stop> {
        let index = usize::try_from(index).map_err(|_| Stop::Malformed)?;
        self.locals.get_mut(self.base.wrapping_add(index)).ok_or(Stop::Malformed)
    }

    /// The last frame.
    #[inline(always)]
    pub(super) fn frame(&self) -> Result<Frame, Stop> {
        self.frames.last().copied().ok_or(Stop::Malformed)
    }

    /// Goes to the first instruction of a function of this module.
    #[inline(always)]
    pub(super) fn enter(&mut self, func: u32) -> Step {
        self.go_to(func, 0)
    }

    /// Goes to an instruction of this module.
    #[inline(always)]
    pub(super) fn go_to(&mut self, func: u32, inst: u32) -> Step {
        let function: &'m Function = self.module.functions.get(func as usize).ok_or(Stop::Malformed)?;
        self.func = func;
        self.inst = inst as usize;
        self.code = &function.code;
        Ok(())
    }
}

/// What an instruction computes with: a value of one type.
pub(super) trait Operand: Copy + Into<Value> {
    /// The operand in a value of its type.
    fn of(value: Value) -> Option<Self>;
}

impl Operand for u32 {
    #[inline(always)]
    fn of(value: Value) -> Option<Self> {
        if let Value::I32(bits) = value { Some(bits) } else { None }
    }
}

impl Operand for u64 {
    #[inline(always)]
    fn of(value: Value) -> Option<Self> {
        if let Value::I64(bits) = value { Some(bits) } else { None }
    }
}

/// Bits of a 32-bit float.
#[derive(Debug, Clone, Copy)]
pub(super) struct F32(pub(super) u32);

/// Bits of a 64-bit float.
#[derive(Debug, Clone, Copy)]
pub(super) struct F64(pub(super) u64);

impl Operand for F32 {
    #[inline(always)]
    fn of(value: Value) -> Option<Self> {
        if let Value::F32(bits) = value { Some(Self(bits)) } else { None }
    }
}

impl Operand for F64 {
    #[inline(always)]
    fn of(value: Value) -> Option<Self> {
        if let Value::F64(bits) = value { Some(Self(bits)) } else { None }
    }
}

impl From<F32> for Value {
    #[inline(always)]
    fn from(bits: F32) -> Self {
        Self::F32(bits.0)
    }
}

impl From<F64> for Value {
    #[inline(always)]
    fn from(bits: F64) -> Self {
        Self::F64(bits.0)
    }
}

impl From<u32> for Value {
    #[inline(always)]
    fn from(bits: u32) -> Self {
        Self::I32(bits)
    }
}

impl From<u64> for Value {
    #[inline(always)]
    fn from(bits: u64) -> Self {
        Self::I64(bits)
    }
}

impl From<bool> for Value {
    #[inline(always)]
    fn from(bit: bool) -> Self {
        Self::I32(bit as u32)
    }
}
