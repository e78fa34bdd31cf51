//! Preimages, the inbox, global state, certificates, programs and their threads.
//!
//! An answer is fetched before anything is changed, so that a missing one leaves the machine as it was.

use super::{Failure, Machine, MachineError, Running, Status, Stop, thread::Thread};
use crate::{
    host::{Host, PreimageType},
    memory::{LEAF_SIZE, Memory},
    op::{Instruction, Op},
    value::{ProgramCounter, Value},
};
use alloy_primitives::{B256, Bytes};

/// Number of certificate types; others are never valid.
const CERTIFICATE_TYPES: u32 = 4;
/// The certificate type that is checked; those below are always valid.
const DA_CERTIFICATE: u32 = 3;
/// Source of a message: the argument of `ReadInboxMessage`.
const SEQUENCER: u64 = 0;

impl Machine {
    /// Executes an instruction of the host family.
    pub(super) fn host_step(&mut self, host: &(impl Host + ?Sized), instruction: Instruction) -> Result<(), Failure> {
        match instruction.op {
            Op::GetGlobalStateBytes32 => self.get_global_state_bytes32(),
            Op::SetGlobalStateBytes32 => self.set_global_state_bytes32(),
            Op::GetGlobalStateU64 => self.get_global_state_u64(),
            Op::SetGlobalStateU64 => self.set_global_state_u64(),
            Op::ValidateCertificate => self.validate_certificate(host),
            Op::ReadPreImage => self.read_preimage(host, instruction),
            Op::ReadInboxMessage => self.read_inbox_message(host, instruction),
            Op::HaltAndSetFinished => {
                self.status = Status::Finished;
                Ok(())
            }
            Op::LinkModule => self.link_module(host),
            Op::UnlinkModule => self.modules.pop().map(|_| ()).ok_or(Failure::Stop(Stop::Malformed)),
            Op::NewCoThread => self.new_thread(),
            Op::PopCoThread => self.pop_thread(),
            Op::SwitchThread => self.switch_thread(instruction),
            _ => Err(Failure::Stop(Stop::Malformed)),
        }
    }

    fn get_global_state_bytes32(&mut self) -> Result<(), Failure> {
        let pointer = self.thread_mut().pop_i32()?;
        let index = self.thread_mut().pop_i32()?;
        let hash = self.global_state.bytes32(index).ok_or(Stop::Trap)?;
        let memory = self.running_memory()?;
        aligned(memory, pointer).ok_or(Stop::Trap)?;
        memory.store(u64::from(pointer), hash.0).ok_or(Stop::Trap)?;
        Ok(())
    }

    fn set_global_state_bytes32(&mut self) -> Result<(), Failure> {
        let pointer = self.thread_mut().pop_i32()?;
        let index = self.thread_mut().pop_i32()?;
        self.global_state.bytes32(index).ok_or(Stop::Trap)?;
        let hash = aligned(self.running_memory()?, pointer).ok_or(Stop::Trap)?;
        *self.global_state.bytes32_mut(index).ok_or(Stop::Trap)? = hash;
        Ok(())
    }

    fn get_global_state_u64(&mut self) -> Result<(), Failure> {
        let index = self.thread_mut().pop_i32()?;
        let number = self.global_state.u64(index).ok_or(Stop::Trap)?;
        self.thread_mut().push(Value::I64(number));
        Ok(())
    }

    fn set_global_state_u64(&mut self) -> Result<(), Failure> {
        let number = self.thread_mut().pop_i64()?;
        let index = self.thread_mut().pop_i32()?;
        *self.global_state.u64_mut(index).ok_or(Stop::Trap)? = number;
        Ok(())
    }

    fn validate_certificate(&mut self, host: &(impl Host + ?Sized)) -> Result<(), Failure> {
        let ty = self.thread_mut().pop_i32()?;
        let pointer = self.thread_mut().pop_i32()?;
        let valid = if ty >= CERTIFICATE_TYPES {
            false
        } else {
            let hash = aligned(self.running_memory()?, pointer).ok_or(Stop::Trap)?;
            ty != DA_CERTIFICATE || host.is_valid_certificate(hash)
        };
        self.thread_mut().push(Value::I32(u32::from(valid)));
        Ok(())
    }

    fn read_preimage(&mut self, host: &(impl Host + ?Sized), instruction: Instruction) -> Result<(), Failure> {
        let before = self.thread().height;
        let offset = self.thread_mut().pop_i32()?;
        let pointer = self.thread_mut().pop_i32()?;
        let ty = PreimageType::from_code(instruction.argument).ok_or(Stop::Malformed)?;
        let hash = aligned(self.running_memory()?, pointer).filter(|_| is_aligned(offset)).ok_or(Stop::Trap)?;
        let Some(preimage) = host.preimage(ty, hash) else {
            self.thread_mut().height = before;
            return Err(Failure::Host(MachineError::MissingPreimage(ty, hash)));
        };
        self.answer(pointer, &preimage, offset)
    }

    fn read_inbox_message(&mut self, host: &(impl Host + ?Sized), instruction: Instruction) -> Result<(), Failure> {
        let before = self.thread().height;
        let offset = self.thread_mut().pop_i32()?;
        let pointer = self.thread_mut().pop_i32()?;
        let number = self.thread_mut().pop_i64()?;
        if instruction.argument == SEQUENCER && number >= host.sequencer_limit() {
            self.status = Status::TooFar;
            return Ok(());
        }
        aligned(self.running_memory()?, pointer).ok_or(Stop::Trap)?;
        match message(host, instruction, number) {
            Ok(message) => self.answer(pointer, &message, offset),
            Err(error) => {
                self.thread_mut().height = before;
                Err(Failure::Host(error))
            }
        }
    }

    /// Writes the part of an answer that begins at an offset, at most a leaf of it, and pushes how much that was.
    fn answer(&mut self, pointer: u32, answer: &[u8], offset: u32) -> Result<(), Failure> {
        let rest = answer.get(offset as usize..).unwrap_or_default();
        let part = &rest[..rest.len().min(LEAF_SIZE)];
        self.running_memory()?.write(u64::from(pointer), part).ok_or(Stop::Trap)?;
        #[expect(clippy::cast_possible_truncation, reason = "at most 32")]
        self.thread_mut().push(Value::I32(part.len() as u32));
        Ok(())
    }

    fn link_module(&mut self, host: &(impl Host + ?Sized)) -> Result<(), Failure> {
        let before = self.thread().height;
        let pointer = self.thread_mut().pop_i32()?;
        let hash = aligned(self.running_memory()?, pointer).ok_or(Stop::Trap)?;
        let Some(code) = host.program(hash) else {
            self.thread_mut().height = before;
            return Err(Failure::Host(MachineError::MissingProgram(hash)));
        };
        let index = u32::try_from(self.modules.len()).map_err(|_| Stop::Limit)?;
        self.modules.push(Running::new(code));
        self.thread_mut().push(Value::I32(index));
        Ok(())
    }

    fn new_thread(&mut self) -> Result<(), Failure> {
        if self.recovery.is_some() {
            return Err(Failure::Stop(Stop::Trap));
        }
        self.threads.push(Thread::default());
        Ok(())
    }

    fn pop_thread(&mut self) -> Result<(), Failure> {
        if self.recovery.is_some() || self.threads.len() == 1 {
            return Err(Failure::Stop(Stop::Trap));
        }
        self.threads.pop();
        Ok(())
    }

    /// To the main thread, or to the innermost program's with a place where the main thread goes on if that one traps.
    fn switch_thread(&mut self, instruction: Instruction) -> Result<(), Failure> {
        self.recovery = match (self.recovery, instruction.low()) {
            (Some(_), 0) => None,
            (None, skipped @ 1..) if self.threads.len() > 1 => {
                let inst = self.pc.inst.checked_add(skipped - 1).ok_or(Stop::Malformed)?;
                Some(ProgramCounter { inst, ..self.pc })
            }
            _ => return Err(Failure::Stop(Stop::Trap)),
        };
        Ok(())
    }

    fn running_memory(&mut self) -> Result<&mut Memory, Stop> {
        Ok(self.modules.get_mut(self.pc.module as usize).ok_or(Stop::Malformed)?.memory_mut())
    }
}

/// The message that a `ReadInboxMessage` asks for.
pub(crate) fn message(
    host: &(impl Host + ?Sized),
    instruction: Instruction,
    number: u64,
) -> Result<Bytes, MachineError> {
    match instruction.argument {
        SEQUENCER => host.sequencer_message(number).ok_or(MachineError::MissingSequencerMessage(number)),
        _ => host.delayed_message(number).ok_or(MachineError::MissingDelayedMessage(number)),
    }
}

const fn is_aligned(number: u32) -> bool {
    (number as usize).is_multiple_of(LEAF_SIZE)
}

/// The leaf at a pointer; none if the pointer is not that of a leaf.
fn aligned(memory: &Memory, pointer: u32) -> Option<B256> {
    memory.load(u64::from(pointer)).filter(|_| is_aligned(pointer)).map(B256::new)
}
