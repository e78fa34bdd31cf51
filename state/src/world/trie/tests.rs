use super::*;
use alloc::{collections::BTreeMap, vec};
use alloy_primitives::keccak256;
use alloy_trie::HashBuilder;
use proptest::prelude::*;

fn rebuilt(entries: &BTreeMap<B256, Vec<u8>>) -> B256 {
    let mut builder = HashBuilder::default();
    for (key, value) in entries {
        builder.add_leaf(Nibbles::unpack(key), value);
    }
    builder.root()
}

#[derive(Default)]
struct Nodes(BTreeMap<B256, Bytes>);

impl NodeSource for Nodes {
    fn node(&mut self, hash: B256) -> Result<Bytes, WorldError> {
        self.0.get(&hash).cloned().ok_or(WorldError::MissingNode(hash))
    }
}

proptest! {
    #[test]
    fn edits_give_the_root_of_a_rebuild(rounds in prop::collection::vec(
        prop::collection::vec((0u16..300, prop::option::of(prop::collection::vec(any::<u8>(), 1..40))), 1..60), 1..8)
    ) {
        let mut trie = Trie::default();
        let mut entries = BTreeMap::new();
        for round in rounds {
            for (key, value) in round {
                let key = keccak256(key.to_be_bytes());
                match value {
                    Some(value) => {
                        trie.insert(key, value.clone(), &mut Resident).unwrap();
                        entries.insert(key, value);
                    }
                    None => {
                        trie.remove(key, &mut Resident).unwrap();
                        entries.remove(&key);
                    }
                }
            }
            prop_assert_eq!(trie.root(), rebuilt(&entries));
        }
        for (key, value) in &entries {
            prop_assert_eq!(trie.get(*key, &mut Resident).unwrap(), Some(value.as_slice()));
        }
    }

    #[test]
    fn a_proof_is_enough_to_read_and_write_its_key(count in 1u16..200, probe in 0u16..300) {
        let mut trie = Trie::default();
        for key in 0..count {
            trie.insert(keccak256(key.to_be_bytes()), key.to_be_bytes().repeat(12), &mut Resident).unwrap();
        }
        let root = trie.root();
        let key = keccak256(probe.to_be_bytes());
        let mut nodes = Nodes::default();
        for node in trie.proof(key, &mut Resident).unwrap() {
            nodes.0.insert(keccak256(&node), node);
        }
        let mut partial = Trie::at(root);
        let found = partial.get(key, &mut nodes).unwrap().map(<[u8]>::to_vec);
        prop_assert_eq!(found, (probe < count).then(|| probe.to_be_bytes().repeat(12)));
        partial.insert(key, alloc::vec![1; 40], &mut nodes).unwrap();
        trie.insert(key, alloc::vec![1; 40], &mut Resident).unwrap();
        prop_assert_eq!(partial.root(), trie.root());
    }

    #[test]
    fn a_list_has_the_root_of_a_rebuild(items in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..80), 0..300)) {
        let expected = alloy_trie::root::ordered_trie_root_with_encoder(&items, |item, out| alloy_rlp::BufMut::put_slice(out, item));
        prop_assert_eq!(Trie::of_list(items).root(), expected);
    }

    #[test]
    fn tries_hashed_together_have_the_roots_of_their_own(sizes in prop::collection::vec(0u16..40, 0..9)) {
        let filled = |size: &u16| {
            let mut trie = Trie::default();
            for key in 0..*size {
                trie.insert(keccak256(key.to_be_bytes()), vec![1; usize::from(key) * 5 + 1], &mut Resident).unwrap();
            }
            trie
        };
        let mut together: Vec<_> = sizes.iter().map(filled).collect();
        Trie::hash_all(&mut together);
        for (mut trie, size) in together.into_iter().zip(&sizes) {
            prop_assert_eq!(trie.root(), filled(size).root());
        }
    }

    #[test]
    fn any_bytes_decode_or_not_and_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Some(node) = decode(&bytes) {
            prop_assert!(!codec::encode(&node).is_empty());
        }
    }
}

#[test]
fn an_empty_trie_has_the_known_root() {
    assert_eq!(Trie::default().root(), EMPTY_ROOT);
}
