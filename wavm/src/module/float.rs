//! Float operators as calls into a library (`spec/wavm.md` 5.2, 6).
//!
//! A library offers an operator by exporting `wavm__<operator>`, with integers of the same width in place of floats.

use crate::{
    error::{Rule, WasmError},
    value::{
        FunctionType,
        ValueType::{self, F32, F64, I32, I64},
    },
};
use alloc::{collections::BTreeMap, format, string::String, vec, vec::Vec};
use wasmparser::Operator;

/// What an exported name begins with that offers a float operator.
const PREFIX: &str = "wavm__";

const UNARY: [&str; 7] = ["abs", "neg", "ceil", "floor", "trunc", "nearest", "sqrt"];
const BINARY: [&str; 7] = ["add", "sub", "mul", "div", "min", "max", "copysign"];
const RELATIONS: [&str; 6] = ["eq", "ne", "lt", "gt", "le", "ge"];

/// Which function of which module does each float operator.
#[derive(Debug, Clone, Default)]
pub struct FloatLibrary {
    functions: BTreeMap<String, (u32, u32)>,
}

/// A float operator and who does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FloatCall {
    pub(super) ty: FunctionType,
    pub(super) module: u32,
    pub(super) func: u32,
}

impl FloatLibrary {
    /// Notes a function of a module if its exported name offers a float operator; a later one takes the place of an earlier one.
    ///
    /// # Errors
    /// It offers one, with the wrong type.
    pub fn offer(&mut self, export: &str, ty: &FunctionType, module: u32, func: u32) -> Result<(), WasmError> {
        let Some(name) = export.strip_prefix(PREFIX) else { return Ok(()) };
        let Some(signature) = signature(name) else { return Ok(()) };
        let integers = |types: &[ValueType]| types.iter().copied().map(integer).collect();
        if *ty != (FunctionType { inputs: integers(&signature.inputs), outputs: integers(&signature.outputs) }) {
            return Err(WasmError::new(Rule::Build, format!("{export} has the wrong type for a float operator")));
        }
        self.functions.insert(name.into(), (module, func));
        Ok(())
    }

    /// The call that does an operator; none if it computes nothing with floats.
    ///
    /// # Errors
    /// No library offers it.
    pub(super) fn call(&self, operator: &Operator<'_>) -> Result<Option<FloatCall>, WasmError> {
        let Some(name) = name(operator) else { return Ok(None) };
        let missing = || WasmError::new(Rule::Float, format!("no library offers the float operator {name}"));
        let (module, func) = *self.functions.get(name).ok_or_else(missing)?;
        let ty = signature(name).ok_or_else(missing)?;
        Ok(Some(FloatCall { ty, module, func }))
    }
}

/// How a float operator changes the height of the stack; none for other operators.
pub(super) fn height_change(operator: &Operator<'_>) -> Option<i64> {
    let inputs = signature(name(operator)?)?.inputs.len();
    Some(if inputs == 2 { -1 } else { 0 })
}

/// The type that carries a float's bits.
const fn integer(ty: ValueType) -> ValueType {
    match ty {
        F32 => I32,
        F64 => I64,
        other => other,
    }
}

fn value_type(name: &str) -> Option<ValueType> {
    Some(match name {
        "i32" => I32,
        "i64" => I64,
        "f32" => F32,
        "f64" => F64,
        _ => return None,
    })
}

/// Type of a float operator, which follows from its name; none if there is no such operator.
fn signature(name: &str) -> Option<FunctionType> {
    let (result, operation) = name.split_once('_')?;
    let result = value_type(result)?;
    let (inputs, result): (Vec<ValueType>, ValueType) = match result {
        F32 | F64 if UNARY.contains(&operation) => (vec![result], result),
        F32 | F64 if BINARY.contains(&operation) => (vec![result; 2], result),
        F32 | F64 if RELATIONS.contains(&operation) => (vec![result; 2], I32),
        F32 if operation == "demote_f64" => (vec![F64], F32),
        F64 if operation == "promote_f32" => (vec![F32], F64),
        _ => (vec![conversion(operation, result)?], result),
    };
    Some(FunctionType { inputs, outputs: vec![result] })
}

/// What is converted by `trunc_f32_s`, `trunc_sat_f64_u`, `convert_i32_s` and the like.
fn conversion(operation: &str, result: ValueType) -> Option<ValueType> {
    let (rest, sign) = operation.rsplit_once('_')?;
    let (verb, from) = rest.rsplit_once('_')?;
    let from = value_type(from)?;
    let known = match verb {
        "trunc" | "trunc_sat" => matches!((result, from), (I32 | I64, F32 | F64)),
        "convert" => matches!((result, from), (F32 | F64, I32 | I64)),
        _ => false,
    };
    (known && matches!(sign, "s" | "u")).then_some(from)
}

/// Name of a float operator; none for operators that only move floats.
const fn name(operator: &Operator<'_>) -> Option<&'static str> {
    Some(match operator {
        Operator::F32Eq => "f32_eq",
        Operator::F32Ne => "f32_ne",
        Operator::F32Lt => "f32_lt",
        Operator::F32Gt => "f32_gt",
        Operator::F32Le => "f32_le",
        Operator::F32Ge => "f32_ge",
        Operator::F64Eq => "f64_eq",
        Operator::F64Ne => "f64_ne",
        Operator::F64Lt => "f64_lt",
        Operator::F64Gt => "f64_gt",
        Operator::F64Le => "f64_le",
        Operator::F64Ge => "f64_ge",
        Operator::F32Abs => "f32_abs",
        Operator::F32Neg => "f32_neg",
        Operator::F32Ceil => "f32_ceil",
        Operator::F32Floor => "f32_floor",
        Operator::F32Trunc => "f32_trunc",
        Operator::F32Nearest => "f32_nearest",
        Operator::F32Sqrt => "f32_sqrt",
        Operator::F32Add => "f32_add",
        Operator::F32Sub => "f32_sub",
        Operator::F32Mul => "f32_mul",
        Operator::F32Div => "f32_div",
        Operator::F32Min => "f32_min",
        Operator::F32Max => "f32_max",
        Operator::F32Copysign => "f32_copysign",
        Operator::F64Abs => "f64_abs",
        Operator::F64Neg => "f64_neg",
        Operator::F64Ceil => "f64_ceil",
        Operator::F64Floor => "f64_floor",
        Operator::F64Trunc => "f64_trunc",
        Operator::F64Nearest => "f64_nearest",
        Operator::F64Sqrt => "f64_sqrt",
        Operator::F64Add => "f64_add",
        Operator::F64Sub => "f64_sub",
        Operator::F64Mul => "f64_mul",
        Operator::F64Div => "f64_div",
        Operator::F64Min => "f64_min",
        Operator::F64Max => "f64_max",
        Operator::F64Copysign => "f64_copysign",
        Operator::I32TruncF32S => "i32_trunc_f32_s",
        Operator::I32TruncF32U => "i32_trunc_f32_u",
        Operator::I32TruncF64S => "i32_trunc_f64_s",
        Operator::I32TruncF64U => "i32_trunc_f64_u",
        Operator::I64TruncF32S => "i64_trunc_f32_s",
        Operator::I64TruncF32U => "i64_trunc_f32_u",
        Operator::I64TruncF64S => "i64_trunc_f64_s",
        Operator::I64TruncF64U => "i64_trunc_f64_u",
        Operator::I32TruncSatF32S => "i32_trunc_sat_f32_s",
        Operator::I32TruncSatF32U => "i32_trunc_sat_f32_u",
        Operator::I32TruncSatF64S => "i32_trunc_sat_f64_s",
        Operator::I32TruncSatF64U => "i32_trunc_sat_f64_u",
        Operator::I64TruncSatF32S => "i64_trunc_sat_f32_s",
        Operator::I64TruncSatF32U => "i64_trunc_sat_f32_u",
        Operator::I64TruncSatF64S => "i64_trunc_sat_f64_s",
        Operator::I64TruncSatF64U => "i64_trunc_sat_f64_u",
        Operator::F32ConvertI32S => "f32_convert_i32_s",
        Operator::F32ConvertI32U => "f32_convert_i32_u",
        Operator::F32ConvertI64S => "f32_convert_i64_s",
        Operator::F32ConvertI64U => "f32_convert_i64_u",
        Operator::F64ConvertI32S => "f64_convert_i32_s",
        Operator::F64ConvertI32U => "f64_convert_i32_u",
        Operator::F64ConvertI64S => "f64_convert_i64_s",
        Operator::F64ConvertI64U => "f64_convert_i64_u",
        Operator::F32DemoteF64 => "f32_demote_f64",
        Operator::F64PromoteF32 => "f64_promote_f32",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_follow_from_names() {
        let is = |name, inputs: &[_], outputs: &[_]| signature(name) == Some(FunctionType::new(inputs, outputs));
        assert!(is("f32_abs", &[F32], &[F32]));
        assert!(is("f64_copysign", &[F64, F64], &[F64]));
        assert!(is("f64_le", &[F64, F64], &[I32]));
        assert!(is("i64_trunc_sat_f32_u", &[F32], &[I64]));
        assert!(is("f64_convert_i32_s", &[I32], &[F64]));
        assert!(is("f32_demote_f64", &[F64], &[F32]));
        for unknown in ["f32_foo", "i32_add", "i32_trunc_i64_s", "f32_demote_f32", "f32_convert_i32_x", "f32"] {
            assert_eq!(signature(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn libraries_take_bits_and_must_have_the_type() {
        let mut library = FloatLibrary::default();
        library.offer("wavm__f64_promote_f32", &FunctionType::new(&[I32], &[I64]), 1, 7).unwrap();
        library.offer("wavm__f64_something", &FunctionType::default(), 1, 8).unwrap();
        let call = library.call(&Operator::F64PromoteF32).unwrap().unwrap();
        assert_eq!((call.module, call.func, call.ty), (1, 7, FunctionType::new(&[F32], &[F64])));
        assert_eq!(library.call(&Operator::F32Add).unwrap_err().rule, Rule::Float);
        assert_eq!(library.call(&Operator::I32Add), Ok(None));
        let wrong = library.offer("wavm__f32_add", &FunctionType::new(&[F32, F32], &[F32]), 1, 9);
        assert_eq!(wrong.unwrap_err().rule, Rule::Build);
    }
}
