//! Skipping ahead: basic blocks at once, to any step, exactly.
//!
//! A dispute asks for the machine at a few steps among billions, so most steps are made only to get past them. One by one, each costs a
//! fetch, a look at the types of its operands, and moves on the stack that the next instruction undoes. None of that is needed where
//! code goes straight on. So a function that runs often is translated, block by block (`compile.rs`), to [`Action`](code::Action)s on
//! registers: constants and locals are read where they are, `local.set` disappears into the instruction before it, types are checked
//! once at the entry, steps are counted once a block (`run.rs`). Registers are the locals of the frame, the stack above them, and the
//! constants of the function, 256 at most, so that an index into them needs no check.
//!
//! Nothing here decides what an instruction means: numbers and memory go through the same functions as in the one-step machine, and
//! whatever is not plain (calls, returns, host calls, growth of memory, traps, ill-typed code, the last steps before the one that was
//! asked for) is left to it, instruction by instruction, in the state it would be in. The one-step machine is the oracle of the tests.

mod code;
mod compile;
mod run;
mod shape;
#[cfg(test)]
mod tests;

use super::{Machine, MachineError, Stop, cpu::Cpu};
use crate::{host::Host, module::Module};
use alloc::{sync::Arc, vec::Vec};
use code::Blocks;

/// How often a function is reached before it is translated: less often, a translation costs more than it saves.
const WARM: u32 = if cfg!(test) { 1 } else { 32 };

/// Translated functions of a module. They are derived from its code alone; snapshots share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Ahead {
    functions: Vec<Translation>,
}

/// How far a function is.
#[derive(Debug, Clone)]
enum Translation {
    /// It was reached so many times.
    Cold(u32),
    Done(Arc<Blocks>),
    /// It has too many registers, or no block.
    Impossible,
}

impl Ahead {
    /// The blocks of a function, once it is worth it.
    fn blocks(&mut self, module: &Module, func: u32) -> Option<&Arc<Blocks>> {
        let index = func as usize;
        if self.functions.len() <= index {
            self.functions.resize(module.functions.len().max(index + 1), Translation::Cold(0));
        }
        let translation = &mut self.functions[index];
        if let Translation::Cold(times) = translation {
            *times += 1;
            if *times < WARM {
                return None;
            }
            *translation = match compile::compile(module, func) {
                Some(blocks) => Translation::Done(Arc::new(blocks)),
                None => Translation::Impossible,
            };
        }
        match translation {
            Translation::Done(blocks) => Some(blocks),
            _ => None,
        }
    }
}

impl Machine {
    /// As [`Self::run`], in less time, with more memory: the outcome is the same, step for step.
    ///
    /// # Errors
    ///
    /// As [`Self::run`].
    pub fn skip(&mut self, host: &(impl Host + ?Sized), steps: u64) -> Result<u64, MachineError> {
        self.run_by(Self::burst_ahead, host, steps)
    }

    /// As [`Self::run_to`], in less time, with more memory.
    ///
    /// # Errors
    ///
    /// As [`Self::run`].
    pub fn skip_to(&mut self, host: &(impl Host + ?Sized), step: u64) -> Result<(), MachineError> {
        self.skip(host, step.saturating_sub(self.steps)).map(|_| ())
    }

    /// Executes instructions of the running module, whole blocks where it can.
    fn burst_ahead(&mut self, most: u64) -> Result<(), Stop> {
        let index = self.thread_index();
        let thread = &mut self.threads[index];
        let now = most.min(thread.make_room()?);
        let (code, parts, ahead) = self.modules.get_mut(self.pc.module as usize).ok_or(Stop::Malformed)?.split();
        let cpu = Cpu::new((self.pc, now), code.module(), parts, thread, &mut self.internal).ok_or(Stop::Malformed)?;
        let (left, pc, height, result) = run::execute(cpu, ahead, most - now);
        self.steps += most - left;
        self.pc = pc;
        self.threads[index].height = height;
        result
    }
}
