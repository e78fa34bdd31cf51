//! Lists of instructions, written as `spec/wavm.md` writes them: code in hex, then the argument.

use super::*;
use crate::{
    binary::MultiValue,
    module::build::{Bodies, Sink},
};
use alloc::string::String;

/// Lowers the last function of a module whose floats are done by function 9 of module 1.
fn lower_with(text: &str, limit: usize) -> Result<String, WasmError> {
    let bytes = wat::parse_str(text).expect("the test's text is well formed");
    let binary = WasmBinary::parse(&bytes, "test", MultiValue::On)?;
    let mut floats = FloatLibrary::default();
    floats.offer("wavm__f32_lt", &FunctionType::new(&[ValueType::I32; 2], &[ValueType::I32]), 1, 9)?;
    floats.offer("wavm__f64_convert_i32_s", &FunctionType::new(&[ValueType::I32], &[ValueType::I64]), 1, 9)?;
    let context = Context { binary: &binary, floats: &floats, internals_offset: 20 };
    let last = binary.codes.len() - 1;
    let ty = &binary.types[binary.functions[last] as usize];
    let mut lowering = Lowering::new(context, ty, limit);
    let sink: &mut Sink<'_> = &mut |operator| lowering.operator(operator);
    binary.feed(last, sink)?;
    let write = |at: Instruction| match at.argument {
        0 => format!("{:x}", at.op.code()),
        argument => format!("{:x}:{argument}", at.op.code()),
    };
    let code: Vec<_> = lowering.finish().into_iter().map(write).collect();
    Ok(code.join(" "))
}

fn lower(body: &str) -> String {
    lower_with(&format!("(module (memory 1) (table 2 funcref) (func $f {body}))"), 1000).expect("it can be lowered")
}

#[test]
fn parameters_are_stored_in_reverse() {
    assert_eq!(lower("(param i32 i64 f32) (local i32)"), "8002 21:2 21:1 21 f");
}

#[test]
fn operators_of_one_instruction_keep_their_field() {
    let text = "i32.const -1 i32.load16_s offset=12 drop i64.const -1 drop f32.const 1 drop memory.size drop";
    assert_eq!(lower(text), "8002 41:4294967295 2e:12 1a 42:18446744073709551615 1a 43:1065353216 1a 3f 1a f");
}

#[test]
fn tee_is_a_copy_and_a_store() {
    assert_eq!(lower("(local i32 i32) i32.const 5 local.tee 1 drop"), "8002 41:5 8008 21:1 1a f");
}

#[test]
fn an_if_jumps_to_its_else_and_from_there_to_its_end() {
    let text = "(param i32) (result i32) local.get 0 if (result i32) i32.const 1 else i32.const 2 end";
    assert_eq!(lower(text), "8002 21 20 45 8004:7 41:1 8003:8 41:2 f");
    assert_eq!(lower("(param i32) local.get 0 if nop end"), "8002 21 20 45 8004:5 f");
}

#[test]
fn loops_are_entered_at_their_start() {
    assert_eq!(lower("(param i32) loop local.get 0 br_if 0 end"), "8002 21 20 8004:2 f");
}

#[test]
fn a_branch_leaves_what_its_target_takes() {
    let text = "(result i32) block (result i32) i32.const 1 i32.const 2 i32.const 3 br 0 end";
    assert_eq!(lower(text), "8002 41:1 41:2 41:3 8005 1a 1a 8006 8003:9 f");
}

#[test]
fn a_conditional_branch_with_surplus_jumps_around_it() {
    let text = "(param i32) block i64.const 7 local.get 0 br_if 0 drop end";
    assert_eq!(lower(text), "8002 21 42:7 20 45 8004:8 1a 8003:9 1a f");
}

#[test]
fn a_loop_takes_its_parameters() {
    let text = "(param i32) i32.const 4 loop (param i32) i32.const 5 local.get 0 br_if 0 drop drop end";
    assert_eq!(lower(text), "8002 21 41:4 41:5 20 45 8004:11 8005 1a 8006 8003:3 1a 1a f");
}

#[test]
fn a_table_compares_then_jumps() {
    let text = "(param i32) block block local.get 0 br_table 0 1 1 end nop end";
    let targets = "20 8008 41 46 8004:13 8008 41:1 46 8004:15 1a 8003:17 1a 8003:17 1a 8003:17";
    // Places: 2 local.get, 3-6 and 7-10 the comparisons, 11 and 12 the default, 13 and 15 the targets, 17 the end.
    assert_eq!(lower(text), format!("8002 21 {targets} f"));
}

#[test]
fn unreachable_code_has_any_height() {
    let text = "block unreachable i32.add drop br 0 end block i32.const 1 br 1 end";
    assert_eq!(lower(text), "8002 0 6a 1a 8003:5 41:1 1a 8003:8 f");
}

#[test]
fn a_return_branches_to_the_end() {
    let text = "(result i32) i64.const 1 i32.const 2 return";
    assert_eq!(lower(text), "8002 42:1 41:2 8005 1a 8006 8003:7 f");
}

#[test]
fn calls_name_their_function_or_their_type() {
    let text = "(module (type $t (func (param i32))) (table 1 funcref) (func $a) (func i32.const 0 i32.const 0 call_indirect (type $t) call $a))";
    assert_eq!(lower_with(text, 100).expect("lowered"), "8002 41 41 11 10 f");
}

#[test]
fn bulk_operators_call_internals() {
    let text = "i32.const 0 i32.const 1 i32.const 2 memory.fill i32.const 0 i32.const 1 i32.const 2 memory.copy";
    assert_eq!(lower(text), "8002 41 41:1 41:2 10:24 41 41:1 41:2 10:25 f");
}

#[test]
fn float_operators_call_the_library_with_bits() {
    let relation = "f32.const 0 f32.const 0 f32.lt drop";
    assert_eq!(lower(relation), "8002 43 43 bc 8005 bc 8005 8006 8006 8009:4294967305 1a f");
    assert_eq!(lower("i32.const 3 f64.convert_i32_s drop"), "8002 41:3 8005 8006 8009:4294967305 bf 1a f");
    let missing = lower_with("(module (func f32.const 0 f32.sqrt drop))", 100);
    assert_eq!(missing.expect_err("no library").rule, Rule::Float);
}

#[test]
fn other_bulk_operators_cannot_be_lowered() {
    let refused = lower_with("(module (table 1 funcref) (elem func 0) (func elem.drop 0))", 100);
    assert_eq!(refused.expect_err("not supported").rule, Rule::Build);
}

#[test]
fn a_table_over_a_high_stack_ends_at_the_limit() {
    let body = format!("block {} local.get 0 br_table {} end", "i32.const 1 ".repeat(100), "0 ".repeat(100));
    let text = format!("(module (func (param i32) {body}))");
    assert_eq!(lower_with(&text, 5000).expect_err("too many").rule, Rule::Build);
    assert!(lower_with(&text, 50_000).is_ok());
}
