//! A world of recorded accounts and slots: what was not recorded is an error that names it, never zero.
//!
//! Recorders watch transactions and leave accounts out that were empty. So a block needs a little more than they wrote down: an
//! account that is absent is taken for one that is not there, and words of the operating state that nobody watched have a value
//! of their own. What was taken for granted in this way is remembered. None of it reaches what is compared: what decides the
//! outcome of a transaction is recorded.

use crate::vectors::format::partial::Prestate;
use ::state::{
    SpaceKey,
    address::ARBOS_STATE,
    world::{AccountInfo, Changes, World, WorldError},
};
use alloy_primitives::{
    Address, B256, Bytes, KECCAK256_EMPTY, U256,
    map::{AddressMap, B256Map, HashMap},
};
use core::fmt;
use std::collections::BTreeSet;

/// Accounts and slots as they were recorded, with what was written since.
#[derive(Debug, Default)]
pub(super) struct RecordedWorld {
    accounts: AddressMap<Account>,
    codes: B256Map<Bytes>,
    blocks: HashMap<u64, B256>,
    /// Nothing at all was recorded: the world was empty.
    empty: bool,
    /// Words of the operating state that have a value though they were not recorded.
    unwatched: B256Map<U256>,
    assumed: BTreeSet<Unrecorded>,
    unrecorded: Option<Unrecorded>,
}

/// Words of the operating state that blocks need and recorders miss: space, number, and the value they are taken to have.
const UNWATCHED: &[(&[u8], u64, u64)] = &[
    // Receiver of fees: its balance is not known either.
    (&[], 3, 0),
    // Fees held for batch posters: only reports of batches depend on them.
    (&[0], 11, 0),
    // Compute gas of a block, as on Arbitrum One.
    (&[1], 1, 32_000_000),
    // Number of sends: decides the root of sends alone.
    (&[5], 0, 0),
    // Feature bits: none were switched on before this was recorded.
    (&[9], 0, 0),
];

/// Where a word of a space lives.
fn slot(key: SpaceKey, number: u64) -> B256 {
    key.slot(U256::from(number).into())
}

#[derive(Debug, Default)]
struct Account {
    /// None if it is not there.
    info: Option<AccountInfo>,
    slots: HashMap<U256, U256>,
    /// Slots that are not listed are zero: it was not there, or was cleared.
    complete: bool,
}

/// What was asked for and is not recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unrecorded {
    /// An account.
    Account(Address),
    /// A slot of an account.
    Slot(Address, B256),
}

impl fmt::Display for Unrecorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(address) => write!(f, "account {address:#x} was not recorded"),
            Self::Slot(address, slot) => write!(f, "slot {slot} of account {address:#x} was not recorded"),
        }
    }
}

impl RecordedWorld {
    /// The world as it was recorded.
    pub(super) fn new(prestate: &Prestate) -> Self {
        let mut world = Self { empty: prestate.accounts.is_empty(), ..Self::default() };
        for (address, account) in &prestate.accounts {
            let info = AccountInfo { nonce: account.nonce, balance: account.balance, code_hash: account.code_hash };
            let info = Some(info).filter(|info| *info != AccountInfo::default());
            let slots = account.storage.iter().map(|(slot, value)| ((*slot).into(), (*value).into())).collect();
            world.accounts.insert(*address, Account { info, slots, complete: info.is_none() });
        }
        world.codes = prestate.codes.iter().cloned().collect();
        world.blocks = prestate.block_hashes.iter().copied().collect();
        for (space, number, value) in UNWATCHED {
            let key = if space.is_empty() { SpaceKey::ROOT } else { SpaceKey::ROOT.child(space) };
            world.unwatched.insert(slot(key, *number), U256::from(*value));
        }
        world
    }

    /// Expects a ticket that is new. Its calldata ends with a word that is written even if it stays zero, and then no recorder
    /// sees it.
    pub(super) fn expect_ticket(&mut self, id: B256, calldata: &[u8]) {
        let key = SpaceKey::ROOT.child(&[2]).child(id.as_slice()).child(&[1]);
        self.unwatched.insert(slot(key, 1 + calldata.len() as u64 / 32), U256::ZERO);
    }

    /// What was taken for granted.
    pub(super) fn assumed(&self) -> impl Iterator<Item = Unrecorded> {
        self.assumed.iter().copied()
    }

    /// The first thing that was asked for and is not recorded.
    pub(super) const fn unrecorded(&self) -> Option<Unrecorded> {
        self.unrecorded
    }

    fn unrecorded_slot(&mut self, address: Address, slot: B256) -> Result<U256, WorldError> {
        let what = Unrecorded::Slot(address, slot);
        if let Some(value) = self.unwatched.get(&slot).filter(|_| address == ARBOS_STATE) {
            self.assumed.insert(what);
            return Ok(*value);
        }
        self.unrecorded.get_or_insert(what);
        // Only carries the failure through the block: what is missing is remembered here.
        Err(WorldError::MissingNode(slot))
    }
}

impl World for RecordedWorld {
    fn account(&mut self, address: Address) -> Result<Option<AccountInfo>, WorldError> {
        let account = self.accounts.get(&address);
        if account.is_none() && !self.empty {
            self.assumed.insert(Unrecorded::Account(address));
        }
        Ok(account.and_then(|account| account.info))
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, WorldError> {
        let account = self.accounts.get(&address);
        match account.and_then(|account| account.slots.get(&slot)) {
            Some(value) => Ok(*value),
            None if account.map_or(self.empty, |account| account.complete) => Ok(U256::ZERO),
            None => self.unrecorded_slot(address, slot.into()),
        }
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

    /// Not known: the tries were not recorded.
    fn state_root(&self) -> B256 {
        B256::ZERO
    }

    fn commit(&mut self, changes: &Changes) -> Result<B256, WorldError> {
        for (address, change) in &changes.accounts {
            let unlisted = Account { complete: self.empty, ..Account::default() };
            let account = self.accounts.entry(*address).or_insert(unlisted);
            if change.storage_cleared || change.info.is_none() {
                account.slots.clear();
                account.complete = true;
            }
            account.info = change.info;
            account.slots.extend(change.slots.iter().copied());
        }
        self.codes.extend(changes.codes.iter().cloned());
        Ok(self.state_root())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::format::partial;
    use ::state::world::AccountChange;

    const KNOWN: Address = Address::repeat_byte(1);
    const ABSENT: Address = Address::repeat_byte(2);

    fn world() -> RecordedWorld {
        let account = |balance, storage: &[(B256, B256)]| partial::Account {
            balance: U256::from(balance),
            nonce: 0,
            code_hash: KECCAK256_EMPTY,
            storage: storage.to_vec(),
        };
        let accounts = [(KNOWN, account(7, &[(B256::ZERO, B256::ZERO)])), (ABSENT, account(0, &[]))];
        RecordedWorld::new(&Prestate { accounts: accounts.into(), ..Prestate::default() })
    }

    #[test]
    fn what_was_not_recorded_is_named() {
        let mut world = world();
        assert_eq!(world.storage(KNOWN, U256::ZERO), Ok(U256::ZERO));
        assert!(world.storage(KNOWN, U256::ONE).is_err());
        assert_eq!(world.unrecorded(), Some(Unrecorded::Slot(KNOWN, B256::with_last_byte(1))));
        assert!(world.storage(Address::ZERO, U256::ZERO).is_err());
        assert_eq!(world.unrecorded(), Some(Unrecorded::Slot(KNOWN, B256::with_last_byte(1))));
    }

    #[test]
    fn what_is_taken_for_granted_is_remembered() {
        let mut world = world();
        let gas_limit = SpaceKey::ROOT.child(&[1]).slot(B256::with_last_byte(1));
        assert_eq!(world.account(Address::ZERO), Ok(None));
        assert_eq!(world.storage(ARBOS_STATE, gas_limit.into()), Ok(U256::from(32_000_000)));
        let assumed = [Unrecorded::Account(Address::ZERO), Unrecorded::Slot(ARBOS_STATE, gas_limit)];
        assert!(world.assumed().eq(assumed));
        assert!(world.storage(KNOWN, gas_limit.into()).is_err());
    }

    #[test]
    fn an_account_that_was_not_there_has_no_storage() {
        let mut world = world();
        assert_eq!((world.account(ABSENT), world.storage(ABSENT, U256::ONE)), (Ok(None), Ok(U256::ZERO)));
    }

    #[test]
    fn cleared_storage_is_known_as_a_whole() {
        let mut world = world();
        let change = AccountChange { info: Some(AccountInfo::default()), storage_cleared: true, slots: Vec::new() };
        world.commit(&Changes { accounts: [(KNOWN, change)].into(), codes: Vec::new() }).unwrap();
        assert_eq!(world.storage(KNOWN, U256::from(9)), Ok(U256::ZERO));
    }
}
