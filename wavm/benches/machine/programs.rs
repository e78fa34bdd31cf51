//! Activation of a program of 20 KB, against `wasmparser` on the same bytes.

use crate::{Figure, least};
use alloy_primitives::B256;
use std::fmt::Write;
use wavm::stylus::{ActivationParams, activate};

const SIZE: usize = 20_000;

/// A program of at least so many bytes.
fn program(size: usize) -> Vec<u8> {
    let mut functions = String::new();
    for index in 0.. {
        let offset = index * 8;
        write!(
            functions,
            "(func $f{index} (param i32 i64) (result i64) (local i64 i32)
              local.get 0 i32.const 1048568 i32.and i64.load offset={offset} local.get 1 i64.xor local.set 2
              block loop local.get 3 i32.const 100 i32.ge_u br_if 1 local.get 3 i32.const 1 i32.add local.set 3
                local.get 2 i64.const {index} i64.mul local.get 1 i64.rotl local.set 2
                local.get 2 i32.wrap_i64 i32.const 7 i32.and if local.get 3 local.get 2 i64.store offset={offset} end
                br 0 end end
              local.get 2 local.get 1 i64.add)"
        )
        .expect("a text");
        let text = format!(
            r#"(module (memory (export "memory") 32 32) {functions}
                (func (export "user_entrypoint") (param i32) (result i32) i32.const 0 i64.const 1 call $f0 i32.wrap_i64))"#
        );
        let wasm = wat::parse_str(text).expect("well formed");
        if wasm.len() >= size {
            return wasm;
        }
    }
    unreachable!("it grows")
}

pub(crate) fn figures() -> Vec<Figure> {
    let wasm = program(SIZE);
    let params =
        ActivationParams { code_hash: B256::ZERO, stylus_version: 2, arbos_version: 51, page_limit: 128, debug: false };
    let validated = least(50, || (), |()| wasmparser::validate(&wasm).map(|_| ()).expect("valid"));
    let activated =
        least(50, || 100_000_000, |mut gas| activate(&wasm, &params, &mut gas).expect("it can be activated"));
    let name = format!("activation of {} bytes (at most 5 ms)", wasm.len());
    vec![Figure { name, measured: activated, against: ("validation by wasmparser", validated), bound: None }]
}
