//! Hashing what changed, level by level.
//!
//! A node is hashed after its children, and there is no order among nodes of one level, be they of one trie or of several. So a
//! level's nodes are gathered, their changed children settled first in the same way, and then all of them are hashed side by side.

use super::{Kind, Node, Reference, codec};
use crate::keccak::keccak256_each;
use alloc::vec::Vec;
use alloy_primitives::B256;

/// Gives references to nodes that have none, and to all below them that have none.
pub(super) fn settle(nodes: &mut [&mut Node]) {
    if !nodes.is_empty() {
        settle_level(nodes, &mut Encodings::default());
    }
}

/// Fewer changed nodes of a level than this are not worth waking other threads.
#[cfg(feature = "parallel")]
const WORTH_THREADS: usize = 512;

fn settle_level(nodes: &mut [&mut Node], room: &mut Encodings) {
    #[cfg(feature = "parallel")]
    if nodes.len() >= WORTH_THREADS {
        use rayon::prelude::*;
        return nodes.par_chunks_mut(WORTH_THREADS / 2).for_each(settle);
    }
    let mut below: Vec<_> = nodes.iter_mut().flat_map(|node| changed_children(node)).collect();
    if !below.is_empty() {
        settle_level(&mut below, room);
    }
    name(nodes, room);
}

/// Children without a reference.
fn changed_children(node: &mut Node) -> impl Iterator<Item = &mut Node> {
    let (only, several) = match &mut node.kind {
        Kind::Extension { child, .. } => (Some(child), &mut [][..]),
        Kind::Branch { children } => (None, &mut children[..]),
        Kind::Leaf { .. } | Kind::Unresolved(_) => (None, &mut [][..]),
    };
    let children = only.into_iter().chain(several.iter_mut().flatten());
    children.map(|child| &mut **child).filter(|child| child.reference.is_none())
}

/// Gives references to nodes whose children have them.
fn name(nodes: &mut [&mut Node], room: &mut Encodings) {
    room.fill(nodes);
    keccak256_each(room.iter(), |number, hash| nodes[number].reference = Some(Reference::Hash(hash)));
    for (node, encoding) in nodes.iter_mut().zip(room.iter()) {
        if encoding.len() < B256::len_bytes() {
            node.reference = Some(Reference::Inline(encoding.to_vec()));
        }
    }
}

/// Encodings of the nodes of a level, one after the other.
struct Encodings {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Default for Encodings {
    fn default() -> Self {
        Self { bytes: Vec::with_capacity(8 * codec::LARGEST), ends: Vec::new() }
    }
}

impl Encodings {
    /// Puts the encodings of other nodes in place of what is there.
    fn fill(&mut self, nodes: &[&mut Node]) {
        self.bytes.clear();
        self.ends.clear();
        for node in nodes {
            codec::write(node, &mut self.bytes);
            self.ends.push(self.bytes.len());
        }
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = core::iter::once(&0).chain(&self.ends);
        starts.zip(&self.ends).map(|(start, end)| &self.bytes[*start..*end])
    }
}
