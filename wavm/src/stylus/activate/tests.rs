//! Costs, the order of charges, limits at their edges.

use super::*;
use alloc::{format, string::String, vec::Vec};

const MINIMAL: &str = r#"(module (memory (export "memory") 1 1)
    (func (export "user_entrypoint") (param i32) (result i32) i32.const 0))"#;

const PARAMS: ActivationParams =
    ActivationParams { code_hash: B256::ZERO, stylus_version: 2, arbos_version: 51, page_limit: 128, debug: false };

fn activate_text(text: &str, params: ActivationParams, gas: &mut u64) -> Result<Activation, WasmError> {
    activate(&wat::parse_str(text).expect("the test's text is well formed"), &params, gas)
}

/// Which rule a program breaks, if any.
fn rule_of(text: &str, params: ActivationParams) -> Option<Rule> {
    let mut gas = u64::MAX;
    activate_text(text, params, &mut gas).err().map(|error| error.rule)
}

/// Which rule a program with these fields besides the least ones breaks, if any.
fn rule(fields: &str, params: ActivationParams) -> Option<Rule> {
    rule_of(&MINIMAL.replace("\n", fields), params)
}

fn times(field: &str, count: usize) -> String {
    field.repeat(count)
}

#[test]
fn costs_follow_from_sizes() {
    let mut gas = 100_000_000;
    let activation = activate_text(MINIMAL, PARAMS, &mut gas).expect("accepted");
    let costs = (activation.init_cost, activation.cached_init_cost, activation.asm_estimate);
    assert_eq!((costs, activation.footprint), ((18, 11, 513_418), 1));
    let bytes = wat::parse_str(MINIMAL).expect("well formed").len() as u64;
    let operators = 12 + 12 + 1 + 4 + 1 + 1;
    let time = bytes * 31_733 / 100_000 + 2217 + operators * 535 / 1000;
    assert_eq!(100_000_000 - gas, time * 28);
}

#[test]
fn the_first_version_counts_the_cached_cost_twice() {
    let first = ActivationParams { stylus_version: 1, ..PARAMS };
    let activation = activate_text(MINIMAL, first, &mut 1_000_000).expect("accepted");
    assert_eq!((activation.init_cost, activation.cached_init_cost), (29, 11));
}

#[test]
fn the_length_is_free_before_the_charging_fixes_and_all_is_when_repeated() {
    let used = |arbos_version| {
        let mut gas = 1_000_000;
        activate_text(MINIMAL, ActivationParams { arbos_version, ..PARAMS }, &mut gas).expect("accepted");
        1_000_000 - gas
    };
    assert_eq!([used(0), used(31), used(32)], [0, 62_524, 63_084]);
}

#[test]
fn missing_gas_takes_all_of_it() {
    let mut gas = 63_084;
    assert!(activate_text(MINIMAL, PARAMS, &mut gas).is_ok());
    assert_eq!(gas, 0);
    let mut gas = 63_083;
    assert_eq!(activate_text(MINIMAL, PARAMS, &mut gas).expect_err("too little").rule, Rule::OutOfGas);
    assert_eq!(gas, 0);
}

#[test]
fn what_is_refused_before_the_charges_is_free_and_later_it_is_not() {
    let mut gas = 1_000_000;
    assert!(activate_text("(module)", PARAMS, &mut gas).is_err());
    assert_eq!(gas, 1_000_000);
    let text = MINIMAL.replace("(memory", r#"(import "env" "foo" (func)) (memory"#);
    assert_eq!(activate_text(&text, PARAMS, &mut gas).expect_err("unknown import").rule, Rule::Import);
    assert!(gas < 1_000_000);
}

#[test]
fn the_page_limit_is_that_of_the_activation() {
    let pages = |page_limit| rule_of(MINIMAL, ActivationParams { page_limit, ..PARAMS });
    assert_eq!([pages(0), pages(1)], [Some(Rule::MemoryLimit), None]);
}

#[test]
fn counts_have_limits() {
    let cases = [(r#"(data (i32.const 0) "")"#, 128), ("(func)", 4095), ("(global i32 (i32.const 0))", 32_764)];
    for (field, limit) in cases {
        assert_eq!(rule(&times(field, limit), PARAMS), None, "{field}");
        assert_eq!(rule(&times(field, limit + 1), PARAMS), Some(Rule::TooMany), "{field}");
    }
    let elements = |count| rule(&format!("(table 1 funcref) {}", times("(elem (i32.const 0))", count)), PARAMS);
    assert_eq!([elements(128), elements(129)], [None, Some(Rule::TooMany)]);
    let table = |length| rule(&format!("(table {length} funcref)"), PARAMS);
    assert_eq!([table(4096), table(4097)], [None, Some(Rule::TooMany)]);
    let locals = |count| rule(&format!("(func (local {}))", times("i64 ", count)), PARAMS);
    assert_eq!([locals(348), locals(349)], [None, Some(Rule::TooMany)]);
}

#[test]
fn imports_have_a_limit_unless_the_activation_is_repeated() {
    let imports = |count, arbos_version| {
        let import = r#"(import "vm_hooks" "msg_reentrant" (func (result i32)))"#;
        let text = MINIMAL.replace("(memory", &format!("{} (memory", times(import, count)));
        rule_of(&text, ActivationParams { arbos_version, ..PARAMS })
    };
    assert_eq!([imports(513, 32), imports(514, 32)], [None, Some(Rule::TooMany)]);
    assert_eq!([imports(514, 31), imports(514, 0)], [None, None]);
}

#[test]
fn operators_of_a_function_have_a_limit_after_the_instrumentations() {
    // Twelve take words, twelve ink, four give words back; two end the function.
    let nops = |count| rule(&format!("(func {})", times("nop ", count)), PARAMS);
    assert_eq!([nops(65_536 - 30), nops(65_536 - 29)], [None, Some(Rule::TooMany)]);
}

#[test]
fn names_have_a_limit() {
    let name = |length| rule_of(&MINIMAL.replace("(module", &format!("(module ${}", times("n", length))), PARAMS);
    assert_eq!([name(512), name(513)], [None, Some(Rule::TooLong)]);
    let exports = |debug, length| {
        let field = format!(r#"(func (export "{}"))"#, times("e", length));
        rule(&field, ActivationParams { debug, ..PARAMS })
    };
    assert_eq!([exports(true, 512), exports(true, 513), exports(false, 513)], [None, Some(Rule::TooLong), None]);
}

#[test]
fn exports_count_where_they_are_kept() {
    // Six are there besides: entry point, memory and the four globals.
    let exports = |debug, count: usize| {
        let fields: Vec<_> = (0..count).map(|index| format!(r#"(func (export "e{index}"))"#)).collect();
        rule(&fields.concat(), ActivationParams { debug, ..PARAMS })
    };
    assert_eq!([exports(true, 1018), exports(true, 1019), exports(false, 1019)], [None, Some(Rule::TooMany), None]);
}

#[test]
fn the_entry_point_is_a_function_of_one_number() {
    let entry = |field: &str| rule_of(&format!(r#"(module (memory (export "memory") 1 1) {field})"#), PARAMS);
    let refused = Some(Rule::Entrypoint);
    assert_eq!(entry(""), refused);
    assert_eq!(entry(r#"(global (export "user_entrypoint") i32 (i32.const 0))"#), refused);
    assert_eq!(entry(r#"(func (export "user_entrypoint") (param i64) (result i32) i32.const 0)"#), refused);
    assert_eq!(entry(r#"(func (export "user_entrypoint") (param i32))"#), refused);
}
