//! Sets and lists that owners keep: owners themselves, native token owners, filterers, cache managers, constraints.

use alloy_primitives::{Address, B256, U256, address};
use alloy_sol_types::{SolCall, SolEvent};
use harness::{Account, Chain, Draft, ETHER, Setup, at};
use precompiles::{
    arb_filtered_transactions_manager::ArbFilteredTransactionsManager as Filter, arb_gas_info::ArbGasInfo,
    arb_native_token_manager::ArbNativeTokenManager as Token, arb_owner::ArbOwner, arb_owner_public::ArbOwnerPublic,
    arb_wasm::ArbWasm, arb_wasm_cache::ArbWasmCache,
};
use state::ResourceKind;

const COLLECTOR: Address = address!("c0113c7000000000000000000000000000000001");
const WEEK: u64 = 7 * 24 * 60 * 60;

fn bob() -> Account {
    Account::numbered(2)
}

#[test]
fn an_added_owner_owns_and_a_removed_one_no_longer() {
    for version in [1, 11, 60] {
        let mut chain = Chain::devnet(version);
        let speed = ArbOwner::setSpeedLimitCall { limit: 5_000_000 };
        let tries = |chain: &mut Chain| chain.call(&bob(), at::ARB_OWNER, &speed).success;
        assert!(!tries(&mut chain));
        let added = chain.owner_calls(&ArbOwner::addChainOwnerCall { newOwner: bob().address() });
        let announced = added.logs.iter().filter(|log| ArbOwner::ChainOwnerAdded::decode_log(log).is_ok()).count();
        assert_eq!(announced, usize::from(version >= 60));
        assert!(tries(&mut chain));
        let owners = chain.ask(at::ARB_OWNER_PUBLIC, &ArbOwnerPublic::getAllChainOwnersCall {});
        assert_eq!(owners, [Chain::owner().address(), bob().address()]);
        chain.owner_calls(&ArbOwner::removeChainOwnerCall { ownerToRemove: bob().address() });
        assert!(!tries(&mut chain));
        assert!(!chain.ask(at::ARB_OWNER_PUBLIC, &ArbOwnerPublic::isChainOwnerCall { addr: bob().address() }));
        let again = ArbOwner::removeChainOwnerCall { ownerToRemove: bob().address() };
        let _refused = chain.call(&Chain::owner(), at::ARB_OWNER, &again).failed();
    }
}

#[test]
fn native_token_owners_come_after_the_announced_time_and_mint_and_burn() {
    for version in [41, 50, 60, 61] {
        let mut chain = Chain::devnet(version);
        let add = ArbOwner::addNativeTokenOwnerCall { newOwner: bob().address() };
        let _too_early = chain.call(&Chain::owner(), at::ARB_OWNER, &add).failed();
        let timestamp = chain.now + WEEK;
        chain.owner_calls(&ArbOwner::setNativeTokenManagementFromCall { timestamp });
        let _too_early = chain.call(&Chain::owner(), at::ARB_OWNER, &add).failed();
        let mint = Token::mintNativeTokenCall { amount: U256::from(ETHER) };
        let _not_yet = chain.call(&bob(), at::ARB_NATIVE_TOKEN_MANAGER, &mint).failed();
        chain.wait(WEEK);
        chain.owner_calls(&add);
        let before = chain.balance(bob().address());
        let minted = chain.call(&bob(), at::ARB_NATIVE_TOKEN_MANAGER, &mint).succeeded();
        let event = Token::NativeTokenMinted::decode_log(&minted.logs[0]).expect("the event of a mint");
        assert_eq!((event.to, event.amount), (bob().address(), U256::from(ETHER)));
        let fee = U256::from(minted.gas_used) * minted.block.header.base_fee.unwrap();
        assert_eq!(chain.balance(bob().address()), before + U256::from(ETHER) - fee);
        let burn = Token::burnNativeTokenCall { amount: U256::from(5 * ETHER) };
        let before = chain.balance(bob().address());
        let _burnt = chain.call(&bob(), at::ARB_NATIVE_TOKEN_MANAGER, &burn).succeeded();
        assert!(chain.balance(bob().address()) < before - U256::from(5 * ETHER));
        let all = Token::burnNativeTokenCall { amount: U256::MAX };
        let _too_much = chain.call(&bob(), at::ARB_NATIVE_TOKEN_MANAGER, &all).failed();
        chain.owner_calls(&ArbOwner::removeNativeTokenOwnerCall { ownerToRemove: bob().address() });
        let refused = chain.call(&bob(), at::ARB_NATIVE_TOKEN_MANAGER, &mint).failed();
        assert_eq!(refused.gas_used, harness::account::DEFAULT_GAS, "a stranger burns everything");
    }
}

#[test]
fn value_cannot_leave_a_chain_with_native_token_owners() {
    use precompiles::arb_sys::ArbSys;
    let mut chain = Setup { features: true, ..Setup::devnet(41) }.build();
    let withdraw = ArbSys::withdrawEthCall { destination: COLLECTOR }.abi_encode();
    let draft = Draft::call(at::ARB_SYS, withdraw).value(5);
    let _leaves = chain.send(&bob(), &draft).succeeded();
    chain.owner_calls(&ArbOwner::addNativeTokenOwnerCall { newOwner: bob().address() });
    let _stays = chain.send(&bob(), &draft).failed();
    let _empty = chain.send(&bob(), &draft.value(0)).succeeded();
}

#[test]
fn filterers_filter_a_transaction_before_it_arrives() {
    for version in [60, 61] {
        let mut chain = Chain::devnet(version);
        let add = ArbOwner::addTransactionFiltererCall { filterer: bob().address() };
        let _too_early = chain.call(&Chain::owner(), at::ARB_OWNER, &add).failed();
        let timestamp = chain.now + WEEK;
        chain.owner_calls(&ArbOwner::setTransactionFilteringFromCall { timestamp });
        chain.wait(WEEK);
        chain.owner_calls(&add);
        let alice = Account::numbered(1);
        let unwanted = chain.signed(&alice, &Draft::transfer(COLLECTOR, 7).gas(100_000));
        let hash = alloy_primitives::keccak256(&unwanted);
        let at_filter = at::ARB_FILTERED_TRANSACTIONS_MANAGER;
        let stranger = chain.call(&alice, at_filter, &Filter::addFilteredTransactionCall { txHash: hash }).failed();
        assert!(stranger.gas_used < 40_000, "a stranger pays for the check alone");
        let unwanted = chain.signed(&alice, &Draft::transfer(COLLECTOR, 7).gas(100_000));
        let hash = alloy_primitives::keccak256(&unwanted);
        let _added = chain.call(&bob(), at_filter, &Filter::addFilteredTransactionCall { txHash: hash }).succeeded();
        assert!(chain.ask(at_filter, &Filter::isTransactionFilteredCall { txHash: hash }));
        let block = chain.send_all(&[unwanted]);
        assert!(!block.receipts[1].success);
        assert_eq!(block.receipts[1].gas_used, 100_000);
        assert_eq!(chain.balance(COLLECTOR), U256::ZERO);
        let _deleted =
            chain.call(&bob(), at_filter, &Filter::deleteFilteredTransactionCall { txHash: hash }).succeeded();
        assert!(!chain.ask(at_filter, &Filter::isTransactionFilteredCall { txHash: hash }));
        chain.owner_calls(&ArbOwner::removeTransactionFiltererCall { filterer: bob().address() });
        assert!(
            !chain.ask(at::ARB_OWNER_PUBLIC, &ArbOwnerPublic::isTransactionFiltererCall { filterer: bob().address() })
        );
    }
}

#[test]
fn filtered_deposits_go_to_the_recipient_of_filtered_funds() {
    let mut chain = Setup { features: true, ..Setup::devnet(60) }.build();
    chain.owner_calls(&ArbOwner::addTransactionFiltererCall { filterer: bob().address() });
    chain.owner_calls(&ArbOwner::setFilteredFundsRecipientCall { newRecipient: COLLECTOR });
    // The hash of the next deposit, found on a copy of the chain.
    let target = Address::with_last_byte(0x77);
    let mut copy = chain.clone();
    let _same_block_number = copy.empty_block();
    let hash = copy.deposit(target, U256::from(9)).receipts[1].tx_hash;
    let filter = Filter::addFilteredTransactionCall { txHash: hash };
    let _filtered = chain.call(&bob(), at::ARB_FILTERED_TRANSACTIONS_MANAGER, &filter).succeeded();
    let block = chain.deposit(target, U256::from(9));
    assert_eq!((block.receipts[1].tx_hash, block.receipts[1].success), (hash, false));
    assert_eq!((chain.balance(target), chain.balance(COLLECTOR)), (U256::ZERO, U256::from(9)));
}

#[test]
fn cache_managers_may_evict_and_strangers_burn_everything() {
    for version in [30, 31, 60] {
        let mut chain = Chain::devnet(version);
        let evict = ArbWasmCache::evictCodehashCall { codehash: B256::with_last_byte(1) };
        let refused = chain.call(&bob(), at::ARB_WASM_CACHE, &evict).failed();
        assert_eq!(refused.gas_used, harness::account::DEFAULT_GAS);
        chain.owner_calls(&ArbOwner::addWasmCacheManagerCall { manager: bob().address() });
        let _unknown_program = chain.call(&bob(), at::ARB_WASM_CACHE, &evict).succeeded();
        let managers = chain.ask(at::ARB_WASM_CACHE, &ArbWasmCache::allCacheManagersCall {});
        assert_eq!(managers, [bob().address()]);
        chain.owner_calls(&ArbOwner::removeWasmCacheManagerCall { manager: bob().address() });
        let _refused = chain.call(&bob(), at::ARB_WASM_CACHE, &evict).failed();
    }
}

#[test]
fn activation_burns_the_gas_owners_ask_for() {
    for version in [59, 61] {
        let mut chain = Chain::devnet(version);
        let activate = ArbWasm::activateProgramCall { program: COLLECTOR };
        let used = |chain: &mut Chain, gas: u64| {
            chain.owner_calls(&ArbOwner::setWasmActivationGasCall { gas });
            let draft = Draft::call(at::ARB_WASM, activate.abi_encode());
            chain.send_through_bridge(&bob(), &draft).failed().gas_used
        };
        let (none, some) = (used(&mut chain, 0), used(&mut chain, 77_000));
        assert_eq!(some - none, 77_000, "at {version}");
    }
}

#[test]
fn constraints_take_the_place_of_the_speed_limit() {
    for version in [50, 51, 60, 61] {
        let mut chain = Chain::devnet(version);
        let constraints = vec![[1_000_000, 10, 50_000_000], [10_000_000, 100, 0]];
        chain.owner_calls(&ArbOwner::setGasPricingConstraintsCall { constraints });
        let rows = chain.ask(at::ARB_GAS_INFO, &ArbGasInfo::getGasPricingConstraintsCall {});
        assert_eq!((rows.len(), rows[0][0], rows[0][1], rows[1][0]), (2, 1_000_000, 10, 10_000_000));
        chain.empty_block();
        let fee = chain.empty_block().header.base_fee.unwrap();
        // A backlog of nearly fifty seconds over a window of ten: near e to the fifth, as four terms give it.
        let (least, most) = (U256::from(3_000_000_000u64), U256::from(14_800_000_000u64));
        assert!(least < fee && fee < most, "{fee} at {version}");
        chain.wait(60);
        chain.empty_block();
        assert_eq!(chain.empty_block().header.base_fee, Some(U256::from(100_000_000u64)));
        chain.owner_calls(&ArbOwner::setGasPricingConstraintsCall { constraints: Vec::new() });
        assert!(chain.ask(at::ARB_GAS_INFO, &ArbGasInfo::getGasPricingConstraintsCall {}).is_empty());
    }
}

#[test]
fn too_many_constraints_are_refused_where_there_is_a_limit() {
    for (version, passes) in [(50, true), (51, false), (59, false), (60, true)] {
        let mut chain = Chain::devnet(version);
        let twenty_one = ArbOwner::setGasPricingConstraintsCall { constraints: vec![[1_000_000, 10, 0]; 21] };
        let draft = Draft::call(at::ARB_OWNER, twenty_one.abi_encode());
        assert_eq!(chain.send(&Chain::owner(), &draft).success, passes, "at {version}");
        let count = chain.ask(at::ARB_GAS_INFO, &ArbGasInfo::getGasPricingConstraintsCall {}).len();
        assert_eq!(count, if passes { 21 } else { 0 });
        chain.owner_calls(&ArbOwner::setGasPricingConstraintsCall { constraints: vec![[1_000_000, 10, 0]; 20] });
    }
}

#[test]
fn constraints_over_kinds_of_gas_price_each_kind() {
    for version in [60, 61] {
        let mut chain = Chain::devnet(version);
        let row = |backlog: u64| ArbOwner::MultiGasConstraintRow {
            resources: vec![ArbOwner::WeightedResource { resource: ResourceKind::StorageGrowth as u8, weight: 1 }],
            adjustmentWindowSecs: 10,
            targetPerSec: 1_000_000,
            backlog,
        };
        chain.owner_calls(&ArbOwner::setMultiGasPricingConstraintsCall { constraints: vec![row(30_000_000)] });
        let rows = chain.ask(at::ARB_GAS_INFO, &ArbGasInfo::getMultiGasPricingConstraintsCall {});
        assert_eq!((rows.len(), rows[0].targetPerSec, rows[0].resources[0].weight), (1, 1_000_000, 1));
        chain.empty_block();
        let fee = chain.empty_block().header.base_fee.unwrap();
        let fees = chain.ask(at::ARB_GAS_INFO, &ArbGasInfo::getMultiGasBaseFeeCall {});
        assert!(fee > U256::from(1_000_000_000u64), "e to the third at {version}: {fee}");
        assert_eq!(fees[ResourceKind::StorageGrowth as usize], fee);
        assert_eq!(fees[ResourceKind::Computation as usize], U256::from(100_000_000u64));
        let explosive = ArbOwner::setMultiGasPricingConstraintsCall { constraints: vec![row(u64::MAX)] };
        let _refused = chain.call(&Chain::owner(), at::ARB_OWNER, &explosive).failed();
        chain.owner_calls(&ArbOwner::setMultiGasPricingConstraintsCall { constraints: Vec::new() });
        assert!(chain.ask(at::ARB_GAS_INFO, &ArbGasInfo::getMultiGasPricingConstraintsCall {}).is_empty());
    }
}

#[test]
fn owners_lost_in_the_upgrade_to_11_are_put_back() {
    let mut chain = Chain::devnet(10);
    chain.owner_calls(&ArbOwner::addChainOwnerCall { newOwner: bob().address() });
    let timestamp = chain.now;
    chain.owner_calls(&ArbOwner::scheduleArbOSUpgradeCall { newVersion: 11, timestamp });
    chain.empty_block();
    assert!(chain.ask(at::ARB_OWNER_PUBLIC, &ArbOwnerPublic::getAllChainOwnersCall {}).is_empty());
    assert!(chain.ask(at::ARB_OWNER_PUBLIC, &ArbOwnerPublic::isChainOwnerCall { addr: bob().address() }));
    let rectify = ArbOwnerPublic::rectifyChainOwnerCall { ownerToRectify: bob().address() };
    let _back = chain.call(&Account::numbered(3), at::ARB_OWNER_PUBLIC, &rectify).succeeded();
    assert_eq!(chain.ask(at::ARB_OWNER_PUBLIC, &ArbOwnerPublic::getAllChainOwnersCall {}), [bob().address()]);
    let _already = chain.call(&Account::numbered(3), at::ARB_OWNER_PUBLIC, &rectify).failed();
}
