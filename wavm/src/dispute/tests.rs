//! Two machines that differ in one answer, or one instruction, part at the step that first shows it.

use super::*;
use crate::{
    Answers, GlobalState, Module,
    module::{Function, LocalTypes, MemorySpec, ModuleKind},
    op::{Instruction, Op},
    value::{FunctionType, ValueType},
};
use alloc::vec::Vec;
use proptest::prelude::*;

/// A machine that reads a delayed message after counting to `count`, then counts on.
fn machine(count: u32, batch: u64) -> Machine {
    let count = u64::from(count);
    let code = [
        (Op::InitFrame, 0),
        (Op::LocalGet, 0),
        (Op::I32Const, 1),
        (Op::I32Add, 0),
        (Op::Dup, 0),
        (Op::LocalSet, 0),
        (Op::I32Const, count),
        (Op::I32LtU, 0),
        (Op::ArbitraryJumpIf, 1),
        (Op::I64Const, 0),
        (Op::I32Const, 64),
        (Op::I32Const, 0),
        (Op::ReadInboxMessage, 1),
        (Op::Drop, 0),
        (Op::LocalGet, 0),
        (Op::I32Const, 1),
        (Op::I32Add, 0),
        (Op::Dup, 0),
        (Op::LocalSet, 0),
        (Op::I32Const, 2 * count),
        (Op::I32LtU, 0),
        (Op::ArbitraryJumpIf, 14),
        (Op::HaltAndSetFinished, 0),
    ];
    let code = code.map(|(op, argument)| Instruction::new(op, argument)).to_vec();
    let locals: LocalTypes = [ValueType::I32].into_iter().collect();
    let module = Module {
        name: "m".into(),
        kind: ModuleKind::Main,
        types: Vec::new(),
        functions: alloc::vec![Function { ty: FunctionType::default(), locals, code }],
        globals: Vec::new(),
        memory: MemorySpec { pages: 1, maximum: 1, data: Vec::new() },
        tables: Vec::new(),
        exports: Default::default(),
        start: None,
        internals_offset: 0,
        extra_hash: B256::ZERO,
        function_names: Default::default(),
    };
    Machine::from_modules([module], GlobalState { batch, ..GlobalState::default() })
}

fn host(message: u8) -> Answers {
    let mut answers = Answers::default();
    answers.add_delayed_message(0, alloc::vec![message]);
    answers
}

/// The slow way: a hash after every step.
fn slow(mut machines: [Machine; 2], hosts: [&Answers; 2]) -> Option<u64> {
    while machines.iter().any(|machine| !machine.is_halted()) {
        let step = machines[0].steps().max(machines[1].steps());
        machines[0].step(hosts[0]).expect("nothing is missing");
        machines[1].step(hosts[1]).expect("nothing is missing");
        if machines[0].hash() != machines[1].hash() {
            return Some(step);
        }
    }
    None
}

#[test]
fn equal_machines_do_not_part() {
    let found = first_divergence([machine(9, 0), machine(9, 0)], (&host(1), &host(1)), u64::MAX, |_| {});
    assert!(found.expect("nothing is missing").is_none());
}

#[test]
fn a_limit_ends_the_search() {
    let found = |limit| first_divergence([machine(9, 0), machine(9, 0)], (&host(1), &host(2)), limit, |_| {});
    let step = found(u64::MAX).expect("nothing is missing").expect("another message").step;
    assert!(found(step).expect("nothing is missing").is_none());
    assert!(found(step + 1).expect("nothing is missing").is_some());
}

#[test]
fn machines_can_differ_from_the_beginning() {
    let found = first_divergence([machine(9, 0), machine(9, 1)], (&host(1), &host(1)), u64::MAX, |_| {});
    let divergence = found.expect("nothing is missing").expect("another state");
    assert_eq!(divergence.step, 0);
    assert_ne!(divergence.after[0], divergence.after[1]);
}

#[test]
fn a_missing_answer_is_an_error() {
    let found = first_divergence([machine(9, 0), machine(9, 0)], (&host(1), &Answers::default()), u64::MAX, |_| {});
    assert_eq!(found.err(), Some(MachineError::MissingDelayedMessage(0)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_step_is_the_one_a_slow_search_finds(count in 1u32..60, start in 0u64..20) {
        let hosts = [&host(1), &host(2)];
        let mut machines = [machine(count, 0), machine(count, 0)];
        for (machine, host) in machines.iter_mut().zip(hosts) {
            machine.run(host, start).expect("nothing is missing");
        }
        if machines[0].hash() == machines[1].hash() {
            let (mut rounds, slow) = (0, slow(machines.clone(), hosts));
            let found = first_divergence(machines, (hosts[0], hosts[1]), u64::MAX, |_| rounds += 1);
            let found = found.expect("nothing is missing").expect("another message");
            prop_assert_eq!(Some(found.step), slow);
            prop_assert!(rounds <= 2 * (u64::BITS - found.step.leading_zeros()) + 2);
            for (index, mut machine) in found.machines.into_iter().enumerate() {
                prop_assert_eq!(machine.hash(), found.before);
                machine.step(hosts[index]).expect("nothing is missing");
                prop_assert_eq!(machine.hash(), found.after[index]);
            }
        }
    }
}
