//! State roots: a commit costs what a block touched, not what the chain holds.
//!
//! With a million accounts, a commit that touches a hundred of them stands against the same root built anew from all leaves, which
//! are sorted and encoded beforehand, by `alloy-trie`.

use alloy_primitives::{Address, B256, KECCAK256_EMPTY, U256, keccak256};
use alloy_trie::{EMPTY_ROOT_HASH, HashBuilder, Nibbles, TrieAccount};
use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use harness::bench::{fastest, numbered};
use state::world::{AccountChange, AccountInfo, Changes, MemoryWorld, World};
use std::{collections::BTreeMap, hint::black_box};

/// Accounts a block touches.
const TOUCHED: u64 = 1_000;
/// Accounts of a large state.
const MANY: u64 = 1_000_000;
/// Accounts a block touches there.
const FEW: u64 = 100;

/// New balances, and a slot each, for some accounts.
fn changes(numbers: impl Iterator<Item = u64>, balance: u64) -> Changes {
    let change = |number: u64| {
        let info = AccountInfo { balance: U256::from(balance), ..AccountInfo::default() };
        let slots = vec![(U256::from(number), U256::from(balance))];
        (numbered(number), AccountChange { info: Some(info), storage_cleared: false, slots })
    };
    Changes { accounts: numbers.map(change).collect::<BTreeMap<_, _>>(), codes: Vec::new() }
}

fn without_slots(mut changes: Changes) -> Changes {
    changes.accounts.values_mut().for_each(|change| change.slots.clear());
    changes
}

/// Leaves of the accounts in the order of their hashes.
fn leaves(changes: &Changes) -> Vec<(B256, Vec<u8>)> {
    let leaf = |(address, change): (&Address, &AccountChange)| {
        let balance = change.info.expect("an account that is there").balance;
        let account = TrieAccount { nonce: 0, balance, storage_root: EMPTY_ROOT_HASH, code_hash: KECCAK256_EMPTY };
        (keccak256(address), alloy_rlp::encode(account))
    };
    let mut leaves: Vec<_> = changes.accounts.iter().map(leaf).collect();
    leaves.sort_unstable_by_key(|(hashed, _)| *hashed);
    leaves
}

fn built_anew(leaves: &[(B256, Vec<u8>)]) -> B256 {
    let mut builder = HashBuilder::default();
    for (hashed, leaf) in leaves {
        builder.add_leaf(Nibbles::unpack(hashed), leaf);
    }
    builder.root()
}

fn against_a_full_build(_: &mut Criterion) {
    let mut all = without_slots(changes(0..MANY, 1));
    let mut world = MemoryWorld::new();
    world.commit(&all).expect("a world in memory misses nothing");
    let mut balance = 1;
    let touch = |balance| without_slots(changes((0..FEW).map(|number| number * (MANY / FEW)), balance));
    let next = || {
        balance += 1;
        touch(balance)
    };
    let commit = fastest(50, next, |touched| world.commit(&touched));
    all.accounts.extend(touch(balance).accounts);
    let leaves = leaves(&all);
    assert_eq!(built_anew(&leaves), world.state_root(), "both ways give the same root");
    let anew = fastest(3, || (), |()| built_anew(&leaves));
    let ratio = anew.as_secs_f64() / commit.as_secs_f64();
    println!("root after {FEW} of {MANY} accounts: {commit:?}; built anew: {anew:?}; ratio 1 / {ratio:.0}");
}

fn roots(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("roots");
    group.sample_size(10);
    for size in [1_000u64, 10_000, 100_000] {
        let mut world = MemoryWorld::new();
        world.commit(&changes(0..size, 1)).expect("a world in memory misses nothing");
        let touched = changes((0..TOUCHED).map(|number| number * (size / TOUCHED)), 2);
        group.bench_with_input(BenchmarkId::new("1000 touched of", size), &touched, |bencher, touched| {
            let commit = |mut world: MemoryWorld| black_box(world.commit(touched)).map(|_| world);
            bencher.iter_batched(|| world.clone(), commit, BatchSize::PerIteration);
        });
    }
    group.finish();
}

criterion_group!(benches, against_a_full_build, roots);
criterion_main!(benches);
