//! Activations against the reference: module hash, costs, gas, and which rule a program is refused by.

use alloy_primitives::{B256, hex};
use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::Value;
use wavm::stylus::{Activation, ActivationParams, activate};

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/stylus/activation.jsonl.zst");

fn lines(path: &str) -> Vec<Value> {
    let file = std::fs::File::open(path).expect("the vectors are there");
    let text = zstd::decode_all(file).expect("they are compressed");
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).expect("a line is JSON")).collect()
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

fn params(case: &Value, code_hash: B256) -> ActivationParams {
    let small = |name: &str| number(&case[name]).try_into().expect("a small number");
    ActivationParams {
        code_hash,
        stylus_version: small("stylusVersion"),
        arbos_version: number(&case["arbosVersion"]),
        page_limit: small("pageLimit"),
        debug: case["debug"].as_bool().expect("a truth value"),
    }
}

/// The fields of an activation, in the order of [`FIELDS`].
fn answer(activation: &Activation) -> [u64; 8] {
    let globals = &activation.globals;
    [
        activation.footprint.into(),
        activation.init_cost.into(),
        activation.cached_init_cost.into(),
        activation.asm_estimate.into(),
        globals.ink_left.into(),
        globals.ink_status.into(),
        globals.stack_left.into(),
        globals.user_main.into(),
    ]
}

const FIELDS: [&str; 8] = [
    "footprint",
    "initCost",
    "cachedInitCost",
    "asmEstimate",
    "inkLeftGlobal",
    "inkStatusGlobal",
    "depthLeftGlobal",
    "userMain",
];

/// What is different from the reference.
fn difference(wasm: &[u8], code_hash: B256, case: &Value) -> Option<String> {
    let mut gas = number(&case["gas"]);
    let result = activate(wasm, &params(case, code_hash), &mut gas);
    let used = number(&case["gas"]) - gas;
    if used != number(&case["gasUsed"]) {
        return Some(format!("gas used: {used}, want {}", case["gasUsed"]));
    }
    match (result, case.get("ok")) {
        (Ok(activation), Some(want)) => {
            if hex::encode_prefixed(activation.module_hash) != want["moduleHash"] {
                return Some(format!("module hash: {}, want {}", activation.module_hash, want["moduleHash"]));
            }
            let pairs = FIELDS.iter().zip(answer(&activation));
            let wrong = pairs.filter(|(name, found)| number(&want[*name]) != *found);
            wrong.map(|(name, found)| format!("{name}: {found}, want {}", want[name])).next()
        }
        (Ok(_), None) => Some(format!("accepted, want {}", case["error"])),
        (Err(error), Some(_)) => Some(format!("refused: {error}")),
        (Err(error), None) if error.rule.class() == case["error"]["class"] => None,
        (Err(error), None) => Some(format!("refused by {:?} ({error}), want {}", error.rule, case["error"])),
    }
}

#[test]
fn every_case_equals_the_reference() {
    let (mut cases, mut wrong) = (0, Vec::new());
    for program in &lines(VECTORS)[1..] {
        let wasm = BASE64_STANDARD.decode(program["wasm"].as_str().expect("text")).expect("base64");
        let code_hash = program["codeHash"].as_str().expect("text").parse().expect("a hash");
        for case in program["cases"].as_array().expect("a list") {
            cases += 1;
            if let Some(difference) = difference(&wasm, code_hash, case) {
                let at =
                    format!("stylus {} arbos {} debug {}", case["stylusVersion"], case["arbosVersion"], case["debug"]);
                wrong.push(format!("{} {at}: {difference}", program["name"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {cases} cases differ:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(cases, 2094);
}
