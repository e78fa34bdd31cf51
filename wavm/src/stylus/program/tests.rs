//! The instrumentations together, and the binary that engines run.

use super::*;
use crate::{binary::MultiValue, error::Rule};
use alloc::{format, string::String};
use wasmparser::Payload;

const GROWING: &str = r#"(module
    (import "vm_hooks" "pay_for_memory_grow" (func (param i32)))
    (memory (export "memory") 1)
    (func (export "user_entrypoint") (param i32) (result i32) i32.const 1 memory.grow))"#;

fn compile(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the test's text is well formed")
}

/// Operators of a function as the parser prints them.
fn printed(program: &Program<'_>, code: usize) -> Vec<String> {
    let mut fed = Vec::new();
    let sink: &mut Sink<'_> = &mut |operator| {
        fed.push(format!("{operator:?}"));
        Ok(())
    };
    program.feed(code, sink).expect("fed");
    fed
}

/// Operators of every function of a binary, and the names it exports.
fn read(wasm: &[u8]) -> (Vec<Vec<String>>, Vec<String>) {
    let (mut codes, mut exports) = (Vec::new(), Vec::new());
    for payload in wasmparser::Parser::new(0).parse_all(wasm) {
        match payload.expect("well formed") {
            Payload::CodeSectionEntry(body) => {
                let operators = body.get_operators_reader().expect("well formed").into_iter();
                codes.push(operators.map(|operator| format!("{:?}", operator.expect("well formed"))).collect());
            }
            Payload::ExportSection(section) => {
                exports.extend(section.into_iter().map(|export| export.expect("well formed").name.into()));
            }
            _ => {}
        }
    }
    (codes, exports)
}

#[test]
fn each_instrumentation_sees_the_ones_before() {
    let wasm = compile(GROWING);
    let program = Program::parse(&wasm, 2, false).expect("accepted");
    let fed = printed(&program, 0);
    // Twelve take words, twelve ink; then the body, four of them for the pages; then words go back.
    assert_eq!(fed.len(), 12 + 12 + 2 + 4 + 4 + 1 + 1);
    assert_eq!(fed[0], "GlobalGet { global_index: 3 }");
    assert_eq!(fed[12], "GlobalGet { global_index: 0 }");
    let body = [
        "I32Const { value: 1 }",
        "GlobalSet { global_index: 2 }",
        "GlobalGet { global_index: 2 }",
        "GlobalGet { global_index: 2 }",
        "Call { function_index: 0 }",
        "MemoryGrow { mem: 0 }",
    ];
    assert_eq!(fed[24..30], body);
    assert_eq!(program.operators().collect::<Vec<_>>(), [fed.len()]);
    let globals = ProgramGlobals { ink_left: 0, ink_status: 1, stack_left: 3, user_main: 1 };
    assert_eq!((program.globals(), program.footprint()), (globals, 1));
}

#[test]
fn the_binary_for_engines_is_the_instrumented_program() {
    let text = r#"(module
        (type (func (param i64) (result f64)))
        (import "vm_hooks" "read_args" (func (param i32)))
        (memory (export "memory") 2 2) (table 3 5 funcref)
        (global (mut f32) (f32.const nan:0x200001))
        (func (export "user_entrypoint") (param i32) (result i32) (local i64 i64 f32)
            i32.const 9 i32.const 0 i32.const 4 memory.fill
            local.get 0 block (result i32) i32.const 2 i32.const 1 br_table 0 0 0 end i32.add)
        (func $g (param i64) (result f64) f64.const 0)
        (elem (i32.const 1) $g $g) (elem func $g)
        (data (i32.const 7) "abc") (data "passive"))"#;
    let wasm = compile(text);
    let program = Program::parse(&wasm, 2, true).expect("accepted");
    let written = program.wasm().expect("written");
    wasmparser::Validator::new().validate_all(&written).expect("valid");
    let (codes, exports) = read(&written);
    assert_eq!(codes, [printed(&program, 0), printed(&program, 1)]);
    let meters = ["stylus_ink_left", "stylus_ink_status", "stylus_scratch_global", "stylus_stack_left"];
    assert_eq!(exports, [&["memory"], meters.as_slice(), &["user_entrypoint"]].concat());
}

#[test]
fn versions_differ_in_results_and_in_how_memory_is_filled() {
    let several = compile(
        r#"(module (memory (export "memory") 1 1) (func (result i32 i32) i32.const 0 i32.const 0)
        (func (export "user_entrypoint") (param i32) (result i32) i32.const 0))"#,
    );
    assert!(Program::parse(&several, 2, false).is_ok());
    assert_eq!(Program::parse(&several, 3, false).expect_err("single results").rule, Rule::Validate);
    assert_eq!(Program::parse(&several, 4, false).expect_err("no such version").rule, Rule::Other);
    let wasm = compile(GROWING);
    let fill = |version| {
        let program = Program::parse(&wasm, version, false).expect("accepted");
        let module = program.module(B256::ZERO).expect("built");
        module.functions[module.internals_offset as usize + 4].code.len()
    };
    assert_eq!([fill(1), fill(2), fill(3)], [80, 80, 82]);
}

#[test]
fn debugging_keeps_names_and_allows_the_console() {
    let text = r#"(module (import "console" "log_i32" (func (param i32))) (memory (export "memory") 1 1)
        (func $named (export "other")) (start $named)
        (func (export "user_entrypoint") (param i32) (result i32) i32.const 0))"#;
    let wasm = compile(text);
    assert_eq!(Program::parse(&wasm, 2, false).expect_err("it has a start").rule, Rule::StartFunction);
    let program = Program::parse(&wasm, 2, true).expect("for debugging");
    assert!(program.binary().exports.contains_key("other"));
    let module = program.module(B256::ZERO).expect("built");
    assert_eq!((module.exports.get("stylus_start"), module.start), (Some(&1), None));
    assert_eq!(module.function_names.get(&1).map(String::as_str), Some("stylus_start"));
}

#[test]
fn imports_of_a_program_are_the_host_functions_alone() {
    let rule = |import: &str| {
        let text = format!(
            r#"(module {import} (memory (export "memory") 1 1)
            (func (export "user_entrypoint") (param i32) (result i32) i32.const 0))"#
        );
        let wasm = compile(&text);
        Program::parse(&wasm, 2, false).expect("valid").module(B256::ZERO).expect_err("refused").rule
    };
    assert_eq!(rule(r#"(import "env" "foo" (func))"#), Rule::Import);
    assert_eq!(rule(r#"(import "env" "wavm_halt_and_set_finished" (func))"#), Rule::Import);
    assert_eq!(rule(r#"(import "forward" "set_trap" (func))"#), Rule::Import);
    assert_eq!(rule(r#"(import "vm_hooks" "arbitrator_forward__read_args" (func (param i32)))"#), Rule::Import);
    assert_eq!(rule(r#"(import "console" "log_i32" (func (param i32)))"#), Rule::Import);
    assert_eq!(rule(r#"(import "vm_hooks" "read_args" (func (param i64)))"#), Rule::ImportType);
}

#[test]
fn a_function_that_is_refused_is_named() {
    let text = format!(
        r#"(module (import "vm_hooks" "read_args" (func (param i32))) (memory (export "memory") 1 1)
        (func (export "user_entrypoint") (param i32) (result i32) i32.const 0)
        (func {} {}))"#,
        "i32.const 0 ".repeat(4100),
        "drop ".repeat(4100),
    );
    let refused = Program::parse(&compile(&text), 2, false).expect_err("too deep");
    assert_eq!((refused.rule, refused.function), (Rule::Depth, Some(2)));
    let float = r#"(module (memory (export "memory") 1 1)
        (func (export "user_entrypoint") (param i32) (result i32) f32.const 1 f32.const 2 f32.add drop i32.const 0))"#;
    let wasm = compile(float);
    let refused = Program::parse(&wasm, 2, false).expect("valid").module(B256::ZERO).expect_err("no floats");
    assert_eq!((refused.rule, refused.function), (Rule::Float, Some(0)));
    assert_eq!(wasm[refused.offset.expect("it has a place")], 0x92);
}

#[test]
fn a_binary_is_multi_valued_below_the_third_version_only() {
    assert_eq!(Version::new(2).expect("known").multi_value(), MultiValue::On);
    assert_eq!(Version::new(3).expect("known").multi_value(), MultiValue::Off);
}
