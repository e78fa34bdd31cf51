//! Compressed sizes of the reference's encoder, all inputs and all levels this build serves.

use base64::{Engine, prelude::BASE64_STANDARD};
use pricing::brotli::{Brotli, CompressError, Compressor};

#[test]
fn sizes_are_those_of_the_reference() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/brotli/sizes.jsonl");
    let text = std::fs::read_to_string(path).expect("the vector file is part of the project");
    let mut compressor = Brotli::default();
    let (mut checked, mut refused) = (0, 0);
    for line in text.lines().skip(1) {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let input = BASE64_STANDARD.decode(case["input_b64"].as_str().unwrap()).unwrap();
        for (level, want) in case["sizes"].as_array().unwrap().iter().enumerate() {
            match compressor.compressed_len(&input, level as u64) {
                Ok(size) => {
                    assert_eq!(size as u64, want.as_u64().unwrap(), "{} bytes at level {level}", input.len());
                    checked += 1;
                }
                Err(CompressError::NeedsNative(..)) => refused += 1,
                Err(error) => panic!("{error}"),
            }
        }
    }
    assert!(checked > 900, "{checked} sizes checked, {refused} refused");
    #[cfg(feature = "native-brotli")]
    assert_eq!(refused, 0);
}

#[test]
fn levels_past_eleven_do_not_exist() {
    assert_eq!(Brotli::default().compressed_len(b"x", 12), Err(CompressError::NoSuchLevel(12)));
}
