//! What a block changed so far, gathered transaction by transaction.

use super::changes::Trace;
use crate::evm::{BalanceDelta, Emptied, database::DatabaseError};
use ::state::ArbosVersion;
use alloc::vec::Vec;
use alloy_primitives::{
    Address, U256,
    map::{AddressMap, AddressSet, HashMap},
};

/// Changes of closed transactions, and what the rules about deleted accounts need.
#[derive(Debug, Clone, Default)]
pub struct LedgerState {
    /// Accounts that closed transactions changed.
    pub(super) dirty: DirtyAccounts,
    /// Accounts deleted earlier in the block.
    pub(super) deleted: AddressSet,
    /// Zombie marks of the block so far, by account; never reset inside a block.
    pub(super) zombie_counts: AddressMap<u32>,
    /// Where the running transaction brought an account back, by index in the journal.
    pub(super) zombie_marks: Vec<(usize, Address)>,
    /// Accounts that the entries of a transaction name, by number; none but while it is closed.
    pub(super) named: Vec<usize>,
    /// Version of the operating state, as it was read last.
    pub(in crate::evm) version: Option<ArbosVersion>,
    /// Wei that appeared less wei that vanished in closed transactions.
    pub(super) closed_delta: BalanceDelta,
    /// The first failure of the store below.
    error: Option<DatabaseError>,
}

/// Accounts that changed, numbered as they come: an address is looked up once, and what follows goes by its number.
#[derive(Debug, Clone, Default)]
pub(super) struct DirtyAccounts {
    numbers: AddressMap<usize>,
    accounts: Vec<(Address, DirtyAccount)>,
}

impl DirtyAccounts {
    /// The number of an account, which is among the changed ones from now on.
    pub(super) fn number(&mut self, address: Address) -> usize {
        if let Some(number) = self.numbers.get(&address) {
            return *number;
        }
        let number = self.accounts.len();
        self.numbers.insert(address, number);
        self.accounts.push((address, DirtyAccount::default()));
        number
    }

    /// The account with a number.
    pub(super) fn account(&mut self, number: usize) -> &mut DirtyAccount {
        &mut self.accounts[number].1
    }

    /// The address of the account with a number.
    pub(super) fn address(&self, number: usize) -> Address {
        self.accounts[number].0
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &(Address, DirtyAccount)> {
        self.accounts.iter()
    }

    fn clear(&mut self) {
        self.numbers.clear();
        self.accounts.clear();
    }

    fn capacity(&self) -> usize {
        self.numbers.capacity().max(self.accounts.capacity())
    }
}

/// One account's changes in closed transactions.
#[derive(Debug, Clone, Default)]
pub(super) struct DirtyAccount {
    /// What the transaction did that is being closed; nothing between transactions.
    pub(super) trace: Trace,
    /// The account is gone at this point of the block.
    pub(super) deleted: bool,
    /// Its storage was wiped at some point of the block.
    pub(super) storage_cleared: bool,
    /// Its code was replaced at some point of the block.
    pub(super) code_changed: bool,
    /// Slots that changed, with the value from before the block.
    pub(super) slots: HashMap<U256, U256>,
}

impl DirtyAccount {
    /// Remembers a changed slot by its value from before the transaction that changed it.
    pub(super) fn note_slot(&mut self, slot: U256, before: U256) {
        let before = if self.storage_cleared { U256::ZERO } else { before };
        self.slots.entry(slot).or_insert(before);
    }
}

impl LedgerState {
    /// Nothing that changed, with the room there was.
    pub(in crate::evm) fn emptied(self) -> Self {
        let Self { mut dirty, named, .. } = self;
        if dirty.capacity().max(named.capacity()) > Emptied::LIMIT {
            return Self::default();
        }
        dirty.clear();
        Self { dirty, named, ..Self::default() }
    }

    /// Whether the account was deleted by an earlier transaction of the block.
    pub(super) fn was_deleted(&self, address: Address) -> bool {
        self.deleted.contains(&address)
    }

    /// Remembers that the running transaction brought an account back.
    pub(super) fn note_zombie(&mut self, address: Address, index: usize) {
        self.zombie_marks.push((index, address));
    }

    /// Keeps the first failure of the store.
    pub(in crate::evm) fn keep_error(&mut self, error: DatabaseError) {
        self.error.get_or_insert(error);
    }

    /// The first failure of the store, if there was one.
    pub const fn take_error(&mut self) -> Option<DatabaseError> {
        self.error.take()
    }
}
