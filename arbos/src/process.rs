//! The life of a transaction: the order of the hooks (`spec/execution.md` 7).
//!
//! [`transact`] takes one transaction from its envelope to what its receipt says. Types that end before execution are handled in
//! [`start`], [`submit`] and [`internal`]; all others are charged ([`charge`]), executed, and settled ([`end`], [`redeem`]).

pub mod charge;
pub mod end;
pub mod internal;
pub mod redeem;
pub mod schedule;
pub mod start;
pub mod submit;
pub mod validate;

pub use redeem::redeem_transaction;

use crate::{
    error::Error,
    evm::{ArbEvm, Ledger, TxRun},
    tx::{ArbTxEnvelope, RetryTx},
};
use ::state::{ArbosState, Fault, MultiGas, ResourceKind, SystemBurner, Write};
use alloc::vec::Vec;
use alloy_primitives::{Address, B256, Bytes, Log, U256};
use pricing::brotli::Compressor;
use revm::interpreter::{FrameInput, InstructionResult};
use thiserror::Error as ThisError;

/// What a transaction left behind when it was included.
#[derive(Debug, Clone, Default)]
pub struct Executed {
    /// Whether its receipt says success.
    pub success: bool,
    /// Gas it used, poster gas included.
    pub gas_used: u64,
    /// The part of it that paid for posting data.
    pub gas_used_for_l1: u64,
    /// The same by kind.
    pub multi_gas: MultiGas,
    /// Logs, in order.
    pub logs: Vec<Log>,
    /// The contract it created.
    pub contract_address: Option<Address>,
    /// Return data or revert data.
    pub output: Bytes,
    /// Attempts it scheduled, in order.
    pub scheduled: Vec<RetryTx>,
    /// What each gas cost, in wei.
    pub effective_gas_price: U256,
}

/// Why a transaction was not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum Refusal {
    /// The block has no gas left for it.
    #[error("block gas limit reached")]
    BlockGasLimit,
    /// Its signature recovers no sender.
    #[error("invalid signature")]
    Signature,
    /// Its nonce is below the account's.
    #[error("nonce too low")]
    NonceTooLow,
    /// Its nonce is above the account's.
    #[error("nonce too high")]
    NonceTooHigh,
    /// The account's nonce cannot grow.
    #[error("nonce has its maximum")]
    NonceMaximum,
    /// The sender is a contract.
    #[error("sender is not an externally owned account")]
    SenderHasCode,
    /// A fee does not fit 256 bits.
    #[error("fee above 256 bits")]
    FeeTooLarge,
    /// The tip exceeds the fee cap.
    #[error("tip above fee cap")]
    TipAboveFeeCap,
    /// The fee cap is below the base fee.
    #[error("fee cap below base fee")]
    FeeCapBelowBaseFee,
    /// A set-code transaction that creates a contract.
    #[error("set-code transaction creates a contract")]
    SetCodeCreates,
    /// A set-code transaction without authorizations.
    #[error("set-code transaction without authorizations")]
    NoAuthorizations,
    /// The sender cannot pay for gas and value.
    #[error("insufficient funds for gas and value")]
    InsufficientFunds,
    /// The gas limit does not cover what is due before execution.
    #[error("intrinsic gas too low")]
    IntrinsicGas,
    /// The gas limit is below the floor for calldata.
    #[error("gas below calldata floor")]
    CalldataFloor,
    /// The init code is too long.
    #[error("init code too long")]
    InitCodeSize,
    /// The sequencer refused it.
    #[error("refused by the sequencer")]
    Sequencer,
}

/// How a transaction ended: included, or refused and undone.
pub type Outcome = Result<Executed, Refusal>;

/// What the hooks need beside the EVM.
pub struct Tools<'a> {
    /// Exact compressed sizes.
    pub compressor: &'a mut dyn Compressor,
}

/// A transaction with what is known of it.
#[derive(Debug, Clone)]
pub struct Incoming<'a> {
    /// The envelope.
    pub tx: &'a ArbTxEnvelope,
    /// Its sender.
    pub sender: Address,
    /// Units of data it pays for posting, and their price in wei.
    pub poster: charge::PosterCost,
}

/// Runs one transaction. The journal's stretch is left open: the caller closes or drops it.
///
/// # Errors
/// A failing store, or a rule under which no block may follow.
pub fn transact(evm: &mut ArbEvm<'_>, incoming: &Incoming<'_>) -> Result<Outcome, Error> {
    let tx = incoming.tx;
    evm.context_mut().chain.tx = TxRun { tx_type: tx.tx_type(), origin: incoming.sender, ..TxRun::default() };
    match tx {
        ArbTxEnvelope::Deposit(deposit) => start::deposit(evm, deposit, tx.hash()).map(Ok),
        ArbTxEnvelope::Internal(internal) => internal::run(evm, internal).map(|()| Ok(Executed::ended(true))),
        ArbTxEnvelope::SubmitRetryable(submission) => submit::run(evm, submission, tx.hash()).map(Ok),
        ArbTxEnvelope::Retry(retry) if !redeem::start(evm, retry)? => Ok(Ok(Executed::ended(false))),
        _ => execute(evm, incoming),
    }
}

impl Executed {
    /// A transaction that ended before execution and used no gas.
    #[must_use]
    pub fn ended(success: bool) -> Self {
        Self { success, ..Self::default() }
    }
}

/// Everything from the checks to the fees, for types that reach the EVM.
fn execute(evm: &mut ArbEvm<'_>, incoming: &Incoming<'_>) -> Result<Outcome, Error> {
    let prices = match validate::prices(evm, incoming)? {
        Ok(prices) => prices,
        Err(refusal) => return Ok(Err(refusal)),
    };
    evm.context_mut().chain.tx.gas_price = prices.shown;
    if let Err(refusal) = validate::sender(evm, incoming, &prices)? {
        return Ok(Err(refusal));
    }
    let gas_limit = incoming.tx.gas_limit();
    evm.ledger().burn(incoming.sender, U256::from(gas_limit).wrapping_mul(prices.paid)).map_err(|f| fault(evm, f))?;
    let intrinsic = match validate::intrinsic(evm, incoming.tx)? {
        Ok(intrinsic) => intrinsic,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut meter = Meter { limit: gas_limit, left: gas_limit - intrinsic.gas, refund: 0 };
    if let Err(refusal) = charge::run(evm, incoming, &prices, &intrinsic, &mut meter)? {
        return Ok(Err(refusal));
    }
    if let Err(refusal) = validate::before_execution(evm, incoming)? {
        return Ok(Err(refusal));
    }
    let frame = run_frame(evm, incoming, &mut meter)?;
    meter.left = meter.left.saturating_add(evm.context().chain.tx.held_gas);
    let settled = end::run(evm, incoming, &prices, &intrinsic, &meter, frame.success)?;
    let logs = evm.ledger().logs().to_vec();
    let scheduled = schedule::attempts(evm, &logs)?;
    Ok(Ok(Executed {
        success: frame.success,
        gas_used: settled.gas_used,
        gas_used_for_l1: evm.context().chain.tx.poster_gas,
        multi_gas: settled.multi_gas,
        logs,
        contract_address: frame.contract_address,
        output: frame.output,
        scheduled,
        effective_gas_price: prices.paid,
    }))
}

/// Gas of a running transaction.
#[derive(Debug, Clone, Copy)]
pub struct Meter {
    /// The limit of the transaction.
    pub limit: u64,
    /// What is left of it.
    pub left: u64,
    /// The refund counter after execution.
    pub refund: u64,
}

/// How the outermost frame ended.
#[derive(Debug, Default)]
struct FrameEnd {
    success: bool,
    output: Bytes,
    contract_address: Option<Address>,
}

/// Raises the nonce, applies authorizations and runs the outermost frame.
fn run_frame(evm: &mut ArbEvm<'_>, incoming: &Incoming<'_>, meter: &mut Meter) -> Result<FrameEnd, Error> {
    if let Some(end) = schedule::skip(evm, incoming, meter)? {
        return Ok(FrameEnd { success: end, ..FrameEnd::default() });
    }
    let input = match start::frame(evm, incoming, meter)? {
        FrameInput::Empty => return Err(Error::stopped("a transaction without a frame")),
        input => input,
    };
    let is_creation = matches!(input, FrameInput::Create(_));
    let authorized = meter.refund;
    let result = evm.execute(input).map_err(|error| stop(evm, &error))?;
    let outcome = *result.interpreter_result();
    let (left, refund) = match outcome.result {
        result if result.is_ok() => (outcome.gas.remaining(), outcome.gas.refunded()),
        result if result.is_revert() => (outcome.gas.remaining(), 0),
        _ => (0, 0),
    };
    meter.left = left;
    meter.refund = authorized.saturating_add_signed(refund);
    Ok(FrameEnd::default())
}
