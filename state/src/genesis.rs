//! What a new chain starts with (`spec/state.md` 12).

use crate::{
    address,
    arbos::{ArbosState, L2Layout},
    error::{Fault, Result},
    space::{Io, Write},
    upgrade::{self, AccountWrite, Moment, PRECOMPILE_CODE, PRECOMPILES, precompile_address},
    version::ArbosVersion,
};
use alloc::vec::Vec;
use alloy_primitives::{Address, I256, U256};

/// What is known of a chain before its first block.
#[derive(Debug, Clone)]
pub struct GenesisParameters<'a> {
    /// Version the chain is made at.
    pub version: ArbosVersion,
    /// First owner.
    pub owner: Address,
    /// Chain id.
    pub chain_id: U256,
    /// Text of the configuration, kept byte for byte; may be empty.
    pub chain_config: &'a [u8],
    /// Number of the first block.
    pub genesis_block_number: u64,
    /// L1 base fee the chain starts with, in wei.
    pub initial_l1_base_fee: U256,
    /// Whether native token owners may be added from the start.
    pub native_token_management: bool,
    /// Whether filterers may be added from the start.
    pub transaction_filtering: bool,
}

/// Writes the operating state of a new chain and returns what to write to other accounts.
///
/// # Errors
/// [`Fault::Rejected`] for a state that is initialised already or version 0; [`Fault::Halt`] for an unknown version.
pub fn initialize(mut io: Io<'_>, parameters: &GenesisParameters<'_>) -> Result<Vec<AccountWrite>> {
    let mut state = ArbosState::<Write>::open_mut(io.reborrow())?;
    if state.version() != ArbosVersion::ZERO {
        return Err(Fault::Rejected("the state is initialised already"));
    }
    if parameters.version == ArbosVersion::ZERO {
        return Err(Fault::Rejected("the initial version must not be zero"));
    }
    if !parameters.version.is_known() {
        return Err(Fault::Halt("the chain starts at a version this library does not know"));
    }
    let present = PRECOMPILES.iter().filter(|(_, since)| *since == ArbosVersion::ZERO);
    let mut accounts: Vec<_> = present
        .map(|(number, _)| AccountWrite { account: precompile_address(*number), nonce: None, code: PRECOMPILE_CODE })
        .collect();
    first_version(&mut state, parameters)?;
    let mut state = ArbosState::at_version(io, ArbosVersion::FIRST);
    accounts.extend(upgrade::run(&mut state, parameters.version, Moment::Genesis, U256::ZERO)?);
    Ok(accounts)
}

/// The writes of version 1, from which every chain is upgraded.
fn first_version(state: &mut ArbosState<'_, Write>, parameters: &GenesisParameters<'_>) -> Result<()> {
    let owner_collects = parameters.version >= ArbosVersion::OWNER_COLLECTS_FEES;
    let root = state.root_mut();
    root.native_token_management_from().set(u64::from(parameters.native_token_management))?;
    root.transaction_filtering_from().set(u64::from(parameters.transaction_filtering))?;
    root.version().set(ArbosVersion::FIRST)?;
    root.upgrade_version().set(ArbosVersion::ZERO)?;
    root.upgrade_timestamp().set(0)?;
    root.network_fee_account().set(if owner_collects { parameters.owner } else { Address::ZERO })?;
    root.chain_id().set(parameters.chain_id)?;
    root.chain_config().set(parameters.chain_config)?;
    root.genesis_block_number().set(parameters.genesis_block_number)?;
    root.brotli_compression_level().set(0)?;
    let rewards_to = if owner_collects { parameters.owner } else { address::SEQUENCER };
    l1_pricing(state, rewards_to, parameters.initial_l1_base_fee)?;
    match state.l2_layout() {
        L2Layout::Backlog => l2_pricing(state)?,
        L2Layout::DualPool => gas_pools(state)?,
    }
    state.retryables().initialize()?;
    state.chain_owners().initialize()?;
    state.chain_owners().add(parameters.owner)?;
    state.native_token_owners().initialize()?;
    state.transaction_filterers().initialize()
}

fn l1_pricing(state: &mut ArbosState<'_, Write>, rewards_to: Address, price: U256) -> Result<()> {
    let mut pricing = state.l1_pricing();
    pricing.batch_posters().initialize()?;
    pricing.batch_posters().add(address::SEQUENCER, address::SEQUENCER)?;
    pricing.pay_rewards_to().set(rewards_to)?;
    pricing.equilibration_units().set(U256::from(96_000_000u64))?;
    pricing.inertia().set(10)?;
    pricing.funds_due_for_rewards().set(I256::ZERO)?;
    pricing.per_unit_reward().set(10)?;
    pricing.price_per_unit().set(price)
}

fn l2_pricing(state: &mut ArbosState<'_, Write>) -> Result<()> {
    let mut pricing = state.l2_pricing();
    pricing.speed_limit_per_second().set(1_000_000)?;
    pricing.per_block_gas_limit().set(20_000_000)?;
    pricing.base_fee_wei().set(U256::from(100_000_000u64))?;
    pricing.gas_backlog().set(0)?;
    pricing.pricing_inertia().set(102)?;
    pricing.backlog_tolerance().set(10)?;
    pricing.min_base_fee_wei().set(U256::from(100_000_000u64))
}

fn gas_pools(state: &mut ArbosState<'_, Write>) -> Result<()> {
    const SPEED_LIMIT: u64 = 1_000_000;
    const SECONDS: u64 = 600;
    const SMALL_SECONDS: u64 = 60;
    const PRICE: u64 = 1_000_000_000;
    let mut pools = state.gas_pools();
    pools.gas_pool().set((SECONDS * SPEED_LIMIT).cast_signed())?;
    pools.small_gas_pool().set((SMALL_SECONDS * SPEED_LIMIT).cast_signed())?;
    pools.gas_pool_seconds().set(SECONDS)?;
    pools.small_gas_pool_seconds().set(SMALL_SECONDS)?;
    pools.gas_price_wei().set(U256::from(PRICE))?;
    pools.min_gas_price_wei().set(U256::from(PRICE))?;
    pools.max_gas_price_wei().set(U256::from(2 * PRICE))?;
    pools.speed_limit_per_second().set(SPEED_LIMIT)?;
    pools.max_per_block_gas_limit().set(20_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{backend::memory::MemoryBackend, burn::SystemBurner};

    fn parameters(version: u64) -> GenesisParameters<'static> {
        GenesisParameters {
            version: ArbosVersion::new(version),
            owner: address::SEQUENCER,
            chain_id: U256::from(412_346),
            chain_config: b"{\"chainId\":412346}",
            genesis_block_number: 0,
            initial_l1_base_fee: U256::from(50_000_000_000u64),
            native_token_management: false,
            transaction_filtering: false,
        }
    }

    fn made(version: u64) -> MemoryBackend {
        let (mut backend, mut burner) = (MemoryBackend::new(), SystemBurner::default());
        initialize(Io::new(&mut backend, &mut burner), &parameters(version)).unwrap();
        backend
    }

    #[test]
    fn every_version_can_be_made_and_says_so() {
        for version in 1..=61 {
            let (mut backend, mut burner) = (made(version), SystemBurner::default());
            let state = ArbosState::system_read(&mut backend, &mut burner).unwrap();
            assert_eq!(state.version().number(), version);
        }
    }

    #[test]
    fn one_step_of_many_versions_equals_many_steps() {
        let upgraded = |stops: &[u64]| {
            let (mut backend, mut burner) = (made(1), SystemBurner::default());
            for stop in stops {
                let mut state = ArbosState::system(&mut backend, &mut burner).unwrap();
                upgrade::run(&mut state, ArbosVersion::new(*stop), Moment::Running, U256::from(5)).unwrap();
            }
            backend.words().collect::<Vec<_>>()
        };
        assert_eq!(upgraded(&[61]), upgraded(&(2..=61).collect::<Vec<_>>()));
    }

    #[test]
    fn an_unknown_version_leaves_the_state_untouched() {
        let (mut backend, mut burner) = (made(10), SystemBurner::default());
        let before: Vec<_> = backend.words().collect();
        let mut state = ArbosState::system(&mut backend, &mut burner).unwrap();
        let outcome = upgrade::run(&mut state, ArbosVersion::new(62), Moment::Running, U256::ZERO);
        assert!(matches!(outcome, Err(Fault::Halt(_))));
        assert_eq!(backend.words().collect::<Vec<_>>(), before);
    }

    #[test]
    fn the_pair_of_pools_starts_full_at_every_version() {
        for version in [1, 6, 50, 61] {
            let (mut backend, mut burner) = (MemoryBackend::with_layout(L2Layout::DualPool), SystemBurner::default());
            initialize(Io::new(&mut backend, &mut burner), &parameters(version)).unwrap();
            let mut state = ArbosState::system_read(&mut backend, &mut burner).unwrap();
            let mut pools = state.gas_pools();
            assert_eq!(pools.gas_pool().get(), Ok(600_000_000));
            assert_eq!(pools.small_gas_pool().get(), Ok(60_000_000));
            assert_eq!(pools.speed_limit_per_second().get(), Ok(1_000_000));
            assert_eq!(pools.max_per_block_gas_limit().get(), Ok(20_000_000));
            assert_eq!(pools.max_gas_price_wei().get(), Ok(U256::from(2_000_000_000u64)));
            assert_eq!(pools.per_tx_gas_limit().get(), Ok(if version >= 50 { 32_000_000 } else { 0 }));
        }
    }
}
