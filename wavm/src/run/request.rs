//! What a program asks of the chain (`spec/stylus.md` 7.2).

use alloc::vec::Vec;
use alloy_primitives::{Address, B256, Bytes, U256};

/// How a contract is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    /// With value, as itself.
    Call,
    /// As the caller.
    Delegate,
    /// Without writes.
    Static,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// A slot: result is its word.
    GetBytes32(B256),
    /// Writes slots: result is a [status](Answer::result).
    SetTrieSlots {
        /// Gas it may cost.
        gas_left: u64,
        /// Slots and their words, in the order of the slots.
        slots: Vec<(B256, B256)>,
    },
    /// A transient slot: result is its word.
    GetTransientBytes32(B256),
    /// Writes a transient slot: result is a status.
    SetTransientBytes32(B256, B256),
    /// Calls a contract: result is a status, data what it returned.
    Call {
        /// How.
        kind: CallKind,
        /// The contract.
        address: Address,
        /// Value in wei.
        value: U256,
        /// Gas the program has.
        gas_left: u64,
        /// Most gas the call gets.
        gas: u64,
        /// Calldata.
        data: Bytes,
    },
    /// Creates a contract: result is 1 and an address, or 0 and an error.
    Create {
        /// Gas the program has.
        gas: u64,
        /// Value in wei.
        endowment: U256,
        /// Salt of a CREATE2.
        salt: Option<B256>,
        /// Init code.
        code: Bytes,
    },
    /// Appends a log: result is empty, or an error.
    EmitLog {
        /// Its topics, four at most.
        topics: Vec<B256>,
        /// Its data.
        data: Bytes,
    },
    /// A balance: result is its word.
    AccountBalance(Address),
    /// Code: data is it.
    AccountCode {
        /// The account.
        address: Address,
        /// Gas the program has.
        gas: u64,
    },
    /// A code hash: result is it.
    AccountCodeHash(Address),
    /// Opens pages of memory.
    AddPages(u16),
}

/// An answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// A word, an address, or a status: 0 done, 1 failed, 2 out of gas, 3 refused in a static frame.
    pub result: Vec<u8>,
    /// What goes with it.
    pub data: Bytes,
    /// What it cost, in gas.
    pub gas: u64,
}

impl Answer {
    /// An answer of a word.
    #[must_use]
    pub fn word(word: B256, gas: u64) -> Self {
        Self { result: word.to_vec(), data: Bytes::new(), gas }
    }

    /// An answer of a status.
    #[must_use]
    pub fn status(status: u8, gas: u64) -> Self {
        Self { result: alloc::vec![status], data: Bytes::new(), gas }
    }
}

impl Request {
    /// Its number and its bytes, as the protocol writes them.
    #[must_use]
    pub fn to_bytes(&self) -> (u32, Vec<u8>) {
        let join = |parts: &[&[u8]]| parts.concat();
        match self {
            Self::GetBytes32(slot) => (0, slot.to_vec()),
            Self::SetTrieSlots { gas_left, slots } => {
                let slots = slots.iter().flat_map(|(slot, word)| [slot.as_slice(), word.as_slice()]).flatten();
                (1, gas_left.to_be_bytes().iter().chain(slots).copied().collect())
            }
            Self::GetTransientBytes32(slot) => (2, slot.to_vec()),
            Self::SetTransientBytes32(slot, word) => (3, join(&[slot.as_slice(), word.as_slice()])),
            Self::Call { kind, address, value, gas_left, gas, data } => {
                let number = match kind {
                    CallKind::Call => 4,
                    CallKind::Delegate => 5,
                    CallKind::Static => 6,
                };
                let value = value.to_be_bytes::<32>();
                (number, join(&[address.as_slice(), &value, &gas_left.to_be_bytes(), &gas.to_be_bytes(), data]))
            }
            Self::Create { gas, endowment, salt, code } => {
                let (number, salt) = salt.as_ref().map_or((7, &[][..]), |salt| (8, salt.as_slice()));
                (number, join(&[&gas.to_be_bytes(), &endowment.to_be_bytes::<32>(), salt, code]))
            }
            Self::EmitLog { topics, data } => {
                #[expect(clippy::cast_possible_truncation, reason = "four at most")]
                let count = (topics.len() as u32).to_be_bytes();
                (9, count.iter().chain(topics.iter().flatten()).chain(data).copied().collect())
            }
            Self::AccountBalance(address) => (10, address.to_vec()),
            Self::AccountCode { address, gas } => (11, join(&[address.as_slice(), &gas.to_be_bytes()])),
            Self::AccountCodeHash(address) => (12, address.to_vec()),
            Self::AddPages(pages) => (13, pages.to_be_bytes().to_vec()),
        }
    }
}
