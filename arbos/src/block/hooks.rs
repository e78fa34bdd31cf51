//! Where transactions come from and who may refuse them.

use super::Candidate;
use crate::{
    process::{Executed, Refusal},
    tx::ArbTxEnvelope,
};
use alloc::{collections::VecDeque, vec::Vec};
use alloy_primitives::Address;

/// Whether blocks are made again or for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A message is replayed: a transaction that cannot be included uses up some of the block all the same.
    Replay,
    /// Transactions are ordered for the first time: one that cannot be included leaves no trace.
    Sequence,
}

/// What a source says of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may be included.
    Accept,
    /// It may not.
    Refuse,
}

/// A source of transactions.
pub trait Sequencing {
    /// The next transaction of a user; none ends the block.
    fn next(&mut self) -> Option<Candidate>;

    /// Whether this is a replay.
    fn role(&self) -> Role {
        Role::Sequence
    }

    /// Asked before a transaction runs.
    fn before(&mut self, _tx: &ArbTxEnvelope, _sender: Address) -> Verdict {
        Verdict::Accept
    }

    /// Asked after a transaction of a user ran, and after each attempt that it scheduled. Refusing any of them undoes them all.
    fn after(&mut self, _tx: &ArbTxEnvelope, _executed: &Executed) -> Verdict {
        Verdict::Accept
    }

    /// Told how a transaction of a user ended, together with the attempts it scheduled.
    fn ended(&mut self, _tx: &ArbTxEnvelope, _outcome: Result<(), Refusal>) {}
}

/// The transactions of a message.
#[derive(Debug)]
pub(super) struct Replay(VecDeque<Candidate>);

impl Replay {
    pub(super) fn new(candidates: Vec<Candidate>) -> Self {
        Self(candidates.into())
    }
}

impl Sequencing for Replay {
    fn next(&mut self) -> Option<Candidate> {
        self.0.pop_front()
    }

    fn role(&self) -> Role {
        Role::Replay
    }
}
