//! Addresses of the precompiles, by their names in Solidity.

use alloy_primitives::Address;
use state::upgrade::precompile_address;

/// One constant a precompile: `NAME = number;`
macro_rules! addresses {
    ($($(#[doc = $doc:literal])* $name:ident = $number:literal;)*) => {
        $($(#[doc = $doc])* pub const $name: Address = precompile_address($number);)*
    };
}

addresses! {
    /// `ArbSys`.
    ARB_SYS = 0x64;
    /// `ArbInfo`.
    ARB_INFO = 0x65;
    /// `ArbAddressTable`.
    ARB_ADDRESS_TABLE = 0x66;
    /// `ArbosTest`.
    ARBOS_TEST = 0x69;
    /// `ArbOwnerPublic`.
    ARB_OWNER_PUBLIC = 0x6b;
    /// `ArbGasInfo`.
    ARB_GAS_INFO = 0x6c;
    /// `ArbAggregator`.
    ARB_AGGREGATOR = 0x6d;
    /// `ArbRetryableTx`.
    ARB_RETRYABLE_TX = 0x6e;
    /// `ArbOwner`.
    ARB_OWNER = 0x70;
    /// `ArbWasm`.
    ARB_WASM = 0x71;
    /// `ArbWasmCache`.
    ARB_WASM_CACHE = 0x72;
    /// `ArbNativeTokenManager`.
    ARB_NATIVE_TOKEN_MANAGER = 0x73;
    /// `ArbFilteredTransactionsManager`.
    ARB_FILTERED_TRANSACTIONS_MANAGER = 0x74;
    /// `ArbDebug`.
    ARB_DEBUG = 0xff;
}
