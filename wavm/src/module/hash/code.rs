//! Hashes of code, which are most of the work of hashing a module.

use super::call_indirect_argument;
use crate::{
    module::{Function, LocalTypes, Module},
    op::{Instruction, Op},
};
use alloc::{collections::BTreeMap, vec::Vec};
use alloy_primitives::{B256, keccak256};
#[cfg(feature = "parallel")]
use rayon::prelude::*;

/// Instructions that are hashed together as one leaf of the code.
pub const CHUNK: usize = 64;

/// Bytes of a hashed instruction: code, argument.
const INSTRUCTION: usize = 2 + 32;

/// What a chunk's preimage begins with, before the number of instructions.
const TAG: &[u8; 13] = b"Instructions:";
const HEADER: usize = TAG.len() + 1;

impl Module {
    /// Leaves of the code of every function, one a chunk.
    #[must_use]
    pub fn all_chunk_hashes(&self) -> Vec<Vec<B256>> {
        let arguments = Arguments::new(self);
        #[cfg(feature = "parallel")]
        let functions = self.functions.par_iter();
        #[cfg(not(feature = "parallel"))]
        let functions = self.functions.iter();
        functions.map(|function| arguments.chunk_hashes(function)).collect()
    }
}

/// Hashed arguments that are no numbers. Many functions share them.
struct Arguments<'a> {
    call_indirect: BTreeMap<u64, B256>,
    locals: BTreeMap<&'a LocalTypes, B256>,
}

impl<'a> Arguments<'a> {
    fn new(module: &'a Module) -> Self {
        let mut arguments = Self { call_indirect: BTreeMap::new(), locals: BTreeMap::new() };
        for function in &module.functions {
            arguments.locals.entry(&function.locals).or_insert_with(|| function.locals.root());
            for call in function.code.iter().filter(|at| at.op == Op::CallIndirect) {
                let hash = || match module.types.get(call.high() as usize) {
                    Some(ty) => call_indirect_argument(call.low(), ty),
                    None => B256::ZERO,
                };
                arguments.call_indirect.entry(call.argument).or_insert_with(hash);
            }
        }
        arguments
    }

    fn chunk_hashes(&self, function: &Function) -> Vec<B256> {
        let mut preimage = [0; HEADER + CHUNK * INSTRUCTION];
        preimage[..TAG.len()].copy_from_slice(TAG);
        function.code.chunks(CHUNK).map(|chunk| self.chunk_hash(&mut preimage, function, chunk)).collect()
    }

    /// Hashes a chunk; `preimage` has its tag and room for the rest.
    fn chunk_hash(&self, preimage: &mut [u8], function: &Function, chunk: &[Instruction]) -> B256 {
        preimage[TAG.len()] = u8::try_from(chunk.len()).expect("a chunk has at most 64 instructions");
        for (bytes, instruction) in preimage[HEADER..].chunks_exact_mut(INSTRUCTION).zip(chunk) {
            bytes[..2].copy_from_slice(&instruction.op.code().to_be_bytes());
            match instruction.op {
                Op::InitFrame => bytes[2..].copy_from_slice(self.locals[&function.locals].as_slice()),
                Op::CallIndirect => bytes[2..].copy_from_slice(self.call_indirect[&instruction.argument].as_slice()),
                _ => {
                    bytes[2..26].fill(0);
                    bytes[26..].copy_from_slice(&instruction.argument.to_be_bytes());
                }
            }
        }
        keccak256(&preimage[..HEADER + INSTRUCTION * chunk.len()])
    }
}
