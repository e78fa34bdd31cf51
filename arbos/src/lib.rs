//! The state transition of an Arbitrum chain: a message in, the exact block out.
//!
//! [`Chain`] keeps a chain in memory and makes its blocks; [`block::produce`] makes one block over any [`World`](state::world::World).
//! The rules are in `spec/execution.md`; the traps that forked other implementations in `spec/divergences.md`.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod block;
pub mod chain;
pub mod config;
pub mod error;
pub mod evm;
pub mod genesis;
pub mod message;
pub mod node_interface;
pub mod phase;
#[cfg(feature = "cli")]
pub mod prices;
pub mod process;
pub mod receipt;
pub mod rules;
pub mod simulate;
pub mod spec;
pub mod tx;
#[cfg(feature = "cli")]
pub mod vectors;

pub use block::{Block, header::ArbHeader};
pub use chain::Chain;
pub use config::ChainConfig;
pub use error::Error;
pub use genesis::{Genesis, GenesisAccount};
pub use message::{Message, MessageHeader, MessageKind, MessageWithMetadata};
pub use receipt::ArbReceipt;
pub use simulate::{CallOutcome, CallRequest, Estimate, SimulationError};
pub use tx::ArbTxEnvelope;

/// The examples of the README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
