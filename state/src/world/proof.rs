//! Proofs of accounts and slots (as `eth_getProof` gives them).

use super::{
    MemoryWorld, WorldError,
    trie::{EMPTY_ROOT, Resident},
};
use alloc::vec::Vec;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};

/// Nodes that prove an account, and slots of it, against a state root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountProof {
    /// Nodes from the state root to the account's leaf, or to where it would be.
    pub account: Vec<Bytes>,
    /// Root of the account's storage.
    pub storage_root: B256,
    /// For each slot asked: the slot, and nodes from the storage root.
    pub slots: Vec<(U256, Vec<Bytes>)>,
}

impl MemoryWorld {
    /// Proves an account and some of its slots against the present state root.
    ///
    /// # Errors
    /// None: a resident trie misses nothing.
    pub fn prove(&mut self, address: Address, slots: &[U256]) -> Result<AccountProof, WorldError> {
        let account = self.account_trie().proof(keccak256(address), &mut Resident)?;
        let mut proof = AccountProof { account, storage_root: EMPTY_ROOT, slots: Vec::new() };
        let storage = self.storage_trie(address);
        let Some(storage) = storage else {
            proof.slots = slots.iter().map(|slot| (*slot, Vec::new())).collect();
            return Ok(proof);
        };
        proof.storage_root = storage.root();
        for slot in slots {
            let nodes = storage.proof(keccak256(slot.to_be_bytes::<32>()), &mut Resident)?;
            proof.slots.push((*slot, nodes));
        }
        Ok(proof)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{AccountChange, AccountInfo, Changes, World, memory::leaf};
    use alloy_trie::{Nibbles, proof::verify_proof};

    #[test]
    fn proofs_verify_against_the_root() {
        let mut world = MemoryWorld::new();
        let info = AccountInfo { nonce: 3, ..AccountInfo::default() };
        let slots: Vec<_> = (0..40).map(|n| (U256::from(n), U256::from(n + 1))).collect();
        let change = AccountChange { info: Some(info), storage_cleared: false, slots };
        let accounts = (0..50).map(|n| (Address::with_last_byte(n), change.clone())).collect();
        let root = world.commit(&Changes { accounts, codes: Vec::new() }).unwrap();
        let address = Address::with_last_byte(7);
        let proof = world.prove(address, &[U256::from(5), U256::from(99)]).unwrap();
        let key = Nibbles::unpack(keccak256(address));
        let expected = leaf(&info, proof.storage_root);
        verify_proof(root, key, Some(expected), &proof.account).unwrap();
        for (slot, nodes) in &proof.slots {
            let key = Nibbles::unpack(keccak256(slot.to_be_bytes::<32>()));
            let value = (*slot < U256::from(40)).then(|| crate::world::memory::storage_value(*slot + U256::from(1)));
            verify_proof(proof.storage_root, key, value, nodes).unwrap();
        }
    }
}
