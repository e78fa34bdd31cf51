//! A queue of words: two cursors, and each item at its own index from 2 on.

use super::shape;
use crate::{
    error::Result,
    space::{Access, Write},
    view::{Field, Place},
};
use alloy_primitives::B256;

shape!(
    /// A first-in first-out queue.
    Queue,
    &[
        Field { name: "next_put", place: Place::Slot(0) },
        Field { name: "next_get", place: Place::Slot(1) },
        Field { name: "items", place: Place::Slots(2) },
    ]
);

impl<A: Access> Queue<'_, A> {
    /// The oldest item, left where it is.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn peek(&mut self) -> Result<Option<B256>> {
        if self.is_empty()? {
            return Ok(None);
        }
        let next: u64 = self.space.slot(1).get()?;
        self.space.slot(next).get().map(Some)
    }

    /// Whether nothing is queued: two reads.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn is_empty(&mut self) -> Result<bool> {
        let put: u64 = self.space.slot(0).get()?;
        let get: u64 = self.space.slot(1).get()?;
        Ok(put == get)
    }
}

impl Queue<'_, Write> {
    /// Writes the cursors of an empty queue.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn initialize(&mut self) -> Result<()> {
        self.space.slot::<u64>(0).set(2)?;
        self.space.slot::<u64>(1).set(2)
    }

    /// Appends an item: a read and two writes.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn put(&mut self, item: B256) -> Result<()> {
        let next: u64 = self.space.slot(0).get()?;
        self.space.slot::<u64>(0).set(next.wrapping_add(1))?;
        self.space.slot(next).set(item)
    }

    /// Removes the oldest item.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn get(&mut self) -> Result<Option<B256>> {
        if self.is_empty()? {
            return Ok(None);
        }
        let next: u64 = self.space.slot(1).get()?;
        self.space.slot::<u64>(1).set(next.wrapping_add(1))?;
        let item = self.space.slot(next).get()?;
        self.space.slot::<B256>(next).clear()?;
        Ok(Some(item))
    }
}
