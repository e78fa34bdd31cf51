//! A world of recorded accounts and slots: what was not recorded is an error that names it, never zero.

use crate::vectors::format::partial::Prestate;
use ::state::world::{AccountInfo, Changes, World, WorldError};
use alloy_primitives::{
    Address, B256, Bytes, KECCAK256_EMPTY, U256,
    map::{AddressMap, B256Map, HashMap},
};
use core::fmt;

/// Accounts and slots as they were recorded, with what was written since.
#[derive(Debug, Default)]
pub(super) struct RecordedWorld {
    accounts: AddressMap<Account>,
    codes: B256Map<Bytes>,
    blocks: HashMap<u64, B256>,
    /// Nothing at all was recorded: the world was empty.
    empty: bool,
    unrecorded: Option<Unrecorded>,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
        world
    }

    /// The first thing that was asked for and is not recorded.
    pub(super) const fn unrecorded(&self) -> Option<Unrecorded> {
        self.unrecorded
    }

    /// Remembers what is missing; the error only carries it through the block.
    fn missing(&mut self, what: Unrecorded) -> WorldError {
        self.unrecorded.get_or_insert(what);
        match what {
            Unrecorded::Account(address) => WorldError::MissingNode(address.into_word()),
            Unrecorded::Slot(_, slot) => WorldError::MissingNode(slot),
        }
    }
}

impl World for RecordedWorld {
    fn account(&mut self, address: Address) -> Result<Option<AccountInfo>, WorldError> {
        match self.accounts.get(&address) {
            Some(account) => Ok(account.info),
            None if self.empty => Ok(None),
            None => Err(self.missing(Unrecorded::Account(address))),
        }
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, WorldError> {
        let account = self.accounts.get(&address);
        match account.and_then(|account| account.slots.get(&slot)) {
            Some(value) => Ok(*value),
            None if account.map_or(self.empty, |account| account.complete) => Ok(U256::ZERO),
            None => Err(self.missing(Unrecorded::Slot(address, slot.into()))),
        }
    }

    /// The recorder sees no writes that change nothing, so such a slot held what is written to it again and again: zero.
    fn storage_before_write(&mut self, address: Address, slot: U256) -> Result<U256, WorldError> {
        let account = self.accounts.get(&address);
        Ok(account.and_then(|account| account.slots.get(&slot)).copied().unwrap_or_default())
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
            let account = self.accounts.entry(*address).or_default();
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
        assert!(world.account(Address::ZERO).is_err());
        assert_eq!(world.unrecorded(), Some(Unrecorded::Slot(KNOWN, B256::with_last_byte(1))));
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
