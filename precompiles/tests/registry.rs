//! The registry against the page of its rules, and as a table people can review.

use alloy_primitives::{Address, hex, keccak256};
use precompiles::{Guard, Method, Precompile, Purity, REGISTRY, find};
use state::{ArbosVersion, upgrade::PRECOMPILES};
use std::{collections::BTreeSet, fmt::Write};

/// The rules, as they stand in the crate.
const PAGE: &str = include_str!("../spec/precompiles.md");

/// A method as the page lists it.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    number: u64,
    selector: String,
    name: String,
    purity: Purity,
    since: u64,
    until: u64,
}

fn number(text: &str) -> Option<u64> {
    let digits = text.split("0x").nth(1)?;
    let end = digits.find(|character: char| !character.is_ascii_hexdigit()).unwrap_or(digits.len());
    u64::from_str_radix(&digits[..end], 16).ok()
}

fn purity(cell: &str) -> Purity {
    match cell.trim_matches('*') {
        "pure" => Purity::Pure,
        "view" => Purity::View,
        "write" => Purity::Write,
        "payable" => Purity::Payable,
        other => panic!("the page knows no purity {other:?}"),
    }
}

/// Cells of a row of a table.
fn cells(line: &str) -> Vec<&str> {
    line.trim_matches('|').split('|').map(str::trim).collect()
}

/// Every method in the tables of the sections that describe one precompile each.
fn page_rows() -> Vec<Row> {
    let (mut rows, mut section, mut head) = (Vec::new(), None, Vec::new());
    for line in PAGE.lines() {
        if line.starts_with("## 16.") {
            break;
        }
        if line.starts_with("## ") {
            section = number(line);
        } else if line.contains("| Selector | Signature") {
            head = cells(line);
        } else if !line.starts_with('|') {
            head.clear();
        } else if !head.is_empty() && !line.starts_with("|---") {
            rows.push(page_row(&head, &cells(line), section.expect("a section with an address")));
        }
    }
    rows
}

fn page_row(head: &[&str], cells: &[&str], section: u64) -> Row {
    let cell = |name: &str| head.iter().position(|title| title.starts_with(name)).map(|index| cells[index]);
    let number = cell("Address").and_then(number).unwrap_or(section);
    let first = find_number(number).since.number().max(1);
    let signature = cell("Signature").expect("a signature");
    let version = |name: &str| cell(name).and_then(|text| text.trim_matches('*').parse().ok());
    Row {
        number,
        selector: cell("Selector").expect("a selector").to_owned(),
        name: signature[..signature.find('(').expect("parameters")].to_owned(),
        purity: cell("Purity").map_or(Purity::View, purity),
        since: version("Since").unwrap_or(first).max(first),
        until: version("Last").unwrap_or(ArbosVersion::LATEST.number()),
    }
}

fn find_number(number: u64) -> &'static Precompile {
    REGISTRY.into_iter().find(|precompile| precompile.number == number).expect("a precompile")
}

fn registry_row(precompile: &Precompile, method: &Method) -> Row {
    Row {
        number: precompile.number,
        selector: hex::encode(method.selector),
        name: method.name.to_owned(),
        purity: method.purity,
        since: method.since.max(precompile.since).number(),
        until: method.until.number(),
    }
}

#[test]
fn methods_are_those_of_the_page() {
    let page = page_rows();
    let registry = || REGISTRY.into_iter().flat_map(|one| one.methods.iter().map(move |method| (one, method)));
    for row in &page {
        let found = registry().map(|(precompile, method)| registry_row(precompile, method));
        assert!(found.into_iter().any(|known| known == *row), "the registry lacks {row:?}");
    }
    assert_eq!(page.len(), registry().count(), "methods of the page, methods of the registry");
}

#[test]
fn selectors_are_hashes_of_signatures() {
    for precompile in REGISTRY {
        let mut seen = BTreeSet::new();
        for method in precompile.methods {
            assert_eq!(method.selector, keccak256(method.signature)[..4], "{}", method.signature);
            assert!(method.signature.starts_with(method.name));
            assert!(seen.insert(method.selector), "{} has two methods of one selector", precompile.name);
            assert!(method.since <= method.until, "{} was never there", method.name);
        }
    }
}

#[test]
fn addresses_and_first_versions_are_those_of_the_upgrades() {
    let introduced: Vec<_> = REGISTRY.iter().map(|precompile| (precompile.number, precompile.since)).collect();
    assert_eq!(introduced, PRECOMPILES);
    for precompile in REGISTRY {
        assert_eq!(find(precompile.address()).map(|found| found.number), Some(precompile.number));
    }
    assert!(find(Address::with_last_byte(0x6a)).is_none());
    let mut high = REGISTRY[0].address();
    high[0] = 1;
    assert!(find(high).is_none());
}

/// Signatures of what an interface declares with the hashes that stand for them.
macro_rules! declared {
    ($($module:ident::$name:ident::$list:ident),* $(,)?) => {
        [$((
            stringify!($name),
            precompiles::$module::$name::$list::SIGNATURES,
            precompiles::$module::$name::$list::SELECTORS.iter().map(|hash| hash.to_vec()).collect::<Vec<_>>(),
        )),*]
    };
}

fn check_declared(name: &str, signatures: &[&str], hashes: &[Vec<u8>]) {
    for (signature, hash) in signatures.iter().zip(hashes) {
        assert_eq!(keccak256(signature)[..hash.len()], hash[..], "{name}: {signature}");
        assert!(PAGE.contains(&hex::encode(hash)), "the page lacks {name}: {signature}");
    }
}

fn events() -> impl IntoIterator<Item = (&'static str, &'static [&'static str], Vec<Vec<u8>>)> {
    declared![
        arb_sys::ArbSys::ArbSysEvents,
        arb_owner_public::ArbOwnerPublic::ArbOwnerPublicEvents,
        arb_retryable_tx::ArbRetryableTx::ArbRetryableTxEvents,
        arb_owner::ArbOwner::ArbOwnerEvents,
        arb_wasm::ArbWasm::ArbWasmEvents,
        arb_wasm_cache::ArbWasmCache::ArbWasmCacheEvents,
        arb_native_token_manager::ArbNativeTokenManager::ArbNativeTokenManagerEvents,
        arb_filtered_transactions_manager::ArbFilteredTransactionsManager::ArbFilteredTransactionsManagerEvents,
        arb_debug::ArbDebug::ArbDebugEvents,
    ]
}

fn errors() -> impl IntoIterator<Item = (&'static str, &'static [&'static str], Vec<Vec<u8>>)> {
    declared![
        arb_sys::ArbSys::ArbSysErrors,
        arb_retryable_tx::ArbRetryableTx::ArbRetryableTxErrors,
        arb_wasm::ArbWasm::ArbWasmErrors,
        arb_debug::ArbDebug::ArbDebugErrors,
        arbos_acts::ArbosActs::ArbosActsErrors,
    ]
}

#[test]
fn events_and_errors_are_those_of_the_page() {
    for (name, signatures, hashes) in events().into_iter().chain(errors()) {
        check_declared(name, signatures, &hashes);
    }
    let topics: BTreeSet<_> = events().into_iter().flat_map(|(_, _, hashes)| hashes).map(hex::encode).collect();
    let on_page = PAGE.split(|character: char| !character.is_ascii_hexdigit()).filter(|word| word.len() == 64);
    for topic in on_page {
        assert!(topics.contains(topic), "no interface has the topic {topic}");
    }
}

const fn guard(guard: Guard) -> &'static str {
    match guard {
        Guard::Open => "open",
        Guard::Owner => "owner",
        Guard::Debug => "debug",
        Guard::Filterer => "filterer",
    }
}

#[test]
fn the_registry_as_a_table() {
    let mut table = String::new();
    for precompile in REGISTRY {
        let Precompile { name, number, since, .. } = precompile;
        writeln!(table, "{number:#x} {name} since {since} {}", guard(precompile.guard)).unwrap();
        for method in precompile.methods {
            let Method { signature, since, until, .. } = method;
            let (selector, purity) = (hex::encode(method.selector), method.purity.name());
            writeln!(table, "  {selector} {purity:10} {since:2}..{until:2} {signature}").unwrap();
        }
    }
    insta::assert_snapshot!("registry", table);
}

#[test]
fn events_and_errors_as_a_table() {
    let mut table = String::new();
    for (name, signatures, hashes) in events().into_iter().chain(errors()) {
        writeln!(table, "{name}").unwrap();
        for (signature, hash) in signatures.iter().zip(hashes) {
            writeln!(table, "  {} {signature}", hex::encode(hash)).unwrap();
        }
    }
    insta::assert_snapshot!("declared", table);
}
