//! Operands on the stack of a [`Cpu`].

use super::{
    Stop,
    cpu::{Cpu, Operand, Operands, Step},
};

impl Operands for Cpu<'_> {
    #[inline(always)]
    fn unary<T: Operand, R: Operand>(&mut self, f: impl Fn(T) -> R) -> Step {
        let index = self.height.wrapping_sub(1);
        let (Some(bits), Some(tag)) = (self.bits.get_mut(index), self.tags.get_mut(index)) else {
            return Err(Stop::Malformed);
        };
        if *tag != T::TAG {
            return Err(Stop::Malformed);
        }
        (*bits, *tag) = (f(T::from_bits(*bits)).bits(), R::TAG);
        Ok(())
    }

    #[inline(always)]
    fn binary<T: Operand, R: Operand>(&mut self, f: impl Fn(T, T) -> R) -> Step {
        let range = self.height.wrapping_sub(2)..self.height;
        let (Some([a, b]), Some([tag_a, tag_b])) = (self.bits.get_mut(range.clone()), self.tags.get_mut(range)) else {
            return Err(Stop::Malformed);
        };
        if *tag_a != T::TAG || *tag_b != T::TAG {
            return Err(Stop::Malformed);
        }
        (*a, *tag_a) = (f(T::from_bits(*a), T::from_bits(*b)).bits(), R::TAG);
        self.height -= 1;
        Ok(())
    }

    #[inline(always)]
    fn divide<T: Operand>(&mut self, f: impl Fn(T, T) -> Option<T>) -> Step {
        let b = self.pop()?;
        let a = self.pop()?;
        self.push(f(a, b).ok_or(Stop::Trap)?)
    }

    #[inline(always)]
    fn load<const N: usize, T: Operand>(&mut self, offset: u64, decode: impl Fn([u8; N]) -> T) -> Step {
        let index: u32 = self.pop()?;
        let bytes = self.memory.load(offset.wrapping_add(u64::from(index))).ok_or(Stop::Trap)?;
        self.push(decode(bytes))
    }

    #[inline(always)]
    fn store<const N: usize, T: Operand>(&mut self, offset: u64, encode: impl Fn(T) -> [u8; N]) -> Step {
        let value = self.pop()?;
        let index: u32 = self.pop()?;
        self.memory.store(offset.wrapping_add(u64::from(index)), encode(value)).ok_or(Stop::Trap)
    }

    #[inline(always)]
    fn global_get(&mut self, index: u64) -> Step {
        let index = usize::try_from(index).map_err(|_| Stop::Malformed)?;
        let value = self.globals.slot(index).ok_or(Stop::Malformed)?;
        self.push_slot(value)
    }

    #[inline(always)]
    fn global_set(&mut self, index: u64) -> Step {
        let value = self.pop_slot()?;
        let index = usize::try_from(index).map_err(|_| Stop::Malformed)?;
        self.globals.set(index, value).ok_or(Stop::Malformed)
    }

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "at most 2^16 pages")]
    fn memory_size(&mut self) -> Step {
        self.push(self.memory.pages() as u32)
    }

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "at most 2^16 pages")]
    fn memory_grow(&mut self) -> Step {
        let pages: u32 = self.pop()?;
        let old = self.memory.grow(u64::from(pages));
        self.push(old.map_or(u32::MAX, |old| old as u32))
    }
}
