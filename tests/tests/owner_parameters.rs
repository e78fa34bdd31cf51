//! Every parameter an owner may set: what a stranger's attempt does, what the owner's does, and what getters say afterwards.

use alloy_primitives::{Address, U256, address};
use alloy_sol_types::{SolCall, SolEvent};
use arbos::GenesisAccount;
use harness::{Account, Chain, Draft, Setup, VERSIONS, at};
use precompiles::{
    arb_gas_info::ArbGasInfo as Info, arb_owner::ArbOwner as Owner, arb_owner_public::ArbOwnerPublic as Public,
    arb_wasm::ArbWasm as Wasm,
};
use state::{ArbosState, Read, Word};

/// Who tells a parameter.
struct Getter {
    since: u64,
    precompile: Address,
    call: Vec<u8>,
    /// What is told for one of what is kept.
    unit: u64,
}

type ReadWord = fn(&mut ArbosState<'_, Read>) -> state::Result<U256>;

/// A parameter: how it is set, where it is kept, and who tells it.
struct Parameter {
    name: &'static str,
    since: u64,
    set: Vec<u8>,
    kept: ReadWord,
    want: U256,
    getter: Option<Getter>,
}

fn parameter<C: SolCall>(since: u64, set: &C, kept: ReadWord, want: impl Word) -> Parameter {
    let name = C::SIGNATURE;
    Parameter { name, since, set: set.abi_encode(), kept, want: want.into_word(), getter: None }
}

impl Parameter {
    /// The first word of the getter's result is the parameter.
    fn told_by<C: SolCall>(self, since: u64, precompile: Address, getter: &C) -> Self {
        Self { getter: Some(Getter { since, precompile, call: getter.abi_encode(), unit: 1 }), ..self }
    }

    fn in_units_of(self, unit: u64) -> Self {
        Self { getter: self.getter.map(|getter| Getter { unit, ..getter }), ..self }
    }
}

/// `kept!(view.field)`: reads a field of the operating state as a word.
macro_rules! kept {
    ($($view:ident).+) => {
        |state| state.$($view()).+.get().map(Word::into_word)
    };
}

/// `params!(field)`: reads a field of the Stylus parameters as a word.
macro_rules! params {
    ($field:ident) => {
        |state| {
            let version = state.version();
            state.programs().params(version).map(|params| U256::from(params.$field))
        }
    };
}

const SOMEBODY: Address = address!("5000000000000000000000000000000000000bed");

fn l2_parameters() -> Vec<Parameter> {
    let number = U256::from(123_456_789u64);
    vec![
        parameter(1, &Owner::setL2BaseFeeCall { priceInWei: number }, kept!(l2_pricing.base_fee_wei), number),
        parameter(
            1,
            &Owner::setMinimumL2BaseFeeCall { priceInWei: number },
            kept!(l2_pricing.min_base_fee_wei),
            number,
        )
        .told_by(1, at::ARB_GAS_INFO, &Info::getMinimumGasPriceCall {}),
        parameter(1, &Owner::setSpeedLimitCall { limit: 55 }, kept!(l2_pricing.speed_limit_per_second), 55u64).told_by(
            1,
            at::ARB_GAS_INFO,
            &Info::getGasAccountingParamsCall {},
        ),
        parameter(1, &Owner::setL2GasPricingInertiaCall { sec: 77 }, kept!(l2_pricing.pricing_inertia), 77u64).told_by(
            1,
            at::ARB_GAS_INFO,
            &Info::getPricingInertiaCall {},
        ),
        parameter(1, &Owner::setL2GasBacklogToleranceCall { sec: 78 }, kept!(l2_pricing.backlog_tolerance), 78u64)
            .told_by(1, at::ARB_GAS_INFO, &Info::getGasBacklogToleranceCall {}),
        parameter(
            50,
            &Owner::setMaxTxGasLimitCall { limit: 9_999_999 },
            kept!(l2_pricing.per_tx_gas_limit),
            9_999_999u64,
        )
        .told_by(50, at::ARB_GAS_INFO, &Info::getMaxTxGasLimitCall {}),
        parameter(
            50,
            &Owner::setMaxBlockGasLimitCall { limit: 8_888_888 },
            kept!(l2_pricing.per_block_gas_limit),
            8_888_888u64,
        )
        .told_by(50, at::ARB_GAS_INFO, &Info::getMaxBlockGasLimitCall {}),
    ]
}

fn l1_parameters() -> Vec<Parameter> {
    let number = U256::from(123_456_789u64);
    vec![
        parameter(1, &Owner::setL1BaseFeeEstimateInertiaCall { inertia: 11 }, kept!(l1_pricing.inertia), 11u64)
            .told_by(1, at::ARB_GAS_INFO, &Info::getL1BaseFeeEstimateInertiaCall {}),
        parameter(1, &Owner::setL1PricingInertiaCall { inertia: 12 }, kept!(l1_pricing.inertia), 12u64).told_by(
            1,
            at::ARB_GAS_INFO,
            &Info::getL1BaseFeeEstimateInertiaCall {},
        ),
        parameter(
            1,
            &Owner::setL1PricingEquilibrationUnitsCall { equilibrationUnits: number },
            kept!(l1_pricing.equilibration_units),
            number,
        )
        .told_by(20, at::ARB_GAS_INFO, &Info::getL1PricingEquilibrationUnitsCall {}),
        parameter(
            1,
            &Owner::setL1PricingRewardRecipientCall { recipient: SOMEBODY },
            kept!(l1_pricing.pay_rewards_to),
            SOMEBODY,
        )
        .told_by(11, at::ARB_GAS_INFO, &Info::getL1RewardRecipientCall {}),
        parameter(1, &Owner::setL1PricingRewardRateCall { weiPerUnit: 13 }, kept!(l1_pricing.per_unit_reward), 13u64)
            .told_by(11, at::ARB_GAS_INFO, &Info::getL1RewardRateCall {}),
        parameter(1, &Owner::setL1PricePerUnitCall { pricePerUnit: number }, kept!(l1_pricing.price_per_unit), number)
            .told_by(1, at::ARB_GAS_INFO, &Info::getL1BaseFeeEstimateCall {}),
        parameter(1, &Owner::setPerBatchGasChargeCall { cost: -5 }, kept!(l1_pricing.per_batch_gas_cost), -5i64),
        parameter(1, &Owner::setPerBatchGasChargeCall { cost: 14 }, kept!(l1_pricing.per_batch_gas_cost), 14i64)
            .told_by(1, at::ARB_GAS_INFO, &Info::getPerBatchGasChargeCall {}),
        parameter(1, &Owner::setAmortizedCostCapBipsCall { cap: 15 }, kept!(l1_pricing.amortized_cost_cap_bips), 15u64)
            .told_by(1, at::ARB_GAS_INFO, &Info::getAmortizedCostCapBipsCall {}),
        parameter(
            50,
            &Owner::setParentGasFloorPerTokenCall { floorPerToken: 16 },
            kept!(l1_pricing.gas_floor_per_token),
            16u64,
        )
        .told_by(50, at::ARB_OWNER_PUBLIC, &Public::getParentGasFloorPerTokenCall {}),
        parameter(20, &Owner::setBrotliCompressionLevelCall { level: 11 }, kept!(brotli_compression_level), 11u64)
            .told_by(20, at::ARB_OWNER_PUBLIC, &Public::getBrotliCompressionLevelCall {}),
    ]
}

fn root_parameters() -> Vec<Parameter> {
    vec![
        parameter(
            1,
            &Owner::setNetworkFeeAccountCall { newNetworkFeeAccount: SOMEBODY },
            kept!(network_fee_account),
            SOMEBODY,
        )
        .told_by(1, at::ARB_OWNER_PUBLIC, &Public::getNetworkFeeAccountCall {}),
        parameter(
            5,
            &Owner::setInfraFeeAccountCall { newInfraFeeAccount: SOMEBODY },
            kept!(infra_fee_account),
            SOMEBODY,
        )
        .told_by(6, at::ARB_OWNER_PUBLIC, &Public::getInfraFeeAccountCall {}),
        parameter(
            1,
            &Owner::scheduleArbOSUpgradeCall { newVersion: 1_000, timestamp: u64::MAX },
            kept!(upgrade_version),
            1_000u64,
        )
        .told_by(20, at::ARB_OWNER_PUBLIC, &Public::getScheduledUpgradeCall {}),
        parameter(
            60,
            &Owner::setFilteredFundsRecipientCall { newRecipient: SOMEBODY },
            kept!(filtered_funds_recipient),
            SOMEBODY,
        )
        .told_by(60, at::ARB_OWNER_PUBLIC, &Public::getFilteredFundsRecipientCall {}),
        parameter(60, &Owner::setCollectTipsCall { collectTips: true }, kept!(collect_tips), true).told_by(
            60,
            at::ARB_OWNER_PUBLIC,
            &Public::getCollectTipsCall {},
        ),
        parameter(
            40,
            &Owner::setCalldataPriceIncreaseCall { enable: true },
            |state| state.features().calldata_price_increase().map(Word::into_word),
            true,
        )
        .told_by(40, at::ARB_OWNER_PUBLIC, &Public::isCalldataPriceIncreaseEnabledCall {}),
        parameter(
            41,
            &Owner::setNativeTokenManagementFromCall { timestamp: 1 << 40 },
            kept!(native_token_management_from),
            1u64 << 40,
        )
        .told_by(50, at::ARB_OWNER_PUBLIC, &Public::getNativeTokenManagementFromCall {}),
        parameter(
            60,
            &Owner::setTransactionFilteringFromCall { timestamp: 1 << 40 },
            kept!(transaction_filtering_from),
            1u64 << 40,
        )
        .told_by(60, at::ARB_OWNER_PUBLIC, &Public::getTransactionFilteringFromCall {}),
    ]
}

fn stylus_parameters() -> Vec<Parameter> {
    vec![
        parameter(30, &Owner::setInkPriceCall { price: 21 }, params!(ink_price), 21u64).told_by(
            30,
            at::ARB_WASM,
            &Wasm::inkPriceCall {},
        ),
        parameter(30, &Owner::setWasmMaxStackDepthCall { depth: 22 }, params!(max_stack_depth), 22u64).told_by(
            30,
            at::ARB_WASM,
            &Wasm::maxStackDepthCall {},
        ),
        parameter(30, &Owner::setWasmFreePagesCall { pages: 23 }, params!(free_pages), 23u64).told_by(
            30,
            at::ARB_WASM,
            &Wasm::freePagesCall {},
        ),
        parameter(30, &Owner::setWasmPageGasCall { gas: 24 }, params!(page_gas), 24u64).told_by(
            30,
            at::ARB_WASM,
            &Wasm::pageGasCall {},
        ),
        parameter(30, &Owner::setWasmPageLimitCall { limit: 25 }, params!(page_limit), 25u64).told_by(
            30,
            at::ARB_WASM,
            &Wasm::pageLimitCall {},
        ),
        parameter(30, &Owner::setWasmMinInitGasCall { gas: 129, cached: 33 }, params!(min_init_gas), 2u64)
            .told_by(32, at::ARB_WASM, &Wasm::minInitGasCall {})
            .in_units_of(128),
        parameter(30, &Owner::setWasmMinInitGasCall { gas: 129, cached: 33 }, params!(min_cached_init_gas), 2u64),
        parameter(30, &Owner::setWasmInitCostScalarCall { percent: 51 }, params!(init_cost_scalar), 26u64)
            .told_by(30, at::ARB_WASM, &Wasm::initCostScalarCall {})
            .in_units_of(2),
        parameter(30, &Owner::setWasmExpiryDaysCall { _days: 27 }, params!(expiry_days), 27u64).told_by(
            30,
            at::ARB_WASM,
            &Wasm::expiryDaysCall {},
        ),
        parameter(30, &Owner::setWasmKeepaliveDaysCall { _days: 28 }, params!(keepalive_days), 28u64).told_by(
            30,
            at::ARB_WASM,
            &Wasm::keepaliveDaysCall {},
        ),
        parameter(30, &Owner::setWasmBlockCacheSizeCall { count: 29 }, params!(block_cache_size), 29u64).told_by(
            30,
            at::ARB_WASM,
            &Wasm::blockCacheSizeCall {},
        ),
        parameter(40, &Owner::setWasmMaxSizeCall { size: 30 }, params!(max_wasm_size), 30u64),
        parameter(60, &Owner::setMaxStylusContractFragmentsCall { maxFragments: 3 }, params!(max_fragment_count), 3u64)
            .told_by(60, at::ARB_OWNER_PUBLIC, &Public::getMaxStylusContractFragmentsCall {}),
        parameter(59, &Owner::setWasmActivationGasCall { gas: 31 }, kept!(programs.activation_gas), 31u64).told_by(
            59,
            at::ARB_WASM,
            &Wasm::activationGasCall {},
        ),
    ]
}

fn parameters() -> Vec<Parameter> {
    [l2_parameters(), l1_parameters(), root_parameters(), stylus_parameters()].into_iter().flatten().collect()
}

/// An account whose code takes all gas.
const BURNER: Address = address!("b000000000000000000000000000000000000bad");

fn chain(version: u64) -> Chain {
    let code = GenesisAccount { code: vec![0xfe].into(), ..GenesisAccount::default() };
    Setup { alloc: vec![(BURNER, code)], ..Setup::devnet(version) }.build()
}

/// Versions worth a run for something that exists since `since`.
fn versions(since: u64) -> impl Iterator<Item = u64> {
    const WORTH: [u64; 8] = [1, 6, 11, 32, 41, 51, 60, 61];
    VERSIONS.into_iter().filter(move |version| *version == since || (*version > since && WORTH.contains(version)))
}

#[test]
fn every_parameter_is_set_by_owners_and_stays_set() {
    let mut runs = 0;
    for row in parameters() {
        for version in versions(row.since) {
            let mut chain = chain(version);
            let sent = chain.send_through_bridge(&Chain::owner(), &Draft::call(at::ARB_OWNER, row.set.clone()));
            assert!(sent.success, "{} at {version}", row.name);
            let name = row.name;
            assert_eq!(chain.read(row.kept), row.want, "{name} at {version}");
            assert_act(&sent.logs, &row.set);
            assert_eq!(sent.gas_used, intrinsic(&row.set), "an owner pays nothing for {name}");
            chain.owner_calls(&Owner::getNetworkFeeAccountCall {});
            if !name.starts_with("setL2BaseFee") {
                assert_eq!(chain.read(row.kept), row.want, "{name} at {version}, a block later");
            }
            runs += 1;
        }
    }
    println!("{runs} parameters at a version");
}

/// Gas due before execution.
fn intrinsic(data: &[u8]) -> u64 {
    21_000 + data.iter().map(|byte| if *byte == 0 { 4 } else { 16 }).sum::<u64>()
}

/// The act is logged with its whole calldata.
fn assert_act(logs: &[alloy_primitives::Log], data: &[u8]) {
    let last = logs.last().expect("an act is logged");
    let act = Owner::OwnerActs::decode_log(last).expect("the last log of an owner's call is the act");
    assert_eq!((act.address, act.owner), (at::ARB_OWNER, Chain::owner().address()));
    assert_eq!((act.method.as_slice(), act.data.data.as_ref()), (&data[..4], data));
}

#[test]
fn a_stranger_burns_everything_and_changes_nothing() {
    let stranger = Account::numbered(5);
    for row in parameters() {
        for version in versions(row.since) {
            let base = chain(version);
            let run = |target: Address| {
                let mut chain = base.clone();
                let sent = chain.send_through_bridge(&stranger, &Draft::call(target, row.set.clone()).gas(200_000));
                assert!(!sent.success && sent.logs.is_empty());
                assert_eq!(sent.gas_used, 200_000, "{} at {version}", row.name);
                sent.block.header.inner.state_root
            };
            assert_eq!(run(at::ARB_OWNER), run(BURNER), "{} at {version} left something behind", row.name);
        }
    }
}

#[test]
fn before_its_version_a_setter_is_unknown_even_to_owners() {
    for row in parameters().iter().filter(|row| row.since > 1) {
        let mut chain = chain(row.since - 1);
        let name = row.name;
        if name.starts_with("setMaxTxGasLimit") {
            continue;
        }
        let sent = chain.send_through_bridge(&Chain::owner(), &Draft::call(at::ARB_OWNER, row.set.clone()));
        assert!(!sent.success, "{name} before {}", row.since);
        assert_eq!(sent.gas_used, intrinsic(&row.set), "{name} before {}", row.since);
        assert_ne!(chain.read(row.kept), row.want, "{name} before {}", row.since);
    }
}

#[test]
fn getters_tell_what_was_set() {
    for row in parameters() {
        let Some(getter) = &row.getter else { continue };
        for version in versions(getter.since.max(row.since)) {
            let mut chain = chain(version);
            let sent = chain.send_through_bridge(&Chain::owner(), &Draft::call(at::ARB_OWNER, row.set.clone()));
            assert!(sent.success, "{} at {version}", row.name);
            let told = chain.try_ask(Address::ZERO, getter.precompile, getter.call.clone().into());
            assert!(told.success, "the getter of {} at {version}", row.name);
            let want = row.want * U256::from(getter.unit);
            assert_eq!(U256::from_be_slice(&told.output[..32]), want, "the getter of {} at {version}", row.name);
        }
    }
}

#[test]
fn values_out_of_range_are_refused() {
    let refused: [(u64, Vec<u8>); 8] = [
        (1, Owner::setSpeedLimitCall { limit: 0 }.abi_encode()),
        (1, Owner::setL2GasPricingInertiaCall { sec: 0 }.abi_encode()),
        (20, Owner::setBrotliCompressionLevelCall { level: 12 }.abi_encode()),
        (30, Owner::setInkPriceCall { price: 0 }.abi_encode()),
        (30, Owner::setInkPriceCall { price: 1 << 24 }.abi_encode()),
        (41, Owner::setNativeTokenManagementFromCall { timestamp: 1_700_000_001 }.abi_encode()),
        (60, Owner::setTransactionFilteringFromCall { timestamp: 1_700_000_001 }.abi_encode()),
        (50, Owner::setGasPricingConstraintsCall { constraints: vec![[0, 1, 0]] }.abi_encode()),
    ];
    for (since, set) in refused {
        for version in versions(since) {
            let mut chain = chain(version);
            let gas = 300_000;
            let sent = chain.send_through_bridge(&Chain::owner(), &Draft::call(at::ARB_OWNER, set.clone()).gas(gas));
            assert!(!sent.success && sent.logs.is_empty());
            // An error takes all gas below version 11, and none of an owner's from then on.
            let want = if version < 11 { gas } else { intrinsic(&set) };
            assert_eq!(sent.gas_used, want, "at {version}");
        }
    }
}
