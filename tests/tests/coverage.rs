//! Every method of every precompile at every version: reached by a test, with what the registry says of it.
//!
//! For each pair of method and version a chain of that version gets transactions: a plain call with the simplest arguments, whose
//! end and gas stand in a table people review; a call with value, one inside of STATICCALL and one by DELEGATECALL, whose ends follow
//! from the metadata alone. A pair without its calls fails the test, so a new method cannot come without them.

use alloy_primitives::{Address, B256, Bytes};
use harness::{Account, Chain, Draft, Relay, Sent, Setup, VERSIONS, say};
use precompiles::{Guard, Method, Precompile, Purity, REGISTRY};
use state::ArbosVersion;
use std::{collections::BTreeSet, fmt::Write};

/// Gas of a plain call: enough for every method, so that one that takes all can be told from one that is dear.
const GAS: u64 = 3_000_000;

/// Types of a list, split at its commas.
fn types(list: &str) -> Vec<&str> {
    let mut depth = 0;
    let split = list.split(|character| {
        depth += i32::from(matches!(character, '(')) - i32::from(matches!(character, ')'));
        character == ',' && depth == 0
    });
    split.filter(|name| !name.is_empty()).collect()
}

/// The simplest arguments: zeros, and empty lists behind their offsets.
fn simplest(signature: &str) -> Vec<u8> {
    let list = &signature[signature.find('(').expect("parameters") + 1..signature.len() - 1];
    let types = types(list);
    let is_dynamic = |name: &str| name == "bytes" || name == "string" || name.ends_with("[]");
    let (mut head, mut tail) = (Vec::new(), 0u64);
    for name in &types {
        let word = if is_dynamic(name) { 32 * (types.len() as u64 + tail) } else { 0 };
        head.extend_from_slice(&B256::left_padding_from(&word.to_be_bytes())[..]);
        tail += u64::from(is_dynamic(name));
    }
    head.resize(head.len() + 32 * usize::try_from(tail).expect("few parameters"), 0);
    head
}

fn calldata(method: &Method) -> Bytes {
    [&method.selector[..], &simplest(method.signature)].concat().into()
}

fn exists(precompile: &Precompile, method: &Method, version: u64) -> bool {
    let version = ArbosVersion::new(version);
    version >= precompile.since && version >= method.since && version <= method.until
}

/// Who calls, so that the guard lets the call pass.
fn caller(precompile: &Precompile) -> Account {
    if precompile.guard == Guard::Owner { Chain::owner() } else { Account::numbered(1) }
}

fn intrinsic(data: &[u8]) -> u64 {
    21_000 + data.iter().map(|byte| if *byte == 0 { 4 } else { 16 }).sum::<u64>()
}

fn try_call(base: &Chain, precompile: &Precompile, data: &Bytes, value: u128) -> Sent {
    let draft = Draft::call(precompile.address(), data.clone()).gas(GAS).value(value);
    base.clone().send_through_bridge(&caller(precompile), &draft)
}

/// How a plain call ended: `ok`, `reverts`, `takes all`, with the gas of the call itself; `stops` where no block follows.
fn end(base: &Chain, precompile: &Precompile, method: &Method, version: u64) -> String {
    let stops = method.name == "panic" && exists(precompile, method, version);
    if stops {
        return "stops".to_owned();
    }
    let data = calldata(method);
    let sent = try_call(base, precompile, &data, 0);
    let gas = sent.gas_used - intrinsic(&data);
    match sent.success {
        true => format!("ok {gas}"),
        false if sent.gas_used == GAS => "takes all".to_owned(),
        false => format!("reverts {gas}"),
    }
}

/// What the metadata says of calls that the checks before the method forbid.
fn check_forbidden(base: &Chain, precompile: &Precompile, method: &Method, version: u64) {
    let data = calldata(method);
    let name = format!("{}.{} at {version}", precompile.name, method.signature);
    let is_active = ArbosVersion::new(version) >= precompile.since;
    if !exists(precompile, method, version) {
        let sent = try_call(base, precompile, &data, 0);
        let gas = sent.gas_used - intrinsic(&data);
        let owned = precompile.guard == Guard::Owner;
        assert_eq!(sent.success, !is_active, "{name} is not there");
        assert!(
            if !is_active || owned { gas == 0 } else { sent.gas_used == GAS || precompile.guard == Guard::Filterer },
            "{name} is not there: {gas}"
        );
        return;
    }
    if method.purity != Purity::Payable {
        assert!(!try_call(base, precompile, &data, 1).success, "{name} takes no value");
    }
    let through = |relay: Relay| {
        let gas = 200_000;
        base.clone().relay(&Account::numbered(1), relay, precompile.address(), gas, &data)
    };
    let takes_all = 200_000..201_000;
    let free = precompile.guard == Guard::Filterer;
    if method.purity >= Purity::Write {
        let relayed = through(Relay::Static);
        assert!(!relayed.success && relayed.output.is_empty(), "{name} writes in a static call");
        assert!(free || takes_all.contains(&relayed.gas_spent), "{name} in a static call: {}", relayed.gas_spent);
    }
    if method.purity != Purity::Pure {
        let relayed = through(Relay::Delegate);
        assert!(!relayed.success && relayed.output.is_empty(), "{name} acts as somebody else");
        assert!(free || takes_all.contains(&relayed.gas_spent), "{name} delegated: {}", relayed.gas_spent);
    }
}

/// A chain of each version with a block of each feature behind it.
fn chains() -> Vec<(u64, Chain)> {
    let make = |version| {
        let mut chain = Setup { features: true, ..Setup::devnet(version) }.build();
        chain.empty_block();
        (version, chain)
    };
    VERSIONS.map(make).into()
}

/// Ends by version, neighbours that agree joined: `1..10 ok 803, 11..61 ok 800`.
fn joined(ends: &[(u64, String)]) -> String {
    let mut runs: Vec<(u64, u64, &str)> = Vec::new();
    for (version, end) in ends {
        match runs.last_mut() {
            Some((_, last, same)) if same == end => *last = *version,
            _ => runs.push((*version, *version, end)),
        }
    }
    let text = runs.iter().map(|(first, last, end)| format!("{first}..{last} {end}"));
    text.collect::<Vec<_>>().join(", ")
}

#[test]
fn every_method_is_called_at_every_version() {
    let chains = chains();
    let mut table = String::new();
    let mut pairs = BTreeSet::new();
    for precompile in REGISTRY {
        writeln!(table, "{}", precompile.name).unwrap();
        for method in precompile.methods {
            let mut ends = Vec::new();
            for (version, base) in &chains {
                check_forbidden(base, precompile, method, *version);
                ends.push((*version, end(base, precompile, method, *version)));
                pairs.insert((precompile.number, method.selector, *version));
            }
            writeln!(table, "  {}: {}", method.name, joined(&ends)).unwrap();
        }
    }
    let methods: usize = REGISTRY.iter().map(|precompile| precompile.methods.len()).sum();
    say(&format!("{methods} methods, {} pairs of method and version", pairs.len()));
    assert_eq!(pairs.len(), methods * VERSIONS.len());
    insta::assert_snapshot!("ends", table);
}

#[test]
fn every_version_at_which_a_method_comes_or_goes_is_one_of_the_bands() {
    for precompile in REGISTRY {
        let methods = precompile.methods.iter().flat_map(|method| [method.since, method.until]);
        for version in methods.chain([precompile.since]).map(ArbosVersion::number).filter(|version| *version != 0) {
            assert!(VERSIONS.contains(&version), "{} changes at {version}", precompile.name);
        }
    }
}

#[test]
fn a_precompile_without_methods_takes_all() {
    for (version, mut chain) in chains() {
        let empty = REGISTRY.into_iter().filter(|precompile| precompile.methods.is_empty());
        for precompile in empty {
            let draft = Draft::call(precompile.address(), vec![1, 2, 3, 4]).gas(GAS);
            let sent = chain.send_through_bridge(&Account::numbered(1), &draft).failed();
            assert_eq!(sent.gas_used, GAS, "{} at {version}", precompile.name);
        }
    }
}

#[test]
fn unknown_selectors_and_short_data_take_all() {
    for (version, base) in chains() {
        for precompile in REGISTRY {
            let active = ArbosVersion::new(version) >= precompile.since;
            for data in [vec![], vec![0], vec![1, 2, 3], vec![0xde, 0xad, 0xbe, 0xef]] {
                let data = Bytes::from(data);
                let sent = try_call(&base, precompile, &data, 0);
                let free = !active || precompile.guard == Guard::Owner;
                let filterer = active && precompile.guard == Guard::Filterer;
                assert_eq!(sent.success, !active, "{} at {version}", precompile.name);
                let want = if free { intrinsic(&data) } else { GAS };
                assert!(filterer || sent.gas_used == want, "{} at {version}: {}", precompile.name, sent.gas_used);
            }
        }
    }
}

#[test]
fn a_chain_without_debugging_has_no_debug_methods() {
    for version in [1, 11, 61] {
        let base = Setup { debug: false, ..Setup::devnet(version) }.build();
        for precompile in REGISTRY.into_iter().filter(|precompile| precompile.guard == Guard::Debug) {
            for method in precompile.methods {
                let sent = try_call(&base, precompile, &calldata(method), 0).failed();
                assert_eq!(sent.gas_used, GAS, "{} at {version}", method.name);
            }
        }
    }
}

#[test]
fn guards_know_strangers() {
    let stranger = Account::numbered(3);
    for (version, base) in chains() {
        for precompile in REGISTRY.into_iter().filter(|precompile| precompile.guard == Guard::Owner) {
            for method in precompile.methods {
                let draft = Draft::call(precompile.address(), calldata(method)).gas(100_000);
                let sent = base.clone().send_through_bridge(&stranger, &draft).failed();
                assert_eq!((sent.gas_used, sent.logs.len()), (100_000, 0), "{} at {version}", method.name);
            }
        }
    }
}

#[test]
fn the_simplest_arguments_are_what_the_decoder_accepts() {
    assert_eq!(types("address,uint64[3][],(uint8,uint64)[]"), ["address", "uint64[3][]", "(uint8,uint64)[]"]);
    assert_eq!(simplest("f(address,bytes)").len(), 96);
    assert_eq!(Address::from_slice(&simplest("f(address,bytes)")[12..32]), Address::ZERO);
    for method in REGISTRY.into_iter().flat_map(|precompile| precompile.methods) {
        assert!(precompiles::abi::accepts(method.signature, &simplest(method.signature)), "{}", method.signature);
    }
}
