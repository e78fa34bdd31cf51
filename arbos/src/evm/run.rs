//! What is known and counted while a block runs: the part of the EVM's context that is ours.

use crate::{
    error::Error,
    evm::{
        caches::{Caches, Emptied, KnownCodes},
        database::DatabaseError,
        ledger::LedgerState,
        programs::{CompiledPrograms, RecentPrograms},
    },
};
use alloc::vec::Vec;
use alloy_primitives::{Address, B256, I256, U256, bytes::BytesMut};
use precompiles::host::{BlockFacts, Stop};
use pricing::stylus::pages::Pages;
use revm::context_interface::context::ContextError;
use state::{Fault, KeyCache, MultiGas, arbos::L2Layout};

/// State of the block being run, beside the journal.
#[derive(Debug)]
pub struct BlockRun {
    /// Facts of the block.
    pub facts: BlockFacts,
    /// Facts and counters of the running transaction.
    pub tx: TxRun,
    /// Room for results of precompiles; empty between calls.
    pub room: BytesMut,
    /// Room for a precompile's input; empty between calls.
    pub input: Vec<u8>,
    /// Derived storage keys, remembered.
    pub keys: KeyCache,
    /// Compiled programs.
    pub programs: CompiledPrograms,
    /// Code for the EVM to know, until it runs.
    pub(super) codes: KnownCodes,
    /// Maps and lists for the EVM to take, until it runs.
    pub(super) emptied: Emptied,
    /// Programs that ran lately in the block.
    pub recent: RecentPrograms,
    /// What the block changed so far.
    pub ledger: LedgerState,
    /// Wei that appeared less wei that vanished, what comes from L1 and acts of precompiles aside: zero in a sound block.
    pub delta: BalanceDelta,
    /// How the chain lays out L2 pricing.
    pub layout: L2Layout,
    /// Compute gas the block started with. Every transaction is held to it where the pair of pools says how much that is.
    pub gas_limit: u64,
    /// How data is priced where nothing is kept; none on chain.
    pub simulation: Option<Simulation>,
    /// Why block production has to end, once it has.
    pub stop: Option<Stop>,
}

/// A run that is not part of a chain.
#[derive(Debug, Clone, Copy)]
pub struct Simulation {
    /// Base fee that prices data, in wei; the block's may be zero for a call that pays nothing.
    pub base_fee: U256,
    /// Whether gas is estimated: data may become dearer before the transaction is sent.
    pub estimates: bool,
}

impl BlockRun {
    /// A run that begins.
    #[must_use]
    pub fn new(facts: BlockFacts, caches: Caches) -> Self {
        let Caches { keys, programs, codes, mut emptied } = caches;
        let ledger = emptied.take_ledger();
        Self {
            facts,
            tx: TxRun::default(),
            room: BytesMut::new(),
            input: Vec::new(),
            keys,
            programs,
            codes,
            emptied,
            recent: RecentPrograms::default(),
            ledger,
            delta: BalanceDelta::default(),
            layout: L2Layout::Backlog,
            gas_limit: u64::MAX,
            simulation: None,
            stop: None,
        }
    }

    /// The same on a chain with this layout of L2 pricing.
    #[must_use]
    pub fn with_layout(self, layout: L2Layout) -> Self {
        Self { layout, ..self }
    }
}

impl BlockRun {
    /// The error behind a fault of system code.
    pub(crate) fn error(&mut self, fault: Fault) -> Error {
        match (fault, self.ledger.take_error()) {
            (Fault::Host, Some(error)) => error.0.into(),
            _ => Error::from_fault(fault),
        }
    }

    /// The error behind an EVM that stopped: a stop comes before what the EVM says.
    pub(crate) fn evm_error(&mut self, error: ContextError<DatabaseError>) -> Error {
        match (self.stop.take(), error) {
            (Some(fault), _) => self.error(fault),
            (None, ContextError::Db(error)) => error.0.into(),
            (None, ContextError::Custom(text)) => Error::Evm(text),
        }
    }
}

/// The running transaction, as the hooks and the precompiles know it.
#[derive(Debug, Clone, Default)]
pub struct TxRun {
    /// Type byte of the envelope.
    pub tx_type: u8,
    /// Its sender.
    pub origin: Address,
    /// What GASPRICE shows, in wei.
    pub gas_price: U256,
    /// The price it offers, in wei, before a tip that is not collected is taken off. Programs see it.
    pub offered_gas_price: U256,
    /// What the sender pays for posting its data, in wei.
    pub poster_fee: U256,
    /// The same as gas.
    pub poster_gas: u64,
    /// Who gets the tip: the network fee account from before execution.
    pub tip_recipient: Address,
    /// Gas kept back until execution is over.
    pub held_gas: u64,
    /// The ticket a retry runs.
    pub running_ticket: Option<B256>,
    /// Who gets the refunds of a retry.
    pub refund_to: Option<Address>,
    /// Open contract frames, outermost first.
    pub frames: Vec<OpenFrame>,
    /// Pages of memory that programs hold.
    pub pages: Pages,
    /// Gas attributed to other kinds than computation.
    pub attributed: MultiGas,
    /// Gas that was used and belongs to no kind.
    pub unattributed: u64,
}

/// A contract frame that is open.
#[derive(Debug, Clone, Copy)]
pub struct OpenFrame {
    /// Its caller.
    pub caller: Address,
    /// The account it acts as; none for a frame that acts as another's.
    pub acts_as: Option<Address>,
}

/// A signed sum of wei.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BalanceDelta(I256);

impl BalanceDelta {
    /// Counts wei that appeared.
    pub const fn appeared(&mut self, amount: U256) {
        self.0 = self.0.wrapping_add(I256::from_raw(amount));
    }

    /// Counts wei that vanished.
    pub const fn vanished(&mut self, amount: U256) {
        self.0 = self.0.wrapping_sub(I256::from_raw(amount));
    }

    /// The sum so far.
    #[must_use]
    pub const fn value(&self) -> I256 {
        self.0
    }
}
