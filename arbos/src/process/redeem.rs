//! Attempts of tickets: funds out of escrow before, refunds after (`spec/execution.md` 8, 9 and 11).

use super::end::{Settled, infra, saved_by_kinds};
use crate::{error::Error, evm::ArbEvm, process::schedule, tx::RetryTx};
use ::precompiles::host::{BlockFacts, Redeem};
use ::state::{ArbosVersion, address::retryable_escrow};
use alloy_primitives::{Address, B256, U256};
use pricing::{l2, retryable::take};

/// The transaction that a redeem makes.
#[must_use]
pub fn redeem_transaction(facts: &BlockFacts, redeem: &Redeem) -> RetryTx {
    RetryTx {
        chain_id: U256::from(facts.chain_id),
        nonce: redeem.nonce,
        from: redeem.from,
        gas_fee_cap: facts.base_fee,
        gas: redeem.gas,
        to: redeem.to,
        value: redeem.value,
        data: redeem.data.clone(),
        ticket_id: redeem.ticket,
        refund_to: redeem.refund_to,
        max_refund: redeem.max_refund,
        submission_fee_refund: redeem.submission_fee_refund,
    }
}

/// Moves the call value out of escrow and lends the price of the gas. False if the attempt ends here.
///
/// # Errors
/// A failing store.
pub(super) fn start(evm: &mut ArbEvm<'_>, retry: &RetryTx) -> Result<bool, Error> {
    if !schedule::is_live(evm, retry)? {
        return Ok(false);
    }
    if !evm.try_transfer(retryable_escrow(retry.ticket_id), retry.from, retry.value)? {
        return Ok(false);
    }
    let prepaid = evm.context().chain.facts.base_fee.wrapping_mul(U256::from(retry.gas));
    evm.system(|ledger| ledger.mint(retry.from, prepaid))?;
    let run = &mut evm.context_mut().chain.tx;
    run.running_ticket = Some(retry.ticket_id);
    run.refund_to = Some(retry.refund_to);
    Ok(true)
}

/// Refunds of an attempt: up to the budget to one account, the rest to the sender.
struct Refunds<'a> {
    retry: &'a RetryTx,
    budget: U256,
}

impl Refunds<'_> {
    /// Both parts come out of `from`; a part it cannot pay is not paid, and the budget is used all the same.
    fn pay(&mut self, evm: &mut ArbEvm<'_>, from: Address, amount: U256) -> Result<(), Error> {
        let within = take(&mut self.budget, amount);
        evm.try_transfer(from, self.retry.refund_to, within)?;
        evm.try_transfer(from, self.retry.from, amount - within)?;
        Ok(())
    }
}

/// Takes the lent price back, refunds what is due, and ends the ticket or keeps it.
///
/// # Errors
/// A failing store.
pub(super) fn end(evm: &mut ArbEvm<'_>, retry: &RetryTx, settled: &Settled, success: bool) -> Result<(), Error> {
    let facts = evm.context().chain.facts;
    let price = retry.gas_fee_cap;
    let left = U256::from(retry.gas.saturating_sub(settled.gas_used));
    let unused = price.wrapping_mul(left);
    evm.system(|ledger| ledger.burn(retry.from, unused))?;
    let network = evm.arbos(|state| state.network_fee_account().get())?;
    let mut refunds = Refunds { retry, budget: retry.max_refund };
    if success {
        refunds.pay(evm, network, retry.submission_fee_refund)?;
    } else {
        let _used = take(&mut refunds.budget, retry.submission_fee_refund);
    }
    let _spent = take(&mut refunds.budget, price.wrapping_mul(U256::from(settled.gas_used)));
    let mut rest = unused;
    if facts.header_version >= ArbosVersion::RETRYABLE_INFRA_FEE
        && let Some((infra, min_base_fee)) = evm.arbos(infra)?
    {
        let part = take(&mut rest, min_base_fee.min(price).wrapping_mul(left));
        refunds.pay(evm, infra, part)?;
    }
    refunds.pay(evm, network, rest)?;
    if price == facts.base_fee
        && let Some(saved) = saved_by_kinds(evm, settled)?
    {
        refunds.pay(evm, network, saved)?;
    }
    if success {
        delete(evm, retry.ticket_id)?;
    } else {
        let escrow = retryable_escrow(retry.ticket_id);
        evm.system(|ledger| ledger.transfer(retry.from, escrow, retry.value))?;
    }
    let left = retry.gas.saturating_sub(settled.gas_used);
    evm.arbos(|state| l2::end_attempt(state, settled.gas_used, left, &settled.multi_gas))
}

/// Deletes a ticket: what is left in escrow goes to the beneficiary.
///
/// # Errors
/// A failing store.
pub(super) fn delete(evm: &mut ArbEvm<'_>, ticket: B256) -> Result<(), Error> {
    let Some(beneficiary) = evm.arbos(|state| state.retryables().beneficiary_of(ticket))? else { return Ok(()) };
    let escrow = retryable_escrow(ticket);
    evm.system(|ledger| {
        let value = ledger.balance(escrow)?;
        ledger.transfer(escrow, beneficiary, value)
    })?;
    evm.arbos(|state| state.retryables().clear(ticket))
}
