//! Acts of the operating system: the start of a block and reports of posted batches (`spec/execution.md` 5).

use super::redeem;
use crate::{
    error::Error,
    evm::{ArbEvm, Ledger},
    process::execute::outermost_call,
    tx::InternalTx,
};
use ::precompiles::arbos_acts::ArbosActs;
use ::state::{
    ArbosVersion, Fault,
    address::{HISTORY_STORAGE, L1_PRICER_FUNDS_POOL},
    arbos::retryables::Reaped,
    upgrade::{self, AccountWrite, Moment},
};
use alloc::vec::Vec;
use alloy_primitives::{Address, B256, U256, address};
use alloy_sol_types::SolCall;
use pricing::{
    l1::{
        floor::{self, BatchStatistics},
        settlement::{self, Bank, Report},
    },
    l2,
    math::wide,
};

/// Caller of the contract that keeps parent hashes.
const SYSTEM_CALLER: Address = address!("fffffffffffffffffffffffffffffffffffffffe");
/// Gas of that call.
const SYSTEM_CALL_GAS: u64 = 30_000_000;
/// Tickets looked at in every block.
const REAPS_PER_BLOCK: usize = 2;

/// Runs an internal transaction.
///
/// # Errors
/// A failing store, or data that no version of the operating system makes.
pub(super) fn run(evm: &mut ArbEvm<'_>, tx: &InternalTx) -> Result<(), Error> {
    let data = &tx.data;
    match data.first_chunk::<4>() {
        Some(&ArbosActs::startBlockCall::SELECTOR) => start_block(evm, &decode(data)?),
        Some(&ArbosActs::batchPostingReportCall::SELECTOR) => batch_report(evm, &decode(data)?),
        Some(&ArbosActs::batchPostingReportV2Call::SELECTOR) => batch_report_v2(evm, &decode(data)?),
        _ => Err(Error::stopped("an internal transaction with an unknown selector")),
    }
}

fn decode<C: SolCall>(data: &[u8]) -> Result<C, Error> {
    C::abi_decode(data).map_err(|_| Error::stopped("an internal transaction with malformed data"))
}

fn start_block(evm: &mut ArbEvm<'_>, call: &ArbosActs::startBlockCall) -> Result<(), Error> {
    let facts = evm.context().chain.facts;
    let version = facts.header_version;
    let parent = match call.l2BlockNumber.checked_sub(1) {
        Some(number) => evm.system(|ledger| ledger.block_hash(number))?,
        None => B256::ZERO,
    };
    if version >= ArbosVersion::HISTORY_STORAGE {
        keep_parent_hash(evm, parent)?;
    }
    let is_timed = version >= ArbosVersion::TIME_PASSED_FIELD;
    let seconds = if is_timed { call.timePassed } else { call.l2BlockNumber };
    let is_exact = version >= ArbosVersion::EXACT_L1_BLOCK_NUMBER;
    let l1_number = if is_exact { call.l1BlockNumber } else { call.l1BlockNumber.wrapping_add(1) };
    evm.arbos(|state| {
        if l1_number > state.block_hashes().l1_block_number()? {
            state.block_hashes().record(l1_number - 1, parent, version)?;
        }
        Ok(())
    })?;
    for _ in 0..REAPS_PER_BLOCK {
        reap(evm, facts.timestamp)?;
    }
    evm.arbos(|state| l2::advance(state, seconds))?;
    upgrade(evm, facts.timestamp)
}

/// Gives the parent hash to the history contract, as a transaction of its own inside of this one.
fn keep_parent_hash(evm: &mut ArbEvm<'_>, parent: B256) -> Result<(), Error> {
    let data = parent.into();
    let input = outermost_call(evm, SYSTEM_CALLER, HISTORY_STORAGE, data, U256::ZERO, SYSTEM_CALL_GAS)?;
    let result = evm.execute(input)?;
    if !result.interpreter_result().result.is_ok() {
        return Err(Error::stopped("the history contract refuses the parent hash"));
    }
    evm.ledger().end_transaction();
    Ok(())
}

/// Looks at one entry of the timeout queue. What the protocol refuses is ignored.
fn reap(evm: &mut ArbEvm<'_>, now: u64) -> Result<(), Error> {
    if let Reaped::Delete(ticket) = evm.arbos(|state| state.retryables().reap_one(now))? {
        redeem::delete(evm, ticket)?;
    }
    Ok(())
}

/// Moves the chain to the scheduled version, once its time has come.
fn upgrade(evm: &mut ArbEvm<'_>, timestamp: u64) -> Result<(), Error> {
    let Some(target) = evm.arbos(|state| upgrade::due(state, timestamp))? else { return Ok(()) };
    let pool = evm.system(|ledger| ledger.balance(L1_PRICER_FUNDS_POOL))?;
    let writes = evm.arbos(|state| upgrade::run(state, target, Moment::Running, pool))?;
    evm.forget_version();
    write_accounts(evm, writes)
}

/// Writes what an upgrade or a genesis gives to accounts.
pub(crate) fn write_accounts(evm: &mut ArbEvm<'_>, writes: Vec<AccountWrite>) -> Result<(), Error> {
    evm.system(|ledger| {
        for write in writes {
            if let Some(nonce) = write.nonce {
                ledger.set_nonce(write.account, nonce)?;
            }
            ledger.set_code(write.account, write.code)?;
        }
        Ok(())
    })
}

fn batch_report(evm: &mut ArbEvm<'_>, call: &ArbosActs::batchPostingReportCall) -> Result<(), Error> {
    let per_batch = evm.arbos(|state| state.l1_pricing().per_batch_gas_cost().get())?;
    let gas = floor::report_gas(call.batchDataGas, per_batch);
    settle(evm, call.batchTimestamp, call.batchPosterAddress, gas, call.l1BaseFeeWei)
}

fn batch_report_v2(evm: &mut ArbEvm<'_>, call: &ArbosActs::batchPostingReportV2Call) -> Result<(), Error> {
    let has_floor = evm.context().chain.facts.header_version >= ArbosVersion::BATCH_REPORT_V2;
    let (per_batch, per_token) = evm.arbos(|state| {
        let per_batch = state.l1_pricing().per_batch_gas_cost().get()?;
        let per_token = has_floor.then(|| state.l1_pricing().gas_floor_per_token().get()).transpose()?;
        Ok((per_batch, per_token))
    })?;
    let batch = BatchStatistics {
        length: call.batchCalldataLength,
        non_zeros: call.batchCalldataNonZeros,
        extra_gas: call.batchExtraGas,
    };
    let gas = floor::report_gas_v2(&batch, per_batch, per_token);
    settle(evm, call.batchTimestamp, call.batchPosterAddress, gas, call.l1BaseFeeWei)
}

/// Settles a report. One that the rules refuse is included all the same, and its writes so far stay.
fn settle(evm: &mut ArbEvm<'_>, time: U256, poster: Address, gas: u64, l1_base_fee: U256) -> Result<(), Error> {
    let facts = evm.context().chain.facts;
    let report = Report {
        update_time: time.wrapping_to(),
        current_time: facts.timestamp,
        poster,
        wei_spent: wide(l1_base_fee) * wide(U256::from(gas)),
        l1_base_fee,
    };
    evm.system(|ledger| match settlement::settle(ledger, &report, facts.header_version) {
        Err(Fault::Rejected(reason)) => {
            tracing::debug!(block = facts.number, reason, "batch report refused");
            Ok(())
        }
        outcome => outcome,
    })
}

impl Bank for Ledger<'_, '_> {
    fn balance(&mut self, account: Address) -> ::state::Result<U256> {
        Ledger::balance(self, account)
    }

    fn transfer(&mut self, from: Address, to: Address, amount: U256) -> ::state::Result<()> {
        Ledger::transfer(self, from, to, amount)
    }
}
