//! Calls of precompiles: from a contract in a loop against the identity precompile, and the dispatch alone.
//!
//! Allocations are counted by the bench's own allocator.

use alloy_primitives::{Address, Bytes, U256, address};
use alloy_sol_types::SolCall;
use arbos::{
    CallRequest, GenesisAccount,
    evm::{ArbEvm, ArbPrecompiles, BlockRun, Caches, CodeLimits, host::EvmHost},
    simulate::Simulator,
};
use criterion::{Criterion, criterion_group, criterion_main};
use harness::{Chain, Setup, at, bench};
use precompiles::{arb_gas_info::ArbGasInfo, arb_sys::ArbSys, host::Call};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    hint::black_box,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// The system's allocator, counting.
struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: both calls go to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const LOOPER: Address = address!("100be40000000000000000000000000000000001");
const IDENTITY: Address = address!("0000000000000000000000000000000000000004");
/// Calls a loop makes.
const CALLS: u64 = 2_000;

/// Calldata: target, count, input. Calls the target so often with STATICCALL.
fn looper() -> Bytes {
    const HEAD: u8 = 64;
    let mut code = vec![0x60, HEAD, 0x36, 0x03, 0x60, HEAD, 0x60, 0, 0x37]; // the input to memory
    code.extend([0x60, 32, 0x35]); // the count
    let start = u8::try_from(code.len()).expect("short code");
    code.push(0x5b); // JUMPDEST
    code.extend([0x60, 0, 0x60, 0, 0x60, HEAD, 0x36, 0x03, 0x60, 0, 0x60, 0, 0x35, 0x5a, 0xfa, 0x50]);
    code.extend([0x60, 1, 0x90, 0x03, 0x80, 0x60, start, 0x57, 0x00]); // less one, again unless zero
    code.into()
}

fn chain() -> Chain {
    let code = GenesisAccount { code: looper(), ..GenesisAccount::default() };
    let mut chain = Setup { alloc: vec![(LOOPER, code)], ..Setup::devnet(51) }.build();
    chain.empty_block();
    chain
}

/// Time of one call in a loop: what more calls take longer.
#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
fn time_of_call(chain: &mut Chain, target: Address, input: &[u8]) -> Duration {
    let (config, head) = (chain.inner().config().clone(), chain.inner().head().clone());
    let mut time = |count: u64| {
        let words = [target.into_word().0, U256::from(count).to_be_bytes()].concat();
        let data = [&words[..], input].concat().into();
        let request = CallRequest { to: Some(LOOPER), data, gas: Some(30_000_000), ..CallRequest::default() };
        let round = |_| {
            let mut simulator = Simulator::new(chain.inner().world_mut(), &config, &head);
            let start = std::time::Instant::now();
            let outcome = simulator.call(&request).expect("a loop of calls");
            let taken = start.elapsed();
            assert!(outcome.success, "the loop has enough gas");
            taken
        };
        (0..15).map(round).min().unwrap_or_default()
    };
    (time(CALLS) - time(1)) / u32::try_from(CALLS - 1).expect("few calls")
}

fn from_a_contract(_: &mut Criterion) {
    let mut chain = chain();
    let calls: [(&str, Address, Vec<u8>); 2] = [
        ("ArbGasInfo.getPricesInWei", at::ARB_GAS_INFO, ArbGasInfo::getPricesInWeiCall {}.abi_encode()),
        ("ArbSys.arbBlockNumber", at::ARB_SYS, ArbSys::arbBlockNumberCall {}.abi_encode()),
    ];
    for (name, target, input) in calls {
        let identity = time_of_call(&mut chain, IDENTITY, &input);
        let call = time_of_call(&mut chain, target, &input);
        let ratio = call.as_secs_f64() / identity.as_secs_f64();
        println!("{name} from a contract: {call:?}; identity: {identity:?}; ratio {ratio:.2}");
    }
}

fn dispatch(criterion: &mut Criterion) {
    let mut chain = chain();
    let facts = bench::facts(&mut chain);
    let limits = CodeLimits::of(chain.inner().config());
    let run = BlockRun::new(facts, Caches::default());
    let precompiles = ArbPrecompiles::new(facts.header_version);
    let mut evm = ArbEvm::new(chain.inner().world_mut(), run, precompiles, limits);
    let prices = ArbGasInfo::getPricesInWeiCall {}.abi_encode();
    let number = ArbSys::arbBlockNumberCall {}.abi_encode();
    let alias = ArbSys::mapL1SenderContractAddressToL2AliasCall { sender: LOOPER, unused: LOOPER }.abi_encode();
    let mut group = criterion.benchmark_group("dispatch");
    for (name, precompile, input) in [
        ("getPricesInWei", at::ARB_GAS_INFO, &prices),
        ("arbBlockNumber", at::ARB_SYS, &number),
        ("mapL1SenderContractAddressToL2Alias", at::ARB_SYS, &alias),
    ] {
        let call = Call {
            precompile,
            acting: precompile,
            caller: LOOPER,
            value: U256::ZERO,
            input,
            gas: 100_000,
            read_only: true,
            static_frame: false,
        };
        let mut once = || {
            let outcome = precompiles::call(&mut EvmHost::new(evm.context_mut()), black_box(&call));
            outcome.expect("no stop").expect("an active precompile")
        };
        assert_eq!(once().status, precompiles::Status::Success);
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        for _ in 0..1_000 {
            drop(black_box(once()));
        }
        let allocations = ALLOCATIONS.load(Ordering::Relaxed) - before;
        println!("{name}: {:.2} allocations a call", allocations as f64 / 1_000.0);
        group.bench_function(name, |bencher| bencher.iter(&mut once));
    }
    group.finish();
}

criterion_group!(benches, from_a_contract, dispatch);
criterion_main!(benches);
