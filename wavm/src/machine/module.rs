//! A module while its machine runs: its code, and what changes.

use super::{ahead::Ahead, code::Code, slots::Slots};
use crate::{
    memory::Memory,
    merkle::{MerkleTree, MerkleType},
    module::MemorySpec,
    value::Value,
};
use alloc::{sync::Arc, vec::Vec};
use alloy_primitives::B256;

/// Code, globals and memory.
#[derive(Debug, Clone)]
pub(crate) struct Running {
    code: Arc<Code>,
    pub(super) globals: Slots,
    pub(super) memory: Memory,
    /// The globals that the tree was made from.
    hashed_globals: Vec<Value>,
    globals_tree: MerkleTree,
    hash: B256,
    ahead: Ahead,
}

impl Running {
    /// The module as it is at the start.
    pub(super) fn new(code: Arc<Code>) -> Self {
        let globals = code.module().globals.iter().copied().collect();
        let memory = memory_at_start(&code.module().memory);
        let hash = code.hash();
        let mut running = Self::with(code, globals, memory);
        running.hash = hash;
        running
    }

    /// The module with other globals and memory.
    pub(super) fn with(code: Arc<Code>, globals: Slots, memory: Memory) -> Self {
        let hashed_globals: Vec<_> = globals.iter().collect();
        let leaves = hashed_globals.iter().map(|value| value.hash()).collect();
        let globals_tree = MerkleTree::new(MerkleType::Value, leaves);
        Self { code, hashed_globals, globals, memory, globals_tree, hash: B256::ZERO, ahead: Ahead::default() }
    }

    pub(crate) const fn code(&self) -> &Arc<Code> {
        &self.code
    }

    pub(crate) const fn globals(&self) -> &Slots {
        &self.globals
    }

    pub(crate) const fn memory(&self) -> &Memory {
        &self.memory
    }

    pub(crate) const fn memory_mut(&mut self) -> &mut Memory {
        &mut self.memory
    }

    pub(crate) fn internals_offset(&self) -> u32 {
        self.code.parts().internals_offset
    }

    /// What the inner loop needs of it.
    pub(super) fn split(&mut self) -> (&Code, (&mut Slots, &mut Memory), &mut Ahead) {
        (&self.code, (&mut self.globals, &mut self.memory), &mut self.ahead)
    }

    /// Tree over the globals as they are now.
    pub(crate) fn globals_tree(&mut self) -> &mut MerkleTree {
        for (index, (old, new)) in self.hashed_globals.iter_mut().zip(self.globals.iter()).enumerate() {
            if *old != new {
                *old = new;
                self.globals_tree.set(index, new.hash());
            }
        }
        &mut self.globals_tree
    }

    /// Hash of the module as it is now.
    pub(crate) fn hash(&mut self) -> B256 {
        if self.memory.is_touched()
            || !self.globals.iter().eq(self.hashed_globals.iter().copied())
            || self.hash.is_zero()
        {
            let globals = self.globals_tree().root();
            self.hash = self.code.parts().module_hash(globals, self.memory.hash());
        }
        self.hash
    }
}

fn memory_at_start(spec: &MemorySpec) -> Memory {
    let mut memory = Memory::new(u64::from(spec.pages), u64::from(spec.maximum));
    for data in &spec.data {
        // Data outside of the memory are refused when a module is built.
        let _ = memory.write(u64::from(data.offset), &data.bytes);
    }
    memory
}
