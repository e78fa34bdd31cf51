//! `stylus-activation/1`: programs are activated. Each activation is a case.

use super::Run;
use crate::vectors::{
    CaseReport, InputError,
    compare::Comparison,
    format::activation::{Case, End, ExpectedActivation, Program},
};
use wavm::stylus::{Activation, activate};

pub(in crate::vectors) fn run(run: &mut Run<'_>) -> Result<(), InputError> {
    run.programs(|program: &Program| &program.cases, run_case)
}

fn run_case(program: &Program, number: usize, case: &Case) -> CaseReport {
    let (stylus, arbos) = (case.params.stylus_version, case.params.arbos_version);
    let debug = if case.params.debug { ", debug" } else { "" };
    let mut report =
        CaseReport::new(format!("{} cases[{number}] (Stylus {stylus}, ArbOS {arbos}{debug})", program.name));
    let mut comparison = Comparison::at(format!("cases[{number}]"));
    let mut gas = case.gas;
    let result = activate(&program.wasm, &case.params, &mut gas);
    comparison.field("gasUsed", case.gas_used.as_ref(), &case.gas.saturating_sub(gas));
    match (&case.end, result) {
        (End::Active(want), Ok(got)) => comparison.inside("ok", |here| here.activation(want, &got)),
        (End::Refused(want), Err(error)) => {
            comparison.field("error.class", Some(want), &error.rule.class().to_owned());
        }
        (End::Active(_), Err(error)) => {
            comparison.differs("", "an active program".into(), format!("{}: {error}", error.rule.class()));
        }
        (End::Refused(want), Ok(_)) => {
            comparison.differs("", format!("a refusal ({want})"), "an active program".into());
        }
    }
    report.judge(comparison);
    report
}

impl Comparison {
    fn activation(&mut self, want: &ExpectedActivation, got: &Activation) {
        self.field("moduleHash", want.module_hash.as_ref(), &got.module_hash);
        let numbers = numbers(got);
        for (name, want) in &want.numbers {
            let got = ExpectedActivation::NUMBERS.iter().zip(numbers).find(|(known, _)| *known == name);
            self.field(name, Some(want), &got.map_or(0, |(_, got)| got));
        }
    }
}

/// The numbers of an activation in the order of their names.
fn numbers(activation: &Activation) -> [u64; ExpectedActivation::NUMBERS.len()] {
    let globals = &activation.globals;
    [
        activation.footprint.into(),
        activation.init_cost.into(),
        activation.cached_init_cost.into(),
        activation.asm_estimate.into(),
        globals.ink_left.into(),
        globals.ink_status.into(),
        globals.stack_left.into(),
        globals.user_main.into(),
    ]
}
