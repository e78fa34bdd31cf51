//! Two views of one state cannot be held at once.

use state::{ArbosState, Result, Write};

fn copy(state: &mut ArbosState<'_, Write>) -> Result<()> {
    let from = state.l2_pricing().gas_backlog();
    let to = state.l1_pricing().units_since_update();
    to.set(from.get()?)
}

fn main() {}
