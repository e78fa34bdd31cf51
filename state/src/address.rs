//! Fixed addresses and the aliasing of L1 senders (`spec/state.md` 1, `spec/execution.md` 15).

use alloy_primitives::{Address, B256, U256, address, keccak256};

/// The account whose storage is the operating state; nonce 1, no code.
pub const ARBOS_STATE: Address = address!("A4B05FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF");
/// The account whose storage lists filtered transactions; nonce 1, since version 60.
pub const FILTERED_TRANSACTIONS: Address = address!("A4B0500000000000000000000000000000000001");
/// The sender of internal transactions, and the precompile `ArbosActs`.
pub const ARBOS_ACTS: Address = address!("00000000000000000000000000000000000A4B05");
/// The pool that collects what users pay for data and pays batch posters.
pub const L1_PRICER_FUNDS_POOL: Address = address!("A4B00000000000000000000000000000000000f6");
/// The sequencer: coinbase of its messages, first batch poster.
pub const SEQUENCER: Address = address!("A4B000000000000000000073657175656e636572");
/// The contract that keeps parent hashes, since version 40.
pub const HISTORY_STORAGE: Address = address!("0000F90827F1C53a10cb7A02335B175320002935");
/// The caller of system calls.
pub const SYSTEM_CALLER: Address = address!("fffffffffffffffffffffffffffffffffffffffe");
/// The precompile `ArbSys`.
pub const ARB_SYS: Address = address!("0000000000000000000000000000000000000064");
/// The precompile `ArbRetryableTx`.
pub const ARB_RETRYABLE_TX: Address = address!("000000000000000000000000000000000000006e");
/// The precompile `ArbWasm`.
pub const ARB_WASM: Address = address!("0000000000000000000000000000000000000071");

/// What the bridge adds to the address of an L1 contract.
const ALIAS_OFFSET: Address = address!("1111000000000000000000000000000000001111");

/// The L2 alias of an L1 contract, modulo 2^160.
#[must_use]
pub fn apply_l1_alias(l1: Address) -> Address {
    to_address(number(l1).wrapping_add(number(ALIAS_OFFSET)))
}

/// The L1 contract behind an alias.
#[must_use]
pub fn undo_l1_alias(l2: Address) -> Address {
    to_address(number(l2).wrapping_sub(number(ALIAS_OFFSET)))
}

/// The account that holds the call value of a ticket.
#[must_use]
pub fn retryable_escrow(ticket: B256) -> Address {
    let mut preimage = [0u8; 48];
    preimage[..16].copy_from_slice(b"retryable escrow");
    preimage[16..].copy_from_slice(ticket.as_slice());
    Address::from_word(keccak256(preimage))
}

fn number(address: Address) -> U256 {
    U256::from_be_slice(address.as_slice())
}

fn to_address(number: U256) -> Address {
    Address::from_word(B256::from(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliasing_wraps_and_is_undone() {
        let high = address!("ffffffffffffffffffffffffffffffffffffffff");
        assert_eq!(apply_l1_alias(high), address!("1111000000000000000000000000000000001110"));
        assert_eq!(undo_l1_alias(apply_l1_alias(high)), high);
        assert_eq!(undo_l1_alias(Address::ZERO), address!("eeeeffffffffffffffffffffffffffffffffeeef"));
    }
}
