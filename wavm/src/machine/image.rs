//! A machine as bytes: written at any step, read back to go on from there.
//!
//! Everything is there but the hashes, which are made again. Numbers are little-endian, lists begin with their length. Reading trusts
//! nothing: lengths are checked against the bytes that are left, numbers against each other, memory against a limit.

mod codec;
mod module;
#[cfg(test)]
mod tests;

use super::{
    Machine, Running, Status,
    code::Code,
    slots::Slots,
    thread::{Frame, Thread},
};
use crate::{
    memory::{LEAF_SIZE, Memory, PAGE_LIMIT, PAGE_SIZE},
    merkle::{MerkleTree, MerkleType},
    state::GlobalState,
    value::{ProgramCounter, Value, ValueType},
};
use alloc::{sync::Arc, vec::Vec};
use codec::{Decoder, Encoder};

/// First bytes of an image; the last one is the version of the form.
const MAGIC: [u8; 8] = *b"wavmimg\x01";
/// Bytes of memory that are written together if they are not all zero.
const BLOCK: usize = 1024;

/// What an image may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of linear memory, of all modules together.
    pub memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory: 1 << 30 }
    }
}

/// Why bytes are not an image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// It does not begin as an image does, or has another version.
    #[error("not an image of this version")]
    Magic,
    /// It ends too early.
    #[error("the image ends at byte {0}, inside of something")]
    Truncated(usize),
    /// It goes on after its end.
    #[error("the image ends at byte {0}, but more follows")]
    Trailing(usize),
    /// Something in it cannot be.
    #[error("bad {what} before byte {offset}")]
    Invalid {
        /// What it is.
        what: &'static str,
        /// Where it ends.
        offset: usize,
    },
    /// It asks for more memory than allowed.
    #[error("{0} bytes of memory are more than allowed")]
    Memory(u64),
}

impl Machine {
    /// The machine as it is now, as bytes.
    #[must_use]
    pub fn to_image(&self) -> Vec<u8> {
        let mut out = Encoder::default();
        out.bytes(&MAGIC);
        out.u8(self.status as u8);
        out.u64(self.steps);
        write_pc(&mut out, self.pc);
        out.option(self.recovery, write_pc);
        out.bytes(&self.global_state.to_bytes());
        let codes = self.codes();
        out.list(codes.iter(), |out, code| module::write(out, code.module()));
        out.list(self.modules.iter(), |out, module| {
            let index = codes.iter().position(|code| Arc::ptr_eq(code, module.code()));
            out.length(index.expect("every code is listed"));
            write_values(out, module.globals().iter());
            write_memory(out, module.memory());
        });
        out.list(self.threads.iter(), write_thread);
        write_values(&mut out, self.internal.iter());
        out.into_bytes()
    }

    /// The machine that was written as these bytes.
    ///
    /// # Errors
    ///
    /// If they are not an image, or one that asks for more than the limits allow.
    pub fn from_image(bytes: &[u8], limits: Limits) -> Result<Self, ImageError> {
        let mut from = Decoder::new(bytes);
        if from.bytes() != Ok(MAGIC) {
            return Err(ImageError::Magic);
        }
        let status = from.u8()?;
        let status = status_from_code(status).ok_or_else(|| from.invalid("status"))?;
        let (steps, pc, recovery) = (from.u64()?, read_pc(&mut from)?, from.option(read_pc)?);
        let global_state = GlobalState::from_bytes(&from.bytes()?);
        let codes = from.list(|from| Ok(Arc::new(Code::new(module::read(from)?))))?;
        let mut allowed = limits.memory;
        let modules = from.list(|from| read_running(from, &codes, &mut allowed))?;
        let threads = from.list(read_thread)?;
        if threads.len() < if recovery.is_some() { 2 } else { 1 } {
            return Err(from.invalid("threads"));
        }
        let internal = read_values(&mut from)?;
        from.end()?;
        let modules_tree = MerkleTree::new(MerkleType::Module, Vec::new());
        let internal_hashes = Default::default();
        Ok(Self {
            status,
            steps,
            pc,
            recovery,
            global_state,
            modules,
            modules_tree,
            threads,
            internal,
            internal_hashes,
        })
    }

    /// The code of all modules, each once.
    fn codes(&self) -> Vec<Arc<Code>> {
        let mut codes: Vec<Arc<Code>> = Vec::new();
        for module in &self.modules {
            if !codes.iter().any(|code| Arc::ptr_eq(code, module.code())) {
                codes.push(module.code().clone());
            }
        }
        codes
    }
}

const fn status_from_code(code: u8) -> Option<Status> {
    Some(match code {
        0 => Status::Running,
        1 => Status::Finished,
        2 => Status::Errored,
        3 => Status::TooFar,
        _ => return None,
    })
}

fn write_pc(out: &mut Encoder, pc: ProgramCounter) {
    out.u32(pc.module);
    out.u32(pc.func);
    out.u32(pc.inst);
}

fn read_pc(from: &mut Decoder<'_>) -> Result<ProgramCounter, ImageError> {
    Ok(ProgramCounter::new(from.u32()?, from.u32()?, from.u32()?))
}

fn write_value(out: &mut Encoder, value: Value) {
    out.u8(value.ty() as u8);
    match value {
        Value::I32(bits) | Value::F32(bits) | Value::FuncRef(bits) => out.u32(bits),
        Value::I64(bits) | Value::F64(bits) => out.u64(bits),
        Value::RefNull => {}
        Value::InternalRef(pc) => write_pc(out, pc),
    }
}

fn read_value(from: &mut Decoder<'_>) -> Result<Value, ImageError> {
    let ty = from.u8()?;
    Ok(match ValueType::from_code(ty).ok_or_else(|| from.invalid("type of a value"))? {
        ValueType::I32 => Value::I32(from.u32()?),
        ValueType::I64 => Value::I64(from.u64()?),
        ValueType::F32 => Value::F32(from.u32()?),
        ValueType::F64 => Value::F64(from.u64()?),
        ValueType::RefNull => Value::RefNull,
        ValueType::FuncRef => Value::FuncRef(from.u32()?),
        ValueType::InternalRef => Value::InternalRef(read_pc(from)?),
    })
}

fn write_values(out: &mut Encoder, values: impl ExactSizeIterator<Item = Value>) {
    out.list(values, write_value);
}

fn read_values(from: &mut Decoder<'_>) -> Result<Slots, ImageError> {
    Ok(from.list(read_value)?.into_iter().collect())
}

/// Size, limit, and the blocks that are not zero.
fn write_memory(out: &mut Encoder, memory: &Memory) {
    out.u64(memory.pages());
    out.u64(memory.max_pages());
    let blocks = memory.bytes().as_chunks::<BLOCK>().0.iter().enumerate();
    let blocks: Vec<_> = blocks.filter(|(_, block)| block.iter().any(|byte| *byte != 0)).collect();
    out.list(blocks.into_iter(), |out, (index, block)| {
        out.length(index);
        out.bytes(block);
    });
}

fn read_memory(from: &mut Decoder<'_>, allowed: &mut u64) -> Result<Memory, ImageError> {
    const _: () = assert!(BLOCK.is_multiple_of(LEAF_SIZE) && PAGE_SIZE.is_multiple_of(BLOCK));
    let (pages, max_pages) = (from.u64()?, from.u64()?);
    if pages > max_pages || max_pages > PAGE_LIMIT {
        return Err(from.invalid("size of a memory"));
    }
    let size = pages * PAGE_SIZE as u64;
    *allowed = allowed.checked_sub(size).ok_or(ImageError::Memory(size))?;
    let mut memory = Memory::new(pages, max_pages);
    let blocks = from.list(|from| Ok((u64::from(from.u32()?), from.bytes::<BLOCK>()?)))?;
    for (index, block) in blocks {
        memory.write(index * BLOCK as u64, &block).ok_or_else(|| from.invalid("place in a memory"))?;
    }
    Ok(memory)
}

fn read_running(from: &mut Decoder<'_>, codes: &[Arc<Code>], allowed: &mut u64) -> Result<Running, ImageError> {
    let index = from.u32()? as usize;
    let code = codes.get(index).ok_or_else(|| from.invalid("code of a module"))?.clone();
    let globals = read_values(from)?;
    if globals.len() != code.module().globals.len() {
        return Err(from.invalid("number of globals"));
    }
    Ok(Running::with(code, globals, read_memory(from, allowed)?))
}

fn write_thread(out: &mut Encoder, thread: &Thread) {
    write_values(out, thread.values());
    write_values(out, thread.locals.iter());
    out.list(thread.frames.iter(), |out, frame| {
        out.option(frame.return_to, write_pc);
        out.u32(frame.caller_module);
        out.u32(frame.caller_internals);
        out.length(frame.base);
    });
}

fn read_thread(from: &mut Decoder<'_>) -> Result<Thread, ImageError> {
    let (slots, locals) = (read_values(from)?, read_values(from)?);
    let mut base = 0;
    let frames = from.list(|from| {
        let (return_to, caller_module, caller_internals) = (from.option(read_pc)?, from.u32()?, from.u32()?);
        let start = core::mem::replace(&mut base, from.u32()? as usize);
        if base < start || base > locals.len() {
            return Err(from.invalid("locals of a frame"));
        }
        Ok(Frame { return_to, caller_module, caller_internals, base })
    })?;
    Ok(Thread { height: slots.len(), slots, frames, locals, ..Thread::default() })
}
