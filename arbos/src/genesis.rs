//! The first block of a chain from its configuration (`spec/state.md` 12).

use crate::{
    block::header::{ArbHeader, HeaderInfo, HeaderParts},
    config::ChainConfig,
    error::Error,
    evm::{ArbEvm, ArbPrecompiles, BlockRun, Caches, CodeLimits},
    process::internal::write_accounts,
};
use ::precompiles::host::BlockFacts;
use ::state::{
    Backend, Io, SystemBurner, address,
    arbos::L2Layout,
    genesis::{GenesisParameters, initialize},
    world::World,
};
use alloc::vec::Vec;
use alloy_consensus::constants::{EMPTY_RECEIPTS, EMPTY_TRANSACTIONS};
use alloy_primitives::{Address, B256, Bloom, Bytes, U256};

/// Base fee in the header of the first block, in wei: the first price of the model.
const fn genesis_base_fee(layout: L2Layout) -> u64 {
    match layout {
        L2Layout::Backlog => 100_000_000,
        L2Layout::DualPool => 1_000_000_000,
    }
}

/// What a chain is made of.
#[derive(Debug, Clone)]
pub struct Genesis {
    /// Configuration; its text is kept in state.
    pub config: ChainConfig,
    /// L1 base fee the chain starts with, in wei.
    pub initial_l1_base_fee: U256,
    /// Accounts that are there from the start, written after those of the operating system.
    pub alloc: Vec<(Address, GenesisAccount)>,
}

/// An account that is there from the start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GenesisAccount {
    /// Balance in wei.
    pub balance: U256,
    /// Nonce.
    pub nonce: u64,
    /// Code.
    pub code: Bytes,
    /// Slots and their values.
    pub storage: Vec<(U256, U256)>,
}

/// Writes the first state into an empty world and returns the header of the first block.
///
/// # Errors
/// A configuration no chain can be made of, or a failing world.
pub fn make(world: &mut dyn World, genesis: &Genesis) -> Result<ArbHeader, Error> {
    let config = &genesis.config;
    let changes = {
        let run = BlockRun::new(facts(config), Caches::default()).with_layout(config.l2_layout);
        let precompiles = ArbPrecompiles::new(config.initial_version);
        let mut evm = ArbEvm::new(world, run, precompiles, CodeLimits::of(config));
        write_state(&mut evm, genesis)?;
        write_alloc(&mut evm, &genesis.alloc)?;
        evm.ledger().end_transaction();
        evm.ledger().changes()
    };
    let state_root = world.commit(&changes)?;
    Ok(header(config, state_root))
}

const fn facts(config: &ChainConfig) -> BlockFacts {
    BlockFacts {
        number: config.genesis_block_number,
        timestamp: 0,
        l1_block_number: 0,
        base_fee: U256::ZERO,
        coinbase: Address::ZERO,
        chain_id: config.chain_id,
        header_version: config.initial_version,
        allow_debug: config.allow_debug_precompiles,
        max_code_size: config.max_code_size,
        on_chain: true,
    }
}

fn write_state(evm: &mut ArbEvm<'_>, genesis: &Genesis) -> Result<(), Error> {
    let config = &genesis.config;
    let parameters = GenesisParameters {
        version: config.initial_version,
        owner: config.initial_owner,
        chain_id: U256::from(config.chain_id),
        chain_config: &config.text,
        genesis_block_number: config.genesis_block_number,
        initial_l1_base_fee: genesis.initial_l1_base_fee,
        native_token_management: config.native_token_management,
        transaction_filtering: config.transaction_filtering,
    };
    let writes = evm.system(|ledger| {
        ledger.set_nonce(address::ARBOS_STATE, 1)?;
        let mut burner = SystemBurner::default();
        initialize(Io::new(ledger, &mut burner), &parameters)
    })?;
    write_accounts(evm, writes)
}

fn write_alloc(evm: &mut ArbEvm<'_>, alloc: &[(Address, GenesisAccount)]) -> Result<(), Error> {
    evm.system(|ledger| {
        for (address, account) in alloc {
            ledger.set_balance(*address, account.balance)?;
            ledger.set_nonce(*address, account.nonce)?;
            if !account.code.is_empty() {
                ledger.set_code(*address, account.code.clone())?;
            }
            for (slot, value) in &account.storage {
                ledger.store(*address, B256::from(*slot), *value)?;
            }
        }
        Ok(())
    })
}

fn header(config: &ChainConfig, state_root: B256) -> ArbHeader {
    HeaderParts {
        parent_hash: B256::ZERO,
        number: config.genesis_block_number,
        timestamp: 0,
        coinbase: Address::ZERO,
        base_fee: U256::from(genesis_base_fee(config.l2_layout)),
        delayed_messages_read: 1,
        state_root,
        transactions_root: EMPTY_TRANSACTIONS,
        receipts_root: EMPTY_RECEIPTS,
        logs_bloom: Bloom::ZERO,
        gas_used: 0,
        info: HeaderInfo { version: config.initial_version, ..HeaderInfo::default() },
    }
    .into()
}
