//! Machines to prove: those of the vectors, and those that go to boundaries the vectors leave out.

use super::vectors;
use alloy_primitives::{B256, Bytes, keccak256};
use std::{collections::BTreeMap, sync::Arc};
use wavm::{
    Answers, Code, Family, Function, GlobalState, Instruction, Machine, Module, Op,
    binary::{MultiValue, WasmBinary},
    host::PreimageType,
    module::{LinkOptions, MemorySpec, ModuleKind, link},
    stylus::{ActivationParams, activate},
};

/// A certificate whose length and eight more bytes are a word, as the contract that judges it here wants.
const CERTIFICATE: [u8; 24] = *b"a certificate of 24 byte";
/// One that is not valid.
const INVALID: [u8; 24] = [9; 24];
/// What the valid one stands for.
const DATA: [u8; 70] = [7; 70];

/// A machine and what it is given.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) machine: Machine,
    pub(crate) answers: Answers,
    pub(crate) sequencer: BTreeMap<u64, Bytes>,
    pub(crate) delayed: BTreeMap<u64, Bytes>,
    /// How many steps are proved at most.
    pub(crate) most_steps: u64,
}

impl Case {
    fn new(name: &str, machine: Machine, answers: Answers) -> Self {
        let (sequencer, delayed) = (BTreeMap::new(), BTreeMap::new());
        Self { name: name.into(), machine, answers, sequencer, delayed, most_steps: 260 }
    }

    /// The certificate with a hash.
    pub(crate) fn certificate(&self, hash: B256) -> &'static [u8] {
        if hash == keccak256(CERTIFICATE) { &CERTIFICATE } else { &INVALID }
    }

    /// What the provider shows: the data at an offset, or whether the certificate is valid.
    pub(crate) fn shown(&self, hash: B256, offset: Option<u64>) -> Vec<u8> {
        match offset {
            Some(offset) => DATA[usize::try_from(offset).expect("small")..].iter().take(32).copied().collect(),
            None => vec![u8::from(hash == keccak256(CERTIFICATE))],
        }
    }
}

/// Machines of the vectors, but those whose certificates nobody has, and those with a step that has no proof.
pub(crate) fn from_vectors() -> impl Iterator<Item = Case> {
    let left_out = ["preimage-da-certificate", "validate-certificate", "stylus-cothread-table-v2"];
    vectors::machines().filter(move |vector| !left_out.contains(&vectors::text(&vector["name"]))).map(|vector| {
        let mut case = Case::new(vectors::text(&vector["name"]), vectors::build(&vector), vectors::answers(&vector));
        for message in vectors::list(&vector, "inbox") {
            let inbox = match vectors::text(&message["kind"]) {
                "sequencer" => &mut case.sequencer,
                _ => &mut case.delayed,
            };
            inbox.insert(vectors::number(&message["index"]), vectors::bytes(&message["data"]).into());
        }
        case
    })
}

/// Machines that go where those of the vectors do not.
pub(crate) fn at_boundaries() -> impl Iterator<Item = Case> {
    let cases: [fn() -> Case; 10] = [
        certificates,
        deep_frames,
        many_modules,
        nothing,
        no_caller,
        bad_threads,
        bad_pointers,
        bad_indexes,
        memory_ends,
        numbers,
    ];
    cases.into_iter().map(|case| case())
}

/// A main module with the host functions, and its machine.
fn machine(wat: &str, libraries: &[Vec<u8>]) -> Machine {
    let main = wat::parse_str(wat).expect("text of a module");
    let parse = |bytes| WasmBinary::parse(bytes, "", MultiValue::On).expect("it is valid");
    let libraries: Vec<_> = libraries.iter().map(|bytes| parse(bytes)).collect();
    let options = LinkOptions { language_support: true, host_api_from_main: true, debug_functions: false };
    Machine::from_modules(link(&libraries, &parse(&main), options).expect("it can be linked"), GlobalState::default())
}

/// Bytes as a string of a data segment.
fn data(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("\\{byte:02x}")).collect()
}

/// Reads what a certificate stands for, and validates certificates of all types, one of them not valid.
fn certificates() -> Case {
    let (known, other) = (keccak256(CERTIFICATE), keccak256(INVALID));
    let wat = format!(
        r#"(module
            (import "env" "wavm_validate_certificate" (func $validate (param i32 i32) (result i32)))
            (import "env" "wavm_read_dacertificate_preimage" (func $read (param i32 i32) (result i32)))
            (memory 1 1)
            (data (i32.const 0) "{0}{1}{0}{0}{0}")
            (func (export "_start") (local $type i32)
                (drop (call $validate (i32.const 32) (i32.const 3)))
                (drop (call $read (i32.const 64) (i32.const 0)))
                (drop (call $read (i32.const 96) (i32.const 32)))
                (drop (call $read (i32.const 128) (i32.const 64)))
                (loop $each
                    (drop (call $validate (i32.const 0) (local.get $type)))
                    (local.set $type (i32.add (local.get $type) (i32.const 1)))
                    (br_if $each (i32.lt_u (local.get $type) (i32.const 6))))
                (drop (call $validate (i32.const 65536) (i32.const 1)))))"#,
        data(known.as_slice()),
        data(other.as_slice())
    );
    let mut answers = Answers::default();
    answers.add_preimage(PreimageType::DaCertificate, known, DATA.to_vec());
    Case::new("certificates", machine(&wat, &[]), answers)
}

/// Calls itself without end, with locals on every level; proved where a hundred thousand frames are open.
fn deep_frames() -> Case {
    let wat = r#"(module
        (func $deeper (param i64 i32) (result i64) (local f64)
            (i64.add (call $deeper (i64.add (local.get 0) (i64.const 1)) (local.get 1)) (local.get 0)))
        (func (export "_start") (drop (call $deeper (i64.const 0) (i32.const 7)))))"#;
    let mut case = Case::new("deep frames", machine(wat, &[]), Answers::default());
    case.machine.run(&Answers::default(), 1_300_000).expect("nothing is missing");
    case
}

/// Links seven programs and unlinks them, so that the tree of modules grows and shrinks over two powers of two, and runs the last.
fn many_modules() -> Case {
    let vector = vectors::machines()
        .find(|vector| vectors::text(&vector["name"]) == "stylus-cothread-plain-v2")
        .expect("a machine with a library for programs");
    let library = vectors::list(&vector, "libraries").map(vectors::wasm).collect::<Vec<_>>();
    let program = wat::parse_str(
        r#"(module (memory (export "memory") 1 1) (global $calls (mut i32) (i32.const 0))
            (func (export "user_entrypoint") (param i32) (result i32)
                (global.set $calls (i32.add (global.get $calls) (local.get 0))) (global.get $calls)))"#,
    );
    let params =
        ActivationParams { code_hash: B256::ZERO, stylus_version: 2, arbos_version: 0, page_limit: 128, debug: false };
    let program = activate(&program.expect("text of a module"), &params, &mut u64::MAX.clone()).expect("a program");
    let wat = format!(
        r#"(module
            (import "hostio" "wavm_link_module" (func $link (param i32) (result i32)))
            (import "hostio" "wavm_unlink_module" (func $unlink))
            (import "hostio" "program_set_ink" (func $set_ink (param i32 i64)))
            (import "hostio" "program_set_stack" (func $set_stack (param i32 i32)))
            (import "hostio" "program_call_main" (func $call (param i32 i32) (result i32)))
            (memory 1 1)
            (data (i32.const 64) "{}")
            (func (export "_start") (local $m i32) (local $i i32)
                (loop $more
                    (local.set $m (call $link (i32.const 64)))
                    (local.set $i (i32.add (local.get $i) (i32.const 1)))
                    (br_if $more (i32.lt_u (local.get $i) (i32.const 7))))
                (call $set_ink (local.get $m) (i64.const 100000))
                (call $set_stack (local.get $m) (i32.const 500))
                (drop (call $call (local.get $m) (i32.const 5)))
                (loop $less
                    (call $unlink)
                    (local.set $i (i32.sub (local.get $i) (i32.const 1)))
                    (br_if $less (local.get $i)))))"#,
        data(program.module_hash.as_slice())
    );
    let mut answers = Answers::default();
    answers.add_program(Arc::new(Code::new(program.module)));
    Case::new("many modules", machine(&wat, &library), answers)
}

/// A machine of one function with this code after its `InitFrame`, and a page of memory.
fn by_hand(name: &str, code: &[(Op, u64)]) -> Case {
    let code = [(Op::InitFrame, 0)].iter().chain(code).map(|(op, argument)| Instruction::new(*op, *argument)).collect();
    let function = Function { ty: Default::default(), locals: Default::default(), code };
    let module = Module {
        functions: vec![function],
        memory: MemorySpec { pages: 1, maximum: 1, data: Vec::new() },
        ..Module::empty(name.into(), ModuleKind::Main)
    };
    let machine = Machine::from_modules([module], GlobalState::default());
    Case { most_steps: 3000, ..Case::new(name, machine, Answers::default()) }
}

/// Does nothing, then returns from the first frame, which has nowhere to return to.
fn nothing() -> Case {
    by_hand("nothing", &[(Op::Nop, 0), (Op::Nop, 0), (Op::Return, 0)])
}

/// Calls an internal function of its caller, who has none.
fn no_caller() -> Case {
    by_hand("no caller", &[(Op::CallerModuleInternalCall, 0)])
}

/// A thread may not make, remove or enter threads; an error in it leads back.
fn bad_threads() -> Case {
    let code = [
        (Op::NewCoThread, 0),
        (Op::NewCoThread, 0),
        (Op::NewCoThread, 0),
        (Op::SwitchThread, 2),
        (Op::NewCoThread, 0),
        (Op::SwitchThread, 2),
        (Op::PopCoThread, 0),
        (Op::SwitchThread, 3),
        (Op::I32Const, 9),
        (Op::SwitchThread, 1),
        (Op::I32Const, 8),
        (Op::SwitchThread, 2),
        (Op::SwitchThread, 0),
        (Op::PopCoThread, 0),
        (Op::PopCoThread, 0),
        (Op::PopCoThread, 0),
        (Op::PopCoThread, 0),
    ];
    by_hand("bad threads", &code)
}

/// Code in a thread of its own, so that the machine goes on if it traps. If it does not, the thread's end is a trap.
fn tried(code: &[(Op, u64)]) -> Vec<(Op, u64)> {
    let to_the_end = code.len() as u64 + 1;
    [&[(Op::NewCoThread, 0), (Op::SwitchThread, to_the_end)], code, &[(Op::PopCoThread, 0)]].concat()
}

/// Pointers behind the end and between leaves.
fn bad_pointers() -> Case {
    let mut code = Vec::new();
    for pointer in [33, 65_536, u64::from(u32::MAX) - 31] {
        let (pointer, zero, message) = ((Op::I32Const, pointer), (Op::I32Const, 0), (Op::I64Const, 0));
        code.extend(tried(&[zero, pointer, (Op::GetGlobalStateBytes32, 0)]));
        code.extend(tried(&[zero, pointer, (Op::SetGlobalStateBytes32, 0)]));
        code.extend(tried(&[pointer, (Op::LinkModule, 0)]));
        code.extend(tried(&[message, pointer, zero, (Op::ReadInboxMessage, 1)]));
        code.extend(tried(&[pointer, (Op::I32Const, 32), (Op::ReadPreImage, 0)]));
        code.extend(tried(&[pointer, zero, (Op::ValidateCertificate, 0)]));
    }
    code.push((Op::HaltAndSetFinished, 0));
    by_hand("bad pointers", &code)
}

/// Parts of the global state that are not there.
fn bad_indexes() -> Case {
    let mut code = Vec::new();
    for index in [0, 1, 2, u64::from(u32::MAX)] {
        let (index, zero) = ((Op::I32Const, index), (Op::I32Const, 0));
        code.extend(tried(&[index, zero, (Op::GetGlobalStateBytes32, 0)]));
        code.extend(tried(&[index, zero, (Op::SetGlobalStateBytes32, 0)]));
        code.extend(tried(&[index, (Op::GetGlobalStateU64, 0)]));
        code.extend(tried(&[index, (Op::I64Const, u64::MAX), (Op::SetGlobalStateU64, 0)]));
    }
    code.push((Op::HaltAndSetFinished, 0));
    by_hand("bad indexes", &code)
}

/// Every load and store across a border of leaves, at the last address there is and at the first that is too high.
fn memory_ends() -> Case {
    let accesses = Op::ALL.iter().filter(|op| op.name().contains("Load") || op.name().contains("Store"));
    let mut code = Vec::new();
    for op in accesses {
        let size = match op.name().trim_end_matches(['S', 'U']) {
            name if name.ends_with("Load32") || name.ends_with("Store32") => 4,
            name if name.ends_with("16") => 2,
            name if name.ends_with('8') => 1,
            name if name.contains("64") => 8,
            _ => 4,
        };
        let value = match &op.name()[..3] {
            "I32" => Op::I32Const,
            "I64" => Op::I64Const,
            "F32" => Op::F32Const,
            _ => Op::F64Const,
        };
        let value = op.name().contains("Store").then_some((value, 0x8182_8384));
        for (address, offset) in [(31, 0), (65_536 - size, 0), (65_537 - size, 0), (0, 65_537 - size), (0xffff_ffff, 1)]
        {
            let access = [Some((Op::I32Const, address)), value, Some((*op, offset))];
            code.extend(tried(&access.into_iter().flatten().collect::<Vec<_>>()));
        }
    }
    code.push((Op::HaltAndSetFinished, 0));
    by_hand("memory ends", &code)
}

/// Every numeric instruction with numbers at the ends of their range. Where it traps, the machine goes on.
fn numbers() -> Case {
    let mut code = Vec::new();
    for op in Op::ALL.iter().filter(|op| op.family() == Family::Numeric) {
        let (name, from) = (op.name(), op.name()[3..].find(['I', 'F']));
        let (constant, lowest) = match &name[from.map_or(0, |at| at + 3)..][..3] {
            "I32" => (Op::I32Const, 1 << 31),
            "F32" => (Op::F32Const, 1 << 31),
            "I64" => (Op::I64Const, 1 << 63),
            _ => (Op::F64Const, 1 << 63),
        };
        let highest = lowest | (lowest - 1);
        for (left, right) in [(lowest, highest), (highest, 0), (lowest - 7, 3), (3, lowest - 7)] {
            let operands = [(constant, left), (constant, right), (*op, 0)];
            code.extend(tried(if is_unary(name) { &operands[1..] } else { &operands }));
        }
    }
    code.push((Op::HaltAndSetFinished, 0));
    by_hand("numbers", &code)
}

fn is_unary(name: &str) -> bool {
    ["Eqz", "Clz", "Ctz", "Popcnt", "Wrap", "Extend", "Reinterpret"].iter().any(|unary| name.contains(unary))
}
