//! A module in an image, as it is at the start of its machine.

use super::{
    ImageError,
    codec::{Decoder, Encoder},
    read_value, write_value,
};
use crate::{
    memory::{PAGE_LIMIT, PAGE_SIZE},
    module::{Data, Function, LocalTypes, MemorySpec, Module, ModuleKind, Table},
    op::{Instruction, Op},
    value::{FunctionType, ValueType},
};
use alloy_primitives::B256;

/// Most locals of a function, as in wasm.
const MOST_LOCALS: u64 = 50_000;

pub(super) fn write(out: &mut Encoder, module: &Module) {
    out.text(&module.name);
    out.u8(module.kind as u8);
    out.list(module.types.iter(), write_type);
    out.list(module.functions.iter(), write_function);
    out.list(module.globals.iter().copied(), write_value);
    write_memory(out, &module.memory);
    out.list(module.tables.iter(), |out, table| {
        out.u32(table.length);
        out.list(table.elements.iter(), |out, element| out.option(*element, Encoder::u32));
    });
    out.list(module.exports.iter(), |out, (name, function)| {
        out.text(name);
        out.u32(*function);
    });
    out.option(module.start, Encoder::u32);
    out.u32(module.internals_offset);
    out.bytes(module.extra_hash.as_slice());
    out.list(module.function_names.iter(), |out, (function, name)| {
        out.u32(*function);
        out.text(name);
    });
}

pub(super) fn read(from: &mut Decoder<'_>) -> Result<Module, ImageError> {
    Ok(Module {
        name: from.text()?,
        kind: read_kind(from)?,
        types: from.list(read_type)?,
        functions: from.list(read_function)?,
        globals: from.list(read_value)?,
        memory: read_memory(from)?,
        tables: from.list(read_table)?,
        exports: from.list(|from| Ok((from.text()?, from.u32()?)))?.into_iter().collect(),
        start: from.option(Decoder::u32)?,
        internals_offset: from.u32()?,
        extra_hash: B256::new(from.bytes()?),
        function_names: from.list(|from| Ok((from.u32()?, from.text()?)))?.into_iter().collect(),
    })
}

fn read_kind(from: &mut Decoder<'_>) -> Result<ModuleKind, ImageError> {
    Ok(match from.u8()? {
        0 => ModuleKind::Entrypoint,
        1 => ModuleKind::Library,
        2 => ModuleKind::Main,
        3 => ModuleKind::Program,
        _ => return Err(from.invalid("kind of a module")),
    })
}

fn write_type(out: &mut Encoder, ty: &FunctionType) {
    for list in [&ty.inputs, &ty.outputs] {
        out.list(list.iter(), |out, ty| out.u8(*ty as u8));
    }
}

fn read_type(from: &mut Decoder<'_>) -> Result<FunctionType, ImageError> {
    Ok(FunctionType { inputs: from.list(read_value_type)?, outputs: from.list(read_value_type)? })
}

fn read_value_type(from: &mut Decoder<'_>) -> Result<ValueType, ImageError> {
    let code = from.u8()?;
    ValueType::from_code(code).ok_or_else(|| from.invalid("type"))
}

fn write_function(out: &mut Encoder, function: &Function) {
    write_type(out, &function.ty);
    out.list(function.locals.runs().iter(), |out, (count, ty)| {
        out.u32(*count);
        out.u8(*ty as u8);
    });
    out.list(function.code.iter(), |out, instruction| {
        out.u16(instruction.op.code());
        out.u64(instruction.argument);
    });
}

fn read_function(from: &mut Decoder<'_>) -> Result<Function, ImageError> {
    let ty = read_type(from)?;
    let mut locals = LocalTypes::none();
    from.list(|from| {
        locals.push(from.u32()?, read_value_type(from)?);
        if locals.len() > MOST_LOCALS { Err(from.invalid("number of locals")) } else { Ok(()) }
    })?;
    Ok(Function { ty, locals, code: from.list(read_instruction)? })
}

fn read_instruction(from: &mut Decoder<'_>) -> Result<Instruction, ImageError> {
    let code = from.u16()?;
    let op = Op::from_code(code).ok_or_else(|| from.invalid("instruction"))?;
    Ok(Instruction::new(op, from.u64()?))
}

fn write_memory(out: &mut Encoder, memory: &MemorySpec) {
    out.u32(memory.pages);
    out.u32(memory.maximum);
    out.list(memory.data.iter(), |out, data| {
        out.u32(data.offset);
        out.length(data.bytes.len());
        out.bytes(&data.bytes);
    });
}

fn read_memory(from: &mut Decoder<'_>) -> Result<MemorySpec, ImageError> {
    let (pages, maximum) = (from.u32()?, from.u32()?);
    if pages > maximum || u64::from(maximum) > PAGE_LIMIT {
        return Err(from.invalid("size of a memory"));
    }
    let size = u64::from(pages) * PAGE_SIZE as u64;
    let data = from.list(|from| {
        let data = Data { offset: from.u32()?, bytes: from.byte_string()? };
        let end = u64::from(data.offset) + data.bytes.len() as u64;
        if end > size { Err(from.invalid("data of a memory")) } else { Ok(data) }
    })?;
    Ok(MemorySpec { pages, maximum, data })
}

fn read_table(from: &mut Decoder<'_>) -> Result<Table, ImageError> {
    let table = Table { length: from.u32()?, elements: from.list(|from| from.option(Decoder::u32))? };
    if table.elements.len() as u64 > u64::from(table.length) { Err(from.invalid("table")) } else { Ok(table) }
}
