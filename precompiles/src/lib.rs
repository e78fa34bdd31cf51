//! The precompiled contracts of an Arbitrum chain.
//!
//! Each interface is written once, as Solidity, inside [`precompile!`]; the methods follow in the same file. [`call`] finds the
//! contract, applies its guard, the order of checks and the charges of `spec/precompiles.md` 1, and runs the method. What a method
//! may do is the type of its context: see [`context`].
//!
//! Methods say what gas their body takes in these units: `R` a read, 800; `W` a write, 20000, or `Z`, 5000, where it writes zero
//! (`Wz` is either); `K(n)` a hash of `n` bytes, `30 + 6w(n)`; `w(n)` the words of `n` bytes; `E(i, d)` an event of `i` indexed
//! fields and `d` bytes, `375(2 + i) + 8d`; `n` the length of the list in question. Opening a ticket takes `R`, since version 60
//! one more for one whose time has passed.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod abi;
pub mod context;
pub mod dispatch;
pub mod encode;
pub mod error;
mod guard;
pub mod host;
mod macros;
pub mod method;
pub mod rules;

pub mod arb_address_table;
pub mod arb_aggregator;
pub mod arb_bls;
pub mod arb_debug;
pub mod arb_filtered_transactions_manager;
pub mod arb_function_table;
pub mod arb_gas_info;
pub mod arb_info;
pub mod arb_native_token_manager;
pub mod arb_owner;
pub mod arb_owner_public;
pub mod arb_retryable_tx;
pub mod arb_statistics;
pub mod arb_sys;
pub mod arb_wasm;
pub mod arb_wasm_cache;
pub mod arbos_acts;
pub mod arbos_test;

pub use context::{PayCtx, PureCtx, ViewCtx, WriteCtx};
pub use dispatch::call;
pub use error::{Failure, Reply};
pub use host::{Call, Host, Outcome, Status};
pub use method::{Guard, Method, Precompile, Purity};

/// What the macro's expansion names.
#[doc(hidden)]
pub mod reexport {
    pub use alloy_primitives;
    pub use alloy_sol_types;
    pub use pastey;
    pub use state::ArbosVersion;
}

use alloy_primitives::Address;
use state::{ArbosVersion, arbos::L2Layout};

/// All precompiles in the order of their addresses.
pub const REGISTRY: [&Precompile; 18] = [
    &arb_sys::PRECOMPILE,
    &arb_info::PRECOMPILE,
    &arb_address_table::PRECOMPILE,
    &arb_bls::PRECOMPILE,
    &arb_function_table::PRECOMPILE,
    &arbos_test::PRECOMPILE,
    &arb_owner_public::PRECOMPILE,
    &arb_gas_info::PRECOMPILE,
    &arb_aggregator::PRECOMPILE,
    &arb_retryable_tx::PRECOMPILE,
    &arb_statistics::PRECOMPILE,
    &arb_owner::PRECOMPILE,
    &arb_wasm::PRECOMPILE,
    &arb_wasm_cache::PRECOMPILE,
    &arb_native_token_manager::PRECOMPILE,
    &arb_filtered_transactions_manager::PRECOMPILE,
    &arb_debug::PRECOMPILE,
    &arbos_acts::PRECOMPILE,
];

/// Methods that precompiles have in addition where the chain uses the pair of pools.
pub const POOL_METHODS: [&Precompile; 2] = [&arb_gas_info::pools::PRECOMPILE, &arb_owner::pools::PRECOMPILE];

/// The precompile that answers a call on a chain with this layout of L2 pricing, active or not.
pub(crate) fn find_for(address: Address, input: &[u8], layout: L2Layout) -> Option<&'static Precompile> {
    let pools = match (layout, input.first_chunk()) {
        (L2Layout::DualPool, Some(selector)) => {
            POOL_METHODS.into_iter().find(|pools| pools.address() == address && pools.method(*selector).is_some())
        }
        _ => None,
    };
    pools.or_else(|| find(address))
}

/// The precompile at an address, active or not.
#[must_use]
pub fn find(address: Address) -> Option<&'static Precompile> {
    let (high, low) = address.as_slice().split_at(12);
    if high.iter().any(|byte| *byte != 0) {
        return None;
    }
    let number = u64::from_be_bytes(low.try_into().ok()?);
    REGISTRY.into_iter().find(|precompile| precompile.number == number)
}

/// Addresses of the precompiles that are active under a header version; they are warm from the start of a transaction.
pub fn active(version: ArbosVersion) -> impl Iterator<Item = Address> {
    REGISTRY.into_iter().filter(move |precompile| precompile.since <= version).map(|precompile| precompile.address())
}

/// Whether an address is an active precompile under a header version.
#[must_use]
pub fn is_active(address: Address, version: ArbosVersion) -> bool {
    find(address).is_some_and(|precompile| precompile.since <= version)
}
