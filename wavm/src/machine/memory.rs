//! Loads, stores, globals, the size of memory.
//!
//! An access outside of memory traps after its operands were taken. Addresses do not wrap: offset and operand are added in 64 bits.
#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as the wasm operators do")]

use super::{
    Stop,
    cpu::{Cpu, F32, F64, Operand, Step, instructions},
};
use crate::op::Instruction;

instructions! {
    (cpu, instruction)
    GlobalGet => cpu.global_get(instruction.argument);
    GlobalSet => cpu.global_set(instruction.argument);
    I32Load => cpu.load(instruction.argument, u32::from_le_bytes);
    I64Load => cpu.load(instruction.argument, u64::from_le_bytes);
    F32Load => cpu.load(instruction.argument, |bytes| F32(u32::from_le_bytes(bytes)));
    F64Load => cpu.load(instruction.argument, |bytes| F64(u64::from_le_bytes(bytes)));
    I32Load8S => cpu.load(instruction.argument, |bytes| i32::from(i8::from_le_bytes(bytes)) as u32);
    I32Load8U => cpu.load(instruction.argument, |bytes| u32::from(u8::from_le_bytes(bytes)));
    I32Load16S => cpu.load(instruction.argument, |bytes| i32::from(i16::from_le_bytes(bytes)) as u32);
    I32Load16U => cpu.load(instruction.argument, |bytes| u32::from(u16::from_le_bytes(bytes)));
    I64Load8S => cpu.load(instruction.argument, |bytes| i64::from(i8::from_le_bytes(bytes)) as u64);
    I64Load8U => cpu.load(instruction.argument, |bytes| u64::from(u8::from_le_bytes(bytes)));
    I64Load16S => cpu.load(instruction.argument, |bytes| i64::from(i16::from_le_bytes(bytes)) as u64);
    I64Load16U => cpu.load(instruction.argument, |bytes| u64::from(u16::from_le_bytes(bytes)));
    I64Load32S => cpu.load(instruction.argument, |bytes| i64::from(i32::from_le_bytes(bytes)) as u64);
    I64Load32U => cpu.load(instruction.argument, |bytes| u64::from(u32::from_le_bytes(bytes)));
    I32Store => cpu.store(instruction.argument, u32::to_le_bytes);
    I64Store => cpu.store(instruction.argument, u64::to_le_bytes);
    F32Store => cpu.store(instruction.argument, |value: F32| value.0.to_le_bytes());
    F64Store => cpu.store(instruction.argument, |value: F64| value.0.to_le_bytes());
    I32Store8 => cpu.store(instruction.argument, |value: u32| [value as u8]);
    I32Store16 => cpu.store(instruction.argument, |value: u32| (value as u16).to_le_bytes());
    I64Store8 => cpu.store(instruction.argument, |value: u64| [value as u8]);
    I64Store16 => cpu.store(instruction.argument, |value: u64| (value as u16).to_le_bytes());
    I64Store32 => cpu.store(instruction.argument, |value: u64| (value as u32).to_le_bytes());
    MemorySize => cpu.push(cpu.memory.pages() as u32);
    MemoryGrow => {
        let pages: u32 = cpu.pop()?;
        let old = cpu.memory.grow(u64::from(pages));
        cpu.push(old.map_or(u32::MAX, |old| old as u32))
    };
}

impl Cpu<'_> {
    #[inline(always)]
    fn load<const N: usize, T: Operand>(&mut self, offset: u64, decode: impl Fn([u8; N]) -> T) -> Step {
        let index: u32 = self.pop()?;
        let bytes = self.memory.load(offset.wrapping_add(u64::from(index))).ok_or(Stop::Trap)?;
        self.push(decode(bytes))
    }

    #[inline(always)]
    fn store<const N: usize, T: Operand>(&mut self, offset: u64, encode: impl Fn(T) -> [u8; N]) -> Step {
        let value = self.pop()?;
        let index: u32 = self.pop()?;
        self.memory.store(offset.wrapping_add(u64::from(index)), encode(value)).ok_or(Stop::Trap)
    }

    #[inline(always)]
    fn global_get(&mut self, index: u64) -> Step {
        let index = usize::try_from(index).map_err(|_| Stop::Malformed)?;
        let value = self.globals.slot(index).ok_or(Stop::Malformed)?;
        self.push_slot(value)
    }

    #[inline(always)]
    fn global_set(&mut self, index: u64) -> Step {
        let value = self.pop_slot()?;
        let index = usize::try_from(index).map_err(|_| Stop::Malformed)?;
        self.globals.set(index, value).ok_or(Stop::Malformed)
    }
}
