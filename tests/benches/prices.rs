//! The price update of each model once a block: the formulas alone, and over the views of a state in memory.

use alloy_primitives::U256;
use arbos::prices::{Change, Ledger};
use criterion::{Criterion, criterion_group, criterion_main};
use pricing::l2::{
    self, Direction,
    dual_pool::{self, Levels},
    first_exponential, legacy,
    multi_gas::{self, Constraint},
    rate_estimate,
};
use state::{ArbosVersion, MultiGas, ResourceKind, arbos::L2Layout};
use std::hint::black_box;

/// Constraints of the models that have several.
const CONSTRAINTS: usize = 20;
const MIN: U256 = U256::from_limbs([100_000_000, 0, 0, 0]);

fn formulas(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("prices/formula");
    let parameters = legacy::Parameters { speed_limit: 7_000_000, inertia: 102, tolerance: 10, min_base_fee: MIN };
    group.bench_function("backlog", |bench| {
        bench.iter(|| {
            let backlog = legacy::pay_off(black_box(1_498_000_000), parameters.speed_limit, 1);
            legacy::base_fee(backlog, black_box(&parameters))
        });
    });
    group.bench_function("constraints/20", |bench| {
        let rows: Vec<_> = (1..=CONSTRAINTS as u64).map(|n| (n * 7_000_000, 60 * n, n * 900_000_000)).collect();
        bench.iter(|| {
            let parts = black_box(&rows).iter().filter_map(|(target, window, backlog)| {
                l2::constraints::exponent(legacy::pay_off(*backlog, *target, 1), *window, *target)
            });
            l2::price(MIN, parts.fold(0, i64::saturating_add))
        });
    });
    group.bench_function("multi-gas/20", |bench| {
        let rows: Vec<_> = (1..=CONSTRAINTS as u64).map(constraint).collect();
        bench.iter(|| {
            let mut exponents = [0; ResourceKind::COUNT];
            for row in black_box(&rows) {
                let backlog = legacy::pay_off(row.backlog, row.target, 1);
                let _ = Constraint { backlog, ..*row }.add_to(&mut exponents);
            }
            multi_gas::fees(MIN, &exponents)
        });
    });
    group.bench_function("dual-pool", |bench| {
        let levels = Levels { large: 360_000_000, small: -20_000_000, price: MIN };
        let parameters = dual_pool::Parameters {
            large: 600_000_000,
            small: 60_000_000,
            speed_limit: 1_000_000,
            min_price: MIN,
            max_price: U256::MAX,
        };
        bench.iter(|| black_box(levels).after(1, black_box(&parameters)));
    });
    history(&mut group);
    group.finish();
}

fn history(group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>) {
    group.bench_function("rate-estimate", |bench| {
        let parameters = rate_estimate::Parameters::initial(MIN);
        let state = rate_estimate::State::initial(&parameters).drained(400_000_000);
        bench.iter(|| black_box(state).after(1, MIN, black_box(&parameters)));
    });
    group.bench_function("first-exponential", |bench| {
        let parameters = first_exponential::Parameters::initial(MIN);
        bench.iter(|| first_exponential::base_fee(black_box(-204_000_000), black_box(&parameters)));
    });
}

/// A constraint over all kinds.
fn constraint(n: u64) -> Constraint {
    let weights = std::array::from_fn(|kind| if kind == 0 { 0 } else { kind as u64 + n });
    Constraint { target: n * 7_000_000, window: 60, backlog: n * 900_000_000, max_weight: 8 + n, weights }
}

/// The rows of 20 constraints as the owner's call.
fn rows() -> String {
    let row = |n: u64| format!("{}:60000:{}", n * 7_000_000, n * 60_000_000_000);
    (1..=CONSTRAINTS as u64).map(row).collect::<Vec<_>>().join(",")
}

fn ledger(version: u64, layout: L2Layout, change: Option<(&str, String)>) -> Ledger {
    let mut ledger = Ledger::genesis(ArbosVersion::new(version), layout, MIN).expect("a version of a chain");
    if let Some((parameter, value)) = change {
        let Ok(Change::Call { calldata, .. }) = Change::new(parameter, &value) else { panic!("a call") };
        ledger.owner_call(&calldata, parameter).expect("rows an owner may set");
    }
    ledger
}

/// Time passes and gas is used, as once a block.
fn block(ledger: &mut Ledger, seconds: u64, gas: &MultiGas) {
    let step = ledger.arbos(|state| {
        l2::advance(state, seconds)?;
        l2::move_backlog(state, Direction::Grow, gas.total(), gas)?;
        l2::end_block(state, MIN, seconds)
    });
    step.expect("a price");
}

fn views(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("prices/state");
    // Backlogs stand still, so that every round costs the same; pools lose and get a second of gas.
    let cases = [
        ("backlog", ledger(51, L2Layout::Backlog, Some(("gasBacklog", "1000000000".into()))), 0),
        ("constraints/20", ledger(51, L2Layout::Backlog, Some(("gasPricingConstraints", rows()))), 0),
        ("multi-gas/20", ledger(60, L2Layout::Backlog, Some(("multiGasPricingConstraints", rows()))), 0),
        ("dual-pool", ledger(51, L2Layout::DualPool, None), 1),
    ];
    for (name, mut ledger, seconds) in cases {
        let gas = MultiGas::of(ResourceKind::Computation, seconds * 1_000_000);
        group.bench_function(name, |bench| bench.iter(|| block(&mut ledger, seconds, black_box(&gas))));
    }
    group.finish();
}

criterion_group!(benches, formulas, views);
criterion_main!(benches);
