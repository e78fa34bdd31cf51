//! Deployed bytes to a wasm binary (`spec/stylus.md` 1).
//!
//! A program is deployed as a compressed stream, or, where the chain knows fragments, as pieces of one and a root that lists their
//! addresses. Streams may refer to a dictionary that is part of the protocol.

use crate::error::{Rule, WasmError};
use alloc::{boxed::Box, format, vec, vec::Vec};
use alloy_primitives::Address;
use brotli_decompressor::{
    Allocator, BrotliDecompressStream, BrotliResult, BrotliState, HuffmanCode, SliceWrapper, SliceWrapperMut,
};

/// Text that streams of programs may refer to.
static PROGRAM_DICTIONARY: &[u8] = include_bytes!("../../data/stylus-program-11.lz");

/// Bytes that a kind of code begins with; the third is the kind.
const PREFIX: [u8; 2] = [0xef, 0xf0];
const CLASSIC: u8 = 0;
const FRAGMENT: u8 = 1;
const ROOT: u8 = 2;

/// Bytes before the addresses of a root.
const ROOT_HEADER: usize = 8;

/// What a stream may refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dictionary {
    /// Nothing.
    Empty,
    /// The dictionary for programs.
    Program,
}

impl Dictionary {
    /// The dictionary with this number.
    ///
    /// # Errors
    /// There is none.
    pub fn from_id(id: u8) -> Result<Self, WasmError> {
        match id {
            0 => Ok(Self::Empty),
            1 => Ok(Self::Program),
            _ => Err(refused(format!("unsupported dictionary type {id}"))),
        }
    }
}

/// Code that is, or is part of, a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Component<'a> {
    /// A whole program.
    Classic {
        /// Number of its dictionary.
        dictionary: u8,
        /// Its compressed stream.
        stream: &'a [u8],
    },
    /// A piece of a program's stream.
    Fragment(&'a [u8]),
    /// A program in pieces: what follows the prefix.
    Root(&'a [u8]),
}

impl<'a> Component<'a> {
    /// What kind of component some code is; none if it is something else. Whether the chain knows the kind is another question.
    #[must_use]
    pub fn of(code: &'a [u8]) -> Option<Self> {
        let [first, second, kind, rest @ ..] = code else { return None };
        let (dictionary, stream) = rest.split_first()?;
        match *kind {
            _ if [*first, *second] != PREFIX => None,
            CLASSIC => Some(Self::Classic { dictionary: *dictionary, stream }),
            FRAGMENT => Some(Self::Fragment(rest)),
            ROOT => Some(Self::Root(rest)),
            _ => None,
        }
    }
}

/// A program in pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Number of the dictionary of its stream.
    pub dictionary: u8,
    /// Length of the wasm binary.
    pub length: u32,
    /// Where the pieces are, in order.
    pub fragments: Vec<Address>,
}

impl Root {
    /// Reads the code of a root.
    ///
    /// # Errors
    /// It is no root, or it ends early.
    pub fn parse(code: &[u8]) -> Result<Self, WasmError> {
        let Some(Component::Root(_)) = Component::of(code) else {
            return Err(refused("not a root program"));
        };
        let (header, addresses) =
            code.split_at_checked(ROOT_HEADER).ok_or_else(|| refused("a root program is too short"))?;
        let (addresses, rest) = addresses.as_chunks::<20>();
        if !rest.is_empty() {
            return Err(refused("a root program ends within an address"));
        }
        let length = u32::from_be_bytes([header[4], header[5], header[6], header[7]]);
        Ok(Self { dictionary: header[3], length, fragments: addresses.iter().map(Address::from).collect() })
    }

    /// Checks what an activation allows. A program that is active already is not checked.
    ///
    /// # Errors
    /// Its binary is too long, or it has too many fragments or none.
    pub fn check(&self, max_wasm_size: u32, max_fragments: u8) -> Result<(), WasmError> {
        if self.length > max_wasm_size {
            return Err(refused(format!("wasm of {} bytes is longer than {max_wasm_size}", self.length)));
        }
        if self.fragments.len() > usize::from(max_fragments) {
            return Err(refused(format!("{} fragments are more than {max_fragments}", self.fragments.len())));
        }
        if self.fragments.is_empty() {
            return Err(refused("a root program without fragments"));
        }
        Ok(())
    }

    /// The wasm binary, from the codes of the fragments.
    ///
    /// # Errors
    /// A code is no fragment, or the stream does not give as many bytes as the root says.
    pub fn uncompress<C: AsRef<[u8]>>(&self, codes: &[C]) -> Result<Vec<u8>, WasmError> {
        let mut stream = Vec::new();
        for code in codes {
            let Some(Component::Fragment(piece)) = Component::of(code.as_ref()) else {
                return Err(refused("a fragment of the program is no fragment"));
            };
            stream.extend_from_slice(piece);
        }
        let wasm = decompress(&stream, Dictionary::from_id(self.dictionary)?, self.length)?;
        if wasm.len() as u64 != u64::from(self.length) {
            return Err(refused(format!("wasm has {} bytes, not {}", wasm.len(), self.length)));
        }
        Ok(wasm)
    }
}

/// The wasm binary of a whole program, from its code.
///
/// # Errors
/// The code is something else, or its stream is broken or gives more than `max_wasm_size` bytes.
pub fn uncompress(code: &[u8], max_wasm_size: u32) -> Result<Vec<u8>, WasmError> {
    match Component::of(code) {
        Some(Component::Classic { dictionary, stream }) => {
            decompress(stream, Dictionary::from_id(dictionary)?, max_wasm_size)
        }
        _ => Err(refused("not a program")),
    }
}

/// What a stream decompresses to. Bytes after its end are ignored.
///
/// # Errors
/// It is broken, ends early, or gives more than `bound` bytes.
pub fn decompress(stream: &[u8], dictionary: Dictionary, bound: u32) -> Result<Vec<u8>, WasmError> {
    let bound = usize::try_from(bound).unwrap_or(usize::MAX);
    let mut state = BrotliState::new_strict(Heap, Heap, Heap);
    if dictionary == Dictionary::Program && !state.attach_dictionary_borrowed(PROGRAM_DICTIONARY) {
        return Err(refused("the dictionary cannot be attached"));
    }
    let mut output = Vec::new();
    let (mut written, mut total) = (0, 0);
    let (mut left, mut read) = (stream.len(), 0);
    loop {
        grow(&mut output, bound);
        let mut room = output.len() - written;
        let (input, out) = (&mut left, &mut room);
        match BrotliDecompressStream(input, &mut read, stream, out, &mut written, &mut output, &mut total, &mut state) {
            BrotliResult::ResultSuccess => {
                output.truncate(written);
                return Ok(output);
            }
            BrotliResult::NeedsMoreOutput if output.len() < bound => {}
            BrotliResult::NeedsMoreOutput => return Err(refused(format!("the stream gives more than {bound} bytes"))),
            BrotliResult::NeedsMoreInput => return Err(refused("the stream ends early")),
            BrotliResult::ResultFailure => return Err(refused("the stream is broken")),
        }
    }
}

/// Doubles a buffer up to a bound.
fn grow(output: &mut Vec<u8>, bound: usize) {
    const FIRST: usize = 1 << 16;
    let length = output.len().saturating_mul(2).max(FIRST).min(bound);
    output.resize(length, 0);
}

fn refused(text: impl Into<alloc::string::String>) -> WasmError {
    WasmError::new(Rule::Wire, text)
}

/// Gives the decoder memory from the heap.
#[derive(Debug, Clone, Copy, Default)]
struct Heap;

/// Memory of the decoder.
#[derive(Debug)]
struct Cell<T>(Box<[T]>);

impl<T> Default for Cell<T> {
    fn default() -> Self {
        Self(Box::default())
    }
}

impl<T> SliceWrapper<T> for Cell<T> {
    fn slice(&self) -> &[T] {
        &self.0
    }
}

impl<T> SliceWrapperMut<T> for Cell<T> {
    fn slice_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

macro_rules! allocate {
    ($($ty:ty),*) => {$(
        impl Allocator<$ty> for Heap {
            type AllocatedMemory = Cell<$ty>;

            fn alloc_cell(&mut self, len: usize) -> Self::AllocatedMemory {
                Cell(vec![<$ty>::default(); len].into_boxed_slice())
            }

            fn free_cell(&mut self, _: Self::AllocatedMemory) {}
        }
    )*};
}

allocate!(u8, u32, HuffmanCode);

#[cfg(test)]
mod tests;
