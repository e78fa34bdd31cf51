//! Hashes named by the specification, and runs against plain leaves.

use super::*;
use crate::{module::Data, value::ValueType};
use alloc::{vec, vec::Vec};
use alloy_primitives::b256;
use proptest::prelude::*;

#[test]
fn memories_have_the_known_hashes() {
    let one = MemorySpec { pages: 1, maximum: 1, data: Vec::new() };
    assert_eq!(one.hash(), b256!("56b1c03cd97bdd99764fe57ad230bb682854703f895636023876489ef2e14150"));
    let absent = MemorySpec::default();
    assert_eq!(absent.hash(), b256!("7a8a903dfdc7fda04667981580843bbb2fbd587c27f26f6df670c94d9c9f240e"));
}

#[test]
fn data_that_cross_leaves_equal_the_whole_memory() {
    let data = vec![Data { offset: 30, bytes: (1..40).collect() }, Data { offset: 33, bytes: vec![0xff; 2] }];
    let spec = MemorySpec { pages: 1, maximum: 2, data };
    let mut memory = vec![0; 65_536];
    memory[30..69].copy_from_slice(&(1..40).collect::<Vec<u8>>());
    memory[33..35].fill(0xff);
    let leaves = memory.chunks(32).map(|leaf| keccak256([b"Memory leaf:".as_slice(), leaf].concat()));
    assert_eq!(spec.root(), root_of(MerkleType::Memory, leaves.collect()));
}

#[test]
fn locals_have_the_root_that_bodies_of_the_specification_name() {
    let fill: LocalTypes = [ValueType::I32, ValueType::I32, ValueType::I32, ValueType::I64].into_iter().collect();
    assert_eq!(fill.root(), b256!("dec15ac393095677936b5ab158bceac62e347e1e6bf73f3da5569cfbc15c3d56"));
    let copy: LocalTypes = [ValueType::I32; 4].into_iter().collect();
    assert_eq!(copy.root(), b256!("a3052ec4d2d37473e5aeacd903f648b787af61d0d7fb5ed165de835dadb6f71a"));
    assert_eq!(LocalTypes::none().root(), B256::ZERO);
}

proptest! {
    #[test]
    fn runs_have_the_root_of_their_leaves(runs in proptest::collection::vec((0u8..9, 0u8..3), 0..12), memory in any::<bool>()) {
        let ty = if memory { MerkleType::Memory } else { MerkleType::TableElement };
        let runs: Vec<(u64, B256)> = runs.into_iter().map(|(count, kind)| (count.into(), keccak256([kind]))).collect();
        let leaves = runs.iter().flat_map(|(count, hash)| (0..*count).map(|_| *hash)).collect();
        prop_assert_eq!(root_of_runs(ty, runs), root_of(ty, leaves));
    }
}
