//! The chain as a precompile sees it: `trait Host`.
//!
//! Everything here is free of charge; the methods of the precompiles burn what the protocol asks before they call. Changes made
//! through the host follow the revert of the frame that made them.

use alloy_primitives::{Address, B256, Bytes, Log, U256};
use state::{ArbosVersion, Backend, Burner, Fault, MultiGas, Result};

/// Facts of the block, fixed while a transaction runs.
#[derive(Debug, Clone, Copy)]
pub struct BlockFacts {
    /// Number of the L2 block.
    pub number: u64,
    /// Time of the block in seconds.
    pub timestamp: u64,
    /// The L1 block number as the operating state records it (what NUMBER gives).
    pub l1_block_number: u64,
    /// Base fee of the block in wei.
    pub base_fee: U256,
    /// Poster of the message.
    pub coinbase: Address,
    /// Chain id of the configuration.
    pub chain_id: u64,
    /// Version in the header being built: decides which precompiles are active.
    pub header_version: ArbosVersion,
    /// Whether the chain configuration allows `ArbDebug`.
    pub allow_debug: bool,
    /// Largest contract code of the chain configuration.
    pub max_code_size: u64,
    /// Whether the run changes a chain (false: `eth_call` and estimation).
    pub on_chain: bool,
}

/// Facts of the running transaction.
#[derive(Debug, Clone, Copy)]
pub struct TxFacts {
    /// Type byte of the envelope.
    pub tx_type: u8,
    /// Sender of the transaction.
    pub origin: Address,
    /// What the sender paid for posting its data, in wei.
    pub poster_fee: U256,
    /// The ticket a retry runs, if it is one.
    pub running_ticket: Option<B256>,
    /// Who gets the refunds of the running retry.
    pub refund_to: Option<Address>,
}

/// A retry to be scheduled, as `ArbRetryableTx.redeem` describes it.
#[derive(Debug, Clone)]
pub struct Redeem {
    /// The ticket.
    pub ticket: B256,
    /// Number of the attempt.
    pub nonce: u64,
    /// From, to, value and data of the ticket.
    pub from: Address,
    /// None creates a contract.
    pub to: Option<Address>,
    /// Call value in wei.
    pub value: U256,
    /// Calldata.
    pub data: Bytes,
    /// Gas given to the attempt.
    pub gas: u64,
    /// Who gets refunds.
    pub refund_to: Address,
    /// Most that is refunded, in wei.
    pub max_refund: U256,
    /// Submission fee to be given back on success.
    pub submission_fee_refund: U256,
}

/// What the wasm side answers to an activation.
#[derive(Debug, Clone, Copy)]
pub struct Activation {
    /// Identity of the compiled module.
    pub module_hash: B256,
    /// Cost of a first call (units of the program word).
    pub init_cost: u16,
    /// Cost of a call when cached.
    pub cached_cost: u16,
    /// Memory pages at start.
    pub footprint: u16,
    /// Estimated size of the native code in bytes.
    pub asm_estimate: u32,
}

/// Limits and prices an activation runs under.
#[derive(Debug, Clone, Copy)]
pub struct ActivationRequest {
    /// Account whose code is activated.
    pub program: Address,
    /// Stylus version of the parameters.
    pub stylus_version: u16,
    /// State version.
    pub arbos_version: ArbosVersion,
    /// Pages a program may have, less those open now.
    pub page_limit: u16,
    /// Largest uncompressed wasm in bytes.
    pub max_wasm_size: u32,
    /// Most fragments of a root program.
    pub max_fragments: u8,
}

/// Why an activation did not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActivationError {
    /// The account holds no program: Solidity error `ProgramNotWasm`.
    NotWasm,
    /// A plain error before compilation; unused gas is kept.
    Rejected(&'static str),
    /// Parsing, instrumenting or its gas failed: all gas is lost.
    Failed(&'static str),
    /// Out of gas while reading fragments: all gas is lost.
    OutOfGas,
    /// The store below failed.
    Host,
}

/// What a precompile may ask of the chain.
pub trait Host {
    /// The words of the operating state.
    fn backend(&mut self) -> &mut dyn Backend;

    /// Facts of the block.
    fn block(&self) -> BlockFacts;

    /// Facts of the transaction.
    fn tx(&self) -> TxFacts;

    /// Depth of the EVM while the precompile runs: 1 when a transaction calls it directly.
    fn depth(&self) -> usize;

    /// Caller of the `index`-th open contract frame, 0 the outermost; delegate frames count. None past the last.
    fn frame_caller(&self, index: usize) -> Option<Address>;

    /// Hash of an L2 block among the 256 before this one.
    ///
    /// # Errors
    /// A failing store.
    fn l2_block_hash(&mut self, number: u64) -> Result<B256>;

    /// Balance of an account in wei.
    ///
    /// # Errors
    /// A failing store.
    fn balance(&mut self, account: Address) -> Result<U256>;

    /// Adds to a balance out of nothing.
    ///
    /// # Errors
    /// A failing store; [`Fault::Rejected`] on overflow.
    fn mint(&mut self, account: Address, amount: U256) -> Result<()>;

    /// Removes from a balance.
    ///
    /// # Errors
    /// [`Fault::Rejected`] if the balance is too small.
    fn burn_balance(&mut self, account: Address, amount: U256) -> Result<()>;

    /// Moves wei, by the rules of transfers made by the operating system.
    ///
    /// # Errors
    /// [`Fault::Rejected`] if the balance is too small; nothing moves then.
    fn transfer(&mut self, from: Address, to: Address, amount: U256) -> Result<()>;

    /// Code of an account, as stored.
    ///
    /// # Errors
    /// A failing store.
    fn code(&mut self, account: Address) -> Result<Bytes>;

    /// Code hash of an account; zero for an account that does not exist.
    ///
    /// # Errors
    /// A failing store.
    fn code_hash(&mut self, account: Address) -> Result<B256>;

    /// Replaces the code of an account (`ArbDebug` only).
    ///
    /// # Errors
    /// A failing store.
    fn set_code(&mut self, account: Address, code: Bytes) -> Result<()>;

    /// Whether code with this hash is in the committed state (`ArbWasmCache`).
    ///
    /// # Errors
    /// A failing store.
    fn committed_code_exists(&mut self, code_hash: B256) -> Result<bool>;

    /// Whether the account destroyed itself in this transaction.
    fn is_destroyed(&self, account: Address) -> bool;

    /// Appends a log.
    fn log(&mut self, log: Log);

    /// Hash of the transaction that a redeem makes.
    fn redeem_hash(&self, redeem: &Redeem) -> B256;

    /// Pages of memory that the programs running now hold.
    fn pages_open(&self) -> u16;

    /// Makes a module of a program; what that costs is burnt, also where it fails.
    ///
    /// # Errors
    /// See [`ActivationError`].
    fn activate(&mut self, request: &ActivationRequest, burner: &mut dyn Burner)
    -> Result<Activation, ActivationError>;
}

/// One call that reached a precompile, as the EVM hands it over.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Address of the precompile's code.
    pub precompile: Address,
    /// Address the code acts as: the precompile itself unless delegated.
    pub acting: Address,
    /// Caller as the EVM sees it.
    pub caller: Address,
    /// Value as the EVM sees it (inherited under DELEGATECALL).
    pub value: U256,
    /// Calldata.
    pub input: &'a [u8],
    /// Gas supplied.
    pub gas: u64,
    /// True for a direct STATICCALL only.
    pub read_only: bool,
    /// True inside a static frame, also for a CALL made there.
    pub static_frame: bool,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Success, revert, or an error that takes everything.
    pub status: Status,
    /// Return data or revert data.
    pub output: Bytes,
    /// Gas that comes back (none if `status` is [`Status::Failure`]).
    pub gas_left: u64,
    /// What was charged, by kind.
    pub gas_used: MultiGas,
}

/// The three ends of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Changes stay.
    Success,
    /// Changes are undone, unused gas comes back.
    Revert,
    /// Changes are undone, all gas is lost.
    Failure,
}

/// What ends block production instead of a call: the store failed, or the reference node stops here.
pub type Stop = Fault;
