//! Parameters of Stylus, packed into one word (`spec/state.md` 9).

use crate::{
    error::{Fault, Result},
    gas::ResourceKind,
    space::{Access, Space, Write},
    version::ArbosVersion,
};
use alloy_primitives::U256;

/// Gas of reading all parameters.
pub const PARAMS_GAS: u64 = 100;
/// Largest uncompressed wasm before it became a parameter.
pub const DEFAULT_MAX_WASM_SIZE: u32 = 131_072;
/// Growth of the page price; not stored.
pub const PAGE_RAMP: u64 = 620_674_314;

/// The parameters, as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StylusParams {
    /// Version of Stylus; programs of another one must be activated again.
    pub version: u16,
    /// Ink a gas buys (24 bits).
    pub ink_price: u32,
    /// Deepest stack, in words.
    pub max_stack_depth: u32,
    /// Pages that cost nothing.
    pub free_pages: u16,
    /// Gas of a page.
    pub page_gas: u16,
    /// Most pages.
    pub page_limit: u16,
    /// Least init cost, in units of 128 gas.
    pub min_init_gas: u8,
    /// Least cached init cost, in units of 32 gas.
    pub min_cached_init_gas: u8,
    /// Factor of init costs, in units of 2 %.
    pub init_cost_scalar: u8,
    /// Factor of cached init costs, in units of 2 %.
    pub cached_cost_scalar: u8,
    /// Days until a program expires.
    pub expiry_days: u16,
    /// Days before a program may be kept alive.
    pub keepalive_days: u16,
    /// Programs a block keeps in its cache.
    pub block_cache_size: u16,
    /// Largest uncompressed wasm in bytes; stored since version 40.
    pub max_wasm_size: u32,
    /// Most fragments of a program; stored since version 60.
    pub max_fragment_count: u8,
}

impl StylusParams {
    /// Parameters of version 30.
    #[must_use]
    pub const fn initial() -> Self {
        Self {
            version: 1,
            ink_price: 10_000,
            max_stack_depth: 262_144,
            free_pages: 2,
            page_gas: 1_000,
            page_limit: 128,
            min_init_gas: 72,
            min_cached_init_gas: 11,
            init_cost_scalar: 50,
            cached_cost_scalar: 50,
            expiry_days: 365,
            keepalive_days: 31,
            block_cache_size: 32,
            max_wasm_size: DEFAULT_MAX_WASM_SIZE,
            max_fragment_count: 0,
        }
    }

    fn unpack(word: &[u8; 32], version: ArbosVersion) -> Self {
        let u16_at = |at: usize| u16::from_be_bytes([word[at], word[at + 1]]);
        let u32_at = |at: usize| u32::from_be_bytes([word[at], word[at + 1], word[at + 2], word[at + 3]]);
        Self {
            version: u16_at(0),
            ink_price: u32::from_be_bytes([0, word[2], word[3], word[4]]),
            max_stack_depth: u32_at(5),
            free_pages: u16_at(9),
            page_gas: u16_at(11),
            page_limit: u16_at(13),
            min_init_gas: word[15],
            min_cached_init_gas: word[16],
            init_cost_scalar: word[17],
            cached_cost_scalar: word[18],
            expiry_days: u16_at(19),
            keepalive_days: u16_at(21),
            block_cache_size: u16_at(23),
            max_wasm_size: if version >= ArbosVersion::MAX_WASM_SIZE { u32_at(25) } else { DEFAULT_MAX_WASM_SIZE },
            max_fragment_count: if version >= ArbosVersion::STYLUS_CONTRACT_LIMIT { word[29] } else { 0 },
        }
    }

    fn pack(&self, version: ArbosVersion) -> [u8; 32] {
        let mut word = [0; 32];
        word[0..2].copy_from_slice(&self.version.to_be_bytes());
        word[2..5].copy_from_slice(&self.ink_price.to_be_bytes()[1..]);
        word[5..9].copy_from_slice(&self.max_stack_depth.to_be_bytes());
        word[9..11].copy_from_slice(&self.free_pages.to_be_bytes());
        word[11..13].copy_from_slice(&self.page_gas.to_be_bytes());
        word[13..15].copy_from_slice(&self.page_limit.to_be_bytes());
        word[15] = self.min_init_gas;
        word[16] = self.min_cached_init_gas;
        word[17] = self.init_cost_scalar;
        word[18] = self.cached_cost_scalar;
        word[19..21].copy_from_slice(&self.expiry_days.to_be_bytes());
        word[21..23].copy_from_slice(&self.keepalive_days.to_be_bytes());
        word[23..25].copy_from_slice(&self.block_cache_size.to_be_bytes());
        if version >= ArbosVersion::MAX_WASM_SIZE {
            word[25..29].copy_from_slice(&self.max_wasm_size.to_be_bytes());
        }
        if version >= ArbosVersion::STYLUS_CONTRACT_LIMIT {
            word[29] = self.max_fragment_count;
        }
        word
    }

    /// Reads the parameters for 100 gas.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn read<A: Access>(space: &mut Space<'_, A>, version: ArbosVersion) -> Result<Self> {
        space.burn(ResourceKind::Computation, PARAMS_GAS)?;
        let word: U256 = space.slot(0).get_free()?;
        Ok(Self::unpack(&word.to_be_bytes(), version))
    }

    /// Writes the parameters: one write.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn save(&self, space: &mut Space<'_, Write>, version: ArbosVersion) -> Result<()> {
        space.slot(0).set(U256::from_be_bytes(self.pack(version)))
    }

    /// The step to the next version of Stylus.
    ///
    /// # Errors
    /// [`Fault::Halt`] if the parameters have another version than the step starts from.
    pub const fn upgrade_version(&mut self, from: u16) -> Result<()> {
        if self.version != from {
            return Err(Fault::Halt("the Stylus version is not the one an upgrade starts from"));
        }
        self.version = from + 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_keeps_what_the_version_stores() {
        let params = StylusParams { max_wasm_size: 5, max_fragment_count: 4, ..StylusParams::initial() };
        let latest = ArbosVersion::LATEST;
        assert_eq!(StylusParams::unpack(&params.pack(latest), latest), params);
        let old = StylusParams::unpack(&params.pack(ArbosVersion::STYLUS), ArbosVersion::STYLUS);
        assert_eq!((old.max_wasm_size, old.max_fragment_count), (DEFAULT_MAX_WASM_SIZE, 0));
    }
}
