//! A thread of the machine: a value stack, a frame stack, and the locals of its frames.

use super::{Stop, hash::ThreadHashes, slots::Slots};
use crate::value::{ProgramCounter, Value};
use alloc::vec::Vec;

/// Most values, and most locals, that a thread can hold; the protocol has no limit.
pub(super) const THREAD_LIMIT: usize = 1 << 26;

/// Values that one instruction can push at most.
pub(super) const MOST_PUSHED: usize = 3;

/// Instructions that a thread must have room for.
const ROOM: usize = 512 * MOST_PUSHED;

/// What a function needs to return, and where its locals begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Where to go on; nowhere for the first frame of a machine or thread.
    pub(crate) return_to: Option<ProgramCounter>,
    /// Module of the caller.
    pub(crate) caller_module: u32,
    /// Index of the first internal function of the caller's module.
    pub(crate) caller_internals: u32,
    /// Index of the first local.
    pub(crate) base: usize,
}

impl Frame {
    /// The place to return to as a value.
    pub(crate) fn return_value(&self) -> Value {
        self.return_to.map_or(Value::RefNull, Value::InternalRef)
    }
}

/// A value stack and its frames.
#[derive(Debug, Clone, Default)]
pub(crate) struct Thread {
    /// The stack, and room above it.
    pub(super) slots: Slots,
    /// Number of values on the stack.
    pub(super) height: usize,
    pub(super) frames: Vec<Frame>,
    /// Locals of all frames, those of the last one last.
    pub(super) locals: Slots,
    pub(super) hashes: ThreadHashes,
}

impl Thread {
    /// A thread with these values on its stack.
    pub(super) fn new(values: &[Value]) -> Self {
        Self { slots: values.iter().copied().collect(), height: values.len(), ..Self::default() }
    }

    /// The stack, bottom first.
    pub(crate) fn values(&self) -> impl ExactSizeIterator<Item = Value> {
        self.slots.range(0, self.height)
    }

    /// The stack and the room above it.
    pub(crate) const fn slots(&self) -> &Slots {
        &self.slots
    }

    pub(crate) fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// Locals of a frame.
    pub(crate) fn locals(&self, frame: usize) -> impl ExactSizeIterator<Item = Value> {
        let end = self.frames.get(frame + 1).map_or(self.locals.len(), |next| next.base);
        self.locals.range(self.frames[frame].base, end)
    }

    /// Makes room on the stack, and says for how many instructions it is enough.
    pub(super) fn make_room(&mut self) -> Result<u64, Stop> {
        if self.slots.len() - self.height < ROOM {
            if self.height > THREAD_LIMIT {
                return Err(Stop::Limit);
            }
            let room = ROOM.max(self.height);
            self.slots.resize(self.height + room, Value::RefNull);
        }
        Ok(((self.slots.len() - self.height) / MOST_PUSHED) as u64)
    }

    pub(super) fn push(&mut self, value: Value) {
        if self.slots.set(self.height, value.into()).is_none() {
            self.slots.push(value.into());
        }
        self.height += 1;
    }

    pub(super) fn pop(&mut self) -> Result<Value, Stop> {
        self.height = self.height.checked_sub(1).ok_or(Stop::Malformed)?;
        self.slots.get(self.height).ok_or(Stop::Malformed)
    }

    pub(super) fn pop_i32(&mut self) -> Result<u32, Stop> {
        match self.pop()? {
            Value::I32(bits) => Ok(bits),
            _ => Err(Stop::Malformed),
        }
    }

    pub(super) fn pop_i64(&mut self) -> Result<u64, Stop> {
        match self.pop()? {
            Value::I64(bits) => Ok(bits),
            _ => Err(Stop::Malformed),
        }
    }
}
