//! A set of addresses with a list and an index by address.

use super::shape;
use crate::{
    error::{Fault, Result},
    slot::{Slot, Word},
    space::{Access, Write},
    version::ArbosVersion,
    view::{Field, Place},
};
use alloc::vec::Vec;
use alloy_primitives::{Address, B256};

shape!(
    /// Owners, managers, filterers, posters.
    AddressSet,
    &[
        Field { name: "size", place: Place::Slot(0) },
        Field { name: "members", place: Place::Slots(1) },
        Field { name: "by_address", place: Place::Space(&[0], &[Field { name: "index", place: Place::Keyed }]) },
    ]
);

fn key(address: Address) -> B256 {
    B256::from(Word::into_word(address))
}

impl<A: Access> AddressSet<'_, A> {
    /// The 1-based place of an address in the list; 0 is none.
    fn index(&mut self, address: Address) -> Slot<'_, u64, A> {
        self.space.child(&[0]).into_slot_at(key(address))
    }

    /// Number of members: one read.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn size(&mut self) -> Result<u64> {
        self.space.slot(0).get()
    }

    /// Whether the index knows the address: one read. True for stale indexes too.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn is_member(&mut self, address: Address) -> Result<bool> {
        Ok(self.index(address).get()? != 0)
    }

    /// Members in the order of the list, at most `limit`.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn members(&mut self, limit: u64) -> Result<Vec<Address>> {
        let size = self.size()?.min(limit);
        (1..=size).map(|number| self.space.slot(number).get()).collect()
    }

    /// Whether the list holds the address where the index says (`rectifyChainOwner`).
    ///
    /// # Errors
    /// Out of gas, a failing store, or an address that is no member.
    pub fn is_consistent(&mut self, address: Address) -> Result<bool> {
        let index = self.index(address).get()?;
        let listed: Address = self.space.slot(index).get()?;
        let size = self.size()?;
        Ok(listed == address && index <= size)
    }
}

impl AddressSet<'_, Write> {
    /// Writes an empty list.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn initialize(&mut self) -> Result<()> {
        self.space.slot::<u64>(0).set(0)
    }

    /// Adds an address, if it is new.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn add(&mut self, address: Address) -> Result<()> {
        if self.is_member(address)? {
            return Ok(());
        }
        let size = self.size()?;
        self.index(address).set(size + 1)?;
        self.space.slot(size + 1).set(address)?;
        self.space.slot::<u64>(0).update(|size| Ok(size + 1))
    }

    /// Removes a member. Below version 11 the member moved into its place keeps its old index.
    ///
    /// # Errors
    /// Out of gas or a failing store; [`Fault::Halt`] where the reference node stops: a member of an empty list.
    pub fn remove(&mut self, address: Address, version: ArbosVersion) -> Result<()> {
        let index = self.index(address).get()?;
        if index == 0 {
            return Ok(());
        }
        self.index(address).clear()?;
        let size = self.size()?;
        if index < size {
            let last: Address = self.space.slot(size).get()?;
            self.space.slot(index).set(last)?;
            // Kept: see ArbosVersion::ADDRESS_SET_REPAIR.
            if version >= ArbosVersion::ADDRESS_SET_REPAIR {
                self.index(last).set(index)?;
            }
        }
        self.space.slot::<Address>(size).clear()?;
        let empty = Fault::Halt("a member is removed from an address set whose list is empty");
        self.space.slot::<u64>(0).update(|size| size.checked_sub(1).ok_or(empty))
    }

    /// Clears the list and keeps the index by address (the step to version 11).
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn clear_list(&mut self) -> Result<()> {
        let size = self.size()?;
        for number in 1..=size {
            self.space.slot::<Address>(number).clear()?;
        }
        self.space.slot::<u64>(0).clear()
    }

    /// Gives an address that is only in the index a place in the list again.
    ///
    /// # Errors
    /// Out of gas, a failing store, or an address that needs no repair.
    pub fn rectify(&mut self, address: Address) -> Result<()> {
        if !self.is_member(address)? {
            return Err(Fault::Rejected("cannot rectify a non-member"));
        }
        if self.is_consistent(address)? {
            return Err(Fault::Rejected("already a consistent member"));
        }
        self.index(address).clear()?;
        self.add(address)
    }
}
