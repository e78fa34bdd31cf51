//! A backend in a map, for tests, benches and simulations.

use crate::{arbos::L2Layout, backend::Backend, error::Result, space::KeyCache};
use alloc::vec::Vec;
use alloy_primitives::{Address, B256, U256, map::HashMap};

/// Words of all accounts in one map.
#[derive(Debug, Clone, Default)]
pub struct MemoryBackend {
    words: HashMap<(Address, B256), U256>,
    keys: KeyCache,
    layout: L2Layout,
}

impl MemoryBackend {
    /// An empty backend.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty backend of a chain with this layout of L2 pricing.
    #[must_use]
    pub fn with_layout(layout: L2Layout) -> Self {
        Self { layout, ..Self::default() }
    }

    /// All words that are not zero, in the order of account and slot.
    pub fn words(&self) -> impl Iterator<Item = (Address, B256, U256)> {
        let mut words: Vec<_> = self.words.iter().map(|((account, slot), value)| (*account, *slot, *value)).collect();
        words.sort_unstable();
        words.into_iter()
    }
}

impl Backend for MemoryBackend {
    fn load(&mut self, account: Address, slot: B256) -> Result<U256> {
        Ok(self.words.get(&(account, slot)).copied().unwrap_or_default())
    }

    fn store(&mut self, account: Address, slot: B256, value: U256) -> Result<()> {
        if value.is_zero() {
            self.words.remove(&(account, slot));
        } else {
            self.words.insert((account, slot), value);
        }
        Ok(())
    }

    fn keys(&mut self) -> &mut KeyCache {
        &mut self.keys
    }

    fn l2_layout(&self) -> L2Layout {
        self.layout
    }
}
