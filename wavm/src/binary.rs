//! A wasm binary, checked and taken apart (`spec/stylus.md` 4.1, steps 2 to 4).
//!
//! `wasmparser` validates with the features the protocol allows; then every section is read once, and what even valid binaries may
//! not contain is refused. The same rules hold for libraries, main modules and programs.

mod names;

use crate::{
    error::{Rule, WasmError},
    module::LocalTypes,
    value::{FunctionType, Value, ValueType},
};
use alloc::{
    borrow::ToOwned,
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::{fmt, ops::Range};
use wasmparser::{
    ConstExpr, Element, ExternalKind, FunctionBody, GlobalType, Imports, MemoryType, Operator, Parser, Payload,
    TableType, TypeRef, ValType, Validator, WasmFeatures,
};

/// Whether functions and blocks may have several results, and blocks parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MultiValue {
    /// They may.
    On,
    /// They may not.
    Off,
}

/// A wasm binary.
#[derive(Clone)]
pub struct WasmBinary<'a> {
    /// The bytes it was read from.
    pub bytes: &'a [u8],
    /// The name it gives itself, or else the one it was given.
    pub name: String,
    /// Names of functions.
    pub function_names: BTreeMap<u32, String>,
    /// Types of functions and blocks.
    pub types: Vec<FunctionType>,
    /// Imported functions, which are all it may import.
    pub imports: Vec<Import<'a>>,
    /// Type of each function with code.
    pub functions: Vec<u32>,
    /// Tables of functions.
    pub tables: Vec<TableType>,
    /// Memories: none or one.
    pub memories: Vec<MemoryType>,
    /// Globals.
    pub globals: Vec<Global>,
    /// What it exports, by name.
    pub exports: BTreeMap<String, Export>,
    /// Function to call before any other.
    pub start: Option<u32>,
    /// Element segments.
    pub elements: Vec<Element<'a>>,
    /// Code of the functions that have some.
    pub codes: Vec<Code<'a>>,
    /// Data segments.
    pub data: Vec<wasmparser::Data<'a>>,
}

/// An imported function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Import<'a> {
    /// The module that is asked for it.
    pub module: &'a str,
    /// Its name there.
    pub name: &'a str,
    /// Index of its type.
    pub ty: u32,
}

/// A global.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Global {
    /// Its type and whether it can be set.
    pub ty: GlobalType,
    /// What it starts with.
    pub initial: Value,
}

/// What an exported name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Export {
    /// Function, table, memory or global.
    pub kind: ExternalKind,
    /// Its index among those of its kind.
    pub index: u32,
}

/// Code of a function.
#[derive(Debug, Clone)]
pub struct Code<'a> {
    /// Declared locals, without parameters.
    pub locals: LocalTypes,
    /// Operators; the last one is the `end` of the function.
    pub operators: Vec<Operator<'a>>,
    body: FunctionBody<'a>,
}

impl Code<'_> {
    /// Where in the binary the first operator is that `wanted` picks.
    #[must_use]
    pub fn locate(&self, wanted: impl Fn(&Operator<'_>) -> bool) -> Option<usize> {
        let operators = self.body.get_operators_reader().ok()?;
        operators.into_iter_with_offsets().flatten().find(|(operator, _)| wanted(operator)).map(|(_, offset)| offset)
    }

    /// The bytes of the binary it was read from.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.body.range()
    }
}

impl<'a> WasmBinary<'a> {
    /// Validates a binary and reads it. `name` is used if it has none of its own.
    ///
    /// # Errors
    /// The first rule it breaks, in the reference's order.
    pub fn parse(bytes: &'a [u8], name: &str, multi_value: MultiValue) -> Result<Self, WasmError> {
        Validator::new_with_features(features(multi_value))
            .validate_all(bytes)
            .map_err(|error| WasmError::parser(Rule::Validate, &error))?;
        let mut binary = Self::empty(bytes);
        for payload in Parser::new(0).parse_all(bytes) {
            binary.read_section(payload.map_err(other)?)?;
        }
        binary.check_names()?;
        if binary.name.is_empty() {
            name.clone_into(&mut binary.name);
        }
        Ok(binary)
    }

    /// Index of a function's type; none if there is no such function.
    #[must_use]
    pub fn function_type_index(&self, function: u32) -> Option<u32> {
        let index = function as usize;
        match index.checked_sub(self.imports.len()) {
            None => Some(self.imports[index].ty),
            Some(code) => self.functions.get(code).copied(),
        }
    }

    /// A function's type; none if there is no such function.
    #[must_use]
    pub fn function_type(&self, function: u32) -> Option<&FunctionType> {
        self.types.get(self.function_type_index(function)? as usize)
    }

    /// The function that is exported under a name.
    #[must_use]
    pub fn exported_function(&self, name: &str) -> Option<u32> {
        self.exports.get(name).filter(|export| export.kind == ExternalKind::Func).map(|export| export.index)
    }

    const fn empty(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            name: String::new(),
            function_names: BTreeMap::new(),
            types: Vec::new(),
            imports: Vec::new(),
            functions: Vec::new(),
            tables: Vec::new(),
            memories: Vec::new(),
            globals: Vec::new(),
            exports: BTreeMap::new(),
            start: None,
            elements: Vec::new(),
            codes: Vec::new(),
            data: Vec::new(),
        }
    }

    fn read_section(&mut self, payload: Payload<'a>) -> Result<(), WasmError> {
        match payload {
            Payload::Version { .. } | Payload::CodeSectionStart { .. } | Payload::End(_) => Ok(()),
            Payload::TypeSection(types) => {
                let types = types.into_iter_err_on_gc_types().map(|ty| function_type(&ty.map_err(other)?));
                read_all(&mut self.types, types)
            }
            Payload::ImportSection(imports) => {
                read_all(&mut self.imports, imports.into_iter().map(|import| read_import(import.map_err(other)?)))
            }
            Payload::FunctionSection(functions) => {
                read_all(&mut self.functions, functions.into_iter().map(|ty| ty.map_err(other)))
            }
            Payload::TableSection(tables) => {
                read_all(&mut self.tables, tables.into_iter().map(|table| Ok(table.map_err(other)?.ty)))
            }
            Payload::MemorySection(memories) => {
                read_all(&mut self.memories, memories.into_iter().map(|memory| memory.map_err(other)))
            }
            Payload::GlobalSection(globals) => {
                read_all(&mut self.globals, globals.into_iter().map(|global| read_global(global.map_err(other)?)))
            }
            Payload::ExportSection(exports) => {
                exports.into_iter().try_for_each(|export| self.read_export(export.map_err(other)?))
            }
            Payload::StartSection { func, .. } => {
                self.start = Some(func);
                Ok(())
            }
            Payload::ElementSection(elements) => {
                read_all(&mut self.elements, elements.into_iter().map(|element| element.map_err(other)))
            }
            Payload::CodeSectionEntry(body) => {
                self.codes.push(read_code(body)?);
                Ok(())
            }
            Payload::DataSection(data) => read_all(&mut self.data, data.into_iter().map(|data| data.map_err(other))),
            Payload::CustomSection(section) => self.read_names(&section),
            refused => Err(refused_section(&refused)),
        }
    }

    fn read_export(&mut self, export: wasmparser::Export<'a>) -> Result<(), WasmError> {
        if export.kind == ExternalKind::Func {
            self.function_names.entry(export.index).or_insert_with(|| export.name.to_owned());
        }
        self.exports.insert(export.name.to_owned(), Export { kind: export.kind, index: export.index });
        Ok(())
    }
}

impl fmt::Debug for WasmBinary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut binary = f.debug_struct("WasmBinary");
        binary.field("name", &self.name).field("imports", &self.imports).field("exports", &self.exports);
        binary.finish_non_exhaustive()
    }
}

/// Features of WebAssembly that a binary may use.
const fn features(multi_value: MultiValue) -> WasmFeatures {
    let features = WasmFeatures::MUTABLE_GLOBAL
        .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
        .union(WasmFeatures::SIGN_EXTENSION)
        .union(WasmFeatures::BULK_MEMORY)
        .union(WasmFeatures::FLOATS)
        .union(WasmFeatures::GC_TYPES);
    match multi_value {
        MultiValue::On => features.union(WasmFeatures::MULTI_VALUE),
        MultiValue::Off => features,
    }
}

/// The value of an expression that is one constant.
///
/// # Errors
/// It is something else, which valid binaries with these features cannot contain.
pub(crate) fn constant(expression: &ConstExpr<'_>) -> Result<Value, WasmError> {
    let mut operators = expression.get_operators_reader();
    let constant = operators.read().map_err(other)?;
    let end = operators.read().map_err(other)?;
    match (constant, end, operators.eof()) {
        (Operator::I32Const { value }, Operator::End, true) => Ok(Value::I32(value.cast_unsigned())),
        (Operator::I64Const { value }, Operator::End, true) => Ok(Value::I64(value.cast_unsigned())),
        (Operator::F32Const { value }, Operator::End, true) => Ok(Value::F32(value.bits())),
        (Operator::F64Const { value }, Operator::End, true) => Ok(Value::F64(value.bits())),
        _ => Err(WasmError::new(Rule::Other, "initialiser is not a constant")),
    }
}

/// An error of the parser in a binary that is valid.
pub(crate) fn other(error: wasmparser::Error) -> WasmError {
    WasmError::parser(Rule::Other, &error)
}

fn read_all<T>(list: &mut Vec<T>, mut items: impl Iterator<Item = Result<T, WasmError>>) -> Result<(), WasmError> {
    items.try_for_each(|item| {
        list.push(item?);
        Ok(())
    })
}

fn value_type(ty: ValType) -> Result<ValueType, WasmError> {
    match ty {
        ValType::I32 => Ok(ValueType::I32),
        ValType::I64 => Ok(ValueType::I64),
        ValType::F32 => Ok(ValueType::F32),
        ValType::F64 => Ok(ValueType::F64),
        other => Err(WasmError::new(Rule::Other, format!("values of type {other} are not supported"))),
    }
}

fn function_type(ty: &wasmparser::FuncType) -> Result<FunctionType, WasmError> {
    let list = |types: &[ValType]| types.iter().copied().map(value_type).collect::<Result<Vec<_>, _>>();
    Ok(FunctionType { inputs: list(ty.params())?, outputs: list(ty.results())? })
}

fn read_import(imports: Imports<'_>) -> Result<Import<'_>, WasmError> {
    let Imports::Single(offset, wasmparser::Import { module, name, ty }) = imports else {
        return Err(WasmError::new(Rule::Import, "imports are not given one by one"));
    };
    match ty {
        TypeRef::Func(ty) => Ok(Import { module, name, ty }),
        _ => Err(WasmError::new(Rule::Import, format!("import {name} of {module} is not a function")).at(offset)),
    }
}

fn read_global(global: wasmparser::Global<'_>) -> Result<Global, WasmError> {
    Ok(Global { ty: global.ty, initial: constant(&global.init_expr)? })
}

fn read_code(body: FunctionBody<'_>) -> Result<Code<'_>, WasmError> {
    let mut locals = LocalTypes::none();
    for run in body.get_locals_reader().map_err(other)? {
        let (count, ty) = run.map_err(other)?;
        locals.push(count, value_type(ty)?);
    }
    let reader = body.get_operators_reader().map_err(other)?;
    // An operator takes two bytes more often than one.
    let mut operators = Vec::with_capacity(body.range().len() / 2);
    for operator in reader {
        operators.push(operator.map_err(other)?);
    }
    Ok(Code { locals, operators, body })
}

fn refused_section(payload: &Payload<'_>) -> WasmError {
    let (what, offset) = match payload {
        Payload::DataCountSection { range, .. } => ("data count".to_string(), range.start),
        Payload::TagSection(tags) => ("tag".to_string(), tags.range().start),
        Payload::UnknownSection { id, range, .. } => (format!("unknown ({id})"), range.start),
        _ => return WasmError::new(Rule::Section, "sections of this kind are not supported"),
    };
    WasmError::new(Rule::Section, format!("sections of kind {what} are not supported")).at(offset)
}

#[cfg(test)]
mod tests;
