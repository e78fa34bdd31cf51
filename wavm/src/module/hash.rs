//! The hash of a module and its parts (`spec/wavm.md` 2).
//!
//! [`Module::hash`] is a module's identity. A machine keeps the [`StaticParts`] and hashes again only what changes: globals and memory.

mod code;
mod runs;

pub use code::CHUNK;

use super::{Function, LocalTypes, MemorySpec, Module, ModuleKind, Table};
use crate::{
    merkle::{MerkleType, root_of},
    op::{Instruction, Op},
    value::{FunctionType, Value, word},
};
use alloc::{collections::BTreeMap, vec::Vec};
use alloy_primitives::{B256, Keccak256, keccak256};
use runs::root_of_runs;

/// Bytes that are hashed together as one leaf of memory.
const LEAF: u32 = 32;

/// Type number of tables, the only one there is.
const FUNCTION_TABLE: u8 = 5;

/// What of a module's hash does not change while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaticParts {
    /// Root over the tables.
    pub tables: B256,
    /// Root over the functions.
    pub functions: B256,
    /// Hash of what else identifies the module.
    pub extra: B256,
    /// Index of the first internal function.
    pub internals_offset: u32,
}

impl StaticParts {
    /// The module's hash with these globals and this memory.
    #[must_use]
    pub fn module_hash(&self, globals_root: B256, memory_hash: B256) -> B256 {
        let mut hasher = Keccak256::new();
        hasher.update(b"Module:");
        for part in [globals_root, memory_hash, self.tables, self.functions, self.extra] {
            hasher.update(part);
        }
        hasher.update(self.internals_offset.to_be_bytes());
        hasher.finalize()
    }
}

/// Hash of a memory.
#[must_use]
pub fn memory_hash(bytes: u64, maximum_pages: u64, root: B256) -> B256 {
    let mut hasher = Keccak256::new();
    hasher.update(b"Memory:");
    hasher.update(bytes.to_be_bytes());
    hasher.update(maximum_pages.to_be_bytes());
    hasher.update(root);
    hasher.finalize()
}

/// Root over values: globals, locals.
#[must_use]
pub fn values_root(values: impl IntoIterator<Item = Value>) -> B256 {
    root_of(MerkleType::Value, values.into_iter().map(Value::hash).collect())
}

/// What is hashed in place of a `CallIndirect`'s argument.
#[must_use]
pub fn call_indirect_argument(table: u32, ty: &FunctionType) -> B256 {
    let mut hasher = Keccak256::new();
    hasher.update(b"Call indirect:");
    hasher.update(u64::from(table).to_be_bytes());
    hasher.update(ty.hash());
    hasher.finalize()
}

impl Module {
    /// The module's hash as it is at the start.
    #[must_use]
    pub fn hash(&self) -> B256 {
        self.static_parts().module_hash(values_root(self.globals.iter().copied()), self.memory.hash())
    }

    /// What of the hash does not change.
    #[must_use]
    pub fn static_parts(&self) -> StaticParts {
        StaticParts {
            tables: root_of(MerkleType::Table, self.table_hashes()),
            functions: root_of(MerkleType::Function, self.function_hashes()),
            extra: self.extra_hash,
            internals_offset: self.internals_offset,
        }
    }

    /// Leaves of the functions.
    #[must_use]
    pub fn function_hashes(&self) -> Vec<B256> {
        let code_root = |chunks| root_of(MerkleType::Instruction, chunks);
        self.all_chunk_hashes().into_iter().map(|chunks| function_hash(code_root(chunks))).collect()
    }

    /// The argument of an instruction of `function` as it is hashed and proved.
    ///
    /// It is the argument as a number, but the root of the locals for `InitFrame` and table and type for `CallIndirect`.
    #[must_use]
    pub fn proving_argument(&self, function: &Function, instruction: Instruction) -> B256 {
        match instruction.op {
            Op::InitFrame => function.locals.root(),
            Op::CallIndirect => match self.types.get(instruction.high() as usize) {
                Some(ty) => call_indirect_argument(instruction.low(), ty),
                None => B256::ZERO,
            },
            _ => word(instruction.argument),
        }
    }

    /// Leaves of the tables.
    #[must_use]
    pub fn table_hashes(&self) -> Vec<B256> {
        self.tables.iter().map(|table| table.hash(self.elements_root(table))).collect()
    }

    /// Root over a table's elements as it is in the table's hash: zero for a program.
    #[must_use]
    pub fn elements_root(&self, table: &Table) -> B256 {
        if self.kind == ModuleKind::Program {
            return B256::ZERO;
        }
        let empty = u64::from(table.length).saturating_sub(table.elements.len() as u64);
        let equal = table.elements.chunk_by(|one, other| one == other);
        let mut runs: Vec<_> = equal.map(|run| (run.len() as u64, self.element_hash(run[0]))).collect();
        runs.push((empty, self.element_hash(None)));
        root_of_runs(MerkleType::TableElement, runs)
    }

    /// Leaf of a table's element: its function's type, the function.
    #[must_use]
    pub fn element_hash(&self, element: Option<u32>) -> B256 {
        let mut hasher = Keccak256::new();
        hasher.update(b"Table element:");
        match element.and_then(|index| Some((index, self.functions.get(index as usize)?))) {
            Some((index, function)) => {
                hasher.update(function.ty.hash());
                hasher.update(Value::FuncRef(index).hash());
            }
            None => {
                hasher.update(FunctionType::default().hash());
                hasher.update(Value::RefNull.hash());
            }
        }
        hasher.finalize()
    }
}

/// Leaf of a function.
#[must_use]
pub fn function_hash(code_root: B256) -> B256 {
    let mut hasher = Keccak256::new();
    hasher.update(b"Function:");
    hasher.update(code_root);
    hasher.finalize()
}

impl LocalTypes {
    /// Root over their default values.
    #[must_use]
    pub fn root(&self) -> B256 {
        let leaf = |&(count, ty): &(u32, crate::ValueType)| (u64::from(count), ty.default_value().hash());
        root_of_runs(MerkleType::Value, self.runs().iter().map(leaf).collect())
    }
}

impl Table {
    /// Its hash, given the root over its elements.
    #[must_use]
    pub fn hash(&self, elements_root: B256) -> B256 {
        let mut hasher = Keccak256::new();
        hasher.update(b"Table:");
        hasher.update([FUNCTION_TABLE]);
        hasher.update(u64::from(self.length).to_be_bytes());
        hasher.update(elements_root);
        hasher.finalize()
    }
}

impl MemorySpec {
    /// Its hash at the start.
    #[must_use]
    pub fn hash(&self) -> B256 {
        memory_hash(self.size(), u64::from(self.maximum), self.root())
    }

    /// Root over its leaves at the start. Only leaves with data are hashed.
    #[must_use]
    pub fn root(&self) -> B256 {
        let zero = MerkleType::Memory.empty(0);
        let (mut runs, mut next) = (Vec::new(), 0);
        let mut preimage = *b"Memory leaf:\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        for (index, leaf) in self.leaves() {
            preimage[12..].copy_from_slice(&leaf);
            runs.push((u64::from(index - next), zero));
            runs.push((1, keccak256(preimage)));
            next = index + 1;
        }
        root_of_runs(MerkleType::Memory, runs)
    }

    /// Leaves that have data, by index.
    fn leaves(&self) -> BTreeMap<u32, [u8; LEAF as usize]> {
        let mut leaves = BTreeMap::new();
        for data in &self.data {
            let mut bytes = data.bytes.as_slice();
            let mut address = data.offset;
            while !bytes.is_empty() {
                let start = (address % LEAF) as usize;
                let (now, later) = bytes.split_at(bytes.len().min(LEAF as usize - start));
                let leaf: &mut [u8; LEAF as usize] = leaves.entry(address / LEAF).or_default();
                leaf[start..start + now.len()].copy_from_slice(now);
                address = (address / LEAF + 1).wrapping_mul(LEAF);
                bytes = later;
            }
        }
        leaves
    }
}

#[cfg(test)]
mod tests;
