//! `arbos wasm check`: whether a program can be activated, and what it costs.

use crate::{End, program::Program};
use alloy_primitives::{B256, keccak256};
use arbos::vectors::InputError;
use clap::Subcommand;
use pricing::{
    brotli::{Brotli, Compressor, MAX_LEVEL},
    stylus::{
        cached_gas,
        data::{Demand, fee},
        init_gas,
    },
};
use serde_json::{Value, json};
use state::{ArbosVersion, arbos::StylusParams};
use std::path::PathBuf;
use wavm::{
    WasmError,
    binary::{MultiValue, WasmBinary},
    stylus::{Activation, ActivationParams, activate},
};

/// Bytes before the stream of a deployed program: prefix, kind, dictionary.
const PREFIX: usize = 4;

/// Arguments of `wasm`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Says whether a program can be activated: if not, why; else what it costs
    Check(Check),
}

#[derive(Debug, clap::Args)]
struct Check {
    /// The program: wasm, its text form, or deployed code
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Version of Stylus
    #[arg(long, value_name = "VERSION", default_value_t = 2)]
    stylus: u16,
    /// Version of ArbOS
    #[arg(long, value_name = "VERSION", default_value_t = ArbosVersion::LATEST.number())]
    arbos: u64,
    /// Rules of a chain for debugging
    #[arg(long)]
    debug: bool,
    /// Hash of the deployed code, which the module hash depends on
    #[arg(long, value_name = "HASH")]
    code_hash: Option<B256>,
    /// Pages a program may start with
    #[arg(long, value_name = "PAGES", default_value_t = StylusParams::initial().page_limit)]
    page_limit: u16,
    /// Bytes a program may have
    #[arg(long, value_name = "BYTES", default_value_t = StylusParams::initial().max_wasm_size)]
    max_wasm_size: u32,
    #[command(flatten)]
    prices: Prices,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// What a chain asks, by default as a new one.
#[derive(Debug, clap::Args)]
struct Prices {
    /// Lowest price of a byte of native code, in wei
    #[arg(long, value_name = "WEI", default_value_t = 82_928_201)]
    data_price: u32,
    /// Bytes of late above the target rate
    #[arg(long, value_name = "BYTES", default_value_t = 0)]
    demand: u32,
    /// Demand that multiplies the price by e
    #[arg(long, value_name = "BYTES", default_value_t = 21_360_419)]
    inertia: u32,
    /// Lowest units of a first call
    #[arg(long, value_name = "UNITS", default_value_t = StylusParams::initial().min_init_gas)]
    min_init_gas: u8,
    /// Lowest units of a call of a cached program
    #[arg(long, value_name = "UNITS", default_value_t = StylusParams::initial().min_cached_init_gas)]
    min_cached_gas: u8,
    /// Scalar of the cost of a first call, in 2 %
    #[arg(long, value_name = "SCALAR", default_value_t = StylusParams::initial().init_cost_scalar)]
    init_scalar: u8,
    /// Scalar of the cost of a call of a cached program, in 2 %
    #[arg(long, value_name = "SCALAR", default_value_t = StylusParams::initial().cached_cost_scalar)]
    cached_scalar: u8,
}

/// Runs the verb.
pub(crate) fn run(args: &Args) -> End {
    let Verb::Check(check) = &args.verb;
    match Program::read(&check.file).and_then(|program| report(check, &program)) {
        Ok((end, report)) => {
            report.print(check.json);
            end
        }
        Err(error) => crate::bad_input(&error, check.json),
    }
}

/// Lines for people: a headline, then figures by name. The same as an object.
struct Report {
    headline: String,
    figures: Vec<(&'static str, String)>,
    object: Value,
}

impl Report {
    fn print(&self, json: bool) {
        if json {
            return crate::print_line(&self.object);
        }
        crate::print_line(&self.headline);
        self.figures.iter().for_each(|(name, figure)| crate::print_line(format!("  {name:<14} {figure}")));
    }
}

fn report(args: &Check, program: &Program) -> Result<(End, Report), InputError> {
    let code_hash = args.code_hash.or_else(|| program.code.as_ref().map(keccak256));
    let params = ActivationParams {
        code_hash: code_hash.unwrap_or_default(),
        stylus_version: args.stylus,
        arbos_version: args.arbos,
        page_limit: args.page_limit,
        debug: args.debug,
    };
    let mut gas = u64::MAX;
    let activated = program.check_size(args.max_wasm_size).and_then(|()| activate(&program.wasm, &params, &mut gas));
    match activated {
        Ok(activation) => {
            let costs = Costs::new(args, program, &activation, u64::MAX - gas)?;
            Ok((End::Good, accepted(args, program, &activation, &costs, code_hash.is_some())))
        }
        Err(error) => Ok((End::Failed, refused(args, program, &error))),
    }
}

fn refused(args: &Check, program: &Program, error: &WasmError) -> Report {
    let file = args.file.display();
    let name = error.function.and_then(|function| function_name(&program.wasm, function));
    let called = name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
    let rule = error.rule.class();
    let figures = [
        ("rule", Some(rule.to_string())),
        ("function", error.function.map(|function| format!("{function}{called}"))),
        ("offset", error.offset.map(|offset| format!("{offset:#x}"))),
    ];
    Report {
        headline: format!("refused  {file}: {}", error.text),
        figures: figures.into_iter().filter_map(|(name, figure)| Some((name, figure?))).collect(),
        object: json!({
            "file": file.to_string(), "activates": false, "rule": rule, "error": error.text,
            "function": error.function, "functionName": name, "offset": error.offset,
        }),
    }
}

fn function_name(wasm: &[u8], function: u32) -> Option<String> {
    WasmBinary::parse(wasm, "", MultiValue::On).ok()?.function_names.get(&function).cloned()
}

/// Costs in the units of a chain.
struct Costs {
    compressed: usize,
    activation_gas: u64,
    init_gas: u64,
    cached_gas: u64,
    data_fee_wei: u64,
}

impl Costs {
    fn new(args: &Check, program: &Program, active: &Activation, activation_gas: u64) -> Result<Self, InputError> {
        let Prices { data_price, demand, inertia, min_init_gas, min_cached_gas, init_scalar, cached_scalar } =
            args.prices;
        let state = Demand { demand, bytes_per_second: 0, min_price: data_price, inertia };
        let compressed = match &program.code {
            Some(code) => code.len(),
            None => PREFIX + compressed_len(args, &program.wasm)?,
        };
        let cached_gas = cached_gas(min_cached_gas, active.cached_init_cost, cached_scalar);
        // From the second version on a first call costs what a cached one does besides.
        let besides = if args.stylus > 1 { cached_gas } else { 0 };
        Ok(Self {
            compressed,
            activation_gas,
            init_gas: init_gas(min_init_gas, active.init_cost, init_scalar) + besides,
            cached_gas,
            data_fee_wei: fee(&state, active.asm_estimate),
        })
    }
}

fn compressed_len(args: &Check, wasm: &[u8]) -> Result<usize, InputError> {
    Brotli::default().compressed_len(wasm, MAX_LEVEL).map_err(|error| InputError::of_file(&args.file, error))
}

fn accepted(args: &Check, program: &Program, active: &Activation, costs: &Costs, is_deployed: bool) -> Report {
    let file = args.file.display();
    let bytes = program.wasm.len();
    let module_hash = is_deployed.then_some(active.module_hash);
    let Costs { compressed, activation_gas, init_gas, cached_gas, data_fee_wei } = costs;
    let mut figures = vec![
        ("wasm", format!("{bytes} bytes")),
        ("compressed", format!("{compressed} bytes, with the {PREFIX} before the stream")),
        ("footprint", format!("{} pages", active.footprint)),
        ("first call", format!("{init_gas} gas (cost {})", active.init_cost)),
        ("cached call", format!("{cached_gas} gas (cost {})", active.cached_init_cost)),
        ("activation", format!("{activation_gas} gas")),
        ("native code", format!("{} bytes, estimated", active.asm_estimate)),
        ("data fee", format!("{data_fee_wei} wei")),
    ];
    figures.extend(module_hash.map(|hash| ("module hash", hash.to_string())));
    Report {
        headline: format!("can be activated  {file} (Stylus {}, ArbOS {})", args.stylus, args.arbos),
        figures,
        object: json!({
            "file": file.to_string(), "activates": true, "wasmBytes": bytes, "compressedBytes": compressed,
            "footprint": active.footprint, "initCost": active.init_cost, "cachedInitCost": active.cached_init_cost,
            "initGas": init_gas, "cachedGas": cached_gas, "activationGas": activation_gas,
            "asmEstimate": active.asm_estimate, "dataFeeWei": data_fee_wei, "moduleHash": module_hash,
        }),
    }
}
