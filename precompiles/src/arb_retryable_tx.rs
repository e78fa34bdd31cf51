//! `ArbRetryableTx` (0x6e): tickets, their attempts and their end (`spec/precompiles.md` 9).

use crate::{Precompile, Reply, ViewCtx, WriteCtx, context::require, error::Failure, host::Redeem, precompile};
use alloy_primitives::{Address, B256, U256};
use pricing::l2::{self, Direction};
use state::{ArbosVersion, MultiGas, ResourceKind, address, arbos::retryables::LIFETIME_SECONDS};

precompile! {
    /// Retryable tickets.
    #[at(0x6e)]
    interface ArbRetryableTx {
        /// Schedules an attempt with nearly all gas of the call.
        /// Gas: opening the ticket twice, 50 a word of it, `7R + W`, `R` a
        /// whole word of calldata, 2899, and what the backlog takes; the rest goes to the attempt.
        function redeem(bytes32 ticketId) external returns (bytes32);
        /// Seconds a ticket lives. Gas: none.
        function getLifetime() external view returns (uint256);
        /// When a ticket expires, in seconds. Gas: opening the ticket, and `2R`.
        function getTimeout(bytes32 ticketId) external view returns (uint256);
        /// Adds a lifetime. Gas: opening the ticket twice, 200 a word of it, `5R + 3W`, 58000 and 1381.
        function keepalive(bytes32 ticketId) external returns (uint256);
        /// Who may cancel. Gas: opening the ticket, and `R`.
        function getBeneficiary(bytes32 ticketId) external view returns (address);
        /// Ends a ticket; its value goes to the beneficiary. Gas: opening the ticket, `4R + 8Z`, `Z` a word of
        /// calldata, and 1125.
        function cancel(bytes32 ticketId) external;
        /// Who gets the refunds of the running attempt. Gas: none.
        function getCurrentRedeemer() external view returns (address);
        /// Not to be called: the form in which submissions are shown. Gas: none.
        function submitRetryable(bytes32 requestId, uint256 l1BaseFee, uint256 deposit, uint256 callvalue, uint256 gasFeeCap, uint64 gasLimit, uint256 maxSubmissionFee, address feeRefundAddress, address beneficiary, address retryTo, bytes retryData) external;
        /// A ticket was created.
        event TicketCreated(bytes32 indexed ticketId);
        /// A ticket lives longer.
        event LifetimeExtended(bytes32 indexed ticketId, uint256 newTimeout);
        /// An attempt was scheduled.
        event RedeemScheduled(bytes32 indexed ticketId, bytes32 indexed retryTxHash, uint64 indexed sequenceNum, uint64 donatedGas, address gasDonor, uint256 maxRefund, uint256 submissionFeeRefund);
        /// A ticket was ended by its beneficiary.
        event Canceled(bytes32 indexed ticketId);
        /// Not emitted any more.
        event Redeemed(bytes32 indexed userTxHash);
        /// There is no such ticket.
        error NoTicketWithID();
        /// The method is not to be called.
        error NotCallable();
    }
}

/// The implementation.
#[derive(Debug)]
pub enum RetryableTx {}
/// The registry's row.
pub static PRECOMPILE: Precompile = row::<RetryableTx>();

/// Gas of a word of a ticket when it is redeemed.
const REDEEM_WORD_GAS: u64 = 50;
/// Gas of a word of a ticket when it is kept alive.
const KEEPALIVE_WORD_GAS: u64 = 200;
/// Gas of the event of a redeem.
const REDEEM_EVENT_GAS: u64 = 2_899;
/// Gas of the result of a redeem.
const RESULT_GAS: u64 = 3;
/// Least gas an attempt may get.
const MIN_DONATION: u64 = 21_000;

/// The error for a ticket that is not there.
fn not_found(version: ArbosVersion) -> Failure {
    if version >= ArbosVersion::NO_TICKET_ERROR {
        Failure::solidity(&ArbRetryableTx::NoTicketWithID {})
    } else {
        Failure::plain("ticketId not found")
    }
}

/// Refuses the ticket whose attempt is running.
fn not_running(running: Option<B256>, ticket: B256) -> Reply<()> {
    require(running != Some(ticket), "retryable cannot modify itself")
}

/// Burns gas by the size of a ticket.
fn burn_size(cx: &mut WriteCtx<'_, '_>, ticket: B256, word_gas: u64) -> Reply<u64> {
    let (now, version) = (cx.block().timestamp, cx.version());
    let size = cx.state().retryables().size_bytes(ticket, now, version)?;
    cx.burn(ResourceKind::StorageAccessWrite, word_gas * size.div_ceil(32))?;
    Ok(size)
}

impl ArbRetryableTxMethods for RetryableTx {
    fn redeem(cx: &mut WriteCtx<'_, '_>, call: ArbRetryableTx::redeemCall) -> Reply<B256> {
        let ticket = call.ticketId;
        not_running(cx.tx().running_ticket, ticket)?;
        burn_size(cx, ticket, REDEEM_WORD_GAS)?;
        let mut redeem = attempt(cx, ticket)?;
        redeem.gas = donation(cx)?;
        let hash = cx.host().redeem_hash(&redeem);
        cx.emit(&ArbRetryableTx::RedeemScheduled {
            ticketId: ticket,
            retryTxHash: hash,
            sequenceNum: redeem.nonce,
            donatedGas: redeem.gas,
            gasDonor: redeem.refund_to,
            maxRefund: redeem.max_refund,
            submissionFeeRefund: U256::ZERO,
        })?;
        cx.burn(ResourceKind::SingleDim, redeem.gas)?;
        give_to_later(cx, redeem.gas)?;
        Ok(hash)
    }

    fn getLifetime(_: &mut ViewCtx<'_, '_>, _: ArbRetryableTx::getLifetimeCall) -> Reply<U256> {
        Ok(U256::from(LIFETIME_SECONDS))
    }

    fn getTimeout(cx: &mut ViewCtx<'_, '_>, call: ArbRetryableTx::getTimeoutCall) -> Reply<U256> {
        let (now, version) = (cx.block().timestamp, cx.version());
        let mut state = cx.state();
        let mut retryables = state.retryables();
        let ticket = retryables.open(call.ticketId, now, version)?;
        let mut ticket = ticket.ok_or_else(|| Failure::solidity(&ArbRetryableTx::NoTicketWithID {}))?;
        Ok(U256::from(ticket.effective_timeout()?))
    }

    fn keepalive(cx: &mut WriteCtx<'_, '_>, call: ArbRetryableTx::keepaliveCall) -> Reply<U256> {
        let (now, version) = (cx.block().timestamp, cx.version());
        if burn_size(cx, call.ticketId, KEEPALIVE_WORD_GAS)? == 0 {
            return Err(not_found(version));
        }
        let limit = now.saturating_add(LIFETIME_SECONDS);
        let timeout = U256::from(cx.state().retryables().keepalive(call.ticketId, now, limit, version)?);
        cx.emit(&ArbRetryableTx::LifetimeExtended { ticketId: call.ticketId, newTimeout: timeout })?;
        Ok(timeout)
    }

    fn getBeneficiary(cx: &mut ViewCtx<'_, '_>, call: ArbRetryableTx::getBeneficiaryCall) -> Reply<Address> {
        let (now, version) = (cx.block().timestamp, cx.version());
        let mut state = cx.state();
        let mut retryables = state.retryables();
        let mut ticket = retryables.open(call.ticketId, now, version)?.ok_or_else(|| not_found(version))?;
        Ok(ticket.beneficiary().get()?)
    }

    fn cancel(cx: &mut WriteCtx<'_, '_>, call: ArbRetryableTx::cancelCall) -> Reply<()> {
        let (ticket, now, version) = (call.ticketId, cx.block().timestamp, cx.version());
        not_running(cx.tx().running_ticket, ticket)?;
        let caller = cx.caller();
        let beneficiary = {
            let mut state = cx.state();
            let mut retryables = state.retryables();
            let mut found = retryables.open(ticket, now, version)?.ok_or_else(|| not_found(version))?;
            found.beneficiary().get()?
        };
        require(caller == beneficiary, "only the beneficiary may cancel a retryable")?;
        if let Some(beneficiary) = cx.state().retryables().beneficiary_of(ticket)? {
            let escrow = address::retryable_escrow(ticket);
            let value = cx.host().balance(escrow)?;
            cx.host().transfer(escrow, beneficiary, value)?;
            cx.state().retryables().clear(ticket)?;
        }
        cx.emit(&ArbRetryableTx::Canceled { ticketId: ticket })
    }

    fn getCurrentRedeemer(cx: &mut ViewCtx<'_, '_>, _: ArbRetryableTx::getCurrentRedeemerCall) -> Reply<Address> {
        Ok(cx.tx().refund_to.unwrap_or_default())
    }

    fn submitRetryable(_: &mut WriteCtx<'_, '_>, _: ArbRetryableTx::submitRetryableCall) -> Reply<()> {
        Err(Failure::solidity(&ArbRetryableTx::NotCallable {}))
    }
}

/// Counts the attempt and reads what it will run; its gas is not known yet.
fn attempt(cx: &mut WriteCtx<'_, '_>, ticket: B256) -> Reply<Redeem> {
    let (now, version, refund_to) = (cx.block().timestamp, cx.version(), cx.caller());
    let mut state = cx.state();
    let mut retryables = state.retryables();
    let mut found = retryables.open(ticket, now, version)?.ok_or_else(|| not_found(version))?;
    let nonce = found.increment_tries()?;
    let fields = found.fields()?;
    Ok(Redeem {
        ticket,
        nonce,
        from: fields.from,
        to: fields.to,
        value: fields.callvalue,
        data: fields.calldata.into(),
        gas: 0,
        refund_to,
        max_refund: U256::MAX,
        submission_fee_refund: U256::ZERO,
    })
}

/// The gas an attempt gets: what is left beside the costs still to come.
fn donation(cx: &mut WriteCtx<'_, '_>) -> Reply<u64> {
    let reserve = l2::redeem_reserve(&mut cx.state())?;
    let future = reserve.saturating_add(REDEEM_EVENT_GAS + RESULT_GAS);
    let Some(gas) = cx.gas_left().checked_sub(future) else { return cx.burn_out() };
    require(gas >= MIN_DONATION, "not enough gas to run redeem attempt")?;
    Ok(gas)
}

/// Takes the donated gas out of the backlog: the attempt will add what it uses.
fn give_to_later(cx: &mut WriteCtx<'_, '_>, gas: u64) -> Reply<()> {
    if cx.has_pools() {
        // The pools lose the gas with the end of this transaction and get back what the attempt leaves.
        let reserve = l2::redeem_reserve(&mut cx.state())?;
        return Ok(cx.burn(ResourceKind::Computation, reserve)?);
    }
    let multi_gas = MultiGas::of(ResourceKind::SingleDim, gas);
    if cx.version() >= ArbosVersion::MULTI_GAS_CONSTRAINTS {
        let reserve = l2::redeem_reserve(&mut cx.state())?;
        cx.burn(ResourceKind::Computation, reserve)?;
        return Ok(cx.unmetered(|state| l2::move_backlog(state, Direction::Shrink, gas, &multi_gas))?);
    }
    Ok(l2::move_backlog(&mut cx.state(), Direction::Shrink, gas, &multi_gas)?)
}
