//! A chain in memory whose verbs make one block each.

use crate::{
    ETHER,
    account::{Account, Draft},
    at,
    relay::{Relay, Relayed},
};
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::SolCall;
use arbos::{
    ArbReceipt, Block, CallOutcome, CallRequest, ChainConfig, Error, Genesis, GenesisAccount, Message, MessageHeader,
    MessageKind, MessageWithMetadata, block::Sequencing, simulate::Simulator,
};
use state::{
    ArbosState, Backend, Fault, KeyCache, Read, SystemBurner,
    address::SEQUENCER,
    arbos::L2Layout,
    world::{MemoryWorld, World},
};

/// Chain id of every chain of the harness.
pub const CHAIN_ID: u64 = 412_346;
/// When the first block after the genesis is made, in seconds.
const START: u64 = 1_700_000_000;
/// Price of a unit of data at the start, in wei; low enough that posting costs little of a gas limit.
const L1_BASE_FEE: u64 = 1_000_000;
/// Accounts with funds are numbered from 0 to this one.
const FUNDED: u64 = 8;
/// Number of the owner's account.
const OWNER: u64 = 0;

/// How a chain is made.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Version of the first block.
    pub version: u64,
    /// Whether `ArbDebug` works.
    pub debug: bool,
    /// Whether native token owners and filterers may be added from the start.
    pub features: bool,
    /// Whether the pair of pools prices L2 gas.
    pub pools: bool,
    /// Accounts besides those of the harness.
    pub alloc: Vec<(Address, GenesisAccount)>,
}

impl Setup {
    /// A chain for development: debugging allowed, features not announced.
    #[must_use]
    pub const fn devnet(version: u64) -> Self {
        Self { version, debug: true, features: false, pools: false, alloc: Vec::new() }
    }

    /// The text of the chain's configuration.
    #[must_use]
    pub fn config_text(&self) -> String {
        let init = r#","arbOSInit":{"nativeTokenSupplyManagementEnabled":true,"transactionFilteringEnabled":true}"#;
        format!(
            r#"{{"chainId":{CHAIN_ID},"arbitrum":{{"EnableArbOS":true,"AllowDebugPrecompiles":{},"DataAvailabilityCommittee":false,"InitialArbOSVersion":{},"InitialChainOwner":"{}","GenesisBlockNum":0{}}}{}}}"#,
            self.debug,
            self.version,
            Account::numbered(OWNER).address(),
            if self.pools { r#","l2PricingModel":"dualPool""# } else { "" },
            if self.features { init } else { "" },
        )
    }

    /// What the chain is made of.
    ///
    /// # Panics
    /// If the version is unknown.
    #[must_use]
    pub fn genesis(&self) -> Genesis {
        let config = ChainConfig::parse(self.config_text().as_bytes()).expect("a configuration with a known version");
        let rich = GenesisAccount { balance: U256::from(1_000 * ETHER), ..GenesisAccount::default() };
        let mut alloc: Vec<_> =
            (0..=FUNDED).map(|number| (Account::numbered(number).address(), rich.clone())).collect();
        let relay =
            |relay: Relay| (relay.address(), GenesisAccount { code: relay.code(), ..GenesisAccount::default() });
        alloc.extend(Relay::ALL.map(relay));
        alloc.extend(self.alloc.iter().cloned());
        Genesis { config, initial_l1_base_fee: U256::from(L1_BASE_FEE), alloc }
    }

    /// The chain.
    ///
    /// # Panics
    /// If it cannot be made.
    #[must_use]
    pub fn build(&self) -> Chain {
        let inner = arbos::Chain::genesis(&self.genesis()).expect("a genesis of the harness");
        Chain { inner, now: START, l1_block: 1, delayed: 1, requests: 0 }
    }
}

/// A chain in memory.
#[derive(Debug, Clone)]
pub struct Chain {
    inner: arbos::Chain,
    /// Time of the next message, in seconds.
    pub now: u64,
    /// L1 block of the next message.
    pub l1_block: u64,
    delayed: u64,
    requests: u64,
}

/// A transaction in its block.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Its receipt.
    pub receipt: ArbReceipt,
    /// The block.
    pub block: Block,
}

impl core::ops::Deref for Sent {
    type Target = ArbReceipt;

    fn deref(&self) -> &ArbReceipt {
        &self.receipt
    }
}

impl Sent {
    /// Asserts success.
    ///
    /// # Panics
    /// If the receipt says otherwise.
    #[must_use]
    pub fn succeeded(self) -> Self {
        assert!(self.receipt.success, "a transaction that should succeed fails: {:?}", self.receipt);
        self
    }

    /// Asserts failure.
    ///
    /// # Panics
    /// If the receipt says otherwise.
    #[must_use]
    pub fn failed(self) -> Self {
        assert!(!self.receipt.success, "a transaction that should fail succeeds: {:?}", self.receipt);
        self
    }
}

impl Chain {
    /// A chain for development at a version.
    #[must_use]
    pub fn devnet(version: u64) -> Self {
        Setup::devnet(version).build()
    }

    /// The owner of the chain.
    #[must_use]
    pub fn owner() -> Account {
        Account::numbered(OWNER)
    }

    /// The library's chain below.
    pub const fn inner(&mut self) -> &mut arbos::Chain {
        &mut self.inner
    }

    /// State root after the last block.
    #[must_use]
    pub const fn root(&self) -> B256 {
        self.inner.head().inner.state_root
    }

    /// The next block comes this much later.
    pub const fn wait(&mut self, seconds: u64) {
        self.now += seconds;
    }

    // Messages.

    /// Header of the next message of the sequencer.
    #[must_use]
    pub const fn sequencer_header(&self) -> MessageHeader {
        MessageHeader {
            kind: MessageKind::L2_MESSAGE,
            poster: SEQUENCER,
            block_number: self.l1_block,
            timestamp: self.now,
            request_id: None,
            l1_base_fee: Some(U256::ZERO),
        }
    }

    /// Header of the next message of the bridge.
    pub fn bridge_header(&mut self, kind: MessageKind, poster: Address) -> MessageHeader {
        self.requests += 1;
        self.delayed += 1;
        MessageHeader {
            kind,
            poster,
            request_id: Some(B256::from(U256::from(self.requests))),
            l1_base_fee: Some(U256::from(L1_BASE_FEE)),
            ..self.sequencer_header()
        }
    }

    /// What arrived last made no block: the next arrival takes its number.
    pub(crate) const fn forget_arrival(&mut self) {
        self.requests -= 1;
        self.delayed -= 1;
    }

    /// Makes the block of a message; time goes on by a second.
    ///
    /// # Errors
    /// What the library answers. Time stands still then.
    pub fn try_message(&mut self, message: Message) -> Result<Block, Error> {
        let block = self.inner.produce(&MessageWithMetadata { message, delayed_messages_read: self.delayed })?;
        self.now += 1;
        Ok(block)
    }

    /// Makes the block of a header and a payload.
    ///
    /// # Panics
    /// If there is none.
    pub fn message(&mut self, header: MessageHeader, payload: impl Into<Bytes>) -> Block {
        let l2_msg = payload.into();
        let message = Message { header, l2_msg, legacy_batch_gas_cost: None, batch_data_stats: None };
        self.try_message(message).expect("a block follows every message")
    }

    /// A block without transactions of users.
    pub fn empty_block(&mut self) -> Block {
        self.message(self.sequencer_header(), batch(&[]))
    }

    // Transactions.

    /// Signs a draft with the sender's next nonce.
    #[must_use]
    pub fn signed(&mut self, from: &Account, draft: &Draft) -> Bytes {
        let nonce = self.nonce(from.address());
        from.sign(draft, CHAIN_ID, nonce)
    }

    /// Makes a block of signed transactions that the sequencer posts.
    pub fn send_all(&mut self, transactions: &[Bytes]) -> Block {
        self.message(self.sequencer_header(), batch(transactions))
    }

    /// Sends a transaction, alone in a block that the sequencer posts.
    ///
    /// # Panics
    /// If it is not included.
    pub fn send(&mut self, from: &Account, draft: &Draft) -> Sent {
        let signed = self.signed(from, draft);
        sole(self.send_all(&[signed]))
    }

    /// Sends a transaction through the bridge, where nobody pays for posting it.
    ///
    /// # Panics
    /// If it is not included.
    pub fn send_through_bridge(&mut self, from: &Account, draft: &Draft) -> Sent {
        let signed = self.signed(from, draft);
        let header = self.bridge_header(MessageKind::L2_MESSAGE, Account::numbered(99).address());
        sole(self.message(header, batch(&[signed])))
    }

    /// Calls a precompile in a transaction.
    pub fn call<C: SolCall>(&mut self, from: &Account, precompile: Address, call: &C) -> Sent {
        self.send(from, &Draft::call(precompile, call.abi_encode()))
    }

    /// The owner calls `ArbOwner`, and succeeds.
    pub fn owner_calls<C: SolCall>(&mut self, call: &C) -> Sent {
        self.call(&Self::owner(), at::ARB_OWNER, call).succeeded()
    }

    /// Calls through a relay.
    ///
    /// # Panics
    /// If the relay itself fails.
    pub fn relay(&mut self, from: &Account, relay: Relay, target: Address, gas: u64, input: &[u8]) -> Relayed {
        let draft = Draft::call(relay.address(), Relay::calldata(target, gas, input));
        let sent = self.send(from, &draft.gas(gas.saturating_mul(2).max(1_000_000))).succeeded();
        let log = sent.logs.iter().find(|log| log.address == relay.address() && log.topics().is_empty());
        Relayed::read(&log.expect("a relay logs").data.data)
    }

    /// Sequences transactions of a source.
    ///
    /// # Panics
    /// If the library has no answer.
    pub fn sequence(&mut self, source: &mut dyn Sequencing) -> Option<Block> {
        let header = self.sequencer_header();
        let block = self.inner.sequence(&header, source).expect("a source is no reason to stop");
        if block.is_some() {
            self.now += 1;
        }
        block
    }

    // Queries.

    /// Asks a precompile at the last block, without a transaction.
    ///
    /// # Panics
    /// If the call fails.
    pub fn ask<C: SolCall>(&mut self, precompile: Address, call: &C) -> C::Return {
        let outcome = self.try_ask(Address::ZERO, precompile, call.abi_encode().into());
        assert!(outcome.success, "{} fails: {}", C::SIGNATURE, outcome.output);
        C::abi_decode_returns(&outcome.output).expect("the result of its method")
    }

    /// Tries a call at the last block.
    ///
    /// # Panics
    /// If it cannot be tried.
    pub fn try_ask(&mut self, from: Address, to: Address, data: Bytes) -> CallOutcome {
        let (config, head) = (self.inner.config().clone(), self.inner.head().clone());
        let request = CallRequest { from, to: Some(to), data, ..CallRequest::default() };
        Simulator::new(self.inner.world_mut(), &config, &head).call(&request).expect("a call that can be tried")
    }

    /// Reads the operating state.
    ///
    /// # Panics
    /// If a word does not fit its type.
    pub fn read<T>(&mut self, read: impl FnOnce(&mut ArbosState<'_, Read>) -> state::Result<T>) -> T {
        let layout = self.inner.config().l2_layout;
        let mut words = Words { world: self.inner.world_mut(), keys: KeyCache::default(), layout };
        let mut burner = SystemBurner::default();
        let mut state = ArbosState::system_read(&mut words, &mut burner).expect("a state with a version");
        read(&mut state).expect("words of their types")
    }

    /// Balance of an account in wei.
    pub fn balance(&mut self, account: Address) -> U256 {
        self.account(account).balance
    }

    /// Nonce of an account.
    pub fn nonce(&mut self, account: Address) -> u64 {
        self.account(account).nonce
    }

    fn account(&mut self, account: Address) -> state::world::AccountInfo {
        self.inner.world_mut().account(account).expect("a world in memory misses nothing").unwrap_or_default()
    }
}

/// The only transaction of a user in a block.
///
/// # Panics
/// If there is none.
fn sole(block: Block) -> Sent {
    let receipt = block.receipts.get(1).cloned().expect("the transaction is included");
    Sent { receipt, block }
}

/// Payload of a batch of signed transactions.
#[must_use]
pub fn batch(transactions: &[Bytes]) -> Bytes {
    const BATCH: u8 = 3;
    const SIGNED: u8 = 4;
    let mut payload = vec![BATCH];
    for tx in transactions {
        payload.extend_from_slice(&(tx.len() as u64 + 1).to_be_bytes());
        payload.push(SIGNED);
        payload.extend_from_slice(tx);
    }
    payload.into()
}

/// The words of a world, for reading.
struct Words<'a> {
    world: &'a mut MemoryWorld,
    keys: KeyCache,
    layout: L2Layout,
}

impl Backend for Words<'_> {
    fn load(&mut self, account: Address, slot: B256) -> state::Result<U256> {
        self.world.storage(account, slot.into()).map_err(|_| Fault::Host)
    }

    fn store(&mut self, _: Address, _: B256, _: U256) -> state::Result<()> {
        Err(Fault::WriteProtection)
    }

    fn keys(&mut self) -> &mut KeyCache {
        &mut self.keys
    }

    fn l2_layout(&self) -> L2Layout {
        self.layout
    }
}
