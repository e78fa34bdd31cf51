//! Layout of the price of activated code (`spec/state.md` 9). The formula is in crate `pricing`.

use crate::{error::Result, space::Write, view};

view! {
    /// Demand for activation data and its price.
    pub struct DataPricer {
        /// Bytes above the target rate.
        demand: u32 = slot 0,
        /// Bytes paid off each second.
        bytes_per_second: u32 = slot 1,
        /// Time of the last activation, in seconds.
        last_update_time: u64 = slot 2,
        /// Lowest price of a byte, in wei.
        min_price: u32 = slot 3,
        /// Demand that multiplies the price by e.
        inertia: u32 = slot 4,
    }
}

/// Start of Arbitrum's time, in seconds.
pub const ARBITRUM_START_TIME: u64 = 1_421_388_000;

impl DataPricer<'_, Write> {
    /// Writes the first parameters.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn initialize(&mut self) -> Result<()> {
        self.demand().set(0)?;
        self.bytes_per_second().set(34_865)?;
        self.last_update_time().set(ARBITRUM_START_TIME)?;
        self.min_price().set(82_928_201)?;
        self.inertia().set(21_360_419)
    }
}
