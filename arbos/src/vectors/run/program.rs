//! `stylus-run/1`: programs are called. Each call is a case; the chain is what was recorded of one.

use super::Run;
use crate::vectors::{
    CaseReport, InputError,
    compare::Comparison,
    format::program::{Case, Exchange, Program},
};
use alloy_primitives::{Address, Bytes, U256};
use wavm::{
    WasmError,
    engine::Compiled,
    run::{Environment, Event, Outcome, Request, Run as Call},
    stylus::program_wasm,
};

pub(in crate::vectors) fn run(run: &mut Run<'_>) -> Result<(), InputError> {
    run.programs(|program: &Program| &program.cases, run_case)
}

fn run_case(program: &Program, number: usize, case: &Case) -> CaseReport {
    let (stylus, arbos) = (case.stylus_version, case.arbos_version);
    let mut report = CaseReport::new(format!("{} cases[{number}] (Stylus {stylus}, ArbOS {arbos})", program.name));
    let mut comparison = Comparison::at(format!("cases[{number}]"));
    match begin(program, case) {
        Ok(call) => comparison.call(call, case),
        Err(error) => comparison.differs("", "a program that runs".into(), error.to_string()),
    }
    report.judge(comparison);
    report
}

fn begin(program: &Program, case: &Case) -> Result<Call, WasmError> {
    let instrumented = program_wasm(&program.wasm, case.stylus_version, program.debug)?;
    Call::new(&Compiled::new(&instrumented)?, case.limits, environment(case), case.calldata.clone())
}

/// What the recorded chain says of the block and the call; the first line of the file describes it.
fn environment(case: &Case) -> Environment {
    let mut value = [0; 32];
    (value[0], value[31]) = (1, 7);
    Environment {
        arbos_version: case.arbos_version,
        block_basefee: U256::from(100_000_000),
        chain_id: 421_614,
        block_coinbase: Address::repeat_byte(0xc0),
        block_gas_limit: 1 << 50,
        block_number: 19_000_001,
        block_timestamp: 1_750_000_000,
        contract_address: Address::repeat_byte(0xa1),
        msg_sender: Address::repeat_byte(0x5e),
        msg_value: U256::from_be_bytes(value),
        tx_gas_price: U256::from(123_456_789),
        tx_origin: Address::repeat_byte(0x07),
        reentrant: true,
    }
}

/// Whether a request is what was recorded. The order of flushed slots is nobody's.
fn is_same(request: &Request, recorded: &Exchange) -> bool {
    let (id, data) = request.to_bytes();
    if id != recorded.id || data.len() != recorded.data.len() {
        return false;
    }
    if !matches!(request, Request::SetTrieSlots { .. }) {
        return data == recorded.data;
    }
    let slots = |data: &[u8]| {
        let mut slots: Vec<_> = data.get(8..).unwrap_or_default().chunks(64).map(<[u8]>::to_vec).collect();
        slots.sort();
        slots
    };
    data.get(..8) == recorded.data.get(..8) && slots(&data) == slots(&recorded.data)
}

impl Comparison {
    /// Runs a call to its end and compares it.
    fn call(&mut self, mut call: Call, case: &Case) {
        let mut event = call.enter();
        let mut requests = case.requests.iter().enumerate();
        let outcome = loop {
            match event {
                Event::End(outcome) => break outcome,
                Event::Ask(request) => match requests.next() {
                    Some((_, recorded)) if is_same(&request, recorded) => event = call.answer(recorded.answer.clone()),
                    recorded => {
                        let want = recorded.map_or_else(|| "the end".into(), |(_, want)| format!("{want:?}"));
                        return self.differs("requests", want, format!("{request:?}"));
                    }
                },
            }
        };
        let expected = &case.expected;
        self.field("outcome", Some(&expected.outcome), &format!("{outcome:?}"));
        self.field("exhausted", Some(&expected.exhausted), &call.is_exhausted());
        let lost = outcome == Outcome::OutOfStack;
        let left = |amount: u64| if lost { 0 } else { amount };
        let numbers = [left(call.ink_left()), left(call.gas_left()), u64::from(call.stack_left()), call.pages()];
        for ((name, want), got) in expected.numbers.iter().zip(numbers) {
            self.field(name, Some(want), &got);
        }
        // Nobody sees the output of a call that failed.
        if matches!(outcome, Outcome::Success | Outcome::Revert) {
            self.field("output", Some(&expected.output), &Bytes::from(call.take_result()));
        }
        if let Some((number, request)) = requests.next() {
            self.differs("requests", format!("{number}: {request:?}"), "the end".into());
        }
    }
}
