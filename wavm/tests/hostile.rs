//! Bytes that nobody checked: whatever is read, built or activated ends with an answer, and the answer is the same again.
//!
//! Three kinds of input: noise, programs of the conformance vectors with a few bytes changed, and generated modules. The number of
//! cases is fixed, so that the whole takes a minute at most.

use alloy_primitives::B256;
use arbitrary::Unstructured;
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

/// A change of a valid program.
#[derive(Debug, Clone)]
enum Change {
    Replace(prop::sample::Index, u8),
    Remove(prop::sample::Index),
    Insert(prop::sample::Index, u8),
    Cut(prop::sample::Index),
}

fn change() -> impl Strategy<Value = Change> {
    let place = any::<prop::sample::Index>;
    prop_oneof![
        8 => (place(), any::<u8>()).prop_map(|(at, byte)| Change::Replace(at, byte)),
        2 => place().prop_map(Change::Remove),
        2 => (place(), any::<u8>()).prop_map(|(at, byte)| Change::Insert(at, byte)),
        1 => place().prop_map(Change::Cut),
    ]
}

fn apply(wasm: &mut Vec<u8>, change: &Change) {
    let length = wasm.len();
    if length == 0 {
        return;
    }
    match change {
        Change::Replace(at, byte) => wasm[at.index(length)] = *byte,
        Change::Remove(at) => drop(wasm.remove(at.index(length))),
        Change::Insert(at, byte) => wasm.insert(at.index(length), *byte),
        Change::Cut(at) => wasm.truncate(at.index(length)),
    }
}

/// A valid module of features that are on, made from random bytes.
fn generated(bytes: &[u8], exports: bool) -> Option<Vec<u8>> {
    let config = wasm_smith::Config {
        exports: exports.then(|| {
            let text = r#"(module (memory (export "memory") 1 1)
                (func (export "user_entrypoint") (param i32) (result i32) i32.const 0))"#;
            wat::parse_str(text).expect("well formed")
        }),
        allow_start_export: false,
        allow_floats: false,
        bulk_memory_enabled: false,
        exceptions_enabled: false,
        extended_const_enabled: false,
        gc_enabled: false,
        max_imports: 0,
        max_memories: 1,
        max_memory32_bytes: 1 << 20,
        max_tables: 1,
        max_instructions: 400,
        memory64_enabled: false,
        multi_value_enabled: true,
        reference_types_enabled: false,
        relaxed_simd_enabled: false,
        simd_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        ..wasm_smith::Config::default()
    };
    let module = wasm_smith::Module::new(config, &mut Unstructured::new(bytes)).ok()?;
    Some(module.to_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn noise_is_answered(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        read_everything(&bytes);
        read_everything(&[b"\0asm\x01\0\0\0".as_slice(), &bytes].concat());
    }

    #[test]
    fn changed_programs_are_answered(
        program in any::<prop::sample::Index>(),
        changes in proptest::collection::vec(change(), 1..6),
    ) {
        let mut wasm = PROGRAMS[program.index(PROGRAMS.len())].clone();
        changes.iter().for_each(|change| apply(&mut wasm, change));
        read_everything(&wasm);
    }

    #[test]
    fn generated_modules_are_built(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let Some(wasm) = generated(&bytes, false) else { return Ok(()) };
        let modules = build(&wasm);
        prop_assert!(
            modules.as_ref().is_ok_and(|modules| modules.len() == 2)
                || modules.as_ref().is_err_and(|error| matches!(error.rule, Rule::Build | Rule::Section)),
            "{modules:?}"
        );
        modules.iter().flatten().for_each(check_targets);
    }

    #[test]
    fn generated_programs_are_activated_and_written(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let Some(wasm) = generated(&bytes, true) else { return Ok(()) };
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
    }

    #[test]
    fn streams_are_answered_within_their_bound(
        stream in proptest::collection::vec(any::<u8>(), 0..400),
        bound in 0u32..200_000,
        with_dictionary in any::<bool>(),
    ) {
        let dictionary = if with_dictionary { Dictionary::Program } else { Dictionary::Empty };
        if let Ok(output) = wire::decompress(&stream, dictionary, bound) {
            prop_assert!(output.len() <= bound as usize);
        }
        let code = [&[0xef, 0xf0, stream.first().copied().unwrap_or(0) % 4], stream.as_slice()].concat();
        let _ = wire::uncompress(&code, bound);
        if let Ok(root) = Root::parse(&code) {
            prop_assert!(root.uncompress(&[&code]).is_err());
        }
    }
}
