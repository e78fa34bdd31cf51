//! Transactions that wait for their turn, with what can be known of them before: hash, sender and compressed size.
//!
//! All are pure functions of the bytes, so they are computed ahead and, with feature `parallel`, side by side: those of a block
//! before it runs, those of coming messages while it runs. What was computed under circumstances that something before it changed
//! is computed again, so a guess costs time when it is wrong, and nothing else.

use super::start::{GuessedStart, Moment};
use crate::{
    message::{MessageWithMetadata, parse},
    phase::Phase,
    tx::ArbTxEnvelope,
};
use ::state::{ArbosVersion, address::SEQUENCER};
use alloc::vec::Vec;
use alloy_primitives::{Address, B256};
use pricing::brotli::{Brotli, CompressError, Compressor};

/// What senders and sizes depend on beside the transaction. For coming messages it is a guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circumstances {
    /// Chain id of the configuration.
    pub chain_id: u64,
    /// Version of the state.
    pub version: ArbosVersion,
    /// Level at which data is compressed; none if nobody pays for data in this block.
    pub level: Option<u64>,
}

/// A transaction before its turn.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The transaction.
    pub tx: ArbTxEnvelope,
    known: Option<(Circumstances, Known)>,
}

/// What is known of a transaction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    hash: B256,
    /// Its sender; none if the signature is not valid.
    pub(super) sender: Option<Address>,
    /// Bytes of it, compressed; zero if it does not pay for data.
    pub(super) compressed: Result<usize, CompressError>,
}

impl From<ArbTxEnvelope> for Candidate {
    fn from(tx: ArbTxEnvelope) -> Self {
        Self { tx, known: None }
    }
}

impl Candidate {
    /// Hash of the transaction.
    pub(super) fn hash(&self) -> B256 {
        self.known.map_or_else(|| self.tx.hash(), |(_, known)| known.hash)
    }

    /// Sender and size under the circumstances.
    pub(super) fn known(&self, circumstances: &Circumstances, compressor: &mut Brotli) -> Known {
        match &self.known {
            Some((then, known)) if then == circumstances => *known,
            _ => Known::of(&self.tx, circumstances, compressor),
        }
    }
}

impl Known {
    fn of(tx: &ArbTxEnvelope, circumstances: &Circumstances, compressor: &mut Brotli) -> Self {
        let compressed = match circumstances.level.filter(|_| tx.has_poster_cost()) {
            Some(level) => Phase::Size.run(|| compressor.compressed_len(&tx.encoded(), level)),
            None => Ok(0),
        };
        let sender = Phase::Recover.run(|| tx.sender(circumstances.chain_id, circumstances.version));
        Self { hash: tx.hash(), sender, compressed }
    }
}

/// A message with its transactions, as far as they can be known before its block is made.
#[derive(Debug, Clone)]
pub struct Prepared<'m> {
    pub(super) message: &'m MessageWithMetadata,
    version: ArbosVersion,
    candidates: Vec<Candidate>,
    /// The start of its block, if the block before it was guessed too.
    pub(super) start: Option<GuessedStart>,
}

impl<'m> Prepared<'m> {
    /// Reads a message and computes senders and sizes. A message that cannot be read has no transactions.
    #[must_use]
    pub fn new(message: &'m MessageWithMetadata, guess: &Circumstances) -> Self {
        let parsed = Phase::Parse.run(|| parse(&message.message, guess.chain_id, guess.version));
        let transactions = parsed.unwrap_or_else(|reason| {
            tracing::debug!(%reason, "a message without transactions");
            Vec::new()
        });
        let pays = message.message.header.poster == SEQUENCER;
        let circumstances = Circumstances { level: guess.level.filter(|_| pays), ..*guess };
        Self { message, version: guess.version, candidates: prepare(transactions, &circumstances), start: None }
    }

    /// The same with a guess at the start of its block, which comes after another one.
    #[must_use]
    pub fn after(self, before: Moment, chain_id: u64) -> Self {
        Self { start: Some(GuessedStart::new(before, &self.message.message.header, chain_id)), ..self }
    }

    /// The transactions, read again if the block before had another version than was guessed.
    pub(super) fn into_candidates(self, circumstances: &Circumstances) -> Vec<Candidate> {
        if self.version == circumstances.version {
            self.candidates
        } else {
            Self::new(self.message, circumstances).candidates
        }
    }
}

/// Fewer signed transactions than this are not worth another thread.
#[cfg(feature = "parallel")]
const WORTH_THREADS: usize = 4;

/// Computes ahead what can be.
fn prepare(transactions: Vec<ArbTxEnvelope>, circumstances: &Circumstances) -> Vec<Candidate> {
    let prepare = |compressor: &mut Brotli, tx: ArbTxEnvelope| {
        let known = Known::of(&tx, circumstances, compressor);
        Candidate { tx, known: Some((*circumstances, known)) }
    };
    #[cfg(feature = "parallel")]
    if transactions.len() >= WORTH_THREADS {
        use rayon::prelude::*;
        return transactions.into_par_iter().map_init(Brotli::default, prepare).collect();
    }
    let mut compressor = Brotli::default();
    transactions.into_iter().map(|tx| prepare(&mut compressor, tx)).collect()
}
