//! Host functions that the machine itself has (`spec/wavm.md` 5.4).
//!
//! Each is a small function around an instruction that only the machine knows.

use super::{Function, lower::prologue};
use crate::{
    op::{Instruction, Op},
    value::{
        FunctionType,
        ValueType::{self, F32, F64, I32, I64},
    },
};

/// Who may import a built-in host function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Allowed {
    /// Libraries, and main modules that may use the host.
    Host,
    /// Anyone, on chains for debugging.
    Debug,
}

/// A built-in host function as it is written here.
struct Builtin {
    module: &'static str,
    name: &'static str,
    inputs: &'static [ValueType],
    outputs: &'static [ValueType],
    body: &'static [Instruction],
}

/// The built-in function of this name and who may import it.
pub(super) fn builtin(module: &str, name: &str) -> Option<(Function, Allowed)> {
    let found = BUILTINS.iter().find(|builtin| builtin.module == module && builtin.name == name)?;
    let ty = FunctionType::new(found.inputs, found.outputs);
    let mut code = prologue(&ty);
    code.extend_from_slice(found.body);
    code.push(Op::Return.into());
    let allowed = if module == "console" { Allowed::Debug } else { Allowed::Host };
    Some((Function { locals: ty.inputs.iter().copied().collect(), ty, code }, allowed))
}

const fn host(
    module: &'static str,
    name: &'static str,
    inputs: &'static [ValueType],
    outputs: &'static [ValueType],
    body: &'static [Instruction],
) -> Builtin {
    Builtin { module, name, inputs, outputs, body }
}

const fn local(index: u64) -> Instruction {
    Instruction::new(Op::LocalGet, index)
}

const fn of_caller(internal: u64) -> Instruction {
    Instruction::new(Op::CallerModuleInternalCall, internal)
}

const fn of_program(internal: u64) -> Instruction {
    Instruction::new(Op::CrossModuleInternalCall, internal)
}

const fn switch(argument: u64) -> Instruction {
    Instruction::new(Op::SwitchThread, argument)
}

const fn op(op: Op) -> Instruction {
    Instruction::simple(op)
}

const fn with(op: Op, argument: u64) -> Instruction {
    Instruction::new(op, argument)
}

const HIDE: Instruction = op(Op::MoveFromStackToInternal);
const SHOW: Instruction = op(Op::MoveFromInternalToStack);
const RETURN: Instruction = op(Op::Return);

/// What a call into a program answers if the program's thread failed.
const FAILED: Instruction = with(Op::I32Const, 2);

const BUILTINS: &[Builtin] = &[
    host("env", "wavm_caller_load8", &[I32], &[I32], &[local(0), of_caller(0)]),
    host("env", "wavm_caller_load32", &[I32], &[I32], &[local(0), of_caller(1)]),
    host("env", "wavm_caller_store8", &[I32, I32], &[], &[local(0), local(1), of_caller(2)]),
    host("env", "wavm_caller_store32", &[I32, I32], &[], &[local(0), local(1), of_caller(3)]),
    host("env", "wavm_get_globalstate_bytes32", &[I32, I32], &[], &[local(0), local(1), op(Op::GetGlobalStateBytes32)]),
    host("env", "wavm_set_globalstate_bytes32", &[I32, I32], &[], &[local(0), local(1), op(Op::SetGlobalStateBytes32)]),
    host("env", "wavm_get_globalstate_u64", &[I32], &[I64], &[local(0), op(Op::GetGlobalStateU64)]),
    host("env", "wavm_set_globalstate_u64", &[I32, I64], &[], &[local(0), local(1), op(Op::SetGlobalStateU64)]),
    host("env", "wavm_validate_certificate", &[I32, I32], &[I32], &[local(0), local(1), op(Op::ValidateCertificate)]),
    host("env", "wavm_read_keccak_256_preimage", &[I32, I32], &[I32], &[local(0), local(1), with(Op::ReadPreImage, 0)]),
    host("env", "wavm_read_sha2_256_preimage", &[I32, I32], &[I32], &[local(0), local(1), with(Op::ReadPreImage, 1)]),
    host(
        "env",
        "wavm_read_eth_versioned_hash_preimage",
        &[I32, I32],
        &[I32],
        &[local(0), local(1), with(Op::ReadPreImage, 2)],
    ),
    host(
        "env",
        "wavm_read_dacertificate_preimage",
        &[I32, I32],
        &[I32],
        &[local(0), local(1), with(Op::ReadPreImage, 3)],
    ),
    host(
        "env",
        "wavm_read_inbox_message",
        &[I64, I32, I32],
        &[I32],
        &[local(0), local(1), local(2), with(Op::ReadInboxMessage, 0)],
    ),
    host(
        "env",
        "wavm_read_delayed_inbox_message",
        &[I64, I32, I32],
        &[I32],
        &[local(0), local(1), local(2), with(Op::ReadInboxMessage, 1)],
    ),
    host("env", "wavm_halt_and_set_finished", &[], &[], &[op(Op::HaltAndSetFinished)]),
    host("hostio", "wavm_link_module", &[I32], &[I32], &[local(0), op(Op::LinkModule), op(Op::NewCoThread)]),
    host("hostio", "wavm_unlink_module", &[], &[], &[op(Op::UnlinkModule), op(Op::PopCoThread)]),
    host("hostio", "program_ink_left", &[I32], &[I64], &[local(0), of_program(6)]),
    host("hostio", "program_ink_status", &[I32], &[I32], &[local(0), of_program(7)]),
    host("hostio", "program_set_ink", &[I32, I64], &[], &[local(1), with(Op::I32Const, 0), local(0), of_program(8)]),
    host("hostio", "program_stack_left", &[I32], &[I32], &[local(0), of_program(9)]),
    host("hostio", "program_set_stack", &[I32, I32], &[], &[local(1), local(0), of_program(10)]),
    host("hostio", "program_memory_size", &[I32], &[I32], &[local(0), of_program(11)]),
    // The thread of the program goes on behind the first switch, the main thread behind the second or at the answer for failure.
    host(
        "hostio",
        "program_call_main",
        &[I32, I32],
        &[I32],
        &[local(1), local(0), HIDE, HIDE, switch(8), SHOW, SHOW, of_program(12), HIDE, switch(0), SHOW, RETURN, FAILED],
    ),
    host("hostio", "program_request", &[I32], &[I32], &[local(0), HIDE, switch(0), SHOW]),
    host("hostio", "program_continue", &[I32], &[I32], &[local(0), HIDE, switch(3), SHOW, RETURN, FAILED]),
    host("hostio", "user_ink_left", &[], &[I64], &[of_caller(6)]),
    host("hostio", "user_ink_status", &[], &[I32], &[of_caller(7)]),
    host("hostio", "user_set_ink", &[I64, I32], &[], &[local(0), local(1), of_caller(8)]),
    host("console", "log_txt", &[I32, I32], &[], &[]),
    host("console", "log_i32", &[I32], &[], &[]),
    host("console", "log_i64", &[I64], &[], &[]),
    host("console", "log_f32", &[F32], &[], &[]),
    host("console", "log_f64", &[F64], &[], &[]),
    host("console", "tee_i32", &[I32], &[I32], &[local(0)]),
    host("console", "tee_i64", &[I64], &[I64], &[local(0)]),
    host("console", "tee_f32", &[F32], &[F32], &[local(0)]),
    host("console", "tee_f64", &[F64], &[F64], &[local(0)]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct() {
        for (index, one) in BUILTINS.iter().enumerate() {
            assert!(BUILTINS[..index].iter().all(|other| (other.module, other.name) != (one.module, one.name)));
        }
    }

    #[test]
    fn recovery_skips_to_the_answer_for_failure() {
        for name in ["program_call_main", "program_continue"] {
            let (function, _) = builtin("hostio", name).expect("it is in the list");
            let (at, switch) =
                function.code.iter().enumerate().find(|(_, at)| at.op == Op::SwitchThread).expect("it switches");
            let recovery = at + usize::try_from(switch.argument).expect("small");
            assert_eq!(function.code[recovery], FAILED, "{name}");
        }
    }

    #[test]
    fn parameters_come_from_the_stack_in_reverse() {
        let (function, allowed) = builtin("env", "wavm_caller_store8").expect("it is in the list");
        let sets: Vec<_> = function.code[1..3].iter().map(|at| (at.op, at.argument)).collect();
        assert_eq!(sets, [(Op::LocalSet, 1), (Op::LocalSet, 0)]);
        assert_eq!((function.locals.len(), allowed), (2, Allowed::Host));
        assert_eq!(builtin("console", "tee_f64").map(|(_, allowed)| allowed), Some(Allowed::Debug));
        assert!(builtin("debug", "null_host").is_none());
    }

    use alloc::vec::Vec;
}
