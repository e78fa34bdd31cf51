//! Modules of a machine from its binaries (`spec/wavm.md` 5.1, 5.5).
//!
//! Module 0 is made here, then come the libraries in order, last the main module. Every export of every library can be imported as
//! `module__name`, whatever their order; libraries can import from the main module as `env__wavm_guest_call__<name>`. Float operators
//! are done by the libraries before.

use super::{
    Module, ModuleKind,
    build::{Available, Imports, Linkage, build, entrypoint},
    float::FloatLibrary,
    internal::FillForm,
};
use crate::{
    binary::WasmBinary,
    error::{Rule, WasmError},
    op::{Instruction, Op},
    value::{FunctionType, ValueType},
};
use alloc::{collections::BTreeMap, format, string::String, vec, vec::Vec};

/// How the modules of a machine are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LinkOptions {
    /// Whether the entrypoint calls `__main_void` and `_start` of the main module.
    pub language_support: bool,
    /// Whether the main module may import the built-in host functions.
    pub host_api_from_main: bool,
    /// Whether functions for debugging may be imported.
    pub debug_functions: bool,
}

/// Exports of the modules of a machine, by the name under which they are imported.
#[derive(Debug, Default)]
struct Exports(BTreeMap<String, Available>);

impl Imports for Exports {
    fn find(&self, qualified: &str) -> Option<Available> {
        self.0.get(qualified).cloned()
    }
}

impl Exports {
    fn add(&mut self, binary: &WasmBinary<'_>, module: u32, qualified: impl Fn(&str) -> String) {
        for name in binary.exports.keys() {
            let Some(func) = binary.exported_function(name) else { continue };
            let ty = binary.function_type(func).cloned().unwrap_or_default();
            self.0.insert(qualified(name), Available { ty, module, func });
        }
    }
}

/// Builds the modules of a machine: entrypoint, libraries, main module.
///
/// # Errors
/// A binary cannot be built or linked.
pub fn link(
    libraries: &[WasmBinary<'_>],
    main: &WasmBinary<'_>,
    options: LinkOptions,
) -> Result<Vec<Module>, WasmError> {
    let main_index = index(libraries.len() + 1)?;
    let mut exports = Exports::default();
    exports.add(main, main_index, |name| format!("env__wavm_guest_call__{name}"));
    for (number, library) in (1..).zip(libraries) {
        exports.add(library, number, |name| name.into());
    }
    let mut floats = FloatLibrary::default();
    let mut modules = vec![entrypoint(&[])];
    for (number, library) in (1..).zip(libraries) {
        let linkage = Linkage { host: true, ..linkage(ModuleKind::Library, &exports, &floats, options) };
        let module = build(library, library, &linkage)?;
        for (name, func) in &module.exports {
            floats.offer(name, &module.functions[*func as usize].ty, number, *func)?;
        }
        modules.push(module);
    }
    exports.0.retain(|_, export| export.module != main_index);
    modules.push(build(main, main, &linkage(ModuleKind::Main, &exports, &floats, options))?);
    modules[0] = entrypoint(&entrypoint_calls(&modules, options)?);
    Ok(modules)
}

fn linkage<'a>(kind: ModuleKind, imports: &'a Exports, floats: &'a FloatLibrary, options: LinkOptions) -> Linkage<'a> {
    Linkage {
        kind,
        imports,
        floats,
        host: options.host_api_from_main,
        debug: options.debug_functions,
        fill: FillForm::Unmasked,
        program: None,
        extra: &[],
    }
}

fn index(count: usize) -> Result<u32, WasmError> {
    u32::try_from(count).map_err(|_| WasmError::new(Rule::Build, "too many modules"))
}

/// What the entrypoint does: start functions in the order of modules, then the main functions.
fn entrypoint_calls(modules: &[Module], options: LinkOptions) -> Result<Vec<Instruction>, WasmError> {
    let nothing = FunctionType::default();
    let mut code = Vec::new();
    for (number, module) in (0..).zip(modules) {
        if let Some(start) = module.start {
            code.push(call(number, module, start, &nothing)?);
        }
    }
    let (Some(main), true) = (modules.last(), options.language_support) else { return Ok(code) };
    let number = index(modules.len() - 1)?;
    if let Some(func) = main.exports.get("__main_void") {
        let ty = FunctionType::new(&[], &[ValueType::I32]);
        code.extend([call(number, main, *func, &ty)?, Op::Drop.into(), Op::HaltAndSetFinished.into()]);
    }
    if let Some(func) = main.exports.get("_start") {
        code.extend([call(number, main, *func, &nothing)?, Op::HaltAndSetFinished.into()]);
    }
    Ok(code)
}

fn call(number: u32, module: &Module, func: u32, ty: &FunctionType) -> Result<Instruction, WasmError> {
    match module.functions.get(func as usize) {
        Some(function) if function.ty == *ty => {
            Ok(Instruction::new(Op::CrossModuleCall, Instruction::pack(number, func)))
        }
        _ => Err(WasmError::new(
            Rule::Build,
            format!("a function to call at the start of {} has another type", module.name),
        )),
    }
}

#[cfg(test)]
mod tests;
