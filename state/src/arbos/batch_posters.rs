//! Batch posters and the funds they are owed.

use crate::{
    error::{Fault, Result},
    shape::AddressSet,
    space::{Access, Space, Write},
    view,
    view::{Field, Layout, Place, View},
};
use alloc::vec::Vec;
use alloy_primitives::{Address, I256};

view! {
    /// One poster.
    pub struct BatchPoster {
        /// What it is owed, in wei.
        funds_due: I256 = slot 0,
        /// Where it is paid.
        pay_to: Address = slot 1,
    }
}

/// The table of posters.
pub struct BatchPosters<'a, A> {
    space: Space<'a, A>,
}

impl<'a, A> View<'a, A> for BatchPosters<'a, A> {
    fn open(space: Space<'a, A>) -> Self {
        Self { space }
    }
}

impl<A> Layout for BatchPosters<'_, A> {
    const FIELDS: &'static [Field] = &[
        Field { name: "total_funds_due", place: Place::Slot(0) },
        Field { name: "posters", place: Place::Space(&[0], <AddressSet<'static, crate::Read> as Layout>::FIELDS) },
        Field {
            name: "poster",
            place: Place::Space(
                &[1],
                &[Field {
                    name: "poster",
                    place: Place::Spaces(<BatchPoster<'static, crate::Read> as Layout>::FIELDS),
                }],
            ),
        },
    ];
}

const UNKNOWN: Fault = Fault::Rejected("tried to open a batch poster that does not exist");

impl<A: Access> BatchPosters<'_, A> {
    /// Sum of what all posters are owed, in wei: one read.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn total_funds_due(&mut self) -> Result<I256> {
        self.space.slot(0).get()
    }

    /// The set of posters.
    pub fn posters(&mut self) -> AddressSet<'_, A> {
        AddressSet::open(self.space.child(&[0]))
    }

    /// Whether the address is a poster: one read.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn contains(&mut self, poster: Address) -> Result<bool> {
        self.posters().is_member(poster)
    }

    /// All posters in order.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn all(&mut self) -> Result<Vec<Address>> {
        self.posters().members(u64::MAX)
    }

    /// The entry of an address, whether or not it is a poster. Free.
    pub fn entry(&mut self, poster: Address) -> BatchPoster<'_, A> {
        View::open(self.space.child(&[1]).into_child(poster.as_slice()))
    }

    /// The entry of a poster: one read.
    ///
    /// # Errors
    /// [`Fault::Rejected`] for an unknown poster.
    pub fn get(&mut self, poster: Address) -> Result<BatchPoster<'_, A>> {
        if self.contains(poster)? { Ok(self.entry(poster)) } else { Err(UNKNOWN) }
    }
}

impl BatchPosters<'_, Write> {
    /// Writes an empty table.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn initialize(&mut self) -> Result<()> {
        self.space.slot::<I256>(0).set(I256::ZERO)?;
        self.posters().initialize()
    }

    /// Adds a poster: owed nothing, paid at `pay_to`.
    ///
    /// # Errors
    /// [`Fault::Rejected`] if it is there already.
    pub fn add(&mut self, poster: Address, pay_to: Address) -> Result<()> {
        if self.contains(poster)? {
            return Err(Fault::Rejected("tried to add a batch poster that already exists"));
        }
        let mut entry = self.entry(poster);
        entry.funds_due().set(I256::ZERO)?;
        entry.pay_to().set(pay_to)?;
        self.posters().add(poster)
    }

    /// Adds the poster if it is new, paid at its own address.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn ensure(&mut self, poster: Address) -> Result<()> {
        if self.contains(poster)? { Ok(()) } else { self.add(poster, poster) }
    }

    /// Sets the sum of what all posters are owed.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn set_total_funds_due(&mut self, total: I256) -> Result<()> {
        self.space.slot(0).set(total)
    }
}
