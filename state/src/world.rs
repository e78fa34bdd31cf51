//! The world below the operating state: accounts, storage and code at a state root.
//!
//! A transition reads a [`World`] and hands it its net [`Changes`] at the end. [`MemoryWorld`] holds everything and re-hashes only
//! what a block touched; [`WitnessWorld`] holds preimages and fails with the name of what is missing. A database fits behind the
//! same trait.

pub mod memory;
pub mod proof;
pub mod trie;
pub mod witness;

pub use memory::MemoryWorld;
pub use witness::WitnessWorld;

use alloc::{collections::BTreeMap, vec::Vec};
use alloy_primitives::{Address, B256, Bytes, KECCAK256_EMPTY, U256};
use thiserror::Error;

/// An account as its leaf says, its storage aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountInfo {
    /// Transactions sent, or contracts created.
    pub nonce: u64,
    /// Balance in wei.
    pub balance: U256,
    /// Hash of the code.
    pub code_hash: B256,
}

impl Default for AccountInfo {
    fn default() -> Self {
        Self { nonce: 0, balance: U256::ZERO, code_hash: KECCAK256_EMPTY }
    }
}

/// Net changes of a block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Changed accounts.
    pub accounts: BTreeMap<Address, AccountChange>,
    /// New code, by hash.
    pub codes: Vec<(B256, Bytes)>,
}

/// Net changes of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountChange {
    /// The account afterwards; none if it is gone with all its storage.
    pub info: Option<AccountInfo>,
    /// Whether its storage was wiped before `slots` were written.
    pub storage_cleared: bool,
    /// Changed slots; zero deletes.
    pub slots: Vec<(U256, U256)>,
}

/// Why a world cannot answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WorldError {
    /// A trie node is needed and not there.
    #[error("missing trie node {0}")]
    MissingNode(B256),
    /// A contract's code is needed and not there.
    #[error("missing code {0}")]
    MissingCode(B256),
    /// A header is needed and not there.
    #[error("missing header {0}")]
    MissingHeader(B256),
    /// The hash of an ancestor is needed and not known.
    #[error("the hash of block {0} is not known")]
    UnknownBlock(u64),
    /// Bytes with the right hash that are not what they should be.
    #[error("corrupt {what} {hash}")]
    Corrupt {
        /// What was expected.
        what: &'static str,
        /// The hash it was found under.
        hash: B256,
    },
}

/// Accounts, storage and code at a state root.
pub trait World {
    /// The account, if it is in the trie. An account that is there but empty is there.
    ///
    /// # Errors
    /// What the world misses.
    fn account(&mut self, address: Address) -> Result<Option<AccountInfo>, WorldError>;

    /// The value of a slot; zero where nothing is.
    ///
    /// # Errors
    /// What the world misses.
    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, WorldError>;

    /// Code by its hash.
    ///
    /// # Errors
    /// What the world misses.
    fn code(&mut self, code_hash: B256) -> Result<Bytes, WorldError>;

    /// Hash of one of the last 256 blocks.
    ///
    /// # Errors
    /// What the world misses.
    fn block_hash(&mut self, number: u64) -> Result<B256, WorldError>;

    /// The present state root.
    fn state_root(&self) -> B256;

    /// Applies the changes of a block and returns the new state root. Nothing is applied if it fails.
    ///
    /// # Errors
    /// What the world misses.
    fn commit(&mut self, changes: &Changes) -> Result<B256, WorldError>;
}
