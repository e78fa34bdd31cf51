//! What host instructions touch: global state, a leaf of memory, the bytes that are read, linked modules, other threads.

use super::{Proof, blob, memory::prove_leaf};
use crate::{
    host::{BlobProver, Host, PreimageType},
    machine::{
        Machine, MachineError, Stop,
        hash::{ABSENT, inner_stacks_hash},
        host::message,
    },
    memory::LEAF_SIZE,
    op::{Instruction, Op},
};
use alloy_primitives::B256;

/// How a proof shows a preimage or message: as it is.
const WHOLE: u8 = 0;
/// Marks, at the end of a proof, what is missing: a certificate whose data are read, or which is validated.
const READ_CERTIFICATE: u8 = 0xda;
const VALIDATE_CERTIFICATE: u8 = 0xdb;
/// The certificate type that needs one.
const DA_CERTIFICATE: u64 = 3;

type Proved = Result<Result<(), Stop>, MachineError>;

/// Writes what a host instruction touches.
pub(super) fn prove(
    machine: &mut Machine,
    proof: &mut Proof,
    instruction: Instruction,
    host: &(impl Host + ?Sized),
    blobs: &(impl BlobProver + ?Sized),
) -> Proved {
    Ok(match instruction.op {
        Op::GetGlobalStateU64 | Op::SetGlobalStateU64 => {
            prove_global_state(machine, proof);
            Ok(())
        }
        Op::GetGlobalStateBytes32 | Op::SetGlobalStateBytes32 => {
            prove_global_state(machine, proof);
            prove_pointer(machine, proof, 1).map(|_| ())
        }
        Op::ValidateCertificate => prove_certificate(machine, proof),
        Op::ReadPreImage => return prove_preimage(machine, proof, instruction, host, blobs),
        Op::ReadInboxMessage => return prove_message(machine, proof, instruction, host),
        Op::LinkModule => prove_pointer(machine, proof, 1).and_then(|_| prove_last_module(machine, proof)),
        Op::UnlinkModule => prove_last_module(machine, proof),
        Op::PopCoThread => {
            prove_uncovered(&machine.value_stack_hashes(), proof);
            prove_uncovered(&machine.frame_stack_hashes(), proof);
            Ok(())
        }
        _ => Ok(()),
    })
}

fn prove_global_state(machine: &Machine, proof: &mut Proof) {
    proof.0.extend_from_slice(&machine.global_state().to_bytes());
}

/// Writes the leaf at the pointer `depth` below the top and returns it; nothing if it is not the address of a leaf.
fn prove_pointer(machine: &mut Machine, proof: &mut Proof, depth: usize) -> Result<Option<B256>, Stop> {
    let pointer = usize::try_from(machine.peek(depth)?).map_err(|_| Stop::Malformed)?;
    if pointer % LEAF_SIZE != 0 {
        return Ok(None);
    }
    prove_leaf(machine, proof, pointer / LEAF_SIZE).map(Some)
}

fn prove_certificate(machine: &mut Machine, proof: &mut Proof) -> Result<(), Stop> {
    let hash = prove_pointer(machine, proof, 2)?;
    if let (DA_CERTIFICATE, Some(hash)) = (machine.peek(1)?, hash) {
        proof.hash(hash);
        proof.0.push(VALIDATE_CERTIFICATE);
        proof.needs_certificate();
    }
    Ok(())
}

fn prove_preimage(
    machine: &mut Machine,
    proof: &mut Proof,
    instruction: Instruction,
    host: &(impl Host + ?Sized),
    blobs: &(impl BlobProver + ?Sized),
) -> Proved {
    let Some(ty) = PreimageType::from_code(instruction.argument) else { return Ok(Err(Stop::Malformed)) };
    let (hash, offset) = match (prove_pointer(machine, proof, 2), machine.peek(1)) {
        (Ok(Some(hash)), Ok(offset)) => (hash, offset),
        (Ok(None), Ok(_)) => return Ok(Ok(())),
        _ => return Ok(Err(Stop::Malformed)),
    };
    let Some(preimage) = host.preimage(ty, hash) else {
        // A step that traps does not read it.
        let read = offset % LEAF_SIZE as u64 == 0 && machine.holds_leaf(2);
        return if read { Err(MachineError::MissingPreimage(ty, hash)) } else { Ok(Ok(())) };
    };
    proof.0.push(WHOLE);
    match ty {
        PreimageType::Keccak256 | PreimageType::Sha256 => proof.0.extend_from_slice(&preimage),
        PreimageType::Blob => {
            let opening = blob::open(blobs, &preimage, hash, offset).ok_or(MachineError::BlobOpening(hash))?;
            proof.0.extend_from_slice(&opening);
        }
        PreimageType::DaCertificate => {
            proof.hash(hash);
            proof.number(offset);
            proof.0.push(READ_CERTIFICATE);
            proof.needs_certificate();
        }
    }
    Ok(Ok(()))
}

fn prove_message(
    machine: &mut Machine,
    proof: &mut Proof,
    instruction: Instruction,
    host: &(impl Host + ?Sized),
) -> Proved {
    let number = match (prove_pointer(machine, proof, 2), machine.peek(3)) {
        (Ok(Some(_)), Ok(number)) => number,
        (Ok(None), Ok(_)) => return Ok(Ok(())),
        _ => return Ok(Err(Stop::Malformed)),
    };
    match message(host, instruction, number) {
        Ok(message) => {
            proof.0.push(WHOLE);
            proof.0.extend_from_slice(&message);
        }
        Err(error) => {
            let too_far = instruction.argument == 0 && number >= host.sequencer_limit();
            if !too_far && machine.holds_leaf(2) {
                return Err(error);
            }
        }
    }
    Ok(Ok(()))
}

/// The last module, and unless it fills the tree, that nothing comes after it.
fn prove_last_module(machine: &mut Machine, proof: &mut Proof) -> Result<(), Stop> {
    let count = machine.module_count();
    let last = u32::try_from(count).ok().and_then(|count| count.checked_sub(1)).ok_or(Stop::Malformed)?;
    machine.prove_module(proof, last).ok_or(Stop::Malformed)?;
    proof.0.extend_from_slice(&last.to_be_bytes());
    let modules = machine.modules_tree();
    proof.siblings(modules.proof(last as usize).ok_or(Stop::Malformed)?);
    if !count.is_power_of_two() {
        proof.siblings_if_any(modules.padding_proof(count));
    }
    Ok(())
}

/// The stacks that come out when the last thread is removed.
fn prove_uncovered(stacks: &[B256], proof: &mut Proof) {
    let count = stacks.len();
    proof.hash(if count > 2 { stacks[count - 2] } else { ABSENT });
    proof.hash(inner_stacks_hash(stacks, 2));
}

impl Machine {
    /// Whether the number `depth` below the top is the address of a leaf inside of the running module's memory.
    fn holds_leaf(&self, depth: usize) -> bool {
        let Ok(pointer) = self.peek(depth) else { return false };
        let size = self.running_module().map_or(0, |module| module.memory().size());
        pointer % LEAF_SIZE as u64 == 0 && pointer.saturating_add(LEAF_SIZE as u64) <= size
    }
}
