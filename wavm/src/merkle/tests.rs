//! A tree equals the tree folded from its leaves, however it came to them.

use super::*;
use alloy_primitives::{U256, b256};
use proptest::prelude::*;

fn leaf(number: u64) -> B256 {
    keccak256(number.to_be_bytes())
}

fn leaves(count: u64) -> Vec<B256> {
    (0..count).map(leaf).collect()
}

#[test]
fn empty_subtrees_follow_from_each_other() {
    for ty in MerkleType::ALL {
        for level in 0..zero::LEVELS {
            assert_eq!(ty.empty(level + 1), ty.node(&ty.empty(level), &ty.empty(level)), "{ty:?} {level}");
        }
    }
    assert_eq!(MerkleType::Memory.empty(0), keccak256([b"Memory leaf:".as_slice(), &[0; 32]].concat()));
    assert_eq!(MerkleType::Value.empty(0), B256::ZERO);
}

#[test]
fn memory_without_leaves_has_the_known_root() {
    let root = b256!("5d83874a762b2567da742f05d4e6850b4cc72e5b11de7a72a6e471d51f0520a4");
    assert_eq!(root_of(MerkleType::Memory, Vec::new()), root);
    assert_eq!(MerkleTree::new(MerkleType::Memory, Vec::new()).root(), root);
    assert_eq!(root_of(MerkleType::Memory, alloc::vec![MerkleType::Memory.empty(0); 5]), root);
}

#[test]
fn few_leaves_make_a_shallow_tree() {
    let ty = MerkleType::Function;
    assert_eq!(root_of(ty, Vec::new()), B256::ZERO);
    assert_eq!(root_of(ty, leaves(1)), leaf(0));
    assert_eq!(root_of(ty, leaves(2)), ty.node(&leaf(0), &leaf(1)));
    let right = ty.node(&leaf(2), &B256::ZERO);
    assert_eq!(root_of(ty, leaves(3)), ty.node(&ty.node(&leaf(0), &leaf(1)), &right));
}

#[test]
fn a_proof_after_a_change_is_the_proof_of_the_changed_tree() {
    for ty in [MerkleType::Memory, MerkleType::Value] {
        for changed in 0..16 {
            let mut tree = MerkleTree::new(ty, leaves(17));
            let foreseen = tree.proof_after(changed, leaf(99));
            tree.set(changed, leaf(99));
            assert_eq!(foreseen, tree.proof(changed + 1));
        }
        assert_eq!(MerkleTree::new(ty, leaves(17)).proof_after(16, leaf(99)), None);
    }
}

#[test]
fn padding_can_be_proved_inside_of_the_tree_only() {
    let mut tree = MerkleTree::new(MerkleType::Module, leaves(5));
    let root = tree.root();
    let proof = tree.padding_proof(5).expect("eight places");
    assert_eq!(proof.root(MerkleType::Module, 5, B256::ZERO), Some(root));
    assert_eq!(proof.root(MerkleType::Module, 13, B256::ZERO), None);
    assert_eq!(tree.proof(5), None);
    assert_eq!(tree.padding_proof(8), None);
}

#[derive(Debug, Clone)]
enum Change {
    Set(usize, u64),
    Push(u64),
    Pop,
    Root,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (0usize..80, any::<u64>()).prop_map(|(index, number)| Change::Set(index, number)),
        any::<u64>().prop_map(Change::Push),
        Just(Change::Pop),
        Just(Change::Root),
    ]
}

proptest! {
    #[test]
    fn a_changed_tree_equals_a_new_one(
        start in 0u64..70,
        memory in any::<bool>(),
        changes in proptest::collection::vec(change(), 0..60),
    ) {
        let ty = if memory { MerkleType::Memory } else { MerkleType::Value };
        let mut tree = MerkleTree::new(ty, leaves(start));
        let mut plain = leaves(start);
        for change in changes {
            match change {
                Change::Set(index, number) => {
                    tree.set(index, leaf(number));
                    if let Some(old) = plain.get_mut(index) {
                        *old = leaf(number);
                    }
                }
                Change::Push(number) => {
                    tree.push(leaf(number));
                    plain.push(leaf(number));
                }
                Change::Pop => prop_assert_eq!(tree.pop(), plain.pop()),
                Change::Root => prop_assert_eq!(tree.root(), root_of(ty, plain.clone())),
            }
        }
        let root = root_of(ty, plain.clone());
        prop_assert_eq!(tree.root(), root);
        for (index, leaf) in plain.into_iter().enumerate() {
            prop_assert_eq!(tree.proof(index).and_then(|proof| proof.root(ty, index, leaf)), Some(root));
        }
    }

    #[test]
    fn a_proof_counts_its_hashes(count in 1u64..200, index in any::<usize>()) {
        let mut tree = MerkleTree::new(MerkleType::Module, leaves(count));
        let proof = tree.proof(index % usize::try_from(count).expect("small")).expect("inside");
        let mut bytes = Vec::new();
        proof.write(&mut bytes);
        prop_assert_eq!(usize::from(bytes[0]) * 32 + 1, bytes.len());
        prop_assert_eq!(U256::from(1) << bytes[0] >= U256::from(count), true);
    }
}
