//! Where the reference node stops there is no block, and the chain is as it was.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use arbos::{Block, Error, Message, message::BatchDataStats};
use harness::{Account, BatchReport, Chain, Draft, at, chain::batch};
use precompiles::{arb_debug::ArbDebug, arb_owner::ArbOwner};
use state::address::SEQUENCER;

/// Tries something that ends block production and shows that it left nothing behind.
fn assert_stops(chain: &mut Chain, rule: &str, attempt: impl Fn(&mut Chain) -> Result<Block, Error>) {
    let mut untouched = chain.clone();
    let (root, head) = (chain.root(), chain.inner().head_hash());
    for _ in 0..2 {
        match attempt(chain) {
            Err(Error::Stopped(stopped)) => assert!(stopped.contains(rule), "{stopped:?} does not name {rule:?}"),
            other => panic!("block production goes on: {other:?}"),
        }
    }
    assert_eq!((chain.root(), chain.inner().head_hash()), (root, head));
    // The next block is the one of a chain where nobody tried.
    let next = |chain: &mut Chain| chain.send(&Account::numbered(1), &Draft::transfer(Address::ZERO, 5)).block.hash;
    assert_eq!(next(chain), next(&mut untouched));
}

fn send(chain: &mut Chain, from: &Account, draft: &Draft) -> Result<Block, Error> {
    let signed = chain.signed(from, draft);
    let (header, l2_msg) = (chain.sequencer_header(), batch(&[signed]));
    chain.try_message(Message { header, l2_msg, legacy_batch_gas_cost: None, batch_data_stats: None })
}

#[test]
fn arb_debug_panic_stops_the_chain() {
    let panic = Draft::call(at::ARB_DEBUG, ArbDebug::panicCall {}.abi_encode());
    for version in [30, 41, 61] {
        let mut chain = Chain::devnet(version);
        assert_stops(&mut chain, "panic", |chain| send(chain, &Account::numbered(1), &panic));
    }
    // Below version 30 there is no such method: the call takes all gas.
    let mut chain = Chain::devnet(20);
    let sent = chain.send(&Account::numbered(1), &panic).failed();
    assert_eq!(sent.gas_used, harness::account::DEFAULT_GAS);
}

#[test]
fn arb_debug_panic_is_checked_like_any_method_first() {
    let mut chain = Chain::devnet(61);
    let panic = Draft::call(at::ARB_DEBUG, ArbDebug::panicCall {}.abi_encode());
    let _with_value = chain.send(&Account::numbered(1), &panic.clone().value(1)).failed();
    let _with_little_gas = chain.send_through_bridge(&Account::numbered(1), &panic.gas(21_052 + 799)).failed();
}

fn report(chain: &mut Chain) -> Result<Block, Error> {
    let stats = BatchDataStats { length: 1_000, non_zeros: 900 };
    let l1_base_fee = U256::from(1_000_000u64);
    chain.report_batch(&BatchReport { time: chain.now - 1, poster: SEQUENCER, number: 1, l1_base_fee, stats })
}

#[test]
fn a_report_stops_the_chain_if_the_price_of_data_has_no_inertia() {
    for version in [1, 6, 10, 11, 51, 61] {
        let mut chain = Chain::devnet(version);
        chain.owner_calls(&ArbOwner::setL1PricingInertiaCall { inertia: 0 });
        assert_stops(&mut chain, "inertia", report);
        chain.owner_calls(&ArbOwner::setL1PricingInertiaCall { inertia: 10 });
        report(&mut chain).expect("a report under an inertia");
    }
}

#[test]
fn a_report_stops_the_chain_without_equilibration_units() {
    for version in [1, 6, 10, 11, 51, 61] {
        let mut chain = Chain::devnet(version);
        let units = |units: u64| ArbOwner::setL1PricingEquilibrationUnitsCall { equilibrationUnits: U256::from(units) };
        chain.owner_calls(&units(0));
        assert_stops(&mut chain, "equilibration", report);
        chain.owner_calls(&units(160_000_000));
        report(&mut chain).expect("a report with units");
    }
}

#[test]
fn an_upgrade_to_an_unknown_version_stops_the_chain() {
    for version in [1, 11, 61] {
        let mut chain = Chain::devnet(version);
        let timestamp = chain.now + 1_000;
        chain.owner_calls(&ArbOwner::scheduleArbOSUpgradeCall { newVersion: 62, timestamp });
        chain.empty_block();
        let head = chain.inner().head_hash();
        let mut later = chain.clone();
        later.wait(1_000);
        let refused = send(&mut later, &Account::numbered(1), &Draft::transfer(Address::ZERO, 5));
        assert!(matches!(refused, Err(Error::Stopped(rule)) if rule.contains("version")), "{refused:?}");
        assert_eq!(later.inner().head_hash(), head);
    }
}

#[test]
fn an_owner_in_the_index_of_an_empty_list_cannot_be_removed() {
    let mut chain = Chain::devnet(10);
    let timestamp = chain.now;
    chain.owner_calls(&ArbOwner::scheduleArbOSUpgradeCall { newVersion: 11, timestamp });
    chain.empty_block();
    let remove = ArbOwner::removeChainOwnerCall { ownerToRemove: Chain::owner().address() };
    let draft = Draft::call(at::ARB_OWNER, remove.abi_encode());
    assert_stops(&mut chain, "empty", |chain| send(chain, &Chain::owner(), &draft));
}
