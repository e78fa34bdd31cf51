//! Several targets over single gas (version 50 and later).
//!
//! Each constraint has a target, an adjustment window and a backlog. The base fee is the minimum times the exponential of the
//! summed, normalised backlogs. There is no tolerance, and all sums saturate.

use crate::l2::{Direction, exponent_bips, legacy::pay_off, price};
use state::{
    Fault, Result, View, Write,
    arbos::{GasConstraint, L2Pricing},
};

/// What one constraint adds to the exponent; none where the reference divides by zero.
#[must_use]
pub fn exponent(backlog: u64, window: u64, target: u64) -> Option<i64> {
    if backlog == 0 { Some(0) } else { exponent_bips(backlog, window.saturating_mul(target)) }
}

fn each(
    view: &mut L2Pricing<'_, Write>,
    mut step: impl FnMut(&mut GasConstraint<'_, Write>) -> Result<()>,
) -> Result<()> {
    let mut list = view.gas_constraints();
    for index in 0..list.len()? {
        step(&mut GasConstraint::open(list.at(index)))?;
    }
    Ok(())
}

pub(super) fn move_backlogs(view: &mut L2Pricing<'_, Write>, direction: Direction, gas: u64) -> Result<()> {
    each(view, |constraint| constraint.backlog().update(|backlog| Ok(direction.apply(backlog, gas))))
}

pub(super) fn advance(view: &mut L2Pricing<'_, Write>, seconds: u64) -> Result<()> {
    let mut sum = 0i64;
    each(view, |constraint| {
        let target = constraint.target().get()?;
        let backlog = pay_off(constraint.backlog().get()?, target, seconds);
        constraint.backlog().set(backlog)?;
        if backlog > 0 {
            let window = constraint.adjustment_window().get()?;
            let part =
                exponent(backlog, window, target).ok_or(Fault::Halt("a gas constraint has no window or target"))?;
            sum = sum.saturating_add(part);
        }
        Ok(())
    })?;
    let min_base_fee = view.min_base_fee_wei().get()?;
    view.base_fee_wei().set(price(min_base_fee, sum))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_full_window_of_backlog_is_one() {
        assert_eq!(exponent(700, 10, 70), Some(10_000));
        assert_eq!(exponent(0, 0, 0), Some(0));
        assert_eq!(exponent(1, 0, 5), None);
    }

    proptest! {
        #[test]
        fn exponents_grow_with_backlogs(backlog in 0u64..u64::MAX / 2, more in 0u64..u64::MAX / 2, window in 1u64..1000, target in 1u64..1_000_000) {
            prop_assert!(exponent(backlog + more, window, target) >= exponent(backlog, window, target));
        }
    }
}
