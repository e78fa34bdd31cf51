//! A block while it is made.

use super::{
    Candidate, Parent,
    candidate::Circumstances,
    header::HeaderInfo,
    hooks::{Role, Sequencing, Verdict},
    seal::{self, Unsealed},
    start::{self, GuessedStart, Moment},
};
use crate::{
    error::Error,
    evm::{ArbEvm, ArbPrecompiles, BlockRun, Caches, Checkpoint, CodeLimits},
    message::MessageHeader,
    phase::Phase,
    process::{self, Executed, Incoming, Outcome, PosterCost, Refusal, schedule},
    receipt::ArbReceipt,
    tx::{ArbTxEnvelope, RetryTx},
};
use ::precompiles::{arbos_acts::ArbosActs, host::BlockFacts};
use ::state::{
    ArbosVersion,
    address::{FILTERED_TRANSACTIONS, SEQUENCER},
    arbos::L2Layout,
    world::World,
};
use alloc::{collections::VecDeque, vec::Vec};
use alloy_primitives::{Address, B256, U256};
use pricing::{
    brotli::Brotli,
    l1,
    l2::{self, L2Model},
};

/// Compute gas that every transaction takes from a block at least.
const MIN_TRANSACTION_GAS: u64 = 21_000;

/// A block while it is made.
pub(super) struct Builder<'w> {
    pub(super) evm: ArbEvm<'w>,
    pub(super) chain_id: u64,
    start: ArbosActs::startBlockCall,
    /// The start as it was guessed ahead.
    pub(super) guessed_start: Option<GuessedStart>,
    compressor: Brotli,
    pub(super) transactions: Vec<ArbTxEnvelope>,
    pub(super) receipts: Vec<ArbReceipt>,
    /// Attempts that wait for their turn.
    queue: VecDeque<RetryTx>,
    /// Compute gas the block has left.
    gas_left: u64,
    /// Transactions of users that were tried.
    user_transactions: u64,
    included_user_transactions: u64,
}

/// Where a transaction comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The operating system.
    System,
    /// A ticket.
    Attempt,
    /// A message or a source.
    User(Role),
}

/// A builder at some point of the block.
struct Mark {
    evm: Checkpoint,
    transactions: usize,
    gas_left: u64,
    user_transactions: u64,
}

impl<'w> Builder<'w> {
    /// Opens the state for a new block and reads the facts of the block.
    pub(super) fn new(
        world: &'w mut dyn World,
        parent: &Parent<'_>,
        header: &MessageHeader,
        caches: Caches,
    ) -> Result<Self, Error> {
        let config = parent.config;
        let version = HeaderInfo::of(parent.header).version;
        let before = Moment::of(parent.header);
        let Moment { number, timestamp } = before.next(header);
        let facts = BlockFacts {
            number,
            timestamp,
            l1_block_number: 0,
            base_fee: U256::ZERO,
            coinbase: header.poster,
            chain_id: config.chain_id,
            header_version: version,
            allow_debug: config.allow_debug_precompiles,
            max_code_size: config.max_code_size,
            on_chain: true,
        };
        let limits = CodeLimits::of(config);
        let run = BlockRun::new(facts, caches).with_layout(config.l2_layout);
        let evm = ArbEvm::new(world, run, ArbPrecompiles::new(version), limits);
        let mut builder = Self {
            evm,
            chain_id: config.chain_id,
            start: before.start_of_next(header),
            guessed_start: None,
            compressor: Brotli::default(),
            transactions: Vec::new(),
            receipts: Vec::new(),
            queue: VecDeque::new(),
            gas_left: 0,
            user_transactions: 0,
            included_user_transactions: 0,
        };
        builder.open()?;
        Ok(builder)
    }

    /// Makes the fees of the next block those of this one and reads its base fee and gas limit.
    fn open(&mut self) -> Result<(), Error> {
        self.reopen()?;
        let (base_fee, gas_left) = self.evm.arbos(|state| {
            if L2Model::active(state)? == L2Model::MultiGas {
                l2::multi_gas::commit_fees(&mut state.l2_pricing())?;
            }
            Ok((state.base_fee_wei().get()?, l2::block_gas_limit(state)?))
        })?;
        self.evm.ledger().end_transaction();
        self.evm.set_base_fee(base_fee);
        self.evm.context_mut().chain.gas_limit = gas_left;
        self.gas_left = gas_left;
        Ok(())
    }

    /// Opens the state again: the version and the L1 block number may have changed.
    fn reopen(&mut self) -> Result<(), Error> {
        let (version, l1_block_number) =
            self.evm.arbos(|state| Ok((state.version(), state.block_hashes().l1_block_number()?)))?;
        self.evm.set_header_version(version);
        self.evm.set_l1_block_number(l1_block_number);
        if version >= ArbosVersion::TRANSACTION_FILTERING {
            self.evm.system(|ledger| ledger.set_nonce(FILTERED_TRANSACTIONS, 1))?;
            self.evm.ledger().end_transaction();
        }
        Ok(())
    }

    /// What senders and sizes depend on now.
    pub(super) fn circumstances(&mut self) -> Result<Circumstances, Error> {
        let facts = self.evm.context().chain.facts;
        let level = if facts.coinbase == SEQUENCER {
            Some(self.evm.arbos(|state| state.brotli_compression_level().get())?)
        } else {
            None
        };
        Ok(Circumstances { chain_id: self.chain_id, version: facts.header_version, level })
    }

    /// Makes room for this many transactions, and the start of the block.
    pub(super) fn expect(&mut self, transactions: usize) {
        self.transactions.reserve(transactions + 1);
        self.receipts.reserve(transactions + 1);
    }

    /// Whether a transaction of a user was included.
    pub(super) const fn has_user_transactions(&self) -> bool {
        self.included_user_transactions > 0
    }

    /// Gives back what outlives the block.
    pub(super) fn into_caches(self) -> Caches {
        self.evm.into_parts().0
    }

    /// Runs the start of the block and everything the source has; attempts that were scheduled come before the next transaction.
    pub(super) fn run(&mut self, source: &mut dyn Sequencing) -> Result<(), Error> {
        Phase::Start.run(|| self.begin())?;
        loop {
            while let Some(retry) = self.queue.pop_front() {
                Phase::Execute.run(|| self.attempt(retry, None))?;
            }
            let Some(candidate) = source.next() else { return Ok(()) };
            if matches!(candidate.tx, ArbTxEnvelope::Internal(_)) {
                Phase::Start.run(|| self.system(&candidate.tx, candidate.hash()))?;
                continue;
            }
            let outcome = Phase::Execute.run(|| self.user(&candidate, source))?;
            source.ended(&candidate.tx, outcome);
        }
    }

    /// Runs the start of the block.
    fn begin(&mut self) -> Result<(), Error> {
        let start = start::transaction(&self.start, self.chain_id);
        let known = self.guessed_start.take().and_then(|guess| guess.hash_of(&start));
        let hash = known.unwrap_or_else(|| start.hash());
        self.system(&ArbTxEnvelope::Internal(start), hash)
    }

    /// Runs an act of the operating system; the state is opened again afterwards.
    fn system(&mut self, tx: &ArbTxEnvelope, hash: B256) -> Result<(), Error> {
        let sender = ::state::address::ARBOS_ACTS;
        let incoming = Incoming { tx, hash, sender, poster: PosterCost::default() };
        match process::transact(&mut self.evm, &incoming)? {
            Ok(executed) => self.include(&incoming, executed, Origin::System)?,
            Err(_) => return Err(Error::stopped("an internal transaction is refused")),
        }
        self.reopen()
    }

    /// Runs the oldest attempt, unless its ticket is gone. With a source, says whether the source accepts it.
    fn attempt(&mut self, retry: RetryTx, source: Option<&mut dyn Sequencing>) -> Result<Verdict, Error> {
        if !schedule::is_live(&mut self.evm, &retry)? {
            return Ok(Verdict::Accept);
        }
        let tx = ArbTxEnvelope::Retry(retry);
        let Some(sender) = tx.sender(self.chain_id, ArbosVersion::LATEST) else { return Ok(Verdict::Accept) };
        let incoming = Incoming::new(&tx, sender, PosterCost::default());
        let outcome = process::transact(&mut self.evm, &incoming)?;
        let verdict = match (&outcome, source) {
            (Ok(executed), Some(source)) => source.after(&tx, executed),
            _ => Verdict::Accept,
        };
        let _refused = self.conclude(&incoming, outcome, Origin::Attempt)?;
        Ok(verdict)
    }

    /// Runs a transaction of a user.
    fn user(&mut self, candidate: &Candidate, source: &mut dyn Sequencing) -> Result<Result<(), Refusal>, Error> {
        let origin = Origin::User(source.role());
        let (sender, poster) = match self.admit(candidate, source)? {
            Ok(admitted) => admitted,
            Err(refusal) => {
                self.refused(origin);
                return Ok(Err(refusal));
            }
        };
        let incoming = Incoming { tx: &candidate.tx, hash: candidate.hash(), sender, poster };
        let mut outcome = process::transact(&mut self.evm, &incoming)?;
        if source.role() == Role::Sequence
            && let Ok(executed) = &outcome
        {
            if source.after(&candidate.tx, executed) == Verdict::Refuse {
                outcome = Err(Refusal::Sequencer);
            } else if !executed.scheduled.is_empty() {
                return self.group(&incoming, source);
            }
        }
        self.conclude(&incoming, outcome, origin)
    }

    /// Runs a transaction again together with the attempts it schedules, so that they can be undone as one.
    fn group(&mut self, incoming: &Incoming<'_>, source: &mut dyn Sequencing) -> Result<Result<(), Refusal>, Error> {
        self.evm.ledger().drop_transaction();
        let mark = self.mark();
        let outcome = process::transact(&mut self.evm, incoming)?;
        let concluded = self.conclude(incoming, outcome, Origin::User(Role::Sequence))?;
        while let Some(retry) = self.queue.pop_front() {
            if self.attempt(retry, Some(&mut *source))? == Verdict::Refuse {
                self.return_to(mark);
                return Ok(Err(Refusal::Sequencer));
            }
        }
        Ok(concluded)
    }

    fn mark(&self) -> Mark {
        Mark {
            evm: self.evm.checkpoint(),
            transactions: self.transactions.len(),
            gas_left: self.gas_left,
            user_transactions: self.user_transactions,
        }
    }

    fn return_to(&mut self, mark: Mark) {
        self.evm.restore(mark.evm);
        self.transactions.truncate(mark.transactions);
        self.receipts.truncate(mark.transactions);
        self.queue.clear();
        self.gas_left = mark.gas_left;
        self.user_transactions = mark.user_transactions;
        self.included_user_transactions -= 1;
    }

    /// Checks that come before a transaction runs: its sender, and what the block has left for it.
    fn admit(
        &mut self,
        candidate: &Candidate,
        source: &mut dyn Sequencing,
    ) -> Result<Result<(Address, PosterCost), Refusal>, Error> {
        if self.gas_left < MIN_TRANSACTION_GAS {
            return Ok(Err(Refusal::BlockGasLimit));
        }
        let circumstances = self.circumstances()?;
        let known = candidate.known(&circumstances, &mut self.compressor);
        let Some(sender) = known.sender else { return Ok(Err(Refusal::Signature)) };
        let poster = self.poster_cost(l1::units(known.compressed? as u64))?;
        let compute = candidate.tx.gas_limit().saturating_sub(self.data_gas(&poster));
        if compute < MIN_TRANSACTION_GAS && source.role() == Role::Sequence && candidate.tx.has_poster_cost() {
            return Ok(Err(Refusal::IntrinsicGas));
        }
        let run = &self.evm.context().chain;
        let limits_block = run.facts.header_version < ArbosVersion::TX_GAS_LIMIT || run.layout == L2Layout::DualPool;
        if limits_block && self.user_transactions > 0 && compute.max(MIN_TRANSACTION_GAS) > self.gas_left {
            return Ok(Err(Refusal::BlockGasLimit));
        }
        match source.before(&candidate.tx, sender) {
            Verdict::Accept => Ok(Ok((sender, poster))),
            Verdict::Refuse => Ok(Err(Refusal::Sequencer)),
        }
    }

    fn poster_cost(&mut self, units: u64) -> Result<PosterCost, Error> {
        if units == 0 {
            return Ok(PosterCost::default());
        }
        let price = self.evm.arbos(|state| state.l1_pricing().price_per_unit().get())?;
        Ok(PosterCost { units, wei: l1::data_cost(price, units) })
    }

    /// Gas that pays for posting at the base fee.
    fn data_gas(&self, poster: &PosterCost) -> u64 {
        l1::poster_gas(poster.wei, self.evm.context().chain.facts.base_fee)
    }

    /// Includes a transaction that ran, or undoes one that was refused.
    fn conclude(
        &mut self,
        incoming: &Incoming<'_>,
        outcome: Outcome,
        origin: Origin,
    ) -> Result<Result<(), Refusal>, Error> {
        match outcome {
            Ok(executed) => self.include(incoming, executed, origin).map(Ok),
            Err(refusal) => {
                self.evm.ledger().drop_transaction();
                self.refused(origin);
                Ok(Err(refusal))
            }
        }
    }

    /// A refused transaction uses up some of the block, unless a sequencer refused it.
    const fn refused(&mut self, origin: Origin) {
        if !matches!(origin, Origin::User(Role::Sequence)) {
            self.gas_left = self.gas_left.saturating_sub(MIN_TRANSACTION_GAS);
        }
        if matches!(origin, Origin::User(Role::Replay)) {
            self.user_transactions += 1;
        }
    }

    /// Takes a transaction into the block.
    fn include(&mut self, incoming: &Incoming<'_>, executed: Executed, origin: Origin) -> Result<(), Error> {
        self.gas_left = self.gas_left.saturating_sub(self.compute_gas(incoming, &executed)?);
        self.evm.ledger().end_transaction();
        self.queue.extend(executed.scheduled.iter().cloned());
        let before = self.receipts.last().map_or(0, |receipt| receipt.cumulative_gas_used);
        let offered = self.evm.context().chain.tx.offered_gas_price;
        self.receipts.push(ArbReceipt::of(incoming, executed, before, offered));
        self.transactions.push(incoming.tx.clone());
        if matches!(origin, Origin::User(_)) {
            self.user_transactions += 1;
            self.included_user_transactions += 1;
        }
        Ok(())
    }

    /// Gas that a transaction takes from the compute budget of the block.
    fn compute_gas(&self, incoming: &Incoming<'_>, executed: &Executed) -> Result<u64, Error> {
        let version = self.evm.context().chain.facts.header_version;
        let mut used = executed.gas_used;
        if version >= ArbosVersion::FIX_REDEEM_GAS {
            used = executed.scheduled.iter().fold(used, |used, retry| used.saturating_sub(retry.gas));
        }
        let from_receipt = version >= ArbosVersion::MULTI_GAS_CONSTRAINTS;
        let data_gas = self.data_gas(&incoming.poster).min(incoming.tx.gas_limit());
        let poster = if from_receipt { executed.gas_used_for_l1 } else { data_gas };
        if used > incoming.tx.gas_limit() {
            return Err(Error::stopped("a transaction used more gas than its limit"));
        }
        Ok(used.saturating_sub(poster).max(MIN_TRANSACTION_GAS))
    }

    /// Ends the block: everything but the state root, which the world that comes back has to give.
    pub(super) fn seal(
        mut self,
        parent: &Parent<'_>,
        delayed_messages_read: u64,
        caches: &mut Caches,
    ) -> Result<(Unsealed, &'w mut dyn World), Error> {
        let (base_fee, seconds) = (self.evm.context().chain.facts.base_fee, self.start.timePassed);
        self.evm.arbos(|state| l2::end_block(state, base_fee, seconds))?;
        self.evm.ledger().end_transaction();
        seal::seal(self, parent, delayed_messages_read, caches)
    }
}
