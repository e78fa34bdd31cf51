//! What is read from a binary, and what is refused.

use super::*;
use alloc::vec;

fn parse(text: &str) -> Result<Rule, WasmError> {
    let bytes = wat::parse_str(text).expect("the test's text is well formed");
    WasmBinary::parse(&bytes, "test", MultiValue::On).map(|_| Rule::Other)
}

fn rule(text: &str) -> Rule {
    parse(text).expect_err("it is refused").rule
}

#[test]
fn every_section_is_read() {
    let text = r#"(module $named
        (import "env" "f" (func $f (param i32)))
        (memory (export "memory") 1 3)
        (table 4 funcref)
        (global (mut i64) (i64.const -1))
        (func $g (export "g") (param f32 f64) (result i64) (local i32 i32 i64) i64.const 7)
        (start $h) (func $h)
        (elem (i32.const 1) $f $g)
        (data (i32.const 8) "abc"))"#;
    let bytes = wat::parse_str(text).expect("well formed");
    let binary = WasmBinary::parse(&bytes, "test", MultiValue::On).expect("accepted");
    assert_eq!(binary.name, "named");
    assert_eq!(binary.function_type(1), Some(&FunctionType::new(&[ValueType::F32, ValueType::F64], &[ValueType::I64])));
    assert_eq!(binary.function_type(3), None);
    assert_eq!((binary.exported_function("g"), binary.exported_function("memory")), (Some(1), None));
    assert_eq!(binary.codes[0].locals.runs(), [(2, ValueType::I32), (1, ValueType::I64)]);
    assert_eq!(binary.codes[0].operators, vec![Operator::I64Const { value: 7 }, Operator::End]);
    assert_eq!(binary.globals[0].initial, Value::I64(u64::MAX));
    assert_eq!((binary.start, binary.data.len(), binary.elements.len()), (Some(2), 1, 1));
    assert_eq!(binary.function_names.get(&0).map(String::as_str), Some("f"));
}

#[test]
fn the_given_name_stands_in_for_a_missing_one() {
    let bytes = wat::parse_str("(module)").expect("well formed");
    assert_eq!(WasmBinary::parse(&bytes, "user", MultiValue::On).expect("accepted").name, "user");
}

#[test]
fn features_that_are_off_are_refused_with_their_place() {
    let error = parse("(module (func (result v128) (v128.const i64x2 0 0)))").expect_err("no vectors");
    assert_eq!(error.rule, Rule::Validate);
    assert!(error.offset.is_some());
    assert_eq!(rule("(module (memory 1) (memory 1))"), Rule::Validate);
    assert_eq!(rule("(module (func (return_call 0)))"), Rule::Validate);
    assert_eq!(rule("(module (global i32 (i32.add (i32.const 1) (i32.const 2))))"), Rule::Validate);
    assert_eq!(rule("(module (table 1 externref))"), Rule::Validate);
}

#[test]
fn several_values_are_accepted_only_if_they_are_on() {
    let bytes = wat::parse_str("(module (func (result i32 i32) i32.const 1 i32.const 2))").expect("well formed");
    assert!(WasmBinary::parse(&bytes, "test", MultiValue::On).is_ok());
    let refused = WasmBinary::parse(&bytes, "test", MultiValue::Off).expect_err("off");
    assert_eq!(refused.rule, Rule::Validate);
}

#[test]
fn a_data_count_is_refused() {
    let text = r#"(module (memory 1) (data "x") (func (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 0))))"#;
    assert_eq!(rule(text), Rule::Section);
}

#[test]
fn only_functions_are_imported() {
    assert_eq!(rule(r#"(module (import "env" "memory" (memory 1)))"#), Rule::Import);
    assert_eq!(rule(r#"(module (import "env" "g" (global i32)))"#), Rule::Import);
}

#[test]
fn an_import_has_one_type() {
    let twice = |ty| alloc::format!(r#"(module (import "a" "f" (func (param i32))) (import "a" "f" (func {ty})))"#);
    assert_eq!(rule(&twice("(param i64)")), Rule::InconsistentImports);
    assert!(parse(&twice("(param i32)")).is_ok());
}

#[test]
fn names_that_clash_or_are_reserved_are_refused() {
    assert_eq!(rule(r#"(module (import "a" "f" (func)) (func (export "x__f")))"#), Rule::ReservedName);
    assert_eq!(rule(r#"(module (func (export "a__stylus_thing")))"#), Rule::ReservedName);
    assert_eq!(rule(r#"(module (import "a" "stylus_x" (func)))"#), Rule::ReservedName);
    assert!(parse(r#"(module (import "a" "f" (func)) (func (export "f__x")) (func (export "stylus__x")))"#).is_ok());
}

#[test]
fn an_operator_is_found_in_the_binary() {
    let bytes = wat::parse_str("(module (func nop nop unreachable))").expect("well formed");
    let binary = WasmBinary::parse(&bytes, "test", MultiValue::On).expect("accepted");
    let offset = binary.codes[0].locate(|at| *at == Operator::Unreachable).expect("it is there");
    assert_eq!(bytes[offset], 0);
    assert_eq!(bytes[offset - 1], 1);
    assert_eq!(binary.codes[0].locate(|at| *at == Operator::Return), None);
}

#[test]
fn a_broken_section_of_names_is_refused() {
    let mut bytes = wat::parse_str("(module)").expect("well formed");
    bytes.extend_from_slice(&[0, 7, 4, b'n', b'a', b'm', b'e', 1, 9]);
    let refused = WasmBinary::parse(&bytes, "test", MultiValue::On).expect_err("too short");
    assert_eq!(refused.rule, Rule::Other);
}
