//! Keccak on processors with registers of 256 bits: four inputs side by side, or one with their instructions for single words.

use super::permutation::{State, Words, permute};
use alloy_primitives::B256;
use pulp::{NullaryFnOnce, u64x4, x86::V3};
use std::sync::LazyLock;

/// Bytes of a block.
const RATE: usize = 136;
/// Inputs side by side.
const LANES: usize = 4;

/// A processor with what this needs.
#[derive(Clone, Copy)]
pub(super) struct Processor(V3);

impl Processor {
    /// This processor, if it has what this needs.
    pub(super) fn this() -> Option<Self> {
        static THIS: LazyLock<Option<V3>> = LazyLock::new(V3::try_new);
        THIS.map(Processor)
    }

    /// The hash of one input.
    pub(super) fn keccak256(self, input: &[u8]) -> B256 {
        self.0.vectorize(One { input })
    }

    /// The hash of each numbered input. As soon as one is done the next takes its lane.
    pub(super) fn keccak256_each<'a>(
        self,
        mut inputs: impl Iterator<Item = (usize, &'a [u8])>,
        mut each: impl FnMut(usize, B256),
    ) {
        let mut state = [u64x4(0, 0, 0, 0); 25];
        let mut lanes = [const { None }; LANES];
        let mut padded = [[0; RATE]; LANES];
        loop {
            for lane in lanes.iter_mut().filter(|lane| lane.is_none()) {
                *lane = inputs.next().map(|(number, rest)| Input { number, rest, is_new: true });
            }
            match &lanes {
                [None, None, None, None] => return,
                // All alone: not worth four.
                [Some(Input { number, rest, is_new: true }), None, None, None] => {
                    return each(*number, self.keccak256(rest));
                }
                _ => {}
            }
            let keep =
                lanes.each_ref().map(|lane| if lane.as_ref().is_some_and(|lane| lane.is_new) { 0 } else { u64::MAX });
            let whole: [_; LANES] = core::array::from_fn(|lane| lanes[lane].as_mut()?.next_block(&mut padded[lane]));
            let blocks = core::array::from_fn(|lane| whole[lane].unwrap_or(&padded[lane]));
            self.0.vectorize(Four { processor: self.0, state: &mut state, keep, blocks });
            for (lane, input) in lanes.iter_mut().enumerate().filter(|(lane, _)| whole[*lane].is_none()) {
                if let Some(input) = input.take() {
                    each(input.number, digest(|word| word_of(state[word], lane)));
                }
            }
        }
    }
}

/// The word of one state.
const fn word_of(words: u64x4, lane: usize) -> u64 {
    let u64x4(a, b, c, d) = words;
    [a, b, c, d][lane]
}

/// An input on its way.
struct Input<'a> {
    number: usize,
    rest: &'a [u8],
    is_new: bool,
}

impl<'a> Input<'a> {
    /// Takes the next block; none if it is the last, which is written to `padded`.
    fn next_block(&mut self, padded: &mut [u8; RATE]) -> Option<&'a [u8; RATE]> {
        self.is_new = false;
        let whole = take_block(&mut self.rest);
        if whole.is_none() {
            *padded = pad(self.rest);
        }
        whole
    }
}

/// Takes a whole block, if there is one.
#[inline(always)]
fn take_block<'a>(input: &mut &'a [u8]) -> Option<&'a [u8; RATE]> {
    let (block, rest) = input.split_first_chunk()?;
    *input = rest;
    Some(block)
}

/// The last block: less than a whole one, and padding.
#[inline(always)]
fn pad(rest: &[u8]) -> [u8; RATE] {
    let mut block = [0; RATE];
    block[..rest.len()].copy_from_slice(rest);
    block[rest.len()] = 0x01;
    block[RATE - 1] |= 0x80;
    block
}

/// A word of a block.
#[inline(always)]
fn word(block: &[u8; RATE], number: usize) -> u64 {
    u64::from_le_bytes(block.as_chunks().0[number])
}

/// The hash in a state.
#[inline(always)]
fn digest(word: impl Fn(usize) -> u64) -> B256 {
    let mut hash = B256::ZERO;
    let (words, _) = hash.0.as_chunks_mut::<8>();
    words.iter_mut().enumerate().for_each(|(number, bytes)| *bytes = word(number).to_le_bytes());
    hash
}

/// Hashes one input.
struct One<'a> {
    input: &'a [u8],
}

impl NullaryFnOnce for One<'_> {
    type Output = B256;

    #[inline(always)]
    fn call(mut self) -> B256 {
        let mut state = [0; 25];
        loop {
            let whole = take_block(&mut self.input);
            let last = if whole.is_none() { pad(self.input) } else { [0; RATE] };
            let block = whole.unwrap_or(&last);
            for (number, kept) in state[..RATE / 8].iter_mut().enumerate() {
                *kept ^= word(block, number);
            }
            state = permute(Single, state);
            if whole.is_none() {
                return digest(|word| state[word]);
            }
        }
    }
}

/// Adds a block to each of four states, whose words lie side by side, and permutes them.
struct Four<'a> {
    processor: V3,
    state: &'a mut [u64x4; 25],
    /// All bits of a state that goes on, none of one that begins.
    keep: [u64; LANES],
    blocks: [&'a [u8; RATE]; LANES],
}

impl NullaryFnOnce for Four<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let [a, b, c, d] = self.keep;
        let mut state: State<V3> = self.state.map(|words| self.processor.and_u64x4(words, u64x4(a, b, c, d)));
        let [a, b, c, d] = self.blocks;
        for (number, kept) in state[..RATE / 8].iter_mut().enumerate() {
            let words = u64x4(word(a, number), word(b, number), word(c, number), word(d, number));
            *kept = self.processor.xor_u64x4(*kept, words);
        }
        *self.state = permute(self.processor, state);
    }
}

/// Words of one state.
#[derive(Clone, Copy)]
struct Single;

impl Words for Single {
    type Word = u64;

    #[inline(always)]
    fn xor(self, a: u64, b: u64) -> u64 {
        a ^ b
    }

    #[inline(always)]
    fn and_not(self, a: u64, b: u64) -> u64 {
        !a & b
    }

    #[inline(always)]
    fn rotate<const LEFT: i32, const RIGHT: i32>(self, a: u64) -> u64 {
        (a << LEFT) | (a >> RIGHT)
    }

    #[inline(always)]
    fn splat(self, bits: u64) -> u64 {
        bits
    }
}

impl Words for V3 {
    type Word = u64x4;

    #[inline(always)]
    fn xor(self, a: u64x4, b: u64x4) -> u64x4 {
        self.xor_u64x4(a, b)
    }

    #[inline(always)]
    fn and_not(self, a: u64x4, b: u64x4) -> u64x4 {
        self.andnot_u64x4(a, b)
    }

    #[inline(always)]
    fn rotate<const LEFT: i32, const RIGHT: i32>(self, a: u64x4) -> u64x4 {
        self.or_u64x4(self.shl_const_u64x4::<LEFT>(a), self.shr_const_u64x4::<RIGHT>(a))
    }

    #[inline(always)]
    fn splat(self, bits: u64) -> u64x4 {
        self.splat_u64x4(bits)
    }
}
