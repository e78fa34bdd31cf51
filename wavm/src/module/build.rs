//! A checked binary to a module (`spec/wavm.md` 5).
//!
//! The reference's order decides which rule a bad binary is refused by: imports, code, memory, data, tables, elements.

use super::{
    Data, Function, LocalTypes, MemorySpec, Module, ModuleKind, Table,
    builtin::{Allowed, builtin},
    float::FloatLibrary,
    internal::{FillForm, ProgramGlobals, bare, internals},
    lower::{Context, Lowering, MAX_INSTRUCTIONS},
};
use crate::{
    binary::{Import, WasmBinary, constant, other},
    error::{Rule, WasmError},
    op::{Instruction, Op},
    value::{FunctionType, Value},
};
use alloc::{collections::BTreeMap, format, vec, vec::Vec};
use alloy_primitives::{B256, keccak256};
use core::cell::Cell;
use wasmparser::{DataKind, ElementItems, ElementKind, Operator};

/// What the name of an import begins with if the called function shall see the caller's caller.
const FORWARD: &str = "arbitrator_forward__";

/// A function of another module that can be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Available {
    pub(crate) ty: FunctionType,
    pub(crate) module: u32,
    pub(crate) func: u32,
}

/// What a module can import from other modules, by `module__name`.
pub(crate) trait Imports {
    fn find(&self, qualified: &str) -> Option<Available>;
}

/// Takes the operators of a function, one by one.
pub(crate) type Sink<'s> = dyn FnMut(&Operator<'_>) -> Result<(), WasmError> + 's;

/// What can be a [`Sink`], where calls shall be inlined.
pub(crate) trait Feed: FnMut(&Operator<'_>) -> Result<(), WasmError> {}

impl<F: FnMut(&Operator<'_>) -> Result<(), WasmError>> Feed for F {}

/// Where the operators of a function come from: the binary, or the instrumentations of a program.
pub(crate) trait Bodies {
    fn feed(&self, code: usize, sink: &mut Sink<'_>) -> Result<(), WasmError>;
}

impl Bodies for WasmBinary<'_> {
    fn feed(&self, code: usize, sink: &mut Sink<'_>) -> Result<(), WasmError> {
        self.codes[code].operators.iter().try_for_each(sink)
    }
}

/// What a module is built with, besides its binary.
#[derive(Clone, Copy)]
pub(crate) struct Linkage<'a> {
    pub(crate) kind: ModuleKind,
    pub(crate) imports: &'a dyn Imports,
    pub(crate) floats: &'a FloatLibrary,
    /// Whether built-in host functions may be imported, and imports forwarded.
    pub(crate) host: bool,
    /// Whether functions for debugging may be imported.
    pub(crate) debug: bool,
    pub(crate) fill: FillForm,
    pub(crate) program: Option<&'a ProgramGlobals>,
    /// What else identifies the module.
    pub(crate) extra: &'a [u8],
}

/// Builds the module of a binary.
pub(crate) fn build(binary: &WasmBinary<'_>, bodies: &dyn Bodies, linkage: &Linkage<'_>) -> Result<Module, WasmError> {
    let mut functions =
        binary.imports.iter().map(|import| imported(binary, import, linkage)).collect::<Result<Vec<_>, _>>()?;
    let internals_offset = functions.len() + binary.codes.len();
    let internals_offset =
        u32::try_from(internals_offset).map_err(|_| WasmError::new(Rule::Build, "too many functions"))?;
    let context = Context { binary, floats: linkage.floats, internals_offset };
    lower(&context, bodies, &mut functions)?;
    functions.extend(internals(linkage.fill, linkage.program));
    let memory = memory(binary)?;
    let tables = tables(binary)?;
    Ok(Module {
        name: binary.name.clone(),
        kind: linkage.kind,
        types: binary.types.clone(),
        functions,
        globals: binary.globals.iter().map(|global| global.initial).collect(),
        memory,
        tables,
        exports: function_exports(binary),
        start: binary.start,
        internals_offset,
        extra_hash: keccak256(linkage.extra),
        function_names: binary.function_names.clone(),
    })
}

/// Module 0: calls the start functions, then the main function.
pub(super) fn entrypoint(calls: &[Instruction]) -> Module {
    Module {
        name: "entrypoint".into(),
        kind: ModuleKind::Entrypoint,
        types: vec![FunctionType::default()],
        functions: vec![bare(calls, &[], &[])],
        globals: vec![],
        memory: MemorySpec::default(),
        tables: vec![],
        exports: BTreeMap::new(),
        start: None,
        internals_offset: 0,
        extra_hash: B256::ZERO,
        function_names: BTreeMap::new(),
    }
}

fn function_exports(binary: &WasmBinary<'_>) -> BTreeMap<alloc::string::String, u32> {
    let names = binary.exports.keys();
    names.filter_map(|name| Some((name.clone(), binary.exported_function(name)?))).collect()
}

/// The function that stands for an import.
fn imported(binary: &WasmBinary<'_>, import: &Import<'_>, linkage: &Linkage<'_>) -> Result<Function, WasmError> {
    let Import { module, name, .. } = import;
    let (call, name) = match name.strip_prefix(FORWARD) {
        Some(name) if linkage.host => (Op::CrossModuleForward, name),
        _ => (Op::CrossModuleCall, *name),
    };
    let function = match linkage.imports.find(&format!("{module}__{name}")) {
        Some(found) => wrapper(call, &found),
        None => host_function(module, name, linkage)?,
    };
    if Some(&function.ty) != binary.types.get(import.ty as usize) {
        let text = format!("{name} of {module} is imported with another type than it has");
        return Err(WasmError::new(Rule::ImportType, text));
    }
    Ok(function)
}

fn wrapper(call: Op, found: &Available) -> Function {
    let call = Instruction::new(call, Instruction::pack(found.module, found.func));
    bare(&[call], &found.ty.inputs, &found.ty.outputs)
}

fn host_function(module: &str, name: &str, linkage: &Linkage<'_>) -> Result<Function, WasmError> {
    let Some((function, allowed)) = builtin(module, name) else {
        return Err(WasmError::new(Rule::Import, format!("no module offers {name} of {module}")));
    };
    let may = match allowed {
        Allowed::Host => linkage.host,
        Allowed::Debug => linkage.debug,
    };
    if !may {
        return Err(WasmError::new(Rule::Import, format!("the host function {name} of {module} is not allowed here")));
    }
    Ok(function)
}

/// Adds the functions that have code.
fn lower(context: &Context<'_>, bodies: &dyn Bodies, functions: &mut Vec<Function>) -> Result<(), WasmError> {
    let mut room = MAX_INSTRUCTIONS;
    for (index, (code, ty)) in context.binary.codes.iter().zip(&context.binary.functions).enumerate() {
        let ty = context.binary.types.get(*ty as usize).cloned().unwrap_or_default();
        let number = u32::try_from(functions.len()).unwrap_or(u32::MAX);
        let mut lowering = Lowering::new(*context, &ty, room);
        let failed = Cell::new(None);
        let result = bodies.feed(index, &mut |operator| {
            lowering.operator(operator).inspect_err(|_| failed.set(code.locate(|at| at == operator)))
        });
        result.map_err(|error| WasmError { offset: failed.get().or(error.offset), ..error.in_function(number) })?;
        let mut locals: LocalTypes = ty.inputs.iter().copied().collect();
        code.locals.runs().iter().for_each(|(count, ty)| locals.push(*count, *ty));
        let code = lowering.finish();
        room = room.saturating_sub(code.len());
        functions.push(Function { ty, locals, code });
    }
    Ok(())
}

fn memory(binary: &WasmBinary<'_>) -> Result<MemorySpec, WasmError> {
    let mut memory = MemorySpec::default();
    if let Some(declared) = binary.memories.first() {
        memory.maximum = declared.maximum.map_or(MemorySpec::MAXIMUM, small).min(MemorySpec::MAXIMUM);
        memory.pages = small(declared.initial);
        if memory.pages > memory.maximum {
            let text = format!("memory starts with {} pages and may have {}", declared.initial, memory.maximum);
            return Err(WasmError::new(Rule::Build, text));
        }
    }
    for segment in &binary.data {
        let DataKind::Active { offset_expr, .. } = &segment.kind else { continue };
        let offset = offset(offset_expr)?;
        if u64::from(offset) + segment.data.len() as u64 > memory.size() {
            let text = format!("{} bytes of data at {offset} do not fit into memory", segment.data.len());
            return Err(WasmError::new(Rule::Build, text).at(segment.range.start));
        }
        memory.data.push(Data { offset, bytes: segment.data.to_vec() });
    }
    Ok(memory)
}

fn tables(binary: &WasmBinary<'_>) -> Result<Vec<Table>, WasmError> {
    let table = |ty: &wasmparser::TableType| Table { length: small(ty.initial), elements: vec![] };
    let mut tables: Vec<Table> = binary.tables.iter().map(table).collect();
    for segment in &binary.elements {
        let ElementKind::Active { table_index, offset_expr } = &segment.kind else { continue };
        let refused = |text| Err(WasmError::new(Rule::Build, text).at(segment.range.start));
        let start = offset(offset_expr)?;
        let Some(table) = tables.get_mut(table_index.unwrap_or(0) as usize) else {
            return refused("elements of a table that is not there".into());
        };
        let ElementItems::Functions(items) = &segment.items else {
            return refused("elements that are not indexes of functions".into());
        };
        if u64::from(start) + u64::from(items.count()) > u64::from(table.length) {
            return refused(format!(
                "{} elements at {start} do not fit into a table of {}",
                items.count(),
                table.length
            ));
        }
        for (place, item) in (start as usize..).zip(items.clone()) {
            if place >= table.elements.len() {
                table.elements.resize(place + 1, None);
            }
            table.elements[place] = Some(item.map_err(other)?);
        }
    }
    Ok(tables)
}

/// A size that validation keeps below 2^32.
fn small(size: u64) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

fn offset(expression: &wasmparser::ConstExpr<'_>) -> Result<u32, WasmError> {
    match constant(expression)? {
        Value::I32(offset) => Ok(offset),
        _ => Err(WasmError::new(Rule::Build, "the offset of a segment is not an i32")),
    }
}
