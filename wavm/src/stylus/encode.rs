//! An instrumented program as a wasm binary, for engines.
//!
//! Everything an execution can see is written: types, imports, functions, tables, memory, globals, exports, active segments.

use super::Program;
use crate::{
    binary::WasmBinary,
    error::{Rule, WasmError},
    module::build::Bodies,
    value::{Value, ValueType},
};
use alloc::{format, vec::Vec};
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, Ieee32, Ieee64, ImportSection, Instruction, MemorySection, MemoryType, Module,
    RefType, TableSection, TableType, TypeSection, ValType,
};
use wasmparser::{DataKind, ElementItems, ElementKind, ExternalKind};

pub(super) fn encode(program: &Program<'_>) -> Result<Vec<u8>, WasmError> {
    let binary = program.binary();
    let mut module = Module::new();
    module.section(&types(binary)).section(&imports(binary)).section(&functions(binary)).section(&tables(binary));
    module.section(&memory(program)).section(&globals(binary)).section(&exports(binary));
    module.section(&elements(binary)?).section(&codes(program)?).section(&data(binary)?);
    Ok(module.finish())
}

const fn value_type(ty: ValueType) -> ValType {
    match ty {
        ValueType::I64 => ValType::I64,
        ValueType::F32 => ValType::F32,
        ValueType::F64 => ValType::F64,
        ValueType::FuncRef => ValType::FUNCREF,
        ValueType::I32 | ValueType::RefNull | ValueType::InternalRef => ValType::I32,
    }
}

fn types(binary: &WasmBinary<'_>) -> TypeSection {
    let mut section = TypeSection::new();
    for ty in &binary.types {
        let list = |types: &[ValueType]| types.iter().copied().map(value_type).collect::<Vec<_>>();
        section.ty().function(list(&ty.inputs), list(&ty.outputs));
    }
    section
}

fn imports(binary: &WasmBinary<'_>) -> ImportSection {
    let mut section = ImportSection::new();
    for import in &binary.imports {
        section.import(import.module, import.name, EntityType::Function(import.ty));
    }
    section
}

fn functions(binary: &WasmBinary<'_>) -> FunctionSection {
    let mut section = FunctionSection::new();
    for ty in &binary.functions {
        section.function(*ty);
    }
    section
}

fn tables(binary: &WasmBinary<'_>) -> TableSection {
    let mut section = TableSection::new();
    for table in &binary.tables {
        section.table(TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: table.initial,
            maximum: table.maximum,
            shared: false,
        });
    }
    section
}

fn memory(program: &Program<'_>) -> MemorySection {
    let mut section = MemorySection::new();
    section.memory(MemoryType {
        minimum: u64::from(program.heap.pages),
        maximum: Some(u64::from(program.heap.maximum)),
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    section
}

fn globals(binary: &WasmBinary<'_>) -> GlobalSection {
    let mut section = GlobalSection::new();
    for global in &binary.globals {
        let initial = match global.initial {
            Value::I32(value) => ConstExpr::i32_const(value.cast_signed()),
            Value::I64(value) => ConstExpr::i64_const(value.cast_signed()),
            Value::F32(bits) => ConstExpr::f32_const(Ieee32::new(bits)),
            Value::F64(bits) => ConstExpr::f64_const(Ieee64::new(bits)),
            Value::RefNull | Value::FuncRef(_) | Value::InternalRef(_) => continue,
        };
        let ty = value_type(global.initial.ty());
        let ty = wasm_encoder::GlobalType { val_type: ty, mutable: global.ty.mutable, shared: false };
        section.global(ty, &initial);
    }
    section
}

fn exports(binary: &WasmBinary<'_>) -> ExportSection {
    let mut section = ExportSection::new();
    for (name, export) in &binary.exports {
        let kind = match export.kind {
            ExternalKind::Table => ExportKind::Table,
            ExternalKind::Memory => ExportKind::Memory,
            ExternalKind::Global => ExportKind::Global,
            ExternalKind::Func | ExternalKind::FuncExact => ExportKind::Func,
            ExternalKind::Tag => continue,
        };
        section.export(name, kind, export.index);
    }
    section
}

fn elements(binary: &WasmBinary<'_>) -> Result<ElementSection, WasmError> {
    let mut section = ElementSection::new();
    for segment in &binary.elements {
        let ElementKind::Active { table_index, offset_expr } = &segment.kind else { continue };
        let ElementItems::Functions(items) = &segment.items else {
            return Err(WasmError::new(Rule::Build, "elements that are not indexes of functions"));
        };
        let items = items.clone().into_iter().map(|item| item.map_err(crate::binary::other));
        let items = items.collect::<Result<Vec<_>, _>>()?;
        section.active(*table_index, &offset(offset_expr)?, Elements::Functions(items.into()));
    }
    Ok(section)
}

fn data(binary: &WasmBinary<'_>) -> Result<DataSection, WasmError> {
    let mut section = DataSection::new();
    for segment in &binary.data {
        let DataKind::Active { memory_index, offset_expr } = &segment.kind else { continue };
        section.active(*memory_index, &offset(offset_expr)?, segment.data.iter().copied());
    }
    Ok(section)
}

fn offset(expression: &wasmparser::ConstExpr<'_>) -> Result<ConstExpr, WasmError> {
    match crate::binary::constant(expression)? {
        Value::I32(offset) => Ok(ConstExpr::i32_const(offset.cast_signed())),
        _ => Err(WasmError::new(Rule::Build, "the offset of a segment is not an i32")),
    }
}

fn codes(program: &Program<'_>) -> Result<CodeSection, WasmError> {
    let mut section = CodeSection::new();
    for (index, code) in program.binary().codes.iter().enumerate() {
        let mut function = Function::new(code.locals.runs().iter().map(|(count, ty)| (*count, value_type(*ty))));
        program.feed(index, &mut |operator| {
            let instruction = Instruction::try_from(operator.clone());
            let refused =
                |error| WasmError::new(Rule::Build, format!("operator {operator:?} cannot be written: {error}"));
            function.instruction(&instruction.map_err(refused)?);
            Ok(())
        })?;
        section.function(&function);
    }
    Ok(section)
}
