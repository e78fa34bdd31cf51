//! Functions that every module has after its own (`spec/wavm.md` 5.4).
//!
//! Libraries reach into their callers through them, `memory.fill` and `memory.copy` become calls of them, and the host of a program
//! reads its meters. They are part of every module's hash, instruction by instruction.

use super::{Function, LocalTypes};
use crate::{
    op::{Instruction, Op},
    value::{FunctionType, ValueType},
};
use ValueType::{I32, I64};
use alloc::{vec, vec::Vec};

/// Which `memory.fill` a module has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FillForm {
    /// Kept: a value above 255 repeats a wrong pattern. Every module but programs of version 3 and later.
    Unmasked,
    /// Only the low byte of the value counts.
    Masked,
}

/// Globals and entry point of a program, which its last internal functions reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProgramGlobals {
    /// Index of the global that holds the ink left.
    pub ink_left: u32,
    /// Index of the global that tells whether ink ran out.
    pub ink_status: u32,
    /// Index of the global that holds the words of stack left.
    pub stack_left: u32,
    /// Index of the entry point.
    pub user_main: u32,
}

/// The internal functions of a module, in order.
pub(super) fn internals(fill: FillForm, program: Option<&ProgramGlobals>) -> Vec<Function> {
    let mut functions = vec![
        caller_access(Op::I32Load8U, &[I32], &[I32]),
        caller_access(Op::I32Load, &[I32], &[I32]),
        caller_access(Op::I32Store8, &[I32, I32], &[]),
        caller_access(Op::I32Store, &[I32, I32], &[]),
        bulk(fill_text(fill), [I32, I32, I32, I64]),
        bulk(MEMORY_COPY, [I32; 4]),
    ];
    if let Some(program) = program {
        functions.extend(program_internals(program));
    }
    functions
}

fn program_internals(program: &ProgramGlobals) -> [Function; 7] {
    let get = |global: u32| Instruction::new(Op::GlobalGet, u64::from(global));
    let set = |global: u32| Instruction::new(Op::GlobalSet, u64::from(global));
    let main = Instruction::new(Op::Call, u64::from(program.user_main));
    let is_zero = Instruction::simple(Op::I32Eqz);
    [
        bare(&[get(program.ink_left)], &[], &[I64]),
        bare(&[get(program.ink_status)], &[], &[I32]),
        bare(&[set(program.ink_status), set(program.ink_left)], &[I64, I32], &[]),
        bare(&[get(program.stack_left)], &[], &[I32]),
        bare(&[set(program.stack_left)], &[I32], &[]),
        bare(&[Op::MemorySize.into()], &[], &[I32]),
        bare(&[main, is_zero, is_zero], &[I32], &[I32]),
    ]
}

fn caller_access(op: Op, inputs: &[ValueType], outputs: &[ValueType]) -> Function {
    bare(&[op.into()], inputs, outputs)
}

/// A function that leaves its arguments on the stack.
pub(super) fn bare(body: &[Instruction], inputs: &[ValueType], outputs: &[ValueType]) -> Function {
    let mut code = vec![Instruction::simple(Op::InitFrame)];
    code.extend_from_slice(body);
    code.push(Op::Return.into());
    Function { ty: FunctionType::new(inputs, outputs), locals: LocalTypes::none(), code }
}

/// A function of three numbers whose code is given as text.
fn bulk(text: &str, locals: [ValueType; 4]) -> Function {
    let code = text.split_whitespace().map(instruction).collect();
    Function { ty: FunctionType::new(&[I32; 3], &[]), locals: locals.into_iter().collect(), code }
}

/// An instruction from its code in hex and, after a colon, its decimal argument.
fn instruction(text: &str) -> Instruction {
    let (code, argument) = text.split_once(':').unwrap_or((text, "0"));
    let op = u16::from_str_radix(code, 16).ok().and_then(Op::from_code).expect("the texts below name known codes");
    Instruction::new(op, argument.parse().expect("the texts below hold decimal numbers"))
}

const fn fill_text(form: FillForm) -> &'static str {
    match form {
        FillForm::Unmasked => MEMORY_FILL,
        FillForm::Masked => MEMORY_FILL_MASKED,
    }
}

const MEMORY_FILL: &str = "
    8002 21:2 21:1 21:0 20:0 ad 20:2 ad 7c 3f ad 42:65536 7e 56 45 8004:17 0 20:1 ad 8008 21:3 42:8 86 20:3 84 42:8 86 20:3
    84 42:8 86 20:3 84 42:8 86 20:3 84 42:8 86 20:3 84 42:8 86 20:3 84 42:8 86 20:3 84 21:3 20:2 41:8 49 8004:64 20:2 41:8
    6b 8008 21:2 20:0 6a 20:3 37 8003:50 20:2 45 45 8004:69 8003:79 20:2 41:1 6b 8008 21:2 20:0 6a 20:1 3a 8003:64 f";

const MEMORY_FILL_MASKED: &str = "
    8002 21:2 21:1 21:0 20:0 ad 20:2 ad 7c 3f ad 42:65536 7e 56 45 8004:17 0 20:1 41:255 71 ad 8008 21:3 42:8 86 20:3 84
    42:8 86 20:3 84 42:8 86 20:3 84 42:8 86 20:3 84 42:8 86 20:3 84 42:8 86 20:3 84 42:8 86 20:3 84 21:3 20:2 41:8 49
    8004:66 20:2 41:8 6b 8008 21:2 20:0 6a 20:3 37 8003:52 20:2 45 45 8004:71 8003:81 20:2 41:1 6b 8008 21:2 20:0 6a 20:1
    3a 8003:66 f";

const MEMORY_COPY: &str = "
    8002 21:2 21:1 21:0 20:1 20:0 4b 45 8004:63 20:1 ad 20:2 ad 7c 3f ad 42:65536 7e 56 45 8004:22 0 20:3 ad 42:8 7c 20:2
    ad 56 8004:43 20:3 20:0 6a 20:3 20:1 6a 29 37 20:3 41:8 6a 21:3 8003:22 20:3 20:2 46 45 8004:49 8003:111 20:3 20:0 6a
    20:3 20:1 6a 2d 3a 20:3 41:1 6a 21:3 8003:43 8003:111 20:0 ad 20:2 ad 7c 3f ad 42:65536 7e 56 45 8004:76 0 20:2 41:8
    49 8004:93 20:2 41:8 6b 8008 21:2 20:0 6a 20:2 20:1 6a 29 37 8003:76 20:2 45 45 8004:98 8003:111 20:2 41:1 6b 8008
    21:2 20:0 6a 20:2 20:1 6a 2d 3a 8003:93 f";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        merkle::{MerkleType, root_of},
        module::{MemorySpec, Module, ModuleKind},
    };
    use alloc::collections::BTreeMap;
    use alloy_primitives::{B256, b256};

    fn code_roots(fill: FillForm) -> Vec<B256> {
        let module = Module {
            name: "test".into(),
            kind: ModuleKind::Library,
            types: vec![],
            functions: internals(fill, None),
            globals: vec![],
            memory: MemorySpec::default(),
            tables: vec![],
            exports: BTreeMap::new(),
            start: None,
            internals_offset: 0,
            extra_hash: B256::ZERO,
            function_names: BTreeMap::new(),
        };
        module.all_chunk_hashes().into_iter().map(|chunks| root_of(MerkleType::Instruction, chunks)).collect()
    }

    #[test]
    fn bulk_functions_have_the_roots_of_the_specification() {
        let fill = b256!("c3c2f9485cd10a27ed2bf7ea565b61075044df487f17ccbbd92da4cf8a361efb");
        let copy = b256!("674cab9655082913e732896be2f33fdbb01278a50bdf4ee0dd345e2694ff0f2b");
        let masked_fill = b256!("b4e3b83ad19d5dbf57a0a0f5404b7bcecd6018b2263be231969c880d7396bbc1");
        assert_eq!(code_roots(FillForm::Unmasked)[4..], [fill, copy]);
        assert_eq!(code_roots(FillForm::Masked)[4..], [masked_fill, copy]);
    }

    #[test]
    fn programs_have_thirteen_internals() {
        let globals = ProgramGlobals { ink_left: 5, ink_status: 6, stack_left: 8, user_main: 2 };
        let functions = internals(FillForm::Unmasked, Some(&globals));
        assert_eq!(functions.len(), 13);
        let ops: Vec<_> = functions[8].code.iter().map(|at| (at.op, at.argument)).collect();
        assert_eq!(ops, [(Op::InitFrame, 0), (Op::GlobalSet, 6), (Op::GlobalSet, 5), (Op::Return, 0)]);
    }
}
