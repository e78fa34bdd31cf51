//! What instructions take and give, found out by letting them compute on nothing.

use super::super::{
    Stop,
    cpu::{Operand, Operands, Step},
    memory, numeric,
    slots::Tag,
};
use crate::{
    for_each_op,
    op::{Instruction, Op},
};

/// What an instruction takes and gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Not by a translated block.
    None,
    /// Takes these, lowest first, and gives this.
    Pure([Option<Tag>; 2], Option<Tag>),
    /// The same, where it can be done.
    Checked([Option<Tag>; 2], Option<Tag>),
    GlobalGet,
    GlobalSet,
}

impl Operands for Shape {
    fn unary<T: Operand, R: Operand>(&mut self, _: impl Fn(T) -> R) -> Step {
        self.is(Self::Pure([Some(T::TAG), None], Some(R::TAG)))
    }

    fn binary<T: Operand, R: Operand>(&mut self, _: impl Fn(T, T) -> R) -> Step {
        self.is(Self::Pure([Some(T::TAG); 2], Some(R::TAG)))
    }

    fn divide<T: Operand>(&mut self, _: impl Fn(T, T) -> Option<T>) -> Step {
        self.is(Self::Checked([Some(T::TAG); 2], Some(T::TAG)))
    }

    fn load<const N: usize, T: Operand>(&mut self, _: u64, _: impl Fn([u8; N]) -> T) -> Step {
        self.is(Self::Checked([Some(Tag::I32), None], Some(T::TAG)))
    }

    fn store<const N: usize, T: Operand>(&mut self, _: u64, _: impl Fn(T) -> [u8; N]) -> Step {
        self.is(Self::Checked([Some(Tag::I32), Some(T::TAG)], None))
    }

    fn global_get(&mut self, _: u64) -> Step {
        self.is(Self::GlobalGet)
    }

    fn global_set(&mut self, _: u64) -> Step {
        self.is(Self::GlobalSet)
    }

    fn memory_size(&mut self) -> Step {
        self.is(Self::Pure([None, None], Some(Tag::I32)))
    }

    fn memory_grow(&mut self) -> Step {
        self.is(Self::None)
    }
}

impl Shape {
    const fn is(&mut self, shape: Self) -> Step {
        *self = shape;
        Ok(())
    }
}

macro_rules! define_shape {
    ($($code:literal $name:ident $family:ident [$($origin:tt)*];)*) => {
        /// What an instruction takes and gives.
        pub(super) fn shape(instruction: Instruction) -> Shape {
            let mut shape = Shape::None;
            // It takes down what it is asked, which never fails.
            let _: Result<(), Stop> = match instruction.op {
                $(Op::$name => compute!($family $name)(&mut shape, instruction),)*
            };
            shape
        }
    };
}

/// The function of an instruction that computes.
macro_rules! compute {
    (Numeric $name:ident) => {
        numeric::$name
    };
    (Memory $name:ident) => {
        memory::$name
    };
    ($family:ident $name:ident) => {
        other
    };
}

const fn other(_: &mut Shape, _: Instruction) -> Step {
    Ok(())
}

for_each_op!(define_shape);
