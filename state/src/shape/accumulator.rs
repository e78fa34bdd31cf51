//! The Merkle accumulator of sends to L1.
//!
//! Slot 0 holds the size, slot `2 + level` the root of a full subtree of that level or zero.

use super::shape;
use crate::{
    error::Result,
    space::{Access, Write},
    view::{Field, Place},
};
use alloc::vec::Vec;
use alloy_primitives::{B256, keccak256};

shape!(
    /// Partial roots of an append-only Merkle tree.
    Accumulator,
    &[Field { name: "size", place: Place::Slot(0) }, Field { name: "partials", place: Place::Slots(2) }]
);

/// A node that an append completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergeEvent {
    /// Level of the node; leaves are level 0.
    pub level: u64,
    /// Index of the leaf that completed it.
    pub leaf: u64,
    /// The node's hash.
    pub hash: B256,
}

/// How many partial roots a tree of this size has.
const fn partial_count(size: u64) -> u64 {
    (u64::BITS - size.leading_zeros()) as u64
}

impl<A: Access> Accumulator<'_, A> {
    /// Number of leaves: one read.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn size(&mut self) -> Result<u64> {
        self.space.slot(0).get()
    }

    /// The partial root of a level: one read.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn partial(&mut self, level: u64) -> Result<B256> {
        self.space.slot(2 + level).get()
    }

    /// Size and all partial roots.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn partials(&mut self) -> Result<Vec<B256>> {
        let count = partial_count(self.size()?);
        (0..count).map(|level| self.partial(level)).collect()
    }

    /// The root: reads the size and all partials, and pays 42 gas a hash.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn root(&mut self) -> Result<B256> {
        self.size_and_root().map(|(_, root)| root)
    }

    /// Size and root at the cost of the root.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn size_and_root(&mut self) -> Result<(u64, B256)> {
        let size = self.size()?;
        let count = partial_count(size);
        let mut root: Option<(B256, u64)> = None;
        for level in 0..count {
            let partial = self.partial(level)?;
            if partial.is_zero() {
                continue;
            }
            let mut below = match root {
                None => {
                    root = Some((partial, level));
                    continue;
                }
                Some(below) => below,
            };
            while below.1 < level {
                below = (self.space.keccak(&[below.0.0, [0; 32]].concat())?, below.1 + 1);
            }
            root = Some((self.space.keccak(&[partial.0, below.0.0].concat())?, level + 1));
        }
        Ok((size, root.map_or(B256::ZERO, |(hash, _)| hash)))
    }
}

impl Accumulator<'_, Write> {
    /// Appends an item and reports the nodes it completed. Hashing the item itself is free.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn append(&mut self, item: B256) -> Result<Vec<MergeEvent>> {
        let old: u64 = self.size()?;
        self.space.slot::<u64>(0).set(old + 1)?;
        let mut hash = keccak256(item);
        let mut events = Vec::new();
        let mut level = 0;
        loop {
            if level == partial_count(old) {
                self.space.slot(2 + level).set(hash)?;
                return Ok(events);
            }
            let partial = self.partial(level)?;
            if partial.is_zero() {
                self.space.slot(2 + level).set(hash)?;
                return Ok(events);
            }
            hash = self.space.keccak(&[partial.0, hash.0].concat())?;
            self.space.slot::<B256>(2 + level).clear()?;
            level += 1;
            events.push(MergeEvent { level, leaf: old, hash });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Io, Space, View, address, backend::memory::MemoryBackend, burn::SystemBurner};

    #[test]
    fn four_leaves_make_a_full_tree() {
        let (mut backend, mut burner) = (MemoryBackend::new(), SystemBurner::default());
        let space = Space::<Write>::root(Io::new(&mut backend, &mut burner), address::ARBOS_STATE);
        let mut tree = Accumulator::open(space);
        assert_eq!(tree.root(), Ok(B256::ZERO));
        let items: Vec<B256> = (1..=4).map(B256::with_last_byte).collect();
        let merges: Vec<usize> = items.iter().map(|item| tree.append(*item).unwrap().len()).collect();
        assert_eq!(merges, [0, 1, 0, 2]);
        let leaf = |n: usize| keccak256(items[n]);
        let pair = |a: B256, b: B256| keccak256([a.0, b.0].concat());
        assert_eq!(tree.root(), Ok(pair(pair(leaf(0), leaf(1)), pair(leaf(2), leaf(3)))));
        assert_eq!(tree.size(), Ok(4));
    }
}
