//! Sizes at level 1 for short inputs, without an output.
//!
//! A live chain compresses every transaction at level 1 to price it, and throws the bytes away. This counts the bits the C encoder
//! would write (RFC 7932, with the encoder's choice of matches and codes), so it allocates nothing and clears one small table. The
//! encoder itself is the test oracle.

mod codes;
mod commands;

use commands::{Commands, Matcher};

/// The longest input served. Above it the encoder's answer depends on an entropy estimate in floating point.
pub(super) const MAX_LENGTH: usize = 8_192;

/// Inputs up to this length are stored: the encoder's estimate of one bit a sampled byte is above what storing costs.
const STORED_LENGTH: usize = 5;

/// The encoder stores inputs whose encoding exceeds their length by more bits than this.
const MAX_OVERHEAD_BITS: usize = 31;

/// Bits of the stream header for window 22.
const STREAM_HEADER_BITS: usize = 4;

/// Bits of a block header: not the last, four nibbles of length, whether it is stored.
const BLOCK_HEADER_BITS: usize = 1 + 2 + 16 + 1;

/// Bits that say that neither block types nor contexts are used.
const NO_CONTEXT_BITS: usize = 13;

/// Bits of the empty last block.
const END_BITS: usize = 2;

/// Counts sizes; the tables are kept from input to input.
#[derive(Debug, Default)]
pub(super) struct LevelOne {
    matcher: Matcher,
    commands: Commands,
}

impl LevelOne {
    /// Length of `data` compressed at level 1; none above [`MAX_LENGTH`].
    pub(super) fn compressed_len(&mut self, data: &[u8]) -> Option<usize> {
        if data.len() > MAX_LENGTH {
            return None;
        }
        if data.is_empty() {
            return Some((STREAM_HEADER_BITS + END_BITS).div_ceil(8));
        }
        let bits = if data.len() <= STORED_LENGTH { usize::MAX } else { self.block_bits(data) };
        Some(if bits > MAX_OVERHEAD_BITS + 8 * data.len() {
            (STREAM_HEADER_BITS + BLOCK_HEADER_BITS).div_ceil(8) + data.len() + END_BITS.div_ceil(8)
        } else {
            (STREAM_HEADER_BITS + bits + END_BITS).div_ceil(8)
        })
    }

    /// Bits of the one compressed block.
    fn block_bits(&mut self, data: &[u8]) -> usize {
        self.commands.clear();
        self.matcher.find(data, &mut self.commands);
        let Commands { literals, symbols, extra_bits } = &self.commands;
        BLOCK_HEADER_BITS
            + NO_CONTEXT_BITS
            + codes::literal_bits(literals)
            + codes::command_bits(symbols)
            + *extra_bits as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The estimate that decides between compressing and storing, at its worst: all sampled bytes differ.
    #[test]
    fn nothing_longer_is_stored_for_its_entropy() {
        for length in STORED_LENGTH + 1..=MAX_LENGTH {
            let samples = length.div_ceil(43) as f64;
            let entropy = (samples * samples.log2()).max(samples);
            assert!(entropy * 1.001 < length as f64 * 8.0 * 0.98 / 43.0, "{length}");
        }
    }

    #[cfg(feature = "native-brotli")]
    mod against_the_encoder {
        use super::super::*;
        use crate::brotli::{Compressor, native::Native};
        use alloc::vec::Vec;
        use proptest::prelude::*;

        fn check(data: &[u8]) -> Result<(), TestCaseError> {
            let want = Native::default().compressed_len(data, 1).unwrap();
            prop_assert_eq!(LevelOne::default().compressed_len(data), Some(want), "{} bytes", data.len());
            Ok(())
        }

        /// Runs of equal bytes, noise and repeats of what came before, with few and with many symbols.
        fn texts() -> impl Strategy<Value = Vec<u8>> {
            let piece = prop_oneof![
                (any::<u8>(), 1usize..300).prop_map(|(byte, length)| (0, length, byte)),
                (1u8..=255, 1usize..200).prop_map(|(mask, length)| (1, length, mask)),
                (any::<u8>(), 1usize..200).prop_map(|(back, length)| (2, length, back)),
            ];
            (any::<u64>(), prop::collection::vec(piece, 0..40)).prop_map(|(seed, pieces)| {
                let mut noise = seed | 1;
                let mut text = Vec::new();
                for (kind, length, byte) in pieces {
                    for _ in 0..length {
                        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                        let earlier = text.len().checked_sub(usize::from(byte) * 3 + 1).and_then(|at| text.get(at));
                        let next = match kind {
                            0 => byte,
                            1 => noise.to_be_bytes()[0] & byte,
                            _ => earlier.copied().unwrap_or(byte),
                        };
                        text.push(next);
                    }
                }
                text.truncate(MAX_LENGTH);
                text
            })
        }

        proptest! {
            #![proptest_config(ProptestConfig::with_cases(2_000))]

            #[test]
            fn sizes_of_texts(text in texts()) {
                check(&text)?;
            }

            #[test]
            fn sizes_of_noise(noise in prop::collection::vec(any::<u8>(), 0..700)) {
                check(&noise)?;
            }
        }

        #[test]
        fn sizes_at_every_length() {
            let text: Vec<u8> = (0..MAX_LENGTH).map(|i| (i * i / 7 + i / 50).to_le_bytes()[0]).collect();
            for length in (0..300).chain((300..MAX_LENGTH).step_by(61)).chain(MAX_LENGTH - 3..=MAX_LENGTH) {
                check(&text[..length]).unwrap();
                check(&alloc::vec![7; length]).unwrap();
            }
        }

        #[test]
        fn a_deep_tree_of_literals_is_made_shallower() {
            let mut text = Vec::new();
            let (mut count, mut next) = (1usize, 1usize);
            for symbol in 0..=255u8 {
                text.extend(core::iter::repeat_n(symbol.wrapping_mul(37), count));
                (count, next) = (next, count + next);
                if text.len() + count > MAX_LENGTH {
                    break;
                }
            }
            let mut shuffled: Vec<u8> = (0..text.len()).map(|i| text[i * 4_099 % text.len()]).collect();
            check(&shuffled).unwrap();
            shuffled.reverse();
            check(&shuffled).unwrap();
        }
    }
}
