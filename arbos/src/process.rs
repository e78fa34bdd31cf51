//! The life of a transaction: the order of the hooks (`spec/execution.md` 7).
//!
//! [`transact`] takes one transaction from its envelope to what its receipt says. Types that end before execution are handled in
//! [`start`], [`submit`] and [`internal`]; all others are checked ([`validate`]), charged ([`charge`]), executed ([`execute`]) and
//! settled ([`end`], [`redeem`]).

pub mod charge;
pub mod end;
pub mod execute;
pub mod internal;
pub mod redeem;
pub mod schedule;
pub mod start;
pub mod submit;
pub mod validate;

pub use charge::PosterCost;
pub use redeem::redeem_transaction;
pub use validate::Refusal;

use crate::{
    error::Error,
    evm::ArbEvm,
    phase::Phase,
    tx::{ArbTxEnvelope, RetryTx},
};
use ::state::MultiGas;
use alloc::vec::Vec;
use alloy_primitives::{Address, B256, Bytes, Log};

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
}

/// How a transaction ended: included, or refused; a refused one has to be undone by the caller.
pub type Outcome = Result<Executed, Refusal>;

/// A transaction with what is known of it.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    /// The envelope.
    pub tx: &'a ArbTxEnvelope,
    /// Its hash.
    pub hash: B256,
    /// Its sender.
    pub sender: Address,
    /// What it pays for posting its data.
    pub poster: PosterCost,
}

impl<'a> Incoming<'a> {
    /// A transaction of which nothing was computed ahead.
    #[must_use]
    pub fn new(tx: &'a ArbTxEnvelope, sender: Address, poster: PosterCost) -> Self {
        Self { tx, hash: tx.hash(), sender, poster }
    }
}

impl Executed {
    /// A transaction that ended before execution and used no gas.
    #[must_use]
    pub fn ended(success: bool) -> Self {
        Self { success, ..Self::default() }
    }
}

/// Runs one transaction. The journal's stretch is left open: the caller closes or drops it.
///
/// # Errors
/// A failing store, or a rule under which no block may follow.
pub fn transact(evm: &mut ArbEvm<'_>, incoming: &Incoming<'_>) -> Result<Outcome, Error> {
    let tx = incoming.tx;
    evm.begin(tx.tx_type(), incoming.sender);
    match tx {
        ArbTxEnvelope::Deposit(deposit) => start::deposit(evm, deposit, incoming.hash).map(Ok),
        ArbTxEnvelope::Internal(internal) => internal::run(evm, internal).map(|()| Ok(Executed::ended(true))),
        ArbTxEnvelope::SubmitRetryable(submission) => submit::run(evm, submission, incoming.hash).map(Ok),
        ArbTxEnvelope::Retry(retry) if !redeem::start(evm, retry)? => Ok(Ok(Executed::ended(false))),
        _ => charged(evm, incoming),
    }
}

/// Runs a call that is part of no chain, as a transaction of no particular type.
///
/// # Errors
/// See [`transact`].
pub fn simulate(evm: &mut ArbEvm<'_>, incoming: &Incoming<'_>) -> Result<Outcome, Error> {
    evm.begin(0, incoming.sender);
    charged(evm, incoming)
}

/// Everything from the checks to the fees, for types that reach the EVM.
fn charged(evm: &mut ArbEvm<'_>, incoming: &Incoming<'_>) -> Result<Outcome, Error> {
    let admitted = match validate::admit(evm, incoming)? {
        Ok(admitted) => admitted,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut meter = Meter::new(incoming.tx.gas_limit(), admitted.intrinsic.gas);
    if let Err(refusal) = Phase::Fees.run(|| charge::run(evm, incoming, &admitted, &mut meter))? {
        return Ok(Err(refusal));
    }
    if let Err(refusal) = validate::before_execution(evm, incoming)? {
        return Ok(Err(refusal));
    }
    let frame = execute::run(evm, incoming, &mut meter)?;
    meter.left = meter.left.saturating_add(evm.context().chain.tx.held_gas);
    let settled = Phase::Fees.run(|| end::run(evm, incoming, &admitted, &meter, frame.success))?;
    let logs = evm.ledger().take_logs();
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

impl Meter {
    /// A meter from which the intrinsic gas was taken.
    const fn new(limit: u64, intrinsic: u64) -> Self {
        Self { limit, left: limit.saturating_sub(intrinsic), refund: 0 }
    }

    /// Gas used so far.
    #[must_use]
    pub const fn used(&self) -> u64 {
        self.limit.saturating_sub(self.left)
    }
}
