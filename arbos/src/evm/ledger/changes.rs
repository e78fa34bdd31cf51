//! Closing a transaction, dropping one, and what the block leaves to commit.

use super::{
    Ledger,
    state::{DirtyAccount, DirtyAccounts, LedgerState},
};
use ::state::world::{AccountChange, AccountInfo, Changes};
use alloc::{collections::BTreeMap, vec::Vec};
use alloy_primitives::{Address, U256, map::AddressMap};
use revm::{
    context::JournalEntry,
    state::{Account, AccountStatus},
};

/// What one transaction's entries say about an account, its slots aside.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Trace {
    /// There is an entry that names it.
    named: bool,
    /// Entries that count as changes.
    changes: u32,
    /// A call without value reached it.
    touched: bool,
    /// Its code was replaced.
    code_changed: bool,
}

impl Ledger<'_, '_> {
    /// Closes the running transaction: deletes what the protocol deletes and remembers what changed.
    pub fn end_transaction(&mut self) {
        let entries = core::mem::take(&mut self.journal.inner.journal);
        let zombies = self.surviving_zombies(&entries);
        let mut named = core::mem::take(&mut self.run.ledger.named);
        trace(&entries, &mut named, &mut self.run.ledger.dirty);
        for number in named.drain(..) {
            let address = self.run.ledger.dirty.address(number);
            self.close_account(address, number, zombies.get(&address).copied().unwrap_or_default());
        }
        self.run.ledger.named = named;
        self.journal.inner.journal = entries;
        self.journal.inner.commit_tx();
        self.run.ledger.zombie_marks.clear();
        self.run.ledger.closed_delta = self.run.delta;
    }

    /// Drops the running transaction: everything it did is undone.
    pub fn drop_transaction(&mut self) {
        self.journal.inner.discard_tx();
        self.run.ledger.zombie_marks.clear();
        self.run.delta = self.run.ledger.closed_delta;
        self.run.ledger.version = None;
    }

    /// How often the running transaction brought each account back, reverted marks left out.
    fn surviving_zombies(&self, entries: &[JournalEntry]) -> AddressMap<u32> {
        let mut counts = AddressMap::<u32>::default();
        let mut last = None;
        for (index, address) in &self.run.ledger.zombie_marks {
            let mark = JournalEntry::NonceChange { address: *address, previous_nonce: 0 };
            if entries.get(*index) == Some(&mark) && last != Some(*index) {
                *counts.entry(*address).or_default() += 1;
                last = Some(*index);
            }
        }
        counts
    }

    fn close_account(&mut self, address: Address, number: usize, zombies: u32) {
        let Some(account) = self.journal.inner.state.get_mut(&address) else { return };
        let LedgerState { dirty, deleted, zombie_counts, .. } = &mut self.run.ledger;
        let dirty = dirty.account(number);
        let trace = core::mem::take(&mut dirty.trace);
        if zombies > 0 {
            *zombie_counts.entry(address).or_default() += zombies;
        }
        // A call without value leaves no trace on an account that is not there.
        let exists = trace.changes > 0 || !account.is_loaded_as_not_existing();
        let changes = trace.changes + u32::from(trace.touched && exists);
        let is_zombie = zombie_counts.get(&address).is_some_and(|count| *count == changes);
        if account.is_selfdestructed_locally() || (account.is_empty() && !is_zombie) {
            delete(account, dirty);
            if exists {
                deleted.insert(address);
            }
            return;
        }
        account.status -= AccountStatus::Touched | AccountStatus::CreatedLocal | AccountStatus::LoadedAsNotExisting;
        dirty.deleted = false;
        dirty.code_changed |= trace.code_changed;
    }

    /// Net changes of the closed transactions, for the world to commit.
    #[must_use]
    pub fn changes(&self) -> Changes {
        let mut accounts = BTreeMap::new();
        let mut codes = BTreeMap::new();
        for (address, dirty) in self.run.ledger.dirty.iter() {
            let Some(account) = self.journal.inner.state.get(address) else { continue };
            let info = (!dirty.deleted).then_some(AccountInfo {
                nonce: account.info.nonce,
                balance: account.info.balance,
                code_hash: account.info.code_hash,
            });
            if let Some(code) = account.info.code.as_ref().filter(|code| dirty.code_changed && !code.is_empty()) {
                codes.insert(account.info.code_hash, code.original_bytes());
            }
            accounts.insert(
                *address,
                AccountChange { info, storage_cleared: dirty.storage_cleared, slots: changed_slots(account, dirty) },
            );
        }
        Changes { accounts, codes: codes.into_iter().collect() }
    }
}

/// Removes an account from the state in place: its slots read as zero from now on.
fn delete(account: &mut Account, dirty: &mut DirtyAccount) {
    account.selfdestruct();
    account.status = AccountStatus::LoadedAsNotExisting | AccountStatus::Created | AccountStatus::Cold;
    dirty.deleted = true;
    dirty.storage_cleared = true;
    dirty.slots.clear();
}

fn changed_slots(account: &Account, dirty: &DirtyAccount) -> Vec<(U256, U256)> {
    let mut slots: Vec<_> = dirty
        .slots
        .iter()
        .filter_map(|(slot, before)| {
            let now = account.storage.get(slot)?.present_value;
            (now != *before).then_some((*slot, now))
        })
        .collect();
    slots.sort_unstable();
    slots
}

/// Sorts a transaction's journal entries by account, and notes changed slots with their value from before the block.
fn trace(entries: &[JournalEntry], named: &mut Vec<usize>, dirty: &mut DirtyAccounts) {
    for entry in entries {
        match entry {
            JournalEntry::AccountWarmed { .. }
            | JournalEntry::StorageWarmed { .. }
            | JournalEntry::TransientStorageChange { .. } => {}
            JournalEntry::AccountTouched { address } => account(address, named, dirty).trace.touched = true,
            JournalEntry::StorageChanged { address, key, had_value } => {
                let account = account(address, named, dirty);
                account.trace.changes += 1;
                account.note_slot(*key, *had_value);
            }
            JournalEntry::CodeChange { address, .. } => {
                let trace = &mut account(address, named, dirty).trace;
                trace.changes += 1;
                trace.code_changed = true;
            }
            JournalEntry::AccountDestroyed { address: first, target: second, .. }
            | JournalEntry::BalanceTransfer { from: first, to: second, .. } => {
                account(first, named, dirty).trace.changes += 1;
                account(second, named, dirty).trace.changes += 1;
            }
            JournalEntry::BalanceChange { address, .. }
            | JournalEntry::NonceChange { address, .. }
            | JournalEntry::NonceBump { address }
            | JournalEntry::AccountCreated { address, .. } => account(address, named, dirty).trace.changes += 1,
        }
    }
}

/// An account that an entry names.
fn account<'a>(address: &Address, named: &mut Vec<usize>, dirty: &'a mut DirtyAccounts) -> &'a mut DirtyAccount {
    let number = dirty.number(*address);
    let account = dirty.account(number);
    if !account.trace.named {
        account.trace.named = true;
        named.push(number);
    }
    account
}
