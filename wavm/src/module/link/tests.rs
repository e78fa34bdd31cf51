//! Which imports are found, by whom, and what the entrypoint calls.

use super::*;
use crate::binary::MultiValue;

fn compile(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the test's text is well formed")
}

fn link_texts(libraries: &[&str], main: &str, options: LinkOptions) -> Result<Vec<Module>, WasmError> {
    let libraries: Vec<_> = libraries.iter().map(|text| compile(text)).collect();
    let main = compile(main);
    let parse = |bytes| WasmBinary::parse(bytes, "test", MultiValue::On);
    let libraries = libraries.iter().map(|bytes| parse(bytes)).collect::<Result<Vec<_>, _>>()?;
    link(&libraries, &parse(&main)?, options)
}

fn rule(libraries: &[&str], main: &str) -> Rule {
    link_texts(libraries, main, LinkOptions::default()).expect_err("it is refused").rule
}

const HOST: LinkOptions = LinkOptions { language_support: false, host_api_from_main: true, debug_functions: false };

/// The instruction in the middle of an import's wrapper.
fn imported(module: &Module, function: usize) -> (Op, u32, u32) {
    let call = module.functions[function].code[1];
    (call.op, call.high(), call.low())
}

#[test]
fn libraries_find_each_other_in_any_order_and_main_finds_them() {
    let first = r#"(module (import "second" "g" (func)) (func (export "first__f")))"#;
    let second = r#"(module (func) (func (export "second__g")))"#;
    let main = r#"(module (import "first" "f" (func)))"#;
    let modules = link_texts(&[first, second], main, LinkOptions::default()).expect("linked");
    assert_eq!(imported(&modules[1], 0), (Op::CrossModuleCall, 2, 1));
    assert_eq!(imported(&modules[3], 0), (Op::CrossModuleCall, 1, 1));
    let kinds: Vec<_> = modules.iter().map(|module| module.kind).collect();
    assert_eq!(kinds, [ModuleKind::Entrypoint, ModuleKind::Library, ModuleKind::Library, ModuleKind::Main]);
}

#[test]
fn a_forwarded_import_keeps_the_caller() {
    let target = r#"(module (func (export "t__f")))"#;
    let forward = r#"(module (import "t" "arbitrator_forward__f" (func)))"#;
    let modules = link_texts(&[target, forward], "(module (func))", LinkOptions::default()).expect("linked");
    assert_eq!(imported(&modules[2], 0).0, Op::CrossModuleForward);
    assert_eq!(rule(&[target], forward), Rule::Import);
}

#[test]
fn libraries_call_main_but_main_does_not_call_itself() {
    let library = r#"(module (import "env" "wavm_guest_call__f" (func)))"#;
    let main = r#"(module (func (export "f")))"#;
    let modules = link_texts(&[library], main, LinkOptions::default()).expect("linked");
    assert_eq!(imported(&modules[1], 0), (Op::CrossModuleCall, 2, 0));
    let itself = r#"(module (import "env" "wavm_guest_call__g" (func)) (func (export "g")))"#;
    assert_eq!(rule(&[], itself), Rule::Import);
}

#[test]
fn host_functions_are_for_libraries_and_for_main_if_it_may() {
    let text = r#"(module (import "env" "wavm_halt_and_set_finished" (func)))"#;
    assert!(link_texts(&[text], "(module (func))", LinkOptions::default()).is_ok());
    assert_eq!(rule(&[], text), Rule::Import);
    let modules = link_texts(&[], text, HOST).expect("allowed");
    assert_eq!(imported(&modules[1], 0).0, Op::HaltAndSetFinished);
    let console = r#"(module (import "console" "log_i32" (func (param i32))))"#;
    assert_eq!(link_texts(&[], console, HOST).expect_err("not for debugging").rule, Rule::Import);
    assert!(link_texts(&[], console, LinkOptions { debug_functions: true, ..HOST }).is_ok());
}

#[test]
fn types_of_imports_must_match() {
    let library = r#"(module (func (export "a__f") (param i32)))"#;
    assert_eq!(rule(&[library], r#"(module (import "a" "f" (func (param i64))))"#), Rule::ImportType);
    assert_eq!(rule(&[], r#"(module (import "a" "f" (func)))"#), Rule::Import);
}

#[test]
fn floats_are_done_by_libraries_before() {
    let floats = r#"(module (func (export "wavm__f32_abs") (param i32) (result i32) local.get 0))"#;
    let user = "(module (func f32.const 1 f32.abs drop))";
    assert!(link_texts(&[floats], user, LinkOptions::default()).is_ok());
    assert!(link_texts(&[floats, user], "(module (func))", LinkOptions::default()).is_ok());
    assert_eq!(rule(&[user, floats], "(module (func))"), Rule::Float);
    let wrong = r#"(module (func (export "wavm__f32_abs") (param f32) (result f32) local.get 0))"#;
    assert_eq!(rule(&[wrong], "(module (func))"), Rule::Build);
}

#[test]
fn the_entrypoint_calls_starts_then_main() {
    let library = "(module (func $s) (start $s))";
    let main = r#"(module (func $s) (func (export "__main_void") (result i32) i32.const 0) (func (export "_start")) (start $s))"#;
    let ops = |options| {
        let modules = link_texts(&[library], main, options).expect("linked");
        modules[0].functions[0].code.iter().map(|at| (at.op, at.argument)).collect::<Vec<_>>()
    };
    let starts = [(Op::InitFrame, 0), (Op::CrossModuleCall, 1 << 32), (Op::CrossModuleCall, 2 << 32)];
    let mains = [
        (Op::CrossModuleCall, (2 << 32) + 1),
        (Op::Drop, 0),
        (Op::HaltAndSetFinished, 0),
        (Op::CrossModuleCall, (2 << 32) + 2),
        (Op::HaltAndSetFinished, 0),
    ];
    let end = [(Op::Return, 0)];
    assert_eq!(ops(LinkOptions::default()), [starts.as_slice(), &end].concat());
    let supported = LinkOptions { language_support: true, ..LinkOptions::default() };
    assert_eq!(ops(supported), [starts.as_slice(), &mains, &end].concat());
}

#[test]
fn main_functions_have_their_types() {
    let supported = LinkOptions { language_support: true, ..LinkOptions::default() };
    let main = r#"(module (func (export "_start") (param i32)))"#;
    assert_eq!(link_texts(&[], main, supported).expect_err("wrong type").rule, Rule::Build);
}

#[test]
fn segments_must_fit() {
    assert_eq!(rule(&[], r#"(module (memory 1 1) (data (i32.const 65535) "xy"))"#), Rule::Build);
    assert_eq!(rule(&[], r#"(module (memory 1 1) (data (i32.const -1) "x"))"#), Rule::Build);
    assert_eq!(rule(&[], "(module (table 1 funcref) (func $f) (elem (i32.const 1) $f))"), Rule::Build);
    assert_eq!(rule(&[], "(module (memory 65535))"), Rule::Build);
    let modules =
        link_texts(&[], r#"(module (memory 1) (data (i32.const 65535) "x") (data "passive"))"#, HOST).expect("fits");
    assert_eq!((modules[1].memory.maximum, modules[1].memory.data.len()), (65_534, 1));
}

#[test]
fn elements_fill_their_table() {
    let text = "(module (table 5 funcref) (func $f) (func $g) (elem (i32.const 2) $g $f) (elem (i32.const 3) $g))";
    let modules = link_texts(&[], text, HOST).expect("linked");
    assert_eq!(modules[1].tables[0].elements, [None, None, Some(1), Some(1)]);
    assert_eq!(modules[1].tables[0].length, 5);
}
