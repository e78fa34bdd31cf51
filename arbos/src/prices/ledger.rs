//! The words and balances of a chain that only has prices.

use crate::vectors::InputError;
use ::precompiles::host::{
    Activation, ActivationError, ActivationRequest, BlockFacts, Call, Host, Redeem, Status, TxFacts,
};
use ::state::{
    ArbosState, ArbosVersion, Backend, Burner, Fault, Io, KeyCache, Result, SystemBurner, Write, address,
    arbos::L2Layout,
    backend::memory::MemoryBackend,
    genesis::{GenesisParameters, initialize},
    upgrade::precompile_address,
};
use alloy_primitives::{Address, B256, Bytes, Log, U256, bytes::BytesMut, map::HashMap};
use pricing::l1::settlement::Bank;
use std::path::Path;

/// The owner of the chain.
pub const OWNER: Address = Address::repeat_byte(0x0e);
/// Gas of an owner's call; owners get it back.
const CALL_GAS: u64 = 1 << 40;

/// The operating state in memory, and what accounts hold.
#[derive(Debug, Clone)]
pub struct Ledger {
    words: MemoryBackend,
    balances: HashMap<Address, U256>,
    version: ArbosVersion,
    /// Time of the block, in seconds.
    pub now: u64,
    /// Base fee of the block, in wei.
    pub base_fee: U256,
    /// What the owner contract sees of the block.
    facts: BlockFacts,
    room: BytesMut,
}

impl Ledger {
    /// A new chain.
    ///
    /// # Errors
    /// A version no chain can be made at.
    pub fn genesis(version: ArbosVersion, layout: L2Layout, initial_l1_base_fee: U256) -> Result<Self> {
        let mut words = MemoryBackend::with_layout(layout);
        let parameters = GenesisParameters {
            version,
            owner: OWNER,
            chain_id: U256::from(1),
            chain_config: &[],
            genesis_block_number: 0,
            initial_l1_base_fee,
            native_token_management: false,
            transaction_filtering: false,
        };
        initialize(Io::new(&mut words, &mut SystemBurner::default()), &parameters)?;
        let (balances, room) = (HashMap::default(), BytesMut::new());
        Ok(Self { words, balances, version, now: 0, base_fee: U256::ZERO, facts: facts(version), room })
    }

    /// Reads or changes the operating state.
    ///
    /// # Errors
    /// Where the protocol has no answer.
    pub fn arbos<T>(&mut self, step: impl FnOnce(&mut ArbosState<'_, Write>) -> Result<T>) -> Result<T> {
        step(&mut ArbosState::system(&mut self.words, &mut SystemBurner::default())?)
    }

    /// Version of the operating system.
    #[must_use]
    pub const fn version(&self) -> ArbosVersion {
        self.version
    }

    /// Gives wei to an account.
    pub fn deposit(&mut self, account: Address, amount: U256) {
        let balance = self.balances.entry(account).or_default();
        *balance = balance.saturating_add(amount);
    }

    /// The owner calls `ArbOwner` with the calldata of a transaction.
    ///
    /// # Errors
    /// A call the contract refuses.
    pub fn owner_call(&mut self, input: &[u8], name: &str) -> Result<(), InputError> {
        let precompile = precompile_address(0x70);
        let call = Call {
            precompile,
            acting: precompile,
            caller: OWNER,
            value: U256::ZERO,
            input,
            gas: CALL_GAS,
            read_only: false,
            static_frame: false,
        };
        self.facts = BlockFacts { timestamp: self.now, base_fee: self.base_fee, ..self.facts };
        let kept = self.words.clone();
        match ::precompiles::call(self, &call) {
            Ok(Some(outcome)) if outcome.status == Status::Success => Ok(()),
            _ => {
                self.words = kept;
                Err(InputError {
                    field: Some(name.into()),
                    ..InputError::of_file(Path::new("--set"), "the owner contract refuses this value")
                })
            }
        }
    }
}

/// Facts of a block, its time and base fee aside.
const fn facts(version: ArbosVersion) -> BlockFacts {
    BlockFacts {
        number: 0,
        timestamp: 0,
        l1_block_number: 0,
        base_fee: U256::ZERO,
        coinbase: address::SEQUENCER,
        chain_id: 1,
        header_version: version,
        allow_debug: false,
        max_code_size: 0,
        on_chain: true,
    }
}

impl Backend for Ledger {
    fn load(&mut self, account: Address, slot: B256) -> Result<U256> {
        self.words.load(account, slot)
    }

    fn store(&mut self, account: Address, slot: B256, value: U256) -> Result<()> {
        self.words.store(account, slot, value)
    }

    fn keys(&mut self) -> &mut KeyCache {
        self.words.keys()
    }

    fn l2_layout(&self) -> L2Layout {
        self.words.l2_layout()
    }
}

impl Bank for Ledger {
    fn balance(&mut self, account: Address) -> Result<U256> {
        Ok(self.balances.get(&account).copied().unwrap_or_default())
    }

    fn transfer(&mut self, from: Address, to: Address, amount: U256) -> Result<()> {
        let held = Bank::balance(self, from)?;
        let left = held.checked_sub(amount).ok_or(Fault::Rejected("the balance is too small"))?;
        self.balances.insert(from, left);
        self.deposit(to, amount);
        Ok(())
    }
}

/// What owners' setters may ask; there is no EVM, so code and programs are not there.
impl Host for Ledger {
    fn backend(&mut self) -> &mut dyn Backend {
        self
    }

    fn block(&self) -> &BlockFacts {
        &self.facts
    }

    fn room(&mut self) -> &mut BytesMut {
        &mut self.room
    }

    fn tx(&self) -> TxFacts {
        TxFacts { tx_type: 2, origin: OWNER, poster_fee: U256::ZERO, running_ticket: None, refund_to: None }
    }

    fn depth(&self) -> usize {
        1
    }

    fn frame_caller(&self, _: usize) -> Option<Address> {
        None
    }

    fn l2_block_hash(&mut self, _: u64) -> Result<B256> {
        Ok(B256::ZERO)
    }

    fn balance(&mut self, account: Address) -> Result<U256> {
        Bank::balance(self, account)
    }

    fn mint(&mut self, account: Address, amount: U256) -> Result<()> {
        self.deposit(account, amount);
        Ok(())
    }

    fn burn_balance(&mut self, account: Address, amount: U256) -> Result<()> {
        Bank::transfer(self, account, Address::ZERO, amount)
    }

    fn transfer(&mut self, from: Address, to: Address, amount: U256) -> Result<()> {
        Bank::transfer(self, from, to, amount)
    }

    fn code(&mut self, _: Address) -> Result<Bytes> {
        Ok(Bytes::new())
    }

    fn code_hash(&mut self, _: Address) -> Result<B256> {
        Ok(B256::ZERO)
    }

    fn set_code(&mut self, _: Address, _: Bytes) -> Result<()> {
        Err(Fault::WriteProtection)
    }

    fn committed_code_exists(&mut self, _: B256) -> Result<bool> {
        Ok(false)
    }

    fn is_destroyed(&self, _: Address) -> bool {
        false
    }

    fn log(&mut self, _: Log) {}

    fn redeem_hash(&self, _: &Redeem) -> B256 {
        B256::ZERO
    }

    fn pages_open(&self) -> u16 {
        0
    }

    fn activate(&mut self, _: &ActivationRequest, _: &mut dyn Burner) -> Result<Activation, ActivationError> {
        Err(ActivationError::NotWasm)
    }
}
