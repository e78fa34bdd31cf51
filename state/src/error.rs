//! What can go wrong when state is read or written.

use thiserror::Error;

/// Why an operation on state did not happen.
///
/// `OutOfGas`, `WriteProtection` and `Rejected` are outcomes of the protocol. `Halt` is where a reference node stops, so no block
/// may follow. `Host` means that the store below failed; the store keeps its own error for the caller at the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Fault {
    /// The burner could not pay; it is empty now.
    #[error("out of gas")]
    OutOfGas,
    /// A write or an event where nothing may change.
    #[error("write protection")]
    WriteProtection,
    /// The protocol refuses, and says why.
    #[error("{0}")]
    Rejected(&'static str),
    /// The protocol has no answer: block production ends with this rule's name.
    #[error("the protocol stops here: {0}")]
    Halt(&'static str),
    /// The store below failed.
    #[error("the store below the state failed")]
    Host,
}

/// Shorthand for results of state operations.
pub type Result<T, E = Fault> = core::result::Result<T, E>;
