//! The `arbos` program on programs and machines: what it prints, and how it ends.

use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// How the program ends on bad input.
const BAD_INPUT: i32 = 2;

/// Counts to a hundred, then halts.
const COUNTING: &str = r#"(module (import "env" "wavm_halt_and_set_finished" (func $halt))
    (func $m (local $i i32)
      (loop $l local.get $i i32.const 1 i32.add local.tee $i i32.const 100 i32.lt_u br_if $l) call $halt) (start $m))"#;

const PROGRAM: &str = r#"(module (memory (export "memory") 1 1)
    (func $named (export "user_entrypoint") (param i32) (result i32) i32.const 0))"#;

/// Runs the program: its code, what it prints, what it complains of.
fn arbos(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_arbos")).args(arguments).output().expect("it starts");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (output.status.code().expect("an end"), text(output.stdout), text(output.stderr))
}

/// As [`arbos`], with `--json`; the last object.
fn object(arguments: &[&str]) -> (i32, Value) {
    let (code, out, _) = arbos(&[arguments, &["--json"]].concat());
    (code, serde_json::from_str(out.lines().last().expect("a line")).expect("JSON"))
}

/// A file of this test run.
fn file(name: &str, contents: impl AsRef<[u8]>) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, contents).expect("a place for a file");
    path.to_str().expect("text").into()
}

fn vectors() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/wavm/machine.jsonl.zst");
    path.to_str().expect("text").into()
}

#[test]
fn a_program_that_can_be_activated_has_costs() {
    let path = file("good.wat", PROGRAM);
    let (code, report) = object(&["wasm", "check", &path, "--stylus", "2"]);
    assert_eq!((code, &report["activates"], &report["footprint"]), (0, &Value::from(true), &Value::from(1)));
    // The figure of the estimate and the price of a new chain.
    let asm = report["asmEstimate"].as_u64().expect("a number");
    assert_eq!(report["dataFeeWei"].as_u64(), Some(asm * 82_928_201));
    let dearer = object(&["wasm", "check", &path, "--data-price", "1000"]).1;
    assert_eq!(dearer["dataFeeWei"].as_u64(), Some(asm * 1000));
    assert!(report["moduleHash"].is_null(), "it depends on how the program is deployed");
    let (code, out, _) = arbos(&["wasm", "check", &path]);
    assert!(code == 0 && out.starts_with("can be activated"), "{out}");
}

#[test]
fn a_refusal_names_rule_function_and_offset() {
    let path = file("floats.wat", PROGRAM.replace("i32.const 0)", "f32.const 1 f32.const 2 f32.add drop i32.const 0)"));
    let (code, report) = object(&["wasm", "check", &path]);
    assert_eq!((code, &report["rule"]), (1, &Value::from("float")));
    assert_eq!((&report["function"], &report["functionName"]), (&Value::from(0), &Value::from("named")));
    assert!(report["offset"].as_u64().is_some_and(|offset| offset > 8));
    let (code, report) = object(&["wasm", "check", &file("long.wat", PROGRAM), "--max-wasm-size", "10"]);
    assert_eq!((code, &report["rule"]), (1, &Value::from("wire")));
}

#[test]
fn bad_input_is_named_and_ends_with_two() {
    for arguments in [
        vec!["wasm", "check", "no-such-file.wasm"],
        vec!["machine", "run", "no-such-file.wasm"],
        vec!["machine", "hash", "no-such-file.jsonl#loops"],
        vec!["prove", "no-such-file.wasm", "--step", "1"],
        vec!["prove", "bisect", "no-such-file.wasm", "no-such-file.wasm"],
    ] {
        let (code, _, complaint) = arbos(&arguments);
        assert!(code == BAD_INPUT && complaint.contains("no-such-file"), "{arguments:?}: {complaint}");
    }
    let vectors = vectors();
    for (path, what) in [
        (file("broken.wat", "(module (func"), "broken.wat"),
        (file("noise.wasm", [0u8; 40]), "noise.wasm"),
        (file("image", b"wavmimg\x01\x00"), "the image ends"),
        (vectors.clone(), "name one"),
        (format!("{vectors}#no-such-machine"), "no machine is called no-such-machine"),
    ] {
        let (code, _, complaint) = arbos(&["machine", "run", &path]);
        assert!(code == BAD_INPUT && complaint.contains(what), "{path}: {complaint}");
        assert_eq!(object(&["machine", "run", &path]).0, BAD_INPUT);
    }
    assert_eq!(arbos(&["prove"]).0, BAD_INPUT);
}

#[test]
fn a_machine_runs_in_both_ways_and_from_its_image() {
    let path = file("counting.wat", COUNTING);
    let (code, whole) = object(&["machine", "run", &path]);
    assert_eq!((code, &whole["status"]), (0, &Value::from("finished")));
    assert_eq!(object(&["machine", "run", &path, "--single"]).1, whole);
    let image = file("counting.image", "");
    let (_, halfway) = object(&["machine", "run", &path, "--to", "333", "--image", &image]);
    assert_eq!((&halfway["steps"], &halfway["status"]), (&Value::from(333), &Value::from("running")));
    let (_, hash) = object(&["machine", "hash", &image, "--at", "333"]);
    assert_eq!(hash["hash"], halfway["hash"]);
    assert_eq!(object(&["machine", "run", &image]).1, whole);
}

#[test]
fn a_trace_shows_every_instruction() {
    let path = file("traced.wat", COUNTING);
    let (code, out, _) = arbos(&["machine", "trace", &path, "--from", "4", "--count", "3"]);
    let names: Vec<_> = out.lines().filter_map(|line| line.split_whitespace().nth(2)).collect();
    assert_eq!((code, names), (0, vec!["I32Const", "I32Add", "Dup", "7"]));
}

#[test]
fn proofs_are_those_of_the_vectors() {
    let path = format!("{}#loops", vectors());
    let line = zstd_line(&vectors(), "loops");
    let want = line["proofs"].as_array().expect("a list").get(5).expect("a proof");
    let (code, proof) = object(&["prove", &path, "--step", &want["step"].to_string()]);
    assert_eq!((code, &proof), (0, want));
}

/// A machine of the vectors.
fn zstd_line(path: &str, name: &str) -> Value {
    let text = zstd::decode_all(fs::File::open(path).expect("the vectors")).expect("zstd");
    let text = String::from_utf8(text).expect("text");
    let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    lines.find(|line| line["name"] == name).expect("a machine of this name")
}

#[test]
fn machines_that_part_are_bisected() {
    let left = file("left.wat", COUNTING);
    // Differs from the start: the code is part of the hash.
    let right = file("right.wat", COUNTING.replace("100", "90"));
    let (code, found) = object(&["prove", "bisect", &left, &right]);
    assert_eq!((code, &found["differ"], &found["step"]), (0, &Value::from(true), &Value::from(0)));
    assert_ne!(found["proofs"][0]["before"], found["proofs"][1]["before"]);
    assert_eq!(object(&["prove", "bisect", &left, &left]).1["differ"], Value::from(false));
}

#[test]
fn machines_with_other_answers_part_where_they_read_them() {
    let mut line = zstd_line(&vectors(), "inbox");
    let header = r#"{"format": "wavm-machine/1"}"#;
    let one = file("one.jsonl", format!("{header}\n{line}\n"));
    let message = line["inbox"][0]["data"].as_str().expect("text").replacen("0x", "0x7", 1);
    line["inbox"][0]["data"] = Value::from(&message[..message.len() - 1]);
    let other = file("other.jsonl", format!("{header}\n{line}\n"));
    let (code, found) = object(&["prove", "bisect", &one, &other]);
    assert_eq!((code, &found["differ"]), (0, &Value::from(true)));
    let proofs = found["proofs"].as_array().expect("two proofs");
    assert_eq!(proofs[0]["before"], proofs[1]["before"]);
    assert_ne!(proofs[0]["after"], proofs[1]["after"]);
    // ReadInboxMessage
    assert_eq!(proofs[0]["opcode"], Value::from(0x8021));
}

/// A few blocks of a chain of the vectors.
const SOME_BLOCKS: [&str; 6] = ["replay", "--bench", "--rounds", "2", "--stop-at", "20"];

fn small_chain() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/chain/bench-small-v51.jsonl.zst");
    path.to_str().expect("text").into()
}

#[test]
fn a_bench_says_what_a_recovery_buys_and_where_the_time_goes() {
    let path = small_chain();
    let (code, out, _) = arbos(&[&SOME_BLOCKS[..], &[&path]].concat());
    let starts: Vec<_> = out.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!((code, starts), (0, vec!["passed", "timed", "paced", "split", "1"]), "{out}");
    assert!(out.contains(" a recovery, at ") && out.contains(": parse "), "{out}");
}

#[test]
fn figures_of_a_bench_belong_together() {
    let path = small_chain();
    let (code, sum) = object(&[&SOME_BLOCKS[..], &[&path]].concat());
    let figure = |name: &str| sum[name].as_f64().unwrap_or_else(|| panic!("{name}: {sum}"));
    assert_eq!((code, figure("blocks"), figure("rounds")), (0, 20.0, 2.0));
    for prefix in ["", "median_"] {
        let of = |name: &str| figure(&format!("{prefix}{name}"));
        let ratio = of("blocks_per_second") / of("recoveries_per_second");
        assert!((of("blocks_per_recovery") / ratio - 1.0).abs() < 1e-9);
        assert!(of("tx_per_recovery") > 0.0 && of("gas_per_recovery") > 0.0);
    }
    let split = sum["split_us_per_block"].as_object().expect("phases");
    let time = |name: &str| split[name].as_f64().expect("a number");
    let phases: f64 = arbos::phase::Phase::ALL.iter().map(|phase| time(phase.name())).sum();
    assert!((phases + time("rest") - time("whole")).abs() < 1e-3, "{split:?}");
    for phase in ["parse", "recover", "size", "start", "execute", "fees", "state", "root", "seal"] {
        assert!(time(phase) > 0.0, "every block passes {phase}: {split:?}");
    }
}
