//! An owner changes a parameter in one block and sees its effect in the next one: prices, limits and fees.

use alloy_primitives::{Address, U256, address};
use alloy_sol_types::SolCall;
use arbos::block::HeaderInfo;
use harness::{Account, BatchReport, Chain, Draft, ETHER, Setup, at};
use precompiles::{arb_gas_info::ArbGasInfo, arb_owner::ArbOwner, arbos_test::ArbosTest};
use state::address::{L1_PRICER_FUNDS_POOL, SEQUENCER};

const COLLECTOR: Address = address!("c0113c7000000000000000000000000000000001");
const OTHER: Address = address!("c0113c7000000000000000000000000000000002");

fn alice() -> Account {
    Account::numbered(1)
}

fn base_fee(chain: &mut Chain) -> U256 {
    chain.empty_block().header.base_fee.expect("every block has a base fee")
}

fn transfer() -> Draft {
    Draft::transfer(OTHER, 1)
}

#[test]
fn the_base_fee_an_owner_sets_is_that_of_the_next_block_alone() {
    for version in [1, 11, 61] {
        let mut chain = Chain::devnet(version);
        let price = U256::from(3_000_000_000u64);
        chain.owner_calls(&ArbOwner::setL2BaseFeeCall { priceInWei: price });
        assert_eq!(base_fee(&mut chain), price);
        assert_eq!(base_fee(&mut chain), U256::from(100_000_000u64));
    }
}

#[test]
fn the_minimum_base_fee_is_what_an_idle_chain_costs() {
    for version in [1, 11, 61] {
        let mut chain = Chain::devnet(version);
        let price = U256::from(250_000_000u64);
        chain.owner_calls(&ArbOwner::setMinimumL2BaseFeeCall { priceInWei: price });
        // The block that reads it sets the fee of the one after it.
        assert_eq!(base_fee(&mut chain), U256::from(100_000_000u64));
        assert_eq!(base_fee(&mut chain), price);
        chain.owner_calls(&ArbOwner::setMinimumL2BaseFeeCall { priceInWei: U256::ZERO });
        chain.empty_block();
        assert_eq!(base_fee(&mut chain), U256::ZERO);
    }
}

/// Base fee of a chain with a backlog, two blocks after a change.
fn fee_after<C: SolCall>(version: u64, backlog: u64, change: &C) -> U256 {
    let mut chain = Chain::devnet(version);
    chain.owner_calls(change);
    chain.owner_calls(&ArbOwner::setGasBacklogCall { backlog });
    chain.empty_block();
    base_fee(&mut chain)
}

#[test]
fn speed_limit_inertia_and_tolerance_shape_the_price_of_a_backlog() {
    let backlog = 7_000_000 * 110;
    let same = ArbOwner::setL2GasPricingInertiaCall { sec: 102 };
    let fee = fee_after(51, backlog, &same);
    assert!(fee > U256::from(250_000_000u64), "a backlog of 110 seconds raises the fee: {fee}");
    let slower = fee_after(51, backlog, &ArbOwner::setL2GasPricingInertiaCall { sec: 204 });
    assert!(slower < fee);
    let tolerant = fee_after(51, backlog, &ArbOwner::setL2GasBacklogToleranceCall { sec: 200 });
    assert_eq!(tolerant, U256::from(100_000_000u64));
    let faster = fee_after(51, backlog, &ArbOwner::setSpeedLimitCall { limit: 70_000_000 });
    assert!(faster < fee);
}

#[test]
fn the_backlog_an_owner_sets_grows_by_the_gas_of_the_call() {
    for version in [50, 60, 61] {
        let mut chain = Chain::devnet(version);
        let sent = chain.owner_calls(&ArbOwner::setGasBacklogCall { backlog: 1 << 40 });
        let backlog = (1u64 << 40) + sent.gas_used - sent.gas_used_for_l1;
        assert_eq!(chain.read(|state| state.l2_pricing().gas_backlog().get()), backlog);
        assert_eq!(chain.ask(at::ARB_GAS_INFO, &ArbGasInfo::getGasBacklogCall {}), backlog);
    }
}

#[test]
fn a_backlog_is_paid_off_at_the_speed_limit() {
    let mut chain = Chain::devnet(51);
    chain.owner_calls(&ArbOwner::setSpeedLimitCall { limit: 1_000 });
    chain.owner_calls(&ArbOwner::setGasBacklogCall { backlog: 1 << 40 });
    let before = chain.read(|state| state.l2_pricing().gas_backlog().get());
    chain.wait(99);
    chain.empty_block();
    let after = chain.read(|state| state.l2_pricing().gas_backlog().get());
    assert_eq!(before - after, 100 * 1_000);
}

/// Gas a call uses that burns what it can.
fn burnt(chain: &mut Chain, gas: u64) -> u64 {
    let data = ArbosTest::burnArbGasCall { gasAmount: U256::from(u64::MAX) }.abi_encode();
    chain.send_through_bridge(&alice(), &Draft::call(at::ARBOS_TEST, data).gas(gas)).gas_used
}

#[test]
fn execution_uses_no_more_gas_than_the_limit_of_a_transaction() {
    for version in [50, 61] {
        let mut chain = Chain::devnet(version);
        chain.owner_calls(&ArbOwner::setMaxTxGasLimitCall { limit: 400_000 });
        assert_eq!(burnt(&mut chain, 3_000_000), 400_000);
    }
    // Below version 50 the setter is that of the block's limit, which counts without the intrinsic gas.
    for version in [1, 11, 41] {
        let mut chain = Chain::devnet(version);
        chain.owner_calls(&ArbOwner::setMaxTxGasLimitCall { limit: 400_000 });
        assert_eq!(chain.read(|state| state.l2_pricing().per_block_gas_limit().get()), 400_000);
        let used = burnt(&mut chain, 3_000_000);
        assert!((421_000..425_000).contains(&used), "{used}");
    }
}

#[test]
fn a_block_includes_what_its_gas_limit_lets_it() {
    let mut chain = Chain::devnet(60);
    chain.owner_calls(&ArbOwner::setMaxBlockGasLimitCall { limit: 21_000 * 3 });
    let senders = [1, 2, 3, 4].map(Account::numbered);
    let transactions = senders.each_ref().map(|sender| chain.signed(sender, &transfer().gas(30_000)));
    // The start of the block takes its part too.
    assert_eq!(chain.send_all(&transactions).receipts.len(), 1 + 2);
}

#[test]
fn compute_fees_go_to_the_network_account() {
    for version in [1, 11, 61] {
        let mut chain = Chain::devnet(version);
        chain.owner_calls(&ArbOwner::setNetworkFeeAccountCall { newNetworkFeeAccount: COLLECTOR });
        let before = chain.balance(COLLECTOR);
        let sent = chain.send(&alice(), &transfer()).succeeded();
        let compute = sent.gas_used - sent.gas_used_for_l1;
        let fee = sent.block.header.base_fee.unwrap() * U256::from(compute);
        assert_eq!(chain.balance(COLLECTOR) - before, fee, "at {version}");
    }
}

#[test]
fn the_infrastructure_account_takes_the_minimum_part() {
    for version in [5, 11, 61] {
        let mut chain = Chain::devnet(version);
        chain.owner_calls(&ArbOwner::setNetworkFeeAccountCall { newNetworkFeeAccount: COLLECTOR });
        chain.owner_calls(&ArbOwner::setInfraFeeAccountCall { newInfraFeeAccount: OTHER });
        let before = chain.balance(COLLECTOR);
        let third = U256::from(300_000_000u64);
        chain.owner_calls(&ArbOwner::setL2BaseFeeCall { priceInWei: third });
        let congestion = chain.balance(COLLECTOR) - before;
        assert_eq!(congestion, U256::ZERO, "no congestion, no part for the network");
        let (network, infra) = (chain.balance(COLLECTOR), chain.balance(OTHER));
        let draft = Draft::call(Address::with_last_byte(0x42), Vec::new());
        let sent = chain.send_through_bridge(&alice(), &draft).succeeded();
        assert_eq!(sent.block.header.base_fee, Some(third));
        let part = U256::from(sent.gas_used) * U256::from(100_000_000u64);
        assert_eq!(chain.balance(OTHER) - infra, part, "at {version}");
        // Version 60 gives back what its next base fee is lower by.
        let want = if version == 60 { U256::ZERO } else { part * U256::from(2) };
        assert_eq!(chain.balance(COLLECTOR) - network, want, "at {version}");
    }
}

#[test]
fn posting_costs_by_the_price_of_a_unit_and_the_brotli_level() {
    for version in [1, 11, 20, 61] {
        let mut chain = Chain::devnet(version);
        let price = |chain: &mut Chain, wei: u64| {
            chain.owner_calls(&ArbOwner::setL1PricePerUnitCall { pricePerUnit: U256::from(wei) });
            chain.send(&alice(), &Draft::call(OTHER, vec![7; 4_000])).gas_used_for_l1
        };
        let (low, high) = (price(&mut chain, 100_000_000), price(&mut chain, 1_000_000_000));
        // Ten times the price; the next transaction is not quite as long.
        assert!(low > 0 && high > 9 * low && high < 11 * low, "{low} and {high} at {version}");
        if version >= 20 {
            chain.owner_calls(&ArbOwner::setBrotliCompressionLevelCall { level: 0 });
            let worst = price(&mut chain, 1_000_000_000);
            chain.owner_calls(&ArbOwner::setBrotliCompressionLevelCall { level: 11 });
            assert!(price(&mut chain, 1_000_000_000) < worst, "at {version}");
        }
    }
}

fn report(chain: &Chain) -> BatchReport {
    let stats = arbos::message::BatchDataStats { length: 1_000, non_zeros: 900 };
    BatchReport { time: chain.now, poster: SEQUENCER, number: 1, l1_base_fee: U256::from(1_000u64), stats }
}

/// What the sequencer is owed more after a report that nothing pays for.
fn owed(version: u64, prepare: impl FnOnce(&mut Chain)) -> U256 {
    let mut chain = Chain::devnet(version);
    prepare(&mut chain);
    let report = report(&chain);
    let due = |chain: &mut Chain| {
        let sum = chain.read(|state| state.l1_pricing().batch_posters().total_funds_due()).into_raw();
        sum + chain.balance(SEQUENCER)
    };
    let before = due(&mut chain);
    chain.report_batch(&report).expect("a report of a batch");
    due(&mut chain) - before
}

#[test]
fn a_report_charges_for_a_batch_what_owners_say() {
    for version in [3, 11, 51, 61] {
        let charge =
            |cost| owed(version, |chain| drop(chain.owner_calls(&ArbOwner::setPerBatchGasChargeCall { cost })));
        let (little, much) = (charge(1_000), charge(51_000));
        assert_eq!(much - little, U256::from(50_000 * 1_000), "at {version}");
    }
    let floor = |per_token| {
        owed(61, |chain| {
            chain.owner_calls(&ArbOwner::setPerBatchGasChargeCall { cost: 0 });
            chain.owner_calls(&ArbOwner::setParentGasFloorPerTokenCall { floorPerToken: per_token });
        })
    };
    assert_eq!(floor(1_000), U256::from((1_000u64 * (1_000 + 3 * 900 + 172) + 21_000) * 1_000));
    assert!(floor(0) < floor(1_000));
}

#[test]
fn a_cap_bounds_what_a_report_may_cost() {
    for version in [3, 11, 61] {
        // Units were used, so there is something to take a part of.
        let with_cap = |cap: u64| {
            owed(version, |chain| {
                chain.send(&alice(), &Draft::call(OTHER, vec![9; 100]));
                chain.owner_calls(&ArbOwner::setAmortizedCostCapBipsCall { cap });
            })
        };
        let (capped, free) = (with_cap(1), with_cap(u64::MAX));
        assert!(capped < free, "{capped} and {free} at {version}");
    }
}

#[test]
fn rewards_go_to_their_recipient_at_their_rate() {
    for version in [10, 11, 61] {
        let mut chain = Chain::devnet(version);
        chain.owner_calls(&ArbOwner::setL1PricingRewardRecipientCall { recipient: COLLECTOR });
        chain.owner_calls(&ArbOwner::setL1PricingRewardRateCall { weiPerUnit: 3 });
        chain.send(&alice(), &transfer());
        let units = chain.read(|state| state.l1_pricing().units_since_update().get());
        let report = report(&chain);
        chain.report_batch(&report).expect("a report of a batch");
        assert_eq!(chain.balance(COLLECTOR), U256::from(units * 3), "at {version}");
        assert!(units > 0);
    }
}

/// Price of a unit after a report, under an inertia and a number of units.
fn price_after(version: u64, inertia: u64, units: u64) -> U256 {
    let mut chain = Chain::devnet(version);
    chain.owner_calls(&ArbOwner::setL1PricingInertiaCall { inertia });
    chain.owner_calls(&ArbOwner::setL1PricingEquilibrationUnitsCall { equilibrationUnits: U256::from(units) });
    chain.owner_calls(&ArbOwner::setPerBatchGasChargeCall { cost: 1_000_000_000 });
    let report = report(&chain);
    chain.report_batch(&report).expect("a report of a batch");
    chain.read(|state| state.l1_pricing().price_per_unit().get())
}

#[test]
fn inertia_and_equilibration_units_shape_the_price_of_data() {
    for version in [10, 11, 61] {
        let price = price_after(version, 10, 160_000_000);
        assert!(price > U256::from(1_000_000u64), "a debt raises the price: {price}");
        assert!(price_after(version, 1, 160_000_000) < price, "less inertia units, at {version}");
        assert!(price_after(version, 10, 16_000_000) > price, "sooner, at {version}");
    }
}

#[test]
fn released_surplus_counts_as_available() {
    for version in [10, 11, 61] {
        let mut chain = Chain::devnet(version);
        let available = |chain: &mut Chain| chain.read(|state| state.l1_pricing().l1_fees_available().get());
        chain.deposit(L1_PRICER_FUNDS_POOL, U256::from(ETHER));
        let before = available(&mut chain);
        chain.owner_calls(&ArbOwner::releaseL1PricerSurplusFundsCall { maxWeiToRelease: U256::from(5) });
        // The call itself pays for being posted, as every transaction of the sequencer.
        let paid = chain.balance(L1_PRICER_FUNDS_POOL) - U256::from(ETHER);
        assert_eq!(available(&mut chain), paid + U256::from(5));
        assert!(before < available(&mut chain));
        chain.owner_calls(&ArbOwner::releaseL1PricerSurplusFundsCall { maxWeiToRelease: U256::MAX });
        assert_eq!(available(&mut chain), chain.balance(L1_PRICER_FUNDS_POOL));
    }
}

#[test]
fn a_scheduled_upgrade_comes_at_its_time() {
    let mut chain = Chain::devnet(41);
    let timestamp = chain.now + 100;
    chain.owner_calls(&ArbOwner::scheduleArbOSUpgradeCall { newVersion: 60, timestamp });
    let version = |chain: &mut Chain| HeaderInfo::of(&chain.empty_block().header).version.number();
    assert_eq!(version(&mut chain), 41);
    chain.wait(100);
    assert_eq!(version(&mut chain), 60);
    assert_eq!(chain.ask(at::ARB_GAS_INFO, &ArbGasInfo::getMaxTxGasLimitCall {}), U256::from(32_000_000));
}

#[test]
fn calldata_has_a_floor_once_it_is_switched_on() {
    for version in [40, 61] {
        let mut chain = Chain::devnet(version);
        let draft = Draft::call(OTHER, vec![1; 1_000]);
        let used = chain.send_through_bridge(&alice(), &draft).gas_used;
        assert_eq!(used, 21_000 + 16 * 1_000);
        chain.owner_calls(&ArbOwner::setCalldataPriceIncreaseCall { enable: true });
        assert_eq!(chain.send_through_bridge(&alice(), &draft).gas_used, 21_000 + 40 * 1_000);
        chain.owner_calls(&ArbOwner::setCalldataPriceIncreaseCall { enable: false });
        assert_eq!(chain.send_through_bridge(&alice(), &draft).gas_used, used);
    }
}

#[test]
fn tips_are_collected_once_owners_say_so() {
    for version in [60, 61] {
        let mut chain = Chain::devnet(version);
        chain.owner_calls(&ArbOwner::setNetworkFeeAccountCall { newNetworkFeeAccount: COLLECTOR });
        let tip = 1_000u64;
        let draft = transfer().tip_cap(tip.into());
        let earned = |chain: &mut Chain| {
            let before = chain.balance(COLLECTOR);
            let sent = chain.send(&alice(), &draft).succeeded();
            let compute = U256::from(sent.gas_used - sent.gas_used_for_l1);
            let fee = compute * sent.block.header.base_fee.unwrap();
            (chain.balance(COLLECTOR) - before - fee, U256::from(tip) * compute, HeaderInfo::of(&sent.block.header))
        };
        let (kept, _, info) = earned(&mut chain);
        assert_eq!((kept, info.collect_tips), (U256::ZERO, false));
        chain.owner_calls(&ArbOwner::setCollectTipsCall { collectTips: true });
        let (kept, tips, info) = earned(&mut chain);
        assert_eq!((kept, info.collect_tips), (tips, true));
    }
}

#[test]
fn the_text_of_the_configuration_is_replaced_as_it_is() {
    for version in [11, 61] {
        let mut chain = Setup::devnet(version).build();
        let text = format!("{} not checked", "x".repeat(100));
        chain.owner_calls(&ArbOwner::setChainConfigCall { chainConfig: text.clone() });
        assert_eq!(chain.read(|state| state.chain_config().get()), text.as_bytes());
        chain.owner_calls(&ArbOwner::setChainConfigCall { chainConfig: String::new() });
        assert_eq!(chain.read(|state| state.chain_config().get()), b"");
    }
}
