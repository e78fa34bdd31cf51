//! A chain in memory.

mod ahead;

use crate::{
    block::{self, ArbHeader, Block, Circumstances, HeaderInfo, Moment, Parent, Prepared, Sequencing},
    config::ChainConfig,
    error::Error,
    evm::Caches,
    genesis::{self, Genesis},
    message::{MessageHeader, MessageWithMetadata},
    simulate::{CallOutcome, CallRequest, Estimate, SimulationError, Simulator},
};
use ::state::world::{AccountInfo, MemoryWorld, World, proof::AccountProof};
use alloy_primitives::{Address, B256, U256};

/// A chain with the state of its last block.
#[derive(Debug, Clone)]
pub struct Chain {
    config: ChainConfig,
    world: MemoryWorld,
    head: ArbHeader,
    head_hash: B256,
    caches: Caches,
}

impl Chain {
    /// A new chain.
    ///
    /// # Errors
    /// A configuration no chain can be made of.
    pub fn genesis(genesis: &Genesis) -> Result<Self, Error> {
        let mut world = MemoryWorld::new();
        let head = genesis::make(&mut world, genesis)?;
        let head_hash = head.hash();
        world.push_block_hash(head.inner.number, head_hash);
        Ok(Self { config: genesis.config.clone(), world, head, head_hash, caches: Caches::default() })
    }

    /// Makes the block of a message; it becomes the last block.
    ///
    /// # Errors
    /// A rule under which no block may follow, or a feature this build lacks. The chain is as it was then.
    pub fn produce(&mut self, message: &MessageWithMetadata) -> Result<Block, Error> {
        let parent = Parent { config: &self.config, header: &self.head, hash: self.head_hash };
        let block = block::produce(&mut self.world, &parent, message, &mut self.caches)?;
        self.advance(&block);
        Ok(block)
    }

    /// Makes the blocks of many messages, one after the other, and hands each to `each`.
    ///
    /// With feature `parallel` another thread reads coming messages and recovers their senders meanwhile; the blocks are the same.
    ///
    /// # Errors
    /// See [`Self::produce`]. The blocks before stay.
    pub fn produce_all<'m>(
        &mut self,
        messages: &'m [MessageWithMetadata],
        mut each: impl FnMut(Block),
    ) -> Result<(), Error> {
        let guess = self.guess()?;
        let weigh = |message: &MessageWithMetadata| message.message.l2_msg.len();
        let (chain_id, mut before) = (guess.chain_id, Moment::of(&self.head));
        let prepare = move |message: &'m MessageWithMetadata| {
            let prepared = Prepared::new(message, &guess).after(before, chain_id);
            before = before.next(&message.message.header);
            prepared
        };
        ahead::in_order(messages, weigh, prepare, |prepared| self.produce_prepared(prepared).map(&mut each))
    }

    /// Makes the block of a message that was prepared ahead; it becomes the last block.
    ///
    /// # Errors
    /// See [`Self::produce`].
    pub fn produce_prepared(&mut self, prepared: Prepared<'_>) -> Result<Block, Error> {
        let parent = Parent { config: &self.config, header: &self.head, hash: self.head_hash };
        let block = block::produce_prepared(&mut self.world, &parent, prepared, &mut self.caches)?;
        self.advance(&block);
        Ok(block)
    }

    /// What coming blocks begin with, unless one before them changes it.
    fn guess(&mut self) -> Result<Circumstances, Error> {
        let level = self.simulator().read(|state| state.brotli_compression_level().get())?;
        let version = HeaderInfo::of(&self.head).version;
        Ok(Circumstances { chain_id: self.config.chain_id, version, level: Some(level) })
    }

    /// Makes a block of what a source offers; none if nothing was included.
    ///
    /// # Errors
    /// See [`Self::produce`].
    pub fn sequence(&mut self, header: &MessageHeader, source: &mut dyn Sequencing) -> Result<Option<Block>, Error> {
        let parent = Parent { config: &self.config, header: &self.head, hash: self.head_hash };
        let block = block::sequence(&mut self.world, &parent, header, source, &mut self.caches)?;
        if let Some(block) = &block {
            self.advance(block);
        }
        Ok(block)
    }

    /// Tries a call on the state after the last block.
    ///
    /// # Errors
    /// See [`SimulationError`].
    pub fn call(&mut self, request: &CallRequest) -> Result<CallOutcome, SimulationError> {
        self.simulator().call(request)
    }

    /// The least gas limit with which a call succeeds, the part for posting its data included.
    ///
    /// # Errors
    /// See [`SimulationError`].
    pub fn estimate(&mut self, request: &CallRequest) -> Result<Estimate, SimulationError> {
        self.simulator().estimate(request)
    }

    /// Calls and estimates on the state after the last block.
    pub fn simulator(&mut self) -> Simulator<'_> {
        Simulator::new(&mut self.world, &self.config, &self.head)
    }

    /// An account with its proof, and proofs of some of its slots, against the state root of the last block.
    ///
    /// # Errors
    /// A failing world.
    pub fn proof(&mut self, account: Address, slots: &[U256]) -> Result<AccountProof, Error> {
        Ok(self.world.prove(account, slots)?)
    }

    /// An account in the state after the last block; none if there is no such account.
    ///
    /// # Errors
    /// A failing world.
    pub fn account(&mut self, account: Address) -> Result<Option<AccountInfo>, Error> {
        Ok(self.world.account(account)?)
    }

    /// A slot in the state after the last block.
    ///
    /// # Errors
    /// A failing world.
    pub fn storage(&mut self, account: Address, slot: U256) -> Result<U256, Error> {
        Ok(self.world.storage(account, slot)?)
    }

    fn advance(&mut self, block: &Block) {
        self.head = block.header.clone();
        self.head_hash = block.hash;
        self.world.push_block_hash(block.header.inner.number, block.hash);
    }

    /// Configuration of the chain.
    #[must_use]
    pub const fn config(&self) -> &ChainConfig {
        &self.config
    }

    /// Header of the last block.
    #[must_use]
    pub const fn head(&self) -> &ArbHeader {
        &self.head
    }

    /// Hash of the last block.
    #[must_use]
    pub const fn head_hash(&self) -> B256 {
        self.head_hash
    }

    /// State after the last block.
    pub const fn world_mut(&mut self) -> &mut MemoryWorld {
        &mut self.world
    }
}
