//! Skipping ahead ends where single steps do, on generated programs, whole and with instructions changed.

use crate::{
    Answers, GlobalState, Instruction, Machine, Module, Op,
    binary::{MultiValue, WasmBinary},
    module::{LinkOptions, link},
    value::ValueType,
};
use alloc::vec::Vec;
use arbitrary::Unstructured;
use proptest::prelude::*;

/// A valid module of features that are on, made from random bytes.
fn generated(bytes: &[u8], disallow_traps: bool) -> Option<Vec<u8>> {
    let config = wasm_smith::Config {
        allow_start_export: false,
        allow_floats: false,
        bulk_memory_enabled: false,
        disallow_traps,
        exceptions_enabled: false,
        export_everything: true,
        extended_const_enabled: false,
        gc_enabled: false,
        max_imports: 0,
        max_memories: 1,
        max_memory32_bytes: 1 << 18,
        max_tables: 1,
        max_instructions: 300,
        min_funcs: 1,
        min_memories: 1,
        memory64_enabled: false,
        multi_value_enabled: true,
        reference_types_enabled: false,
        relaxed_simd_enabled: false,
        simd_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        ..wasm_smith::Config::default()
    };
    Some(wasm_smith::Module::new(config, &mut Unstructured::new(bytes)).ok()?.to_bytes())
}

/// The modules of a machine that calls all functions of a binary again and again.
fn modules(wasm: &[u8], argument: u64) -> Option<Vec<Module>> {
    let binary = WasmBinary::parse(wasm, "main", MultiValue::On).ok()?;
    let mut modules = link(&[], &binary, LinkOptions::default()).ok()?;
    let code = (0..).zip(&modules[1].functions[..binary.codes.len()]).flat_map(|(index, function)| {
        let arguments = function.ty.inputs.iter().map(|ty| match ty {
            ValueType::I32 => Instruction::new(Op::I32Const, argument & 0xffff_ffff),
            ValueType::F32 => Instruction::new(Op::F32Const, argument & 0xffff_ffff),
            ValueType::F64 => Instruction::new(Op::F64Const, argument),
            _ => Instruction::new(Op::I64Const, argument),
        });
        let call = Instruction::new(Op::CrossModuleCall, Instruction::pack(1, index));
        let drops = core::iter::repeat_n(Op::Drop.into(), function.ty.outputs.len());
        arguments.chain([call]).chain(drops).collect::<Vec<_>>()
    });
    let code: Vec<Instruction> = code.chain([Instruction::new(Op::ArbitraryJump, 1)]).collect();
    modules[0].functions[0].code = [Op::InitFrame.into()].into_iter().chain(code).collect();
    Some(modules)
}

/// Runs in both ways to the same steps, and compares all there is.
fn compare(modules: Vec<Module>, distances: &[u64]) {
    let host = Answers::default();
    let mut single = Machine::from_modules(modules, GlobalState::default());
    let mut ahead = single.clone();
    for distance in distances {
        let step = single.steps() + distance;
        let ended = single.run_to(&host, step);
        assert_eq!(ahead.skip_to(&host, step), ended, "to step {step}");
        assert_eq!(
            (ahead.steps(), ahead.status(), ahead.pc(), ahead.values()),
            (single.steps(), single.status(), single.pc(), single.values()),
            "to step {step}"
        );
        assert_eq!(ahead.hash(), single.hash(), "at step {step}");
        if ended.is_err() || single.is_halted() {
            break;
        }
    }
}

/// How far to run each time: some steps, or many.
fn distances() -> impl Strategy<Value = Vec<u64>> {
    proptest::collection::vec(prop_oneof![1u64..20, 1u64..3000], 1..20)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn programs_end_where_single_steps_do(
        bytes in proptest::collection::vec(any::<u8>(), 0..3000),
        traps in any::<bool>(),
        argument in any::<u64>(),
        distances in distances(),
    ) {
        let Some(modules) = generated(&bytes, !traps).and_then(|wasm| modules(&wasm, argument)) else { return Ok(()) };
        compare(modules, &distances);
    }

    #[test]
    fn ill_formed_code_ends_where_single_steps_do(
        bytes in proptest::collection::vec(any::<u8>(), 0..2000),
        changes in proptest::collection::vec((any::<[prop::sample::Index; 3]>(), 0u64..40), 1..12),
        distances in distances(),
    ) {
        let Some(mut modules) = generated(&bytes, true).and_then(|wasm| modules(&wasm, 7)) else { return Ok(()) };
        for ([function, place, op], argument) in changes {
            let function = function.get_mut(&mut modules[1].functions);
            *place.get_mut(&mut function.code) = Instruction::new(*op.get(Op::ALL), argument);
        }
        compare(modules, &distances);
    }
}

/// Blocks of a loop with everything that is not left to single steps.
#[test]
fn plain_loops_are_translated() {
    let wasm = wat::parse_str(
        r#"(module (memory 1 1) (global $g (mut i64) (i64.const 5)) (func (export "f") (param i32) (local i32 i64)
            (loop $l
                local.get 1 i32.const 40 i32.mul i32.const 65520 i32.and
                local.get 2 global.get $g i64.add local.tee 2 global.get $g local.get 1 select i64.store offset=3
                local.get 2 i64.const 7 i64.div_u local.set 2
                local.get 2 global.set $g
                (block (br_table 0 1 0 (local.get 1)))
                local.get 1 i32.const 1 i32.add local.tee 1 i32.const 100 i32.lt_u br_if $l)))"#,
    )
    .expect("well formed");
    let modules = modules(&wasm, 3).expect("it links");
    let blocks = super::compile::compile(&modules[1], 0).expect("it is translated");
    assert!(blocks.blocks.iter().any(|block| block.steps >= 25 && !block.exits.is_empty()));
    (1..40).for_each(|distance| compare(modules.clone(), &[distance; 60]));
    compare(modules, &[997; 60]);
}

#[test]
fn functions_with_many_locals_are_left_to_single_steps() {
    let locals = "i64 ".repeat(300);
    let text = alloc::format!(
        r#"(module (func (export "f") (local {locals})
            (loop $l local.get 299 i64.const 1 i64.add local.tee 299 i64.const 50 i64.lt_u br_if $l)))"#
    );
    let modules = modules(&wat::parse_str(text).expect("well formed"), 0).expect("it links");
    assert!(super::compile::compile(&modules[1], 0).is_none());
    compare(modules, &[333; 30]);
}
