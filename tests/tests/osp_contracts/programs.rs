//! Machines to prove: those of the vectors, and those that go to boundaries the vectors leave out.

use super::vectors;
use alloy_primitives::{B256, Bytes, keccak256};
use std::{collections::BTreeMap, sync::Arc};
use wavm::{
    Answers, Code, Function, GlobalState, Instruction, Machine, Module, Op,
    binary::{MultiValue, WasmBinary},
    host::PreimageType,
    module::{LinkOptions, MemorySpec, ModuleKind, link},
    stylus::{ActivationParams, activate},
};

/// A certificate whose length and eight more bytes are a word, as the contract that judges it here wants.
const CERTIFICATE: [u8; 24] = *b"a certificate of 24 byte";
/// What it stands for.
const DATA: [u8; 70] = [7; 70];

/// A machine and what it is given.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) machine: Machine,
    pub(crate) answers: Answers,
    pub(crate) sequencer: BTreeMap<u64, Bytes>,
    pub(crate) delayed: BTreeMap<u64, Bytes>,
}

impl Case {
    fn new(name: &str, machine: Machine, answers: Answers) -> Self {
        Self { name: name.into(), machine, answers, sequencer: BTreeMap::new(), delayed: BTreeMap::new() }
    }

    /// The certificate with a hash. A second one is not valid.
    pub(crate) fn certificate(&self, hash: B256) -> &'static [u8] {
        if hash == keccak256(CERTIFICATE) { &CERTIFICATE } else { &[9; 24] }
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
    let cases: [fn() -> Case; 6] = [certificates, deep_frames, many_modules, nothing, bad_threads, bad_pointers];
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
    let (known, other) = (keccak256(CERTIFICATE), keccak256([9; 24]));
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

/// Calls itself until the limit of steps, with locals on every level.
fn deep_frames() -> Case {
    let wat = r#"(module
        (func $deeper (param i64 i32) (result i64) (local f64)
            (i64.add (call $deeper (i64.add (local.get 0) (i64.const 1)) (local.get 1)) (local.get 0)))
        (func (export "_start") (drop (call $deeper (i64.const 0) (i32.const 7)))))"#;
    Case::new("deep frames", machine(wat, &[]), Answers::default())
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
        name: name.into(),
        kind: ModuleKind::Main,
        types: Vec::new(),
        functions: vec![function],
        globals: Vec::new(),
        memory: MemorySpec { pages: 1, maximum: 1, data: Vec::new() },
        tables: Vec::new(),
        exports: BTreeMap::new(),
        start: None,
        internals_offset: 0,
        extra_hash: B256::ZERO,
        function_names: BTreeMap::new(),
    };
    Case::new(name, Machine::from_modules([module], GlobalState::default()), Answers::default())
}

/// Does nothing, then returns from the first frame, which has nowhere to return to.
fn nothing() -> Case {
    by_hand("nothing", &[(Op::Nop, 0), (Op::Nop, 0), (Op::Return, 0)])
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

/// Pointers behind the end and between leaves, each in a thread of its own so that the machine goes on.
fn bad_pointers() -> Case {
    let mut code = Vec::new();
    let pushed = [(Op::I64Const, 0), (Op::I32Const, 0)];
    for pointer in [33, 65_536, u64::from(u32::MAX) - 31] {
        let tried: [(Op, &[(Op, u64)]); 6] = [
            (Op::GetGlobalStateBytes32, &pushed[1..]),
            (Op::SetGlobalStateBytes32, &pushed[1..]),
            (Op::LinkModule, &[]),
            (Op::I64Load, &[]),
            (Op::I32Load8U, &[]),
            (Op::ReadInboxMessage, &pushed[..1]),
        ];
        for (op, below) in tried {
            code.extend([(Op::NewCoThread, 0)]);
            let after = below.len() as u64 + 3 + u64::from(op == Op::ReadInboxMessage);
            code.push((Op::SwitchThread, after));
            code.extend(below);
            code.push((Op::I32Const, pointer));
            if op == Op::ReadInboxMessage {
                code.push((Op::I32Const, 0));
            }
            code.push((op, u64::from(op == Op::ReadInboxMessage)));
            code.push((Op::PopCoThread, 0));
        }
    }
    code.push((Op::HaltAndSetFinished, 0));
    by_hand("bad pointers", &code)
}
