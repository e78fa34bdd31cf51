//! Roots of trees most of whose leaves are alike.

use crate::merkle::MerkleType;
use alloc::vec::Vec;
use alloy_primitives::B256;

/// Root of a tree whose leaves are runs of equal hashes: a run costs a hash a level, however long it is.
pub(super) fn root_of_runs(ty: MerkleType, mut runs: Vec<(u64, B256)>) -> B256 {
    let leaves: u64 = runs.iter().map(|(count, _)| count).sum();
    let depth = ty.depth(usize::try_from(leaves).unwrap_or(usize::MAX));
    for level in 0..depth {
        runs = layer_above(ty, &runs, &ty.empty(level));
    }
    runs.iter().find(|(count, _)| *count != 0).map_or_else(|| ty.empty(depth), |(_, root)| *root)
}

/// The nodes above a layer, again as runs.
fn layer_above(ty: MerkleType, runs: &[(u64, B256)], padding: &B256) -> Vec<(u64, B256)> {
    let mut layer = Vec::with_capacity(runs.len());
    let mut waiting: Option<B256> = None;
    for (count, hash) in runs.iter().filter(|(count, _)| *count != 0) {
        let mut count = *count;
        if let Some(left) = waiting.take() {
            layer.push((1, ty.node(&left, hash)));
            count -= 1;
        }
        if count > 1 {
            layer.push((count / 2, ty.node(hash, hash)));
        }
        waiting = (count % 2 == 1).then_some(*hash);
    }
    if let Some(left) = waiting {
        layer.push((1, ty.node(&left, padding)));
    }
    layer
}
