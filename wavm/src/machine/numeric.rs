//! Arithmetic, comparisons, conversions. Division traps as in wasm, after both operands were taken.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "as the wasm operators do"
)]

use super::cpu::{F32, F64, Operands, Step, instructions};
use crate::op::Instruction;

instructions! {
    (cpu: impl Operands, instruction)
    I32Eqz => cpu.unary(|a: u32| a == 0);
    I32Eq => cpu.binary(|a: u32, b| a == b);
    I32Ne => cpu.binary(|a: u32, b| a != b);
    I32LtS => cpu.binary(|a: u32, b| (a as i32) < b as i32);
    I32LtU => cpu.binary(|a: u32, b| a < b);
    I32GtS => cpu.binary(|a: u32, b| a as i32 > b as i32);
    I32GtU => cpu.binary(|a: u32, b| a > b);
    I32LeS => cpu.binary(|a: u32, b| a as i32 <= b as i32);
    I32LeU => cpu.binary(|a: u32, b| a <= b);
    I32GeS => cpu.binary(|a: u32, b| a as i32 >= b as i32);
    I32GeU => cpu.binary(|a: u32, b| a >= b);
    I64Eqz => cpu.unary(|a: u64| a == 0);
    I64Eq => cpu.binary(|a: u64, b| a == b);
    I64Ne => cpu.binary(|a: u64, b| a != b);
    I64LtS => cpu.binary(|a: u64, b| (a as i64) < b as i64);
    I64LtU => cpu.binary(|a: u64, b| a < b);
    I64GtS => cpu.binary(|a: u64, b| a as i64 > b as i64);
    I64GtU => cpu.binary(|a: u64, b| a > b);
    I64LeS => cpu.binary(|a: u64, b| a as i64 <= b as i64);
    I64LeU => cpu.binary(|a: u64, b| a <= b);
    I64GeS => cpu.binary(|a: u64, b| a as i64 >= b as i64);
    I64GeU => cpu.binary(|a: u64, b| a >= b);
    I32Clz => cpu.unary(u32::leading_zeros);
    I32Ctz => cpu.unary(u32::trailing_zeros);
    I32Popcnt => cpu.unary(u32::count_ones);
    I32Add => cpu.binary(u32::wrapping_add);
    I32Sub => cpu.binary(u32::wrapping_sub);
    I32Mul => cpu.binary(u32::wrapping_mul);
    I32DivS => cpu.divide(|a: u32, b| (a as i32).checked_div(b as i32).map(|quotient| quotient as u32));
    I32DivU => cpu.divide(u32::checked_div);
    I32RemS => cpu.divide(|a: u32, b| (b != 0).then(|| (a as i32).wrapping_rem(b as i32) as u32));
    I32RemU => cpu.divide(u32::checked_rem);
    I32And => cpu.binary(|a: u32, b| a & b);
    I32Or => cpu.binary(|a: u32, b| a | b);
    I32Xor => cpu.binary(|a: u32, b| a ^ b);
    I32Shl => cpu.binary(u32::wrapping_shl);
    I32ShrS => cpu.binary(|a: u32, b| (a as i32).wrapping_shr(b) as u32);
    I32ShrU => cpu.binary(u32::wrapping_shr);
    I32Rotl => cpu.binary(|a: u32, b| a.rotate_left(b % 32));
    I32Rotr => cpu.binary(|a: u32, b| a.rotate_right(b % 32));
    I64Clz => cpu.unary(|a: u64| u64::from(a.leading_zeros()));
    I64Ctz => cpu.unary(|a: u64| u64::from(a.trailing_zeros()));
    I64Popcnt => cpu.unary(|a: u64| u64::from(a.count_ones()));
    I64Add => cpu.binary(u64::wrapping_add);
    I64Sub => cpu.binary(u64::wrapping_sub);
    I64Mul => cpu.binary(u64::wrapping_mul);
    I64DivS => cpu.divide(|a: u64, b| (a as i64).checked_div(b as i64).map(|quotient| quotient as u64));
    I64DivU => cpu.divide(u64::checked_div);
    I64RemS => cpu.divide(|a: u64, b| (b != 0).then(|| (a as i64).wrapping_rem(b as i64) as u64));
    I64RemU => cpu.divide(u64::checked_rem);
    I64And => cpu.binary(|a: u64, b| a & b);
    I64Or => cpu.binary(|a: u64, b| a | b);
    I64Xor => cpu.binary(|a: u64, b| a ^ b);
    I64Shl => cpu.binary(|a: u64, b: u64| a.wrapping_shl(b as u32));
    I64ShrS => cpu.binary(|a: u64, b: u64| (a as i64).wrapping_shr(b as u32) as u64);
    I64ShrU => cpu.binary(|a: u64, b: u64| a.wrapping_shr(b as u32));
    I64Rotl => cpu.binary(|a: u64, b: u64| a.rotate_left(b as u32 % 64));
    I64Rotr => cpu.binary(|a: u64, b: u64| a.rotate_right(b as u32 % 64));
    I32WrapI64 => cpu.unary(|a: u64| a as u32);
    I64ExtendI32S => cpu.unary(|a: u32| i64::from(a as i32) as u64);
    I64ExtendI32U => cpu.unary(|a: u32| u64::from(a));
    I32ReinterpretF32 => cpu.unary(|a: F32| a.0);
    I64ReinterpretF64 => cpu.unary(|a: F64| a.0);
    F32ReinterpretI32 => cpu.unary(F32);
    F64ReinterpretI64 => cpu.unary(F64);
    I32Extend8S => cpu.unary(|a: u32| i32::from(a as i8) as u32);
    I32Extend16S => cpu.unary(|a: u32| i32::from(a as i16) as u32);
    I64Extend8S => cpu.unary(|a: u64| i64::from(a as i8) as u64);
    I64Extend16S => cpu.unary(|a: u64| i64::from(a as i16) as u64);
    I64Extend32S => cpu.unary(|a: u64| i64::from(a as i32) as u64);
}
