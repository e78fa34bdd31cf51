//! Bytes as images of machines, as answers to what a machine asks, and as proofs.

use super::{
    budget::try_all,
    generate::{bytes, changes},
    vectors,
};
use alloy_primitives::{B256, Bytes, keccak256};
use proptest::prelude::*;
use std::sync::{Arc, LazyLock};
use wavm::{
    Answers, Code, Host, Limits, Machine,
    host::{Inbox, PreimageType, Preimages, Programs},
    proof::certificate,
};

/// Machines of the conformance vectors at their start, with what they are given.
static MACHINES: LazyLock<Vec<(Machine, Answers)>> =
    LazyLock::new(|| vectors::machines().map(|vector| (vectors::build(&vector), vectors::answers(&vector))).collect());

/// Code that a host may hand over when asked for a program.
static CODES: LazyLock<Vec<Arc<Code>>> = LazyLock::new(|| {
    let machines = MACHINES.iter().take(20).filter_map(|(machine, _)| machine.module(1).cloned());
    machines.map(|module| Arc::new(Code::new(module))).collect()
});

/// Runs a machine for some steps, with hashes and proofs on the way.
fn drive(machine: &mut Machine, host: &impl Host) -> B256 {
    for _ in 0..8 {
        machine.hash();
        let _ = machine.prove(host, &());
        if machine.run(host, 97).is_err() {
            break;
        }
    }
    machine.hash()
}

#[test]
fn changed_images_are_refused_or_run() {
    let inputs = (any::<prop::sample::Index>(), 0u64..300, changes());
    try_all(1500, inputs, |(machine, start, changes)| {
        let (machine, answers) = &MACHINES[machine.index(MACHINES.len())];
        let mut machine = machine.clone();
        machine.run(answers, start).expect("nothing is missing");
        let mut image = machine.to_image();
        changes.iter().for_each(|change| change.apply(&mut image));
        if let Ok(mut machine) = Machine::from_image(&image, Limits { memory: 1 << 24 }) {
            let mut again = machine.clone();
            prop_assert_eq!(drive(&mut machine, answers), drive(&mut again, answers));
        }
        Ok(())
    });
}

#[test]
fn noise_is_no_image() {
    try_all(2000, bytes(300), |bytes| {
        let _ = Machine::from_image(&bytes, Limits::default());
        let read = Machine::from_image(&[b"wavmimg\x01".as_slice(), &bytes].concat(), Limits { memory: 1 << 24 });
        if let Ok(mut machine) = read {
            drive(&mut machine, &Answers::default());
        }
        Ok(())
    });
}

/// A host that answers anything.
#[derive(Debug)]
struct Liar {
    answers: Vec<Vec<u8>>,
    limit: u64,
}

impl Liar {
    /// Some answer, the same to the same question; sometimes none.
    fn answer(&self, question: &[u8]) -> Option<Bytes> {
        let index = usize::from(keccak256(question)[0]) % (self.answers.len() + 1);
        self.answers.get(index).map(|answer| Bytes::copy_from_slice(answer))
    }
}

impl Preimages for Liar {
    fn preimage(&self, ty: PreimageType, hash: B256) -> Option<Bytes> {
        self.answer(&[&[ty as u8], hash.as_slice()].concat())
    }
}

impl Inbox for Liar {
    fn sequencer_limit(&self) -> u64 {
        self.limit
    }

    fn sequencer_message(&self, number: u64) -> Option<Bytes> {
        self.answer(&number.to_be_bytes())
    }

    fn delayed_message(&self, number: u64) -> Option<Bytes> {
        self.answer(&number.to_le_bytes())
    }
}

impl Programs for Liar {
    fn program(&self, module_hash: B256) -> Option<Arc<Code>> {
        CODES.get(usize::from(module_hash[0]) % (CODES.len() + 1)).cloned()
    }
}

#[test]
fn any_answers_lead_to_an_answer() {
    let length = prop_oneof![4 => 0usize..200, 1 => Just(131_072)];
    let answer = (any::<u8>(), length).prop_map(|(byte, length)| vec![byte; length]);
    let limit = prop_oneof![Just(0), Just(u64::MAX), any::<u64>()];
    let liar = (proptest::collection::vec(answer, 0..5), limit).prop_map(|(answers, limit)| Liar { answers, limit });
    try_all(1500, (any::<prop::sample::Index>(), liar), |(machine, liar)| {
        let mut machine = MACHINES[machine.index(MACHINES.len())].0.clone();
        let mut again = machine.clone();
        prop_assert_eq!(drive(&mut machine, &liar), drive(&mut again, &liar));
        prop_assert_eq!(machine.steps(), again.steps());
        Ok(())
    });
}

#[test]
fn a_proof_is_completed_with_its_certificate_or_not_at_all() {
    let mark = prop_oneof![Just(0xda), Just(0xdb), any::<u8>()];
    let inputs = (any::<bool>(), bytes(100), mark, bytes(40), any::<bool>());
    try_all(3000, inputs, |(lacks, middle, mark, certificate, knows)| {
        let hash = if knows { keccak256(&certificate) } else { B256::ZERO };
        let offset: &[u8] = if mark == 0xda { &[0; 8] } else { &[] };
        let proof = [&[u8::from(lacks) << 7], middle.as_slice(), hash.as_slice(), offset, &[mark]].concat();
        let missing = certificate::missing(&proof);
        prop_assert_eq!(missing.is_some(), lacks && matches!(mark, 0xda | 0xdb));
        let complete = certificate::complete(proof, &certificate, &[1]);
        prop_assert_eq!(complete.is_some(), knows && missing.is_some());
        prop_assert!(certificate::complete(middle, &certificate, &[1]).is_none_or(|proof| proof[0] < 0x80));
        Ok(())
    });
}
