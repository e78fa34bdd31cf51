//! Calls of Stylus programs (`spec/stylus.md` 6 and 7).
//!
//! A program runs in the frame that revm makes for the call: its value is transferred and its changes are undone as those of any
//! frame. Where the interpreter would run, `ProgramFrame::step` runs the program until it calls a contract, which becomes the next
//! frame, or ends. What a program asks for is answered in `answer` and `contract`.

mod answer;
mod compiled;
mod contract;
mod recent;
mod start;

pub use compiled::CompiledPrograms;
pub use recent::RecentPrograms;

use crate::evm::{ArbContext, ArbFrame, database::DatabaseError};
use ::state::{ArbosVersion, ResourceKind, arbos::StylusParams};
use alloc::{boxed::Box, string::String};
use alloy_primitives::Bytes;
use contract::Pending;
use revm::{
    context_interface::context::ContextError,
    handler::FrameResult,
    interpreter::{FrameInput, InstructionResult, InterpreterAction, InterpreterResult},
};
use wavm::run::{Event, Outcome, Run};

type Stopped = ContextError<DatabaseError>;

/// A call of a program.
#[derive(Debug)]
pub(super) struct ProgramFrame {
    /// Place of its frame on the stack of frames.
    pub(super) index: Option<usize>,
    state: State,
    /// Computation that was attributed to requests and to frames below; what else it uses is the program's own.
    computation: u64,
}

/// How far a call is.
#[derive(Debug)]
enum State {
    /// Not begun: the code of the program.
    Fresh(Bytes),
    /// It runs, or waits for a frame.
    Running(Box<Running>),
    /// Taken apart while it is worked on.
    Taken,
}

/// A program that was started.
#[derive(Debug)]
struct Running {
    run: Run,
    params: StylusParams,
    /// Gas of the call, before anything was charged.
    starting_gas: u64,
    /// What was attributed to kinds of gas before.
    attributed_before: u64,
    /// Pages that were open before.
    open_before: u16,
    pending: Option<Pending>,
    /// How the frame ended that it waits for.
    ended: Option<FrameResult>,
}

/// What a request comes to.
enum Asked {
    Answer(wavm::run::Answer),
    Frame(FrameInput),
}

impl ProgramFrame {
    /// A call that has not begun.
    pub(super) const fn new(index: Option<usize>, code: Bytes) -> Self {
        Self { index, state: State::Fresh(code), computation: 0 }
    }

    /// Hands over how the frame ended that the program waits for.
    pub(super) fn deliver(&mut self, result: FrameResult) {
        if let State::Running(running) = &mut self.state {
            running.ended = Some(result);
        }
    }

    /// Runs the program until it needs a frame, or ends.
    pub(super) fn step(
        &mut self,
        frame: &mut ArbFrame,
        context: &mut ArbContext<'_>,
    ) -> Result<InterpreterAction, Stopped> {
        let (mut running, mut event) = match core::mem::replace(&mut self.state, State::Taken) {
            State::Fresh(code) => match start::start(frame, context, &code)? {
                Ok(mut running) => {
                    let event = running.run.enter();
                    (running, event)
                }
                Err(result) => return Ok(ended(frame, result, 0, Bytes::new())),
            },
            State::Running(mut running) => {
                let answer = self.frame_ended(&mut running, frame, context);
                let event = running.run.answer(answer);
                (running, event)
            }
            State::Taken => return Err(Stopped::Custom(String::from("a program goes on after its end"))),
        };
        loop {
            match event {
                Event::End(outcome) => return Ok(self.finish(running, frame, context, outcome)),
                Event::Ask(request) => match self.ask(&mut running, frame, context, request)? {
                    Asked::Answer(answer) => event = running.run.answer(answer),
                    Asked::Frame(input) => {
                        self.state = State::Running(running);
                        return Ok(InterpreterAction::NewFrame(input));
                    }
                },
            }
        }
    }

    /// Ends the call: pages, return data and the kinds of gas.
    fn finish(
        &self,
        mut running: Box<Running>,
        frame: &ArbFrame,
        context: &mut ArbContext<'_>,
        outcome: Outcome,
    ) -> InterpreterAction {
        context.chain.tx.pages.open = running.open_before;
        let (mut result, mut gas) = match outcome {
            Outcome::Success => (InstructionResult::Return, running.run.gas_left()),
            Outcome::Revert | Outcome::Failure => (InstructionResult::Revert, running.run.gas_left()),
            Outcome::OutOfInk => (InstructionResult::OutOfGas, 0),
            Outcome::OutOfStack => (InstructionResult::CallTooDeep, 0),
        };
        let has_output = matches!(outcome, Outcome::Success | Outcome::Revert);
        let mut output = if has_output { Bytes::from(running.run.take_result()) } else { Bytes::new() };
        let version = context.chain.facts.header_version;
        if version >= ArbosVersion::STYLUS_FIXES && !output.is_empty() {
            // A program pays for return data at least what a contract would.
            match running.starting_gas.checked_sub(memory_gas(output.len())) {
                Some(most) => gas = gas.min(most),
                None => (result, gas, output) = (InstructionResult::OutOfGas, 0, Bytes::new()),
            }
        }
        let attributed = context.chain.tx.attributed.total() - running.attributed_before;
        let used = running.starting_gas.saturating_sub(gas);
        let own = used.saturating_sub(attributed.saturating_add(self.computation));
        context.chain.tx.attributed.add(ResourceKind::WasmComputation, own);
        ended(frame, result, gas, output)
    }
}

/// Gas a contract pays for memory of so many bytes.
const fn memory_gas(bytes: usize) -> u64 {
    let words = bytes.div_ceil(32) as u64;
    3 * words + words * words / 512
}

/// The end of a frame with gas left.
const fn ended(frame: &ArbFrame, result: InstructionResult, gas_left: u64, output: Bytes) -> InterpreterAction {
    let mut gas = frame.interpreter.gas;
    if result.is_ok_or_revert() {
        gas.set_remaining(gas_left);
    } else {
        gas.spend_all();
    }
    InterpreterAction::Return(InterpreterResult { result, output, gas })
}
