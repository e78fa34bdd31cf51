//! The outermost frame of a transaction (`spec/execution.md` 7, steps 8 to 10).

use super::{Incoming, Meter, start};
use crate::{
    error::Error,
    evm::{ArbContext, ArbEvm, database::DatabaseError},
    tx::SignedTx,
};
use ::state::ArbosVersion;
use alloc::boxed::Box;
use alloy_primitives::{Address, Bytes, U256};
use revm::{
    bytecode::Bytecode,
    context::JournalTr,
    handler::pre_execution::apply_auth_list,
    interpreter::{CallInput, CallInputs, CallScheme, CallValue, CreateInputs, CreateScheme, FrameInput},
};

/// What an authorization of an account that exists gives back.
const AUTHORIZATION_REFUND: u64 = 12_500;

/// How the outermost frame ended.
#[derive(Debug, Default)]
pub struct FrameEnd {
    /// Whether it succeeded.
    pub success: bool,
    /// Return data or revert data.
    pub output: Bytes,
    /// The contract it created.
    pub contract_address: Option<Address>,
}

/// Raises the nonce, applies authorizations and runs the outermost frame.
///
/// # Errors
/// A failing store, or a rule under which no block may follow.
pub fn run(evm: &mut ArbEvm<'_>, incoming: &Incoming<'_>, meter: &mut Meter) -> Result<FrameEnd, Error> {
    if let Some(gas) = start::skipped(evm, incoming)? {
        bump_nonce(evm, incoming.sender)?;
        meter.left -= gas.min(meter.left);
        let contract_address = created(incoming, incoming.tx.nonce());
        return Ok(FrameEnd { contract_address, ..FrameEnd::default() });
    }
    warm_up(evm, incoming)?;
    let nonce = match incoming.tx.to() {
        None => evm.system(|ledger| ledger.nonce(incoming.sender))?,
        Some(_) => bump_nonce(evm, incoming.sender)?,
    };
    let input = match incoming.tx.to() {
        None => creation(incoming, meter.left),
        Some(to) => {
            meter.refund = authorize(evm, incoming.tx.as_signed())?;
            call(evm, incoming, to, meter.left)?
        }
    };
    let result = evm.execute(input)?;
    let contract_address = created(incoming, nonce);
    let end = result.interpreter_result();
    meter.left = if end.result.is_ok_or_revert() { end.gas.remaining() } else { 0 };
    if end.result.is_ok() {
        meter.refund = meter.refund.saturating_add_signed(end.gas.refunded());
    }
    Ok(FrameEnd { success: end.result.is_ok(), output: end.output.clone(), contract_address })
}

/// The address of the contract that a transaction without target creates, whether or not it succeeds.
fn created(incoming: &Incoming<'_>, nonce: u64) -> Option<Address> {
    incoming.tx.to().is_none().then(|| incoming.sender.create(nonce))
}

/// Makes warm what is warm from the start: sender, target, list entries, the poster from version 11 on.
fn warm_up(evm: &mut ArbEvm<'_>, incoming: &Incoming<'_>) -> Result<(), Error> {
    let ArbContext { journaled_state, chain, .. } = evm.context_mut();
    if chain.facts.header_version >= ArbosVersion::SHANGHAI {
        journaled_state.warm_coinbase_account(chain.facts.coinbase);
    }
    if let Some(signed) = incoming.tx.as_signed().filter(|signed| !signed.access_list.is_empty()) {
        let entries = signed.access_list.iter();
        let slots = |keys: &[alloy_primitives::B256]| keys.iter().map(|key| U256::from_be_bytes(key.0)).collect();
        journaled_state.warm_access_list(entries.map(|item| (item.address, slots(&item.storage_keys))).collect());
    }
    let loaded = journaled_state.load_account(incoming.sender).map(drop);
    let loaded = loaded.and_then(|()| incoming.tx.to().map_or(Ok(()), |to| journaled_state.load_account(to).map(drop)));
    loaded.map_err(|error| Error::Host(error.0))
}

/// Raises the sender's nonce; returns what it was.
fn bump_nonce(evm: &mut ArbEvm<'_>, sender: Address) -> Result<u64, Error> {
    evm.system(|ledger| ledger.raise_nonce(sender))
}

/// Applies the authorizations of a set-code transaction and returns the refund they give.
fn authorize(evm: &mut ArbEvm<'_>, tx: Option<&SignedTx>) -> Result<u64, Error> {
    let Some(tx) = tx.filter(|tx| !tx.authorization_list.is_empty()) else { return Ok(0) };
    let chain_id = evm.context().chain.facts.chain_id;
    let journal = &mut evm.context_mut().journaled_state;
    let applied = apply_auth_list::<_, AuthorizationError>(chain_id, tx.authorization_list.iter(), journal);
    let accounts = applied.map_err(|error| Error::Host(error.0.0))?;
    Ok(AUTHORIZATION_REFUND * accounts)
}

/// The one way in which applying authorizations fails: the store.
struct AuthorizationError(DatabaseError);

impl From<DatabaseError> for AuthorizationError {
    fn from(error: DatabaseError) -> Self {
        Self(error)
    }
}

impl From<revm::context::result::InvalidTransaction> for AuthorizationError {
    fn from(_: revm::context::result::InvalidTransaction) -> Self {
        let what = "authorization";
        Self(DatabaseError(::state::world::WorldError::Corrupt { what, hash: alloy_primitives::B256::ZERO }))
    }
}

fn creation(incoming: &Incoming<'_>, gas: u64) -> FrameInput {
    let value = incoming.tx.value().unwrap_or_default();
    let inputs = CreateInputs::new(incoming.sender, CreateScheme::Create, value, incoming.tx.data(), gas, 0);
    FrameInput::Create(Box::new(inputs))
}

/// A call of `to`, or of the code it delegates to; the delegate becomes warm.
fn call(evm: &mut ArbEvm<'_>, incoming: &Incoming<'_>, to: Address, gas: u64) -> Result<FrameInput, Error> {
    outermost_call(evm, incoming.sender, to, incoming.tx.data(), incoming.tx.value().unwrap_or_default(), gas)
}

/// The outermost frame of a call, delegation resolved.
pub(super) fn outermost_call(
    evm: &mut ArbEvm<'_>,
    caller: Address,
    to: Address,
    data: Bytes,
    value: U256,
    gas: u64,
) -> Result<FrameInput, Error> {
    Ok(FrameInput::Call(Box::new(CallInputs {
        input: CallInput::Bytes(data),
        gas_limit: gas,
        target_address: to,
        bytecode_address: to,
        known_bytecode: code_to_run(evm, to)?,
        caller,
        value: CallValue::Transfer(value),
        scheme: CallScheme::Call,
        is_static: false,
        return_memory_offset: 0..0,
        reservoir: 0,
        charged_new_account_state_gas: false,
    })))
}

/// Code of an account with its hash, delegation resolved.
fn code_to_run(evm: &mut ArbEvm<'_>, to: Address) -> Result<(alloy_primitives::B256, Bytecode), Error> {
    let journal = &mut evm.context_mut().journaled_state;
    let load = |journal: &mut revm::Journal<_>, address| {
        let account = journal.load_account_with_code(address).map_err(|error: DatabaseError| Error::Host(error.0))?;
        Ok::<_, Error>((account.info.code_hash, account.info.code.clone().unwrap_or_default()))
    };
    let (hash, code) = load(journal, to)?;
    match code.eip7702_address() {
        Some(delegate) => load(journal, delegate),
        None => Ok((hash, code)),
    }
}
