//! A module of the machine: what is fixed when it is built (`spec/wavm.md` 5).
//!
//! Functions stand in the order imports, code of the binary, internals. What changes while a machine runs (globals, memory) is here
//! as it is at the start. A module comes from a binary ([`link()`]), or, for a program, from `stylus`.

pub(crate) mod build;
mod builtin;
pub mod float;
pub mod hash;
pub mod internal;
pub mod link;
mod lower;

use crate::{
    op::Instruction,
    value::{FunctionType, Value, ValueType},
};
use alloc::{collections::BTreeMap, string::String, vec::Vec};
use alloy_primitives::B256;

pub use hash::StaticParts;
pub use internal::{FillForm, ProgramGlobals};
pub use link::{LinkOptions, link};
pub(crate) use lower::height_change;

/// What a module is to its machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModuleKind {
    /// Module 0, which calls the others.
    Entrypoint,
    /// Linked before the main module.
    Library,
    /// The last one that is linked.
    Main,
    /// A Stylus program, linked while the machine runs.
    ///
    /// Kept: its table hashes leave out the elements, because the reference never builds those trees for programs.
    Program,
}

/// A module as it is when its machine starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// Its name, for people.
    pub name: String,
    /// What it is to its machine.
    pub kind: ModuleKind,
    /// Types of the binary; a `CallIndirect` names one by its index.
    pub types: Vec<FunctionType>,
    /// Imports, then code, then internals.
    pub functions: Vec<Function>,
    /// Values that the globals start with.
    pub globals: Vec<Value>,
    /// Linear memory at the start.
    pub memory: MemorySpec,
    /// Tables, which never change.
    pub tables: Vec<Table>,
    /// Exported functions by name.
    pub exports: BTreeMap<String, u32>,
    /// Function to call before any other.
    pub start: Option<u32>,
    /// Index of the first internal function; 0 if there are none.
    pub internals_offset: u32,
    /// Hash of what else identifies the module.
    pub extra_hash: B256,
    /// Names of functions that have one, for people.
    pub function_names: BTreeMap<u32, String>,
}

/// A function: where its code is, what it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Parameters and results.
    pub ty: FunctionType,
    /// Locals of its frame: parameters, then the declared ones. Empty for functions that leave their arguments on the stack.
    pub locals: LocalTypes,
    /// Its code, an `InitFrame` first.
    pub code: Vec<Instruction>,
}

/// Types of locals, as runs of equal types, since a few bytes can declare thousands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct LocalTypes {
    runs: Vec<(u32, ValueType)>,
}

impl LocalTypes {
    /// No locals.
    #[must_use]
    pub const fn none() -> Self {
        Self { runs: Vec::new() }
    }

    /// Adds locals of one type.
    pub fn push(&mut self, count: u32, ty: ValueType) {
        match self.runs.last_mut() {
            _ if count == 0 => {}
            Some((last, same)) if *same == ty => *last = last.saturating_add(count),
            _ => self.runs.push((count, ty)),
        }
    }

    /// Runs of equal types: how many, of which.
    #[must_use]
    pub fn runs(&self) -> &[(u32, ValueType)] {
        &self.runs
    }

    /// How many locals there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.runs.iter().map(|(count, _)| u64::from(*count)).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// The type of each local.
    pub fn iter(&self) -> impl Iterator<Item = ValueType> {
        self.runs.iter().flat_map(|(count, ty)| core::iter::repeat_n(*ty, *count as usize))
    }
}

impl FromIterator<ValueType> for LocalTypes {
    fn from_iter<I: IntoIterator<Item = ValueType>>(types: I) -> Self {
        let mut locals = Self::none();
        types.into_iter().for_each(|ty| locals.push(1, ty));
        locals
    }
}

/// Linear memory as it is at the start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemorySpec {
    /// Pages at the start.
    pub pages: u32,
    /// Pages it may grow to.
    pub maximum: u32,
    /// What is not zero, in order: later data overwrite earlier ones. All lie inside of the first pages.
    pub data: Vec<Data>,
}

impl MemorySpec {
    /// Bytes of a page.
    pub const PAGE: u64 = 65_536;

    /// The most pages a memory may grow to.
    pub const MAXIMUM: u32 = 65_534;

    /// Bytes at the start.
    #[must_use]
    pub fn size(&self) -> u64 {
        u64::from(self.pages) * Self::PAGE
    }
}

/// Bytes that a memory starts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data {
    /// Address of the first byte.
    pub offset: u32,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A table of functions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// How many elements it has.
    pub length: u32,
    /// Function index of each element; those after the end of the list are empty too.
    pub elements: Vec<Option<u32>>,
}

impl Table {
    /// The function at an index: none if out of range, `Some(None)` if empty.
    #[must_use]
    pub fn get(&self, index: u32) -> Option<Option<u32>> {
        (index < self.length).then(|| self.elements.get(index as usize).copied().flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locals_are_kept_as_runs() {
        let locals: LocalTypes = [ValueType::I32, ValueType::I32, ValueType::F64].into_iter().collect();
        assert_eq!(locals.runs(), [(2, ValueType::I32), (1, ValueType::F64)]);
        assert_eq!(locals.len(), 3);
        assert_eq!(locals.iter().last(), Some(ValueType::F64));
    }

    #[test]
    fn a_table_knows_empty_from_absent() {
        let table = Table { length: 3, elements: alloc::vec![None, Some(7)] };
        assert_eq!(
            [table.get(0), table.get(1), table.get(2), table.get(3)],
            [Some(None), Some(Some(7)), Some(None), None]
        );
    }
}
