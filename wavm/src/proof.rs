//! One-step proofs: what a contract needs to make one step of a machine of which it knows the hash (`spec/wavm.md` 9).
//!
//! A proof is the parts of the machine's hash, opened along the way to the next instruction, then what that instruction touches. The
//! second part is written by one file a family, which mirrors the file of the same name in `machine/`. Numeric instructions need
//! nothing but the values on top of the stack, so they have no file.

pub mod blob;
mod control;
mod host;
mod memory;
mod stack;

use crate::{
    host::{BlobProver, Host},
    machine::{
        Code, Machine, MachineError, Running, Stop,
        hash::{ABSENT, inner_stacks_hash},
        thread::Thread,
    },
    merkle::MerkleProof,
    module::hash::CHUNK,
    op::{Family, Instruction},
    value::Value,
};
use alloc::{sync::Arc, vec::Vec};
use alloy_primitives::B256;

/// Values of the stack that a proof shows.
const SHOWN_VALUES: usize = 3;
/// Set in the first byte of a proof that lacks what only the provider of a certificate can add.
const NEEDS_CERTIFICATE: u8 = 0x80;

impl Machine {
    /// The proof of the next step; of a halted machine, the proof that it is halted.
    ///
    /// A machine can be hashed in two ways once it has errored, but the proof is the same. A proof whose first byte has the bit 0x80 is
    /// not complete: it ends with the hash of a certificate, which whoever has the certificate replaces by it.
    ///
    /// # Errors
    ///
    /// If the host or the prover of blobs misses an answer, or there is no instruction, or no proof, at this place.
    pub fn prove(
        &mut self,
        host: &(impl Host + ?Sized),
        blobs: &(impl BlobProver + ?Sized),
    ) -> Result<Vec<u8>, MachineError> {
        let mut proof = Proof(Vec::with_capacity(4096));
        proof.0.push(self.status() as u8);
        self.prove_stacks(&mut proof);
        proof.hash(self.global_state().hash());
        proof.0.extend_from_slice(&self.pc().word()[20..]);
        proof.hash(self.recovery_word());
        proof.hash(self.modules_root());
        if self.is_halted() {
            proof.0.extend_from_slice(&self.global_state().to_bytes());
            return Ok(proof.0);
        }
        let instruction = self.prove_instruction(&mut proof).ok_or(MachineError::Malformed(self.pc()))?;
        self.prove_effect(&mut proof, instruction, host, blobs)?;
        Ok(proof.0)
    }

    /// The top of the running thread's stacks, and the hashes of all others.
    fn prove_stacks(&mut self, proof: &mut Proof) {
        let values = self.value_stack_hashes();
        proof.values(self.thread().values(), SHOWN_VALUES, |shown| self.thread().values_below(shown));
        self.prove_other_stacks(proof, &values);
        self.internal_hash();
        proof.values(self.internal().iter(), 1, |shown| self.internal_below(shown));
        let frames = self.frame_stack_hashes();
        prove_frame(proof, self.thread_mut());
        self.prove_other_stacks(proof, &frames);
    }

    /// The stack that is the running one's counterpart, then those between the first and the last.
    fn prove_other_stacks(&self, proof: &mut Proof, hashes: &[B256]) {
        proof.hash(match hashes {
            [main, ..] if self.is_in_program() => *main,
            [_, .., last] => *last,
            _ => ABSENT,
        });
        proof.hash(inner_stacks_hash(hashes, 1));
    }

    /// The running module, and the way from its functions to the next instruction.
    fn prove_instruction(&mut self, proof: &mut Proof) -> Option<Instruction> {
        let pc = self.pc();
        self.prove_module(proof, pc.module)?;
        proof.siblings(self.modules_tree().proof(pc.module as usize)?);
        let code: Arc<Code> = self.running_module().ok()?.code().clone();
        let function = code.module().functions.get(pc.func as usize)?;
        let instruction = *function.code.get(pc.inst as usize)?;
        let index = pc.inst as usize / CHUNK;
        let chunk = function.code.chunks(CHUNK).nth(index)?;
        proof.0.push(u8::try_from(chunk.len()).ok()?);
        for instruction in chunk {
            proof.0.extend_from_slice(&instruction.op.code().to_be_bytes());
            proof.hash(code.module().proving_argument(function, *instruction));
        }
        proof.siblings(code.chunks(pc.func)?.built_proof(index)?);
        proof.siblings(code.functions().built_proof(pc.func as usize)?);
        Some(instruction)
    }

    /// The parts of a module's hash.
    fn prove_module(&mut self, proof: &mut Proof, index: u32) -> Option<()> {
        let running: &mut Running = self.running_mut(index)?;
        proof.hash(running.globals_tree().root());
        proof.number(running.memory().size());
        proof.number(running.memory().max_pages());
        proof.hash(running.memory_mut().root());
        let parts = running.code().parts();
        proof.hash(parts.tables);
        proof.hash(parts.functions);
        proof.hash(parts.extra);
        proof.0.extend_from_slice(&parts.internals_offset.to_be_bytes());
        Some(())
    }

    /// What an instruction touches.
    fn prove_effect(
        &mut self,
        proof: &mut Proof,
        instruction: Instruction,
        host: &(impl Host + ?Sized),
        blobs: &(impl BlobProver + ?Sized),
    ) -> Result<(), MachineError> {
        let pc = self.pc();
        let result = match instruction.op.family() {
            Family::Numeric => Ok(()),
            Family::Control => control::prove(self, proof, instruction)?,
            Family::Memory => memory::prove(self, proof, instruction),
            Family::Stack => stack::prove(self, proof, instruction),
            Family::Host => host::prove(self, proof, instruction, host, blobs)?,
        };
        result.map_err(|_| MachineError::Malformed(pc))
    }

    /// The value `depth` below the top of the stack, from 1, as a number.
    fn peek(&self, depth: usize) -> Result<u64, Stop> {
        let values = self.thread().values();
        let index = values.len().checked_sub(depth).ok_or(Stop::Malformed)?;
        match self.thread().slots().get(index) {
            Some(Value::I32(bits) | Value::F32(bits)) => Ok(u64::from(bits)),
            Some(Value::I64(bits) | Value::F64(bits)) => Ok(bits),
            _ => Err(Stop::Malformed),
        }
    }
}

/// The last frame of a thread, or that there is none.
fn prove_frame(proof: &mut Proof, thread: &mut Thread) {
    let Some(frame) = thread.frames().last().copied() else {
        proof.hash(B256::ZERO);
        proof.0.push(0);
        return;
    };
    proof.hash(thread.frames_below());
    proof.0.push(1);
    proof.value(frame.return_value());
    proof.hash(thread.locals_tree().map_or(B256::ZERO, |tree| tree.root()));
    proof.0.extend_from_slice(&frame.caller_module.to_be_bytes());
    proof.0.extend_from_slice(&frame.caller_internals.to_be_bytes());
}

/// A proof while it is written.
struct Proof(Vec<u8>);

impl Proof {
    fn hash(&mut self, hash: B256) {
        self.0.extend_from_slice(hash.as_slice());
    }

    fn number(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    fn value(&mut self, value: Value) {
        self.0.extend_from_slice(&value.proof_bytes());
    }

    fn siblings(&mut self, siblings: MerkleProof) {
        siblings.write(&mut self.0);
    }

    /// Siblings if there is such a place in the tree, else nothing.
    fn siblings_if_any(&mut self, siblings: Option<MerkleProof>) {
        siblings.into_iter().for_each(|siblings| self.siblings(siblings));
    }

    /// The hash of a stack without its upper values, their number, these values.
    fn values(&mut self, values: impl ExactSizeIterator<Item = Value>, most: usize, below: impl Fn(usize) -> B256) {
        let height = values.len();
        let shown = height.min(most);
        self.hash(below(shown));
        self.hash(crate::value::word(shown as u64));
        values.skip(height - shown).for_each(|value| self.value(value));
    }

    /// The proof needs what only the provider of a certificate can add.
    fn needs_certificate(&mut self) {
        self.0[0] |= NEEDS_CERTIFICATE;
    }
}
