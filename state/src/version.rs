//! ArbOS versions, and the protocol changes named by the version that brought them.
//!
//! Conditions in the code name the change (`version >= ArbosVersion::STYLUS`); the number stands here and nowhere else. Versions
//! that are not listed (12 to 19, 21 to 29, ...) are legal and behave like the listed one below them. See `spec/versions.md`.

use core::fmt;

/// A version of the operating system of a chain, kept in root slot 0 of its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ArbosVersion(u64);

/// One constant a change: `/// doc` `NAME = number;`
macro_rules! changes {
    ($($(#[doc = $doc:literal])* $name:ident = $number:literal;)*) => {
        impl ArbosVersion {
            $($(#[doc = $doc])* pub const $name: Self = Self($number);)*
        }
    };
}

changes! {
    /// No version: a state that was never initialised.
    ZERO = 0;
    /// The base every genesis starts from.
    FIRST = 1;
    /// L1 pricing keeps its last surplus and pays one poster a report; poster fees go to the funds pool.
    L1_PRICING_SURPLUS = 2;
    /// Genesis: the initial owner receives network fees and L1 rewards.
    OWNER_COLLECTS_FEES = 2;
    /// Cost of a batch and cap of amortised costs exist.
    AMORTIZED_COST_CAP = 3;
    /// The seconds passed since the parent are read from their own field of the start-of-block data.
    TIME_PASSED_FIELD = 3;
    /// GASPRICE shows the price that is paid, not the one that was offered.
    GAS_PRICE_AS_PAID = 3;
    /// An unknown ticket is the error `NoTicketWithID`.
    NO_TICKET_ERROR = 3;
    /// Sends return their leaf index; price getters split minimum and congestion.
    SEND_RETURNS_LEAF = 4;
    /// `ArbGasInfo` splits the price into minimum and congestion and derives the price of a transaction.
    PRICES_SPLIT_CONGESTION = 4;
    /// The infrastructure fee account takes its part of normal transactions.
    INFRA_FEE = 5;
    /// New chains start with the parameters of Arbitrum One.
    NITRO_PARAMETERS = 6;
    /// `ArbOwnerPublic.getInfraFeeAccount` answers with the infrastructure account.
    PUBLIC_INFRA_ACCOUNT = 6;
    /// A top-level caller is recognised by its frames, not by its depth alone.
    TOP_LEVEL_BY_FRAMES = 6;
    /// The sign of the last surplus is kept.
    SIGNED_SURPLUS = 7;
    /// The recorded L1 block number is the message's, and filler hashes differ.
    EXACT_L1_BLOCK_NUMBER = 8;
    /// Tips are collected, at this version alone.
    TIPS_ONCE = 9;
    /// L1 pricing counts the fees it holds instead of reading a balance.
    L1_FEES_AVAILABLE = 10;
    /// A failing precompile reverts and keeps the gas it did not use.
    PRECOMPILE_KEEPS_GAS = 11;
    /// Events of view methods fail; owners' acts in static calls are not logged.
    EVENTS_NEED_WRITE = 11;
    /// Removing a member of an address set repairs the index of the one moved into its place.
    ADDRESS_SET_REPAIR = 11;
    /// `ArbSys.arbBlockHash` refuses with `InvalidBlockNumber`.
    INVALID_BLOCK_NUMBER_ERROR = 11;
    /// Gas of scheduled attempts leaves the compute budget of the transaction that scheduled them.
    FIX_REDEEM_GAS = 11;
    /// Submissions and refunds of attempts split with the infrastructure account.
    RETRYABLE_INFRA_FEE = 11;
    /// Shanghai rules of the EVM.
    SHANGHAI = 11;
    /// Cancun rules of the EVM, without blobs.
    CANCUN = 20;
    /// The brotli level for data costs is kept in state.
    BROTLI_LEVEL = 20;
    /// Stylus programs, `ArbWasm`, `ArbWasmCache`.
    STYLUS = 30;
    /// Point evaluation and P-256 precompiles.
    P256 = 30;
    /// Zero-amount transfers no longer bring deleted accounts back.
    NO_ZOMBIES = 30;
    /// Second version of Stylus.
    STYLUS_FIXES = 31;
    /// Charging fixes of Stylus host calls and activation.
    STYLUS_CHARGING_FIXES = 32;
    /// Prague rules of the EVM: set-code transactions.
    PRAGUE = 40;
    /// The parent hash is kept by the history contract.
    HISTORY_STORAGE = 40;
    /// The floor price of calldata can be switched on.
    CALLDATA_FLOOR = 40;
    /// The largest wasm is a parameter.
    MAX_WASM_SIZE = 40;
    /// Native token owners may mint and burn.
    NATIVE_TOKEN = 41;
    /// Osaka rules of the EVM.
    OSAKA = 50;
    /// A limit of gas for each transaction.
    TX_GAS_LIMIT = 50;
    /// A flush of storage that runs out of gas ends the program out of ink.
    STYLUS_FLUSH_OUT_OF_GAS = 50;
    /// Batch reports carry statistics instead of a cost, and a floor.
    BATCH_REPORT_V2 = 50;
    /// L2 pricing with several gas targets.
    GAS_CONSTRAINTS = 50;
    /// Redeem reserves count constraints; lists are bounded.
    CONSTRAINT_FIX = 51;
    /// Third version of Stylus, activation gas.
    STYLUS_ACTIVATION_GAS = 59;
    /// Programs that run may not hold more pages than the limit.
    STYLUS_PAGE_LIMIT = 59;
    /// Targets over kinds of gas, and a base fee for each kind.
    MULTI_GAS_CONSTRAINTS = 60;
    /// Refund of the difference between one price and the prices by kind.
    MULTI_GAS_REFUND = 60;
    /// Programs of several fragments.
    STYLUS_CONTRACT_LIMIT = 60;
    /// A program that ran lately in the block costs what a cached one does.
    RECENT_PROGRAMS = 60;
    /// Transactions can be filtered on the chain.
    TRANSACTION_FILTERING = 60;
    /// A ticket that was kept alive stays reachable.
    KEEPALIVE_REACHES = 60;
    /// The chain may collect tips.
    COLLECT_TIPS = 60;
    /// Changes by owners to sets are logged one by one.
    OWNER_EVENTS = 60;
    /// The refund by kinds exists only under the multi-gas model.
    MULTI_GAS_REFUND_FIX = 61;
    /// The last version this library knows.
    LATEST = 61;
}

impl ArbosVersion {
    /// The version with this number, known or not.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number, as kept in state and in headers.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The version after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Whether this library knows the rules of the version. Zero is not a version.
    #[must_use]
    pub const fn is_known(self) -> bool {
        self.0 >= Self::FIRST.0 && self.0 <= Self::LATEST.0
    }
}

impl fmt::Display for ArbosVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<u64> for ArbosVersion {
    fn from(number: u64) -> Self {
        Self(number)
    }
}
