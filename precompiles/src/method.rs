//! What is known of a method before it runs: the static tables.

use crate::{abi, context::Frame, error::Reply};
use alloy_primitives::{Address, Bytes};
use state::ArbosVersion;

/// What a method may do, from its Solidity mutability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purity {
    /// Neither reads nor writes state.
    Pure,
    /// Reads.
    View,
    /// Reads and writes.
    Write,
    /// Reads, writes and accepts value.
    Payable,
}

impl Purity {
    /// The word in a Solidity signature.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pure => "pure",
            Self::View => "view",
            Self::Write => "nonpayable",
            Self::Payable => "payable",
        }
    }
}

/// Who may call, and who pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Anybody, metered.
    Open,
    /// Chain owners only, for free; the act is logged.
    Owner,
    /// Chains that allow debugging only.
    Debug,
    /// Anybody; free for filterers, a fixed charge for others.
    Filterer,
}

/// A method of a precompile.
#[derive(Debug)]
pub struct Method {
    /// Its name in Solidity.
    pub name: &'static str,
    /// Name and parameter types.
    pub signature: &'static str,
    /// Words of its arguments, if any words will do.
    pub plain_words: Option<usize>,
    /// The method as Solidity.
    pub solidity: &'static str,
    /// First four bytes of the signature's hash.
    pub selector: [u8; 4],
    /// What it may do.
    pub purity: Purity,
    /// First version.
    pub since: ArbosVersion,
    /// Last version.
    pub until: ArbosVersion,
}

impl Method {
    /// Whether calldata behind the selector is what the protocol's decoder accepts.
    #[must_use]
    pub fn accepts(&self, arguments: &[u8]) -> bool {
        match self.plain_words {
            Some(words) => arguments.len() >= 32 * words,
            None => abi::accepts(self.signature, arguments),
        }
    }
}

/// Decodes, runs and encodes one call, by selector and checked arguments.
pub type Run = fn(&mut Frame<'_>, [u8; 4], &[u8]) -> Reply<Bytes>;

/// A precompile.
pub struct Precompile {
    /// Its name in Solidity.
    pub name: &'static str,
    /// Its address as a number.
    pub number: u64,
    /// First version under which it is active; zero for those that always were.
    pub since: ArbosVersion,
    /// Who may call.
    pub guard: Guard,
    /// Its methods in the order of the interface.
    pub methods: &'static [Method],
    /// Runs one call.
    pub run: Run,
}

impl Precompile {
    /// Its address.
    #[must_use]
    pub const fn address(&self) -> Address {
        state::upgrade::precompile_address(self.number)
    }

    /// The method with a selector, in any version.
    #[must_use]
    pub fn method(&self, selector: [u8; 4]) -> Option<&'static Method> {
        self.methods.iter().find(|method| method.selector == selector)
    }
}
