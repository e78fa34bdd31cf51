//! `wavm-machine/1`: machines are built, run and proved. Each further line is a case.

use super::Run;
use crate::vectors::{
    CaseReport, InputError,
    compare::Comparison,
    format::machine::{Case, Expected, Proof},
};
use alloy_primitives::B256;
use std::collections::BTreeSet;
use wavm::{Answers, Machine, MachineError, Module, proof::blob::NativeBlobProver};

pub(in crate::vectors) fn run(run: &mut Run<'_>) -> Result<(), InputError> {
    for (index, line) in run.file.lines().enumerate().skip(1) {
        run.finish(run_case(&line.read()?));
        (run.progress)(index + 1);
    }
    Ok(())
}

fn run_case(case: &Case) -> CaseReport {
    let mut report = CaseReport::new(&case.name);
    let mut comparison = Comparison::default();
    match (case.machine(), &case.expected.build_error) {
        (Ok(machine), None) => match case.answers() {
            Ok(answers) => comparison.machine(case, &machine, &answers),
            Err(error) => comparison.differs("", "answers".into(), error),
        },
        (Err(_), Some(_)) => {}
        (Ok(_), Some(error)) => comparison.differs("expected.buildError", error.clone(), "a machine".into()),
        (Err(error), None) => comparison.differs("", "a machine".into(), error.to_string()),
    }
    report.judge(comparison);
    report
}

impl Comparison {
    fn machine(&mut self, case: &Case, machine: &Machine, answers: &Answers) {
        self.inside("expected", |here| {
            here.modules(&case.expected, machine.clone());
            let ended = here.hashes(&case.expected, machine.clone(), answers);
            here.goes_on("hashes", ended);
            here.opcodes(&case.expected, machine.clone(), answers);
        });
        let ended = self.proofs(&case.proofs, machine.clone(), answers);
        self.goes_on("proofs", ended);
    }

    fn modules(&mut self, want: &Expected, mut machine: Machine) {
        self.field("moduleRoot", want.module_root.as_ref(), &machine.modules_root());
        let main = machine.module_count().checked_sub(1).and_then(|last| machine.module(last.try_into().ok()?));
        self.field("mainModuleHash", want.main_module_hash.as_ref(), &main.map(Module::hash).unwrap_or_default());
    }

    /// Hashes at steps in ascending order, then the end.
    fn hashes(&mut self, want: &Expected, mut machine: Machine, answers: &Answers) -> Result<(), MachineError> {
        let mut hashes = want.hashes.clone();
        hashes.sort_unstable_by_key(|(step, _)| *step);
        for (step, hash) in hashes {
            machine.run_to(answers, step)?;
            self.field(&format!("hashes at step {step}"), Some(&hash), &machine.hash());
        }
        let Some(steps) = want.steps else { return Ok(()) };
        // One step more than it may make shows that it does not stop.
        machine.run_to(answers, steps.saturating_add(1))?;
        self.field("steps", Some(&steps), &machine.steps());
        self.field("halted", want.halted.map(u8::from).as_ref(), &u8::from(machine.is_halted()));
        self.field("status", want.status.as_ref(), &(machine.status() as u8));
        if let Some(want) = want.global_state {
            let got = machine.global_state();
            self.inside("globalState", |here| {
                here.field("blockHash", Some(&want.block_hash), &got.block_hash);
                here.field("sendRoot", Some(&want.send_root), &got.send_root);
                here.field("batch", Some(&want.batch), &got.batch);
                here.field("posInBatch", Some(&want.position), &got.position);
            });
        }
        Ok(())
    }

    /// Runs until all opcodes that must be executed were.
    fn opcodes(&mut self, want: &Expected, mut machine: Machine, answers: &Answers) {
        let mut missing: BTreeSet<u64> = want.opcodes.iter().copied().collect();
        while !missing.is_empty() && !machine.is_halted() {
            if let Some(instruction) = machine.next_instruction() {
                missing.remove(&instruction.op.code().into());
            }
            if machine.step(answers).is_err() {
                break;
            }
        }
        for code in missing {
            self.differs("opcodes", format!("{code:#x}"), "none such executed".into());
        }
    }

    fn proofs(&mut self, want: &[Proof], mut machine: Machine, answers: &Answers) -> Result<(), MachineError> {
        let mut proofs: Vec<_> = want.iter().collect();
        proofs.sort_by_key(|proof| proof.step);
        for want in proofs {
            machine.run_to(answers, want.step)?;
            let opcode = machine.next_instruction().map(|instruction| instruction.op.code().into());
            let before = machine.hash();
            let proof = machine.prove(answers, &NativeBlobProver)?;
            let after = hash_after_step(machine.clone(), answers)?;
            self.inside(&format!("proofs at step {}", want.step), |here| {
                here.field("opcode", Some(&want.opcode), &opcode);
                here.field("before", want.before.as_ref(), &before);
                if let Some(want) = &want.proof {
                    here.bytes("proof", want, &proof);
                }
                here.field("after", want.after.as_ref(), &after);
            });
        }
        Ok(())
    }

    /// A run that could not go on is a difference.
    fn goes_on(&mut self, name: &str, ended: Result<(), MachineError>) {
        if let Err(error) = ended {
            self.differs(name, "a run that goes on".into(), error.to_string());
        }
    }
}

fn hash_after_step(mut machine: Machine, answers: &Answers) -> Result<B256, MachineError> {
    machine.step(answers)?;
    Ok(machine.hash())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::{Verdict, json::FromNode, json::Node};
    use serde_json::{Value, json};

    /// Paths of what differs in a machine that only returns from its entrypoint, which is an error.
    fn differences(expected: &Value, proofs: &Value) -> Vec<String> {
        const EMPTY_MODULE: &str = "AGFzbQEAAAA=";
        let line = json!({ "wasm": EMPTY_MODULE, "expected": expected, "proofs": proofs });
        let case = Case::read(&Node::line(&line)).expect("a machine");
        match run_case(&case).verdict {
            Verdict::Failed(differences) => differences.into_iter().map(|one| one.path).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn what_is_not_known_is_not_compared() {
        assert!(differences(&json!({}), &json!([])).is_empty());
        let known = json!({ "steps": 2, "status": 2, "halted": true, "opcodes": [0x8002, 0x0f] });
        assert_eq!(differences(&known, &json!([])), [""; 0]);
    }

    #[test]
    fn every_difference_is_found() {
        let zero = B256::ZERO;
        let wrong = json!({
            "moduleRoot": zero, "mainModuleHash": zero, "hashes": [[0, zero]], "steps": 3, "halted": false, "status": 1,
            "globalState": { "batch": 1 }, "opcodes": [0x0f, 0x6a],
        });
        let proofs = json!([{ "step": 0, "opcode": 0x6a, "before": zero, "proof": "0x00", "after": zero }]);
        let names = ["moduleRoot", "mainModuleHash", "hashes at step 0", "steps", "halted", "status"];
        let mut want: Vec<_> = names.map(|name| format!("expected.{name}")).into();
        want.extend(["expected.globalState.batch".into(), "expected.opcodes".into()]);
        let proof = ["opcode", "before", "proof.length", "proof[0..32]", "after"];
        want.extend(proof.map(|name| format!("proofs at step 0.{name}")));
        assert_eq!(differences(&wrong, &proofs), want);
        assert_eq!(differences(&json!({ "buildError": "none" }), &json!([])), ["expected.buildError"]);
    }
}
