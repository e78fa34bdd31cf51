//! The root of the operating state (`spec/state.md` 4).
//!
//! [`ArbosState`] is opened with the right it needs and stays that way: [`ArbosState::open`] and [`ArbosState::open_mut`] burn the
//! read of the version, [`ArbosState::system`] and [`ArbosState::system_read`] serve block processing.

pub mod batch_posters;
pub mod block_hashes;
pub mod constraints;
pub mod data_pricer;
pub mod features;
pub mod filtered;
pub mod gas_pools;
pub mod l1_pricing;
pub mod l2_layout;
pub mod l2_pricing;
pub mod programs;
pub mod retryables;
pub mod stylus_params;

pub use batch_posters::BatchPosters;
pub use block_hashes::BlockHashes;
pub use constraints::{GasConstraint, GasConstraints, MultiGasConstraint, MultiGasConstraints, MultiGasFees};
pub use data_pricer::DataPricer;
pub use features::Features;
pub use filtered::FilteredTransactions;
pub use gas_pools::GasPools;
pub use l1_pricing::L1Pricing;
pub use l2_layout::L2Layout;
pub use l2_pricing::L2Pricing;
pub use programs::{Program, Programs};
pub use retryables::Retryables;
pub use stylus_params::StylusParams;

use crate::{
    address,
    backend::Backend,
    burn::Burner,
    error::Result,
    shape::{Accumulator, AddressSet, AddressTable, StoredBytes},
    space::{Access, Io, Read, Space, Write},
    version::ArbosVersion,
    view,
};
use alloy_primitives::{Address, U256};

view! {
    /// Words and subspaces of the root.
    pub struct Root {
        /// Version of the operating system.
        version: ArbosVersion = slot 0,
        /// Version to upgrade to.
        upgrade_version: ArbosVersion = slot 1,
        /// When to upgrade, in seconds.
        upgrade_timestamp: u64 = slot 2,
        /// Receives compute fees.
        network_fee_account: Address = slot 3,
        /// Chain id.
        chain_id: U256 = slot 4,
        /// Number of the first block.
        genesis_block_number: u64 = slot 5,
        /// Receives the minimum part of compute fees; used since version 5.
        infra_fee_account: Address = slot 6,
        /// Level at which data is compressed to price it, 0 to 11.
        brotli_compression_level: u64 = slot 7,
        /// From when native token owners may be added, in seconds; 0 is never. Since version 41.
        native_token_management_from: u64 = slot 8,
        /// From when filterers may be added, in seconds; 0 is never. Since version 60.
        transaction_filtering_from: u64 = slot 9,
        /// Receives funds of filtered transactions; zero means the network account. Since version 60.
        filtered_funds_recipient: Address = slot 10,
        /// Whether tips are collected. Since version 60.
        collect_tips: bool = slot 11,
        /// Price of data posted to L1.
        l1_pricing: L1Pricing = space [0],
        /// Price of L2 gas.
        l2_pricing: L2Pricing = space [1],
        /// The same subspace where the chain uses the pair of pools.
        gas_pools: GasPools = space [1],
        /// Retryable tickets.
        retryables: Retryables = space [2],
        /// Compressed addresses.
        address_table: AddressTable = space [3],
        /// Chain owners.
        chain_owners: AddressSet = space [4],
        /// Sends to L1.
        sends: Accumulator = space [5],
        /// L1 block hashes.
        block_hashes: BlockHashes = space [6],
        /// Text of the chain configuration.
        chain_config: StoredBytes = space [7],
        /// Stylus programs.
        programs: Programs = space [8],
        /// Feature bits. Since version 40.
        features: Features = space [9],
        /// Owners of the native token. Since version 41.
        native_token_owners: AddressSet = space [10],
        /// Who may filter transactions. Since version 60.
        transaction_filterers: AddressSet = space [11],
    }
}

impl<A: Access> Root<'_, A> {
    /// The space of L2 pricing, whichever layout it has.
    fn l2_space(&mut self) -> Space<'_, A> {
        self.space.child(L2_PRICING)
    }
}

/// Id of the subspace of L2 pricing.
const L2_PRICING: &[u8] = &[1];

/// The root view, and the version it was opened at.
pub struct ArbosState<'a, A> {
    root: Root<'a, A>,
    version: ArbosVersion,
    layout: L2Layout,
}

impl<'a> ArbosState<'a, Read> {
    /// Opens for reading and burns the read of the version.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn open(io: Io<'a>) -> Result<Self> {
        Self::metered(io)
    }

    /// Opens for reading where nobody pays.
    ///
    /// # Errors
    /// A failing store.
    pub fn system_read(backend: &'a mut dyn Backend, burner: &'a mut dyn Burner) -> Result<Self> {
        Self::free(Io::new(backend, burner))
    }
}

impl<'a> ArbosState<'a, Write> {
    /// Opens for writing and burns the read of the version.
    ///
    /// # Errors
    /// Out of gas or a failing store.
    pub fn open_mut(io: Io<'a>) -> Result<Self> {
        Self::metered(io)
    }

    /// Opens for writing where nobody pays.
    ///
    /// # Errors
    /// A failing store.
    pub fn system(backend: &'a mut dyn Backend, burner: &'a mut dyn Burner) -> Result<Self> {
        Self::free(Io::new(backend, burner))
    }

    /// Opens with a version that was read before, for free. The caller answers for the version.
    pub fn at_version(io: Io<'a>, version: ArbosVersion) -> Self {
        Self::of(io, version)
    }
}

impl<'a> ArbosState<'a, Read> {
    /// Opens with a version that was read before, for free. The caller answers for the version.
    pub fn at_version_read(io: Io<'a>, version: ArbosVersion) -> Self {
        Self::of(io, version)
    }
}

impl<'a, A: Access> ArbosState<'a, A> {
    fn of(io: Io<'a>, version: ArbosVersion) -> Self {
        let layout = io.backend.l2_layout();
        Self { root: view::View::open(Space::root(io, address::ARBOS_STATE)), version, layout }
    }

    fn metered(io: Io<'a>) -> Result<Self> {
        let mut state = Self::of(io, ArbosVersion::ZERO);
        state.version = state.root.version().get()?;
        Ok(state)
    }

    fn free(io: Io<'a>) -> Result<Self> {
        let mut state = Self::of(io, ArbosVersion::ZERO);
        state.version = state.root.version().get_free()?;
        Ok(state)
    }

    /// The words and subspaces of the root.
    pub const fn root_mut(&mut self) -> &mut Root<'a, A> {
        &mut self.root
    }

    /// The version read at opening.
    #[must_use]
    pub const fn version(&self) -> ArbosVersion {
        self.version
    }

    /// How the chain lays out L2 pricing.
    #[must_use]
    pub const fn l2_layout(&self) -> L2Layout {
        self.layout
    }
}

impl<'a, A> core::ops::Deref for ArbosState<'a, A> {
    type Target = Root<'a, A>;

    fn deref(&self) -> &Self::Target {
        &self.root
    }
}

impl<A> core::ops::DerefMut for ArbosState<'_, A> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.root
    }
}
