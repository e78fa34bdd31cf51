//! Levels 0 and 1 without C.
//!
//! The port picks its matches at level 1 by another rule than the C encoder for inputs of 16385 to 32768 bytes, so those are
//! refused rather than guessed.

use super::{CompressError, Compressor};
use brotli::enc::{BrotliCompress, BrotliEncoderParams};

/// The port of levels 0 and 1.
#[derive(Debug, Default)]
pub(super) struct Fast;

/// Lengths at which the port's level 1 differs from the C encoder.
const INEXACT: core::ops::RangeInclusive<usize> = 16_385..=32_768;

impl Compressor for Fast {
    fn compressed_len(&mut self, data: &[u8], level: u64) -> Result<usize, CompressError> {
        let exact = level == 0 || (level == 1 && !INEXACT.contains(&data.len()));
        if !exact {
            return Err(CompressError::NeedsNative(level, data.len()));
        }
        let quality = i32::try_from(level).map_err(|_| CompressError::NoSuchLevel(level))?;
        let params = BrotliEncoderParams { quality, lgwin: 22, ..BrotliEncoderParams::default() };
        let mut output = alloc::vec::Vec::with_capacity(data.len() / 2 + 64);
        BrotliCompress(&mut &data[..], &mut output, &params).map_err(|_| CompressError::Failed(level))?;
        Ok(output.len())
    }
}
