//! Reads machines of the vectors, and what they are given.

use alloy_primitives::{B256, hex, keccak256};
use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::Value;
use std::sync::Arc;
use wavm::{
    Answers, Code, GlobalState, Machine,
    binary::{MultiValue, WasmBinary},
    host::{BlobProver, PreimageType},
    module::{LinkOptions, link},
    proof::blob::NativeBlobProver,
    stylus::{ActivationParams, activate},
};

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/wavm/machine.jsonl.zst");

pub(crate) fn lines(path: &str) -> Vec<Value> {
    let file = std::fs::File::open(path).expect("the vectors are there");
    let text = zstd::decode_all(file).expect("they are compressed");
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).expect("a line is JSON")).collect()
}

/// The machines that can be built.
pub(crate) fn machines() -> impl Iterator<Item = Value> {
    lines(VECTORS).into_iter().skip(1).filter(|machine| machine["expected"].get("buildError").is_none())
}

pub(crate) fn list<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    of[name].as_array().into_iter().flatten()
}

pub(crate) fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

pub(crate) fn hash(value: &Value) -> B256 {
    text(value).parse().expect("a hash")
}

pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(text(value)).expect("hex")
}

pub(crate) fn wasm(of: &Value) -> Vec<u8> {
    BASE64_STANDARD.decode(text(&of["wasm"])).expect("base64")
}

pub(crate) fn state(value: Option<&Value>) -> GlobalState {
    value.map_or_else(GlobalState::default, |state| GlobalState {
        block_hash: hash(&state["blockHash"]),
        send_root: hash(&state["sendRoot"]),
        batch: number(&state["batch"]),
        position: number(&state["posInBatch"]),
    })
}

pub(crate) fn build(vector: &Value) -> Machine {
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

pub(crate) fn preimage_hash(preimage: &Value, ty: PreimageType, data: &[u8]) -> B256 {
    match (preimage.get("hash"), ty) {
        (Some(given), _) => hash(given),
        (None, PreimageType::Sha256) => sha256(data),
        (None, PreimageType::Blob) => {
            let opening = NativeBlobProver.open(data, B256::ZERO).expect("a blob");
            let mut hash = sha256(&opening.commitment);
            hash[0] = 1;
            hash
        }
        (None, _) => keccak256(data),
    }
}

pub(crate) fn sha256(data: &[u8]) -> B256 {
    use sha2::Digest;
    B256::from_slice(&sha2::Sha256::digest(data))
}

pub(crate) fn answers(vector: &Value) -> Answers {
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
