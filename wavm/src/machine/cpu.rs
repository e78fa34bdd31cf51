//! What the inner loop works on: the running thread, module and function, taken out of the machine for a burst of instructions.
//!
//! Nothing here may be called without being inlined: as long as no reference to the [`Cpu`] leaves the loop, its fields live in
//! registers.

use super::{
    Stop,
    slots::{Slot, Slots, Tag},
    thread::{Frame, Thread},
};
use crate::{
    memory::Memory,
    module::{Function, Module},
    op::Instruction,
    value::ProgramCounter,
};
use alloc::vec::Vec;

/// Makes a function of each instruction of a family, inlined into the one table in `step.rs`.
///
/// `instructions! { (cpu: Cpu<'_>, instruction) Drop => cpu.pop_slot().map(|_| ()); }` is
/// `fn Drop(cpu: &mut Cpu<'_>, instruction: Instruction) -> Step { cpu.pop_slot().map(|_| ()) }`. Those that only compute are made
/// for `impl Operands`, so that they also serve where operands are not on a stack.
macro_rules! instructions {
    (($cpu:ident: $on:ty, $instruction:ident) $($name:ident => $effect:expr;)*) => {
        $(
            #[inline(always)]
            #[expect(non_snake_case, reason = "named as the instruction")]
            #[allow(unused_variables, reason = "many instructions have no argument")]
            #[allow(clippy::missing_const_for_fn, reason = "some could be, but none is called where that counts")]
            pub(super) fn $name($cpu: &mut $on, $instruction: Instruction) -> Step {
                $effect
            }
        )*
    };
}
pub(super) use instructions;

/// What comes of an instruction.
pub(super) type Step = Result<(), Stop>;

/// Where instructions come from, and how many may still be executed.
///
/// Instructions are executed line by line: a line is code that ends where the count does. So only a jump has to count.
pub(super) struct Fetch<'m> {
    code: &'m [Instruction],
    line: core::slice::Iter<'m, Instruction>,
    /// Index of the end of the line.
    end: usize,
    /// Instructions that may be executed after the line.
    left: u64,
}

impl<'m> Fetch<'m> {
    fn new(code: &'m [Instruction], inst: usize, left: u64) -> Self {
        let mut fetch = Self { code, line: [].iter(), end: 0, left };
        fetch.jump(inst);
        fetch
    }

    /// The next instruction; none if the count is used up, or the code ends.
    #[inline(always)]
    pub(super) fn next(&mut self) -> Option<Instruction> {
        self.line.next().copied()
    }

    /// Index of the next instruction.
    #[inline(always)]
    pub(super) fn inst(&self) -> usize {
        self.end - self.line.len()
    }

    /// How many instructions may still be executed.
    #[inline(always)]
    pub(super) fn remaining(&self) -> u64 {
        self.left + self.line.len() as u64
    }

    /// Goes to an instruction of the same function.
    #[inline(always)]
    pub(super) fn jump(&mut self, inst: usize) {
        self.left += self.line.len() as u64;
        let rest = self.code.get(inst..).unwrap_or_default();
        let length = rest.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        self.line = rest[..length].iter();
        self.left -= length as u64;
        self.end = inst + length;
    }

    /// Goes to an instruction of the same function, with another number of instructions that may be executed.
    pub(super) fn resume(&mut self, inst: usize, left: u64) {
        (self.line, self.left) = ([].iter(), left);
        self.jump(inst);
    }

    #[inline(always)]
    fn go_to(&mut self, code: &'m [Instruction], inst: usize) {
        self.code = code;
        self.jump(inst);
    }
}

/// The running part of a machine.
pub(super) struct Cpu<'m> {
    pub(super) module: &'m Module,
    pub(super) module_index: u32,
    pub(super) func: u32,
    pub(super) fetch: Fetch<'m>,
    /// Bits of the value stack and of the room above it, then their types.
    pub(super) bits: &'m mut [u64],
    pub(super) tags: &'m mut [Tag],
    pub(super) height: usize,
    pub(super) frames: &'m mut Vec<Frame>,
    pub(super) locals: &'m mut Slots,
    /// Index of the first local of the last frame.
    pub(super) base: usize,
    pub(super) internal: &'m mut Slots,
    pub(super) globals: &'m mut Slots,
    pub(super) memory: &'m mut Memory,
}

impl<'m> Cpu<'m> {
    /// The machine's parts, at a place and with a number of instructions to execute at most; none if there is no such function.
    pub(super) fn new(
        (pc, most): (ProgramCounter, u64),
        module: &'m Module,
        (globals, memory): (&'m mut Slots, &'m mut Memory),
        thread: &'m mut Thread,
        internal: &'m mut Slots,
    ) -> Option<Self> {
        let code = &module.functions.get(pc.func as usize)?.code;
        let Thread { slots, height, frames, locals, .. } = thread;
        let (bits, tags) = slots.split();
        let base = frames.last().map_or(0, |frame| frame.base);
        Some(Self {
            module,
            module_index: pc.module,
            func: pc.func,
            fetch: Fetch::new(code, pc.inst as usize, most),
            bits,
            tags,
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
    pub(super) fn pc(&self) -> ProgramCounter {
        ProgramCounter::new(self.module_index, self.func, self.fetch.inst() as u32)
    }

    #[inline(always)]
    pub(super) fn push_slot(&mut self, slot: Slot) -> Step {
        let (Some(bits), Some(tag)) = (self.bits.get_mut(self.height), self.tags.get_mut(self.height)) else {
            return Err(Stop::Malformed);
        };
        (*bits, *tag) = (slot.bits, slot.tag);
        self.height += 1;
        Ok(())
    }

    #[inline(always)]
    pub(super) fn push<T: Operand>(&mut self, value: T) -> Step {
        self.push_slot(Slot { bits: value.bits(), tag: T::TAG })
    }

    /// The value `depth` below the top, from 1.
    #[inline(always)]
    pub(super) fn peek_slot(&self, depth: usize) -> Result<Slot, Stop> {
        let index = self.height.wrapping_sub(depth);
        match (self.bits.get(index), self.tags.get(index)) {
            (Some(&bits), Some(&tag)) => Ok(Slot { bits, tag }),
            _ => Err(Stop::Malformed),
        }
    }

    #[inline(always)]
    pub(super) fn pop_slot(&mut self) -> Result<Slot, Stop> {
        let slot = self.peek_slot(1)?;
        self.height -= 1;
        Ok(slot)
    }

    #[inline(always)]
    pub(super) fn pop<T: Operand>(&mut self) -> Result<T, Stop> {
        let slot = self.pop_slot()?;
        if slot.tag == T::TAG { Ok(T::from_bits(slot.bits)) } else { Err(Stop::Malformed) }
    }

    /// Index of a local in the list of all.
    #[inline(always)]
    pub(super) fn local(&self, index: u64) -> Result<usize, Stop> {
        let index = usize::try_from(index).map_err(|_| Stop::Malformed)?;
        Ok(self.base.wrapping_add(index))
    }

    /// The last frame.
    #[inline(always)]
    pub(super) fn frame(&self) -> Result<Frame, Stop> {
        self.frames.last().copied().ok_or(Stop::Malformed)
    }

    /// Stops the burst at a place in another module.
    #[inline(always)]
    pub(super) fn switch(&mut self, pc: ProgramCounter) -> Step {
        (self.module_index, self.func) = (pc.module, pc.func);
        self.fetch.go_to(&[], pc.inst as usize);
        Err(Stop::Switch)
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
        self.fetch.go_to(&function.code, inst as usize);
        Ok(())
    }
}

/// Where an instruction finds its operands and leaves its result: the stack of a [`Cpu`], or elsewhere.
pub(super) trait Operands {
    /// Replaces a value.
    fn unary<T: Operand, R: Operand>(&mut self, f: impl Fn(T) -> R) -> Step;

    /// Replaces two values by one.
    fn binary<T: Operand, R: Operand>(&mut self, f: impl Fn(T, T) -> R) -> Step;

    /// As [`Self::binary`], but takes both values and traps where there is no result.
    fn divide<T: Operand>(&mut self, f: impl Fn(T, T) -> Option<T>) -> Step;

    /// Replaces an address by what is there.
    fn load<const N: usize, T: Operand>(&mut self, offset: u64, decode: impl Fn([u8; N]) -> T) -> Step;

    /// Takes an address and a value, and writes the value there.
    fn store<const N: usize, T: Operand>(&mut self, offset: u64, encode: impl Fn(T) -> [u8; N]) -> Step;

    /// Gives a global.
    fn global_get(&mut self, index: u64) -> Step;

    /// Takes a value for a global.
    fn global_set(&mut self, index: u64) -> Step;

    /// Gives the size of memory in pages.
    fn memory_size(&mut self) -> Step;

    /// Replaces a number of pages by the size before that many were added, or by the largest number.
    fn memory_grow(&mut self) -> Step;
}

/// What an instruction computes with: a value of one type.
pub(super) trait Operand: Copy {
    const TAG: Tag;

    fn from_bits(bits: u64) -> Self;

    fn bits(self) -> u64;
}

impl Operand for u32 {
    const TAG: Tag = Tag::I32;

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "the upper half is zero")]
    fn from_bits(bits: u64) -> Self {
        bits as Self
    }

    #[inline(always)]
    fn bits(self) -> u64 {
        u64::from(self)
    }
}

impl Operand for u64 {
    const TAG: Tag = Tag::I64;

    #[inline(always)]
    fn from_bits(bits: u64) -> Self {
        bits
    }

    #[inline(always)]
    fn bits(self) -> u64 {
        self
    }
}

impl Operand for bool {
    const TAG: Tag = Tag::I32;

    #[inline(always)]
    fn from_bits(bits: u64) -> Self {
        bits != 0
    }

    #[inline(always)]
    fn bits(self) -> u64 {
        u64::from(self)
    }
}

/// Bits of a 32-bit float.
#[derive(Debug, Clone, Copy)]
pub(super) struct F32(pub(super) u32);

/// Bits of a 64-bit float.
#[derive(Debug, Clone, Copy)]
pub(super) struct F64(pub(super) u64);

impl Operand for F32 {
    const TAG: Tag = Tag::F32;

    #[inline(always)]
    fn from_bits(bits: u64) -> Self {
        Self(u32::from_bits(bits))
    }

    #[inline(always)]
    fn bits(self) -> u64 {
        u64::from(self.0)
    }
}

impl Operand for F64 {
    const TAG: Tag = Tag::F64;

    #[inline(always)]
    fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    #[inline(always)]
    fn bits(self) -> u64 {
        self.0
    }
}
