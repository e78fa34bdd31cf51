//! Merkle trees of the machine (`spec/wavm.md` 2).
//!
//! All trees are alike: a node is the hash of a prefix and its two children, and every layer is padded on the right with the root of
//! an empty subtree, which comes from a table ([`zero`]). Only nodes above real leaves are kept. [`root_of`] folds leaves without
//! keeping anything; a [`MerkleTree`] keeps its layers, builds them when they are first asked for, and afterwards hashes only the
//! paths of leaves that were set.

pub mod zero;

use alloc::vec::Vec;
use alloy_primitives::{B256, keccak256};

/// What a tree is made of. It fixes the prefix of its nodes, its padding and its least depth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum MerkleType {
    /// Globals and locals.
    Value,
    /// Functions of a module.
    Function,
    /// Chunks of a function's code.
    Instruction,
    /// Leaves of linear memory.
    Memory,
    /// Tables of a module.
    Table,
    /// Elements of a table.
    TableElement,
    /// Modules of a machine.
    Module,
}

impl MerkleType {
    /// Every type, in the order of the table of empty subtrees.
    pub const ALL: [Self; 7] =
        [Self::Value, Self::Function, Self::Instruction, Self::Memory, Self::Table, Self::TableElement, Self::Module];

    /// Levels above the leaves of linear memory, whatever its size.
    pub const MEMORY_DEPTH: usize = 27;

    /// What is hashed before two children.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Value => "Value merkle tree:",
            Self::Function => "Function merkle tree:",
            Self::Instruction => "Instruction merkle tree:",
            Self::Memory => "Memory merkle tree:",
            Self::Table => "Table merkle tree:",
            Self::TableElement => "Table element merkle tree:",
            Self::Module => "Module merkle tree:",
        }
    }

    /// Root of an empty subtree with this many levels, at most [`zero::LEVELS`].
    #[must_use]
    pub const fn empty(self, level: usize) -> B256 {
        zero::ROOTS[self as usize][level]
    }

    /// Hash of the node above two children.
    #[must_use]
    pub fn node(self, left: &B256, right: &B256) -> B256 {
        let prefix = self.prefix().as_bytes();
        let mut preimage = [0; 96];
        let end = prefix.len() + 64;
        preimage[..prefix.len()].copy_from_slice(prefix);
        preimage[prefix.len()..end - 32].copy_from_slice(left.as_slice());
        preimage[end - 32..end].copy_from_slice(right.as_slice());
        keccak256(&preimage[..end])
    }

    /// Levels above the leaves of a tree with this many leaves.
    #[must_use]
    pub const fn depth(self, leaves: usize) -> usize {
        match self {
            Self::Memory => Self::MEMORY_DEPTH,
            _ if leaves < 2 => 0,
            _ => (usize::BITS - (leaves - 1).leading_zeros()) as usize,
        }
    }

    /// Hash of the node above the `pair` (one or two children) in a layer that stands `level` levels above the leaves.
    fn parent(self, pair: &[B256], level: usize) -> B256 {
        let roots = &zero::ROOTS[self as usize];
        let (left, right) = (&pair[0], pair.get(1).unwrap_or(&roots[level]));
        if *left == roots[level] && left == right { roots[level + 1] } else { self.node(left, right) }
    }
}

/// Root of the tree over these leaves.
#[must_use]
pub fn root_of(ty: MerkleType, mut leaves: Vec<B256>) -> B256 {
    let depth = ty.depth(leaves.len());
    if leaves.is_empty() {
        return ty.empty(depth);
    }
    for level in 0..depth {
        for parent in 0..leaves.len().div_ceil(2) {
            let end = leaves.len().min(2 * parent + 2);
            leaves[parent] = ty.parent(&leaves[2 * parent..end], level);
        }
        leaves.truncate(leaves.len().div_ceil(2));
    }
    leaves[0]
}

/// A tree that keeps its layers.
///
/// Leaves are set at once; nodes above them are hashed when a root or a proof is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MerkleTree {
    ty: MerkleType,
    /// Levels of the whole tree below these leaves, and levels of this part; for a whole tree none and what its leaves need.
    section: Option<(usize, usize)>,
    /// Leaves, then each layer above them; without the root of memory's padding above the last. Layers after the first may be stale.
    layers: Vec<Vec<B256>>,
    stale: Stale,
}

/// Which nodes above the leaves do not follow from them.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stale {
    /// Those above the leaves with these indexes.
    Paths(Vec<usize>),
    /// All.
    All,
}

impl MerkleTree {
    /// A tree over these leaves.
    #[must_use]
    pub fn new(ty: MerkleType, leaves: Vec<B256>) -> Self {
        Self { ty, section: None, layers: alloc::vec![leaves], stale: Stale::All }
    }

    /// A part of a bigger tree, still empty: `depth` levels above leaves that stand `base` levels above the real ones.
    #[must_use]
    pub fn section(ty: MerkleType, base: usize, depth: usize) -> Self {
        Self { section: Some((base, depth)), ..Self::new(ty, Vec::new()) }
    }

    /// Adds empty leaves up to this number.
    pub fn extend_to(&mut self, length: usize) {
        let empty = self.empty(0);
        while self.len() < length {
            self.push(empty);
        }
    }

    /// Number of leaves.
    #[must_use]
    pub fn len(&self) -> usize {
        self.leaves().len()
    }

    /// Whether there is no leaf.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.leaves().is_empty()
    }

    /// All leaves.
    #[must_use]
    pub fn leaves(&self) -> &[B256] {
        &self.layers[0]
    }

    /// Levels above the leaves.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.section.map_or_else(|| self.ty.depth(self.len()), |(_, depth)| depth)
    }

    /// Replaces a leaf; does nothing if it has this hash already or is not there.
    pub fn set(&mut self, index: usize, leaf: B256) {
        match self.layers[0].get_mut(index) {
            Some(old) if *old != leaf => *old = leaf,
            _ => return,
        }
        self.mark(index);
    }

    /// Adds a leaf at the end.
    pub fn push(&mut self, leaf: B256) {
        self.layers[0].push(leaf);
        self.mark(self.len() - 1);
    }

    /// Removes the last leaf.
    pub fn pop(&mut self) -> Option<B256> {
        let leaf = self.layers[0].pop()?;
        match self.len().checked_sub(1) {
            Some(last) => {
                self.trim();
                self.mark(last);
            }
            None => self.stale = Stale::All,
        }
        Some(leaf)
    }

    /// Root over all leaves.
    pub fn root(&mut self) -> B256 {
        self.refresh();
        let depth = self.depth();
        match self.layers.get(depth).and_then(|layer| layer.first()) {
            Some(root) => *root,
            None => self.empty(depth),
        }
    }

    /// Siblings of a leaf, from the leaf upward; none if it is not there.
    pub fn proof(&mut self, index: usize) -> Option<MerkleProof> {
        if index < self.len() { self.padding_proof(index) } else { None }
    }

    /// As [`Self::proof`], also for the empty places that pad the leaves.
    pub fn padding_proof(&mut self, index: usize) -> Option<MerkleProof> {
        self.refresh();
        self.built_proof(index)
    }

    /// As [`Self::padding_proof`] of a tree that did not change since it was asked for its root; none if it did.
    #[must_use]
    pub fn built_proof(&self, index: usize) -> Option<MerkleProof> {
        let depth = self.depth();
        if index >> depth != 0 || self.is_stale() {
            return None;
        }
        Some(MerkleProof((0..depth).map(|level| self.node_or_empty(level, (index >> level) ^ 1)).collect()))
    }

    /// Siblings of the leaf after `changed` as they would be if `changed` were `leaf`; none if there is no leaf after it.
    pub fn proof_after(&mut self, changed: usize, leaf: B256) -> Option<MerkleProof> {
        let mut proof = self.proof(changed + 1)?;
        let (mut node, mut index) = (leaf, changed);
        for (level, sibling) in proof.0.iter_mut().enumerate() {
            if index ^ 1 == (changed + 1) >> level {
                *sibling = node;
                break;
            }
            node = self.ty.node(&self.node_or_empty(level, index ^ 1), &node);
            index >>= 1;
        }
        Some(proof)
    }

    const fn is_stale(&self) -> bool {
        match &self.stale {
            Stale::All => true,
            Stale::Paths(paths) => !paths.is_empty(),
        }
    }

    fn node_or_empty(&self, level: usize, index: usize) -> B256 {
        self.layers.get(level).and_then(|layer| layer.get(index)).copied().unwrap_or_else(|| self.empty(level))
    }

    /// Levels of the whole tree below these leaves.
    fn base(&self) -> usize {
        self.section.map_or(0, |(base, _)| base)
    }

    fn empty(&self, level: usize) -> B256 {
        self.ty.empty(self.base() + level)
    }

    fn mark(&mut self, index: usize) {
        let many = self.len() / 2;
        if let Stale::Paths(paths) = &mut self.stale {
            match paths.last() {
                Some(last) if *last == index => {}
                _ if paths.len() > many + 8 => self.stale = Stale::All,
                _ => paths.push(index),
            }
        }
    }

    /// Cuts the layers to what stands above the leaves that are left.
    fn trim(&mut self) {
        let (mut length, depth) = (self.len(), self.depth());
        self.layers.truncate(depth + 1);
        for layer in &mut self.layers {
            layer.truncate(length);
            length = length.div_ceil(2);
        }
    }

    fn refresh(&mut self) {
        match core::mem::replace(&mut self.stale, Stale::Paths(Vec::new())) {
            Stale::All => self.rebuild(),
            Stale::Paths(paths) if !paths.is_empty() => self.update(paths),
            Stale::Paths(_) => {}
        }
    }

    fn rebuild(&mut self) {
        self.layers.truncate(1);
        for level in 0..self.depth() {
            let layer = self.layers[level].chunks(2).map(|pair| self.ty.parent(pair, self.base() + level)).collect();
            self.layers.push(layer);
        }
    }

    /// Hashes the nodes above these leaves, layer by layer.
    fn update(&mut self, mut paths: Vec<usize>) {
        let (length, base) = (self.len(), self.base());
        paths.sort_unstable();
        paths.retain(|index| *index < length);
        for level in 0..self.depth() {
            if self.layers.len() == level + 1 {
                self.layers.push(Vec::new());
            }
            paths.iter_mut().for_each(|index| *index >>= 1);
            paths.dedup();
            let (below, above) = self.layers.split_at_mut(level + 1);
            let (below, above) = (&below[level], &mut above[0]);
            for &index in &paths {
                let node = self.ty.parent(&below[2 * index..below.len().min(2 * index + 2)], base + level);
                match above.get_mut(index) {
                    Some(old) => *old = node,
                    None => above.push(node),
                }
            }
        }
    }
}

/// The hashes beside the way from a leaf to the root, from the leaf upward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MerkleProof(pub Vec<B256>);

impl MerkleProof {
    /// Appends the form a contract reads: the count in one byte, then the hashes.
    #[expect(clippy::cast_possible_truncation, reason = "a tree has at most 64 levels")]
    pub fn write(&self, out: &mut Vec<u8>) {
        out.push(self.0.len() as u8);
        self.0.iter().for_each(|hash| out.extend_from_slice(hash.as_slice()));
    }

    /// The root that this proof gives to a leaf at a place, as a contract computes it; none if the place is outside of the tree.
    #[must_use]
    pub fn root(&self, ty: MerkleType, mut index: usize, mut leaf: B256) -> Option<B256> {
        for sibling in &self.0 {
            leaf = if index & 1 == 0 { ty.node(&leaf, sibling) } else { ty.node(sibling, &leaf) };
            index >>= 1;
        }
        (index == 0).then_some(leaf)
    }
}

#[cfg(test)]
mod tests;
