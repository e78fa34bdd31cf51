//! The machine of a vector, and the answers it is given.

use super::format::machine::{Case, InboxMessage, Preimage, Program};
use alloy_primitives::{B256, keccak256};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use wavm::{
    Answers, Code, Machine, WasmError,
    binary::{MultiValue, WasmBinary},
    host::{BlobProver, PreimageType},
    module::link,
    proof::blob::NativeBlobProver,
    stylus::{ActivationParams, activate},
};

/// First byte of the hash of a blob.
const BLOB_VERSION: u8 = 1;

impl Case {
    /// The machine as it is at the start.
    ///
    /// # Errors
    /// A module cannot be built or linked.
    pub fn machine(&self) -> Result<Machine, WasmError> {
        let parse = |bytes| WasmBinary::parse(bytes, "main", MultiValue::On);
        let libraries = self.libraries.iter().map(|bytes| parse(bytes)).collect::<Result<Vec<_>, _>>()?;
        let modules = link(&libraries, &parse(&self.main)?, self.options)?;
        Ok(Machine::from_modules(modules, self.global_state))
    }

    /// What the machine is answered.
    ///
    /// # Errors
    /// A program cannot be activated, or what stands for a blob is none. The text names the field.
    pub fn answers(&self) -> Result<Answers, String> {
        let mut answers = Answers::default();
        for InboxMessage { sequencer, index, data } in &self.inbox {
            if *sequencer {
                answers.add_sequencer_message(*index, data.clone());
            } else {
                answers.add_delayed_message(*index, data.clone());
            }
        }
        for (index, preimage) in self.preimages.iter().enumerate() {
            let hash = preimage.hash().ok_or_else(|| format!("preimages[{index}]: not the data of a blob"))?;
            answers.add_preimage(preimage.ty, hash, preimage.data.clone());
        }
        for (index, program) in self.programs.iter().enumerate() {
            let code = program.code().map_err(|error| format!("stylusModules[{index}]: {error}"))?;
            answers.add_program(Arc::new(code));
        }
        Ok(answers)
    }
}

impl Preimage {
    /// The hash that it is asked for by; none if it is no blob where it should be one.
    fn hash(&self) -> Option<B256> {
        match (self.hash, self.ty) {
            (Some(hash), _) => Some(hash),
            (None, PreimageType::Keccak256 | PreimageType::DaCertificate) => Some(keccak256(&self.data)),
            (None, PreimageType::Sha256) => Some(sha256(&self.data)),
            (None, PreimageType::Blob) => {
                let mut hash = sha256(&NativeBlobProver.open(&self.data, B256::ZERO)?.commitment);
                hash[0] = BLOB_VERSION;
                Some(hash)
            }
        }
    }
}

impl Program {
    /// The program's module.
    fn code(&self) -> Result<Code, WasmError> {
        let params = ActivationParams {
            code_hash: self.code_hash,
            stylus_version: self.stylus_version,
            arbos_version: 0,
            page_limit: u16::MAX,
            debug: true,
        };
        Ok(Code::new(activate(&self.wasm, &params, &mut 0)?.module))
    }
}

fn sha256(data: &[u8]) -> B256 {
    B256::new(Sha256::digest(data).into())
}
