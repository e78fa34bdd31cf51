//! Targets of L2 pricing: over all gas (version 50) and over kinds of gas (version 60).

use crate::{
    error::Result,
    gas::ResourceKind,
    shape::SpaceVector,
    slot::Slot,
    space::{Access, Read, Space, Write},
    view,
    view::{Field, Layout, Place, View},
};
use alloy_primitives::U256;

view! {
    /// A target of gas a second.
    pub struct GasConstraint {
        /// Gas the chain aims to use a second.
        target: u64 = slot 0,
        /// Seconds over which the fee reacts.
        adjustment_window: u64 = slot 1,
        /// Gas used above the target and not yet paid off by time.
        backlog: u64 = slot 2,
    }
}

/// All targets over single gas.
pub type GasConstraints<'a, A> = SpaceVector<'a, A, GasConstraint<'static, Read>>;

impl GasConstraint<'_, Write> {
    /// Clears all words.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn clear(&mut self) -> Result<()> {
        self.target().clear()?;
        self.adjustment_window().clear()?;
        self.backlog().clear()
    }
}

/// A target of weighted kinds of gas a second.
pub struct MultiGasConstraint<'a, A> {
    space: Space<'a, A>,
}

/// All targets over kinds of gas.
pub type MultiGasConstraints<'a, A> = SpaceVector<'a, A, MultiGasConstraint<'static, Read>>;

impl<'a, A> View<'a, A> for MultiGasConstraint<'a, A> {
    fn open(space: Space<'a, A>) -> Self {
        Self { space }
    }
}

impl<A> Layout for MultiGasConstraint<'_, A> {
    const FIELDS: &'static [Field] = &[
        Field { name: "target", place: Place::Slot(0) },
        Field { name: "adjustment_window", place: Place::Slot(1) },
        Field { name: "backlog", place: Place::Slot(2) },
        Field { name: "max_weight", place: Place::Slot(3) },
        Field { name: "weights", place: Place::Slots(4) },
    ];
}

impl<A: Access> MultiGasConstraint<'_, A> {
    /// Weighted gas the chain aims to use a second.
    pub fn target(&mut self) -> Slot<'_, u64, A> {
        self.space.slot(0)
    }

    /// Seconds over which fees react.
    pub fn adjustment_window(&mut self) -> Slot<'_, u32, A> {
        self.space.slot(1)
    }

    /// Weighted gas above the target, not yet paid off by time.
    pub fn backlog(&mut self) -> Slot<'_, u64, A> {
        self.space.slot(2)
    }

    /// The largest weight.
    pub fn max_weight(&mut self) -> Slot<'_, u64, A> {
        self.space.slot(3)
    }

    /// Weight of a kind; 0 leaves it out.
    pub fn weight(&mut self, kind: ResourceKind) -> Slot<'_, u64, A> {
        self.space.slot(4 + kind as u64)
    }

    /// All weights: nine reads.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn weights(&mut self) -> Result<[u64; ResourceKind::COUNT]> {
        let mut weights = [0; ResourceKind::COUNT];
        for kind in ResourceKind::ALL {
            weights[kind as usize] = self.weight(kind).get()?;
        }
        Ok(weights)
    }
}

impl MultiGasConstraint<'_, Write> {
    /// Writes all nine weights, then the largest.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn set_weights(&mut self, weights: &[u64; ResourceKind::COUNT]) -> Result<()> {
        for kind in ResourceKind::ALL {
            self.weight(kind).set(weights[kind as usize])?;
        }
        self.max_weight().set(weights.iter().copied().max().unwrap_or_default())
    }

    /// Clears all thirteen words.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn clear(&mut self) -> Result<()> {
        for number in 0..13 {
            self.space.slot::<u64>(number).clear()?;
        }
        Ok(())
    }
}

/// Base fees by kind: of the next block, and of this one.
pub struct MultiGasFees<'a, A> {
    space: Space<'a, A>,
}

impl<'a, A> View<'a, A> for MultiGasFees<'a, A> {
    fn open(space: Space<'a, A>) -> Self {
        Self { space }
    }
}

impl<A> Layout for MultiGasFees<'_, A> {
    const FIELDS: &'static [Field] = &[Field { name: "fees", place: Place::Slots(0) }];
}

impl<A: Access> MultiGasFees<'_, A> {
    /// Fee of a kind in the next block, in wei.
    pub fn next(&mut self, kind: ResourceKind) -> Slot<'_, U256, A> {
        self.space.slot(kind as u64)
    }

    /// Fee of a kind in this block, in wei; zero where none was set.
    pub fn current(&mut self, kind: ResourceKind) -> Slot<'_, U256, A> {
        self.space.slot(ResourceKind::COUNT as u64 + kind as u64)
    }
}
