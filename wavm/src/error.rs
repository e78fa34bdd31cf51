//! Why a binary is refused: the rule, the place, the facts.

use alloc::string::String;
use core::fmt;

/// The rule that was broken (`spec/stylus.md` 4.1, `spec/wavm.md` 5).
///
/// For the protocol one refusal is like another; rules are for people and for comparing with a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// It is not valid WebAssembly with the features that are on.
    Validate,
    /// It has a section of a kind that is refused.
    Section,
    /// It uses a bulk operator other than `memory.fill` and `memory.copy`.
    BulkOpcode,
    /// A function needs too large a frame.
    Depth,
    /// Its memory starts too large.
    MemoryLimit,
    /// An import has another type than the function it names.
    ImportType,
    /// Its memory can grow, but it does not import `pay_for_memory_grow` as it must.
    MemoryGrowImport,
    /// It does not export its only memory as `memory`.
    MemoryExport,
    /// It has too many of something.
    TooMany,
    /// It has too long a name.
    TooLong,
    /// It has a start function.
    StartFunction,
    /// It exports or imports a name that is reserved, or exports the name of an import.
    ReservedName,
    /// It exports a name that an instrumentation needs.
    ReservedExport,
    /// It imports a function twice with different types.
    InconsistentImports,
    /// `user_entrypoint` is missing or of another type.
    Entrypoint,
    /// It computes with floats, for which no library is linked.
    Float,
    /// It imports what is not there.
    Import,
    /// It cannot become a module for another reason.
    Build,
    /// Activation ran out of gas.
    OutOfGas,
    /// Its bytes cannot be uncompressed.
    Wire,
    /// Anything else.
    Other,
}

impl Rule {
    /// Its name in conformance vectors.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Validate => "validate",
            Self::Section => "section",
            Self::BulkOpcode => "bulk-opcode",
            Self::Depth => "depth",
            Self::MemoryLimit => "memory-limit",
            Self::ImportType => "import-type",
            Self::MemoryGrowImport => "memory-grow-import",
            Self::MemoryExport => "memory-export",
            Self::TooMany => "too-many",
            Self::TooLong => "too-long",
            Self::StartFunction => "start-function",
            Self::ReservedName => "reserved-name",
            Self::ReservedExport => "reserved-export",
            Self::InconsistentImports => "inconsistent-imports",
            Self::Entrypoint => "entrypoint",
            Self::Float => "float",
            Self::Import => "import",
            Self::Build => "build",
            Self::OutOfGas => "out-of-gas",
            Self::Wire => "wire",
            Self::Other => "other",
        }
    }
}

/// A binary was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WasmError {
    /// The rule it breaks.
    pub rule: Rule,
    /// Index of the function where it does so, imports counted.
    pub function: Option<u32>,
    /// Where in the binary it does so.
    pub offset: Option<usize>,
    /// What is wrong, in words.
    pub text: String,
}

impl WasmError {
    /// A refusal without a place.
    #[must_use]
    pub fn new(rule: Rule, text: impl Into<String>) -> Self {
        Self { rule, function: None, offset: None, text: text.into() }
    }

    /// The same refusal, at a byte of the binary.
    #[must_use]
    pub const fn at(mut self, offset: usize) -> Self {
        self.offset = Some(offset);
        self
    }

    /// The same refusal, in a function.
    #[must_use]
    pub const fn in_function(mut self, index: u32) -> Self {
        self.function = Some(index);
        self
    }

    /// What `wasmparser` refused.
    pub(crate) fn parser(rule: Rule, error: &wasmparser::Error) -> Self {
        Self::new(rule, error.message()).at(error.offset())
    }
}

impl fmt::Display for WasmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        if let Some(function) = self.function {
            write!(f, ", function {function}")?;
        }
        match self.offset {
            Some(offset) => write!(f, ", offset {offset:#x}"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for WasmError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_tells_its_place() {
        let error = WasmError::new(Rule::Float, "no library for f32.add").in_function(3).at(0x1f);
        assert_eq!(alloc::string::ToString::to_string(&error), "no library for f32.add, function 3, offset 0x1f");
        assert_eq!(error.rule.class(), "float");
    }
}
