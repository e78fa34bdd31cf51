//! The machine against the reference prover: hashes at steps, how it ends, and one-step proofs byte for byte.

use alloy_primitives::{B256, hex, keccak256};
use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::Value;
use std::sync::Arc;
use wavm::{
    Answers, Code, GlobalState, Machine,
    binary::{MultiValue, WasmBinary},
    host::PreimageType,
    module::{LinkOptions, link},
    proof::blob::NativeBlobProver,
    stylus::{ActivationParams, activate},
};

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/wavm/machine.jsonl.zst");

fn lines(path: &str) -> Vec<Value> {
    let file = std::fs::File::open(path).expect("the vectors are there");
    let text = zstd::decode_all(file).expect("they are compressed");
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).expect("a line is JSON")).collect()
}

/// The machines that can be built.
fn machines() -> impl Iterator<Item = Value> {
    lines(VECTORS).into_iter().skip(1).filter(|machine| machine["expected"].get("buildError").is_none())
}

fn list<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    of[name].as_array().into_iter().flatten()
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

fn hash(value: &Value) -> B256 {
    text(value).parse().expect("a hash")
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(text(value)).expect("hex")
}

fn wasm(of: &Value) -> Vec<u8> {
    BASE64_STANDARD.decode(text(&of["wasm"])).expect("base64")
}

fn state(value: Option<&Value>) -> GlobalState {
    value.map_or_else(GlobalState::default, |state| GlobalState {
        block_hash: hash(&state["blockHash"]),
        send_root: hash(&state["sendRoot"]),
        batch: number(&state["batch"]),
        position: number(&state["posInBatch"]),
    })
}

fn build(vector: &Value) -> Machine {
    let flag = |name: &str| vector[name].as_bool().unwrap_or(false);
    let options = LinkOptions {
        language_support: flag("languageSupport"),
        host_api_from_main: flag("hostApiFromMain"),
        debug_functions: flag("debugFuncs"),
    };
    let libraries: Vec<_> = list(vector, "libraries").map(wasm).collect();
    let main = wasm(vector);
    let parse = |bytes| WasmBinary::parse(bytes, "", MultiValue::On).expect("it is valid");
    let libraries: Vec<_> = libraries.iter().map(|bytes| parse(bytes)).collect();
    let modules = link(&libraries, &parse(&main), options).expect("it can be linked");
    Machine::from_modules(modules, state(vector.get("globalState")))
}

fn preimage_hash(preimage: &Value, ty: PreimageType, data: &[u8]) -> B256 {
    match (preimage.get("hash"), ty) {
        (Some(given), _) => hash(given),
        (None, PreimageType::Sha256) => sha256(data),
        (None, PreimageType::Blob) => {
            let opening = wavm::host::BlobProver::open(&NativeBlobProver, data, B256::ZERO).expect("a blob");
            let mut hash = sha256(&opening.commitment);
            hash[0] = 1;
            hash
        }
        (None, _) => keccak256(data),
    }
}

fn sha256(data: &[u8]) -> B256 {
    use sha2::Digest;
    B256::from_slice(&sha2::Sha256::digest(data))
}

fn answers(vector: &Value) -> Answers {
    let mut answers = Answers::default();
    for message in list(vector, "inbox") {
        let (index, data) = (number(&message["index"]), bytes(&message["data"]));
        match text(&message["kind"]) {
            "sequencer" => answers.add_sequencer_message(index, data),
            _ => answers.add_delayed_message(index, data),
        }
    }
    for preimage in list(vector, "preimages") {
        let ty = PreimageType::from_code(number(&preimage["type"])).expect("a type");
        let data = bytes(&preimage["data"]);
        answers.add_preimage(ty, preimage_hash(preimage, ty, &data), data);
    }
    for program in list(vector, "stylusModules") {
        let params = ActivationParams {
            code_hash: hash(&program["codeHash"]),
            stylus_version: u16::try_from(number(&program["stylusVersion"])).expect("a version"),
            arbos_version: 0,
            page_limit: u16::MAX,
            debug: true,
        };
        let activation = activate(&wasm(program), &params, &mut u64::MAX.clone()).expect("it can be activated");
        answers.add_program(Arc::new(Code::new(activation.module)));
    }
    answers
}

/// Calls `check` with a name for people, and collects what differs.
fn each(mut check: impl FnMut(&Value) -> Vec<String>) -> usize {
    let (mut count, mut wrong) = (0, Vec::new());
    for machine in machines() {
        count += 1;
        let name = text(&machine["name"]).to_string();
        wrong.extend(check(&machine).into_iter().map(|difference| format!("{name}: {difference}")));
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
    count
}

#[test]
fn hashes_at_steps_and_the_end_equal_the_reference() {
    let mut hashes = 0;
    let machines = each(|vector| {
        let (expected, answers) = (&vector["expected"], answers(vector));
        let mut machine = build(vector);
        let mut wrong = Vec::new();
        if machine.modules_root() != hash(&expected["moduleRoot"]) {
            wrong.push("module root".to_string());
        }
        for pair in list(expected, "hashes") {
            hashes += 1;
            machine.run_to(&answers, number(&pair[0])).expect("nothing is missing");
            if machine.hash() != hash(&pair[1]) {
                wrong.push(format!("hash at step {}", pair[0]));
            }
        }
        machine.run(&answers, u64::MAX).expect("nothing is missing");
        let end = (machine.steps(), machine.status() as u64, *machine.global_state());
        let want = (number(&expected["steps"]), number(&expected["status"]), state(expected.get("globalState")));
        if end != want {
            wrong.push(format!("ends with {end:?}, want {want:?}"));
        }
        wrong
    });
    assert_eq!((machines, hashes), (70, 539));
}

#[test]
fn hashing_at_every_step_changes_nothing() {
    each(|vector| {
        let answers = answers(vector);
        let (mut often, mut once) = (build(vector), build(vector));
        for step in 0..500 {
            if often.hash() != {
                once.run_to(&answers, step).expect("nothing is missing");
                once.clone().hash()
            } {
                return vec![format!("step {step}")];
            }
            often.step(&answers).expect("nothing is missing");
        }
        Vec::new()
    });
}

#[test]
fn proofs_equal_the_reference() {
    let mut proofs = 0;
    each(|vector| {
        let answers = answers(vector);
        let mut machine = build(vector);
        let mut wrong = Vec::new();
        for want in list(vector, "proofs") {
            proofs += 1;
            machine.run_to(&answers, number(&want["step"])).expect("nothing is missing");
            let before = machine.hash();
            let proof = machine.prove(&answers, &NativeBlobProver);
            let mut after = machine.clone();
            after.step(&answers).expect("nothing is missing");
            let ok = [
                before == hash(&want["before"]),
                proof.as_ref().is_ok_and(|proof| *proof == bytes(&want["proof"])),
                after.hash() == hash(&want["after"]),
            ];
            if ok != [true; 3] {
                wrong.push(format!("step {}, opcode {:x}: {ok:?}", want["step"], want["opcode"].as_u64().unwrap_or(0)));
            }
        }
        wrong
    });
    assert_eq!(proofs, 2000);
}
