//! The journal as the operating system uses it.
//!
//! revm's journal lives for a whole block here; each transaction is one stretch of it. Accesses of the operating system go past
//! the access list: they never warm an account or a slot and cost nothing. [`Ledger::end_transaction`] closes a stretch by the
//! rules of the protocol: destroyed and empty accounts are deleted, except zombies (`spec/versions.md` 7.4), and what changed is
//! remembered for the block's commit.

mod changes;
mod state;

pub use state::LedgerState;

use crate::evm::{
    BlockRun,
    database::{DatabaseError, WorldDatabase},
};
use ::state::{
    ArbosState, ArbosVersion, Backend, Fault, Io, KeyCache, Result, SystemBurner, Write, address::ARBOS_STATE,
    arbos::L2Layout, world::WorldError,
};
use alloc::vec::Vec;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256, map::hash_map::Entry};
use revm::{
    Database,
    bytecode::Bytecode,
    context::{JournalEntry, JournalTr, journal::JournalInner},
    primitives::KECCAK_EMPTY,
    state::{Account, EvmState, EvmStorageSlot, TransactionId},
};

type Journal<'w> = revm::Journal<WorldDatabase<'w>>;

/// Access to accounts and slots by the operating system.
pub struct Ledger<'a, 'w> {
    journal: &'a mut Journal<'w>,
    run: &'a mut BlockRun,
}

impl<'a, 'w> Ledger<'a, 'w> {
    /// Joins the journal of a block and what is known of the block.
    pub const fn new(journal: &'a mut Journal<'w>, run: &'a mut BlockRun) -> Self {
        Self { journal, run }
    }

    /// The version the block's header carries now.
    const fn header_version(&self) -> ArbosVersion {
        self.run.facts.header_version
    }

    /// The operating state, where nobody pays. Its version is read when it is opened first, and again after it may have changed.
    pub(super) fn arbos<'s>(&'s mut self, burner: &'s mut SystemBurner) -> Result<ArbosState<'s, Write>> {
        let version = match self.run.ledger.version {
            Some(known) => known,
            None => ArbosState::system(&mut *self, &mut *burner)?.version(),
        };
        self.run.ledger.version = Some(version);
        debug_assert_eq!(
            ArbosState::system(&mut *self, &mut *burner)?.version(),
            version,
            "the version that was read last"
        );
        Ok(ArbosState::at_version(Io::new(self, burner), version))
    }

    /// The account, loaded without warming it.
    fn account_mut(&mut self, address: Address) -> Result<(&mut Account, &mut Vec<JournalEntry>)> {
        let revm::Journal { database, inner } = &mut *self.journal;
        let JournalInner { state, journal, transaction_id, .. } = inner;
        // An account that destroyed itself in an earlier transaction was cleared when that transaction ended.
        match loaded(state, database, address, *transaction_id) {
            Ok(account) => Ok((account, journal)),
            Err(error) => {
                self.run.ledger.keep_error(error);
                Err(Fault::Host)
            }
        }
    }

    /// Balance in wei.
    ///
    /// # Errors
    /// A failing store.
    pub fn balance(&mut self, address: Address) -> Result<U256> {
        Ok(self.account_mut(address)?.0.info.balance)
    }

    /// Nonce of an account.
    ///
    /// # Errors
    /// A failing store.
    pub fn nonce(&mut self, address: Address) -> Result<u64> {
        Ok(self.account_mut(address)?.0.info.nonce)
    }

    /// Code hash of an account; zero if it does not exist.
    ///
    /// # Errors
    /// A failing store.
    pub fn code_hash(&mut self, address: Address) -> Result<B256> {
        let (account, _) = self.account_mut(address)?;
        let absent = account.is_loaded_as_not_existing() && account.is_empty();
        Ok(if absent { B256::ZERO } else { account.info.code_hash })
    }

    /// Code of an account.
    ///
    /// # Errors
    /// A failing store.
    pub fn code(&mut self, address: Address) -> Result<Bytes> {
        let (account, _) = self.account_mut(address)?;
        if let Some(code) = &account.info.code {
            return Ok(code.original_bytes());
        }
        let hash = account.info.code_hash;
        if hash == KECCAK_EMPTY || hash.is_zero() {
            return Ok(Bytes::new());
        }
        let code = self.host(|journal| journal.database.code_by_hash(hash))?;
        let bytes = code.original_bytes();
        self.account_mut(address)?.0.info.code = Some(code);
        Ok(bytes)
    }

    /// Sets the balance of an account that is there from the start.
    ///
    /// # Errors
    /// A failing store.
    pub fn set_balance(&mut self, address: Address, balance: U256) -> Result<()> {
        let (account, journal) = self.account_mut(address)?;
        journal.push(JournalEntry::BalanceChange { address, old_balance: account.info.balance });
        account.info.balance = balance;
        account.mark_touch();
        Ok(())
    }

    /// Sets the nonce, if it differs.
    ///
    /// # Errors
    /// A failing store.
    pub fn set_nonce(&mut self, address: Address, nonce: u64) -> Result<()> {
        let (account, journal) = self.account_mut(address)?;
        if account.info.nonce != nonce {
            journal.push(JournalEntry::NonceChange { address, previous_nonce: account.info.nonce });
            account.info.nonce = nonce;
            account.mark_touch();
        }
        Ok(())
    }

    /// Raises the nonce by one, past the end to zero; returns what it was.
    ///
    /// # Errors
    /// A failing store.
    pub fn raise_nonce(&mut self, address: Address) -> Result<u64> {
        let (account, journal) = self.account_mut(address)?;
        let previous_nonce = account.info.nonce;
        journal.push(JournalEntry::NonceChange { address, previous_nonce });
        account.info.nonce = previous_nonce.wrapping_add(1);
        account.mark_touch();
        Ok(previous_nonce)
    }

    /// Replaces the code.
    ///
    /// # Errors
    /// A failing store.
    pub fn set_code(&mut self, address: Address, code: Bytes) -> Result<()> {
        self.code(address)?;
        let hash = if code.is_empty() { KECCAK_EMPTY } else { keccak256(&code) };
        let (account, journal) = self.account_mut(address)?;
        let had_code = account.info.code.replace(Bytecode::new_legacy(code));
        journal.push(JournalEntry::CodeChange { address, had_code_hash: account.info.code_hash, had_code });
        account.info.code_hash = hash;
        account.mark_touch();
        Ok(())
    }

    /// Adds to a balance. Adding nothing to an empty account still counts as a change, so that it is deleted.
    fn add_balance(&mut self, address: Address, amount: U256) -> Result<()> {
        let (account, journal) = self.account_mut(address)?;
        if amount.is_zero() && !account.is_empty() {
            return Ok(());
        }
        let old_balance = account.info.balance;
        // Kept: an owner of the native token may mint past 256 bits, and the balance wraps.
        account.info.balance = old_balance.wrapping_add(amount);
        journal.push(JournalEntry::BalanceChange { address, old_balance });
        account.mark_touch();
        Ok(())
    }

    /// Takes from a balance.
    fn take_balance(&mut self, address: Address, amount: U256) -> Result<()> {
        let (account, journal) = self.account_mut(address)?;
        let old_balance = account.info.balance;
        let balance = old_balance.checked_sub(amount).ok_or(Fault::Rejected("insufficient balance for transfer"))?;
        if !amount.is_zero() {
            account.info.balance = balance;
            journal.push(JournalEntry::BalanceChange { address, old_balance });
            account.mark_touch();
        }
        Ok(())
    }

    /// Makes wei out of nothing.
    ///
    /// # Errors
    /// A failing store.
    pub fn mint(&mut self, to: Address, amount: U256) -> Result<()> {
        self.add_balance(to, amount)?;
        self.run.delta.appeared(amount);
        Ok(())
    }

    /// Destroys wei.
    ///
    /// # Errors
    /// [`Fault::Rejected`] if the balance is too small.
    pub fn burn(&mut self, from: Address, amount: U256) -> Result<()> {
        self.revive(from, amount)?;
        self.buy_gas(from, amount)
    }

    /// Takes the price of gas, which is no transfer of the operating system: it brings nobody back.
    ///
    /// # Errors
    /// [`Fault::Rejected`] if the balance is too small.
    pub fn buy_gas(&mut self, from: Address, amount: U256) -> Result<()> {
        self.take_balance(from, amount)?;
        self.run.delta.vanished(amount);
        Ok(())
    }

    /// Makes wei by an act of a precompile, which may still be reverted: it stays out of the balance check of the block.
    ///
    /// # Errors
    /// A failing store.
    pub fn mint_by_act(&mut self, to: Address, amount: U256) -> Result<()> {
        self.add_balance(to, amount)
    }

    /// Destroys wei by an act of a precompile; see [`Self::mint_by_act`].
    ///
    /// # Errors
    /// [`Fault::Rejected`] if the balance is too small.
    pub fn burn_by_act(&mut self, from: Address, amount: U256) -> Result<()> {
        self.revive(from, amount)?;
        self.take_balance(from, amount)
    }

    /// Moves wei by the rules of the operating system.
    ///
    /// # Errors
    /// [`Fault::Rejected`] if the balance is too small; nothing moves then.
    pub fn transfer(&mut self, from: Address, to: Address, amount: U256) -> Result<()> {
        self.revive(from, amount)?;
        self.take_balance(from, amount)?;
        self.add_balance(to, amount)
    }

    /// Moves what was just deposited, as the outer transaction and not as a transfer of the operating system: nothing is checked,
    /// nobody is brought back, and balances wrap as they do when wei is made.
    ///
    /// # Errors
    /// A failing store.
    pub fn hand_over(&mut self, from: Address, to: Address, amount: U256) -> Result<()> {
        let (account, journal) = self.account_mut(from)?;
        let old_balance = account.info.balance;
        account.info.balance = old_balance.wrapping_sub(amount);
        journal.push(JournalEntry::BalanceChange { address: from, old_balance });
        self.add_balance(to, amount)
    }

    // Kept: below ArbOS 30 a transfer of nothing brings an account back that was deleted earlier in the block, as an empty one.
    // See ArbosVersion::NO_ZOMBIES.
    fn revive(&mut self, from: Address, amount: U256) -> Result<()> {
        if !amount.is_zero() || self.header_version() >= ArbosVersion::NO_ZOMBIES {
            return Ok(());
        }
        if !self.run.ledger.was_deleted(from) {
            return Ok(());
        }
        let (account, journal) = self.account_mut(from)?;
        if !account.is_loaded_as_not_existing() || !account.is_empty() {
            return Ok(());
        }
        let index = journal.len();
        journal.push(JournalEntry::NonceChange { address: from, previous_nonce: 0 });
        self.run.ledger.note_zombie(from, index);
        Ok(())
    }

    /// A database answer, with its error kept for the top.
    fn host<T>(&mut self, ask: impl FnOnce(&mut Journal<'w>) -> core::result::Result<T, DatabaseError>) -> Result<T> {
        ask(self.journal).map_err(|error| {
            self.run.ledger.keep_error(error);
            Fault::Host
        })
    }

    /// Hash of an L2 ancestor.
    ///
    /// # Errors
    /// A failing store.
    pub fn block_hash(&mut self, number: u64) -> Result<B256> {
        self.host(|journal| journal.database.block_hash(number))
    }

    /// Code by its hash in the committed state, if it is there.
    ///
    /// # Errors
    /// A failing store.
    pub fn committed_code_exists(&mut self, code_hash: B256) -> Result<bool> {
        if code_hash == KECCAK_EMPTY {
            return Ok(true);
        }
        self.host(|journal| match journal.database.world.code(code_hash) {
            Ok(_) => Ok(true),
            Err(WorldError::MissingCode(_)) => Ok(false),
            Err(error) => Err(error.into()),
        })
    }

    /// Whether the account destroyed itself in the running transaction.
    #[must_use]
    pub fn is_destroyed(journal: &Journal<'_>, address: Address) -> bool {
        journal.inner.state.get(&address).is_some_and(Account::is_selfdestructed_locally)
    }

    /// Logs of the transaction that ran; the journal has none afterwards.
    #[must_use]
    pub fn take_logs(&mut self) -> Vec<alloy_primitives::Log> {
        core::mem::take(&mut self.journal.inner.logs)
    }

    /// Appends a log to the running transaction.
    pub fn log(&mut self, log: alloy_primitives::Log) {
        self.journal.log(log);
    }
}

impl Backend for Ledger<'_, '_> {
    fn load(&mut self, account: Address, slot: B256) -> Result<U256> {
        let key = slot.into();
        // Most words were reached before in the block.
        let known = self.journal.inner.state.get(&account).and_then(|account| account.storage.get(&key));
        match known {
            Some(slot) => Ok(slot.present_value),
            None => self.slot_mut(account, key).map(|(slot, _)| slot.present_value),
        }
    }

    fn store(&mut self, account: Address, slot: B256, value: U256) -> Result<()> {
        let key = slot.into();
        let (slot, journal) = self.slot_mut(account, key)?;
        if slot.present_value != value {
            journal.push(JournalEntry::StorageChanged { address: account, key, had_value: slot.present_value });
            slot.present_value = value;
        }
        Ok(())
    }

    fn keys(&mut self) -> &mut KeyCache {
        &mut self.run.keys
    }

    fn l2_layout(&self) -> L2Layout {
        self.run.layout
    }
}

impl Ledger<'_, '_> {
    /// A slot, loaded without warming it.
    fn slot_mut(&mut self, address: Address, key: U256) -> Result<(&mut EvmStorageSlot, &mut Vec<JournalEntry>)> {
        let revm::Journal { database, inner } = &mut *self.journal;
        let JournalInner { state, journal, transaction_id, .. } = inner;
        let slot = loaded(state, database, address, *transaction_id)
            .and_then(|account| loaded_slot(account, database, address, key, *transaction_id));
        match slot {
            Ok(slot) => Ok((slot, journal)),
            Err(error) => {
                self.run.ledger.keep_error(error);
                Err(Fault::Host)
            }
        }
    }
}

/// Words of the operating state that a usual block reads.
const ARBOS_WORDS: usize = 48;

/// An account of the journal, fetched if it is not there yet.
fn loaded<'a>(
    state: &'a mut EvmState,
    database: &mut WorldDatabase<'_>,
    address: Address,
    transaction: TransactionId,
) -> core::result::Result<&'a mut Account, DatabaseError> {
    match state.entry(address) {
        Entry::Occupied(entry) => Ok(entry.into_mut()),
        Entry::Vacant(entry) => {
            let mut account = match database.basic(address)? {
                Some(info) => Account::from(info),
                None => Account::new_not_existing(transaction),
            };
            account.mark_cold();
            if address == ARBOS_STATE {
                account.storage.reserve(ARBOS_WORDS);
            }
            Ok(entry.insert(account))
        }
    }
}

/// A slot of an account, fetched if it is not there yet.
fn loaded_slot<'a>(
    account: &'a mut Account,
    database: &mut WorldDatabase<'_>,
    address: Address,
    key: U256,
    transaction: TransactionId,
) -> core::result::Result<&'a mut EvmStorageSlot, DatabaseError> {
    let is_created = account.is_created();
    match account.storage.entry(key) {
        Entry::Occupied(entry) => Ok(entry.into_mut()),
        Entry::Vacant(entry) => {
            let value = if is_created { U256::ZERO } else { database.storage(address, key)? };
            let mut slot = EvmStorageSlot::new(value, transaction);
            slot.mark_cold();
            Ok(entry.insert(slot))
        }
    }
}
