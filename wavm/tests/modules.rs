//! Building of machines against the reference: module hashes, module roots, and which binaries cannot be built.

use alloy_primitives::{B256, hex};
use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::Value;
use wavm::{
    Module, WasmError,
    binary::{MultiValue, WasmBinary},
    merkle::{MerkleType, root_of},
    module::{LinkOptions, link},
};

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/wavm/machine.jsonl.zst");

fn lines(path: &str) -> Vec<Value> {
    let file = std::fs::File::open(path).expect("the vectors are there");
    let text = zstd::decode_all(file).expect("they are compressed");
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).expect("a line is JSON")).collect()
}

fn wasm(of: &Value) -> Vec<u8> {
    BASE64_STANDARD.decode(of["wasm"].as_str().expect("text")).expect("base64")
}

fn options(machine: &Value) -> LinkOptions {
    let flag = |name: &str| machine[name].as_bool().unwrap_or(false);
    LinkOptions {
        language_support: flag("languageSupport"),
        host_api_from_main: flag("hostApiFromMain"),
        debug_functions: flag("debugFuncs"),
    }
}

fn modules(machine: &Value) -> Result<Vec<Module>, WasmError> {
    let libraries: Vec<_> = machine["libraries"].as_array().into_iter().flatten().map(wasm).collect();
    let parse = |bytes| WasmBinary::parse(bytes, "main", MultiValue::On);
    let libraries = libraries.iter().map(|bytes| parse(bytes)).collect::<Result<Vec<_>, _>>()?;
    link(&libraries, &parse(&wasm(machine))?, options(machine))
}

fn difference(machine: &Value) -> Option<String> {
    let expected = &machine["expected"];
    let modules = match (modules(machine), expected.get("buildError")) {
        (Ok(modules), None) => modules,
        (Err(_), Some(_)) => return None,
        (Ok(_), Some(error)) => return Some(format!("built, want {error}")),
        (Err(error), None) => return Some(format!("not built: {error}")),
    };
    let hashes: Vec<B256> = modules.iter().map(Module::hash).collect();
    let main = hex::encode_prefixed(hashes[hashes.len() - 1]);
    let root = hex::encode_prefixed(root_of(MerkleType::Module, hashes));
    let pairs = [("mainModuleHash", main), ("moduleRoot", root)];
    let wrong = pairs.into_iter().find(|(name, found)| expected[*name] != *found);
    wrong.map(|(name, found)| format!("{name}: {found}, want {}", expected[name]))
}

#[test]
fn every_machine_is_built_as_the_reference_builds_it() {
    let machines = &lines(VECTORS)[1..];
    let differences = machines.iter().filter_map(|machine| Some((&machine["name"], difference(machine)?)));
    let wrong: Vec<_> = differences.map(|(name, difference)| format!("{name}: {difference}")).collect();
    assert!(wrong.is_empty(), "{} of {} machines differ:\n{}", wrong.len(), machines.len(), wrong.join("\n"));
    assert_eq!(machines.len(), 74);
}
