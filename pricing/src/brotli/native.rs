//! All levels, through the C library.

use super::{CompressError, Compressor};
use alloc::vec::Vec;
use brotlic::{BrotliEncoderOptions, Quality, WindowSize, encode::BrotliOperation};

/// The encoder and its output, which is thrown away.
#[derive(Debug, Default)]
pub(super) struct Native {
    output: Vec<u8>,
}

impl Compressor for Native {
    fn compressed_len(&mut self, data: &[u8], level: u64) -> Result<usize, CompressError> {
        let failed = CompressError::Failed(level);
        let quality = u8::try_from(level).ok().and_then(|level| Quality::new(level).ok()).ok_or(failed)?;
        let mut options = BrotliEncoderOptions::new();
        options.quality(quality).window_size(WindowSize::new(22).map_err(|_| failed)?);
        let mut encoder = options.build().map_err(|_| failed)?;
        let bound = data.len() + (data.len() >> 10) * 8 + 64;
        if self.output.len() < bound {
            self.output.resize(bound, 0);
        }
        let result = encoder.compress(data, &mut self.output, BrotliOperation::Finish).map_err(|_| failed)?;
        if result.bytes_read != data.len() || !encoder.is_finished() {
            return Err(failed);
        }
        Ok(result.bytes_written)
    }
}
