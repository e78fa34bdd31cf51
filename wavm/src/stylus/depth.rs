//! Fourth instrumentation: every frame is paid for in words of stack (`spec/stylus.md` 5.3).
//!
//! A frame takes its declared locals and the most values that can be on its stack, counted over the metered operators. A function
//! takes the words when it is entered and gives them back before each return.

use super::{Version, add_global, get, number, set};
use crate::{
    binary::WasmBinary,
    error::{Rule, WasmError},
    module::{build::Feed, height_change},
    value::{FunctionType, Value},
};
use alloc::{format, vec, vec::Vec};
use wasmparser::{BlockType, Operator};

/// The global with the words of stack that are left.
pub const STACK_LEFT: &str = "stylus_stack_left";

/// Words of a frame besides its locals and values.
const FRAME_WORDS: u32 = 4;

/// Operators that take and give back words.
const PROLOGUE: usize = 12;
const RECLAIM: usize = 4;

/// Charges for frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    /// Index of the global with the words of stack that are left.
    pub stack_left: u32,
    version: Version,
}

/// What is known of a function's metered operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Frame {
    /// Words that a frame takes.
    pub words: u32,
    /// Metered operators.
    metered: usize,
    returns: usize,
    grows: usize,
}

impl Frame {
    /// Operators after this instrumentation and the next one, which puts `for_grow` of them before each growth of memory.
    #[must_use]
    pub const fn operators(&self, for_grow: usize) -> usize {
        PROLOGUE + self.metered + RECLAIM * (self.returns + 1) + 1 + for_grow * self.grows
    }
}

impl Depth {
    /// Adds the global.
    ///
    /// # Errors
    /// Its name is taken.
    pub fn install(binary: &mut WasmBinary<'_>, version: Version) -> Result<Self, WasmError> {
        Ok(Self { stack_left: add_global(binary, STACK_LEFT, Value::I32(0))?, version })
    }

    /// Starts to measure the frame of a function.
    pub(super) fn survey<'a>(&self, binary: &'a WasmBinary<'a>) -> Survey<'a> {
        Survey { binary, stack: 0, worst: 0, scopes: vec![0], frame: Frame::default() }
    }

    /// The frame of a function all of whose metered operators were surveyed.
    pub(super) fn frame(&self, survey: Survey<'_>, code: usize) -> Result<Frame, WasmError> {
        let Survey { binary, worst, mut frame, .. } = survey;
        let too_deep = |what: &str, found: u32, limit: u32| {
            Err(WasmError::new(Rule::Depth, format!("too many {what} in a frame: {found} > {limit}")))
        };
        if worst > self.version.frame_values {
            return too_deep("values", worst, self.version.frame_values);
        }
        let locals = u32::try_from(binary.codes[code].locals.len()).unwrap_or(u32::MAX);
        frame.words = worst.saturating_add(locals).saturating_add(FRAME_WORDS);
        if frame.words > self.version.frame_words {
            return too_deep("words", frame.words, self.version.frame_words);
        }
        Ok(frame)
    }

    /// Feeds the operators that take the words of a frame; what it gives does so with the function's.
    pub(super) fn enter(&self, frame: Frame, sink: impl Feed) -> Result<Charging, WasmError> {
        self.prologue(frame.words).iter().try_for_each(sink)?;
        Ok(Charging { reclaim: self.reclaim(frame.words), left: frame.metered })
    }

    const fn prologue(&self, words: u32) -> [Operator<'static>; PROLOGUE] {
        [
            get(self.stack_left),
            number(words),
            Operator::I32LeU,
            Operator::If { blockty: BlockType::Empty },
            number(0),
            set(self.stack_left),
            Operator::Unreachable,
            Operator::End,
            get(self.stack_left),
            number(words),
            Operator::I32Sub,
            set(self.stack_left),
        ]
    }

    const fn reclaim(&self, words: u32) -> [Operator<'static>; RECLAIM] {
        [get(self.stack_left), number(words), Operator::I32Add, set(self.stack_left)]
    }
}

/// Gives words back before every return.
pub(super) struct Charging {
    reclaim: [Operator<'static>; RECLAIM],
    /// Operators that are still to come.
    left: usize,
}

impl Charging {
    /// Feeds one metered operator, and before a return those that give words back. The last `end` gets a return.
    pub(super) fn feed(&mut self, operator: &Operator<'_>, mut sink: impl Feed) -> Result<(), WasmError> {
        self.left = self.left.saturating_sub(1);
        let last = self.left == 0;
        if last || matches!(operator, Operator::Return) {
            self.reclaim.iter().try_for_each(&mut sink)?;
        }
        if last {
            sink(&Operator::Return)?;
        }
        sink(operator)
    }
}

/// Counts the values on the stack of a function.
///
/// Kept: the count is the reference's, not that of the machine. Results are pushed before parameters are popped, pops stop at zero,
/// and code that is never reached counts.
pub(super) struct Survey<'a> {
    binary: &'a WasmBinary<'a>,
    stack: u32,
    worst: u32,
    /// Height in each open block.
    scopes: Vec<u32>,
    frame: Frame,
}

impl Survey<'_> {
    /// Counts one metered operator.
    pub(super) fn operator(&mut self, operator: &Operator<'_>) -> Result<(), WasmError> {
        self.frame.metered += 1;
        match operator {
            Operator::Block { blockty } | Operator::Loop { blockty } => self.open(*blockty)?,
            Operator::If { blockty } => {
                self.pop(1);
                self.open(*blockty)?;
            }
            Operator::Else => self.stack = *self.scopes.last().ok_or_else(unsupported)?,
            Operator::End => self.stack = self.scopes.pop().ok_or_else(unsupported)?,
            Operator::Call { function_index } => self.call(self.binary.function_type(*function_index))?,
            Operator::CallIndirect { type_index, .. } => {
                self.call(self.binary.types.get(*type_index as usize))?;
                self.pop(1);
            }
            Operator::MemoryFill { .. } | Operator::MemoryCopy { .. } => self.pop(3),
            Operator::Return => self.frame.returns += 1,
            Operator::MemoryGrow { .. } => self.frame.grows += 1,
            Operator::Nop | Operator::Br { .. } | Operator::LocalTee { .. } => {}
            Operator::BrIf { .. } | Operator::BrTable { .. } => self.pop(1),
            other => self.change(height_change(other).ok_or_else(unsupported)?),
        }
        Ok(())
    }

    fn push(&mut self, count: usize) {
        self.stack = self.stack.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        self.worst = self.worst.max(self.stack);
    }

    fn pop(&mut self, count: usize) {
        self.stack = self.stack.saturating_sub(u32::try_from(count).unwrap_or(u32::MAX));
    }

    fn change(&mut self, change: i64) {
        let count = usize::try_from(change.unsigned_abs()).unwrap_or(usize::MAX);
        if change > 0 { self.push(count) } else { self.pop(count) }
    }

    fn call(&mut self, ty: Option<&FunctionType>) -> Result<(), WasmError> {
        let ty = ty.ok_or_else(unsupported)?;
        self.push(ty.outputs.len());
        self.pop(ty.inputs.len());
        Ok(())
    }

    fn open(&mut self, ty: BlockType) -> Result<(), WasmError> {
        match ty {
            BlockType::Empty => {}
            BlockType::Type(_) => self.push(1),
            BlockType::FuncType(index) => self.call(self.binary.types.get(index as usize))?,
        }
        self.scopes.push(self.stack);
        Ok(())
    }
}

#[cold]
fn unsupported() -> WasmError {
    WasmError::new(Rule::Depth, "an operator of a feature that is off")
}

#[cfg(test)]
mod tests;
