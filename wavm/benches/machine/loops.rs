//! Two loops, run to the end without hashing: the machine, step by step and skipping ahead, against `wasmi` on the same loop.

use crate::{Figure, least};
use std::time::Duration;
use wavm::{
    Answers, GlobalState, Machine,
    binary::{MultiValue, WasmBinary},
    module::{LinkOptions, link},
};

const INTEGER: &str = "(local $i i32) (local $a i32)
    (loop $l
      local.get $a i32.const 1664525 i32.mul i32.const 1013904223 i32.add local.tee $a
      local.get $i i32.xor local.set $a
      local.get $i i32.const 1 i32.add local.tee $i i32.const 1000000 i32.lt_u br_if $l)";

const MEMORY: &str = "(local $i i32) (local $a i64)
    (loop $l
      local.get $i i32.const 24 i32.mul i32.const 1048568 i32.and
      local.get $a i64.const 6364136223846793005 i64.mul i64.const 1 i64.add local.tee $a i64.store
      local.get $i i32.const 40 i32.mul i32.const 1048568 i32.and i64.load local.get $a i64.add local.set $a
      local.get $i i32.const 1 i32.add local.tee $i i32.const 500000 i32.lt_u br_if $l)";

/// A machine that runs a body as the start function of its only module, which has a memory of 1 MiB.
pub(crate) fn machine(body: &str) -> Machine {
    let text = format!(
        r#"(module (import "env" "wavm_halt_and_set_finished" (func $halt)) (memory 16 16)
            (func $m {body} call $halt) (start $m))"#
    );
    let wasm = wat::parse_str(text).expect("well formed");
    let binary = WasmBinary::parse(&wasm, "main", MultiValue::On).expect("valid");
    let options = LinkOptions { host_api_from_main: true, ..LinkOptions::default() };
    Machine::from_modules(link(&[], &binary, options).expect("it links"), GlobalState::default())
}

/// The machine of the memory loop after a million steps that were not hashed.
pub(crate) fn after_a_million_steps() -> Machine {
    let mut machine = machine(MEMORY);
    machine.hash();
    machine.run(&Answers::default(), 1_000_000).expect("nothing is missing");
    machine
}

/// Runs the same loop as an export.
fn wasmi(body: &str) -> impl FnMut() {
    let wasm = wat::parse_str(format!(r#"(module (memory 16 16) (func (export "m") {body}))"#)).expect("well formed");
    let engine = wasmi::Engine::default();
    let module = wasmi::Module::new(&engine, &wasm).expect("valid");
    let mut store = wasmi::Store::new(&engine, ());
    let instance = wasmi::Linker::new(&engine).instantiate_and_start(&mut store, &module).expect("no imports");
    let function = instance.get_typed_func::<(), ()>(&store, "m").expect("it is exported");
    move || function.call(&mut store, ()).expect("it ends")
}

/// Each way in turn, so that what slows down one slows down all.
pub(crate) fn figures() -> Vec<Figure> {
    const ROUNDS: u32 = 20;
    let host = Answers::default();
    let mut figures = Vec::new();
    for (name, body, bound) in [("integer loop", INTEGER, 16.0), ("memory loop", MEMORY, 18.0)] {
        let (machine, mut export) = (machine(body), wasmi(body));
        let mut times = [Duration::MAX; 3];
        for _ in 0..ROUNDS {
            let round = [
                least(2, || (), |()| export()),
                least(1, || machine.clone(), |mut machine| machine.run(&host, u64::MAX).map(|_| machine)),
                least(1, || machine.clone(), |mut machine| machine.skip(&host, u64::MAX).map(|_| machine)),
            ];
            times = core::array::from_fn(|way| times[way].min(round[way]));
        }
        let against = ("wasmi", times[0]);
        figures.push(Figure { name: format!("{name}, step by step"), measured: times[1], against, bound: Some(bound) });
        figures.push(Figure { name: format!("{name}, skipping ahead"), measured: times[2], against, bound: Some(6.0) });
    }
    figures
}
