//! How a method fails (`spec/precompiles.md` 1.5).

use alloc::vec::Vec;
use alloy_sol_types::SolError;
use state::Fault;

/// Why a method did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// A fault of state, or a refusal without data: what the reference calls a plain error.
    Fault(Fault),
    /// A Solidity error, encoded. Unused gas stays with the caller at every version.
    Solidity(Vec<u8>),
    /// A revert without data that keeps unused gas at every version.
    Reverted,
    /// Activating a program failed: all gas is lost at every version.
    ActivationFailed,
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Failure {
    /// A Solidity error.
    pub fn solidity(error: &impl SolError) -> Self {
        Self::Solidity(error.abi_encode())
    }

    /// A refusal without data.
    #[must_use]
    pub const fn plain(reason: &'static str) -> Self {
        Self::Fault(Fault::Rejected(reason))
    }
}

/// What a method answers.
pub type Reply<T> = Result<T, Failure>;

/// Arguments that do not decode although they passed the checks. Cannot happen; takes all gas like any plain error.
pub const UNDECODABLE: Failure = Failure::plain("arguments do not decode");
