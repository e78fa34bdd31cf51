//! A world made of preimages: what it was not given is an error with its hash.

use super::{
    AccountChange, AccountInfo, Changes, World, WorldError,
    memory::{leaf, storage_value},
    trie::{NodeSource, Trie},
};
use alloc::vec::Vec;
use alloy_primitives::{
    Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256,
    map::{AddressMap, B256Map},
};
use alloy_rlp::{Decodable, Header};
use alloy_trie::TrieAccount;

/// Preimages by hash, and the tries read from them so far.
#[derive(Debug, Clone)]
pub struct WitnessWorld {
    preimages: Preimages,
    trie: Trie,
    root: B256,
    storages: AddressMap<Trie>,
    accounts: AddressMap<Option<TrieAccount>>,
    parent: B256,
    parent_number: u64,
}

#[derive(Debug, Clone, Default)]
struct Preimages {
    nodes: B256Map<Bytes>,
    codes: B256Map<Bytes>,
    headers: B256Map<Bytes>,
}

impl NodeSource for Preimages {
    fn node(&mut self, hash: B256) -> Result<Bytes, WorldError> {
        self.nodes.get(&hash).cloned().ok_or(WorldError::MissingNode(hash))
    }
}

impl WitnessWorld {
    /// A world at a state root. `parent` and `parent_number` name the block before the one to be run.
    #[must_use]
    pub fn new(
        root: B256,
        parent: (u64, B256),
        nodes: impl IntoIterator<Item = Bytes>,
        codes: impl IntoIterator<Item = Bytes>,
        headers: impl IntoIterator<Item = Bytes>,
    ) -> Self {
        let keyed = |items: &mut dyn Iterator<Item = Bytes>| items.map(|item| (keccak256(&item), item)).collect();
        Self {
            preimages: Preimages {
                nodes: keyed(&mut nodes.into_iter()),
                codes: keyed(&mut codes.into_iter()),
                headers: keyed(&mut headers.into_iter()),
            },
            trie: Trie::at(root),
            root,
            storages: AddressMap::default(),
            accounts: AddressMap::default(),
            parent: parent.1,
            parent_number: parent.0,
        }
    }

    fn load(&mut self, address: Address) -> Result<Option<TrieAccount>, WorldError> {
        if let Some(account) = self.accounts.get(&address) {
            return Ok(*account);
        }
        let key = keccak256(address);
        let account = match self.trie.get(key, &mut self.preimages)? {
            None => None,
            Some(mut bytes) => {
                let corrupt = WorldError::Corrupt { what: "account", hash: key };
                let account = TrieAccount::decode(&mut bytes).map_err(|_| corrupt.clone())?;
                if !bytes.is_empty() {
                    return Err(corrupt);
                }
                Some(account)
            }
        };
        self.accounts.insert(address, account);
        Ok(account)
    }

    fn apply(&mut self, address: Address, change: &AccountChange, info: &AccountInfo) -> Result<(), WorldError> {
        let before = self.load(address)?.filter(|_| !change.storage_cleared);
        let mut storage_root = before.map_or(super::trie::EMPTY_ROOT, |account| account.storage_root);
        if change.storage_cleared {
            self.storages.remove(&address);
        }
        if !change.slots.is_empty() {
            let trie = self.storages.entry(address).or_insert_with(|| Trie::at(storage_root));
            let (written, deleted): (Vec<_>, Vec<_>) =
                change.slots.iter().copied().partition(|(_, value)| !value.is_zero());
            for (slot, value) in written {
                trie.insert(hashed(slot), storage_value(value), &mut self.preimages)?;
            }
            for (slot, _) in deleted {
                trie.remove(hashed(slot), &mut self.preimages)?;
            }
            storage_root = trie.root();
        }
        self.trie.insert(keccak256(address), leaf(info, storage_root), &mut self.preimages)?;
        let account = TrieAccount { nonce: info.nonce, balance: info.balance, storage_root, code_hash: info.code_hash };
        self.accounts.insert(address, Some(account));
        Ok(())
    }

    fn apply_all(&mut self, changes: &Changes) -> Result<B256, WorldError> {
        for (address, change) in &changes.accounts {
            if let Some(info) = &change.info {
                self.apply(*address, change, info)?;
            }
        }
        for (address, _) in changes.accounts.iter().filter(|(_, change)| change.info.is_none()) {
            self.trie.remove(keccak256(address), &mut self.preimages)?;
            self.accounts.insert(*address, None);
            self.storages.remove(address);
        }
        Ok(self.trie.root())
    }
}

fn hashed(slot: U256) -> B256 {
    keccak256(slot.to_be_bytes::<32>())
}

/// The parent hash of a header, its first field.
fn parent_hash(header: &[u8]) -> Option<B256> {
    let mut rest = header;
    let mut list = Header::decode_bytes(&mut rest, true).ok()?;
    B256::decode(&mut list).ok()
}

impl World for WitnessWorld {
    fn account(&mut self, address: Address) -> Result<Option<AccountInfo>, WorldError> {
        let account = self.load(address)?;
        Ok(account.map(|account| AccountInfo {
            nonce: account.nonce,
            balance: account.balance,
            code_hash: account.code_hash,
        }))
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, WorldError> {
        let Some(account) = self.load(address)? else { return Ok(U256::ZERO) };
        let trie = self.storages.entry(address).or_insert_with(|| Trie::at(account.storage_root));
        let key = hashed(slot);
        match trie.get(key, &mut self.preimages)? {
            None => Ok(U256::ZERO),
            Some(mut bytes) => {
                U256::decode(&mut bytes).map_err(|_| WorldError::Corrupt { what: "storage value", hash: key })
            }
        }
    }

    fn code(&mut self, code_hash: B256) -> Result<Bytes, WorldError> {
        if code_hash == KECCAK256_EMPTY {
            return Ok(Bytes::new());
        }
        self.preimages.codes.get(&code_hash).cloned().ok_or(WorldError::MissingCode(code_hash))
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, WorldError> {
        let mut hash = self.parent;
        for _ in number..self.parent_number {
            let header = self.preimages.headers.get(&hash).ok_or(WorldError::MissingHeader(hash))?;
            hash = parent_hash(header).ok_or(WorldError::Corrupt { what: "header", hash })?;
        }
        Ok(hash)
    }

    fn state_root(&self) -> B256 {
        self.root
    }

    fn commit(&mut self, changes: &Changes) -> Result<B256, WorldError> {
        let before = (self.trie.clone(), self.storages.clone(), self.accounts.clone());
        match self.apply_all(changes) {
            Ok(root) => {
                self.root = root;
                self.preimages.codes.extend(changes.codes.iter().cloned());
                Ok(root)
            }
            Err(error) => {
                (self.trie, self.storages, self.accounts) = before;
                Err(error)
            }
        }
    }
}
