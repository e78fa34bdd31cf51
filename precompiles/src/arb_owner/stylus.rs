//! Setters of program parameters.

use crate::{Reply, WriteCtx};
use state::arbos::StylusParams;

/// Reads all parameters, changes some, and writes them back. Outside of the chain nothing is kept, at the same cost.
pub(super) fn change(cx: &mut WriteCtx<'_, '_>, change: impl FnOnce(&mut StylusParams)) -> Reply<()> {
    let version = cx.version();
    let mut params = cx.state().programs().params(version)?;
    if cx.block().on_chain {
        change(&mut params);
    }
    Ok(cx.state().programs().save_params(&params, version)?)
}

/// A number in units, rounded up and saturated at a byte.
pub(super) fn units(value: u64, unit: u64) -> u8 {
    u8::try_from(value.div_ceil(unit)).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_round_up_and_saturate() {
        assert_eq!((units(0, 128), units(1, 128), units(129, 128)), (0, 1, 2));
        assert_eq!(units(u64::MAX, 2), u8::MAX);
    }
}
