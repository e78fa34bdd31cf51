//! Calls functions of a machine one after another, each in a thread of its own, so that one that traps does not end the machine.
//!
//! The calls are code of module 0. Results are left in the memory of module 0, which no other module can see.

use wavm::{
    Function, FunctionType, GlobalState, Host, Instruction, Machine, MachineError, Module, Op, Value, ValueType,
    module::{LocalTypes, MemorySpec},
};

/// Bytes that a call leaves: whether it returned, then its results.
const RECORD: u64 = 1 + MOST_RESULTS * 8;
/// Most results of a call.
const MOST_RESULTS: u64 = 24;

/// A call of a function with arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// Index of the module.
    pub(crate) module: u32,
    /// Index of the function.
    pub(crate) func: u32,
    pub(crate) arguments: Vec<Value>,
}

/// What a call gave: its results, or none if it trapped.
pub(crate) type Outcome = Option<Vec<Value>>;

/// A machine that makes calls, after the start functions of its modules.
pub(crate) struct Caller {
    pub(crate) machine: Machine,
    results: Vec<Vec<ValueType>>,
}

impl Caller {
    /// The first module is the entrypoint that `link` makes without a main function.
    pub(crate) fn new(mut modules: Vec<Module>, calls: &[Call]) -> Self {
        let results = calls.iter().map(|call| function(&modules, call).ty.outputs.clone()).collect::<Vec<_>>();
        let entrypoint = &mut modules[0];
        let code = &mut entrypoint.functions[0].code;
        assert_eq!(code.pop(), Some(Op::Return.into()), "the entrypoint returns");
        for (index, (call, results)) in calls.iter().zip(&results).enumerate() {
            code.extend(code_of(call, results, index as u64 * RECORD));
        }
        code.push(Op::HaltAndSetFinished.into());
        let pages = (calls.len() as u64 * RECORD).div_ceil(MemorySpec::PAGE);
        let pages = u32::try_from(pages).expect("a test has few calls");
        entrypoint.memory = MemorySpec { pages, maximum: pages, data: Vec::new() };
        Self { machine: Machine::from_modules(modules, GlobalState::default()), results }
    }

    /// Runs up to a step. What the calls gave, if all were made by then; the machine is halted if a start function trapped.
    pub(crate) fn run(&mut self, host: &(impl Host + ?Sized), steps: u64) -> Result<Vec<Outcome>, MachineError> {
        self.machine.run_to(host, steps)?;
        let memory = self.machine.memory(0).expect("the entrypoint");
        let records = memory.chunks(usize::try_from(RECORD).expect("small"));
        Ok(self.results.iter().zip(records).map(|(types, record)| outcome(types, record)).collect())
    }
}

/// A new function of a module, which returns a global.
pub(crate) fn getter(module: &mut Module, global: u32) -> u32 {
    let ty = FunctionType::new(&[], &[module.globals[global as usize].ty()]);
    let code = vec![Op::InitFrame.into(), Instruction::new(Op::GlobalGet, global.into()), Op::Return.into()];
    module.functions.push(Function { ty, locals: LocalTypes::none(), code });
    u32::try_from(module.functions.len() - 1).expect("few functions")
}

fn function<'a>(modules: &'a [Module], call: &Call) -> &'a Function {
    &modules[call.module as usize].functions[call.func as usize]
}

/// A call in a new thread, which is removed however the call ends.
fn code_of(call: &Call, results: &[ValueType], record: u64) -> Vec<Instruction> {
    let mut code: Vec<_> = call.arguments.iter().map(|value| constant(*value)).collect();
    code.push(Instruction::new(Op::CrossModuleCall, Instruction::pack(call.module, call.func)));
    for (index, ty) in results.iter().enumerate().rev() {
        code.extend(store(*ty, record + 1 + 8 * index as u64));
    }
    code.push(Instruction::new(Op::I32Const, record));
    code.push(Instruction::new(Op::I32Const, 1));
    code.push(Op::I32Store8.into());
    code.push(Instruction::new(Op::SwitchThread, 0));
    let to_the_end = code.len() as u64 + 1;
    let mut whole = vec![Op::NewCoThread.into(), Instruction::new(Op::SwitchThread, to_the_end)];
    whole.append(&mut code);
    whole.push(Op::PopCoThread.into());
    whole
}

/// Stores the value on top of the stack.
fn store(ty: ValueType, address: u64) -> [Instruction; 4] {
    let store = match ty {
        ValueType::I32 => Op::I32Store,
        ValueType::I64 => Op::I64Store,
        ValueType::F32 => Op::F32Store,
        ValueType::F64 => Op::F64Store,
        other => panic!("wasm has no values of type {other:?}"),
    };
    let address = Instruction::new(Op::I32Const, address);
    [Op::MoveFromStackToInternal.into(), address, Op::MoveFromInternalToStack.into(), store.into()]
}

fn constant(value: Value) -> Instruction {
    match value {
        Value::I32(bits) => Instruction::new(Op::I32Const, bits.into()),
        Value::I64(bits) => Instruction::new(Op::I64Const, bits),
        Value::F32(bits) => Instruction::new(Op::F32Const, bits.into()),
        Value::F64(bits) => Instruction::new(Op::F64Const, bits),
        other => panic!("wasm has no value {other:?}"),
    }
}

fn outcome(types: &[ValueType], record: &[u8]) -> Outcome {
    let (returned, results) = record.split_first().expect("a record is not empty");
    let value = |(index, ty): (usize, &ValueType)| {
        let word: [u8; 8] = results[8 * index..8 * index + 8].try_into().expect("eight bytes");
        let [a, b, c, d, ..] = word;
        let (bits, half) = (u64::from_le_bytes(word), u32::from_le_bytes([a, b, c, d]));
        match ty {
            ValueType::I32 => Value::I32(half),
            ValueType::F32 => Value::F32(half),
            ValueType::F64 => Value::F64(bits),
            _ => Value::I64(bits),
        }
    };
    (*returned == 1).then(|| types.iter().enumerate().map(value).collect())
}
