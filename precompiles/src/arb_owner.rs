//! `ArbOwner` (0x70): what chain owners may change (`spec/precompiles.md` 10).
//!
//! The guard lets owners pass, gives their gas back and logs what they did. Here are the interface and the roles; setters of
//! prices are in [`fees`], those of the pair of pools in [`pools`], those of program parameters in [`stylus`].

pub mod fees;
pub mod pools;
mod roles;
pub mod stylus;

use crate::{
    Precompile, Reply, ViewCtx, WriteCtx, arb_owner_public::all, context::require, error::Failure, precompile,
};
use alloc::{string::String, vec::Vec};
use alloy_primitives::{Address, U256};
use roles::{announce, remove_member, require_enabled, set_feature_time};
use state::ArbosVersion;

precompile! {
    /// Ownership, parameters and upgrades.
    #[at(0x70)] #[guard(owner)]
    interface ArbOwner {
        /// Kinds of gas with their weights, a window, a target and the backlog.
        struct MultiGasConstraintRow { WeightedResource[] resources; uint32 adjustmentWindowSecs; uint64 targetPerSec; uint64 backlog; }
        /// A kind of gas and its weight.
        struct WeightedResource { uint8 resource; uint64 weight; }
        /// Adds a chain owner.
        function addChainOwner(address newOwner) external;
        /// Removes a chain owner.
        function removeChainOwner(address ownerToRemove) external;
        /// Whether the address is a chain owner.
        function isChainOwner(address addr) external view returns (bool);
        /// All chain owners.
        function getAllChainOwners() external view returns (address[]);
        /// From when native token owners may be added, in seconds; 0 is never.
        #[since(NATIVE_TOKEN)]
        function setNativeTokenManagementFrom(uint64 timestamp) external;
        /// From when filterers may be added, in seconds; 0 is never.
        #[since(TRANSACTION_FILTERING)]
        function setTransactionFilteringFrom(uint64 timestamp) external;
        /// Adds an owner of the native token.
        #[since(NATIVE_TOKEN)]
        function addNativeTokenOwner(address newOwner) external;
        /// Removes an owner of the native token.
        #[since(NATIVE_TOKEN)]
        function removeNativeTokenOwner(address ownerToRemove) external;
        /// Whether the address owns the native token.
        #[since(NATIVE_TOKEN)]
        function isNativeTokenOwner(address addr) external view returns (bool);
        /// All owners of the native token.
        #[since(NATIVE_TOKEN)]
        function getAllNativeTokenOwners() external view returns (address[]);
        /// Adds a filterer.
        #[since(TRANSACTION_FILTERING)]
        function addTransactionFilterer(address filterer) external;
        /// Removes a filterer.
        #[since(TRANSACTION_FILTERING)]
        function removeTransactionFilterer(address filterer) external;
        /// Whether the address may filter.
        #[since(TRANSACTION_FILTERING)]
        function isTransactionFilterer(address filterer) external view returns (bool);
        /// All who may filter.
        #[since(TRANSACTION_FILTERING)]
        function getAllTransactionFilterers() external view returns (address[]);
        /// Who receives funds of filtered transactions.
        #[since(TRANSACTION_FILTERING)]
        function setFilteredFundsRecipient(address newRecipient) external;
        /// Receives funds of filtered transactions; zero means the network account.
        #[since(TRANSACTION_FILTERING)]
        function getFilteredFundsRecipient() external view returns (address);
        /// Inertia of the price of data.
        function setL1BaseFeeEstimateInertia(uint64 inertia) external;
        /// Inertia of the price of data.
        function setL1PricingInertia(uint64 inertia) external;
        /// Base fee of the next block, in wei.
        function setL2BaseFee(uint256 priceInWei) external;
        /// Lowest base fee, in wei.
        function setMinimumL2BaseFee(uint256 priceInWei) external;
        /// Gas the chain aims to use a second; not zero.
        function setSpeedLimit(uint64 limit) external;
        /// Compute gas of a transaction; before version 50 of a block.
        function setMaxTxGasLimit(uint64 limit) external;
        /// Compute gas of a block.
        #[since(TX_GAS_LIMIT)]
        function setMaxBlockGasLimit(uint64 limit) external;
        /// Seconds of speed limit that multiply the fee by e; not zero.
        function setL2GasPricingInertia(uint64 sec) external;
        /// Seconds of speed limit that cost nothing.
        function setL2GasBacklogTolerance(uint64 sec) external;
        /// Gas above the speed limit.
        #[since(GAS_CONSTRAINTS)]
        function setGasBacklog(uint64 backlog) external;
        /// Replaces all constraints: target, window, backlog.
        #[since(GAS_CONSTRAINTS)]
        function setGasPricingConstraints(uint64[3][] constraints) external;
        /// Replaces all constraints over kinds of gas.
        #[since(MULTI_GAS_CONSTRAINTS)]
        function setMultiGasPricingConstraints(MultiGasConstraintRow[] constraints) external;
        /// Receives compute fees.
        function getNetworkFeeAccount() external view returns (address);
        /// Receives the minimum part of compute fees.
        #[since(INFRA_FEE)]
        function getInfraFeeAccount() external view returns (address);
        /// Who receives compute fees.
        function setNetworkFeeAccount(address newNetworkFeeAccount) external;
        /// Who receives the minimum part of compute fees.
        #[since(INFRA_FEE)]
        function setInfraFeeAccount(address newInfraFeeAccount) external;
        /// Schedules an upgrade; nothing is checked.
        function scheduleArbOSUpgrade(uint64 newVersion, uint64 timestamp) external;
        /// Units over which a surplus is given back.
        function setL1PricingEquilibrationUnits(uint256 equilibrationUnits) external;
        /// Who receives rewards for units of data.
        function setL1PricingRewardRecipient(address recipient) external;
        /// Reward for a unit of data, in wei.
        function setL1PricingRewardRate(uint64 weiPerUnit) external;
        /// Price of a unit of data, in wei.
        function setL1PricePerUnit(uint256 pricePerUnit) external;
        /// L1 floor of gas for a token of calldata.
        #[since(BATCH_REPORT_V2)]
        function setParentGasFloorPerToken(uint64 floorPerToken) external;
        /// L1 gas of a batch beside its data.
        function setPerBatchGasCharge(int64 cost) external;
        /// Cap of amortised costs in bips; 0 is none.
        function setAmortizedCostCapBips(uint64 cap) external;
        /// Level at which data is compressed to price it, 0 to 11.
        #[since(BROTLI_LEVEL)]
        function setBrotliCompressionLevel(uint64 level) external;
        /// Counts funds of the pool as available that are not yet.
        #[since(L1_FEES_AVAILABLE)]
        function releaseL1PricerSurplusFunds(uint256 maxWeiToRelease) external returns (uint256);
        /// Ink a gas buys, 1 to 2^24 - 1.
        #[since(STYLUS)]
        function setInkPrice(uint32 price) external;
        /// Deepest stack in words.
        #[since(STYLUS)]
        function setWasmMaxStackDepth(uint32 depth) external;
        /// Pages that cost nothing.
        #[since(STYLUS)]
        function setWasmFreePages(uint16 pages) external;
        /// Gas of a page.
        #[since(STYLUS)]
        function setWasmPageGas(uint16 gas) external;
        /// Most pages.
        #[since(STYLUS)]
        function setWasmPageLimit(uint16 limit) external;
        /// Least gas of a call, and of a cached one.
        #[since(STYLUS)]
        function setWasmMinInitGas(uint8 gas, uint16 cached) external;
        /// Factor of init costs in percent.
        #[since(STYLUS)]
        function setWasmInitCostScalar(uint64 percent) external;
        /// Days until a program expires.
        #[since(STYLUS)]
        function setWasmExpiryDays(uint16 _days) external;
        /// Days before a program may be kept alive.
        #[since(STYLUS)]
        function setWasmKeepaliveDays(uint16 _days) external;
        /// Programs a block keeps in its cache.
        #[since(STYLUS)]
        function setWasmBlockCacheSize(uint16 count) external;
        /// Largest uncompressed wasm in bytes.
        #[since(MAX_WASM_SIZE)]
        function setWasmMaxSize(uint32 size) external;
        /// Most fragments of a program.
        #[since(STYLUS_CONTRACT_LIMIT)]
        function setMaxStylusContractFragments(uint8 maxFragments) external;
        /// Gas burnt by each activation.
        #[since(STYLUS_ACTIVATION_GAS)]
        function setWasmActivationGas(uint64 gas) external;
        /// Lets an address cache programs.
        #[since(STYLUS)]
        function addWasmCacheManager(address manager) external;
        /// Lets it no longer.
        #[since(STYLUS)]
        function removeWasmCacheManager(address manager) external;
        /// Replaces the text of the chain configuration.
        #[since(PRECOMPILE_KEEPS_GAS)]
        function setChainConfig(string chainConfig) external;
        /// Switches the floor price of calldata.
        #[since(CALLDATA_FLOOR)]
        function setCalldataPriceIncrease(bool enable) external;
        /// Switches the collection of tips.
        #[since(COLLECT_TIPS)]
        function setCollectTips(bool collectTips) external;
        /// An owner called a method.
        event OwnerActs(bytes4 indexed method, address indexed owner, bytes data);
        /// A chain owner was added.
        event ChainOwnerAdded(address indexed newOwner);
        /// A chain owner was removed.
        event ChainOwnerRemoved(address indexed removedOwner);
        /// An owner of the native token was added.
        event NativeTokenOwnerAdded(address indexed newOwner);
        /// An owner of the native token was removed.
        event NativeTokenOwnerRemoved(address indexed removedOwner);
        /// A filterer was added.
        event TransactionFiltererAdded(address indexed filterer);
        /// A filterer was removed.
        event TransactionFiltererRemoved(address indexed filterer);
        /// Another account receives funds of filtered transactions.
        event FilteredFundsRecipientSet(address indexed newRecipient);
    }
}

/// The implementation.
#[derive(Debug)]
pub enum Owner {}
/// The registry's row.
pub static PRECOMPILE: Precompile = row::<Owner>();

/// Methods that set one word: `method(Call.field) = path of accessors`.
macro_rules! setters {
    ($($method:ident($call:ident.$argument:ident) = $($view:ident).+;)*) => {$(
        fn $method(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::$call) -> Reply<()> {
            Ok(cx.state().$($view()).+.set(call.$argument)?)
        }
    )*};
}

impl ArbOwnerMethods for Owner {
    setters! {
        setNetworkFeeAccount(setNetworkFeeAccountCall.newNetworkFeeAccount) = network_fee_account;
        setInfraFeeAccount(setInfraFeeAccountCall.newInfraFeeAccount) = infra_fee_account;
        setL1BaseFeeEstimateInertia(setL1BaseFeeEstimateInertiaCall.inertia) = l1_pricing.inertia;
        setL1PricingInertia(setL1PricingInertiaCall.inertia) = l1_pricing.inertia;
        setL1PricingEquilibrationUnits(setL1PricingEquilibrationUnitsCall.equilibrationUnits) = l1_pricing.equilibration_units;
        setL1PricingRewardRecipient(setL1PricingRewardRecipientCall.recipient) = l1_pricing.pay_rewards_to;
        setL1PricingRewardRate(setL1PricingRewardRateCall.weiPerUnit) = l1_pricing.per_unit_reward;
        setL1PricePerUnit(setL1PricePerUnitCall.pricePerUnit) = l1_pricing.price_per_unit;
        setParentGasFloorPerToken(setParentGasFloorPerTokenCall.floorPerToken) = l1_pricing.gas_floor_per_token;
        setPerBatchGasCharge(setPerBatchGasChargeCall.cost) = l1_pricing.per_batch_gas_cost;
        setAmortizedCostCapBips(setAmortizedCostCapBipsCall.cap) = l1_pricing.amortized_cost_cap_bips;
        setL2BaseFee(setL2BaseFeeCall.priceInWei) = base_fee_wei;
        setMaxBlockGasLimit(setMaxBlockGasLimitCall.limit) = per_block_gas_limit;
        setWasmActivationGas(setWasmActivationGasCall.gas) = programs.activation_gas;
        setCollectTips(setCollectTipsCall.collectTips) = collect_tips;
    }

    fn addChainOwner(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::addChainOwnerCall) -> Reply<()> {
        cx.state().chain_owners().add(call.newOwner)?;
        announce(cx, &ArbOwner::ChainOwnerAdded { newOwner: call.newOwner })
    }

    fn removeChainOwner(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::removeChainOwnerCall) -> Reply<()> {
        let version = cx.version();
        remove_member(&mut cx.state().chain_owners(), call.ownerToRemove, version)?;
        announce(cx, &ArbOwner::ChainOwnerRemoved { removedOwner: call.ownerToRemove })
    }

    fn isChainOwner(cx: &mut ViewCtx<'_, '_>, call: ArbOwner::isChainOwnerCall) -> Reply<bool> {
        Ok(cx.state().chain_owners().is_member(call.addr)?)
    }

    fn getAllChainOwners(cx: &mut ViewCtx<'_, '_>, _: ArbOwner::getAllChainOwnersCall) -> Reply<Vec<Address>> {
        Ok(all(cx.state().chain_owners())?)
    }

    fn setNativeTokenManagementFrom(
        cx: &mut WriteCtx<'_, '_>,
        call: ArbOwner::setNativeTokenManagementFromCall,
    ) -> Reply<()> {
        set_feature_time!(cx, native_token_management_from, call.timestamp)
    }

    fn setTransactionFilteringFrom(
        cx: &mut WriteCtx<'_, '_>,
        call: ArbOwner::setTransactionFilteringFromCall,
    ) -> Reply<()> {
        set_feature_time!(cx, transaction_filtering_from, call.timestamp)
    }

    fn addNativeTokenOwner(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::addNativeTokenOwnerCall) -> Reply<()> {
        let now = cx.block().timestamp;
        require_enabled(cx.state().native_token_management_from().get()?, now)?;
        cx.state().native_token_owners().add(call.newOwner)?;
        announce(cx, &ArbOwner::NativeTokenOwnerAdded { newOwner: call.newOwner })
    }

    fn removeNativeTokenOwner(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::removeNativeTokenOwnerCall) -> Reply<()> {
        let version = cx.version();
        remove_member(&mut cx.state().native_token_owners(), call.ownerToRemove, version)?;
        announce(cx, &ArbOwner::NativeTokenOwnerRemoved { removedOwner: call.ownerToRemove })
    }

    fn isNativeTokenOwner(cx: &mut ViewCtx<'_, '_>, call: ArbOwner::isNativeTokenOwnerCall) -> Reply<bool> {
        Ok(cx.state().native_token_owners().is_member(call.addr)?)
    }

    fn getAllNativeTokenOwners(
        cx: &mut ViewCtx<'_, '_>,
        _: ArbOwner::getAllNativeTokenOwnersCall,
    ) -> Reply<Vec<Address>> {
        Ok(all(cx.state().native_token_owners())?)
    }

    fn addTransactionFilterer(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::addTransactionFiltererCall) -> Reply<()> {
        let now = cx.block().timestamp;
        require_enabled(cx.state().transaction_filtering_from().get()?, now)?;
        cx.state().transaction_filterers().add(call.filterer)?;
        cx.emit(&ArbOwner::TransactionFiltererAdded { filterer: call.filterer })
    }

    fn removeTransactionFilterer(
        cx: &mut WriteCtx<'_, '_>,
        call: ArbOwner::removeTransactionFiltererCall,
    ) -> Reply<()> {
        let version = cx.version();
        remove_member(&mut cx.state().transaction_filterers(), call.filterer, version)?;
        cx.emit(&ArbOwner::TransactionFiltererRemoved { filterer: call.filterer })
    }

    fn isTransactionFilterer(cx: &mut ViewCtx<'_, '_>, call: ArbOwner::isTransactionFiltererCall) -> Reply<bool> {
        Ok(cx.state().transaction_filterers().is_member(call.filterer)?)
    }

    fn getAllTransactionFilterers(
        cx: &mut ViewCtx<'_, '_>,
        _: ArbOwner::getAllTransactionFilterersCall,
    ) -> Reply<Vec<Address>> {
        Ok(all(cx.state().transaction_filterers())?)
    }

    fn setFilteredFundsRecipient(
        cx: &mut WriteCtx<'_, '_>,
        call: ArbOwner::setFilteredFundsRecipientCall,
    ) -> Reply<()> {
        cx.state().filtered_funds_recipient().set(call.newRecipient)?;
        cx.emit(&ArbOwner::FilteredFundsRecipientSet { newRecipient: call.newRecipient })
    }

    fn getFilteredFundsRecipient(
        cx: &mut ViewCtx<'_, '_>,
        _: ArbOwner::getFilteredFundsRecipientCall,
    ) -> Reply<Address> {
        Ok(cx.state().filtered_funds_recipient().get()?)
    }

    fn getNetworkFeeAccount(cx: &mut ViewCtx<'_, '_>, _: ArbOwner::getNetworkFeeAccountCall) -> Reply<Address> {
        Ok(cx.state().network_fee_account().get()?)
    }

    fn getInfraFeeAccount(cx: &mut ViewCtx<'_, '_>, _: ArbOwner::getInfraFeeAccountCall) -> Reply<Address> {
        Ok(cx.state().infra_fee_account().get()?)
    }

    fn scheduleArbOSUpgrade(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::scheduleArbOSUpgradeCall) -> Reply<()> {
        cx.state().upgrade_version().set(ArbosVersion::new(call.newVersion))?;
        Ok(cx.state().upgrade_timestamp().set(call.timestamp)?)
    }

    fn setChainConfig(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::setChainConfigCall) -> Reply<()> {
        let text: String = call.chainConfig;
        Ok(cx.state().chain_config().set(text.as_bytes())?)
    }

    fn setCalldataPriceIncrease(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::setCalldataPriceIncreaseCall) -> Reply<()> {
        Ok(cx.state().features().set_calldata_price_increase(call.enable)?)
    }

    fn setMinimumL2BaseFee(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::setMinimumL2BaseFeeCall) -> Reply<()> {
        fees::set_minimum_base_fee(cx, call.priceInWei)
    }

    fn setSpeedLimit(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::setSpeedLimitCall) -> Reply<()> {
        fees::set_speed_limit(cx, call.limit)
    }

    fn setMaxTxGasLimit(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::setMaxTxGasLimitCall) -> Reply<()> {
        fees::set_max_tx_gas_limit(cx, call.limit)
    }

    fn setL2GasPricingInertia(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::setL2GasPricingInertiaCall) -> Reply<()> {
        fees::set_pricing_inertia(cx, call.sec)
    }

    fn setL2GasBacklogTolerance(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::setL2GasBacklogToleranceCall) -> Reply<()> {
        fees::require_backlogs(cx)?;
        Ok(cx.state().l2_pricing().backlog_tolerance().set(call.sec)?)
    }

    fn setGasBacklog(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::setGasBacklogCall) -> Reply<()> {
        fees::require_backlogs(cx)?;
        Ok(cx.state().l2_pricing().gas_backlog().set(call.backlog)?)
    }

    fn setGasPricingConstraints(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::setGasPricingConstraintsCall) -> Reply<()> {
        fees::set_constraints(cx, &call.constraints)
    }

    fn setMultiGasPricingConstraints(
        cx: &mut WriteCtx<'_, '_>,
        call: ArbOwner::setMultiGasPricingConstraintsCall,
    ) -> Reply<()> {
        fees::set_multi_gas_constraints(cx, &call.constraints)
    }

    fn setBrotliCompressionLevel(
        cx: &mut WriteCtx<'_, '_>,
        call: ArbOwner::setBrotliCompressionLevelCall,
    ) -> Reply<()> {
        fees::set_brotli_level(cx, call.level)
    }

    fn releaseL1PricerSurplusFunds(
        cx: &mut WriteCtx<'_, '_>,
        call: ArbOwner::releaseL1PricerSurplusFundsCall,
    ) -> Reply<U256> {
        fees::release_surplus(cx, call.maxWeiToRelease)
    }

    fn setInkPrice(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::setInkPriceCall) -> Reply<()> {
        require(call.price != 0 && call.price < 1 << 24, "ink price must be a positive uint24")?;
        stylus::change(cx, |params| params.ink_price = call.price)
    }

    fn setWasmMaxStackDepth(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::setWasmMaxStackDepthCall) -> Reply<()> {
        stylus::change(cx, |params| params.max_stack_depth = call.depth)
    }

    fn setWasmFreePages(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::setWasmFreePagesCall) -> Reply<()> {
        stylus::change(cx, |params| params.free_pages = call.pages)
    }

    fn setWasmPageGas(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::setWasmPageGasCall) -> Reply<()> {
        stylus::change(cx, |params| params.page_gas = call.gas)
    }

    fn setWasmPageLimit(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::setWasmPageLimitCall) -> Reply<()> {
        stylus::change(cx, |params| params.page_limit = call.limit)
    }

    fn setWasmMinInitGas(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::setWasmMinInitGasCall) -> Reply<()> {
        stylus::change(cx, |params| {
            params.min_init_gas = stylus::units(u64::from(call.gas), 128);
            params.min_cached_init_gas = stylus::units(u64::from(call.cached), 32);
        })
    }

    fn setWasmInitCostScalar(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::setWasmInitCostScalarCall) -> Reply<()> {
        stylus::change(cx, |params| params.init_cost_scalar = stylus::units(call.percent, 2))
    }

    fn setWasmExpiryDays(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::setWasmExpiryDaysCall) -> Reply<()> {
        stylus::change(cx, |params| params.expiry_days = call._days)
    }

    fn setWasmKeepaliveDays(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::setWasmKeepaliveDaysCall) -> Reply<()> {
        stylus::change(cx, |params| params.keepalive_days = call._days)
    }

    fn setWasmBlockCacheSize(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::setWasmBlockCacheSizeCall) -> Reply<()> {
        stylus::change(cx, |params| params.block_cache_size = call.count)
    }

    fn setWasmMaxSize(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::setWasmMaxSizeCall) -> Reply<()> {
        stylus::change(cx, |params| params.max_wasm_size = call.size)
    }

    fn setMaxStylusContractFragments(
        cx: &mut WriteCtx<'_, '_>,
        call: ArbOwner::setMaxStylusContractFragmentsCall,
    ) -> Reply<()> {
        stylus::change(cx, |params| params.max_fragment_count = call.maxFragments)
    }

    fn addWasmCacheManager(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::addWasmCacheManagerCall) -> Reply<()> {
        Ok(cx.state().programs().cache_managers().add(call.manager)?)
    }

    fn removeWasmCacheManager(cx: &mut WriteCtx<'_, '_>, call: ArbOwner::removeWasmCacheManagerCall) -> Reply<()> {
        let version = cx.version();
        remove_member(&mut cx.state().programs().cache_managers(), call.manager, version)
    }
}

/// The error of a value that is out of range.
pub(crate) const OUT_OF_RANGE: Failure = Failure::plain("value out of range");
