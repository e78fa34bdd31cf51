//! What a method sees of its call: a context whose type says what it may do.
//!
//! | Solidity | context | state |
//! | --- | --- | --- |
//! | `pure` | [`PureCtx`] | none |
//! | `view` | [`ViewCtx`] | [`ArbosState`] for [`Read`] |
//! | (nothing) | [`WriteCtx`] | [`ArbosState`] for [`Write`] |
//! | `payable` | [`PayCtx`] | [`ArbosState`] for [`Write`], and the value |

use crate::{
    error::{Failure, Reply},
    host::{Activation, ActivationError, ActivationRequest, BlockFacts, Call, Host, TxFacts},
};
use alloy_primitives::{Address, Log, U256};
use alloy_sol_types::SolEvent;
use core::marker::PhantomData;
use state::{
    ArbosState, ArbosVersion, Burner, Fault, Io, MeteredBurner, Read, ResourceKind, Result, SystemBurner, Write,
    arbos::{FilteredTransactions, L2Layout},
};

/// One call while it runs.
pub struct Frame<'a> {
    /// The chain.
    pub host: &'a mut dyn Host,
    /// Who pays.
    pub burner: &'a mut MeteredBurner,
    /// The call.
    pub call: &'a Call<'a>,
    /// Version of the state.
    pub version: ArbosVersion,
}

/// Marker of pure methods.
#[derive(Debug)]
pub enum Pure {}
/// Marker of view methods.
#[derive(Debug)]
pub enum View {}
/// Marker of methods that write.
#[derive(Debug)]
pub enum Writes {}
/// Marker of payable methods.
#[derive(Debug)]
pub enum Pay {}

/// A context; `P` says what it may do.
pub struct Ctx<'f, 'a, P> {
    frame: &'f mut Frame<'a>,
    purity: PhantomData<P>,
}

/// Context of a pure method.
pub type PureCtx<'f, 'a> = Ctx<'f, 'a, Pure>;
/// Context of a view method.
pub type ViewCtx<'f, 'a> = Ctx<'f, 'a, View>;
/// Context of a method that writes.
pub type WriteCtx<'f, 'a> = Ctx<'f, 'a, Writes>;
/// Context of a payable method.
pub type PayCtx<'f, 'a> = Ctx<'f, 'a, Pay>;

/// Gas of a log and of each of its topics.
const LOG_GAS: u64 = 375;
/// Gas of a byte of a log's data.
const LOG_BYTE_GAS: u64 = 8;

impl<'f, 'a, P> Ctx<'f, 'a, P> {
    /// A context over a call. Dispatch makes it after the checks its purity asks for.
    pub const fn new(frame: &'f mut Frame<'a>) -> Self {
        Self { frame, purity: PhantomData }
    }

    /// Who calls, as the EVM sees it.
    #[must_use]
    pub const fn caller(&self) -> Address {
        self.frame.call.caller
    }

    /// Version of the state.
    #[must_use]
    pub const fn version(&self) -> ArbosVersion {
        self.frame.version
    }

    /// Whether the chain prices gas by the pair of pools. Costs nothing.
    pub fn has_pools(&mut self) -> bool {
        self.frame.host.backend().l2_layout() == L2Layout::DualPool
    }

    /// Facts of the block.
    #[must_use]
    pub fn block(&self) -> BlockFacts {
        *self.frame.host.block()
    }

    /// Facts of the transaction.
    #[must_use]
    pub fn tx(&self) -> TxFacts {
        self.frame.host.tx()
    }

    /// The chain, for facts that cost nothing.
    pub const fn host(&mut self) -> &mut dyn Host {
        &mut *self.frame.host
    }

    /// Gas that can still be burnt.
    #[must_use]
    pub fn gas_left(&self) -> u64 {
        self.frame.burner.gas_left()
    }

    /// Burns gas.
    ///
    /// # Errors
    /// [`Fault::OutOfGas`]; everything is burnt then.
    pub fn burn(&mut self, kind: ResourceKind, amount: u64) -> Result<()> {
        self.frame.burner.burn(kind, amount)
    }

    /// Burns everything, as a method does that refuses its caller.
    pub fn burn_out<T>(&mut self) -> Reply<T> {
        self.frame.burner.burn_out();
        Err(Fault::OutOfGas.into())
    }

    fn log(&mut self, event: &impl SolEvent) -> Reply<()> {
        let data = event.encode_log_data();
        let gas = LOG_GAS * (1 + data.topics().len() as u64) + LOG_BYTE_GAS * data.data.len() as u64;
        self.burn(ResourceKind::HistoryGrowth, gas)?;
        let address = self.frame.call.precompile;
        self.frame.host.log(Log { address, data });
        Ok(())
    }
}

impl<'a> ViewCtx<'_, 'a> {
    /// The operating state, for reading.
    pub fn state(&mut self) -> ArbosState<'_, Read> {
        ArbosState::at_version_read(Io::new(self.frame.host.backend(), self.frame.burner), self.frame.version)
    }

    /// The filtered transactions, for reading.
    pub fn filtered(&mut self) -> FilteredTransactions<'_, Read> {
        FilteredTransactions::open(Io::new(self.frame.host.backend(), self.frame.burner))
    }

    /// Emits an event, which a view method may no longer do.
    ///
    /// # Errors
    /// [`Fault::WriteProtection`] from version 11 on.
    pub fn emit(&mut self, event: &impl SolEvent) -> Reply<()> {
        // Kept: below version 11 view methods emit. See ArbosVersion::EVENTS_NEED_WRITE.
        if self.frame.version >= ArbosVersion::EVENTS_NEED_WRITE {
            return Err(Fault::WriteProtection.into());
        }
        self.log(event)
    }
}

/// Contexts that may write.
macro_rules! writing {
    ($($context:ident),*) => {$(
        impl $context<'_, '_> {
            /// The operating state, for writing.
            pub fn state(&mut self) -> ArbosState<'_, Write> {
                ArbosState::at_version(Io::new(self.frame.host.backend(), self.frame.burner), self.frame.version)
            }

            /// The operating state where nobody pays.
            ///
            /// # Errors
            /// A failing store.
            pub fn unmetered<T>(&mut self, step: impl FnOnce(&mut ArbosState<'_, Write>) -> Result<T>) -> Result<T> {
                let mut burner = SystemBurner::default();
                let io = Io::new(self.frame.host.backend(), &mut burner);
                step(&mut ArbosState::at_version(io, self.frame.version))
            }

            /// The filtered transactions, for writing.
            pub fn filtered(&mut self) -> FilteredTransactions<'_, Write> {
                FilteredTransactions::open(Io::new(self.frame.host.backend(), self.frame.burner))
            }

            /// Emits an event: 375 gas and as much for each topic, and 8 for each byte of data.
            ///
            /// # Errors
            /// [`Fault::OutOfGas`].
            pub fn emit(&mut self, event: &impl SolEvent) -> Reply<()> {
                self.log(event)
            }
        }
    )*};
}
writing!(WriteCtx, PayCtx);

impl PayCtx<'_, '_> {
    /// Asks the chain to activate a program; what that costs is burnt here.
    ///
    /// # Errors
    /// See [`ActivationError`].
    pub fn activate(&mut self, request: &ActivationRequest) -> core::result::Result<Activation, ActivationError> {
        self.frame.host.activate(request, self.frame.burner)
    }

    /// The value that came with the call, in wei. The precompile's account holds it already.
    #[must_use]
    pub const fn value(&self) -> U256 {
        self.frame.call.value
    }
}

/// The error of a condition that does not hold: a refusal without data.
///
/// # Errors
/// If `holds` is false.
pub const fn require(holds: bool, reason: &'static str) -> Reply<()> {
    if holds { Ok(()) } else { Err(Failure::plain(reason)) }
}
