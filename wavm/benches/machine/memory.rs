//! What a machine with 64 MiB of linear memory takes, run without hashing: measured from outside, in a process of its own.

use std::{fs, process::Command};
use wavm::{
    Answers, GlobalState, Machine,
    binary::{MultiValue, WasmBinary},
    module::{LinkOptions, link},
};

/// Set for the process that is measured: how many pages its machine has.
const VARIABLE: &str = "ARBOS_BENCH_PAGES";
const PAGES: u64 = 1024;
const BOUND: f64 = 1.3;

/// Whether this is the process that is measured. It has run then.
pub(crate) fn is_measured_here() -> bool {
    let Ok(pages) = std::env::var(VARIABLE) else { return false };
    let mut machine = machine(pages.parse().expect("a number"));
    machine.skip(&Answers::default(), u64::MAX).expect("nothing is missing");
    println!("{}", peak().unwrap_or_default());
    true
}

/// A machine that writes to every part of its memory.
fn machine(pages: u64) -> Machine {
    let text = format!(
        r#"(module (import "env" "wavm_halt_and_set_finished" (func $halt)) (memory {pages} {pages})
            (func $m (local $i i32)
              (loop $l local.get $i local.get $i i32.store local.get $i i32.const 512 i32.add local.tee $i
                i32.const {size} i32.lt_u br_if $l)
              call $halt) (start $m))"#,
        size = pages << 16
    );
    let wasm = wat::parse_str(text).expect("well formed");
    let binary = WasmBinary::parse(&wasm, "main", MultiValue::On).expect("valid");
    let options = LinkOptions { host_api_from_main: true, ..LinkOptions::default() };
    Machine::from_modules(link(&[], &binary, options).expect("it links"), GlobalState::default())
}

/// The most memory this process had so far, in KiB, where the system tells.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Bytes that a process takes with so many pages.
fn measure(pages: u64) -> Option<u64> {
    let output = Command::new(std::env::current_exe().ok()?).env(VARIABLE, pages.to_string()).output().ok()?;
    let kib: u64 = String::from_utf8(output.stdout).ok()?.trim().parse().ok()?;
    (kib > 0).then_some(kib << 10)
}

pub(crate) fn print() {
    let name = "memory of a machine of 64 MiB";
    let (Some(none), Some(all)) = (measure(1), measure(PAGES)) else {
        println!("{name}: this system does not tell");
        return;
    };
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let ratio = all.saturating_sub(none) as f64 / (PAGES << 16) as f64;
    let verdict = if ratio < BOUND { "at most" } else { "MISSES" };
    println!("{name:<44} {:>7} KiB {ratio:>9.2} x its linear memory, {verdict} {BOUND}", (all - none) >> 10);
}
