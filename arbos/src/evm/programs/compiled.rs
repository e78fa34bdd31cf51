//! Programs kept compiled, from block to block.

use alloy_primitives::{B256, map::B256Map};
use wavm::{WasmError, engine::Compiled, stylus::program_wasm};

/// Compiled programs by module hash. Forgetting them changes no result.
#[derive(Debug, Clone, Default)]
pub struct CompiledPrograms {
    programs: B256Map<Compiled>,
}

impl CompiledPrograms {
    /// Past this many the cache starts again.
    const LIMIT: usize = 512;

    /// A program that is kept.
    pub(super) fn get(&self, module_hash: B256) -> Option<Compiled> {
        self.programs.get(&module_hash).cloned()
    }

    /// Instruments and compiles a program, and keeps it.
    pub(super) fn compile(
        &mut self,
        module_hash: B256,
        wasm: &[u8],
        stylus_version: u16,
        debug: bool,
    ) -> Result<Compiled, WasmError> {
        let compiled = Compiled::new(&program_wasm(wasm, stylus_version, debug)?)?;
        if self.programs.len() >= Self::LIMIT {
            self.programs.clear();
        }
        self.programs.insert(module_hash, compiled.clone());
        Ok(compiled)
    }
}
