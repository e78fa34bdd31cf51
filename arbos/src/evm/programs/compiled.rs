//! Programs kept compiled, from block to block.

use alloy_primitives::{B256, map::HashMap};
use wavm::{WasmError, engine::Compiled, stylus::program_wasm};

/// Compiled programs by what identifies their wasm, and the version of Stylus they were activated under.
#[derive(Debug, Clone, Default)]
pub struct CompiledPrograms {
    programs: HashMap<(B256, u16), Compiled>,
}

impl CompiledPrograms {
    /// Past this many the cache starts again.
    const LIMIT: usize = 512;

    /// A program that is kept.
    pub(super) fn get(&self, identity: B256, stylus_version: u16) -> Option<Compiled> {
        self.programs.get(&(identity, stylus_version)).cloned()
    }

    /// Instruments and compiles a program, and keeps it.
    pub(super) fn compile(
        &mut self,
        identity: B256,
        wasm: &[u8],
        stylus_version: u16,
        debug: bool,
    ) -> Result<Compiled, WasmError> {
        let compiled = Compiled::new(&program_wasm(wasm, stylus_version, debug)?)?;
        if self.programs.len() >= Self::LIMIT {
            self.programs.clear();
        }
        self.programs.insert((identity, stylus_version), compiled.clone());
        Ok(compiled)
    }
}
