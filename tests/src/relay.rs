//! Contracts that pass calls on and log what came back.
//!
//! Calldata of a relay: target, gas, then the input. It logs, without topics: whether the call succeeded, the gas that went away
//! (with a small part of the relay's own), and the return data.

use alloy_primitives::{Address, Bytes, U256, address};

/// How a relay calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relay {
    /// CALL, with the value the relay got.
    Call,
    /// CALLCODE, with the value the relay got.
    CallCode,
    /// DELEGATECALL.
    Delegate,
    /// STATICCALL.
    Static,
}

/// What a relay logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relayed {
    /// Whether the call succeeded.
    pub success: bool,
    /// Gas that went away.
    pub gas_spent: u64,
    /// Return data or revert data.
    pub output: Bytes,
}

/// Bytes of code by the names of its operations; `PUSH` takes a byte.
mod op {
    pub(super) const ADD: u8 = 0x01;
    pub(super) const SUB: u8 = 0x03;
    pub(super) const CALLVALUE: u8 = 0x34;
    pub(super) const CALLDATALOAD: u8 = 0x35;
    pub(super) const CALLDATASIZE: u8 = 0x36;
    pub(super) const CALLDATACOPY: u8 = 0x37;
    pub(super) const RETURNDATASIZE: u8 = 0x3d;
    pub(super) const RETURNDATACOPY: u8 = 0x3e;
    pub(super) const MSTORE: u8 = 0x52;
    pub(super) const GAS: u8 = 0x5a;
    pub(super) const PUSH: u8 = 0x60;
    pub(super) const SWAP1: u8 = 0x90;
    pub(super) const SWAP2: u8 = 0x91;
    pub(super) const LOG0: u8 = 0xa0;
}

/// Bytes of calldata before the input.
const HEAD: u8 = 64;

impl Relay {
    /// All ways of calling.
    pub const ALL: [Self; 4] = [Self::Call, Self::CallCode, Self::Delegate, Self::Static];

    /// Where the harness deploys it.
    #[must_use]
    pub const fn address(self) -> Address {
        match self {
            Self::Call => address!("00000000000000000000000000000000ca110000"),
            Self::CallCode => address!("00000000000000000000000000000000ca110001"),
            Self::Delegate => address!("00000000000000000000000000000000ca110002"),
            Self::Static => address!("00000000000000000000000000000000ca110003"),
        }
    }

    const fn opcode(self) -> u8 {
        match self {
            Self::Call => 0xf1,
            Self::CallCode => 0xf2,
            Self::Delegate => 0xf4,
            Self::Static => 0xfa,
        }
    }

    /// Its code.
    #[must_use]
    pub fn code(self) -> Bytes {
        use op::*;
        let input_size = [PUSH, HEAD, CALLDATASIZE, SUB];
        let mut code = Vec::new();
        // Memory: the input.
        code.extend(input_size);
        code.extend([PUSH, HEAD, PUSH, 0, CALLDATACOPY]);
        // Stack: gas before; then the arguments of the call.
        code.extend([GAS, PUSH, 0, PUSH, 0]);
        code.extend(input_size);
        code.extend([PUSH, 0]);
        if matches!(self, Self::Call | Self::CallCode) {
            code.push(CALLVALUE);
        }
        code.extend([PUSH, 0, CALLDATALOAD, PUSH, 32, CALLDATALOAD, self.opcode()]);
        // Stack: success, gas before. Memory: success, gas spent, return data.
        code.extend([GAS, SWAP1, SWAP2, SUB, PUSH, 32, MSTORE, PUSH, 0, MSTORE]);
        code.extend([RETURNDATASIZE, PUSH, 0, PUSH, HEAD, RETURNDATACOPY]);
        code.extend([RETURNDATASIZE, PUSH, HEAD, ADD, PUSH, 0, LOG0]);
        code.into()
    }

    /// Calldata that makes a relay call `target` with up to `gas`.
    #[must_use]
    pub fn calldata(target: Address, gas: u64, input: &[u8]) -> Bytes {
        [&target.into_word()[..], &U256::from(gas).to_be_bytes::<32>(), input].concat().into()
    }
}

impl Relayed {
    /// Reads what a relay logged.
    ///
    /// # Panics
    /// If the data is no log of a relay.
    #[must_use]
    pub fn read(data: &[u8]) -> Self {
        let word = |at: usize| U256::from_be_slice(&data[at..at + 32]);
        Self {
            success: word(0) == U256::ONE,
            gas_spent: word(32).to::<u64>(),
            output: Bytes::copy_from_slice(&data[64..]),
        }
    }
}
