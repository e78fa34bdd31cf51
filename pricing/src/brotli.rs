//! Exact compressed sizes.
//!
//! The price of data depends on the length the reference's C encoder produces, to the byte: quality as the chain says, window 22,
//! no size hint, one call that finishes. Short inputs at level 1, which is what live chains ask for, are counted here; with feature
//! `native-brotli` that encoder serves all others; without it levels 0 and 1 are served by a port that is exact where it answers.

#[cfg(not(feature = "native-brotli"))]
mod fast;
mod level_one;
#[cfg(feature = "native-brotli")]
mod native;

use thiserror::Error;

/// The largest level.
pub const MAX_LEVEL: u64 = 11;

/// Why there is no size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CompressError {
    /// No encoder has this level.
    #[error("brotli has no level {0}")]
    NoSuchLevel(u64),
    /// The level needs feature `native-brotli`.
    #[error("compressing {1} bytes at brotli level {0} needs feature `native-brotli`")]
    NeedsNative(u64, usize),
    /// The encoder failed, which it does for no input.
    #[error("the brotli encoder failed at level {0}")]
    Failed(u64),
}

/// Gives exact compressed sizes.
pub trait Compressor {
    /// Length of `data` compressed at a level.
    ///
    /// # Errors
    /// See [`CompressError`].
    fn compressed_len(&mut self, data: &[u8], level: u64) -> Result<usize, CompressError>;
}

/// The best encoder this build has.
#[derive(Debug, Default)]
pub struct Brotli {
    level_one: level_one::LevelOne,
    #[cfg(feature = "native-brotli")]
    inner: native::Native,
    #[cfg(not(feature = "native-brotli"))]
    inner: fast::Fast,
}

impl Compressor for Brotli {
    fn compressed_len(&mut self, data: &[u8], level: u64) -> Result<usize, CompressError> {
        if level > MAX_LEVEL {
            return Err(CompressError::NoSuchLevel(level));
        }
        let counted = if level == 1 { self.level_one.compressed_len(data) } else { None };
        counted.map_or_else(|| self.inner.compressed_len(data, level), Ok)
    }
}
