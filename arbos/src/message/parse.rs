//! From a message to its transactions (`spec/execution.md` 1 and 3).
//!
//! An error means a block without transactions of users; it never means no block.

use super::{MAX_L2_MESSAGE_SIZE, Message, MessageKind};
use crate::tx::{ArbTxEnvelope, ContractTx, DepositTx, InternalTx, SubmitRetryableTx, TxError, UnsignedTx};
use ::precompiles::arbos_acts::ArbosActs;
use alloc::vec::Vec;
use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use alloy_sol_types::SolCall;
use pricing::l1::floor::calldata_gas;
use state::ArbosVersion;
use thiserror::Error;

/// Why a message has no transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The payload is too long.
    #[error("a payload of {0} bytes")]
    TooLong(usize),
    /// The payload ends too early.
    #[error("the payload ends inside of {0}")]
    Truncated(&'static str),
    /// A number does not fit its field.
    #[error("{0} does not fit 64 bits")]
    Number(&'static str),
    /// A kind that has no transactions in a block.
    #[error("messages of kind {0} have no transactions")]
    Kind(u8),
    /// A payload kind that is reserved or retired.
    #[error("payloads of kind {0} are not accepted")]
    PayloadKind(u8),
    /// The message needs a request id.
    #[error("the message has no request id")]
    NoRequestId,
    /// Batches are nested too deep.
    #[error("batches nested deeper than 16")]
    Nesting,
    /// A heartbeat after they were retired.
    #[error("a heartbeat after August 2022")]
    Heartbeat,
    /// Data of a ticket that is too long.
    #[error("a ticket's calldata of {0} bytes")]
    RetryDataTooLong(u64),
    /// A report of a batch without the figures its version needs.
    #[error("a batch report without figures of the batch")]
    NoBatchFigures,
    /// A signed transaction that is none.
    #[error(transparent)]
    Transaction(#[from] TxError),
}

type Parsed<T> = Result<T, ParseError>;

/// Deepest nesting of batches.
const MAX_DEPTH: usize = 16;
/// When heartbeats were retired, in seconds.
const HEARTBEATS_END: u64 = 1_659_974_400;

/// Kinds of payloads.
mod payload {
    pub(super) const UNSIGNED: u8 = 0;
    pub(super) const CONTRACT: u8 = 1;
    pub(super) const BATCH: u8 = 3;
    pub(super) const SIGNED: u8 = 4;
    pub(super) const HEARTBEAT: u8 = 6;
}

/// Transactions of a message. `last_version` is the version in the header of the block before.
///
/// # Errors
/// See [`ParseError`].
pub fn parse(message: &Message, chain_id: u64, last_version: ArbosVersion) -> Parsed<Vec<ArbTxEnvelope>> {
    if message.l2_msg.len() > MAX_L2_MESSAGE_SIZE {
        return Err(ParseError::TooLong(message.l2_msg.len()));
    }
    let header = &message.header;
    let context = Context { chain_id: U256::from(chain_id), poster: header.poster, timestamp: header.timestamp };
    let bytes = Reader(&message.l2_msg);
    match header.kind {
        MessageKind::L2_MESSAGE => {
            let mut transactions = Vec::new();
            context.l2_message(bytes, header.request_id, 0, &mut transactions)?;
            Ok(transactions)
        }
        MessageKind::END_OF_BLOCK | MessageKind::ROLLUP_EVENT => Ok(Vec::new()),
        MessageKind::L2_FUNDED_BY_L1 => context.funded(bytes, header.request_id.ok_or(ParseError::NoRequestId)?),
        MessageKind::SUBMIT_RETRYABLE => {
            let request_id = header.request_id.ok_or(ParseError::NoRequestId)?;
            context.submission(bytes, request_id, header.l1_base_fee.unwrap_or_default())
        }
        MessageKind::ETH_DEPOSIT => context.deposit(bytes, header.request_id.ok_or(ParseError::NoRequestId)?),
        MessageKind::BATCH_POSTING_REPORT => context.report(bytes, message, last_version),
        kind => Err(ParseError::Kind(kind.0)),
    }
}

/// Takes fields off the front of a payload.
#[derive(Clone, Copy)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize, what: &'static str) -> Parsed<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(ParseError::Truncated(what))?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self, what: &'static str) -> Parsed<u8> {
        Ok(self.take(1, what)?[0])
    }

    fn u64(&mut self, what: &'static str) -> Parsed<u64> {
        let bytes = self.take(8, what)?;
        Ok(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn u256(&mut self, what: &'static str) -> Parsed<U256> {
        Ok(U256::from_be_slice(self.take(32, what)?))
    }

    fn u256_as_u64(&mut self, what: &'static str) -> Parsed<u64> {
        u64::try_from(self.u256(what)?).map_err(|_| ParseError::Number(what))
    }

    fn hash(&mut self, what: &'static str) -> Parsed<B256> {
        Ok(B256::from_slice(self.take(32, what)?))
    }

    /// An address in a word; its upper bytes are ignored.
    fn address(&mut self, what: &'static str) -> Parsed<Address> {
        Ok(Address::from_slice(&self.take(32, what)?[12..]))
    }

    /// The same, where zero creates a contract.
    fn target(&mut self, what: &'static str) -> Parsed<Option<Address>> {
        Ok(Some(self.address(what)?).filter(|address| !address.is_zero()))
    }

    fn rest(&mut self) -> Bytes {
        Bytes::copy_from_slice(core::mem::take(&mut self.0))
    }
}

/// The request id of something inside a message.
fn derived(request_id: B256, index: U256) -> B256 {
    keccak256([request_id.0, index.to_be_bytes::<32>()].concat())
}

/// What all transactions of a message share.
struct Context {
    chain_id: U256,
    poster: Address,
    timestamp: u64,
}

impl Context {
    fn l2_message(
        &self,
        mut bytes: Reader<'_>,
        request_id: Option<B256>,
        depth: usize,
        out: &mut Vec<ArbTxEnvelope>,
    ) -> Parsed<()> {
        match bytes.byte("the payload kind")? {
            kind @ (payload::UNSIGNED | payload::CONTRACT) => out.push(self.unsigned(kind, bytes, request_id)?),
            payload::BATCH => self.batch(bytes, request_id, depth, out)?,
            payload::SIGNED => out.push(ArbTxEnvelope::decode_user(bytes.0)?),
            payload::HEARTBEAT if self.timestamp < HEARTBEATS_END => {}
            payload::HEARTBEAT => return Err(ParseError::Heartbeat),
            kind => return Err(ParseError::PayloadKind(kind)),
        }
        Ok(())
    }

    /// Payloads behind their lengths. A truncated one ends the batch without an error.
    fn batch(
        &self,
        mut bytes: Reader<'_>,
        request_id: Option<B256>,
        depth: usize,
        out: &mut Vec<ArbTxEnvelope>,
    ) -> Parsed<()> {
        if depth >= MAX_DEPTH {
            return Err(ParseError::Nesting);
        }
        let mut index = 0u64;
        while let Ok(length) = bytes.u64("a length") {
            let length = usize::try_from(length).ok().filter(|length| *length <= MAX_L2_MESSAGE_SIZE);
            let Some(Ok(nested)) = length.map(|length| bytes.take(length, "a nested payload")) else { break };
            let nested_id = request_id.map(|id| derived(id, U256::from(index)));
            self.l2_message(Reader(nested), nested_id, depth + 1, out)?;
            index += 1;
        }
        Ok(())
    }

    fn unsigned(&self, kind: u8, mut bytes: Reader<'_>, request_id: Option<B256>) -> Parsed<ArbTxEnvelope> {
        let gas = bytes.u256_as_u64("the gas limit")?;
        let gas_fee_cap = bytes.u256("the fee cap")?;
        let nonce = if kind == payload::UNSIGNED { bytes.u256_as_u64("the nonce")? } else { 0 };
        let to = bytes.target("the target")?;
        let value = bytes.u256("the value")?;
        let data = bytes.rest();
        let (chain_id, from) = (self.chain_id, self.poster);
        if kind == payload::UNSIGNED {
            return Ok(ArbTxEnvelope::Unsigned(UnsignedTx {
                chain_id,
                from,
                nonce,
                gas_fee_cap,
                gas,
                to,
                value,
                data,
            }));
        }
        let request_id = request_id.ok_or(ParseError::NoRequestId)?;
        Ok(ArbTxEnvelope::Contract(ContractTx { chain_id, request_id, from, gas_fee_cap, gas, to, value, data }))
    }

    fn funded(&self, mut bytes: Reader<'_>, request_id: B256) -> Parsed<Vec<ArbTxEnvelope>> {
        let kind = bytes.byte("the payload kind")?;
        if !matches!(kind, payload::UNSIGNED | payload::CONTRACT) {
            return Err(ParseError::PayloadKind(kind));
        }
        let transaction = self.unsigned(kind, bytes, Some(derived(request_id, U256::ONE)))?;
        let deposit = DepositTx {
            chain_id: self.chain_id,
            l1_request_id: derived(request_id, U256::ZERO),
            from: Address::ZERO,
            to: self.poster,
            value: transaction.value().unwrap_or_default(),
        };
        Ok([ArbTxEnvelope::Deposit(deposit), transaction].into())
    }

    fn submission(&self, mut bytes: Reader<'_>, request_id: B256, l1_base_fee: U256) -> Parsed<Vec<ArbTxEnvelope>> {
        let retry_to = bytes.target("the target")?;
        let retry_value = bytes.u256("the call value")?;
        let deposit_value = bytes.u256("the deposit")?;
        let max_submission_fee = bytes.u256("the submission fee")?;
        let fee_refund_address = bytes.address("the refund address")?;
        let beneficiary = bytes.address("the beneficiary")?;
        let gas = bytes.u256_as_u64("the gas limit")?;
        let gas_fee_cap = bytes.u256("the fee cap")?;
        let length = bytes.u256_as_u64("the data length")?;
        Ok([ArbTxEnvelope::SubmitRetryable(SubmitRetryableTx {
            chain_id: self.chain_id,
            request_id,
            from: self.poster,
            l1_base_fee,
            deposit_value,
            gas_fee_cap,
            gas,
            retry_to,
            retry_value,
            beneficiary,
            max_submission_fee,
            fee_refund_address,
            retry_data: retry_data(bytes.0, length)?,
        })]
        .into())
    }

    fn deposit(&self, mut bytes: Reader<'_>, l1_request_id: B256) -> Parsed<Vec<ArbTxEnvelope>> {
        let to = Address::from_slice(bytes.take(20, "the receiver")?);
        let value = bytes.u256("the value")?;
        let (chain_id, from) = (self.chain_id, self.poster);
        Ok([ArbTxEnvelope::Deposit(DepositTx { chain_id, l1_request_id, from, to, value })].into())
    }

    fn report(&self, mut bytes: Reader<'_>, message: &Message, last: ArbosVersion) -> Parsed<Vec<ArbTxEnvelope>> {
        let timestamp = bytes.u256("the batch time")?;
        let poster = Address::from_slice(bytes.take(20, "the poster")?);
        bytes.hash("the data hash")?;
        let number = bytes.u256_as_u64("the batch number")?;
        let l1_base_fee = bytes.u256("the L1 base fee")?;
        let extra_gas = if bytes.0.is_empty() { 0 } else { bytes.u64("the extra gas")? };
        let stats = message.batch_data_stats;
        let data = if last < ArbosVersion::BATCH_REPORT_V2 {
            let legacy = stats.map(|stats| calldata_gas(stats.length, stats.non_zeros));
            let legacy = legacy.or(message.legacy_batch_gas_cost).ok_or(ParseError::NoBatchFigures)?;
            ArbosActs::batchPostingReportCall {
                batchTimestamp: timestamp,
                batchPosterAddress: poster,
                batchNumber: number,
                batchDataGas: legacy.saturating_add(extra_gas),
                l1BaseFeeWei: l1_base_fee,
            }
            .abi_encode()
        } else {
            let stats = stats.ok_or(ParseError::NoBatchFigures)?;
            ArbosActs::batchPostingReportV2Call {
                batchTimestamp: timestamp,
                batchPosterAddress: poster,
                batchNumber: number,
                batchCalldataLength: stats.length,
                batchCalldataNonZeros: stats.non_zeros,
                batchExtraGas: extra_gas,
                l1BaseFeeWei: l1_base_fee,
            }
            .abi_encode()
        };
        Ok([ArbTxEnvelope::Internal(InternalTx { chain_id: self.chain_id, data: data.into() })].into())
    }
}

/// Calldata of a ticket: bytes that are missing at its end are zero, but not all of them may be missing.
fn retry_data(bytes: &[u8], length: u64) -> Parsed<Bytes> {
    let too_long = ParseError::RetryDataTooLong(length);
    let length = usize::try_from(length).ok().filter(|length| *length <= MAX_L2_MESSAGE_SIZE).ok_or(too_long)?;
    if length > 0 && bytes.is_empty() {
        return Err(ParseError::Truncated("the calldata"));
    }
    let mut data = bytes[..bytes.len().min(length)].to_vec();
    data.resize(length, 0);
    Ok(data.into())
}
