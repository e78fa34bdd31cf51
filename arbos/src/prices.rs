//! What a turn of a knob does to prices, before it is turned: the models over a load, with owners changing parameters on the way.
//!
//! Nothing of a price is computed here. A [`Ledger`] keeps the words of a new chain in memory; crate `pricing` moves them, and
//! owners' changes are calls of `ArbOwner` with the bytes a transaction would carry. Only execution is left out: a [`Load`] says how
//! much gas and data each second brings. The two laws of history have no words; they run as formulas.

pub mod history;
pub mod ledger;
pub mod load;
pub mod plot;
pub mod recommend;
pub mod row;
pub mod setting;
pub mod simulation;

pub use ledger::Ledger;
pub use load::{Load, Mix};
pub use row::Row;
pub use setting::{Change, Setting};
pub use simulation::Simulation;

use ::state::{ArbosVersion, arbos::L2Layout};

/// A model of the price of L2 gas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// One backlog with a tolerance.
    Backlog,
    /// Targets over single gas.
    Constraints,
    /// Targets over kinds of gas.
    MultiGas,
    /// The pair of pools.
    DualPool,
    /// History: one pool and an estimate of the rate.
    RateEstimate,
    /// History: the first exponential law.
    FirstExponential,
}

impl Model {
    /// All models.
    pub const ALL: [Self; 6] =
        [Self::Backlog, Self::Constraints, Self::MultiGas, Self::DualPool, Self::RateEstimate, Self::FirstExponential];

    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Backlog => "backlog",
            Self::Constraints => "constraints",
            Self::MultiGas => "multi-gas",
            Self::DualPool => "dual-pool",
            Self::RateEstimate => "rate-estimate",
            Self::FirstExponential => "first-exponential",
        }
    }

    /// The model with a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|model| model.name() == name)
    }

    /// Whether no chain runs it.
    #[must_use]
    pub const fn is_history(self) -> bool {
        matches!(self, Self::RateEstimate | Self::FirstExponential)
    }

    /// Version of the chain it is simulated on.
    #[must_use]
    pub const fn version(self) -> ArbosVersion {
        match self {
            Self::MultiGas => ArbosVersion::MULTI_GAS_CONSTRAINTS,
            _ => ArbosVersion::CONSTRAINT_FIX,
        }
    }

    /// Layout of L2 pricing of that chain.
    #[must_use]
    pub const fn layout(self) -> L2Layout {
        match self {
            Self::DualPool => L2Layout::DualPool,
            _ => L2Layout::Backlog,
        }
    }
}
