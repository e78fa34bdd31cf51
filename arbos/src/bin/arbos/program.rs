//! Wasm from files: binary, text, or as it is deployed.

use alloy_primitives::hex;
use arbos::vectors::InputError;
use std::{fs::File, io::Read, path::Path};
use wavm::{
    Rule, WasmError,
    stylus::wire::{self, Component},
};

/// Most bytes of a file that is read.
pub(crate) const MAX_FILE: u64 = 1 << 30;
/// Most bytes a stream may give.
const MAX_WASM: u32 = 1 << 26;

/// A program.
pub(crate) struct Program {
    /// Its binary.
    pub(crate) wasm: Vec<u8>,
    /// Its code, if that is what the file holds.
    pub(crate) code: Option<Vec<u8>>,
}

impl Program {
    /// Reads a program in any form.
    pub(crate) fn read(path: &Path) -> Result<Self, InputError> {
        let bytes = read(path)?;
        let code = hex::decode(bytes.trim_ascii()).ok().unwrap_or_else(|| bytes.clone());
        if Component::of(&code).is_some() {
            let wasm = wire::uncompress(&code, MAX_WASM).map_err(|error| InputError::of_file(path, error))?;
            return Ok(Self { wasm, code: Some(code) });
        }
        Ok(Self { wasm: binary(path, bytes)?, code: None })
    }

    /// Refuses a binary that is longer than a chain allows.
    pub(crate) fn check_size(&self, most: u32) -> Result<(), WasmError> {
        if self.wasm.len() as u64 <= u64::from(most) {
            return Ok(());
        }
        Err(WasmError::new(Rule::Wire, format!("wasm of {} bytes is longer than {most}", self.wasm.len())))
    }
}

/// The bytes of a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, InputError> {
    let mut bytes = Vec::new();
    let wrong = |error| InputError::of_file(path, error);
    File::open(path).map_err(wrong)?.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(wrong)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(InputError::of_file(path, format!("more than {MAX_FILE} bytes")));
    }
    Ok(bytes)
}

/// A binary as it is, or made from its text form.
pub(crate) fn binary(path: &Path, bytes: Vec<u8>) -> Result<Vec<u8>, InputError> {
    if bytes.starts_with(b"\0asm") || std::str::from_utf8(&bytes).is_err() {
        return Ok(bytes);
    }
    match wat::parse_bytes(&bytes) {
        Ok(wasm) => Ok(wasm.into_owned()),
        Err(mut error) => {
            error.set_path(path);
            Err(InputError::of_file(path, error))
        }
    }
}
