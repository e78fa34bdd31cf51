//! Proofs that a send is in the tree of sends (`spec/state.md` 8).
//!
//! The tree of `size` leaves is padded with zero words at every level up to a power of two. Full subtrees have a hash that an event
//! told; the one subtree a level that is partly filled is folded from full ones below it.

use super::{NodeFacts, NodeInterfaceError, OutboxProof};
use alloc::vec::Vec;
use alloy_primitives::{B256, keccak256};

type Result<T> = core::result::Result<T, NodeInterfaceError>;

/// The send of a leaf, the root of the tree of the first `size` sends, and the siblings between them from the leaf upwards.
pub(super) fn prove(facts: &dyn NodeFacts, size: u64, leaf: u64) -> Result<OutboxProof> {
    if leaf >= size {
        return Err(NodeInterfaceError::Unknown("the leaf"));
    }
    let depth = depth(size);
    let send = facts.send_hash(leaf)?;
    let mut hash = keccak256(send);
    let mut proof = Vec::new();
    for level in 0..depth {
        let index = leaf >> level;
        let sibling = subtree(facts, size, level, index ^ 1)?;
        hash = if index & 1 == 0 { join(hash, sibling) } else { join(sibling, hash) };
        proof.push(sibling);
    }
    Ok(OutboxProof { send, root: hash, proof })
}

/// Levels above the leaves of a tree.
const fn depth(size: u64) -> u8 {
    let bits = u64::BITS - (size - 1).leading_zeros();
    #[expect(clippy::cast_possible_truncation, reason = "at most 64")]
    let depth = bits as u8;
    depth
}

fn join(left: B256, right: B256) -> B256 {
    keccak256([left.0, right.0].concat())
}

/// The hash of a subtree of `2^level` leaves.
fn subtree(facts: &dyn NodeFacts, size: u64, level: u8, index: u64) -> Result<B256> {
    let width = 1u128 << level;
    let start = u128::from(index) * width;
    if start >= u128::from(size) {
        return Ok(B256::ZERO);
    }
    let end = start + width;
    if end > u128::from(size) {
        let left = subtree(facts, size, level - 1, index * 2)?;
        return Ok(join(left, subtree(facts, size, level - 1, index * 2 + 1)?));
    }
    let last = u64::try_from(end - 1).map_err(|_| NodeInterfaceError::Unknown("the leaf"))?;
    if level == 0 { facts.send_hash(last).map(keccak256) } else { facts.send_node(level, last) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::state::{ArbosState, SystemBurner, backend::memory::MemoryBackend};
    use alloc::collections::BTreeMap;

    #[derive(Default)]
    struct Events {
        sends: Vec<B256>,
        nodes: BTreeMap<(u8, u64), B256>,
    }

    impl NodeFacts for Events {
        fn send_hash(&self, leaf: u64) -> Result<B256> {
            Ok(self.sends[usize::try_from(leaf).unwrap()])
        }

        fn send_node(&self, level: u8, last_leaf: u64) -> Result<B256> {
            self.nodes.get(&(level, last_leaf)).copied().ok_or(NodeInterfaceError::Unknown("a node"))
        }
    }

    #[test]
    fn proofs_lead_to_the_root_that_the_state_keeps() {
        let (mut backend, mut burner) = (MemoryBackend::new(), SystemBurner::default());
        let mut events = Events::default();
        for size in 1..=21u64 {
            let send = keccak256(size.to_be_bytes());
            events.sends.push(send);
            let mut state = ArbosState::system(&mut backend, &mut burner).unwrap();
            for merge in state.sends().append(send).unwrap() {
                events.nodes.insert((u8::try_from(merge.level).unwrap(), merge.leaf), merge.hash);
            }
            let root = state.sends().root().unwrap();
            for leaf in 0..size {
                assert_eq!(prove(&events, size, leaf).unwrap().root, root, "size {size}, leaf {leaf}");
            }
        }
        assert!(prove(&events, 3, 3).is_err());
    }
}
