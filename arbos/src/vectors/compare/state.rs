//! The state after a block.

use super::{Comparison, number, show::Show};
use crate::vectors::{
    format::block::{ExpectedAccount, ExpectedState},
    names::{SeenKeys, SlotNames},
};
use ::state::{
    address,
    world::{AccountChange, Changes, World},
};
use alloy_primitives::{Address, B256, U256};
use std::cell::OnceCell;

/// Names of slots, made when the first one is needed.
struct Names<'a> {
    seen: &'a SeenKeys,
    names: OnceCell<SlotNames>,
}

impl<'a> Names<'a> {
    const fn new(seen: &'a SeenKeys) -> Self {
        Self { seen, names: OnceCell::new() }
    }

    /// How the path of a slot ends: the name of its field, and where it lives.
    fn of(&self, account: Address, slot: B256) -> String {
        let names = self.names.get_or_init(|| SlotNames::new(self.seen));
        names.name(account, slot).map_or_else(|| format!("storage[{slot}]"), |name| format!("{name} ({slot})"))
    }
}

/// How the path of an account begins.
fn account_name(account: Address) -> String {
    if account == address::ARBOS_STATE { "arbos".into() } else { account.show() }
}

impl Comparison {
    /// Compares what is known of accounts with the world.
    pub(super) fn state(&mut self, want: &ExpectedState, world: &mut dyn World, seen: &SeenKeys) {
        let names = Names::new(seen);
        for (address, account) in want {
            self.inside(&account_name(*address), |here| here.account(*address, account, world, &names));
        }
    }

    fn account(&mut self, address: Address, want: &ExpectedAccount, world: &mut dyn World, names: &Names<'_>) {
        if want.balance.is_some() || want.nonce.is_some() || want.code_hash.is_some() {
            match world.account(address) {
                Ok(account) => {
                    let account = account.unwrap_or_default();
                    self.field("balance", want.balance.as_ref(), &account.balance);
                    self.field("nonce", want.nonce.as_ref(), &account.nonce);
                    self.field("codeHash", want.code_hash.as_ref(), &account.code_hash);
                }
                Err(error) => self.differs("", "the account".into(), error.to_string()),
            }
        }
        for (slot, want) in &want.storage {
            match world.storage(address, number(*slot)) {
                Ok(value) if value == number(*want) => {}
                Ok(value) => self.differs(&names.of(address, *slot), number(*want).show(), value.show()),
                Err(error) => self.differs(&names.of(address, *slot), number(*want).show(), error.to_string()),
            }
        }
    }

    /// Names what a block changed beyond the accounts and slots that are known to have changed. Only of use when the roots
    /// differ: what is not known is not asserted.
    pub(super) fn unexpected(&mut self, want: &ExpectedState, got: &Changes, seen: &SeenKeys) {
        let names = Names::new(seen);
        for (address, change) in &got.accounts {
            let known = want.iter().find(|(known, _)| known == address).map(|(_, account)| account);
            self.inside(&account_name(*address), |here| here.unexpected_account(*address, known, change, &names));
        }
    }

    fn unexpected_account(
        &mut self,
        address: Address,
        want: Option<&ExpectedAccount>,
        got: &AccountChange,
        names: &Names<'_>,
    ) {
        let unchanged = || String::from("no change");
        if want.is_none() && got.slots.is_empty() {
            self.differs("", unchanged(), got.info.map_or_else(|| "a deletion".into(), |info| format!("{info:?}")));
        }
        let known = |slot: U256| want.is_some_and(|want| want.storage.iter().any(|(known, _)| number(*known) == slot));
        for (slot, value) in got.slots.iter().filter(|(slot, _)| !known(*slot)) {
            self.differs(&names.of(address, (*slot).into()), unchanged(), value.show());
        }
    }
}
