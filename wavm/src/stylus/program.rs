//! A program: a binary and the instrumentations that are woven into it.
//!
//! Instrumented code is never kept. [`Program::parse`] measures every function once; whoever needs the code (the module, an engine)
//! has it fed operator by operator.

use super::{
    Version, check,
    depth::{Depth, Frame},
    heap::Heap,
    meter::Meter,
    start,
};
use crate::{
    binary::WasmBinary,
    error::WasmError,
    module::{
        Module, ModuleKind, ProgramGlobals,
        build::{Bodies, Linkage, Sink, build},
        float::FloatLibrary,
    },
    stylus::hostio::ProgramImports,
};
use alloc::vec::Vec;
use alloy_primitives::B256;
use wasmparser::Operator;

/// A program that is valid and instrumented.
#[derive(Debug, Clone)]
pub struct Program<'a> {
    binary: WasmBinary<'a>,
    version: Version,
    debug: bool,
    meter: Meter,
    depth: Depth,
    pub(super) heap: Heap,
    frames: Vec<Frame>,
    user_main: u32,
}

impl<'a> Program<'a> {
    /// Validates and instruments a binary by the rules of a Stylus version.
    ///
    /// `debug` keeps names and exports, and allows a start function and functions for debugging.
    ///
    /// # Errors
    /// The first rule that it breaks, in the reference's order.
    pub fn parse(wasm: &'a [u8], stylus_version: u16, debug: bool) -> Result<Self, WasmError> {
        let version = Version::new(stylus_version)?;
        let mut binary = WasmBinary::parse(wasm, "user", version.multi_value())?;
        start::install(&mut binary, debug)?;
        let meter = Meter::install(&mut binary, version)?;
        let depth = Depth::install(&mut binary, version)?;
        let heap = Heap::install(&binary, version)?;
        let frames = (0..binary.codes.len()).zip(code_indexes(&binary)).map(|(code, function)| {
            let mut survey = depth.survey(&binary);
            let surveyed = meter.feed(&binary, code, |operator: &Operator<'_>| survey.operator(operator));
            surveyed.and_then(|()| depth.frame(survey, code)).map_err(|error| error.in_function(function))
        });
        let frames = frames.collect::<Result<Vec<_>, _>>()?;
        let user_main = check::entry_point(&binary)?;
        Ok(Self { binary, version, debug, meter, depth, heap, frames, user_main })
    }

    /// The binary with the exports and globals of the instrumentations; its code is without them.
    #[must_use]
    pub const fn binary(&self) -> &WasmBinary<'a> {
        &self.binary
    }

    /// The rules it was instrumented by.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// Pages the memory starts with.
    #[must_use]
    pub fn footprint(&self) -> u16 {
        u16::try_from(self.heap.pages).unwrap_or(u16::MAX)
    }

    /// Where the meters and the entry point are.
    #[must_use]
    pub const fn globals(&self) -> ProgramGlobals {
        ProgramGlobals {
            ink_left: self.meter.ink_left,
            ink_status: self.meter.ink_status,
            stack_left: self.depth.stack_left,
            user_main: self.user_main,
        }
    }

    /// Number of operators of each function with code, after the instrumentations.
    pub fn operators(&self) -> impl Iterator<Item = usize> {
        self.frames.iter().map(|frame| frame.operators(self.heap.operators()))
    }

    /// Index of each function with code.
    pub(super) fn code_indexes(&self) -> impl Iterator<Item = u32> {
        code_indexes(&self.binary)
    }

    /// The program as a module.
    ///
    /// # Errors
    /// It imports what programs cannot import, computes with floats, or has segments out of range.
    pub fn module(&self, code_hash: B256) -> Result<Module, WasmError> {
        let extra = [code_hash.as_slice(), &self.version.number.to_be_bytes()].concat();
        let linkage = Linkage {
            kind: ModuleKind::Program,
            imports: &ProgramImports,
            floats: &FloatLibrary::default(),
            host: false,
            debug: self.debug,
            fill: self.version.fill(),
            program: Some(&self.globals()),
            extra: &extra,
        };
        build(&self.binary, self, &linkage)
    }

    /// The program as a wasm binary that an engine can run: instrumented, with the meters among its exports.
    ///
    /// # Errors
    /// It has elements that are not indexes of functions.
    pub fn wasm(&self) -> Result<Vec<u8>, WasmError> {
        super::encode::encode(self)
    }
}

impl Bodies for Program<'_> {
    fn feed(&self, code: usize, sink: &mut Sink<'_>) -> Result<(), WasmError> {
        let mut frame = self.depth.enter(self.frames[code], &mut *sink)?;
        let scratch = self.meter.scratch;
        let mut paid = |operator: &Operator<'_>| self.heap.feed(scratch, operator, &mut *sink);
        self.meter.feed(&self.binary, code, |operator: &Operator<'_>| frame.feed(operator, &mut paid))
    }
}

/// The instrumented wasm of a program, as an engine runs it.
///
/// # Errors
/// As [`Program::parse`] and [`Program::wasm`].
pub fn program_wasm(wasm: &[u8], stylus_version: u16, debug: bool) -> Result<Vec<u8>, WasmError> {
    Program::parse(wasm, stylus_version, debug)?.wasm()
}

fn code_indexes(binary: &WasmBinary<'_>) -> impl Iterator<Item = u32> + use<> {
    u32::try_from(binary.imports.len()).unwrap_or(u32::MAX)..
}

#[cfg(test)]
mod tests;
