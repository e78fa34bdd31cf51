use super::*;
use crate::{
    block::header::HeaderParts,
    vectors::format::block::{ExpectedAccount, ExpectedState},
};
use ::state::{
    MultiGas, ResourceKind,
    address::ARBOS_STATE,
    world::{AccountChange, AccountInfo, MemoryWorld},
};
use alloy_primitives::{Address, Bloom, Bytes, b256};

const BACKLOG: B256 = b256!("e54de2a4cdacc0a0059d2b6e16348103df8c4aff409c31e40ec73d11926c8204");

fn header() -> ArbHeader {
    HeaderParts {
        parent_hash: B256::ZERO,
        number: 17,
        timestamp: 5,
        coinbase: Address::ZERO,
        base_fee: U256::from(7),
        delayed_messages_read: 1,
        state_root: B256::repeat_byte(1),
        transactions_root: B256::ZERO,
        receipts_root: B256::ZERO,
        logs_bloom: Bloom::ZERO,
        gas_used: 21_055,
        info: HeaderInfo::default(),
    }
    .into()
}

fn receipt() -> ArbReceipt {
    ArbReceipt {
        tx_type: 2,
        tx_hash: B256::ZERO,
        from: Address::ZERO,
        success: true,
        gas_used: 21_055,
        cumulative_gas_used: 21_055,
        gas_used_for_l1: 0,
        effective_gas_price: U256::from(7),
        contract_address: None,
        logs: vec![Log::new_unchecked(Address::ZERO, vec![B256::ZERO], Bytes::from(vec![0; 96]))],
        multi_gas: MultiGas::of(ResourceKind::Computation, 55),
        bloom: Bloom::ZERO,
    }
}

fn differences(want: &ExpectedBlock, changes: &Changes) -> Vec<String> {
    let header = header();
    let block = Sealed { header: &header, hash: header.hash(), receipts: &[receipt()], changes };
    let mut world = MemoryWorld::new();
    world.commit(changes).unwrap();
    let mut comparison = Comparison::at("block 17");
    comparison.block(want, &block, &mut world, &SeenKeys::default());
    comparison.found().iter().map(ToString::to_string).collect()
}

fn backlog(value: u64) -> ExpectedState {
    let storage = vec![(BACKLOG, U256::from(value).into())];
    vec![(ARBOS_STATE, ExpectedAccount { storage, ..ExpectedAccount::default() })]
}

fn changes(slots: &[(B256, u64)]) -> Changes {
    let slots = slots.iter().map(|(slot, value)| ((*slot).into(), U256::from(*value))).collect();
    let change = AccountChange { info: Some(AccountInfo::default()), storage_cleared: false, slots };
    Changes { accounts: [(ARBOS_STATE, change)].into(), codes: Vec::new() }
}

#[test]
fn what_is_absent_is_not_asserted() {
    assert_eq!(differences(&ExpectedBlock::default(), &Changes::default()), Vec::<String>::new());
}

#[test]
fn the_first_difference_is_nearest_to_the_cause() {
    let receipt = ExpectedReceipt { gas_used: Some(21_000), ..ExpectedReceipt::default() };
    let want = ExpectedBlock {
        hash: Some(B256::ZERO),
        gas_used: Some(21_000),
        receipts: Some(vec![receipt]),
        ..ExpectedBlock::default()
    };
    let found = differences(&want, &Changes::default());
    assert_eq!(found[0], "block 17 receipts[0].gasUsed: want 21000, got 21055");
    assert_eq!(found[1], "block 17 gasUsed: want 21000, got 21055");
    assert!(found[2].starts_with("block 17 hash: want 0x0000") && found.len() == 3);
}

#[test]
fn the_number_of_receipts_is_asserted() {
    let want = ExpectedBlock { receipts: Some(Vec::new()), ..ExpectedBlock::default() };
    assert_eq!(differences(&want, &Changes::default()), ["block 17 receipts.length: want 0, got 1"]);
}

#[test]
fn long_bytes_are_shown_where_they_differ() {
    let mut data = vec![0; 96];
    data[40] = 9;
    let log = ExpectedLog { address: Address::ZERO, topics: vec![B256::ZERO], data: data.into() };
    let receipt = ExpectedReceipt { logs: Some(vec![log]), ..ExpectedReceipt::default() };
    let want = ExpectedBlock { receipts: Some(vec![receipt]), ..ExpectedBlock::default() };
    let (word, zeros) = (format!("{}09{}", "00".repeat(8), "00".repeat(23)), "00".repeat(32));
    let expected = format!("block 17 receipts[0].logs[0].data[32..64]: want 0x{word}, got 0x{zeros}");
    assert_eq!(differences(&want, &Changes::default()), [expected]);
}

#[test]
fn kinds_of_gas_that_are_not_listed_are_zero() {
    let gas = vec![("computation".into(), 55), ("l2Calldata".into(), 0), ("total".into(), 56)];
    let receipt = ExpectedReceipt { multi_gas: Some(gas), ..ExpectedReceipt::default() };
    let want = ExpectedBlock { receipts: Some(vec![receipt]), ..ExpectedBlock::default() };
    assert_eq!(differences(&want, &Changes::default()), ["block 17 receipts[0].multiGas.total: want 56, got 55"]);
}

#[test]
fn slots_of_the_operating_state_have_names() {
    let want = ExpectedBlock { state: Some(backlog(8)), ..ExpectedBlock::default() };
    let expected = format!("block 17 state.arbos.l2_pricing.gas_backlog ({BACKLOG}): want 8, got 9");
    assert_eq!(differences(&want, &changes(&[(BACKLOG, 9)])), [expected]);
}

#[test]
fn unexpected_changes_are_named_when_the_roots_differ() {
    let mut want = ExpectedBlock { state: Some(backlog(9)), state_root: Some(B256::ZERO), ..ExpectedBlock::default() };
    let mut inertia = BACKLOG;
    inertia[31] = 5;
    let made = changes(&[(BACKLOG, 9), (inertia, 3)]);
    let found = differences(&want, &made);
    let expected = format!("block 17 state.arbos.l2_pricing.pricing_inertia ({inertia}): want no change, got 3");
    assert_eq!(found[0], expected);
    assert!(found[1].starts_with("block 17 stateRoot: ") && found.len() == 2);
    want.state_root = None;
    assert_eq!(differences(&want, &made), Vec::<String>::new());
}
