//! `arbos precompiles`: the registry as a list.

use crate::End;
use alloy_primitives::hex;
use precompiles::{Guard, Method, Precompile, REGISTRY};
use serde_json::{Value, json};
use state::ArbosVersion;
use std::io::{self, Write};

/// Arguments of `precompiles`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only what is there at this version
    #[arg(long, value_name = "VERSION")]
    at: Option<u64>,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
pub(crate) fn run(args: &Args) -> End {
    let at = args.at.map(ArbosVersion::new);
    if let Some(version) = at.filter(|version| !version.is_known()) {
        eprintln!("error: version {version} is not one from 1 to {}", ArbosVersion::LATEST);
        return End::BadInput;
    }
    let mut listed = REGISTRY.into_iter().filter(|precompile| at.is_none_or(|at| precompile.since <= at));
    let mut out = io::stdout().lock();
    let written = if args.json {
        let list: Vec<Value> = listed.map(|precompile| as_json(precompile, at)).collect();
        writeln!(out, "{:#}", Value::from(list))
    } else {
        listed.try_for_each(|precompile| print(&mut out, precompile, at))
    };
    if written.is_ok() { End::Good } else { End::Failed }
}

fn methods(precompile: &Precompile, at: Option<ArbosVersion>) -> impl Iterator<Item = &'static Method> {
    let there = move |method: &&Method| at.is_none_or(|at| method.since <= at && at <= method.until);
    precompile.methods.iter().filter(there)
}

const fn guard(precompile: &Precompile) -> &'static str {
    match precompile.guard {
        Guard::Open => "open",
        Guard::Owner => "owner",
        Guard::Debug => "debug",
        Guard::Filterer => "filterer",
    }
}

/// The version range of something, as text.
fn range(method: &Method) -> String {
    if method.until == ArbosVersion::LATEST {
        format!("{}+", method.since)
    } else {
        format!("{}-{}", method.since, method.until)
    }
}

fn print(out: &mut impl Write, precompile: &Precompile, at: Option<ArbosVersion>) -> io::Result<()> {
    let since = precompile.since.number().max(1);
    writeln!(out, "{} {} guard {} since {since}", precompile.address(), precompile.name, guard(precompile))?;
    for method in methods(precompile, at) {
        let selector = hex::encode(method.selector);
        writeln!(out, "  {selector}  {:<10} {:>6}  {}", method.purity.name(), range(method), method.signature)?;
    }
    Ok(())
}

fn as_json(precompile: &Precompile, at: Option<ArbosVersion>) -> Value {
    let methods = methods(precompile, at).map(|method| {
        json!({
            "name": method.name,
            "signature": method.signature,
            "solidity": method.solidity,
            "selector": hex::encode_prefixed(method.selector),
            "purity": method.purity.name(),
            "since": method.since.number(),
            "until": (method.until != ArbosVersion::LATEST).then(|| method.until.number()),
        })
    });
    json!({
        "address": precompile.address(),
        "name": precompile.name,
        "guard": guard(precompile),
        "since": precompile.since.number().max(1),
        "methods": methods.collect::<Vec<_>>(),
    })
}
