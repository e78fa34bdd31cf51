//! The machine against another engine: generated modules without floats give the same results, traps, memory and globals.

use super::{
    budget::try_all,
    calls::{Call, Caller, Outcome, getter},
    generate::{self, Kind},
};
use proptest::prelude::*;
use std::cell::Cell;
use wasmi::{Engine, Extern, Instance, Linker, Store, TrapCode, Val};
use wasmparser::ExternalKind;
use wavm::{
    Answers, Rule, Status, Value, ValueType,
    binary::{MultiValue, WasmBinary},
    module::{LinkOptions, link},
};

/// Index of the generated module in its machine.
const MAIN: u32 = 1;
/// No call may take more steps.
const MOST_STEPS: u64 = 50_000_000;
/// Nested calls that the engine allows, more than the module has fuel for.
const MOST_NESTED: usize = 10_000;

/// What a module does: whether its start function traps, what its calls give, what it leaves.
#[derive(Debug, PartialEq, Eq)]
enum Behaviour {
    NoStart,
    Ran { outcomes: Vec<Outcome>, memory: Vec<u8> },
}

/// The calls of a module's exports, by name, with arguments made from `seed`.
fn plan(binary: &WasmBinary<'_>, seed: u64) -> Vec<(String, Vec<Value>)> {
    let mut state = seed | 1;
    let mut next = || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        let bits = state.rotate_left(32);
        match state >> 61 {
            0 => 0,
            1 => u64::MAX,
            2 => 1 << 63 | 1 << 31,
            3 | 4 => bits % 300,
            _ => bits,
        }
    };
    let functions = binary.exports.keys().filter_map(|name| Some((name, binary.exported_function(name)?)));
    let call = |(name, func): (&String, u32)| {
        let inputs = &binary.function_type(func).expect("it is exported").inputs;
        let arguments = inputs.iter().map(|ty| match ty {
            ValueType::I32 => Value::I32(u32::try_from(next() & 0xffff_ffff).expect("a half")),
            _ => Value::I64(next()),
        });
        (name.clone(), arguments.collect())
    };
    functions.map(call).collect()
}

/// Exported globals, by name.
fn globals(binary: &WasmBinary<'_>) -> Vec<(String, u32)> {
    let globals = binary.exports.iter().filter(|(_, export)| export.kind == ExternalKind::Global);
    globals.map(|(name, export)| (name.clone(), export.index)).collect()
}

/// Runs a module on the machine. Segments that do not fit keep it from being built.
fn on_machine(binary: &WasmBinary<'_>, plan: &[(String, Vec<Value>)]) -> Behaviour {
    let mut modules = match link(&[], binary, LinkOptions::default()) {
        Ok(modules) => modules,
        Err(error) if error.rule == Rule::Build => return Behaviour::NoStart,
        Err(error) => panic!("{error}"),
    };
    let main = &mut modules[MAIN as usize];
    let call = |func, arguments| Call { module: MAIN, func, arguments };
    let mut calls: Vec<_> = plan.iter().map(|(name, arguments)| call(main.exports[name], arguments.clone())).collect();
    calls.extend(globals(binary).into_iter().map(|(_, global)| call(getter(main, global), Vec::new())));
    let mut caller = Caller::new(modules, &calls);
    let outcomes = caller.run(&Answers::default(), MOST_STEPS).expect("checked code is well-formed");
    match caller.machine.status() {
        Status::Finished => {
            let memory = caller.machine.memory(MAIN).expect("it is there").to_vec();
            Behaviour::Ran { outcomes, memory }
        }
        Status::Errored => Behaviour::NoStart,
        other => panic!("the machine is {other:?} after {} steps", caller.machine.steps()),
    }
}

/// Runs a module on the other engine; none if it ran out of what the machine has no limit for.
fn on_engine(wasm: &[u8], binary: &WasmBinary<'_>, plan: &[(String, Vec<Value>)]) -> Option<Behaviour> {
    let mut config = wasmi::Config::default();
    config.set_max_recursion_depth(MOST_NESTED).set_max_stack_height(1 << 26);
    let engine = Engine::new(&config);
    let module = wasmi::Module::new(&engine, wasm).expect("it is valid");
    let mut store = Store::new(&engine, ());
    let instance = match Linker::new(&engine).instantiate_and_start(&mut store, &module) {
        Ok(instance) => instance,
        Err(error) if is_overflow(&error) => return None,
        Err(_) => return Some(Behaviour::NoStart),
    };
    let mut outcomes = Vec::new();
    for (name, arguments) in plan {
        outcomes.push(call(&mut store, instance, name, arguments)?);
    }
    for (name, _) in globals(binary) {
        let global = instance.get_global(&store, &name).expect("it is exported");
        outcomes.push(Some(vec![value(&global.get(&store))]));
    }
    let memory = instance.exports(&store).find_map(|export| export.into_extern().into_memory());
    let memory = memory.map(|memory| memory.data(&store).to_vec()).unwrap_or_default();
    Some(Behaviour::Ran { outcomes, memory })
}

fn call(store: &mut Store<()>, instance: Instance, name: &str, arguments: &[Value]) -> Option<Outcome> {
    let function = instance.get_export(&*store, name).and_then(Extern::into_func).expect("it is exported");
    let argument = |value: &Value| match value {
        Value::I32(bits) => Val::I32(bits.cast_signed()),
        Value::I64(bits) => Val::I64(bits.cast_signed()),
        other => panic!("a module without floats takes no {other:?}"),
    };
    let arguments: Vec<_> = arguments.iter().map(argument).collect();
    let mut results: Vec<_> = function.ty(&*store).results().iter().map(|ty| Val::default_for_ty(*ty)).collect();
    match function.call(&mut *store, &arguments, &mut results) {
        Ok(()) => Some(Some(results.iter().map(value).collect())),
        Err(error) if is_overflow(&error) => None,
        Err(_) => Some(None),
    }
}

fn is_overflow(error: &wasmi::Error) -> bool {
    error.as_trap_code() == Some(TrapCode::StackOverflow)
}

fn value(value: &Val) -> Value {
    match value {
        Val::I32(number) => Value::I32(number.cast_unsigned()),
        Val::I64(number) => Value::I64(number.cast_unsigned()),
        other => panic!("a module without floats has no {other:?}"),
    }
}

#[test]
fn both_engines_do_the_same() {
    let (compared, returned) = (Cell::new(0u64), Cell::new(0u64));
    let input = proptest::collection::vec(any::<u8>(), 500..6000);
    try_all(1000, (input, any::<u64>()), |(bytes, seed)| {
        let Some(wasm) = generate::module(&bytes, &Kind::Closed) else { return Ok(()) };
        let Ok(binary) = WasmBinary::parse(&wasm, "main", MultiValue::On) else { return Ok(()) };
        let plan = plan(&binary, seed);
        let Some(engine) = on_engine(&wasm, &binary, &plan) else { return Ok(()) };
        let machine = on_machine(&binary, &plan);
        if let Behaviour::Ran { outcomes, .. } = &machine {
            compared.set(compared.get() + outcomes.len() as u64);
            returned.set(returned.get() + outcomes.iter().flatten().count() as u64);
        }
        prop_assert_eq!(machine, engine);
        Ok(())
    });
    println!("{} calls, of which {} returned", compared.get(), returned.get());
    assert!(compared.get() > 1000 && returned.get() > 500);
}
