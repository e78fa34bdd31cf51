//! Arithmetic on words of 256 bits in memory. What divides by zero gives zero.

use super::{Begun, Run};
use crate::run::price;
use alloy_primitives::U256;

impl Run {
    pub(super) fn math_div(&mut self, a: u32, b: u32) -> Begun {
        let quotient = self.read_number(a)?.checked_div(self.read_number(b)?);
        self.write_number(a, quotient.unwrap_or_default())
    }

    pub(super) fn math_mod(&mut self, a: u32, b: u32) -> Begun {
        let rest = self.read_number(a)?.checked_rem(self.read_number(b)?);
        self.write_number(a, rest.unwrap_or_default())
    }

    pub(super) fn math_pow(&mut self, base: u32, exponent: u32) -> Begun {
        let (number, power) = (self.read_number(base)?, self.read_word(exponent)?);
        self.buy(price::pow(&power.0))?;
        self.write_number(base, number.wrapping_pow(U256::from_be_bytes(power.0)))
    }

    pub(super) fn math_add_mod(&mut self, a: u32, b: u32, m: u32) -> Begun {
        let sum = self.read_number(a)?.add_mod(self.read_number(b)?, self.read_number(m)?);
        self.write_number(a, sum)
    }

    pub(super) fn math_mul_mod(&mut self, a: u32, b: u32, m: u32) -> Begun {
        let product = self.read_number(a)?.mul_mod(self.read_number(b)?, self.read_number(m)?);
        self.write_number(a, product)
    }
}
