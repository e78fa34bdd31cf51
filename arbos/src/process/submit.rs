//! Submission of a retryable ticket and its first attempt (`spec/execution.md` 8).

use super::{Executed, end::infra, redeem_transaction, schedule, start};
use crate::{error::Error, evm::ArbEvm, tx::SubmitRetryableTx};
use ::precompiles::{arb_retryable_tx::ArbRetryableTx, host::Redeem};
use ::state::{
    ArbosVersion, MultiGas, ResourceKind,
    address::{ARB_RETRYABLE_TX, retryable_escrow},
    arbos::retryables::{LIFETIME_SECONDS, NewRetryable},
};
use alloy_primitives::{Address, B256, Log, U256};
use alloy_sol_types::SolEvent;
use pricing::{
    l2,
    retryable::{submission_fee, take},
};

/// Least gas of a first attempt.
const MIN_ATTEMPT_GAS: u64 = 21_000;

/// What is known while a submission runs.
struct Submission<'a> {
    tx: &'a SubmitRetryableTx,
    ticket: B256,
    /// Gets what is left of fees.
    refund_to: Address,
    /// May cancel.
    beneficiary: Address,
    network: Address,
    /// What came from L1 and has no other use yet, in wei.
    available: U256,
    filtered: bool,
}

/// Runs a submission. It never fails as a whole: where it ends early, what it did stays.
///
/// # Errors
/// A failing store.
pub(super) fn run(evm: &mut ArbEvm<'_>, tx: &SubmitRetryableTx, ticket: B256) -> Result<Executed, Error> {
    let mut submission = Submission::new(evm, tx, ticket)?;
    evm.mint_deposit(tx.from, tx.deposit_value)?;
    let Some(withheld_fee) = submission.pay_fee(evm)? else { return Ok(Executed::ended(false)) };
    if !submission.fund_escrow(evm, withheld_fee)? {
        return Ok(Executed::ended(false));
    }
    submission.create(evm)?;
    let executed = match submission.pay_gas(evm, withheld_fee)? {
        None => Executed::ended(!submission.filtered),
        Some(()) if submission.filtered => submission.used_all(false),
        Some(()) => {
            submission.schedule(evm)?;
            submission.used_all(true)
        }
    };
    let logs = evm.ledger().take_logs();
    let scheduled = schedule::attempts(evm, &logs)?;
    Ok(Executed { logs, scheduled, ..executed })
}

impl<'a> Submission<'a> {
    fn new(evm: &mut ArbEvm<'_>, tx: &'a SubmitRetryableTx, ticket: B256) -> Result<Self, Error> {
        let filtered = start::is_filtered(evm, ticket)?;
        let (mut refund_to, mut beneficiary) = (tx.fee_refund_address, tx.beneficiary);
        if filtered {
            refund_to = start::filtered_funds_recipient(evm)?;
            beneficiary = refund_to;
        }
        let mut available = tx.deposit_value;
        let _for_call = take(&mut available, tx.retry_value);
        let network = evm.arbos(|state| state.network_fee_account().get())?;
        Ok(Self { tx, ticket, refund_to, beneficiary, network, available, filtered })
    }

    fn fee(&self) -> U256 {
        submission_fee(self.tx.l1_base_fee, self.tx.retry_data.len())
    }

    /// Pays for keeping the ticket and gives back what was offered beyond. Returns the part of the deposit that went into the
    /// fee; none if the submission ends here.
    fn pay_fee(&mut self, evm: &mut ArbEvm<'_>) -> Result<Option<U256>, Error> {
        let (tx, fee) = (self.tx, self.fee());
        let balance = evm.system(|ledger| ledger.balance(tx.from))?;
        if balance < tx.max_submission_fee || tx.max_submission_fee < fee {
            return Ok(None);
        }
        if !evm.try_transfer(tx.from, self.network, fee)? {
            return Ok(None);
        }
        let withheld = take(&mut self.available, fee);
        let excess = take(&mut self.available, tx.max_submission_fee - fee);
        evm.try_transfer(tx.from, self.refund_to, excess)?;
        Ok(Some(withheld))
    }

    /// Moves the call value to escrow, or takes the fee back if the sender cannot pay it.
    fn fund_escrow(&mut self, evm: &mut ArbEvm<'_>, withheld_fee: U256) -> Result<bool, Error> {
        let tx = self.tx;
        if evm.try_transfer(tx.from, retryable_escrow(self.ticket), tx.retry_value)? {
            return Ok(true);
        }
        evm.try_transfer(self.network, tx.from, self.fee())?;
        evm.try_transfer(tx.from, self.refund_to, withheld_fee)?;
        Ok(false)
    }

    fn create(&self, evm: &mut ArbEvm<'_>) -> Result<(), Error> {
        let tx = self.tx;
        let timeout = evm.context().chain.facts.timestamp.wrapping_add(LIFETIME_SECONDS);
        evm.arbos(|state| {
            state.retryables().create(&NewRetryable {
                id: self.ticket,
                timeout,
                from: tx.from,
                to: tx.retry_to,
                callvalue: tx.retry_value,
                beneficiary: self.beneficiary,
                calldata: &tx.retry_data,
            })
        })?;
        emit(evm, &ArbRetryableTx::TicketCreated { ticketId: self.ticket });
        Ok(())
    }

    /// Pays for the gas of the first attempt; none if there is no attempt.
    fn pay_gas(&mut self, evm: &mut ArbEvm<'_>, withheld_fee: U256) -> Result<Option<()>, Error> {
        let tx = self.tx;
        let base_fee = evm.context().chain.facts.base_fee;
        let gas = U256::from(tx.gas);
        let max_cost = tx.gas_fee_cap.saturating_mul(gas);
        let balance = evm.system(|ledger| ledger.balance(tx.from))?;
        if balance < max_cost || tx.gas < MIN_ATTEMPT_GAS || tx.gas_fee_cap < base_fee {
            let refund = take(&mut self.available, max_cost);
            evm.try_transfer(tx.from, self.refund_to, refund)?;
            return Ok(None);
        }
        // Kept: after the split this is the network's part alone, also where the whole cost is meant.
        let mut cost = base_fee.wrapping_mul(gas);
        if evm.context().chain.facts.header_version >= ArbosVersion::RETRYABLE_INFRA_FEE
            && let Some((infra, min_base_fee)) = evm.arbos(infra)?
        {
            let part = take(&mut cost, min_base_fee.min(base_fee).wrapping_mul(gas));
            if !evm.try_transfer(tx.from, infra, part)? {
                return Ok(None);
            }
        }
        if !cost.is_zero() && !evm.try_transfer(tx.from, self.network, cost)? {
            return Ok(None);
        }
        let withheld_gas = take(&mut self.available, cost);
        let refund = take(&mut self.available, tx.gas_fee_cap.wrapping_sub(base_fee).saturating_mul(gas));
        evm.try_transfer(tx.from, self.refund_to, refund)?;
        self.available = self.available.wrapping_add(withheld_gas).wrapping_add(withheld_fee);
        Ok(Some(()))
    }

    fn schedule(&self, evm: &mut ArbEvm<'_>) -> Result<(), Error> {
        let tx = self.tx;
        let nonce = evm.arbos(|state| state.retryables().at(self.ticket).increment_tries())?;
        evm.arbos(|state| l2::schedule_attempt(state, tx.gas))?;
        let redeem = Redeem {
            ticket: self.ticket,
            nonce,
            from: tx.from,
            to: tx.retry_to,
            value: tx.retry_value,
            data: tx.retry_data.clone(),
            gas: tx.gas,
            refund_to: self.refund_to,
            max_refund: self.available,
            submission_fee_refund: self.fee(),
        };
        let retry = redeem_transaction(&evm.context().chain.facts, &redeem);
        let event = ArbRetryableTx::RedeemScheduled {
            ticketId: self.ticket,
            retryTxHash: retry.hash(),
            sequenceNum: nonce,
            donatedGas: tx.gas,
            gasDonor: self.refund_to,
            maxRefund: self.available,
            submissionFeeRefund: redeem.submission_fee_refund,
        };
        emit(evm, &event);
        Ok(())
    }

    fn used_all(&self, success: bool) -> Executed {
        Executed {
            success,
            gas_used: self.tx.gas,
            multi_gas: MultiGas::of(ResourceKind::SingleDim, self.tx.gas),
            output: if success { self.ticket.into() } else { alloy_primitives::Bytes::new() },
            ..Executed::default()
        }
    }
}

/// Logs an event of `ArbRetryableTx` that nobody pays for.
fn emit(evm: &mut ArbEvm<'_>, event: &impl SolEvent) {
    evm.ledger().log(Log { address: ARB_RETRYABLE_TX, data: event.encode_log_data() });
}
