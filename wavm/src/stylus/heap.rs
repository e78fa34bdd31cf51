//! Last instrumentation: growth of memory is paid for (`spec/stylus.md` 5).
//!
//! A memory that can grow needs the import that takes the price; it is called with the number of pages before each `memory.grow`.

use super::{Version, get, set};
use crate::{
    binary::WasmBinary,
    error::{Rule, WasmError},
    module::{MemorySpec, build::Feed},
    value::{FunctionType, ValueType},
};
use alloc::format;
use wasmparser::{ExternalKind, Operator};

/// The import that takes the price of pages.
const PAY: (&str, &str) = ("vm_hooks", "pay_for_memory_grow");

/// Operators before a growth.
const BEFORE_GROW: usize = 4;

/// Charges for growth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heap {
    /// Pages the memory starts with.
    pub pages: u32,
    /// Pages it may grow to.
    pub maximum: u32,
    /// Index of the import that takes the price; none if the memory cannot grow.
    pay: Option<u32>,
}

impl Heap {
    /// Checks the memory and what it needs to grow.
    ///
    /// # Errors
    /// There is no such memory, it starts too large, or the import is missing or of another type.
    pub fn install(binary: &WasmBinary<'_>, version: Version) -> Result<Self, WasmError> {
        let (pages, declared) = memory(binary)?;
        if pages > version.heap_pages {
            let text = format!("memory starts with {pages} pages and may have {}", version.heap_pages);
            return Err(WasmError::new(Rule::MemoryLimit, text));
        }
        let maximum = declared.unwrap_or(MemorySpec::MAXIMUM).min(MemorySpec::MAXIMUM);
        if maximum < pages {
            return Err(WasmError::new(
                Rule::MemoryLimit,
                format!("memory starts with {pages} pages, above its maximum"),
            ));
        }
        let pay = if declared == Some(pages) { None } else { Some(pay_import(binary)?) };
        Ok(Self { pages, maximum, pay })
    }

    /// How many operators it puts before each growth.
    #[must_use]
    pub const fn operators(&self) -> usize {
        if self.pay.is_some() { BEFORE_GROW } else { 0 }
    }

    /// Feeds one operator, and before a growth those that pay for it.
    pub(super) fn feed(&self, scratch: u32, operator: &Operator<'_>, mut sink: impl Feed) -> Result<(), WasmError> {
        if let (Operator::MemoryGrow { .. }, Some(function_index)) = (operator, self.pay) {
            let call = Operator::Call { function_index };
            let before: [_; BEFORE_GROW] = [set(scratch), get(scratch), get(scratch), call];
            before.iter().try_for_each(&mut sink)?;
        }
        sink(operator)
    }
}

/// Initial and declared maximal pages of the one exported memory.
fn memory(binary: &WasmBinary<'_>) -> Result<(u32, Option<u32>), WasmError> {
    let refused = |text| Err(WasmError::new(Rule::MemoryExport, text));
    let [memory] = binary.memories.as_slice() else {
        return refused("a program has one memory");
    };
    if binary.exports.get("memory").is_none_or(|export| (export.kind, export.index) != (ExternalKind::Memory, 0)) {
        return refused("a program exports its memory as `memory`");
    }
    let pages = |count: u64| u32::try_from(count).map_err(|_| WasmError::new(Rule::MemoryExport, "too many pages"));
    Ok((pages(memory.initial)?, memory.maximum.map(pages).transpose()?))
}

fn pay_import(binary: &WasmBinary<'_>) -> Result<u32, WasmError> {
    let refused = |text| WasmError::new(Rule::MemoryGrowImport, text);
    let found = binary.imports.iter().position(|import| (import.module, import.name) == PAY);
    let index = found.ok_or_else(|| refused("a memory that can grow needs the import pay_for_memory_grow"))?;
    let index = u32::try_from(index).map_err(|_| refused("too many imports"))?;
    if binary.function_type(index) != Some(&FunctionType::new(&[ValueType::I32], &[])) {
        return Err(refused("pay_for_memory_grow takes an i32 and gives nothing"));
    }
    Ok(index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binary::MultiValue;
    use alloc::{string::String, vec::Vec};

    fn install_text(text: &str, version: u16) -> Result<Heap, Rule> {
        let bytes = wat::parse_str(text).expect("the test's text is well formed");
        let binary = WasmBinary::parse(&bytes, "user", MultiValue::On).expect("valid");
        Heap::install(&binary, Version::new(version).expect("known")).map_err(|error| error.rule)
    }

    fn memory_text(limits: &str, import: &str) -> String {
        format!(r#"(module (import "vm_hooks" "{import}" (func (param i32))) (memory (export "memory") {limits}))"#)
    }

    #[test]
    fn a_memory_that_can_grow_needs_the_import() {
        let with = |limits| install_text(&memory_text(limits, "pay_for_memory_grow"), 2);
        let without = |limits| install_text(&memory_text(limits, "exit_early"), 2);
        assert_eq!(with("1").map(|heap| (heap.maximum, heap.operators())), Ok((65_534, 4)));
        assert_eq!(with("1 70").map(|heap| heap.maximum), Ok(70));
        assert_eq!(without("1"), Err(Rule::MemoryGrowImport));
        assert_eq!(without("1 2"), Err(Rule::MemoryGrowImport));
        assert_eq!(without("3 3").map(|heap| heap.operators()), Ok(0));
        let typed =
            r#"(module (import "vm_hooks" "pay_for_memory_grow" (func (param i64))) (memory (export "memory") 1))"#;
        assert_eq!(install_text(typed, 2), Err(Rule::MemoryGrowImport));
    }

    #[test]
    fn memory_starts_within_the_bound_of_the_version() {
        assert!(install_text(&memory_text("128 128", "x"), 2).is_ok());
        assert_eq!(install_text(&memory_text("129 129", "x"), 2), Err(Rule::MemoryLimit));
        assert!(install_text(&memory_text("129 129", "x"), 0).is_ok());
    }

    #[test]
    fn the_memory_is_exported_under_its_name() {
        assert_eq!(install_text("(module)", 2), Err(Rule::MemoryExport));
        assert_eq!(install_text("(module (memory 1 1))", 2), Err(Rule::MemoryExport));
        assert_eq!(install_text(r#"(module (memory 1 1) (func (export "memory")))"#, 2), Err(Rule::MemoryExport));
    }

    #[test]
    fn pages_are_paid_before_they_are_asked_for() {
        let heap = install_text(&memory_text("1", "pay_for_memory_grow"), 2).expect("accepted");
        let mut fed = Vec::new();
        let grow = Operator::MemoryGrow { mem: 0 };
        let sink = |operator: &Operator<'_>| {
            fed.push(format!("{operator:?}"));
            Ok(())
        };
        heap.feed(7, &grow, sink).expect("fed");
        let call = Operator::Call { function_index: 0 };
        assert_eq!(fed, [set(7), get(7), get(7), call, grow].map(|operator| format!("{operator:?}")));
    }
}
