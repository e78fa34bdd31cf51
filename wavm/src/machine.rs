//! The proving machine: deterministic, hashed at every step, provable at every step (`spec/wavm.md` 3 and 4).
//!
//! A [`Machine`] runs a list of modules, the first of which is entered at the start. It asks a [`Host`] for what it reads from outside.
//! A run and a hash are independent: [`Machine::run`] only notes what it touches, [`Machine::hash`] then hashes no more than that.
//! Cloning a machine is taking a snapshot; the code is shared.

mod ahead;
mod code;
mod control;
mod cpu;
pub(crate) mod hash;
pub(crate) mod host;
pub mod image;
mod memory;
mod module;
mod numeric;
mod operands;
mod slots;
mod stack;
mod step;
pub(crate) mod thread;

use crate::{
    host::{Host, PreimageType},
    merkle::{MerkleTree, MerkleType},
    module::Module,
    op::Instruction,
    state::GlobalState,
    value::{ProgramCounter, Value},
};
use alloc::{sync::Arc, vec::Vec};
use alloy_primitives::B256;
use hash::StackHashes;
use slots::Slots;
use thread::Thread;

pub use code::Code;
pub use image::{ImageError, Limits};
pub(crate) use module::Running;

/// Whether a machine runs, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Status {
    /// More steps can be made.
    Running = 0,
    /// It ended as the program wished.
    Finished = 1,
    /// It trapped.
    Errored = 2,
    /// It asked for a sequencer message that does not exist yet.
    TooFar = 3,
}

/// Why a machine cannot make or prove a step.
///
/// If the host misses an answer, the machine is left as it was before the step, and can go on once the host has it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MachineError {
    /// The host does not know a preimage.
    #[error("no preimage of type {0:?} for {1}")]
    MissingPreimage(PreimageType, B256),
    /// The host does not know a sequencer message below its limit.
    #[error("no sequencer message {0}")]
    MissingSequencerMessage(u64),
    /// The host does not know a delayed message.
    #[error("no delayed message {0}")]
    MissingDelayedMessage(u64),
    /// The host does not know a program.
    #[error("no program with module hash {0}")]
    MissingProgram(B256),
    /// The code does what checked code cannot do: it takes a value that is not there or of another type, or names what does not exist.
    #[error("ill-formed code at {0:?}")]
    Malformed(ProgramCounter),
    /// A stack holds more than this implementation can, or there are more modules or threads.
    #[error("a stack is too deep, or there are too many modules or threads, at {0:?}")]
    StackLimit(ProgramCounter),
    /// A step that reads a blob cannot be proved without a way to open it.
    #[error("the blob {0} cannot be opened")]
    BlobOpening(B256),
    /// The protocol has no proof for a call through a table inside of a program.
    #[error("a step without a proof at {0:?}")]
    Unprovable(ProgramCounter),
}

/// Why the inner loop is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The protocol's error.
    Trap,
    /// The running module or thread is another one now.
    Switch,
    /// The instruction needs more of the machine than one module; nothing was done yet.
    Leave,
    /// See [`MachineError::Malformed`].
    Malformed,
    /// See [`MachineError::StackLimit`].
    Limit,
}

/// Why an instruction that needs the whole machine ends early.
pub(crate) enum Failure {
    Stop(Stop),
    /// The host does not know something; nothing was done.
    Host(MachineError),
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

/// The machine.
#[derive(Debug, Clone)]
pub struct Machine {
    status: Status,
    steps: u64,
    pc: ProgramCounter,
    /// While a program's thread runs: where the main thread goes on if it traps.
    recovery: Option<ProgramCounter>,
    global_state: GlobalState,
    modules: Vec<Running>,
    modules_tree: MerkleTree,
    /// The main thread, then those of programs; the last one is the innermost.
    threads: Vec<Thread>,
    internal: Slots,
    internal_hashes: StackHashes,
}

impl Machine {
    /// At this number of steps a machine that still runs has errored.
    pub const MAX_STEPS: u64 = 1 << 43;

    /// A machine about to enter the first function of the first module.
    #[must_use]
    pub fn new(modules: impl IntoIterator<Item = Arc<Code>>, global_state: GlobalState) -> Self {
        let modules: Vec<_> = modules.into_iter().map(Running::new).collect();
        let leaves = modules.iter().map(|module| module.code().hash()).collect();
        Self {
            status: Status::Running,
            steps: 0,
            pc: ProgramCounter::default(),
            recovery: None,
            global_state,
            modules,
            modules_tree: MerkleTree::new(MerkleType::Module, leaves),
            threads: alloc::vec![Thread::new(&[Value::RefNull, Value::I32(0), Value::I32(0)])],
            internal: Slots::default(),
            internal_hashes: StackHashes::default(),
        }
    }

    /// A machine of modules that were not hashed yet.
    #[must_use]
    pub fn from_modules(modules: impl IntoIterator<Item = Module>, global_state: GlobalState) -> Self {
        Self::new(modules.into_iter().map(|module| Arc::new(Code::new(module))), global_state)
    }

    /// Whether it runs.
    #[must_use]
    pub const fn status(&self) -> Status {
        self.status
    }

    /// Whether it stopped.
    #[must_use]
    pub fn is_halted(&self) -> bool {
        self.status != Status::Running
    }

    /// Steps made so far.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// Place of the next instruction.
    #[must_use]
    pub const fn pc(&self) -> ProgramCounter {
        self.pc
    }

    /// Hashes and positions that leave the machine.
    #[must_use]
    pub const fn global_state(&self) -> &GlobalState {
        &self.global_state
    }

    /// Number of modules, linked programs included.
    #[must_use]
    pub const fn module_count(&self) -> usize {
        self.modules.len()
    }

    /// A module, as it was at the start.
    #[must_use]
    pub fn module(&self, index: u32) -> Option<&Module> {
        self.modules.get(index as usize).map(|module| module.code().module())
    }

    /// The linear memory of a module.
    #[must_use]
    pub fn memory(&self, module: u32) -> Option<&[u8]> {
        self.modules.get(module as usize).map(|module| module.memory().bytes())
    }

    /// The instruction at the program counter; none once halted, or if there is none.
    #[must_use]
    pub fn next_instruction(&self) -> Option<Instruction> {
        let function = self.module(self.pc.module)?.functions.get(self.pc.func as usize)?;
        function.code.get(self.pc.inst as usize).copied().filter(|_| !self.is_halted())
    }

    /// The value stack of the running thread, bottom first.
    #[must_use]
    pub fn values(&self) -> Vec<Value> {
        self.thread().values().collect()
    }

    /// Makes one step; does nothing once halted.
    ///
    /// # Errors
    ///
    /// If the host misses an answer, or the code is ill-formed.
    pub fn step(&mut self, host: &(impl Host + ?Sized)) -> Result<(), MachineError> {
        self.run(host, 1).map(|_| ())
    }

    /// Runs up to a step, or until it halts if that is earlier.
    ///
    /// # Errors
    ///
    /// As [`Self::step`].
    pub fn run_to(&mut self, host: &(impl Host + ?Sized), step: u64) -> Result<(), MachineError> {
        self.run(host, step.saturating_sub(self.steps)).map(|_| ())
    }

    /// The running thread.
    pub(crate) fn thread(&self) -> &Thread {
        &self.threads[self.thread_index()]
    }

    pub(crate) fn thread_mut(&mut self) -> &mut Thread {
        let index = self.thread_index();
        &mut self.threads[index]
    }

    /// The main thread is the first, a program's the last.
    const fn thread_index(&self) -> usize {
        if self.recovery.is_some() { self.threads.len() - 1 } else { 0 }
    }

    /// Whether a program's thread runs, not the main one.
    #[must_use]
    pub const fn is_in_program(&self) -> bool {
        self.recovery.is_some()
    }

    pub(crate) const fn internal(&self) -> &Slots {
        &self.internal
    }

    pub(crate) fn running_mut(&mut self, module: u32) -> Option<&mut Running> {
        self.modules.get_mut(module as usize)
    }

    pub(crate) fn running_module(&self) -> Result<&Running, Stop> {
        self.modules.get(self.pc.module as usize).ok_or(Stop::Malformed)
    }
}
