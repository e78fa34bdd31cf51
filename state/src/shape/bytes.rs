//! A byte string with its length in front.
//!
//! Slot 0 holds the length, full chunks of 32 bytes follow, and one more word always holds the rest, right aligned.

use super::shape;
use crate::{
    error::{Fault, Result},
    space::{Access, Write},
    view::{Field, Place},
};
use alloc::vec::Vec;
use alloy_primitives::U256;

shape!(
    /// A byte string.
    StoredBytes,
    &[Field { name: "length", place: Place::Slot(0) }, Field { name: "chunks", place: Place::Slots(1) }]
);

/// No byte string of the protocol is longer; a longer length is not a length.
const LENGTH_LIMIT: u64 = 1 << 26;

impl<A: Access> StoredBytes<'_, A> {
    /// Length in bytes: one read.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn len(&mut self) -> Result<u64> {
        self.space.slot(0).get()
    }

    /// Whether the length is zero: one read.
    ///
    /// # Errors
    /// As [`Self::len`].
    pub fn is_empty(&mut self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    /// The bytes: `2 + length / 32` reads, the last word included when nothing is left for it.
    ///
    /// # Errors
    /// As [`Self::len`].
    pub fn get(&mut self) -> Result<Vec<u8>> {
        let length = self.len()?;
        if length > LENGTH_LIMIT {
            return Err(Fault::Halt("a stored byte string exceeds any length the protocol writes"));
        }
        let mut bytes = Vec::new();
        for chunk in 0..length / 32 {
            bytes.extend_from_slice(&self.space.slot::<U256>(1 + chunk).get()?.to_be_bytes::<32>());
        }
        let word = self.space.slot::<U256>(1 + length / 32).get()?.to_be_bytes::<32>();
        let rest = usize::try_from(length % 32).unwrap_or(0);
        bytes.extend_from_slice(&word[32 - rest..]);
        Ok(bytes)
    }
}

impl StoredBytes<'_, Write> {
    /// Replaces the bytes: clears what was there, then writes.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn set(&mut self, bytes: &[u8]) -> Result<()> {
        self.clear()?;
        self.space.slot::<u64>(0).set(bytes.len() as u64)?;
        let mut number = 1;
        let mut chunks = bytes.chunks_exact(32);
        for chunk in &mut chunks {
            self.space.slot(number).set(U256::from_be_slice(chunk))?;
            number += 1;
        }
        self.space.slot(number).set(U256::from_be_slice(chunks.remainder()))
    }

    /// Clears the words, then the length.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn clear(&mut self) -> Result<()> {
        let words = self.len()?.div_ceil(32);
        for number in 1..=words.min(LENGTH_LIMIT) {
            self.space.slot::<U256>(number).clear()?;
        }
        self.space.slot::<u64>(0).clear()
    }
}
