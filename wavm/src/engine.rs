//! Instrumented programs on wasmi.
//!
//! Every function of the host suspends the run: [`Instance::enter`] and [`Instance::resume`] come back with what was called, so a
//! program that calls a contract holds no frame of the native stack. Ink, depth and memory are limited by the code that was woven
//! into the program, not by the engine.

use crate::{
    error::{Rule, WasmError},
    stylus::{
        ENTRY_POINT,
        hostio::{self, HOSTIOS},
    },
};
use alloc::format;
use core::fmt;
use wasmi::{
    CompilationMode, Config, Engine, ExternType, Global, Linker, Memory, Module, ResumableCall, ResumableCallHostTrap,
    Store, Val, errors::HostError,
};

/// Deepest nesting of calls in a program. A call takes four words of its stack at least, and that has at most 262,144 of them
/// where owners left it alone; deeper ones run out of the engine's stack as they run out of their own.
const MAX_RECURSION: usize = 1 << 20;

/// Largest stack of values, in bytes.
const MAX_STACK: usize = 512 << 20;

/// A program that is ready to be run, any number of times.
#[derive(Debug, Clone)]
pub struct Compiled {
    module: Module,
    linker: Linker<Called>,
}

/// A function of the host, called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Called {
    /// Its place in [`HOSTIOS`].
    pub index: usize,
    /// Its arguments; 32-bit ones have no high bits.
    pub args: [u64; 6],
}

/// Why a run came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The entry point returned.
    Finished(u32),
    /// It waits for a function of the host.
    Host(Called),
    /// It trapped.
    Trap,
}

/// What a function of the host returns to the engine so that the run is suspended.
#[derive(Debug)]
struct Suspended;

impl fmt::Display for Suspended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("suspended")
    }
}

impl HostError for Suspended {}

fn failed(error: impl fmt::Display) -> WasmError {
    WasmError::new(Rule::Build, format!("the engine refuses the program: {error}"))
}

impl Compiled {
    /// Compiles the instrumented wasm of a program (see [`Program::wasm`](crate::stylus::Program::wasm)).
    ///
    /// # Errors
    /// The engine refuses it, which it does for no program that was activated.
    pub fn new(wasm: &[u8]) -> Result<Self, WasmError> {
        let mut config = Config::default();
        config.set_max_recursion_depth(MAX_RECURSION).set_max_stack_height(MAX_STACK);
        // Most calls run a small part of a program.
        config.compilation_mode(CompilationMode::LazyTranslation);
        let engine = Engine::new(&config);
        let module = Module::new(&engine, wasm).map_err(failed)?;
        let linker = linker(&engine, &module)?;
        Ok(Self { module, linker })
    }

    /// A fresh instance with ink and words of stack.
    ///
    /// # Errors
    /// It has segments out of range, or lacks what programs export; an activated program does not.
    pub fn instance(&self, ink: u64, stack: u32) -> Result<Instance, WasmError> {
        let mut store = Store::new(self.linker.engine(), Called::default());
        let instance = self.linker.instantiate_and_start(&mut store, &self.module).map_err(failed)?;
        let global = |store: &Store<Called>, name: &str| {
            instance.get_global(store, name).ok_or_else(|| failed(format!("it exports no {name}")))
        };
        let entry = instance.get_func(&store, ENTRY_POINT).ok_or_else(|| failed("it has no entry point"))?;
        let ink_left = global(&store, "stylus_ink_left")?;
        let ink_status = global(&store, "stylus_ink_status")?;
        let stack_left = global(&store, "stylus_stack_left")?;
        let memory = instance.get_memory(&store, "memory");
        let mut run =
            Instance { store, entry, memory, ink_left, ink_status, stack_left, suspended: None, entered_host: false };
        run.set(run.ink_left, Val::I64(ink.cast_signed()));
        run.set(run.stack_left, Val::I32(stack.cast_signed()));
        Ok(run)
    }
}

/// Functions of the host for what the program imports.
fn linker(engine: &Engine, module: &Module) -> Result<Linker<Called>, WasmError> {
    let mut linker = Linker::new(engine);
    // A program may import a function more than once.
    linker.allow_shadowing(true);
    for import in module.imports() {
        let ExternType::Func(ty) = import.ty() else { return Err(failed("it imports what is no function")) };
        let index = (import.module() == hostio::MODULE).then(|| hostio::index_of(import.name())).flatten();
        match index {
            Some(index) => linker.func_new(import.module(), import.name(), ty.clone(), move |mut caller, inputs, _| {
                let mut args = [0; 6];
                for (arg, input) in args.iter_mut().zip(inputs) {
                    *arg = bits(input);
                }
                *caller.data_mut() = Called { index, args };
                Err(wasmi::Error::host(Suspended))
            }),
            // Functions for debugging print their argument, and some give it back.
            None => linker.func_new(import.module(), import.name(), ty.clone(), |_, inputs, outputs| {
                for (output, input) in outputs.iter_mut().zip(inputs) {
                    *output = input.clone();
                }
                Ok(())
            }),
        }
        .map_err(failed)?;
    }
    Ok(linker)
}

const fn bits(value: &Val) -> u64 {
    match value {
        Val::I32(value) => value.cast_unsigned() as u64,
        Val::I64(value) => value.cast_unsigned(),
        _ => 0,
    }
}

/// A program that runs or waits.
#[derive(Debug)]
pub struct Instance {
    store: Store<Called>,
    entry: wasmi::Func,
    memory: Option<Memory>,
    ink_left: Global,
    ink_status: Global,
    stack_left: Global,
    suspended: Option<ResumableCallHostTrap>,
    /// The entry point is a function of the host, and waits.
    entered_host: bool,
}

impl Instance {
    /// Calls the entry point with the length of the calldata.
    pub fn enter(&mut self, calldata: u32) -> Stop {
        let mut outputs = [Val::I32(0)];
        let entered = self.entry.call_resumable(&mut self.store, &[Val::I32(calldata.cast_signed())], &mut outputs);
        self.stopped(entered, &outputs)
    }

    /// Returns from the function of the host that the program waits for.
    pub fn resume(&mut self, value: Option<u64>) -> Stop {
        #[expect(clippy::cast_possible_truncation, reason = "the entry point returns 32 bits")]
        if core::mem::take(&mut self.entered_host) {
            return Stop::Finished(value.unwrap_or_default() as u32);
        }
        let Some(suspended) = self.suspended.take() else { return Stop::Trap };
        let mut outputs = [Val::I32(0)];
        #[expect(clippy::cast_possible_truncation, reason = "the low half of a 32-bit result")]
        let results = value.map(|value| match HOSTIOS[self.store.data().index].outputs {
            [crate::ValueType::I64] => Val::I64(value.cast_signed()),
            _ => Val::I32((value as u32).cast_signed()),
        });
        let resumed = suspended.resume(&mut self.store, results.as_slice(), &mut outputs);
        self.stopped(resumed, &outputs)
    }

    fn stopped(&mut self, call: Result<ResumableCall, wasmi::Error>, outputs: &[Val; 1]) -> Stop {
        match call {
            #[expect(clippy::cast_possible_truncation, reason = "the entry point returns 32 bits")]
            Ok(ResumableCall::Finished) => Stop::Finished(bits(&outputs[0]) as u32),
            Ok(ResumableCall::HostTrap(suspended)) => {
                self.suspended = Some(suspended);
                Stop::Host(*self.store.data())
            }
            // A program may export a function of the host as its entry point.
            Err(error) if error.downcast_ref::<Suspended>().is_some() => {
                self.entered_host = true;
                Stop::Host(*self.store.data())
            }
            Ok(ResumableCall::OutOfFuel(_)) | Err(_) => Stop::Trap,
        }
    }

    /// Ink that is left.
    #[must_use]
    pub fn ink(&self) -> u64 {
        bits(&self.ink_left.get(&self.store))
    }

    /// Sets the ink that is left.
    pub fn set_ink(&mut self, ink: u64) {
        self.set(self.ink_left, Val::I64(ink.cast_signed()));
    }

    /// Whether ink ran out.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        bits(&self.ink_status.get(&self.store)) != 0
    }

    /// Takes the ink that is left: it ran out.
    pub fn exhaust(&mut self) {
        self.set_ink(0);
        self.set(self.ink_status, Val::I32(1));
    }

    /// Words of stack that are left.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "a global of 32 bits")]
    pub fn stack_left(&self) -> u32 {
        bits(&self.stack_left.get(&self.store)) as u32
    }

    /// Pages of memory.
    #[must_use]
    pub fn pages(&self) -> u64 {
        self.memory.map_or(0, |memory| memory.size(&self.store))
    }

    /// A stretch of memory, if it is all there.
    #[must_use]
    pub fn read(&self, at: u32, length: u32) -> Option<&[u8]> {
        let start = at as usize;
        self.memory?.data(&self.store).get(start..start.checked_add(length as usize)?)
    }

    /// Writes to memory, if there is room.
    #[must_use]
    pub fn write(&mut self, at: u32, bytes: &[u8]) -> Option<()> {
        let start = at as usize;
        let room = self.memory?.data_mut(&mut self.store).get_mut(start..start.checked_add(bytes.len())?)?;
        room.copy_from_slice(bytes);
        Some(())
    }

    fn set(&mut self, global: Global, value: Val) {
        // The three globals are mutable and of these types.
        let _set = global.set(&mut self.store, value);
    }
}
