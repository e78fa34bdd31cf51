//! `arbos call`: one method of a precompile on the state of a replayed chain.

use crate::End;
use alloy_dyn_abi::{DynSolType, DynSolValue, FunctionExt};
use alloy_json_abi::Function;
use alloy_primitives::{Address, Bytes, U256, hex};
use arbos::{CallOutcome, CallRequest, Chain, vectors::Production};
use precompiles::{Method, Precompile, REGISTRY};
use serde_json::json;
use std::path::PathBuf;

/// Arguments of `call`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Address or name of the precompile
    precompile: String,
    /// Name or selector of the method
    method: String,
    /// Its arguments in order, as Solidity literals
    arguments: Vec<String>,
    /// Chain whose last state is called
    #[arg(long, value_name = "FILE")]
    vectors: PathBuf,
    /// Stops the chain after this block
    #[arg(long, value_name = "N")]
    stop_at: Option<u64>,
    /// Caller
    #[arg(long, default_value_t = Address::ZERO)]
    from: Address,
    /// Value of the call, in wei
    #[arg(long, default_value_t = U256::ZERO)]
    value: U256,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
pub(crate) fn run(args: &Args) -> End {
    let outcome = find(args).and_then(|(precompile, method)| Ok((method, call(args, precompile, method)?)));
    match outcome {
        Ok((method, outcome)) => {
            print(args, method, &outcome);
            if outcome.success { End::Good } else { End::Failed }
        }
        Err(error) => {
            eprintln!("error: {error}");
            End::BadInput
        }
    }
}

fn find(args: &Args) -> Result<(&'static Precompile, &'static Method), String> {
    let address = args.precompile.parse::<Address>().ok();
    let precompile = REGISTRY
        .into_iter()
        .find(|known| known.name.eq_ignore_ascii_case(&args.precompile) || Some(known.address()) == address)
        .ok_or_else(|| format!("no precompile {}", args.precompile))?;
    let selector = hex::decode(&args.method).ok();
    let is_meant = |method: &&Method| method.name == args.method || selector.as_deref() == Some(&method.selector[..]);
    let method = precompile.methods.iter().find(is_meant);
    Ok((precompile, method.ok_or_else(|| format!("{} has no method {}", precompile.name, args.method))?))
}

fn call(args: &Args, precompile: &Precompile, method: &Method) -> Result<CallOutcome, String> {
    let data = calldata(method, &args.arguments)?;
    let mut chain = replay(args)?;
    let request = CallRequest {
        from: args.from,
        to: Some(precompile.address()),
        value: args.value,
        data,
        ..CallRequest::default()
    };
    chain.call(&request).map_err(|error| error.to_string())
}

/// The selector and the encoded arguments.
fn calldata(method: &Method, arguments: &[String]) -> Result<Bytes, String> {
    let types = method.signature.trim_start_matches(method.name);
    let types = DynSolType::parse(types).map_err(|error| format!("{}: {error}", method.signature))?;
    let DynSolType::Tuple(types) = types else { return Err(format!("{}: no list of types", method.signature)) };
    if types.len() != arguments.len() {
        return Err(format!("{} takes {} arguments, not {}", method.signature, types.len(), arguments.len()));
    }
    let values = types
        .iter()
        .zip(arguments)
        .map(|(kind, text)| kind.coerce_str(text).map_err(|error| format!("argument {text:?} is no {kind}: {error}")));
    let values = DynSolValue::Tuple(values.collect::<Result<_, _>>()?);
    Ok([&method.selector[..], &values.abi_encode_params()].concat().into())
}

/// The chain of the vector file, with its last state.
fn replay(args: &Args) -> Result<Chain, String> {
    let file = args.vectors.display();
    let production = Production::read(&args.vectors, args.stop_at).map_err(|error| error.to_string())?;
    let production = production.ok_or_else(|| format!("{file}: not a chain"))?;
    let mut chain = production.chain().map_err(|error| format!("{file}: {error}"))?;
    for message in production.messages() {
        chain.produce(message).map_err(|error| format!("{file}: {error}"))?;
    }
    Ok(chain)
}

fn print(args: &Args, method: &Method, outcome: &CallOutcome) {
    let values = Function::parse(method.solidity).ok();
    let values = values.and_then(|function| function.abi_decode_output(&outcome.output).ok());
    let values = values.filter(|_| outcome.success).unwrap_or_default();
    let shown: Vec<String> = values.iter().map(show).collect();
    if args.json {
        let object = json!({
            "success": outcome.success,
            "gasUsed": outcome.gas_used,
            "output": outcome.output,
            "values": shown,
        });
        println!("{object}");
        return;
    }
    println!("{} with {} gas", if outcome.success { "succeeded" } else { "reverted" }, outcome.gas_used);
    println!("{}", outcome.output);
    shown.iter().for_each(|value| println!("  {value}"));
}

/// A value as Solidity writes it.
fn show(value: &DynSolValue) -> String {
    match value {
        DynSolValue::Uint(number, _) => number.to_string(),
        DynSolValue::Int(number, _) => number.to_string(),
        DynSolValue::Bool(bool) => bool.to_string(),
        DynSolValue::Address(address) => address.to_string(),
        DynSolValue::FixedBytes(word, size) => hex::encode_prefixed(&word[..*size]),
        DynSolValue::Bytes(bytes) => hex::encode_prefixed(bytes),
        DynSolValue::String(text) => format!("{text:?}"),
        DynSolValue::Array(list) | DynSolValue::FixedArray(list) | DynSolValue::Tuple(list) => {
            format!("[{}]", list.iter().map(show).collect::<Vec<_>>().join(", "))
        }
        other => format!("{other:?}"),
    }
}
