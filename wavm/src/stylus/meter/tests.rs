//! What a block costs, where blocks end, and what charges for bytes.

use super::*;
use crate::binary::MultiValue;
use alloc::{format, string::String, vec::Vec};

/// The metered operators of a function, one a line as the parser prints them.
fn metered(body: &str, version: u16) -> Result<Vec<String>, WasmError> {
    let text = format!("(module (type $t (func (param i32 i64))) (memory 1) (table 1 funcref) (func $f {body}))");
    let bytes = wat::parse_str(text).expect("the test's text is well formed");
    let mut binary = WasmBinary::parse(&bytes, "user", MultiValue::On)?;
    let meter = Meter::install(&mut binary, Version::new(version)?)?;
    let mut fed = Vec::new();
    meter.feed(&binary, 0, |operator: &Operator<'_>| {
        fed.push(format!("{operator:?}"));
        Ok(())
    })?;
    Ok(fed)
}

/// Costs of the blocks of a function.
fn costs(body: &str) -> Vec<u64> {
    let fed = metered(body, 2).expect("accepted");
    let header = |lines: &&[String]| lines[0] == "GlobalGet { global_index: 0 }" && lines[2] == "I64LtU";
    let cost = |line: &String| {
        let digits = line.trim_start_matches("I64Const { value: ").trim_end_matches(" }");
        digits.parse::<i64>().expect("a constant").cast_unsigned()
    };
    fed.windows(3).filter(header).map(|lines| cost(&lines[1])).collect()
}

#[test]
fn a_block_is_paid_before_it_runs() {
    let fed = metered("nop", 2).expect("accepted");
    let header = [
        "GlobalGet { global_index: 0 }",
        "I64Const { value: 2452 }",
        "I64LtU",
        "If { blockty: Empty }",
        "I32Const { value: 1 }",
        "GlobalSet { global_index: 1 }",
        "Unreachable",
        "End",
        "GlobalGet { global_index: 0 }",
        "I64Const { value: 2452 }",
        "I64Sub",
        "GlobalSet { global_index: 0 }",
    ];
    assert_eq!(fed, [header.as_slice(), &["Nop", "End"]].concat());
}

#[test]
fn branches_calls_and_loops_end_a_block() {
    assert_eq!(costs(""), [2451]);
    // A plain block does not end one, its end does.
    assert_eq!(costs("block nop end"), [2453, 2451]);
    assert_eq!(costs("loop nop end"), [2451, 2452, 2451]);
    assert_eq!(costs("i32.const 1 if nop else end"), [2450 + 1 + 765, 2452, 2451, 2451]);
    assert_eq!(costs("block br 0 end"), [2450 + 1 + 765, 2451, 2451]);
    assert_eq!(costs("call $f return"), [2450 + 3800, 2451, 2451]);
}

#[test]
fn some_prices_depend_on_the_operator() {
    assert_eq!(costs("block block i32.const 0 br_table 0 1 0 end end")[0], 2450 + 3 + 2400 + 325 * 2);
    let indirect = "i32.const 0 i64.const 0 i32.const 0 call_indirect (type $t)";
    assert_eq!(costs(indirect)[0], 2450 + 3 + 13_610 + 650 * 2);
    assert_eq!(costs("i32.const 0 i32.popcnt drop"), [2450 + 1 + 2650 + 9 + 1]);
}

#[test]
fn floats_cannot_be_paid() {
    assert_eq!(costs("f32.const 1 drop i32.const 1 drop"), [u64::MAX]);
    assert_eq!(costs("nop call $f f64.const 1 drop"), [2450 + 1 + 3800, u64::MAX]);
}

#[test]
fn without_prices_blocks_are_free() {
    let fed = metered("nop", 0).expect("accepted");
    assert_eq!(fed[1], "I64Const { value: 0 }");
}

#[test]
fn bytes_are_paid_where_they_are_filled_or_copied() {
    let fed = metered("i32.const 0 i32.const 1 i32.const 2 memory.fill", 2).expect("accepted");
    let charge = [
        "GlobalSet { global_index: 2 }",
        "GlobalGet { global_index: 0 }",
        "GlobalGet { global_index: 0 }",
        "GlobalGet { global_index: 2 }",
        "I64ExtendI32U",
        "I64Const { value: 100 }",
        "I64Mul",
        "I64Sub",
        "GlobalSet { global_index: 0 }",
        "GlobalGet { global_index: 0 }",
        "I64LtU",
        "If { blockty: Empty }",
        "I32Const { value: 1 }",
        "GlobalSet { global_index: 1 }",
        "Unreachable",
        "End",
        "GlobalGet { global_index: 2 }",
        "MemoryFill { mem: 0 }",
        "End",
    ];
    assert_eq!(fed[12 + 3..], charge);
}

#[test]
fn other_bulk_operators_are_refused_at_their_place() {
    let bytes = wat::parse_str("(module (table 1 funcref) (elem func 0) (func nop elem.drop 0))").expect("well formed");
    let mut binary = WasmBinary::parse(&bytes, "user", MultiValue::On).expect("valid");
    let meter = Meter::install(&mut binary, Version::new(2).expect("known")).expect("names are free");
    let refused = meter.feed(&binary, 0, |_: &Operator<'_>| Ok(())).expect_err("not supported");
    assert_eq!(refused.rule, Rule::BulkOpcode);
    assert_eq!(bytes[refused.offset.expect("it has a place")..][..3], [0xfc, 13, 0]);
}
