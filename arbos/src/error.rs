//! What can go wrong beside the protocol's own outcomes.

use crate::{config::ConfigError, message::init::InitError};
use alloc::string::String;
use state::{Fault, world::WorldError};
use thiserror::Error;

/// Why there is no block, or no chain.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// The reference node stops here, so no block may follow. Names the rule.
    #[error("no block may follow: {0}")]
    Stopped(&'static str),
    /// A feature this build does not have.
    #[error("{0}: not built yet")]
    NotBuilt(&'static str),
    /// The world below failed.
    #[error("host: {0}")]
    Host(#[from] WorldError),
    /// The EVM failed in a way that is no outcome of the protocol.
    #[error("evm: {0}")]
    Evm(String),
    /// The configuration of the chain.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The first message.
    #[error(transparent)]
    Init(#[from] InitError),
    /// The state does not fit what is asked of it.
    #[error("state: {0}")]
    State(&'static str),
    /// The length of data at the chain's brotli level cannot be had.
    #[error(transparent)]
    Brotli(#[from] pricing::brotli::CompressError),
}

impl Error {
    /// A rule under which no block may follow.
    #[must_use]
    pub const fn stopped(rule: &'static str) -> Self {
        Self::Stopped(rule)
    }

    /// A fault of system code: none of it is an outcome, because nobody pays and nothing is refused.
    #[must_use]
    pub const fn from_fault(fault: Fault) -> Self {
        match fault {
            Fault::Halt(rule) | Fault::Rejected(rule) => Self::Stopped(rule),
            Fault::OutOfGas => Self::State("system code ran out of gas"),
            Fault::WriteProtection => Self::State("system code may not write"),
            _ => Self::State("the store failed and kept no error"),
        }
    }
}
