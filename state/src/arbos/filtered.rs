//! Transactions the chain filters, in an account of their own, since version 60.

use crate::{
    address,
    error::Result,
    space::{Access, Io, Space, Write},
};
use alloy_primitives::{B256, U256};

/// The set of filtered transaction hashes.
pub struct FilteredTransactions<'a, A> {
    space: Space<'a, A>,
}

impl<'a, A: Access> FilteredTransactions<'a, A> {
    /// Opens the set.
    pub const fn open(io: Io<'a>) -> Self {
        Self { space: Space::root(io, address::FILTERED_TRANSACTIONS) }
    }

    /// Whether a transaction is filtered: one read.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn contains(&mut self, hash: B256) -> Result<bool> {
        Ok(self.space.slot_at::<U256>(hash).get()? == U256::ONE)
    }

    /// The same for nothing, as the transition asks.
    ///
    /// # Errors
    /// A failing store.
    pub fn contains_free(&mut self, hash: B256) -> Result<bool> {
        Ok(self.space.slot_at::<U256>(hash).get_free()? == U256::ONE)
    }
}

impl FilteredTransactions<'_, Write> {
    /// Adds a hash.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn add(&mut self, hash: B256) -> Result<()> {
        self.space.slot_at(hash).set(U256::ONE)
    }

    /// Removes a hash.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn remove(&mut self, hash: B256) -> Result<()> {
        self.space.slot_at::<U256>(hash).clear()
    }
}
