//! Bytes as modules, programs and compressed programs.

use super::{
    budget::try_all,
    generate::{self, Kind, bytes, changes},
};
use alloy_primitives::B256;
use base64::prelude::{BASE64_STANDARD, Engine};
use proptest::prelude::*;
use std::sync::LazyLock;
use wavm::{
    Module, Rule, WasmError,
    binary::{MultiValue, WasmBinary},
    module::{LinkOptions, link},
    stylus::{
        ActivationParams, Program, activate,
        wire::{self, Dictionary, Root},
    },
};

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/stylus/activation.jsonl.zst");

/// Programs of the conformance vectors, without the longest.
static PROGRAMS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let text = zstd::decode_all(std::fs::File::open(VECTORS).expect("the vectors are there")).expect("compressed");
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).skip(1);
    let program = |line| {
        let program: serde_json::Value = serde_json::from_slice(line).expect("a line is JSON");
        BASE64_STANDARD.decode(program["wasm"].as_str().expect("text")).expect("base64")
    };
    lines.map(program).filter(|wasm| wasm.len() < 20_000).collect()
});

const fn params(stylus_version: u16, arbos_version: u64, debug: bool) -> ActivationParams {
    ActivationParams { code_hash: B256::ZERO, stylus_version, arbos_version, page_limit: 128, debug }
}

/// Activates twice: the answers and the gas must be the same, and no more gas is used than there was.
fn activate_twice(wasm: &[u8], params: ActivationParams) -> Result<B256, WasmError> {
    let run = || {
        let mut gas = 50_000_000;
        let result = activate(wasm, &params, &mut gas).map(|activation| activation.module_hash);
        assert!(gas <= 50_000_000);
        (result, gas)
    };
    let first = run();
    assert_eq!(first, run());
    first.0
}

/// Builds a machine of a binary alone.
fn build(wasm: &[u8]) -> Result<Vec<Module>, WasmError> {
    let binary = WasmBinary::parse(wasm, "main", MultiValue::On)?;
    link(&[], &binary, LinkOptions { language_support: true, host_api_from_main: true, debug_functions: true })
}

/// Every jump and call of a module goes where there is something.
fn check_targets(module: &Module) {
    for function in &module.functions {
        for instruction in &function.code {
            let limit = match instruction.op {
                wavm::Op::ArbitraryJump | wavm::Op::ArbitraryJumpIf => function.code.len(),
                wavm::Op::Call => module.functions.len(),
                wavm::Op::LocalGet | wavm::Op::LocalSet => usize::try_from(function.locals.len()).expect("few"),
                wavm::Op::GlobalGet | wavm::Op::GlobalSet => module.globals.len(),
                _ => continue,
            };
            assert!(instruction.argument < limit as u64, "{instruction:?} of {limit}");
        }
    }
}

fn read_everything(wasm: &[u8]) {
    for (stylus_version, arbos_version, debug) in [(1, 0, true), (2, 51, false), (3, 60, false), (0, 0, false)] {
        let _ = activate_twice(wasm, params(stylus_version, arbos_version, debug));
    }
    if let Ok(modules) = build(wasm) {
        modules.iter().for_each(check_targets);
    }
}

#[test]
fn noise_is_answered() {
    try_all(2000, bytes(300), |bytes| {
        read_everything(&bytes);
        read_everything(&[b"\0asm\x01\0\0\0".as_slice(), &bytes].concat());
        Ok(())
    });
}

#[test]
fn changed_programs_are_answered() {
    try_all(2000, (any::<prop::sample::Index>(), changes()), |(program, changes)| {
        let mut wasm = PROGRAMS[program.index(PROGRAMS.len())].clone();
        changes.iter().for_each(|change| change.apply(&mut wasm));
        read_everything(&wasm);
        Ok(())
    });
}

#[test]
fn generated_modules_are_built() {
    try_all(2000, bytes(2000), |bytes| {
        let Some(wasm) = generate::module(&bytes, &Kind::Any) else { return Ok(()) };
        let modules = build(&wasm);
        prop_assert!(
            modules.as_ref().is_ok_and(|modules| modules.len() == 2)
                || modules.as_ref().is_err_and(|error| matches!(error.rule, Rule::Build | Rule::Section)),
            "{modules:?}"
        );
        modules.iter().flatten().for_each(check_targets);
        Ok(())
    });
}

#[test]
fn generated_programs_are_activated_and_written() {
    try_all(2000, bytes(2000), |bytes| {
        let Some(wasm) = generate::module(&bytes, &Kind::Program) else { return Ok(()) };
        let Ok(program) = Program::parse(&wasm, 2, true) else { return Ok(()) };
        let written = program.wasm().expect("it has no elements but indexes");
        wasmparser::Validator::new().validate_all(&written).expect("an instrumented program is valid");
        if let Ok(module) = program.module(B256::ZERO) {
            check_targets(&module);
            match activate_twice(&wasm, params(2, 0, true)) {
                Ok(hash) => prop_assert_eq!(hash, module.hash()),
                Err(error) => prop_assert!(matches!(error.rule, Rule::TooMany | Rule::TooLong), "{}", error),
            }
        }
        Ok(())
    });
}

#[test]
fn streams_are_answered_within_their_bound() {
    try_all(2000, (bytes(400), 0u32..200_000, any::<bool>()), |(stream, bound, with_dictionary)| {
        let dictionary = if with_dictionary { Dictionary::Program } else { Dictionary::Empty };
        if let Ok(output) = wire::decompress(&stream, dictionary, bound) {
            prop_assert!(output.len() <= bound as usize);
        }
        let code = [&[0xef, 0xf0, stream.first().copied().unwrap_or(0) % 4], stream.as_slice()].concat();
        let _ = wire::uncompress(&code, bound);
        if let Ok(root) = Root::parse(&code) {
            prop_assert!(root.uncompress(&[&code]).is_err());
        }
        Ok(())
    });
}
