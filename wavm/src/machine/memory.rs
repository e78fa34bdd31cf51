//! Loads, stores, globals, the size of memory.
//!
//! An access outside of memory traps after its operands were taken. Addresses do not wrap: offset and operand are added in 64 bits.
#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as the wasm operators do")]

use super::cpu::{F32, F64, Operands, Step, instructions};
use crate::op::Instruction;

instructions! {
    (cpu: impl Operands, instruction)
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
    MemorySize => cpu.memory_size();
    MemoryGrow => cpu.memory_grow();
}
