//! A world that holds everything in memory.
//!
//! Reads come from flat maps; the tries beside them keep their nodes, so a commit costs what the block touched and nothing else.

use super::{
    AccountChange, AccountInfo, Changes, World, WorldError,
    trie::{EMPTY_ROOT, Resident, Trie},
};
use crate::keccak::keccak256_each;
use alloc::{collections::BTreeMap, vec::Vec};
use alloy_primitives::{
    Address, B256, Bytes, KECCAK256_EMPTY, U256,
    map::{AddressMap, B256Map, HashMap},
};
use alloy_rlp::Encodable;
use alloy_trie::TrieAccount;

/// Accounts, storage, code and recent block hashes.
#[derive(Debug, Clone, Default)]
pub struct MemoryWorld {
    accounts: AddressMap<Account>,
    codes: B256Map<Bytes>,
    blocks: BTreeMap<u64, B256>,
    trie: Trie,
    root: Option<B256>,
}

#[derive(Debug, Clone)]
struct Account {
    info: AccountInfo,
    hashed: B256,
    slots: HashMap<U256, Slot>,
    storage: Trie,
}

/// A slot with the hash of its number.
#[derive(Debug, Clone, Copy)]
struct Slot {
    value: U256,
    hashed: B256,
}

/// Block hashes that can be asked for.
const BLOCK_HASHES: usize = 256;

impl MemoryWorld {
    /// A world without accounts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Remembers the hash of a sealed block; only the last 256 are kept.
    pub fn push_block_hash(&mut self, number: u64, hash: B256) {
        self.blocks.insert(number, hash);
        while self.blocks.len() > BLOCK_HASHES {
            self.blocks.pop_first();
        }
    }

    /// How many accounts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.accounts.len()
    }

    /// Whether there is no account.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// All slots of an account that are not zero, in no particular order.
    pub fn slots(&self, address: Address) -> impl Iterator<Item = (U256, U256)> + '_ {
        let account = self.accounts.get(&address);
        account.into_iter().flat_map(|account| account.slots.iter().map(|(slot, kept)| (*slot, kept.value)))
    }

    pub(super) const fn account_trie(&mut self) -> &mut Trie {
        &mut self.trie
    }

    pub(super) fn storage_trie(&mut self, address: Address) -> Option<&mut Trie> {
        self.accounts.get_mut(&address).map(|account| &mut account.storage)
    }

    /// Writes accounts, their storage first: its roots are in their leaves.
    fn write<'a>(&mut self, changes: impl Iterator<Item = (&'a Address, &'a AccountChange, AccountInfo)> + Clone) {
        self.make_new(changes.clone().map(|(address, ..)| address));
        let mut written = Vec::new();
        for (address, change, info) in changes {
            let Some(account) = self.accounts.get_mut(address) else { continue };
            account.info = info;
            account.write(change);
            written.push((address, core::mem::take(&mut account.storage)));
        }
        Trie::hash_all(written.iter_mut().map(|(_, storage)| storage));
        for (address, storage) in written {
            let Some(account) = self.accounts.get_mut(address) else { continue };
            account.storage = storage;
            let leaf = leaf(&account.info, account.storage.root());
            // A resident trie misses nothing.
            let _complete = self.trie.insert(account.hashed, leaf, &mut Resident);
        }
    }

    /// Makes accounts that are not there yet.
    fn make_new<'a>(&mut self, addresses: impl Iterator<Item = &'a Address>) {
        let new: Vec<_> = addresses.filter(|address| !self.accounts.contains_key(*address)).collect();
        keccak256_each(new.iter().map(|address| address.as_slice()), |number, hashed| {
            self.accounts.insert(*new[number], Account::new(hashed));
        });
    }

    fn remove(&mut self, address: Address) {
        if let Some(account) = self.accounts.remove(&address) {
            let _complete = self.trie.remove(account.hashed, &mut Resident);
        }
    }
}

impl Account {
    fn new(hashed: B256) -> Self {
        Self { info: AccountInfo::default(), hashed, slots: HashMap::default(), storage: Trie::default() }
    }

    fn write(&mut self, change: &AccountChange) {
        if change.storage_cleared {
            self.slots.clear();
            self.storage = Trie::default();
        }
        let written = change.slots.iter().filter(|(_, value)| !value.is_zero());
        self.make_new(written.clone().map(|(slot, _)| *slot));
        for (slot, value) in written {
            let Some(kept) = self.slots.get_mut(slot) else { continue };
            if kept.value != *value {
                kept.value = *value;
                let _complete = self.storage.insert(kept.hashed, storage_value(*value), &mut Resident);
            }
        }
        for (slot, _) in change.slots.iter().filter(|(_, value)| value.is_zero()) {
            if let Some(kept) = self.slots.remove(slot) {
                let _complete = self.storage.remove(kept.hashed, &mut Resident);
            }
        }
    }

    /// Makes slots that are not there yet; they are to be written.
    fn make_new(&mut self, slots: impl Iterator<Item = U256>) {
        let new: Vec<_> = slots.filter(|slot| !self.slots.contains_key(slot)).map(B256::from).collect();
        keccak256_each(new.iter().map(|slot| slot.as_slice()), |number, hashed| {
            self.slots.insert(new[number].into(), Slot { value: U256::ZERO, hashed });
        });
    }
}

/// The leaf of a slot.
pub(super) fn storage_value(value: U256) -> Vec<u8> {
    let mut out = Vec::with_capacity(33);
    value.encode(&mut out);
    out
}

/// The leaf of an account.
pub(super) fn leaf(info: &AccountInfo, storage_root: B256) -> Vec<u8> {
    let account = TrieAccount { nonce: info.nonce, balance: info.balance, storage_root, code_hash: info.code_hash };
    let mut out = Vec::with_capacity(account.length());
    account.encode(&mut out);
    out
}

impl World for MemoryWorld {
    fn account(&mut self, address: Address) -> Result<Option<AccountInfo>, WorldError> {
        Ok(self.accounts.get(&address).map(|account| account.info))
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, WorldError> {
        let kept = self.accounts.get(&address).and_then(|account| account.slots.get(&slot));
        Ok(kept.map_or(U256::ZERO, |kept| kept.value))
    }

    fn code(&mut self, code_hash: B256) -> Result<Bytes, WorldError> {
        if code_hash == KECCAK256_EMPTY {
            return Ok(Bytes::new());
        }
        self.codes.get(&code_hash).cloned().ok_or(WorldError::MissingCode(code_hash))
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, WorldError> {
        self.blocks.get(&number).copied().ok_or(WorldError::UnknownBlock(number))
    }

    fn state_root(&self) -> B256 {
        self.root.unwrap_or(EMPTY_ROOT)
    }

    fn commit(&mut self, changes: &Changes) -> Result<B256, WorldError> {
        for (hash, code) in &changes.codes {
            self.codes.entry(*hash).or_insert_with(|| code.clone());
        }
        let accounts = changes.accounts.iter();
        self.write(accounts.filter_map(|(address, change)| Some((address, change, change.info?))));
        for (address, _) in changes.accounts.iter().filter(|(_, change)| change.info.is_none()) {
            self.remove(*address);
        }
        let root = self.trie.root();
        self.root = Some(root);
        Ok(root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(balance: u64, slots: &[(u64, u64)]) -> AccountChange {
        AccountChange {
            info: Some(AccountInfo { balance: U256::from(balance), ..AccountInfo::default() }),
            storage_cleared: false,
            slots: slots.iter().map(|(slot, value)| (U256::from(*slot), U256::from(*value))).collect(),
        }
    }

    fn changes(list: &[(u8, AccountChange)]) -> Changes {
        let accounts = list.iter().map(|(byte, change)| (Address::with_last_byte(*byte), change.clone())).collect();
        Changes { accounts, codes: Vec::new() }
    }

    #[test]
    fn undone_changes_give_the_earlier_root() {
        let mut world = MemoryWorld::new();
        let first = world.commit(&changes(&[(1, put(5, &[(1, 7)])), (2, put(6, &[]))])).unwrap();
        let second = world.commit(&changes(&[(1, put(5, &[(1, 0), (2, 9)])), (3, put(1, &[]))])).unwrap();
        assert_ne!(first, second);
        let gone = AccountChange::default();
        let third = world.commit(&changes(&[(1, put(5, &[(1, 7), (2, 0)])), (3, gone)])).unwrap();
        assert_eq!(third, first);
        assert_eq!(world.storage(Address::with_last_byte(1), U256::from(2)), Ok(U256::ZERO));
    }

    #[test]
    fn clearing_storage_forgets_old_slots() {
        let mut world = MemoryWorld::new();
        let fresh = world.commit(&changes(&[(1, put(5, &[(2, 2)]))])).unwrap();
        world.commit(&changes(&[(1, put(5, &[(1, 7)]))])).unwrap();
        let cleared = AccountChange { storage_cleared: true, ..put(5, &[(2, 2)]) };
        assert_eq!(world.commit(&changes(&[(1, cleared)])).unwrap(), fresh);
    }

    #[test]
    fn only_recent_block_hashes_are_kept() {
        let mut world = MemoryWorld::new();
        for number in 0..300 {
            world.push_block_hash(number, B256::from(U256::from(number)));
        }
        assert_eq!(world.block_hash(43), Err(WorldError::UnknownBlock(43)));
        assert_eq!(world.block_hash(44), Ok(B256::from(U256::from(44))));
    }
}
