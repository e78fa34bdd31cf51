//! The machine against the reference prover: hashes at steps, how it ends, and one-step proofs byte for byte.

#[path = "machine/vectors.rs"]
mod vectors;

use serde_json::Value;
use vectors::{answers, build, bytes, hash, list, machines, number, state, text};
use wavm::proof::blob::NativeBlobProver;

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
