//! How many words a frame takes, and where they are taken and given back.

use super::*;
use crate::binary::MultiValue;
use alloc::string::String;

/// The frame of a function that is not metered, and its operators with those that charge for it.
fn charged(body: &str) -> Result<(Frame, Vec<String>), WasmError> {
    let text = format!("(module (type $t (func (param i32 i64) (result i32))) (memory 1) (table 1 funcref) {body})");
    let bytes = wat::parse_str(text).expect("the test's text is well formed");
    let mut binary = WasmBinary::parse(&bytes, "user", MultiValue::On)?;
    let depth = Depth::install(&mut binary, Version::new(2)?)?;
    let last = binary.codes.len() - 1;
    let operators = &binary.codes[last].operators;
    let mut survey = depth.survey(&binary);
    operators.iter().try_for_each(|operator| survey.operator(operator))?;
    let frame = depth.frame(survey, last)?;
    let mut fed = Vec::new();
    let mut sink = |operator: &Operator<'_>| {
        fed.push(format!("{operator:?}"));
        Ok(())
    };
    let mut charging = depth.enter(frame, &mut sink)?;
    operators.iter().try_for_each(|operator| charging.feed(operator, &mut sink))?;
    assert_eq!(fed.len(), frame.operators(0));
    Ok((frame, fed))
}

/// Words for values alone.
fn values(body: &str) -> u32 {
    charged(&format!("(func {body})")).expect("accepted").0.words - FRAME_WORDS
}

#[test]
fn words_are_taken_first_and_given_back_before_each_return() {
    let (frame, fed) = charged("(func (param i32) (local i64 i64) local.get 0 if return end)").expect("accepted");
    assert_eq!(frame.words, 1 + 2 + 4);
    let prologue = [
        "GlobalGet { global_index: 0 }",
        "I32Const { value: 7 }",
        "I32LeU",
        "If { blockty: Empty }",
        "I32Const { value: 0 }",
        "GlobalSet { global_index: 0 }",
        "Unreachable",
        "End",
        "GlobalGet { global_index: 0 }",
        "I32Const { value: 7 }",
        "I32Sub",
        "GlobalSet { global_index: 0 }",
    ];
    let reclaim = ["GlobalGet { global_index: 0 }", "I32Const { value: 7 }", "I32Add", "GlobalSet { global_index: 0 }"];
    let body = [
        &["LocalGet { local_index: 0 }", "If { blockty: Empty }"],
        reclaim.as_slice(),
        &["Return", "End"],
        &reclaim,
        &["Return", "End"],
    ];
    assert_eq!(fed, [prologue.as_slice(), &body.concat()].concat());
}

#[test]
fn values_are_counted_at_their_most() {
    assert_eq!(values(""), 0);
    assert_eq!(values("i32.const 1 i32.const 2 i32.add drop"), 2);
    assert_eq!(values("i32.const 0 i64.const 0 i64.store"), 2);
    assert_eq!(values("i32.const 0 i32.const 0 i32.const 0 memory.copy i32.const 0 drop"), 3);
}

#[test]
fn results_are_pushed_before_parameters_are_popped() {
    let call = "i32.const 0 i64.const 0 i32.const 0 call_indirect (type $t) drop";
    assert_eq!(values(call), 4);
    let direct = charged("(func $g (param i32) (result i32) local.get 0) (func i32.const 0 call $g drop)");
    assert_eq!(direct.expect("accepted").0.words - FRAME_WORDS, 2);
}

#[test]
fn blocks_reserve_their_result() {
    assert_eq!(values("block (result i32) i32.const 1 end drop"), 2);
    assert_eq!(values("i32.const 1 if (result i32) i32.const 1 else i32.const 2 end drop"), 2);
}

#[test]
fn code_after_an_end_starts_at_the_height_of_the_block() {
    assert_eq!(values("block i32.const 1 i32.const 1 drop drop end i32.const 1 drop"), 2);
    // What follows the branch is counted though it is never reached.
    assert_eq!(values("block br 0 i32.const 1 i32.const 1 i32.const 1 drop drop drop end"), 3);
}

#[test]
fn frames_have_a_limit_of_values_and_of_words() {
    let high = |count| format!("(func {} {})", "i32.const 0 ".repeat(count), "drop ".repeat(count));
    assert!(charged(&high(4096)).is_ok());
    assert_eq!(charged(&high(4097)).expect_err("too many values").rule, Rule::Depth);
    let wide = |count| format!("(func (local {}))", "i64 ".repeat(count));
    assert_eq!(charged(&wide(10_236)).expect("accepted").0.words, 10_240);
    assert_eq!(charged(&wide(10_237)).expect_err("too many words").rule, Rule::Depth);
}
