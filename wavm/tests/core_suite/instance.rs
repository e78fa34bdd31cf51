//! A module of the suite as one of a machine: after the library of floats and the suite's own module of functions.

use super::{calls::getter, floats};
use std::{collections::BTreeMap, sync::LazyLock};
use wasmparser::ExternalKind;
use wavm::{
    Module, Rule, WasmError,
    binary::{MultiValue, WasmBinary},
    module::{LinkOptions, link},
};

/// Why something of the suite is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Why {
    /// The machine has no limit of its own for the depth of calls; programs get one by an instrumentation.
    Exhaustion,
    /// Imports other than functions of the suite's own module: modules of a machine share nothing but functions.
    Import,
    /// Modules that see each other while both live.
    Shared,
    /// References as values, and other features of WebAssembly that the protocol does not allow.
    Validate,
    /// The section that counts data, for operators that the protocol does not allow.
    Section,
    /// A reference as argument.
    Reference,
    /// Operators that change tables, and segments that do not fit.
    Build,
    /// Names that the protocol keeps for itself.
    Names,
    /// An initialiser that is more than one constant.
    Other,
}

impl From<&WasmError> for Why {
    fn from(error: &WasmError) -> Self {
        match error.rule {
            Rule::Import | Rule::ImportType => Self::Import,
            Rule::Validate => Self::Validate,
            Rule::Section | Rule::BulkOpcode => Self::Section,
            Rule::Build => Self::Build,
            Rule::ReservedName | Rule::InconsistentImports => Self::Names,
            Rule::Other => Self::Other,
            _ => panic!("not a rule for modules of a machine: {error}"),
        }
    }
}

/// The functions that the suite offers to its modules.
const SPECTEST: &str = r#"(module
    (func (export "spectest__print"))
    (func (export "spectest__print_i32") (param i32))
    (func (export "spectest__print_i64") (param i64))
    (func (export "spectest__print_f32") (param f32))
    (func (export "spectest__print_f64") (param f64))
    (func (export "spectest__print_i32_f32") (param i32 f32))
    (func (export "spectest__print_f64_f64") (param f64 f64)))"#;

static LIBRARIES: LazyLock<[Vec<u8>; 2]> =
    LazyLock::new(|| [floats::library(), wat::parse_str(SPECTEST).expect("text of a module")]);

/// Modules of a machine, the last of which is the suite's; or why there are none.
pub(crate) struct Instance {
    modules: Result<Vec<Module>, Why>,
    globals: BTreeMap<String, u32>,
}

impl Instance {
    pub(crate) fn new(wasm: &[u8]) -> Self {
        match build(wasm) {
            Ok((modules, globals)) => Self { modules: Ok(modules), globals },
            Err(error) => Self { modules: Err(Why::from(&error)), globals: BTreeMap::new() },
        }
    }

    pub(crate) fn left_out(&self) -> Option<Why> {
        self.modules.as_ref().err().copied()
    }

    pub(crate) fn modules(&self) -> Result<Vec<Module>, Why> {
        self.modules.clone()
    }

    /// Index of the suite's module.
    pub(crate) fn main(&self) -> Result<u32, Why> {
        let modules = self.modules.as_ref().map_err(|why| *why)?;
        Ok(u32::try_from(modules.len() - 1).expect("few modules"))
    }

    /// The function that is exported under a name.
    pub(crate) fn function(&self, name: &str) -> Result<u32, Why> {
        let modules = self.modules.as_ref().map_err(|why| *why)?;
        let main = modules.last().expect("the suite's module");
        Ok(*main.exports.get(name).unwrap_or_else(|| panic!("no function {name} is exported")))
    }

    /// A new function that returns an exported global.
    pub(crate) fn getter(&mut self, name: &str) -> Result<u32, Why> {
        let modules = self.modules.as_mut().map_err(|why| *why)?;
        let main = modules.last_mut().expect("the suite's module");
        let global = *self.globals.get(name).unwrap_or_else(|| panic!("no global {name} is exported"));
        Ok(getter(main, global))
    }
}

fn build(wasm: &[u8]) -> Result<(Vec<Module>, BTreeMap<String, u32>), WasmError> {
    let main = WasmBinary::parse(wasm, "main", MultiValue::On)?;
    let parse = |wasm| WasmBinary::parse(wasm, "library", MultiValue::On).expect("it is valid");
    let modules = link(&[parse(&LIBRARIES[0]), parse(&LIBRARIES[1])], &main, LinkOptions::default())?;
    let globals = main.exports.iter().filter(|(_, export)| export.kind == ExternalKind::Global);
    Ok((modules, globals.map(|(name, export)| (name.clone(), export.index)).collect()))
}
