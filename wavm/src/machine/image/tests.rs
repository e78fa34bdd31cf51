//! An image brings the machine back; bytes that are no image bring an error.

use super::*;
use crate::{
    Answers,
    module::{Data, Function, LocalTypes, MemorySpec, Module, ModuleKind, Table},
    op::{Instruction, Op},
    value::FunctionType,
};
use alloy_primitives::B256;
use proptest::prelude::*;

fn module(kind: ModuleKind, code: &[(Op, u64)]) -> Module {
    let locals: LocalTypes = [ValueType::I32, ValueType::F64].into_iter().collect();
    let code = code.iter().map(|(op, argument)| Instruction::new(*op, *argument)).collect();
    let ty = FunctionType::new(&[ValueType::I64], &[ValueType::F32]);
    Module {
        name: "m".into(),
        kind,
        types: alloc::vec![ty.clone()],
        functions: alloc::vec![Function { ty, locals, code }],
        globals: alloc::vec![Value::I64(7), Value::F32(8), Value::RefNull],
        memory: MemorySpec { pages: 1, maximum: 2, data: alloc::vec![Data { offset: 9, bytes: alloc::vec![1, 2, 3] }] },
        tables: alloc::vec![Table { length: 3, elements: alloc::vec![Some(0), None] }],
        exports: [("f".into(), 0)].into_iter().collect(),
        start: Some(0),
        internals_offset: 1,
        extra_hash: B256::repeat_byte(3),
        function_names: [(0, "f".into())].into_iter().collect(),
    }
}

/// A machine that counts in memory for a while.
fn machine() -> Machine {
    let entry = [(Op::InitFrame, 0), (Op::CrossModuleCall, Instruction::pack(1, 0)), (Op::Return, 0)];
    let main = [
        (Op::InitFrame, 0),
        (Op::LocalGet, 0),
        (Op::I32Const, 1),
        (Op::I32Add, 0),
        (Op::Dup, 0),
        (Op::LocalSet, 0),
        (Op::Dup, 0),
        (Op::MoveFromStackToInternal, 0),
        (Op::I64Const, 5),
        (Op::I64Store, 40_000),
        (Op::LocalGet, 0),
        (Op::I32Const, 9),
        (Op::I32LtU, 0),
        (Op::ArbitraryJumpIf, 1),
        (Op::NewCoThread, 0),
        (Op::SwitchThread, 2),
        (Op::HaltAndSetFinished, 0),
        (Op::Unreachable, 0),
    ];
    let state = GlobalState { batch: 5, ..GlobalState::default() };
    Machine::from_modules([module(ModuleKind::Entrypoint, &entry), module(ModuleKind::Main, &main)], state)
}

#[test]
fn a_machine_goes_on_from_its_image() {
    let (host, mut machine) = (Answers::default(), machine());
    for step in 0.. {
        let image = machine.to_image();
        let mut other = Machine::from_image(&image, Limits::default()).expect("it was just written");
        assert_eq!(other.to_image(), image);
        assert_eq!((other.hash(), other.steps()), (machine.hash(), step));
        assert_eq!(other.run(&host, 1), machine.run(&host, 1));
        assert_eq!(other.hash(), machine.hash(), "{step}");
        if machine.is_halted() {
            break;
        }
    }
    assert_eq!((machine.status(), machine.steps()), (Status::Finished, 123));
}

#[test]
fn memory_is_limited() {
    let image = machine().to_image();
    let read = |memory| Machine::from_image(&image, Limits { memory }).map(|machine| machine.module_count());
    assert_eq!(read(131_072), Ok(2));
    assert_eq!(read(131_071), Err(ImageError::Memory(65_536)));
}

#[test]
fn every_cut_image_is_refused() {
    let image = machine().to_image();
    for length in 0..image.len() {
        assert!(Machine::from_image(&image[..length], Limits::default()).is_err(), "{length}");
    }
    let longer = [image.as_slice(), &[0]].concat();
    assert_eq!(Machine::from_image(&longer, Limits::default()).err(), Some(ImageError::Trailing(image.len())));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn a_changed_image_is_refused_or_runs(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        start in 0u64..123,
    ) {
        let (host, mut machine) = (Answers::default(), machine());
        machine.run(&host, start).expect("nothing is missing");
        let mut image = machine.to_image();
        for (index, byte) in changes {
            let index = index.index(image.len());
            image[index] = byte;
        }
        if let Ok(mut machine) = Machine::from_image(&image, Limits { memory: 1 << 24 }) {
            machine.hash();
            let _ = machine.prove(&host, &());
            let _ = machine.run(&host, 1000);
            machine.hash();
            let _ = machine.prove(&host, &());
        }
    }
}
