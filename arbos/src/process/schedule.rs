//! Attempts of tickets that a transaction scheduled, read from its logs (`spec/execution.md` 7, step 17).

use crate::{error::Error, evm::ArbEvm, tx::RetryTx};
use ::precompiles::arb_retryable_tx::ArbRetryableTx::RedeemScheduled;
use ::state::address::ARB_RETRYABLE_TX;
use alloc::vec::Vec;
use alloy_primitives::{Log, U256};
use alloy_sol_types::SolEvent;

/// The attempts in the logs of a transaction whose tickets still exist, in order.
///
/// # Errors
/// A failing store.
pub fn attempts(evm: &mut ArbEvm<'_>, logs: &[Log]) -> Result<Vec<RetryTx>, Error> {
    let mut attempts = Vec::new();
    for log in logs.iter().filter(|log| log.address == ARB_RETRYABLE_TX) {
        if let Ok(event) = RedeemScheduled::decode_log(log) {
            attempts.extend(attempt(evm, &event.data)?);
        }
    }
    Ok(attempts)
}

fn attempt(evm: &mut ArbEvm<'_>, event: &RedeemScheduled) -> Result<Option<RetryTx>, Error> {
    let facts = evm.context().chain.facts;
    let fields = evm.arbos(|state| {
        let mut tickets = state.retryables();
        let ticket = tickets.open(event.ticketId, facts.timestamp, facts.header_version)?;
        ticket.map(|mut ticket| ticket.fields()).transpose()
    })?;
    Ok(fields.map(|fields| RetryTx {
        chain_id: U256::from(facts.chain_id),
        nonce: event.sequenceNum,
        from: fields.from,
        gas_fee_cap: facts.base_fee,
        gas: event.donatedGas,
        to: fields.to,
        value: fields.callvalue,
        data: fields.calldata.into(),
        ticket_id: event.ticketId,
        refund_to: event.gasDonor,
        max_refund: event.maxRefund,
        submission_fee_refund: event.submissionFeeRefund,
    }))
}

/// Whether the ticket of an attempt still exists when its turn comes.
///
/// # Errors
/// A failing store.
pub fn is_live(evm: &mut ArbEvm<'_>, retry: &RetryTx) -> Result<bool, Error> {
    let facts = evm.context().chain.facts;
    evm.arbos(|state| {
        let mut tickets = state.retryables();
        Ok(tickets.open(retry.ticket_id, facts.timestamp, facts.header_version)?.is_some())
    })
}
