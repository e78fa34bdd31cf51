//! A library for float operators that knows no floats: it asks the host, as if for the preimage of the operator and its operands.
//!
//! The reference's library is a wasm module of its own that no package carries. For a machine one library is like another, so this one
//! shows that operators reach a library with the right operands in the right order, and that results come back.
#![expect(clippy::cast_possible_truncation, reason = "narrow operands travel in wide words")]

use alloy_primitives::{B256, Bytes};
use std::{fmt::Write, sync::Arc};
use wavm::{
    Code,
    host::{Inbox, PreimageType, Preimages, Programs},
};

const UNARY: [&str; 7] = ["abs", "neg", "ceil", "floor", "trunc", "nearest", "sqrt"];
const BINARY: [&str; 7] = ["add", "sub", "mul", "div", "min", "max", "copysign"];
const RELATIONS: [&str; 6] = ["eq", "ne", "lt", "gt", "le", "ge"];

/// A float operator: name, types of the operands as their bits travel, type of the result.
struct Operator {
    name: String,
    operands: Vec<&'static str>,
    result: &'static str,
}

/// The operators, in the order of their numbers.
fn operators() -> Vec<Operator> {
    let mut all = Vec::new();
    let mut add = |name: String, operands: &[&'static str], result| {
        all.push(Operator { name, operands: operands.to_vec(), result });
    };
    for (float, bits) in [("f32", "i32"), ("f64", "i64")] {
        UNARY.iter().for_each(|name| add(format!("{float}_{name}"), &[bits], bits));
        BINARY.iter().for_each(|name| add(format!("{float}_{name}"), &[bits; 2], bits));
        RELATIONS.iter().for_each(|name| add(format!("{float}_{name}"), &[bits; 2], "i32"));
        for (int, sign) in [("i32", 's'), ("i32", 'u'), ("i64", 's'), ("i64", 'u')] {
            add(format!("{int}_trunc_{float}_{sign}"), &[bits], int);
            add(format!("{int}_trunc_sat_{float}_{sign}"), &[bits], int);
            add(format!("{float}_convert_{int}_{sign}"), &[int], bits);
        }
    }
    add("f32_demote_f64".into(), &["i64"], "i32");
    add("f64_promote_f32".into(), &["i32"], "i64");
    all
}

/// The library.
pub(crate) fn library() -> Vec<u8> {
    let mut text = String::from(
        r#"(module (import "env" "wavm_read_keccak_256_preimage" (func $ask (param i32 i32) (result i32))) (memory 1 1)"#,
    );
    for (number, Operator { name, operands, result }) in operators().iter().enumerate() {
        write!(text, r#"(func (export "wavm__{name}") (param {}) (result {result})"#, operands.join(" "))
            .expect("text");
        write!(text, "(i64.store (i32.const 0) (i64.const {number}))").expect("text");
        for (index, ty) in operands.iter().enumerate() {
            let widen = if *ty == "i32" { "i64.extend_i32_u" } else { "" };
            write!(text, "(i64.store (i32.const {}) (local.get {index}) {widen})", 8 + 8 * index).expect("text");
        }
        text.push_str("(if (i32.ne (call $ask (i32.const 0) (i32.const 0)) (i32.const 8)) (then unreachable))");
        let narrow = if *result == "i32" { "i32.wrap_i64" } else { "" };
        write!(text, "(i64.load (i32.const 0)) {narrow})").expect("text");
    }
    wat::parse_str(text + ")").expect("text of a module")
}

/// Answers the library.
pub(crate) struct Floats(Vec<String>);

impl Floats {
    pub(crate) fn new() -> Self {
        Self(operators().into_iter().map(|operator| operator.name).collect())
    }
}

impl Preimages for Floats {
    fn preimage(&self, _: PreimageType, question: B256) -> Option<Bytes> {
        let word =
            |index: usize| u64::from_le_bytes(question[8 * index..8 * index + 8].try_into().expect("eight bytes"));
        let name = self.0.get(usize::try_from(word(0)).ok()?)?;
        let answer = evaluate(name, word(1), word(2));
        Some(answer.map(|bits| bits.to_le_bytes().to_vec()).unwrap_or_default().into())
    }
}

impl Inbox for Floats {
    fn sequencer_limit(&self) -> u64 {
        0
    }

    fn sequencer_message(&self, _: u64) -> Option<Bytes> {
        None
    }

    fn delayed_message(&self, _: u64) -> Option<Bytes> {
        None
    }
}

impl Programs for Floats {
    fn program(&self, _: B256) -> Option<Arc<Code>> {
        None
    }
}

/// The result of an operator; none if it traps.
fn evaluate(name: &str, a: u64, b: u64) -> Option<u64> {
    let (result, operation) = name.split_once('_')?;
    match (result, operation) {
        ("f32", "demote_f64") => Some(quiet_f32((f64::from_bits(a) as f32).to_bits())),
        ("f64", "promote_f32") => Some(quiet_f64(f64::from(f32::from_bits(a as u32)).to_bits())),
        ("f32", _) if operation.starts_with("convert") => Some(u64::from(match operation {
            "convert_i32_s" => (a as i32 as f32).to_bits(),
            "convert_i32_u" => (a as u32 as f32).to_bits(),
            "convert_i64_s" => (a.cast_signed() as f32).to_bits(),
            _ => (a as f32).to_bits(),
        })),
        ("f64", _) if operation.starts_with("convert") => Some(match operation {
            "convert_i32_s" => f64::from(a as i32).to_bits(),
            "convert_i32_u" => f64::from(a as u32).to_bits(),
            "convert_i64_s" => (a.cast_signed() as f64).to_bits(),
            _ => (a as f64).to_bits(),
        }),
        ("f32", _) => Some(f32_operation(operation, a as u32, b as u32)),
        ("f64", _) => Some(f64_operation(operation, a, b)),
        (integer, _) => truncate(integer, operation, a),
    }
}

/// Truncation to an integer: of a float that does not fit, none, or the nearest if it saturates.
fn truncate(integer: &str, operation: &str, bits: u64) -> Option<u64> {
    let float = if operation.contains("f32") { f64::from(f32::from_bits(bits as u32)) } else { f64::from_bits(bits) };
    let (signed, saturates, whole) = (operation.ends_with('s'), operation.contains("sat"), float.trunc());
    let width = if integer == "i32" { 32 } else { 64 };
    let (low, high) = if signed { (-2f64.powi(width - 1), 2f64.powi(width - 1)) } else { (0.0, 2f64.powi(width)) };
    if !saturates && !(low..high).contains(&whole) {
        return None;
    }
    Some(match (width, signed) {
        (32, true) => u64::from((float as i32).cast_unsigned()),
        (32, false) => u64::from(float as u32),
        (_, true) => (float as i64).cast_unsigned(),
        (_, false) => float as u64,
    })
}

/// A NaN that comes out of an operation is quiet.
fn quiet_f32(bits: u32) -> u64 {
    u64::from(if f32::from_bits(bits).is_nan() { bits | 0x0040_0000 } else { bits })
}

const fn quiet_f64(bits: u64) -> u64 {
    if f64::from_bits(bits).is_nan() { bits | 0x0008_0000_0000_0000 } else { bits }
}

/// Makes the operations of one width: `operations!(f32_operation, f32, u32, quiet_f32)`.
macro_rules! operations {
    ($name:ident, $float:ident, $bits:ident, $quiet:ident) => {
        fn $name(operation: &str, a: $bits, b: $bits) -> u64 {
            const SIGN: $bits = 1 << ($bits::BITS - 1);
            let (x, y) = ($float::from_bits(a), $float::from_bits(b));
            let relation = |holds: bool| u64::from(holds);
            let result = match operation {
                "eq" => return relation(x == y),
                "ne" => return relation(x != y),
                "lt" => return relation(x < y),
                "gt" => return relation(x > y),
                "le" => return relation(x <= y),
                "ge" => return relation(x >= y),
                "abs" => return u64::from(a & !SIGN),
                "neg" => return u64::from(a ^ SIGN),
                "copysign" => return u64::from(a & !SIGN | b & SIGN),
                "ceil" => x.ceil(),
                "floor" => x.floor(),
                "trunc" => x.trunc(),
                "nearest" => x.round_ties_even(),
                "sqrt" => x.sqrt(),
                "add" => x + y,
                "sub" => x - y,
                "mul" => x * y,
                "div" => x / y,
                "min" | "max" if x.is_nan() || y.is_nan() => x + y,
                "min" if x == y => $float::from_bits(a | b),
                "max" if x == y => $float::from_bits(a & b),
                "min" => x.min(y),
                "max" => x.max(y),
                other => panic!("no operation {other}"),
            };
            $quiet(result.to_bits())
        }
    };
}

operations!(f32_operation, f32, u32, quiet_f32);
operations!(f64_operation, f64, u64, quiet_f64);
