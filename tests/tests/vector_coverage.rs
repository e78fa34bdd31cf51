//! What the project's own chain vectors reach of the precompiles: pairs of method and version.
//!
//! A transaction that calls a precompile reaches a method exactly. A contract that probes carries its calls in its calldata or init
//! code: a method counts as reached by it if both the selector and the address are in there.

use alloy_primitives::Address;
use arbos::{ArbTxEnvelope, message::parse, vectors::Production};
use harness::say;
use precompiles::{Precompile, REGISTRY};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

type Pairs = BTreeSet<(u64, [u8; 4], u64)>;

/// Whether bytes hold an address, as a word or as what PUSH takes.
fn names(data: &[u8], precompile: Address) -> bool {
    let short = precompile.as_slice().iter().position(|byte| *byte != 0).map_or(&[][..], |at| &precompile[at..]);
    let push = [&[0x5f + u8::try_from(short.len()).expect("20 bytes at most")], short].concat();
    contains(data, precompile.as_slice()) || contains(data, &push)
}

fn contains(data: &[u8], part: &[u8]) -> bool {
    data.windows(part.len()).any(|window| window == part)
}

fn reach(tx: &ArbTxEnvelope, version: u64, pairs: &mut Pairs) {
    let data = tx.data();
    for precompile in REGISTRY {
        let direct = tx.to() == Some(precompile.address());
        if !direct && !names(&data, precompile.address()) {
            continue;
        }
        for method in precompile.methods {
            let reached = if direct { data.starts_with(&method.selector) } else { contains(&data, &method.selector) };
            if reached {
                pairs.insert((precompile.number, method.selector, version));
            }
        }
    }
}

/// Pairs that the chain vectors in a folder reach.
fn reached(folder: &Path) -> Pairs {
    let mut pairs = Pairs::new();
    let files = folder.read_dir().expect("the project's vectors").map(|entry| entry.expect("a file").path());
    for path in files.filter(|path| path.to_string_lossy().contains("precompiles-")) {
        let production = Production::read(&path, None).expect("a readable vector").expect("a chain");
        let config = production.chain().expect("a chain that can be made").config().clone();
        let version = config.initial_version;
        for message in production.messages() {
            let transactions = parse(&message.message, config.chain_id, version).unwrap_or_default();
            transactions.iter().for_each(|tx| reach(tx, version.number(), &mut pairs));
        }
    }
    pairs
}

#[test]
fn vectors_reach_every_method_at_some_version() {
    let pairs = reached(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/chain")));
    let mut versions: BTreeMap<_, BTreeSet<u64>> = BTreeMap::new();
    for (number, selector, version) in &pairs {
        versions.entry((*number, *selector)).or_default().insert(*version);
    }
    let methods = REGISTRY.into_iter().flat_map(|one| one.methods.iter().map(move |method| (one, method)));
    let missing: Vec<_> = methods
        .clone()
        .filter(|(precompile, method)| !versions.contains_key(&(precompile.number, method.selector)))
        .map(|(Precompile { name, .. }, method)| format!("{name}.{}", method.signature))
        .collect();
    let (pairs, reached, all) = (pairs.len(), versions.len(), methods.count());
    say(&format!("vectors reach {pairs} pairs of method and version, {reached} methods of {all}"));
    assert!(missing.is_empty(), "no vector reaches {missing:?}");
}
