//! One-step proofs before the contracts that judge disputes.
//!
//! The deployed contracts come from the public package `@arbitrum/nitro-contracts` 3.2.0 in `node_modules` beside the workspace; without
//! it nothing is proved, and that is said. Every step of many machines is proved and accepted, and leads to the hash the machine has
//! afterwards. A proof with one byte changed is refused, or leads to another hash, unless the contract does not read that byte.

#[path = "osp_contracts/programs.rs"]
mod programs;
#[path = "../../wavm/tests/support/vectors.rs"]
mod vectors;
#[path = "osp_contracts/verifier.rs"]
mod verifier;

use alloy_primitives::B256;
use harness::say;
use programs::Case;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Display, Formatter},
};
use verifier::Verifier;
use wavm::{
    Answers, Limits, Machine, Op, ProgramCounter, Status, Value,
    host::{PreimageType, Preimages},
    proof::{blob::NativeBlobProver, certificate},
};

/// Threads that prove.
const THREADS: usize = 2;

/// What was proved.
#[derive(Default)]
struct Tally {
    steps: u64,
    changed: u64,
    unread: u64,
    /// Steps that no proof shows, see [`reads_behind_the_end`].
    behind_the_end: u64,
    ops: BTreeSet<Op>,
    traps: u64,
    /// Proofs by name of the family.
    families: BTreeMap<String, u64>,
}

impl Tally {
    fn and(mut self, other: Self) -> Self {
        self.steps += other.steps;
        self.changed += other.changed;
        self.unread += other.unread;
        self.behind_the_end += other.behind_the_end;
        self.ops.extend(other.ops);
        self.traps += other.traps;
        other.families.into_iter().for_each(|(family, count)| *self.families.entry(family).or_default() += count);
        self
    }
}

impl Display for Tally {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} steps of {} opcodes proved {:?}, ", self.steps, self.ops.len(), self.families)?;
        write!(f, "{} traps, {} reads behind the end that have no proof; ", self.traps, self.behind_the_end)?;
        write!(f, "{} proofs with a changed byte, of which {} in a byte that is not read", self.changed, self.unread)
    }
}

/// A complete proof of the next step.
fn prove(machine: &mut Machine, case: &Case) -> Vec<u8> {
    let mut proof = machine.prove(&case.answers, &NativeBlobProver).expect("every step has a proof");
    if let Some(missing) = certificate::missing(&proof) {
        let shown = case.shown(missing.hash, missing.offset);
        proof = certificate::complete(proof, case.certificate(missing.hash), &shown).expect("it is the certificate");
    }
    proof
}

/// Proves the steps of a machine up to the end, or the limit.
fn prove_all(verifier: &mut Verifier, case: &Case, tally: &mut Tally) {
    let mut machine = case.machine.clone();
    let root = machine.modules_root();
    verifier.set_inbox(&case.sequencer, &case.delayed);
    let end = machine.steps() + case.most_steps;
    while !machine.is_halted() && machine.steps() < end {
        let (before, op, thread) = (machine.hash_v3(), next_op(&machine), machine.is_in_program());
        let behind_the_end = op == Op::ReadPreImage && reads_behind_the_end(&machine, case);
        let proof = prove(&mut machine, case);
        let step = machine.steps();
        machine.step(&case.answers).expect("nothing is missing");
        let after = machine.hash_v3();
        let found = verifier.prove_one_step(root, step, before, &proof);
        if behind_the_end {
            assert_eq!(found, Err(String::new()), "{} step {step}: a read behind the end is accepted now", case.name);
            tally.behind_the_end += 1;
            continue;
        }
        assert_eq!(found, Ok(after), "{} step {step}: {op}", case.name);
        tally.steps += 1;
        tally.ops.insert(op);
        let left = thread && !machine.is_in_program() && op != Op::SwitchThread;
        tally.traps += u64::from(machine.status() == Status::Errored || left);
        *tally.families.entry(format!("{:?}", op.family())).or_default() += 1;
        try_changed(verifier, (root, step), before, &proof, after, tally);
    }
    if machine.is_halted() {
        prove_halted(verifier, root, &mut machine, case);
    }
}

/// Whether the next step reads a preimage from behind its end. The machine then reads nothing, but the contract slices the preimage, so it
/// refuses every proof of such a step; what runs in production does not make one.
fn reads_behind_the_end(machine: &Machine, case: &Case) -> bool {
    let [.., Value::I32(pointer), Value::I32(offset)] = machine.values()[..] else { return false };
    let memory = machine.memory(machine.pc().module).unwrap_or_default();
    let Some(hash) = memory.get(pointer as usize..).and_then(|rest| rest.first_chunk()) else { return false };
    let read = [PreimageType::Keccak256, PreimageType::Sha256].map(|ty| case.answers.preimage(ty, B256::new(*hash)));
    read.into_iter().flatten().any(|preimage| offset as usize > preimage.len() && offset.is_multiple_of(32))
}

/// A machine that has halted stays as it is.
fn prove_halted(verifier: &mut Verifier, root: B256, machine: &mut Machine, case: &Case) {
    let mut proof = prove(machine, case);
    // These contracts know no machine that read too far: it is an errored one.
    if machine.status() == Status::TooFar {
        proof[0] = Status::Errored as u8;
    }
    let hash = machine.hash_v3();
    assert_eq!(verifier.prove_one_step(root, machine.steps(), hash, &proof), Ok(hash), "{} at the end", case.name);
}

/// A proof with one byte changed is refused or leads elsewhere, unless the contract does not read that far.
fn try_changed(
    verifier: &mut Verifier,
    (root, step): (B256, u64),
    before: B256,
    proof: &[u8],
    after: B256,
    tally: &mut Tally,
) {
    // Every second one near the end, where the proof shows what only this instruction touches.
    let first = if step.is_multiple_of(2) { 0 } else { proof.len().saturating_sub(600) };
    let random = usize::try_from(step.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 11).expect("64 bits");
    let index = first + random % (proof.len() - first);
    let mut changed = proof.to_vec();
    changed[index] ^= 1 << (step % 8);
    if index == place_of_flag(proof) && proof[index] != 0 {
        changed[index] = 0;
    }
    if verifier.prove_one_step(root, step, before, &changed) == Ok(after) {
        let cut = verifier.prove_one_step(root, step, before, &proof[..index]);
        assert_eq!(cut, Ok(after), "byte {index} of the proof of step {step} is read but does not matter");
        tally.unread += 1;
    }
    tally.changed += 1;
}

/// Where a proof says whether there is a frame: after the status, the values, the other threads' values, the internal values and the frames
/// below. For the contract every number but zero says yes.
fn place_of_flag(proof: &[u8]) -> usize {
    let values = 1 + 64 + 33 * usize::from(proof[64]);
    let internal = 64 + 33 * usize::from(proof[values + 64 + 63]);
    values + 64 + internal + 32
}

fn next_op(machine: &Machine) -> Op {
    let ProgramCounter { module, func, inst } = machine.pc();
    let module = machine.module(module).expect("the running module");
    module.functions[func as usize].code[inst as usize].op
}

/// The contracts, or a word on what is skipped.
fn verifier(skipped: &str) -> Option<Verifier> {
    let verifier = Verifier::deploy();
    if verifier.is_none() {
        say(&format!("skipped {skipped}: the package @arbitrum/nitro-contracts 3.2.0 is not in node_modules"));
    }
    verifier
}

#[test]
fn every_step_is_accepted() {
    let cases: Vec<_> = programs::from_vectors().chain(programs::at_boundaries()).collect();
    if verifier(&format!("the proofs of {} machines", cases.len())).is_none() {
        return;
    }
    let prove_some = |first: usize| {
        let mut verifier = Verifier::deploy().expect("the package was there");
        let mut tally = Tally::default();
        cases.iter().skip(first).step_by(THREADS).for_each(|case| prove_all(&mut verifier, case, &mut tally));
        tally
    };
    let tally = std::thread::scope(|scope| {
        let threads = (0..THREADS).map(|first| scope.spawn(move || prove_some(first))).collect::<Vec<_>>();
        threads.into_iter().map(|thread| thread.join().expect("every proof holds")).fold(Tally::default(), Tally::and)
    });
    say(&format!("{} machines: {tally}", cases.len()));
    let missing: Vec<_> = Op::ALL.iter().filter(|op| !tally.ops.contains(op)).collect();
    assert!(missing.is_empty(), "never proved: {missing:?}");
    assert!(tally.steps >= 5000 && tally.changed >= 5000 && tally.traps >= 100);
}

#[test]
fn the_last_step_there_can_be_errs() {
    let Some(mut verifier) = verifier("the last step") else { return };
    let case = programs::from_vectors().next().expect("a machine");
    let mut image = case.machine.to_image();
    image[9..17].copy_from_slice(&(Machine::MAX_STEPS - 1).to_le_bytes());
    let mut machine = Machine::from_image(&image, Limits::default()).expect("only the number of steps is another one");
    let (root, before, proof) = (machine.modules_root(), machine.hash_v3(), prove(&mut machine, &case));
    machine.run(&Answers::default(), 5).expect("nothing is missing");
    assert_eq!((machine.status(), machine.steps()), (Status::Errored, Machine::MAX_STEPS));
    let after = verifier.prove_one_step(root, Machine::MAX_STEPS - 1, before, &proof);
    assert_eq!(after, Ok(machine.hash_v3()));
}

#[test]
fn a_machine_starts_where_the_contract_says() {
    let Some(mut verifier) = verifier("the start") else { return };
    for case in programs::from_vectors() {
        let mut machine = case.machine.clone();
        let start = verifier.start_hash(machine.global_state().hash(), machine.modules_root());
        assert_eq!(start, machine.hash_v3(), "{}", case.name);
    }
}
