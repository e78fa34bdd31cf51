//! Kinds of code, streams with and without the dictionary, programs in pieces.

use super::*;
use alloy_primitives::{B256, address, b256, hex, keccak256};

/// One program, compressed without and with the dictionary.
const PLAIN: [u8; 64] = hex!(
    "eff000001b3c00788c94a8edf808950ea21bb6e325201006ed4f3c8af883891c3884817c01f36bc590fa21e5e3fe2760f1480a2959b5ada85b30eb0e30e8160c"
);
const WITH_DICTIONARY: [u8; 44] =
    hex!("eff000011b3c00f005dc86ce92a08e37d880030f54d279c35dce519666b89b845f466980793be246c468ab75");

/// What they uncompress to.
const WASM_LENGTH: u32 = 61;
const WASM_HASH: B256 = b256!("f81e00ba0297289f0532b026c31b040798cba46d82345dfe69049de064b98c37");

fn rule<T: core::fmt::Debug>(result: Result<T, WasmError>) -> Rule {
    result.expect_err("it is refused").rule
}

#[test]
fn kinds_are_told_by_three_bytes_and_more() {
    assert_eq!(Component::of(&[0xef, 0xf0, 0, 1, 9]), Some(Component::Classic { dictionary: 1, stream: &[9] }));
    assert_eq!(Component::of(&[0xef, 0xf0, 1, 7]), Some(Component::Fragment(&[7])));
    assert_eq!(Component::of(&[0xef, 0xf0, 2, 7]), Some(Component::Root(&[7])));
    for other in [[0xef, 0xf0, 0].as_slice(), &[0xef, 0xf0, 3, 0], &[0xef, 0xf1, 0, 0], &[0xee, 0xf0, 0, 0], &[]] {
        assert_eq!(Component::of(other), None, "{other:?}");
    }
}

#[test]
fn the_dictionary_is_the_protocols() {
    // Its sha256 is 9681d04f40f0960dbc44f57fdd523ad5b829b43b9f65878fb9e80f964e273672.
    let hash = b256!("03b376a729a0bdd35218944404efdf92c1a91a9b6f930ed71ecf23a9a6b89acc");
    assert_eq!((PROGRAM_DICTIONARY.len(), keccak256(PROGRAM_DICTIONARY)), (112_640, hash));
}

#[test]
fn programs_are_uncompressed_with_the_dictionary_they_name() {
    for code in [PLAIN.as_slice(), &WITH_DICTIONARY] {
        assert_eq!(keccak256(uncompress(code, WASM_LENGTH).expect("whole")), WASM_HASH);
    }
    let mut wrong = WITH_DICTIONARY;
    wrong[3] = 0;
    assert!(uncompress(&wrong, 1000).map(keccak256).ok() != Some(WASM_HASH));
    wrong[3] = 2;
    assert_eq!(rule(uncompress(&wrong, 1000)), Rule::Wire);
}

#[test]
fn a_binary_may_have_as_many_bytes_as_the_bound() {
    assert_eq!(rule(uncompress(&PLAIN, WASM_LENGTH - 1)), Rule::Wire);
    assert_eq!(rule(uncompress(&PLAIN, 0)), Rule::Wire);
    assert!(uncompress(&PLAIN, u32::MAX).is_ok());
}

#[test]
fn a_stream_must_end_and_what_follows_is_ignored() {
    for length in 4..PLAIN.len() {
        assert_eq!(rule(uncompress(&PLAIN[..length], 1000)), Rule::Wire, "{length}");
    }
    let longer = [PLAIN.as_slice(), b"more"].concat();
    assert_eq!(keccak256(uncompress(&longer, WASM_LENGTH).expect("whole")), WASM_HASH);
}

#[test]
fn a_large_window_is_refused() {
    // The first byte announces a window that only the extension has.
    assert_eq!(rule(decompress(&[0x11, 0x1e, 0x03], Dictionary::Empty, 10)), Rule::Wire);
}

#[test]
fn long_outputs_arrive_whole() {
    // 300,000 times the byte `x`.
    let stream = hex!("5bdf930440022f1e0b24739100");
    let output = decompress(&stream, Dictionary::Empty, 300_000);
    assert!(output.is_ok_and(|bytes| bytes.len() == 300_000 && bytes.iter().all(|byte| *byte == b'x')));
}

fn root(dictionary: u8, length: u32, fragments: &[Address]) -> Vec<u8> {
    let header = [&[0xef, 0xf0, 2, dictionary], length.to_be_bytes().as_slice()].concat();
    fragments.iter().fold(header, |code, address| [code.as_slice(), address.as_slice()].concat())
}

const ADDRESS: Address = address!("00000000000000000000000000000000000000aa");

#[test]
fn a_root_lists_its_fragments() {
    let parsed = Root::parse(&root(1, 61, &[ADDRESS, Address::ZERO])).expect("well formed");
    assert_eq!(parsed, Root { dictionary: 1, length: 61, fragments: vec![ADDRESS, Address::ZERO] });
    assert_eq!(parsed.check(61, 2), Ok(()));
    assert_eq!(rule(parsed.check(60, 2)), Rule::Wire);
    assert_eq!(rule(parsed.check(61, 1)), Rule::Wire);
    assert_eq!(rule(Root::parse(&root(1, 61, &[])).expect("well formed").check(61, 2)), Rule::Wire);
}

#[test]
fn a_broken_root_is_refused() {
    let whole = root(1, 61, &[ADDRESS]);
    assert_eq!(rule(Root::parse(&whole[..27])), Rule::Wire);
    assert_eq!(rule(Root::parse(&whole[..7])), Rule::Wire);
    assert!(Root::parse(&whole[..8]).expect("without fragments").fragments.is_empty());
    assert_eq!(rule(Root::parse(&PLAIN)), Rule::Wire);
}

#[test]
fn fragments_are_joined_in_order() {
    let piece = |bytes: &[u8]| [&[0xef, 0xf0, 1], bytes].concat();
    let (first, second) = WITH_DICTIONARY[4..].split_at(17);
    let codes = [piece(first), piece(second)];
    let parsed = Root::parse(&root(1, WASM_LENGTH, &[ADDRESS; 2])).expect("well formed");
    assert_eq!(parsed.uncompress(&codes).map(keccak256), Ok(WASM_HASH));
    assert_eq!(rule(parsed.uncompress(&[&codes[1], &codes[0]])), Rule::Wire);
    assert_eq!(rule(parsed.uncompress(&[PLAIN])), Rule::Wire);
    for length in [WASM_LENGTH - 1, WASM_LENGTH + 1] {
        assert_eq!(rule(Root { length, ..parsed.clone() }.uncompress(&codes)), Rule::Wire);
    }
}
