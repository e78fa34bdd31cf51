//! Who pays for an access to state, and what it costs (`spec/state.md` 10).
//!
//! Costs never depend on earlier accesses, on warmth or on the value that is there; there are no refunds.

use crate::{
    error::{Fault, Result},
    gas::{MultiGas, ResourceKind},
};

/// Gas of a slot read.
pub const READ_GAS: u64 = 800;
/// Gas of writing a value that is not zero.
pub const WRITE_GAS: u64 = 20_000;
/// Gas of writing zero.
pub const CLEAR_GAS: u64 = 5_000;
/// Gas of asking for the code hash of an account.
pub const CODE_HASH_GAS: u64 = 2_600;

/// Gas of hashing `bytes` bytes.
#[must_use]
pub const fn keccak_gas(bytes: u64) -> u64 {
    30 + 6 * bytes.div_ceil(32)
}

/// Pays for accesses.
pub trait Burner {
    /// Takes `amount` of gas, or fails with [`Fault::OutOfGas`] and is empty.
    fn burn(&mut self, kind: ResourceKind, amount: u64) -> Result<()>;

    /// Gas that can still be burnt.
    fn gas_left(&self) -> u64;
}

/// Burner of block processing: never fails, counts what would have been paid.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemBurner {
    /// Everything burnt so far, saturating.
    pub burnt: u64,
}

impl Burner for SystemBurner {
    fn burn(&mut self, _kind: ResourceKind, amount: u64) -> Result<()> {
        self.burnt = self.burnt.saturating_add(amount);
        Ok(())
    }

    fn gas_left(&self) -> u64 {
        u64::MAX
    }
}

/// Burner of a metered call: runs out.
#[derive(Debug, Clone, Copy)]
pub struct MeteredBurner {
    left: u64,
    used: MultiGas,
}

impl MeteredBurner {
    /// A burner with `gas` to spend.
    #[must_use]
    pub const fn new(gas: u64) -> Self {
        Self { left: gas, used: MultiGas::ZERO }
    }

    /// What was burnt, by kind.
    #[must_use]
    pub const fn used(&self) -> &MultiGas {
        &self.used
    }

    /// Burns all that is left, as computation.
    pub const fn burn_out(&mut self) {
        self.used.add(ResourceKind::Computation, self.left);
        self.left = 0;
    }
}

impl Burner for MeteredBurner {
    fn burn(&mut self, kind: ResourceKind, amount: u64) -> Result<()> {
        if amount > self.left {
            self.burn_out();
            return Err(Fault::OutOfGas);
        }
        self.left -= amount;
        self.used.add(kind, amount);
        Ok(())
    }

    fn gas_left(&self) -> u64 {
        self.left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortage_burns_what_is_left_as_computation() {
        let mut burner = MeteredBurner::new(100);
        assert_eq!(burner.burn(ResourceKind::StorageAccessRead, 101), Err(Fault::OutOfGas));
        assert_eq!((burner.gas_left(), burner.used().get(ResourceKind::Computation)), (0, 100));
        assert_eq!(burner.used().get(ResourceKind::StorageAccessRead), 0);
    }

    #[test]
    fn hashing_costs_by_started_words() {
        assert_eq!((keccak_gas(0), keccak_gas(1), keccak_gas(64)), (30, 36, 42));
    }
}
