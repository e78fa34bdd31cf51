//! Fetch and dispatch.
//!
//! A run is a series of bursts. A burst takes the running thread and module out of the machine ([`Cpu`]) and executes instructions of
//! that module until there is a reason to stop: the count, a trap, another module, or an instruction that needs the whole machine.

use super::{
    Failure, Machine, MachineError, Status, Stop, control,
    cpu::{Cpu, Step},
    memory, numeric, stack,
};
use crate::{for_each_op, host::Host, op::Instruction, op::Op, value::ProgramCounter};

impl Machine {
    /// Makes at most this many steps, fewer if it halts, and says how many.
    ///
    /// # Errors
    ///
    /// If the host misses an answer, or the code is ill-formed.
    pub fn run(&mut self, host: &(impl Host + ?Sized), steps: u64) -> Result<u64, MachineError> {
        self.run_by(Self::burst_in_module, host, steps)
    }

    /// Runs by a kind of burst that makes at most a number of steps, and at least one. The step that stops it counts.
    pub(super) fn run_by(
        &mut self,
        burst: fn(&mut Self, u64) -> Result<(), Stop>,
        host: &(impl Host + ?Sized),
        steps: u64,
    ) -> Result<u64, MachineError> {
        let start = self.steps;
        let end = start.saturating_add(steps).min(Self::MAX_STEPS);
        while self.steps < end && !self.is_halted() {
            if self.steps + 1 == Self::MAX_STEPS {
                self.steps += 1;
                self.status = Status::Errored;
                break;
            }
            let ended = burst(self, end.min(Self::MAX_STEPS - 1) - self.steps);
            self.go_on(host, ended)?;
        }
        Ok(self.steps - start)
    }

    /// Does what a burst was ended for.
    fn go_on(&mut self, host: &(impl Host + ?Sized), ended: Result<(), Stop>) -> Result<(), MachineError> {
        let ended = match ended {
            Err(Stop::Leave) => self.execute_whole(host),
            other => other.map_err(Failure::Stop),
        };
        match ended {
            Ok(()) | Err(Failure::Stop(Stop::Switch)) => Ok(()),
            Err(Failure::Stop(Stop::Trap)) => {
                self.trap();
                Ok(())
            }
            Err(Failure::Stop(Stop::Limit)) => Err(MachineError::StackLimit(self.pc)),
            Err(Failure::Stop(Stop::Leave | Stop::Malformed)) => Err(MachineError::Malformed(self.pc)),
            Err(Failure::Host(error)) => {
                self.steps -= 1;
                self.pc.inst -= 1;
                Err(error)
            }
        }
    }

    /// Ends the program's thread if one runs, else the machine.
    const fn trap(&mut self) {
        match self.recovery.take() {
            Some(pc) => self.pc = pc,
            None => self.status = Status::Errored,
        }
    }

    /// Executes instructions of the running module, one by one.
    fn burst_in_module(&mut self, most: u64) -> Result<(), Stop> {
        let index = self.thread_index();
        let thread = &mut self.threads[index];
        let most = most.min(thread.make_room()?);
        let (code, parts, _) = self.modules.get_mut(self.pc.module as usize).ok_or(Stop::Malformed)?.split();
        let cpu = Cpu::new((self.pc, most), code.module(), parts, thread, &mut self.internal).ok_or(Stop::Malformed)?;
        let (left, pc, height, result) = execute(cpu);
        self.steps += most - left;
        self.pc = pc;
        self.threads[index].height = height;
        result
    }

    /// Executes the instruction before the program counter, which needs more than its module.
    fn execute_whole(&mut self, host: &(impl Host + ?Sized)) -> Result<(), Failure> {
        let ProgramCounter { func, inst, .. } = self.pc;
        let function = self.running_module()?.code().module().functions.get(func as usize).ok_or(Stop::Malformed)?;
        let at = (inst as usize).checked_sub(1).ok_or(Stop::Malformed)?;
        let instruction = *function.code.get(at).ok_or(Stop::Malformed)?;
        match instruction.op {
            Op::CrossModuleInternalCall => self.cross_module_internal_call(instruction),
            _ => self.host_step(host, instruction),
        }
    }
}

/// Executes instructions until there is a reason to stop. Says how many were not reached, then where it is, and the height of the stack.
///
/// It owns the [`Cpu`], so that its fields live in registers.
fn execute(cpu: Cpu<'_>) -> (u64, ProgramCounter, usize, Step) {
    let mut cpu = cpu;
    let result = loop {
        let Some(instruction) = cpu.fetch.next() else {
            break if cpu.fetch.remaining() == 0 { Ok(()) } else { Err(Stop::Malformed) };
        };
        if let Err(stop) = dispatch(&mut cpu, instruction) {
            break Err(stop);
        }
    };
    (cpu.fetch.remaining(), cpu.pc(), cpu.height, result)
}

/// Makes one flat table of the whole instruction set: each instruction is a function of its family's file, inlined here.
macro_rules! define_dispatch {
    ($($code:literal $name:ident $family:ident [$($origin:tt)*];)*) => {
        #[inline(always)]
        pub(super) fn dispatch(cpu: &mut Cpu<'_>, instruction: Instruction) -> Step {
            match instruction.op {
                $(Op::$name => family!($family $name)(cpu, instruction),)*
            }
        }
    };
}

/// The function of an instruction: `family!(Stack Drop)` is `stack::Drop`. Those of the host family all need the whole machine.
macro_rules! family {
    (Numeric $name:ident) => {
        numeric::$name
    };
    (Control $name:ident) => {
        control::$name
    };
    (Memory $name:ident) => {
        memory::$name
    };
    (Stack $name:ident) => {
        stack::$name
    };
    (Host $name:ident) => {
        leave
    };
}

#[inline(always)]
const fn leave(_: &mut Cpu<'_>, _: Instruction) -> Step {
    Err(Stop::Leave)
}

for_each_op!(define_dispatch);
