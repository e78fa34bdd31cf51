//! Checks before a transaction is charged, and the gas it owes before it runs (`spec/execution.md` 7, steps 2 to 7).

use super::Incoming;
use crate::{
    error::Error,
    evm::ArbEvm,
    spec::HEADER_GAS_LIMIT,
    tx::{ArbTxEnvelope, SignedTx},
};
use ::state::{ArbosVersion, MultiGas, ResourceKind, address::SEQUENCER};
use alloy_primitives::U256;
use thiserror::Error as ThisError;

/// Gas of a transaction with a target.
pub const TRANSACTION_GAS: u64 = 21_000;
/// Gas of a transaction that creates a contract.
const CREATION_GAS: u64 = 53_000;
/// Gas of a calldata byte: zero, other.
const CALLDATA_GAS: (u64, u64) = (4, 16);
/// Gas of a word of init code.
const INIT_CODE_WORD_GAS: u64 = 2;
/// Gas of an access list entry: account, slot.
const ACCESS_GAS: (u64, u64) = (2_400, 1_900);
/// Gas of an authorization.
const AUTHORIZATION_GAS: u64 = 25_000;
/// Floor of a zero byte of calldata; another byte counts four times.
const FLOOR_TOKEN_GAS: u64 = 10;

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

/// Gas due before execution.
#[derive(Debug, Clone, Copy, Default)]
pub struct Intrinsic {
    /// All of it.
    pub gas: u64,
    /// The parts that are not computation.
    pub kinds: MultiGas,
    /// Least gas the transaction uses in the end; zero without the floor.
    pub floor: u64,
}

/// What the checks found.
#[derive(Debug, Clone, Copy)]
pub struct Admitted {
    /// What a gas costs, in wei.
    pub price: U256,
    /// Gas due before execution.
    pub intrinsic: Intrinsic,
}

/// Whether tips are collected in this block under its version: never for messages of the bridge.
///
/// # Errors
/// A failing store.
pub fn collects_tips(evm: &mut ArbEvm<'_>) -> Result<bool, Error> {
    let facts = &evm.context().chain.facts;
    if facts.coinbase != SEQUENCER {
        return Ok(false);
    }
    match facts.header_version {
        ArbosVersion::TIPS_ONCE => Ok(true),
        version if version >= ArbosVersion::COLLECT_TIPS => evm.arbos(|state| state.collect_tips().get()),
        _ => Ok(false),
    }
}

/// Checks the transaction against its sender and takes the price of its gas.
///
/// # Errors
/// A failing store.
pub fn admit(evm: &mut ArbEvm<'_>, incoming: &Incoming<'_>) -> Result<Result<Admitted, Refusal>, Error> {
    let price = match price(evm, incoming.tx)? {
        Ok(price) => price,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Err(refusal) = check_sender(evm, incoming)? {
        return Ok(Err(refusal));
    }
    if let Err(refusal) = buy_gas(evm, incoming, price)? {
        return Ok(Err(refusal));
    }
    let intrinsic = intrinsic(evm, incoming.tx)?;
    if incoming.tx.gas_limit() < intrinsic.gas {
        return Ok(Err(Refusal::IntrinsicGas));
    }
    if incoming.tx.gas_limit() < intrinsic.floor {
        return Ok(Err(Refusal::CalldataFloor));
    }
    evm.context_mut().chain.tx.attributed.add_all(&intrinsic.kinds);
    Ok(Ok(Admitted { price, intrinsic }))
}

/// What a gas costs the transaction, in wei; sets what GASPRICE shows.
fn price(evm: &mut ArbEvm<'_>, tx: &ArbTxEnvelope) -> Result<Result<U256, Refusal>, Error> {
    let facts = evm.context().chain.facts;
    let Some(fee_cap) = tx.gas_fee_cap() else { return Ok(Err(Refusal::FeeTooLarge)) };
    let tip_cap = tx.gas_tip_cap().unwrap_or(U256::MAX);
    let offered = tip_cap.saturating_add(facts.base_fee).min(fee_cap);
    // A tip that is not collected is forgotten before it is checked.
    let drops_tip = offered > facts.base_fee && !collects_tips(evm)?;
    if !drops_tip && fee_cap < tip_cap {
        return Ok(Err(Refusal::TipAboveFeeCap));
    }
    if fee_cap < facts.base_fee {
        return Ok(Err(Refusal::FeeCapBelowBaseFee));
    }
    let paid = if drops_tip { facts.base_fee } else { offered };
    // Kept: the price as it was offered. See ArbosVersion::GAS_PRICE_AS_PAID.
    let shows_paid = facts.header_version >= ArbosVersion::GAS_PRICE_AS_PAID;
    let run = &mut evm.context_mut().chain.tx;
    run.gas_price = if shows_paid { paid } else { offered };
    run.offered_gas_price = offered;
    Ok(Ok(paid))
}

fn check_sender(evm: &mut ArbEvm<'_>, incoming: &Incoming<'_>) -> Result<Result<(), Refusal>, Error> {
    let tx = incoming.tx;
    if tx.checks_sender() {
        let nonce = evm.system(|ledger| ledger.nonce(incoming.sender))?;
        let refusal = match tx.nonce() {
            offered if offered > nonce => Some(Refusal::NonceTooHigh),
            offered if offered < nonce => Some(Refusal::NonceTooLow),
            u64::MAX => Some(Refusal::NonceMaximum),
            _ => None,
        };
        if let Some(refusal) = refusal {
            return Ok(Err(refusal));
        }
        let code = evm.system(|ledger| ledger.code(incoming.sender))?;
        let is_delegation = code.len() == 23 && code.starts_with(&[0xef, 0x01, 0x00]);
        if !code.is_empty() && !is_delegation {
            return Ok(Err(Refusal::SenderHasCode));
        }
    }
    Ok(match tx.as_signed().filter(|signed| signed.is_set_code()) {
        Some(signed) if signed.to.is_none() => Err(Refusal::SetCodeCreates),
        Some(signed) if signed.authorization_list.is_empty() => Err(Refusal::NoAuthorizations),
        _ => Ok(()),
    })
}

/// Takes the price of the gas limit; the sender must own the fee cap's worth and the value.
fn buy_gas(evm: &mut ArbEvm<'_>, incoming: &Incoming<'_>, price: U256) -> Result<Result<(), Refusal>, Error> {
    if incoming.tx.gas_limit() > HEADER_GAS_LIMIT {
        return Ok(Err(Refusal::BlockGasLimit));
    }
    let limit = U256::from(incoming.tx.gas_limit());
    let worst = incoming.tx.gas_fee_cap().and_then(|cap| cap.checked_mul(limit));
    let needed = worst.zip(incoming.tx.value()).and_then(|(gas, value)| gas.checked_add(value));
    let balance = evm.system(|ledger| ledger.balance(incoming.sender))?;
    if needed.is_none_or(|needed| needed > balance) {
        return Ok(Err(Refusal::InsufficientFunds));
    }
    evm.system(|ledger| ledger.buy_gas(incoming.sender, price.wrapping_mul(limit)))?;
    Ok(Ok(()))
}

/// Gas due before execution.
fn intrinsic(evm: &mut ArbEvm<'_>, tx: &ArbTxEnvelope) -> Result<Intrinsic, Error> {
    let version = evm.context().chain.facts.header_version;
    let data = tx.data();
    let zeros = data.iter().filter(|byte| **byte == 0).count() as u64;
    let others = data.len() as u64 - zeros;
    let mut kinds = MultiGas::ZERO;
    kinds.add(ResourceKind::L2Calldata, zeros * CALLDATA_GAS.0 + others * CALLDATA_GAS.1);
    if let Some(signed) = tx.as_signed() {
        kinds.add(ResourceKind::StorageAccessRead, access_list_gas(signed));
        kinds.add(ResourceKind::StorageGrowth, AUTHORIZATION_GAS * signed.authorization_list.len() as u64);
    }
    let mut computation = if tx.to().is_none() { CREATION_GAS } else { TRANSACTION_GAS };
    if tx.to().is_none() && version >= ArbosVersion::SHANGHAI {
        computation += INIT_CODE_WORD_GAS * data.len().div_ceil(32) as u64;
    }
    let floor = if has_calldata_floor(evm)? { TRANSACTION_GAS + FLOOR_TOKEN_GAS * (zeros + 4 * others) } else { 0 };
    Ok(Intrinsic { gas: computation + kinds.total(), kinds, floor })
}

/// Whether calldata has a floor price now.
pub(super) fn has_calldata_floor(evm: &mut ArbEvm<'_>) -> Result<bool, Error> {
    let may_have = evm.context().chain.facts.header_version >= ArbosVersion::CALLDATA_FLOOR;
    Ok(may_have && evm.arbos(|state| state.features().calldata_price_increase())?)
}

fn access_list_gas(tx: &SignedTx) -> u64 {
    let slots: usize = tx.access_list.iter().map(|item| item.storage_keys.len()).sum();
    ACCESS_GAS.0 * tx.access_list.len() as u64 + ACCESS_GAS.1 * slots as u64
}

/// Checks that come after the gas was bought.
///
/// # Errors
/// A failing store.
pub fn before_execution(evm: &mut ArbEvm<'_>, incoming: &Incoming<'_>) -> Result<Result<(), Refusal>, Error> {
    let balance = evm.system(|ledger| ledger.balance(incoming.sender))?;
    if incoming.tx.value().is_none_or(|value| value > balance) {
        return Ok(Err(Refusal::InsufficientFunds));
    }
    let checks_size = evm.context().chain.facts.header_version >= ArbosVersion::SHANGHAI;
    let too_long = incoming.tx.to().is_none() && incoming.tx.data().len() > evm.max_init_code_size();
    Ok(if checks_size && too_long { Err(Refusal::InitCodeSize) } else { Ok(()) })
}
