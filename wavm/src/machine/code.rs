//! A module that is ready to run: with the trees that prove its code.
//!
//! It never changes, so machines and their snapshots share one.

use crate::{
    merkle::{MerkleTree, MerkleType, root_of},
    module::{Module, StaticParts, hash},
};
use alloc::vec::Vec;
use alloy_primitives::B256;

/// A module with its hashes.
#[derive(Debug)]
pub struct Code {
    module: Module,
    parts: StaticParts,
    hash: B256,
    functions: MerkleTree,
    /// One tree a function.
    chunks: Vec<MerkleTree>,
}

impl Code {
    /// Hashes a module.
    #[must_use]
    pub fn new(module: Module) -> Self {
        let mut chunks: Vec<_> = module
            .all_chunk_hashes()
            .into_iter()
            .map(|leaves| MerkleTree::new(MerkleType::Instruction, leaves))
            .collect();
        let leaves = chunks.iter_mut().map(|tree| hash::function_hash(tree.root())).collect();
        let mut functions = MerkleTree::new(MerkleType::Function, leaves);
        let parts = StaticParts {
            tables: root_of(MerkleType::Table, module.table_hashes()),
            functions: functions.root(),
            extra: module.extra_hash,
            internals_offset: module.internals_offset,
        };
        let globals = hash::values_root(module.globals.iter().copied());
        let hash = parts.module_hash(globals, module.memory.hash());
        Self { module, parts, hash, functions, chunks }
    }

    /// The module.
    #[must_use]
    pub const fn module(&self) -> &Module {
        &self.module
    }

    /// The part of its hash that does not change.
    #[must_use]
    pub const fn parts(&self) -> &StaticParts {
        &self.parts
    }

    /// Hash of the module at the start.
    #[must_use]
    pub const fn hash(&self) -> B256 {
        self.hash
    }

    /// Tree over the functions.
    pub(crate) const fn functions(&self) -> &MerkleTree {
        &self.functions
    }

    /// Tree over the code of a function.
    pub(crate) fn chunks(&self, function: u32) -> Option<&MerkleTree> {
        self.chunks.get(function as usize)
    }
}
