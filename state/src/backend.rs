//! Where the words of the operating state live: a journal, a map, a witness.

pub mod memory;

use crate::{arbos::L2Layout, error::Result, space::KeyCache};
use alloy_primitives::{Address, B256, U256};

/// Loads and stores words. Never charges: that is the burner's part.
pub trait Backend {
    /// The word at a physical slot of an account; zero where nothing was stored.
    ///
    /// # Errors
    /// [`Fault::Host`](crate::Fault::Host) if the store below fails; it keeps its own error.
    fn load(&mut self, account: Address, slot: B256) -> Result<U256>;

    /// Replaces the word at a physical slot; zero deletes it.
    ///
    /// # Errors
    /// As [`Backend::load`].
    fn store(&mut self, account: Address, slot: B256, value: U256) -> Result<()>;

    /// The keys derived so far. Derived data only: forgetting it changes no result.
    fn keys(&mut self) -> &mut KeyCache;

    /// How the chain whose words these are lays out L2 pricing. Its configuration says so, no word does.
    fn l2_layout(&self) -> L2Layout {
        L2Layout::Backlog
    }
}
