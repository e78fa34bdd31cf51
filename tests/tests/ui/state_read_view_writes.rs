//! A view opened for reading has no way to write.

use state::{ArbosState, Read, Result};

fn forget_backlog(state: &mut ArbosState<'_, Read>) -> Result<()> {
    state.l2_pricing().gas_backlog().set(0)
}

fn main() {}
