//! What a program may contain (`spec/stylus.md` 4.1, steps 5 and 7).
//!
//! Limits are checked after the instrumentations, in the reference's order.

use super::{ENTRY_POINT, Program};
use crate::{
    binary::WasmBinary,
    error::{Rule, WasmError},
    value::{FunctionType, ValueType},
};
use alloc::format;
use core::fmt::Display;
use wasmparser::ExternalKind;

/// The ArbOS version from which imports are limited and the length of a binary is paid for.
pub(super) const CHARGING_FIXES: u64 = 32;

/// Data segments.
const DATA: usize = 128;
/// Element segments.
const ELEMENTS: usize = 128;
/// Exports, those of the instrumentations included.
const EXPORTS: usize = 1024;
/// Functions with code.
const FUNCTIONS: usize = 4096;
/// Globals, those of the instrumentations included.
const GLOBALS: usize = 32_768;
/// Declared locals of a function.
const LOCALS: u64 = 348;
/// Operators of a function after the instrumentations.
const OPERATORS: usize = 65_536;
/// Imports.
const IMPORTS: usize = 513;
/// Elements of all tables.
const TABLE_ENTRIES: u64 = 4096;
/// Bytes of all element segments.
const ELEMENT_BYTES: usize = 4096;
/// Bytes of a name.
const NAME: usize = 512;

/// Index of the entry point.
///
/// # Errors
/// It is not there, or of another type.
pub fn entry_point(binary: &WasmBinary<'_>) -> Result<u32, WasmError> {
    let refused = |text| Err(WasmError::new(Rule::Entrypoint, text));
    let Some(export) = binary.exports.get(ENTRY_POINT) else {
        return refused(format!("{ENTRY_POINT} is not exported"));
    };
    if export.kind != ExternalKind::Func {
        return refused(format!("{ENTRY_POINT} is not a function"));
    }
    if binary.function_type(export.index) != Some(&FunctionType::new(&[ValueType::I32], &[ValueType::I32])) {
        return refused(format!("{ENTRY_POINT} does not take an i32 and give an i32"));
    }
    Ok(export.index)
}

impl Program<'_> {
    /// Checks the limits of an activation at this ArbOS version; 0 stands for an activation that is repeated.
    ///
    /// # Errors
    /// The first limit that is exceeded.
    pub fn check_limits(&self, page_limit: u16, arbos_version: u64) -> Result<(), WasmError> {
        let binary = self.binary();
        if self.heap.pages > u32::from(page_limit) {
            let text = format!("memory exceeds limit: {} > {page_limit}", self.heap.pages);
            return Err(WasmError::new(Rule::MemoryLimit, text));
        }
        limit("data segments", binary.data.len(), DATA)?;
        limit("element segments", binary.elements.len(), ELEMENTS)?;
        limit("exports", binary.exports.len(), EXPORTS)?;
        limit("functions", binary.codes.len(), FUNCTIONS)?;
        limit("globals", binary.globals.len(), GLOBALS)?;
        self.check_functions()?;
        if arbos_version >= CHARGING_FIXES {
            limit("imports", binary.imports.len(), IMPORTS)?;
        }
        let entries = binary.tables.iter().fold(0, |sum: u64, table| sum.saturating_add(table.initial));
        limit("table entries", entries, TABLE_ENTRIES)?;
        limit("bytes of elements", self.element_bytes(), ELEMENT_BYTES)?;
        let longest = binary.exports.keys().map(|name| name.len()).max().unwrap_or(0);
        for (what, length) in [("exported name", longest), ("module name", binary.name.len())] {
            if length > NAME {
                return Err(WasmError::new(Rule::TooLong, format!("{what} too long: {length} > {NAME}")));
            }
        }
        Ok(())
    }

    fn check_functions(&self) -> Result<(), WasmError> {
        for ((code, function), operators) in self.binary().codes.iter().zip(self.code_indexes()).zip(self.operators()) {
            let place = |error: WasmError| error.in_function(function).at(code.range().start);
            limit("locals", code.locals.len(), LOCALS).map_err(place)?;
            limit("operators", operators, OPERATORS).map_err(place)?;
        }
        Ok(())
    }

    /// Bytes of all element segments, as they stand in the binary.
    pub(super) fn element_bytes(&self) -> usize {
        self.binary().elements.iter().map(|segment| segment.range.len()).sum()
    }
}

fn limit<N: PartialOrd + Display>(what: &str, count: N, limit: N) -> Result<(), WasmError> {
    if count > limit {
        return Err(WasmError::new(Rule::TooMany, format!("too many {what}: {count} > {limit}")));
    }
    Ok(())
}
