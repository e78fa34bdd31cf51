//! Where the time of a block goes: a `tracing` span for each phase, at trace level under [`TARGET`].
//!
//! Any subscriber can time them; `cargo arbos replay --bench` does. Phases nest (fees lie inside execution, a sender that was not
//! known ahead too), so the time of a phase is that of its spans without those inside them. What lies in no span, as asking a
//! [`Sequencing`](crate::block::Sequencing) for the next transaction, is not the library's time. Without a subscriber a phase costs
//! the load of an atomic.

use tracing::{Span, trace_span};

/// Target of the spans.
pub const TARGET: &str = "arbos::phase";

/// A part of making a block; [`Self::name`] is the name of its spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The transactions of a message are read.
    Parse,
    /// The sender of a transaction is recovered.
    Recover,
    /// A transaction is compressed, for the size of its data.
    Size,
    /// The state is opened, and acts of the operating system run: the start of the block, reports of batches.
    Start,
    /// A transaction is checked and run, and its receipt made.
    Execute,
    /// It is charged before it runs, and its fees are settled afterwards.
    Fees,
    /// What the block changed is collected.
    State,
    /// Changes are committed to the world, which gives the state root.
    Root,
    /// The block is ended: the next price, roots of transactions and receipts, header, hash.
    Seal,
}

impl Phase {
    /// All phases, in the order in which a block passes them.
    pub const ALL: [Self; 9] = [
        Self::Parse,
        Self::Recover,
        Self::Size,
        Self::Start,
        Self::Execute,
        Self::Fees,
        Self::State,
        Self::Root,
        Self::Seal,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Parse => "parse",
            Self::Recover => "recover",
            Self::Size => "size",
            Self::Start => "start",
            Self::Execute => "execute",
            Self::Fees => "fees",
            Self::State => "state",
            Self::Root => "root",
            Self::Seal => "seal",
        }
    }

    /// Works inside a span of the phase.
    #[inline]
    pub(crate) fn run<T>(self, work: impl FnOnce() -> T) -> T {
        self.span().in_scope(work)
    }

    #[inline]
    fn span(self) -> Span {
        match self {
            Self::Parse => trace_span!(target: TARGET, Phase::Parse.name()),
            Self::Recover => trace_span!(target: TARGET, Phase::Recover.name()),
            Self::Size => trace_span!(target: TARGET, Phase::Size.name()),
            Self::Start => trace_span!(target: TARGET, Phase::Start.name()),
            Self::Execute => trace_span!(target: TARGET, Phase::Execute.name()),
            Self::Fees => trace_span!(target: TARGET, Phase::Fees.name()),
            Self::State => trace_span!(target: TARGET, Phase::State.name()),
            Self::Root => trace_span!(target: TARGET, Phase::Root.name()),
            Self::Seal => trace_span!(target: TARGET, Phase::Seal.name()),
        }
    }
}
