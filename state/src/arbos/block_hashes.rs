//! The L1 block number and a ring of 256 hashes (`spec/execution.md` 5).

use crate::{
    error::Result,
    keccak::keccak256,
    space::{Access, Space, Write},
    version::ArbosVersion,
    view::{Field, Layout, Place, View},
};
use alloy_primitives::B256;

/// L1 blocks as the operating system knows them. The hashes are those of L2 parents and fillers, not of L1.
pub struct BlockHashes<'a, A> {
    space: Space<'a, A>,
}

impl<'a, A> View<'a, A> for BlockHashes<'a, A> {
    fn open(space: Space<'a, A>) -> Self {
        Self { space }
    }
}

impl<A> Layout for BlockHashes<'_, A> {
    const FIELDS: &'static [Field] =
        &[Field { name: "l1_block_number", place: Place::Slot(0) }, Field { name: "hashes", place: Place::Slots(1) }];
}

impl<A: Access> BlockHashes<'_, A> {
    /// The L1 block number: the next one to be recorded.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn l1_block_number(&mut self) -> Result<u64> {
        self.space.slot(0).get()
    }

    /// The hash recorded for an L1 block, if it is among the last 256.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn l1_hash(&mut self, number: u64) -> Result<Option<B256>> {
        let current = self.l1_block_number()?;
        if number >= current || number.wrapping_add(256) < current {
            return Ok(None);
        }
        self.space.slot(1 + number % 256).get().map(Some)
    }
}

impl BlockHashes<'_, Write> {
    /// Records an L1 block and fills the gap before it.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn record(&mut self, number: u64, hash: B256, version: ArbosVersion) -> Result<()> {
        let mut next = self.l1_block_number()?;
        if number < next {
            return Ok(());
        }
        if next.wrapping_add(256) < number {
            next = number - 256;
        }
        while next.wrapping_add(1) < number {
            next += 1;
            // Kept: below version 8 all fillers of a gap are equal. See ArbosVersion::EXACT_L1_BLOCK_NUMBER.
            let salt = if version >= ArbosVersion::EXACT_L1_BLOCK_NUMBER { next } else { 0 };
            let mut preimage = [0; 40];
            preimage[..32].copy_from_slice(hash.as_slice());
            preimage[32..].copy_from_slice(&salt.to_le_bytes());
            self.space.slot(1 + next % 256).set(keccak256(preimage))?;
        }
        self.space.slot(1 + number % 256).set(hash)?;
        self.space.slot::<u64>(0).set(number.wrapping_add(1))
    }
}
