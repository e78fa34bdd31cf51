//! Values as the machine keeps them: bits in one list, types in another.
//!
//! Two lists, so that every access is to a whole word and most instructions touch the bits alone.

use crate::value::{ProgramCounter, Value, ValueType};
use alloc::vec::Vec;

/// The type of a value, and what else does not fit into 64 bits: the module of a reference to code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag(u64);

impl Tag {
    pub(super) const I32: Self = Self(ValueType::I32 as u64);
    pub(super) const I64: Self = Self(ValueType::I64 as u64);
    pub(super) const F32: Self = Self(ValueType::F32 as u64);
    pub(super) const F64: Self = Self(ValueType::F64 as u64);
    const REF_NULL: Self = Self(ValueType::RefNull as u64);
    const FUNC_REF: Self = Self(ValueType::FuncRef as u64);
    const INTERNAL_REF: u64 = ValueType::InternalRef as u64;
    const TYPE_BITS: u32 = 8;

    /// The tag of a type that needs no more than its number.
    pub(super) const fn numbered(ty: u8) -> Self {
        Self(ty as u64)
    }

    /// The number of the type.
    #[expect(clippy::cast_possible_truncation, reason = "the lowest bits are asked for")]
    pub(super) const fn number(self) -> u8 {
        self.0 as u8
    }

    /// The tag of numbers of a type; none for references.
    pub(super) const fn of_number(ty: ValueType) -> Option<Self> {
        match ty {
            ValueType::I32 => Some(Self::I32),
            ValueType::I64 => Some(Self::I64),
            ValueType::F32 => Some(Self::F32),
            ValueType::F64 => Some(Self::F64),
            ValueType::RefNull | ValueType::FuncRef | ValueType::InternalRef => None,
        }
    }
}

/// A value in two words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) bits: u64,
    pub(super) tag: Tag,
}

impl From<Value> for Slot {
    #[inline(always)]
    fn from(value: Value) -> Self {
        let (bits, tag) = match value {
            Value::I32(bits) => (u64::from(bits), Tag::I32),
            Value::I64(bits) => (bits, Tag::I64),
            Value::F32(bits) => (u64::from(bits), Tag::F32),
            Value::F64(bits) => (bits, Tag::F64),
            Value::RefNull => (0, Tag::REF_NULL),
            Value::FuncRef(index) => (u64::from(index), Tag::FUNC_REF),
            Value::InternalRef(pc) => {
                let tag = Tag::INTERNAL_REF | u64::from(pc.module) << Tag::TYPE_BITS;
                (u64::from(pc.func) << 32 | u64::from(pc.inst), Tag(tag))
            }
        };
        Self { bits, tag }
    }
}

impl From<Slot> for Value {
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "the parts that were put together")]
    fn from(Slot { bits, tag }: Slot) -> Self {
        match tag {
            Tag::I32 => Self::I32(bits as u32),
            Tag::I64 => Self::I64(bits),
            Tag::F32 => Self::F32(bits as u32),
            Tag::F64 => Self::F64(bits),
            Tag::REF_NULL => Self::RefNull,
            Tag::FUNC_REF => Self::FuncRef(bits as u32),
            Tag(tag) => {
                Self::InternalRef(ProgramCounter::new((tag >> Tag::TYPE_BITS) as u32, (bits >> 32) as u32, bits as u32))
            }
        }
    }
}

/// A list of values.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slots {
    bits: Vec<u64>,
    tags: Vec<Tag>,
}

impl Slots {
    pub(crate) const fn len(&self) -> usize {
        self.bits.len()
    }

    pub(crate) fn get(&self, index: usize) -> Option<Value> {
        Some(self.slot(index)?.into())
    }

    /// The values with these indexes.
    pub(crate) fn range(&self, start: usize, end: usize) -> impl ExactSizeIterator<Item = Value> {
        self.bits[start..end].iter().zip(&self.tags[start..end]).map(|(&bits, &tag)| Slot { bits, tag }.into())
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = Value> {
        self.range(0, self.len())
    }

    #[inline(always)]
    pub(super) fn slot(&self, index: usize) -> Option<Slot> {
        Some(Slot { bits: *self.bits.get(index)?, tag: *self.tags.get(index)? })
    }

    /// Replaces a value; none if it is not there.
    #[inline(always)]
    pub(super) fn set(&mut self, index: usize, slot: Slot) -> Option<()> {
        *self.bits.get_mut(index)? = slot.bits;
        *self.tags.get_mut(index)? = slot.tag;
        Some(())
    }

    #[inline(always)]
    pub(super) fn push(&mut self, slot: Slot) {
        self.bits.push(slot.bits);
        self.tags.push(slot.tag);
    }

    #[inline(always)]
    pub(super) fn pop(&mut self) -> Option<Slot> {
        Some(Slot { bits: self.bits.pop()?, tag: self.tags.pop()? })
    }

    #[inline(always)]
    pub(super) fn truncate(&mut self, length: usize) {
        self.bits.truncate(length);
        self.tags.truncate(length);
    }

    pub(super) fn resize(&mut self, length: usize, value: Value) {
        let slot = Slot::from(value);
        self.bits.resize(length, slot.bits);
        self.tags.resize(length, slot.tag);
    }

    /// Both lists from an index on; none if there are fewer values.
    pub(super) fn split_from(&mut self, start: usize) -> Option<(&mut [u64], &mut [Tag])> {
        Some((self.bits.get_mut(start..)?, self.tags.get_mut(start..)?))
    }

    /// Both lists, equally long.
    pub(super) fn split(&mut self) -> (&mut [u64], &mut [Tag]) {
        let length = self.bits.len();
        (&mut self.bits, &mut self.tags[..length])
    }
}

impl FromIterator<Value> for Slots {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> Self {
        let mut slots = Self::default();
        values.into_iter().for_each(|value| slots.push(value.into()));
        slots
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_comes_back() {
        let pc = ProgramCounter::new(u32::MAX, u32::MAX - 1, 7);
        let values = [
            Value::I32(u32::MAX),
            Value::I64(u64::MAX),
            Value::F32(1),
            Value::F64(2),
            Value::RefNull,
            Value::FuncRef(9),
            Value::InternalRef(pc),
        ];
        let slots: Slots = values.into_iter().collect();
        assert!(slots.iter().eq(values));
        assert_eq!((slots.get(5), slots.get(7)), (Some(Value::FuncRef(9)), None));
    }
}
