//! Values of the machine, their types and their hashes (`spec/wavm.md` 1).
//!
//! Floats are bit patterns: the machine never computes with them.

use alloc::vec::Vec;
use alloy_primitives::{B256, Keccak256};

/// Type of a value. The numbers are the protocol's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ValueType {
    /// 32-bit integer.
    I32 = 0,
    /// 64-bit integer.
    I64 = 1,
    /// Bits of a 32-bit float.
    F32 = 2,
    /// Bits of a 64-bit float.
    F64 = 3,
    /// No reference.
    RefNull = 4,
    /// Index of a function.
    FuncRef = 5,
    /// A place in the code.
    InternalRef = 6,
}

impl ValueType {
    /// The type with this number.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::I32,
            1 => Self::I64,
            2 => Self::F32,
            3 => Self::F64,
            4 => Self::RefNull,
            5 => Self::FuncRef,
            6 => Self::InternalRef,
            _ => return None,
        })
    }

    /// The value a local of this type starts with: zero, or no reference.
    #[must_use]
    pub const fn default_value(self) -> Value {
        match self {
            Self::I32 => Value::I32(0),
            Self::I64 => Value::I64(0),
            Self::F32 => Value::F32(0),
            Self::F64 => Value::F64(0),
            Self::RefNull | Self::FuncRef | Self::InternalRef => Value::RefNull,
        }
    }
}

/// A place in the code of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ProgramCounter {
    /// Index of the module.
    pub module: u32,
    /// Index of the function in its module.
    pub func: u32,
    /// Index of the instruction in its function.
    pub inst: u32,
}

impl ProgramCounter {
    /// A place.
    #[must_use]
    pub const fn new(module: u32, func: u32, inst: u32) -> Self {
        Self { module, func, inst }
    }

    /// Its 32 bytes: the three indexes, instruction last.
    #[must_use]
    pub fn word(self) -> B256 {
        let mut word = B256::ZERO;
        word[20..24].copy_from_slice(&self.module.to_be_bytes());
        word[24..28].copy_from_slice(&self.func.to_be_bytes());
        word[28..].copy_from_slice(&self.inst.to_be_bytes());
        word
    }
}

/// A value on a stack, in a local, a global or a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Value {
    /// 32-bit integer.
    I32(u32),
    /// 64-bit integer.
    I64(u64),
    /// Bits of a 32-bit float.
    F32(u32),
    /// Bits of a 64-bit float.
    F64(u64),
    /// No reference.
    RefNull,
    /// Index of a function in its module.
    FuncRef(u32),
    /// A place to return to.
    InternalRef(ProgramCounter),
}

impl Value {
    /// Its type.
    #[must_use]
    pub const fn ty(self) -> ValueType {
        match self {
            Self::I32(_) => ValueType::I32,
            Self::I64(_) => ValueType::I64,
            Self::F32(_) => ValueType::F32,
            Self::F64(_) => ValueType::F64,
            Self::RefNull => ValueType::RefNull,
            Self::FuncRef(_) => ValueType::FuncRef,
            Self::InternalRef(_) => ValueType::InternalRef,
        }
    }

    /// Its contents as a 32-byte big-endian number.
    #[must_use]
    pub fn contents(self) -> B256 {
        match self {
            Self::I32(bits) | Self::F32(bits) | Self::FuncRef(bits) => word(u64::from(bits)),
            Self::I64(bits) | Self::F64(bits) => word(bits),
            Self::RefNull => B256::ZERO,
            Self::InternalRef(pc) => pc.word(),
        }
    }

    /// Its form in a proof: type, contents.
    #[must_use]
    pub fn proof_bytes(self) -> [u8; 33] {
        let mut bytes = [0; 33];
        bytes[0] = self.ty() as u8;
        bytes[1..].copy_from_slice(self.contents().as_slice());
        bytes
    }

    /// Its hash.
    #[must_use]
    pub fn hash(self) -> B256 {
        let mut hasher = Keccak256::new();
        hasher.update(b"Value:");
        hasher.update(self.proof_bytes());
        hasher.finalize()
    }
}

/// Types of a function's parameters and results.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FunctionType {
    /// Parameters.
    pub inputs: Vec<ValueType>,
    /// Results.
    pub outputs: Vec<ValueType>,
}

impl FunctionType {
    /// A type from its parts.
    #[must_use]
    pub fn new(inputs: &[ValueType], outputs: &[ValueType]) -> Self {
        Self { inputs: inputs.to_vec(), outputs: outputs.to_vec() }
    }

    /// Its hash.
    #[must_use]
    pub fn hash(&self) -> B256 {
        let mut hasher = Keccak256::new();
        hasher.update(b"Function type:");
        for list in [&self.inputs, &self.outputs] {
            hasher.update(word(list.len() as u64));
            list.iter().for_each(|ty| hasher.update([*ty as u8]));
        }
        hasher.finalize()
    }
}

/// A number as 32 bytes, big-endian.
#[must_use]
pub fn word(number: u64) -> B256 {
    let mut word = B256::ZERO;
    word[24..].copy_from_slice(&number.to_be_bytes());
    word
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::keccak256;

    #[test]
    fn a_value_is_hashed_with_its_type() {
        let mut preimage = b"Value:\x01".to_vec();
        preimage.extend_from_slice(&[0; 30]);
        preimage.extend_from_slice(&[1, 2]);
        assert_eq!(Value::I64(0x0102).hash(), keccak256(preimage));
        assert_ne!(Value::F64(0x0102).hash(), Value::I64(0x0102).hash());
    }

    #[test]
    fn a_reference_packs_its_place() {
        let value = Value::InternalRef(ProgramCounter::new(1, 2, 3));
        assert_eq!(value.contents()[20..], [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]);
        assert_eq!(value.proof_bytes()[0], 6);
    }

    #[test]
    fn type_numbers_round_trip() {
        for code in 0..7 {
            assert_eq!(ValueType::from_code(code).map(|ty| ty as u8), Some(code));
        }
        assert_eq!(ValueType::from_code(7), None);
    }

    #[test]
    fn locals_start_at_zero_or_without_reference() {
        assert_eq!(ValueType::F32.default_value(), Value::F32(0));
        assert_eq!(ValueType::FuncRef.default_value(), Value::RefNull);
    }
}
