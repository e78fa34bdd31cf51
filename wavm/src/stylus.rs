//! Stylus programs: from deployed bytes to an instrumented module (`spec/stylus.md` 1 to 5, 7, 9).
//!
//! [`wire`] turns what lies at an address into a wasm binary. [`Program`] checks the binary and weaves the instrumentations into it,
//! one file each: [`start`], [`meter`], [`depth`], [`heap`]. [`activate`](activate()) makes a module of it, with its costs.

pub mod activate;
pub mod check;
pub mod depth;
mod encode;
pub mod heap;
pub mod hostio;
pub mod meter;
pub mod program;
pub mod start;
pub mod wire;

pub use activate::{Activation, ActivationParams, activate};
pub use program::{Program, program_wasm};

use crate::{
    binary::{Export, Global, MultiValue, WasmBinary},
    error::{Rule, WasmError},
    module::FillForm,
    value::Value,
};
use alloc::{borrow::ToOwned, format};
use wasmparser::{ExternalKind, GlobalType, Operator, ValType};

/// The function that a call of a program calls.
pub const ENTRY_POINT: &str = "user_entrypoint";

/// What the rules of a Stylus version say about instrumentations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Its number.
    pub number: u16,
    /// Pages a memory may start with.
    pub heap_pages: u32,
    /// Words a frame may take.
    pub frame_words: u32,
    /// Values that may be on the stack of a function at once.
    pub frame_values: u32,
    /// Whether operators cost ink.
    pub priced: bool,
}

impl Version {
    /// The version in which the cost of a first call contains that of a cached one.
    pub const CACHED_IN_INIT: u16 = 1;

    /// The first version in which `memory.fill` takes only the low byte, and results are single.
    pub const SINGLE_VALUE: u16 = 3;

    /// The rules of a version. Version 0 has no limits and no prices.
    ///
    /// # Errors
    /// There is no such version.
    pub fn new(number: u16) -> Result<Self, WasmError> {
        match number {
            0 => Ok(Self { number, heap_pages: 65_535, frame_words: u32::MAX, frame_values: 65_535, priced: false }),
            1..=3 => Ok(Self { number, heap_pages: 128, frame_words: 10_240, frame_values: 4096, priced: true }),
            _ => Err(WasmError::new(Rule::Other, format!("there is no version {number} of Stylus"))),
        }
    }

    const fn multi_value(self) -> MultiValue {
        if self.number < Self::SINGLE_VALUE { MultiValue::On } else { MultiValue::Off }
    }

    const fn fill(self) -> FillForm {
        if self.number < Self::SINGLE_VALUE { FillForm::Unmasked } else { FillForm::Masked }
    }
}

/// Adds an exported global that can be set, and gives its index.
fn add_global(binary: &mut WasmBinary<'_>, name: &str, initial: Value) -> Result<u32, WasmError> {
    let content_type = match initial {
        Value::I64(_) => ValType::I64,
        _ => ValType::I32,
    };
    if binary.exports.contains_key(name) {
        return Err(WasmError::new(Rule::ReservedExport, format!("{name} is exported already")));
    }
    let index = u32::try_from(binary.globals.len()).unwrap_or(u32::MAX);
    binary.globals.push(Global { ty: GlobalType { content_type, mutable: true, shared: false }, initial });
    binary.exports.insert(name.to_owned(), Export { kind: ExternalKind::Global, index });
    Ok(index)
}

const fn get(global_index: u32) -> Operator<'static> {
    Operator::GlobalGet { global_index }
}

const fn set(global_index: u32) -> Operator<'static> {
    Operator::GlobalSet { global_index }
}

const fn number(value: u32) -> Operator<'static> {
    Operator::I32Const { value: value.cast_signed() }
}
