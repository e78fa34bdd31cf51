//! Feature bits of a chain, since version 40.

use crate::{
    error::Result,
    space::{Access, Write},
    view,
};
use alloy_primitives::U256;

view! {
    /// A word of switches.
    pub struct Features {
        /// All bits.
        bits: U256 = slot 0,
    }
}

/// Bit of the floor price of calldata.
const CALLDATA_FLOOR: usize = 0;

impl<A: Access> Features<'_, A> {
    /// Whether calldata has a floor price (EIP-7623): one read.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn calldata_price_increase(&mut self) -> Result<bool> {
        Ok(self.bits().get()?.bit(CALLDATA_FLOOR))
    }
}

impl Features<'_, Write> {
    /// Switches the floor price of calldata: a read and a write.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn set_calldata_price_increase(&mut self, enabled: bool) -> Result<()> {
        self.bits().update(|mut bits| {
            bits.set_bit(CALLDATA_FLOOR, enabled);
            Ok(bits)
        })
    }
}
