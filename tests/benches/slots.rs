//! Slots of the operating state: deriving a key, reading and writing a word, opening the state.

use criterion::{Criterion, criterion_group, criterion_main};
use harness::bench::operating_state;
use state::{ArbosState, KeyCache, SpaceKey, SystemBurner};
use std::hint::black_box;

fn slots(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("slots");
    let logical = Default::default();
    group.bench_function("derive", |bencher| bencher.iter(|| SpaceKey::ROOT.child(black_box(&[1])).slot(logical)));
    let mut keys = KeyCache::default();
    group.bench_function("derive, remembered", |bencher| {
        bencher.iter(|| {
            let space = keys.child(SpaceKey::ROOT, black_box(&[1]));
            keys.slot(space, logical)
        });
    });
    let (mut backend, mut burner) = (operating_state(), SystemBurner::default());
    group.bench_function("open and read", |bencher| {
        bencher.iter(|| {
            let mut state = ArbosState::system_read(&mut backend, &mut burner).expect("a state");
            state.l2_pricing().base_fee_wei().get()
        });
    });
    let mut state = ArbosState::system(&mut backend, &mut burner).expect("a state");
    group.bench_function("read", |bencher| bencher.iter(|| state.l2_pricing().base_fee_wei().get()));
    group.bench_function("write", |bencher| bencher.iter(|| state.l2_pricing().gas_backlog().set(black_box(7))));
    group.finish();
}

criterion_group!(benches, slots);
criterion_main!(benches);
