//! A vector of subspaces: the length, and each element in the child with its index.

use crate::{
    error::{Fault, Result},
    space::{Access, Space, Write},
    view::{Field, Layout, Place, View},
};
use core::marker::PhantomData;

/// A vector whose elements are views. `E` is the view's type, opened for reading, and serves as its name.
pub struct SpaceVector<'a, A, E> {
    space: Space<'a, A>,
    element: PhantomData<E>,
}

impl<'a, A, E> View<'a, A> for SpaceVector<'a, A, E> {
    fn open(space: Space<'a, A>) -> Self {
        Self { space, element: PhantomData }
    }
}

impl<A, E: Layout> Layout for SpaceVector<'_, A, E> {
    const FIELDS: &'static [Field] =
        &[Field { name: "length", place: Place::Slot(0) }, Field { name: "elements", place: Place::Spaces(E::FIELDS) }];
}

impl<A: Access, E> SpaceVector<'_, A, E> {
    /// Number of elements: one read.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn len(&mut self) -> Result<u64> {
        self.space.slot(0).get()
    }

    /// Whether there is no element: one read.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn is_empty(&mut self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    /// The element's space, whether or not it is within the length. Free.
    pub fn at(&mut self, index: u64) -> Space<'_, A> {
        self.space.child(&index.to_be_bytes())
    }
}

impl<E> SpaceVector<'_, Write, E> {
    /// Appends an element and opens its space: a read and a write.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn push(&mut self) -> Result<Space<'_, Write>> {
        let length = self.len()?;
        self.space.slot::<u64>(0).set(length.wrapping_add(1))?;
        Ok(self.at(length))
    }

    /// Removes the last element and opens its space, for the caller to clear: a read and a write.
    ///
    /// # Errors
    /// Out of gas, a failing store, or an empty vector.
    pub fn pop(&mut self) -> Result<Space<'_, Write>> {
        let last = self.len()?.checked_sub(1).ok_or(Fault::Rejected("pop from an empty vector"))?;
        self.space.slot::<u64>(0).set(last)?;
        Ok(self.at(last))
    }
}
