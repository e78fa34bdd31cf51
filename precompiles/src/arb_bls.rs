//! `ArbBLS` (0x67): has no methods any more; every call takes all gas (`spec/precompiles.md` 5).

use crate::{Precompile, precompile};

precompile! {
    /// An empty interface.
    #[at(0x67)]
    interface ArbBLS {}
}

/// The implementation.
#[derive(Debug)]
pub enum Bls {}
/// The registry's row.
pub static PRECOMPILE: Precompile = row::<Bls>();

impl ArbBLSMethods for Bls {}
