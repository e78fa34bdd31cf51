//! Several targets over kinds of gas (version 60 and later): a backlog a constraint, a fee a kind.

use crate::{
    l2::{Direction, exponent_bips, legacy::pay_off, price},
    math::saturating_i64,
};
use alloy_primitives::U256;
use state::{
    Access, Fault, MultiGas, ResourceKind, Result, View, Write,
    arbos::{L2Pricing, MultiGasConstraint},
};

/// The largest exponent an owner may configure, in basis points.
pub const MAX_EXPONENT_BIPS: i64 = 85_000;

/// Exponents by kind.
pub type Exponents = [i64; ResourceKind::COUNT];

/// Kinds whose weight counts for prices.
fn priced(weights: &[u64; ResourceKind::COUNT]) -> impl Iterator<Item = (ResourceKind, u64)> + '_ {
    ResourceKind::ALL
        .into_iter()
        .map(|kind| (kind, weights[kind as usize]))
        .filter(|(kind, weight)| *weight != 0 && *kind != ResourceKind::SingleDim)
}

/// What one kind of a constraint adds to its exponent; none where the reference divides by zero.
#[must_use]
pub fn exponent(backlog: u64, weight: u64, window: u32, target: u64, max_weight: u64) -> Option<i64> {
    let divisor = u64::from(window).saturating_mul(target.saturating_mul(max_weight));
    exponent_bips(backlog.saturating_mul(weight), divisor)
}

/// A constraint as plain numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Constraint {
    /// Weighted gas a second.
    pub target: u64,
    /// Seconds over which the fees react.
    pub window: u32,
    /// Weighted gas above the target that time has not paid off.
    pub backlog: u64,
    /// The largest weight.
    pub max_weight: u64,
    /// Weights by kind.
    pub weights: [u64; ResourceKind::COUNT],
}

impl Constraint {
    /// Adds what the constraint means to the exponents of its kinds; none where the reference divides by zero.
    #[must_use]
    pub fn add_to(&self, exponents: &mut Exponents) -> Option<()> {
        for (kind, weight) in priced(&self.weights) {
            let part = exponent(self.backlog, weight, self.window, self.target, self.max_weight)?;
            let sum = &mut exponents[kind as usize];
            *sum = sum.saturating_add(part);
        }
        Some(())
    }
}

/// Fees by kind at exponents, and the base fee: the highest of them.
#[must_use]
pub fn fees(min_base_fee: U256, exponents: &Exponents) -> ([U256; ResourceKind::COUNT], U256) {
    let fees = exponents.map(|exponent| price(min_base_fee, exponent));
    (fees, fees.into_iter().fold(min_base_fee, U256::max))
}

pub(super) fn move_backlogs(view: &mut L2Pricing<'_, Write>, direction: Direction, gas: &MultiGas) -> Result<()> {
    let mut list = view.multi_gas_constraints();
    for index in 0..list.len()? {
        let mut constraint = MultiGasConstraint::open(list.at(index));
        let mut backlog = constraint.backlog().get()?;
        for kind in ResourceKind::ALL {
            let weight = constraint.weight(kind).get()?;
            if weight != 0 {
                backlog = direction.apply(backlog, gas.get(kind).saturating_mul(weight));
            }
        }
        constraint.backlog().set(backlog)?;
    }
    Ok(())
}

/// Exponents of all kinds at the present backlogs, in the order in which reading them is charged. `length` is the list's.
///
/// # Errors
/// Out of gas, a failing store, or a constraint without window, target or weight that has a backlog.
pub fn exponents<A: Access>(view: &mut L2Pricing<'_, A>, length: u64) -> Result<Exponents> {
    let mut exponents = [0i64; ResourceKind::COUNT];
    let mut list = view.multi_gas_constraints();
    for index in 0..length {
        let mut constraint = MultiGasConstraint::open(list.at(index));
        let mut target = constraint.target().get()?;
        let backlog = constraint.backlog().get()?;
        if backlog == 0 {
            continue;
        }
        let window = constraint.adjustment_window().get()?;
        let max_weight = constraint.max_weight().get()?;
        let weights = constraint.weights()?;
        // Kept: the target is read again for each kind, which a metered caller pays for.
        for _ in priced(&weights) {
            target = constraint.target().get()?;
        }
        Constraint { target, window, backlog, max_weight, weights }
            .add_to(&mut exponents)
            .ok_or(Fault::Halt("a multi-gas constraint has no window, target or weight"))?;
    }
    Ok(exponents)
}

pub(super) fn advance(view: &mut L2Pricing<'_, Write>, seconds: u64) -> Result<()> {
    let length = view.multi_gas_constraints().len()?;
    for index in 0..length {
        let mut list = view.multi_gas_constraints();
        let mut constraint = MultiGasConstraint::open(list.at(index));
        let target = constraint.target().get()?;
        constraint.backlog().update(|backlog| Ok(pay_off(backlog, target, seconds)))?;
    }
    let exponents = exponents(view, length)?;
    let min_base_fee = view.min_base_fee_wei().get()?;
    let (fees, base_fee) = fees(min_base_fee, &exponents);
    for kind in ResourceKind::ALL {
        view.multi_gas_fees().next(kind).set(fees[kind as usize])?;
    }
    view.base_fee_wei().set(base_fee)
}

/// Makes the fees computed in the last block those of this one.
///
/// # Errors
/// A failing store.
pub fn commit_fees(view: &mut L2Pricing<'_, Write>) -> Result<()> {
    for kind in ResourceKind::ALL {
        let fee = view.multi_gas_fees().next(kind).get()?;
        view.multi_gas_fees().current(kind).set(fee)?;
    }
    Ok(())
}

/// Fee of a kind: the block's, or `fallback` for single-dimension gas and kinds without a fee.
///
/// # Errors
/// Out of gas or a failing store.
pub fn fee<A: Access>(view: &mut L2Pricing<'_, A>, kind: ResourceKind, fallback: U256) -> Result<U256> {
    if kind == ResourceKind::SingleDim {
        return Ok(fallback);
    }
    let fee = view.multi_gas_fees().current(kind).get()?;
    Ok(if fee.is_zero() { fallback } else { fee })
}

/// What an amount of gas costs by kind, in wei; saturating. `fallback` as in [`fee`].
///
/// # Errors
/// A failing store.
pub fn cost<A: Access>(view: &mut L2Pricing<'_, A>, gas: &MultiGas, fallback: U256) -> Result<U256> {
    let mut sum = U256::ZERO;
    for kind in ResourceKind::ALL {
        let amount = gas.get(kind);
        if amount != 0 {
            let fee = fee(view, kind, fallback)?;
            sum = sum.saturating_add(fee.saturating_mul(U256::from(amount)));
        }
    }
    Ok(sum)
}

/// Whether all exponents are within what an owner may configure.
#[must_use]
pub fn within_limit(exponents: &Exponents) -> bool {
    exponents.iter().all(|exponent| *exponent <= saturating_i64(MAX_EXPONENT_BIPS.cast_unsigned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn weights_are_relative_to_the_largest() {
        assert_eq!(exponent(1_000, 2, 10, 50, 2), Some(20_000));
        assert_eq!(exponent(1_000, 1, 10, 50, 2), Some(10_000));
        assert_eq!(exponent(1_000, 1, 0, 50, 2), None);
    }

    #[test]
    fn the_base_fee_is_that_of_the_dearest_kind() {
        let (mut exponents, mut weights) = ([0; ResourceKind::COUNT], [0; ResourceKind::COUNT]);
        weights[ResourceKind::StorageGrowth as usize] = 2;
        weights[ResourceKind::SingleDim as usize] = 4;
        let constraint = Constraint { target: 70, window: 10, backlog: 1_400, max_weight: 4, weights };
        constraint.add_to(&mut exponents).unwrap();
        let minimum = U256::from(100_000_000);
        let (fees, base_fee) = fees(minimum, &exponents);
        assert_eq!(fees[ResourceKind::StorageGrowth as usize], U256::from(270_830_000));
        assert_eq!((fees[ResourceKind::SingleDim as usize], base_fee), (minimum, U256::from(270_830_000)));
        assert_eq!(Constraint { target: 0, ..constraint }.add_to(&mut exponents), None);
    }

    proptest! {
        #[test]
        fn exponents_grow_with_backlogs(
            backlog in 0u64..u64::MAX / 2, more in 0u64..u64::MAX / 2, window in 1u32..1_000, target in 1u64..1_000_000,
            weights in proptest::array::uniform9(0u64..1_000),
        ) {
            let max_weight = weights.into_iter().max().unwrap_or(0).max(1);
            let of = |backlog: u64| {
                let mut exponents = [0; ResourceKind::COUNT];
                Constraint { target, window, backlog, max_weight, weights }.add_to(&mut exponents).unwrap();
                exponents
            };
            let (less, more) = (of(backlog), of(backlog + more));
            prop_assert!(less.iter().zip(&more).all(|(less, more)| less <= more));
        }
    }

    #[test]
    fn the_limit_is_inclusive() {
        let mut exponents = [0; ResourceKind::COUNT];
        exponents[1] = MAX_EXPONENT_BIPS;
        assert!(within_limit(&exponents));
        exponents[1] += 1;
        assert!(!within_limit(&exponents));
    }
}
