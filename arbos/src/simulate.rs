//! Calls and estimates of gas on a sealed state. Nothing they do is kept.
//!
//! A call runs at the last block, as a transaction of no particular type: nonce and code of its sender do not matter, and a call
//! that names no price pays none. Data is priced as if the sequencer posted it (`spec/pricing.md` 1.5 and 1.6).

use crate::{
    block::{ArbHeader, HeaderInfo},
    config::ChainConfig,
    error::Error,
    evm::{ArbEvm, ArbPrecompiles, BlockRun, Caches, CodeLimits, Simulation},
    node_interface::{self, NodeFacts, StateAlone},
    process::{self, Executed, Incoming, PosterCost, Refusal},
    tx::{ArbTxEnvelope, ContractTx, SubmitRetryableTx},
};
use ::precompiles::host::BlockFacts;
use ::state::{
    ArbosState, Write,
    address::{ARBOS_ACTS, SEQUENCER},
    world::World,
};
use alloc::vec::Vec;
use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::Encodable2718;
use alloy_primitives::{Address, B256, Bytes, Log, Signature, TxKind, U256, keccak256};
use pricing::{
    brotli::{Brotli, Compressor},
    l1::{self, estimate},
    l2,
};

/// Gas of a call that names none.
pub const DEFAULT_CALL_GAS: u64 = 50_000_000;

/// A call to be tried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallRequest {
    /// Sender.
    pub from: Address,
    /// Target; none creates a contract.
    pub to: Option<Address>,
    /// Value in wei; the sender must have it.
    pub value: U256,
    /// Calldata or init code.
    pub data: Bytes,
    /// Gas limit; [`DEFAULT_CALL_GAS`] if none.
    pub gas: Option<u64>,
    /// Price of a gas in wei; the call is free if none.
    pub gas_price: Option<U256>,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallOutcome {
    /// Whether it succeeded.
    pub success: bool,
    /// Return data or revert data.
    pub output: Bytes,
    /// Gas it used, the part for posting included.
    pub gas_used: u64,
    /// The part of the gas that pays for posting.
    pub gas_used_for_l1: u64,
    /// Logs, in order.
    pub logs: Vec<Log>,
}

/// Gas that suffices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// Least gas limit with which the call succeeds now; more than it will use, because later blocks may price data higher.
    pub gas: u64,
    /// The part of it that pays for posting.
    pub gas_for_l1: u64,
    /// Base fee of the block it was tried at, in wei.
    pub base_fee: U256,
    /// Price of a unit of data, in wei.
    pub l1_base_fee: U256,
}

/// Why there is no estimate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SimulationError {
    /// The state cannot answer.
    #[error(transparent)]
    Chain(#[from] Error),
    /// The call would not be included in a block.
    #[error("the call would be refused: {0}")]
    Refused(#[from] Refusal),
    /// A virtual contract of nodes has no answer.
    #[error(transparent)]
    NodeInterface(crate::node_interface::NodeInterfaceError),
    /// The call fails with any gas; holds what it reverts with.
    #[error("the call fails with all gas it may have, reverting with {0}")]
    Fails(Bytes),
}

/// A sealed state to try calls on.
pub struct Simulator<'a> {
    world: &'a mut dyn World,
    config: &'a ChainConfig,
    header: &'a ArbHeader,
    node: &'a dyn NodeFacts,
}

/// What a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Call,
    Estimate,
}

impl<'a> Simulator<'a> {
    /// Joins a world with the header of its last block.
    pub fn new(world: &'a mut dyn World, config: &'a ChainConfig, header: &'a ArbHeader) -> Self {
        Self { world, config, header, node: &StateAlone }
    }

    /// The same with a node that answers what the state cannot.
    #[must_use]
    pub fn with_node(self, node: &'a dyn NodeFacts) -> Self {
        Self { node, ..self }
    }

    /// Configuration of the chain.
    pub(crate) const fn config(&self) -> &ChainConfig {
        self.config
    }

    /// Header of the last block.
    pub(crate) const fn header(&self) -> &ArbHeader {
        self.header
    }

    /// Reads the operating state.
    ///
    /// # Errors
    /// A failing world.
    pub fn read<T>(&mut self, step: impl FnOnce(&mut ArbosState<'_, Write>) -> ::state::Result<T>) -> Result<T, Error> {
        self.evm(&CallRequest::default(), Purpose::Call)?.arbos(step)
    }

    /// Tries a call. The virtual contracts of nodes answer here; see [`crate::node_interface`].
    ///
    /// # Errors
    /// See [`SimulationError`].
    pub fn call(&mut self, request: &CallRequest) -> Result<CallOutcome, SimulationError> {
        let node = self.node;
        if let Some(output) = node_interface::call(self, node, request)? {
            return Ok(CallOutcome { success: true, output, gas_used: 0, gas_used_for_l1: 0, logs: Vec::new() });
        }
        let executed = self.run(request, request.gas.unwrap_or(DEFAULT_CALL_GAS), Purpose::Call)??;
        Ok(CallOutcome {
            success: executed.success,
            output: executed.output,
            gas_used: executed.gas_used,
            gas_used_for_l1: executed.gas_used_for_l1,
            logs: executed.logs,
        })
    }

    /// The least gas limit with which a call succeeds, the part for posting included.
    ///
    /// # Errors
    /// See [`SimulationError`].
    pub fn estimate(&mut self, request: &CallRequest) -> Result<Estimate, SimulationError> {
        if let Some(estimate) = node_interface::estimate(self, request)? {
            return Ok(estimate);
        }
        let most = request.gas.unwrap_or(DEFAULT_CALL_GAS);
        let first = self.run(request, most, Purpose::Estimate)??;
        if !first.success {
            return Err(SimulationError::Fails(first.output));
        }
        let gas = least(first.gas_used, most, |gas| {
            Ok(self.run(request, gas, Purpose::Estimate)?.is_ok_and(|executed| executed.success))
        })?;
        let gas_for_l1 = first.gas_used_for_l1;
        Ok(Estimate { gas, gas_for_l1, base_fee: self.base_fee(), l1_base_fee: self.l1_base_fee()? })
    }

    /// The part for posting alone.
    ///
    /// # Errors
    /// A failing world.
    pub fn estimate_l1_component(&mut self, request: &CallRequest) -> Result<Estimate, SimulationError> {
        let (base_fee, l1_base_fee) = (self.base_fee(), self.l1_base_fee()?);
        let mut evm = self.evm(request, Purpose::Estimate)?;
        let cost = poster_cost(&mut evm, request, None)?;
        let min_base_fee = evm.arbos(|state| state.min_base_fee_wei().get())?;
        let (price, wei) = l1::estimated_poster_price(base_fee, cost.wei, min_base_fee);
        let gas = l1::poster_gas(wei, price);
        Ok(Estimate { gas, gas_for_l1: gas, base_fee, l1_base_fee })
    }

    /// Gas of the first attempt with which a ticket's submission and that attempt succeed.
    ///
    /// # Errors
    /// See [`SimulationError`].
    pub fn estimate_submission(&mut self, submission: &SubmitRetryableTx) -> Result<u64, SimulationError> {
        let most = if submission.gas == 0 { DEFAULT_CALL_GAS } else { submission.gas };
        let first = self.submit(submission, most)?;
        if !first.success {
            return Err(SimulationError::Fails(first.output));
        }
        Ok(least(first.gas_used, most, |gas| Ok(self.submit(submission, gas)?.success))?)
    }

    fn submit(&mut self, submission: &SubmitRetryableTx, gas: u64) -> Result<Executed, Error> {
        let request = CallRequest { gas_price: Some(U256::ZERO), ..CallRequest::default() };
        let mut evm = self.evm(&request, Purpose::Estimate)?;
        let submission = ArbTxEnvelope::SubmitRetryable(SubmitRetryableTx { gas, ..submission.clone() });
        let submitted = run_included(&mut evm, &submission)?;
        let Some(attempt) = submitted.scheduled.first() else {
            return Ok(Executed { success: false, ..submitted });
        };
        evm.ledger().end_transaction();
        run_included(&mut evm, &ArbTxEnvelope::Retry(attempt.clone()))
    }

    pub(crate) fn base_fee(&self) -> U256 {
        self.header.base_fee.unwrap_or_default()
    }

    pub(crate) fn l1_base_fee(&mut self) -> Result<U256, Error> {
        self.read(|state| state.l1_pricing().price_per_unit().get())
    }

    /// An EVM at the last block; the base fee is zero for a call that pays nothing.
    fn evm(&mut self, request: &CallRequest, purpose: Purpose) -> Result<ArbEvm<'_>, Error> {
        let header = &self.header.inner;
        let version = HeaderInfo::of(self.header).version;
        let facts = BlockFacts {
            number: header.number,
            timestamp: header.timestamp,
            l1_block_number: 0,
            base_fee: if request.gas_price.is_some() { self.base_fee() } else { U256::ZERO },
            coinbase: SEQUENCER,
            chain_id: self.config.chain_id,
            header_version: version,
            allow_debug: self.config.allow_debug_precompiles,
            max_code_size: self.config.max_code_size,
            on_chain: false,
        };
        let base_fee = self.base_fee();
        let mut run = BlockRun::new(facts, Caches::default()).with_layout(self.config.l2_layout);
        run.simulation = Some(Simulation { base_fee, estimates: purpose == Purpose::Estimate });
        let mut evm = ArbEvm::new(self.world, run, ArbPrecompiles::new(version), CodeLimits::of(self.config));
        let (l1_block_number, gas_limit) =
            evm.arbos(|state| Ok((state.block_hashes().l1_block_number()?, l2::block_gas_limit(state)?)))?;
        evm.set_l1_block_number(l1_block_number);
        evm.context_mut().chain.gas_limit = gas_limit;
        Ok(evm)
    }

    fn run(&mut self, request: &CallRequest, gas: u64, purpose: Purpose) -> Result<process::Outcome, Error> {
        let chain_id = U256::from(self.config.chain_id);
        let mut evm = self.evm(request, purpose)?;
        let shown_gas = (purpose == Purpose::Call).then_some(gas);
        let poster = poster_cost(&mut evm, request, shown_gas)?;
        let tx = ArbTxEnvelope::Contract(ContractTx {
            chain_id,
            request_id: B256::ZERO,
            from: request.from,
            gas_fee_cap: request.gas_price.unwrap_or_default(),
            gas,
            to: request.to,
            value: request.value,
            data: request.data.clone(),
        });
        process::simulate(&mut evm, &Incoming::new(&tx, request.from, poster))
    }
}

/// Runs a transaction that is never refused.
fn run_included(evm: &mut ArbEvm<'_>, tx: &ArbTxEnvelope) -> Result<Executed, Error> {
    let sender = tx.sender(0, evm.context().chain.facts.header_version).unwrap_or(ARBOS_ACTS);
    let outcome = process::transact(evm, &Incoming::new(tx, sender, PosterCost::default()))?;
    Ok(outcome.unwrap_or_default())
}

/// The least gas from `used` to `most` that succeeds, where `most` does.
fn least(used: u64, most: u64, mut succeeds: impl FnMut(u64) -> Result<bool, Error>) -> Result<u64, Error> {
    let (mut fails, mut works) = (used.saturating_sub(1), most);
    // Nearly always a little more than was used is enough: what calls keep back.
    let guess = used.saturating_add(used / 63).saturating_add(2_300);
    if guess < works && guess > fails {
        if succeeds(guess)? { works = guess } else { fails = guess }
    }
    while works > fails.saturating_add(1) {
        let middle = fails + (works - fails) / 2;
        if succeeds(middle)? { works = middle } else { fails = middle }
    }
    Ok(works)
}

/// What posting the call would cost: a transaction is made up for it, and some units are added.
fn poster_cost(evm: &mut ArbEvm<'_>, request: &CallRequest, gas: Option<u64>) -> Result<PosterCost, Error> {
    let (level, price) =
        evm.arbos(|state| Ok((state.brotli_compression_level().get()?, state.l1_pricing().price_per_unit().get()?)))?;
    let bytes = Brotli::default().compressed_len(&stand_in(request, gas), level)?;
    let units = l1::estimated_units(l1::units(bytes as u64));
    Ok(PosterCost { units, wei: l1::data_cost(price, units) })
}

/// The transaction that stands for a call when its data is priced.
fn stand_in(request: &CallRequest, gas: Option<u64>) -> Vec<u8> {
    let price = request.gas_price.filter(|price| !price.is_zero());
    let price = price.map(|price| price.saturating_to::<u128>());
    let tx = TxEip1559 {
        chain_id: 0,
        nonce: estimate::NONCE,
        gas_limit: gas.filter(|gas| *gas != 0).unwrap_or(estimate::GAS),
        max_fee_per_gas: price.unwrap_or_else(|| estimate::GAS_FEE_CAP.into()),
        max_priority_fee_per_gas: price.unwrap_or_else(|| estimate::GAS_TIP_CAP.into()),
        to: request.to.map_or(TxKind::Create, TxKind::Call),
        value: request.value,
        access_list: Default::default(),
        input: request.data.clone(),
    };
    let number = |text: &[u8]| U256::from_be_bytes(keccak256(text).0);
    let signature = Signature::new(number(estimate::R_TEXT), number(estimate::S_TEXT), true);
    let signed = TxEnvelope::Eip1559(tx.into_signed(signature)).encoded_2718();
    with_parity(&signed)
}

/// Replaces the parity of a signature by the number the protocol puts there, which no real signature has.
fn with_parity(signed: &[u8]) -> Vec<u8> {
    use alloy_rlp::{Encodable, Header};
    const SIGNATURE_NUMBERS: usize = 2 * 33;
    let mut body = &signed[1..];
    let Ok(list) = Header::decode_bytes(&mut body, true) else { return signed.to_vec() };
    let (before, numbers) = list.split_at(list.len() - SIGNATURE_NUMBERS);
    let mut fields = before[..before.len() - 1].to_vec();
    estimate::V.encode(&mut fields);
    fields.extend_from_slice(numbers);
    let mut out = Vec::from(&signed[..1]);
    Header { list: true, payload_length: fields.len() }.encode(&mut out);
    out.extend_from_slice(&fields);
    out
}
