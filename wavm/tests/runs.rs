//! Calls of programs against the reference's native execution: what is asked of the chain, how it ends, what it costs.

use alloy_primitives::{Address, Bytes, U256, hex};
use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::Value;
use wavm::{
    engine::Compiled,
    run::{Answer, Environment, Event, Limits, Outcome, Request, Run},
    stylus::program_wasm,
};

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/stylus/run.jsonl.zst");

fn lines(path: &str) -> Vec<Value> {
    let file = std::fs::File::open(path).expect("the vectors are there");
    let text = zstd::decode_all(file).expect("they are compressed");
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).expect("a line is JSON")).collect()
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().expect("a string")).expect("it is hex")
}

/// What the reference's mock of a chain says.
fn environment(case: &Value) -> Environment {
    let mut value = [0; 32];
    (value[0], value[31]) = (1, 7);
    Environment {
        arbos_version: number(&case["arbosVersion"]),
        block_basefee: U256::from(100_000_000),
        chain_id: 421_614,
        block_coinbase: Address::repeat_byte(0xc0),
        block_gas_limit: 1 << 50,
        block_number: 19_000_001,
        block_timestamp: 1_750_000_000,
        contract_address: Address::repeat_byte(0xa1),
        msg_sender: Address::repeat_byte(0x5e),
        msg_value: U256::from_be_bytes(value),
        tx_gas_price: U256::from(123_456_789),
        tx_origin: Address::repeat_byte(0x07),
        reentrant: true,
    }
}

/// Whether a request is what the reference recorded. The order of flushed slots is nobody's.
fn same(request: &Request, recorded: &Value) -> bool {
    let (id, data) = request.to_bytes();
    let want = bytes(&recorded["data"]);
    if u64::from(id) != number(&recorded["id"]) {
        return false;
    }
    if !matches!(request, Request::SetTrieSlots { .. }) {
        return data == want;
    }
    let slots = |data: &[u8]| {
        let mut slots: Vec<_> = data[8..].chunks(64).map(<[u8]>::to_vec).collect();
        slots.sort();
        slots
    };
    data[..8] == want[..8] && slots(&data) == slots(&want)
}

/// Runs a case and tells what is different from the reference.
fn difference(program: &Compiled, case: &Value) -> Option<String> {
    let limits = Limits {
        ink: number(&case["ink"]),
        ink_price: u32::try_from(number(&case["inkPrice"])).expect("32 bits"),
        stack: u32::try_from(number(&case["maxDepth"])).expect("32 bits"),
    };
    let calldata = Bytes::from(bytes(&case["calldata"]));
    let mut run = Run::new(program, limits, environment(case), calldata).expect("it can be instantiated");
    let mut event = run.enter();
    let mut requests = case["requests"].as_array().expect("a list").iter();
    let outcome = loop {
        match event {
            Event::End(outcome) => break outcome,
            Event::Ask(request) => match requests.next() {
                Some(recorded) if same(&request, recorded) => {
                    let (result, data) = (bytes(&recorded["result"]), bytes(&recorded["raw"]).into());
                    event = run.answer(Answer { result, data, gas: number(&recorded["gas"]) });
                }
                recorded => return Some(format!("it asks {request:?}, recorded is {recorded:?}")),
            },
        }
    };
    let expected = &case["expected"];
    let output = hex::encode_prefixed(run.take_result());
    let gas = if expected["outcome"] == "OutOfStack" { 0 } else { run.ink_left() };
    let ours = serde_json::json!({
        "outcome": format!("{outcome:?}"), "output": output, "inkLeft": gas, "exhausted": run.is_exhausted(),
        "stackLeft": run.stack_left(), "pages": run.pages(),
    });
    let mut fields = vec!["outcome", "inkLeft", "exhausted", "stackLeft", "pages"];
    // Nobody sees the output of a run that failed.
    if matches!(outcome, Outcome::Success | Outcome::Revert) {
        fields.push("output");
    }
    let field = fields.into_iter().find(|field| expected[*field] != ours[*field]);
    if let Some(field) = field {
        return Some(format!("{field}: {} instead of {}", ours[field], expected[field]));
    }
    requests.next().map(|recorded| format!("it does not ask {recorded}"))
}

#[test]
fn runs_end_as_the_reference_says() {
    let (mut cases, mut failures) = (0, Vec::new());
    for line in lines(VECTORS).iter().skip(1) {
        let wasm = BASE64_STANDARD.decode(line["wasm"].as_str().expect("a string")).expect("it is base64");
        for (index, case) in line["cases"].as_array().expect("a list").iter().enumerate() {
            let version = u16::try_from(number(&case["stylusVersion"])).expect("16 bits");
            let debug = line["debug"].as_bool().expect("a truth value");
            let instrumented = program_wasm(&wasm, version, debug).expect("it can be activated");
            let program = Compiled::new(&instrumented).expect("the engine takes it");
            cases += 1;
            if let Some(difference) = difference(&program, case) {
                failures.push(format!("{} case {index}: {difference}", line["name"]));
            }
        }
    }
    assert!(cases > 400, "{cases} cases");
    assert!(failures.is_empty(), "{} of {cases} differ:\n{}", failures.len(), failures.join("\n"));
}
