//! A set opened for reading cannot grow.

use alloy_primitives::Address;
use state::{ArbosState, Read, Result};

fn become_owner(state: &mut ArbosState<'_, Read>) -> Result<()> {
    state.chain_owners().add(Address::ZERO)
}

fn main() {}
