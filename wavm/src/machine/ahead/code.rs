//! A function as blocks of actions on registers.

use super::super::slots::Tag;
use crate::op::Op;
use alloc::{boxed::Box, vec::Vec};

/// Registers there are.
pub(super) const REGISTERS: usize = 256;

/// Where no block begins that is worth being entered.
pub(super) const NONE: u32 = u32::MAX;

/// A translated function.
///
/// The first registers are the locals, the next ones the values of the stack from the function's parameters upward; the last ones are
/// constants.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// Types of the locals.
    pub(super) locals: Vec<Tag>,
    /// What the last registers hold.
    pub(super) constants: Vec<u64>,
    /// The block to enter at an instruction, or [`NONE`].
    pub(super) entries: Vec<u32>,
    pub(super) blocks: Vec<Block>,
}

/// Instructions that are executed together.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// Index of its first instruction.
    pub(super) start: u32,
    /// How many instructions it stands for. More than there can be, if there is nothing to execute but a place to leave at.
    pub(super) steps: u64,
    pub(super) actions: Vec<Action>,
    /// Places where it may be left before its end.
    pub(super) exits: Vec<Exit>,
    pub(super) end: End,
    /// Types of the values on the stack at its start.
    pub(super) stack: Box<[Tag]>,
}

impl Block {
    /// Steps of a block that nothing is known to be executed in.
    pub(super) const NO_STEPS: u64 = u64::MAX;
}

/// Where a block goes on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum End {
    /// Nowhere.
    #[default]
    Leave,
    /// To a block.
    Go(u32),
    /// To one of two.
    If {
        /// Register of the condition.
        condition: u8,
        /// The block if it is not zero.
        taken: u32,
        /// The block if it is zero.
        next: u32,
    },
}

/// What an instruction does, with registers in the place of the stack.
#[derive(Debug, Clone, Copy)]
pub(super) struct Action {
    /// The instruction. `LocalGet` stands for all that move a value, `I64Const` for all constants.
    pub(super) op: Op,
    /// Register of the result.
    pub(super) to: u8,
    /// Register of the lower operand.
    pub(super) a: u8,
    /// Register of the upper operand.
    pub(super) b: u8,
    /// Register of a third operand, or the exit to take if it cannot be done.
    pub(super) aux: u32,
    /// The instruction's argument.
    pub(super) argument: u64,
}

/// The state in which the one-step machine takes over within a block.
#[derive(Debug)]
pub(super) struct Exit {
    /// Instructions of the block that are done.
    pub(super) done: u32,
    /// Where each value of the stack is, and its type.
    pub(super) stack: Box<[Symbol]>,
}

/// A value on the stack while a block is translated: the register that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Symbol {
    pub(super) register: u8,
    pub(super) tag: Tag,
}
