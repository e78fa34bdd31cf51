//! Activation: a binary becomes a module with a hash and costs (`spec/stylus.md` 4).
//!
//! The result depends on the binary, its code hash, the Stylus version and whether the chain is for debugging, on nothing else: a
//! node without the module makes the same one again with ArbOS version 0, which charges nothing.

use super::{Program, Version, check::CHARGING_FIXES};
use crate::{
    error::{Rule, WasmError},
    module::{Module, ProgramGlobals},
};
use alloy_primitives::B256;

/// What an activation is done with, besides the binary and the gas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActivationParams {
    /// Hash of the deployed code.
    pub code_hash: B256,
    /// Rules of the program.
    pub stylus_version: u16,
    /// Rules of the activation; 0 if it is repeated, which costs no gas.
    pub arbos_version: u64,
    /// Pages the program's memory may start with.
    pub page_limit: u16,
    /// Whether the chain is for debugging.
    pub debug: bool,
}

/// A program that was activated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    /// The program as a module.
    pub module: Module,
    /// The module's hash.
    pub module_hash: B256,
    /// Pages the memory starts with.
    pub footprint: u16,
    /// Cost of a first call, in units of the price model.
    pub init_cost: u16,
    /// Cost of a call of a cached program, in units of the price model.
    pub cached_init_cost: u16,
    /// Estimated bytes of native code.
    pub asm_estimate: u32,
    /// Where the meters and the entry point are.
    pub globals: ProgramGlobals,
}

/// Costs that are estimated from sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimates {
    /// Cost of a first call.
    pub init_cost: u16,
    /// Cost of a call of a cached program.
    pub cached_init_cost: u16,
    /// Bytes of native code.
    pub asm_estimate: u32,
}

/// Activates a program and takes the gas for it.
///
/// # Errors
/// The first rule that the binary breaks, in the reference's order; gas is taken all the same, and all of it if it does not suffice.
pub fn activate(wasm: &[u8], params: &ActivationParams, gas: &mut u64) -> Result<Activation, WasmError> {
    let program = Program::parse(wasm, params.stylus_version, params.debug)?;
    let Estimates { init_cost, cached_init_cost, asm_estimate } = program.estimates()?;
    program.check_limits(params.page_limit, params.arbos_version)?;
    if params.arbos_version > 0 {
        program.charge(params.arbos_version, gas)?;
    }
    let module = program.module(params.code_hash)?;
    let (footprint, globals) = (program.footprint(), program.globals());
    Ok(Activation { module_hash: module.hash(), module, footprint, init_cost, cached_init_cost, asm_estimate, globals })
}

impl Program<'_> {
    /// Estimates costs from the sizes of the program. Every term is rounded down by itself.
    ///
    /// # Errors
    /// A cost does not fit.
    pub fn estimates(&self) -> Result<Estimates, WasmError> {
        let binary = self.binary();
        let functions = binary.codes.len() as u64;
        let bytes = binary.bytes.len() as u64;
        let globals = binary.globals.len() as u64;
        let segments = (binary.data.iter().map(|data| data.range.len()).sum::<usize>() + self.element_bytes()) as u64;
        let types = self.type_words();
        let asm = 512_000 + share(functions, 996_829, 1000) + share(types, 11_416, 1000) + share(bytes, 62_628, 10_000);
        let cached = share(functions, 13_420, 100_000)
            + share(types, 89, 100_000)
            + share(bytes, 122, 100_000)
            + share(globals, 1628, 1000)
            + share(segments, 75_244, 100_000)
            + u64::from(self.footprint()) * 5;
        let first = share(functions, 8252, 1000) + share(types, 1059, 1000) + share(bytes, 1286, 10_000);
        let init = if self.version().number == Version::CACHED_IN_INIT { cached + first } else { first };
        let too_high = |what: &str| WasmError::new(Rule::Other, alloc::format!("{what} is too high"));
        Ok(Estimates {
            init_cost: u16::try_from(init).map_err(|_| too_high("the cost of a first call"))?,
            cached_init_cost: u16::try_from(cached).map_err(|_| too_high("the cost of a cached call"))?,
            asm_estimate: u32::try_from(asm).map_err(|_| too_high("the size of native code"))?,
        })
    }

    /// Takes the gas of an activation.
    ///
    /// # Errors
    /// It does not suffice; all of it is taken.
    pub fn charge(&self, arbos_version: u64, gas: &mut u64) -> Result<(), WasmError> {
        let binary = self.binary();
        let bytes = if arbos_version >= CHARGING_FIXES { binary.bytes.len() as u64 } else { 0 };
        let data: usize = binary.data.iter().map(|segment| segment.data.len()).sum();
        let microseconds = [
            share(bytes, 31_733, 100_000),
            share(binary.functions.len() as u64, 17_263, 100_000),
            share(data as u64, 17_376, 100_000),
            share(self.element_bytes() as u64, 17_376, 100_000),
            u64::from(self.heap.pages) * 2217,
            share(self.operators().sum::<usize>() as u64, 535, 1000),
        ];
        microseconds.into_iter().try_for_each(|time| take(gas, time.saturating_mul(GAS_PER_MICROSECOND)))
    }

    /// Parameters and results of all functions with code.
    fn type_words(&self) -> u64 {
        let binary = self.binary();
        let types = binary.functions.iter().filter_map(|ty| binary.types.get(*ty as usize));
        types.map(|ty| (ty.inputs.len() + ty.outputs.len()) as u64).sum()
    }
}

/// Gas for a microsecond: 14,000,000 for half a second.
const GAS_PER_MICROSECOND: u64 = 28;

/// A part of a count, rounded down.
const fn share(count: u64, numerator: u64, denominator: u64) -> u64 {
    count.saturating_mul(numerator) / denominator
}

fn take(gas: &mut u64, amount: u64) -> Result<(), WasmError> {
    if let Some(left) = gas.checked_sub(amount) {
        *gas = left;
        return Ok(());
    }
    *gas = 0;
    Err(WasmError::new(Rule::OutOfGas, "out of gas"))
}

#[cfg(test)]
mod tests;
