//! Instructions of the leaves, counted by valgrind: the same on a busy machine as on a quiet one.
//!
//! Needs valgrind and the runner of the same version as the library, so it runs by its own name alone:
//!
//! ```sh
//! cargo install gungraun-runner --version 0.20.0
//! just instructions
//! ```
#![expect(
    missing_docs,
    clippy::disallowed_methods,
    reason = "the macros of gungraun document nothing and read arguments"
)]

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolCall;
use arbos::evm::{ArbEvm, ArbPrecompiles, BlockRun, Caches, CodeLimits, host::EvmHost};
use gungraun::prelude::*;
use harness::{
    Chain, Draft, at,
    bench::{Senders, TARGET, facts, numbered, operating_state},
};
use precompiles::{Call, Outcome, Status, arb_gas_info::ArbGasInfo, arb_sys::ArbSys};
use pricing::brotli::{Brotli, Compressor};
use state::{
    ArbosState, SystemBurner, Write,
    world::{AccountChange, AccountInfo, Changes, MemoryWorld, World},
};
use std::hint::black_box;

/// Lives as long as the process, which ends after one measurement.
fn kept<T>(value: T) -> &'static mut T {
    Box::leak(Box::new(value))
}

fn opened() -> ArbosState<'static, Write> {
    ArbosState::system(kept(operating_state()), kept(SystemBurner::default())).expect("a state")
}

#[library_benchmark(setup = opened)]
#[bench::slot()]
fn read(mut state: ArbosState<'static, Write>) -> U256 {
    black_box(state.l2_pricing().base_fee_wei().get().expect("a word"))
}

#[library_benchmark(setup = opened)]
#[bench::slot()]
fn write(mut state: ArbosState<'static, Write>) {
    state.l2_pricing().gas_backlog().set(black_box(7)).expect("a state that can be written");
}

/// The EVM of a block, and a call that was made once before.
fn ready(precompile: Address, input: Vec<u8>) -> (ArbEvm<'static>, Call<'static>) {
    let chain = kept(Chain::devnet(51));
    chain.empty_block();
    let (facts, limits) = (facts(chain), CodeLimits::of(chain.inner().config()));
    let (run, precompiles) = (BlockRun::new(facts, Caches::default()), ArbPrecompiles::new(facts.header_version));
    let mut evm = ArbEvm::new(chain.inner().world_mut(), run, precompiles, limits);
    let call = Call {
        precompile,
        acting: precompile,
        caller: TARGET,
        value: U256::ZERO,
        input: kept(input),
        gas: 100_000,
        read_only: true,
        static_frame: false,
    };
    assert_eq!(called(&mut evm, &call).status, Status::Success);
    (evm, call)
}

fn called(evm: &mut ArbEvm<'static>, call: &Call<'static>) -> Outcome {
    let outcome = precompiles::call(&mut EvmHost::new(evm.context_mut()), call);
    outcome.expect("no stop").expect("an active precompile")
}

#[library_benchmark(setup = ready)]
#[bench::block_number(at::ARB_SYS, ArbSys::arbBlockNumberCall {}.abi_encode())]
#[bench::prices(at::ARB_GAS_INFO, ArbGasInfo::getPricesInWeiCall {}.abi_encode())]
fn dispatch((mut evm, call): (ArbEvm<'static>, Call<'static>)) -> (Outcome, ArbEvm<'static>) {
    (black_box(called(&mut evm, black_box(&call))), evm)
}

fn touched(numbers: core::ops::Range<u64>, balance: u64) -> Changes {
    let info = AccountInfo { balance: U256::from(balance), ..AccountInfo::default() };
    let change = AccountChange { info: Some(info), ..AccountChange::default() };
    Changes { accounts: numbers.map(|number| (numbered(number), change.clone())).collect(), codes: Vec::new() }
}

/// A world of ten thousand accounts, and a block that changes some of them.
fn world(changed: u64) -> (MemoryWorld, Changes) {
    let mut world = MemoryWorld::new();
    world.commit(&touched(0..10_000, 1)).expect("a world in memory misses nothing");
    (world, touched(0..changed, 2))
}

#[library_benchmark(setup = world)]
#[bench::one_account(1)]
#[bench::ten_accounts(10)]
fn commit((mut world, changes): (MemoryWorld, Changes)) -> MemoryWorld {
    black_box(world.commit(black_box(&changes))).expect("a world in memory misses nothing");
    world
}

/// A signed transfer, and a compressor that worked before.
fn transfer() -> (Bytes, Brotli) {
    let signed = Senders::new(1).sign(0..1, |_| Draft::transfer(TARGET, 1)).remove(0);
    let mut compressor = Brotli::default();
    compressor.compressed_len(&signed, 1).expect("a level of the protocol");
    (signed, compressor)
}

#[library_benchmark(setup = transfer)]
#[bench::transfer_at_level_one()]
fn size((signed, mut compressor): (Bytes, Brotli)) -> usize {
    black_box(compressor.compressed_len(black_box(&signed), 1)).expect("a level of the protocol")
}

library_benchmark_group!(name = slots, benchmarks = [read, write]);
library_benchmark_group!(name = leaves, benchmarks = [dispatch, commit, size]);
main!(library_benchmark_groups = [slots, leaves]);
