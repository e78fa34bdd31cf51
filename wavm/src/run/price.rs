//! Ink of work that depends on lengths, and buying (`spec/stylus.md` 7).

use super::{Escape, Run};

/// Reading `n` bytes of memory.
pub(super) const fn read(n: u32) -> u64 {
    16_381 + 55 * n.saturating_sub(32) as u64
}

/// Writing `n` bytes of memory.
pub(super) const fn write(n: u32) -> u64 {
    5_040 + 30 * n.saturating_sub(32) as u64
}

/// Hashing `n` bytes.
pub(super) const fn keccak(n: u32) -> u64 {
    121_800 + 21_000 * n.div_ceil(32).saturating_sub(2) as u64
}

/// Raising to an exponent.
pub(super) fn pow(exponent: &[u8; 32]) -> u64 {
    let zeros = exponent.iter().take_while(|byte| **byte == 0).count() as u64;
    3_000 + 17_500 * (33 - zeros)
}

impl Run {
    /// Takes ink.
    pub(super) fn buy(&mut self, ink: u64) -> Result<(), Escape> {
        match self.instance.ink().checked_sub(ink) {
            Some(left) => {
                self.instance.set_ink(left);
                Ok(())
            }
            None => {
                self.instance.exhaust();
                Err(Escape::OutOfInk)
            }
        }
    }

    /// Takes the ink of gas.
    pub(super) fn buy_gas(&mut self, gas: u64) -> Result<(), Escape> {
        self.buy(gas.saturating_mul(u64::from(self.ink_price)))
    }

    /// Asks for the ink of gas without taking it.
    pub(super) fn require_gas(&mut self, gas: u64) -> Result<(), Escape> {
        if self.instance.ink() < gas.saturating_mul(u64::from(self.ink_price)) {
            self.instance.exhaust();
            return Err(Escape::OutOfInk);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_start_with_what_is_always_there() {
        assert_eq!((read(0), read(32), read(33)), (16_381, 16_381, 16_436));
        assert_eq!((write(32), write(64)), (5_040, 6_000));
        assert_eq!((keccak(0), keccak(64), keccak(65)), (121_800, 121_800, 142_800));
        let mut exponent = [0; 32];
        assert_eq!(pow(&exponent), 20_500);
        exponent[0] = 1;
        assert_eq!(pow(&exponent), 3_000 + 17_500 * 33);
    }
}
