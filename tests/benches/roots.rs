//! State roots: a commit costs what a block touched, not what the chain holds.

use alloy_primitives::{Address, U256, keccak256};
use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use state::world::{AccountChange, AccountInfo, Changes, MemoryWorld, World};
use std::{collections::BTreeMap, hint::black_box};

/// Accounts a block touches.
const TOUCHED: u64 = 1_000;

fn account(number: u64) -> Address {
    Address::from_slice(&keccak256(number.to_be_bytes())[12..])
}

/// New balances, and a slot each, for some accounts.
fn changes(numbers: impl Iterator<Item = u64>, balance: u64) -> Changes {
    let change = |number: u64| {
        let info = AccountInfo { balance: U256::from(balance), ..AccountInfo::default() };
        let slots = vec![(U256::from(number), U256::from(balance))];
        (account(number), AccountChange { info: Some(info), storage_cleared: false, slots })
    };
    Changes { accounts: numbers.map(change).collect::<BTreeMap<_, _>>(), codes: Vec::new() }
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

criterion_group!(benches, roots);
criterion_main!(benches);
