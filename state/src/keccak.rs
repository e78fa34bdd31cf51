//! Keccak-256, of one input or of several at once.
//!
//! Half of the time of a block goes into hashing nodes of tries, and processors with wide registers hash four inputs in the time
//! of one. Where the processor has them (AVX2 and its neighbours, asked at run time; feature `std`), [`keccak256_each`] uses them;
//! elsewhere it hashes one after the other. The hashes are the same: `alloy_primitives::keccak256` is the twin that tests compare
//! with.

#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod permutation;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod wide;

use alloy_primitives::B256;

/// Keccak-256 of one input.
#[must_use]
pub fn keccak256(input: impl AsRef<[u8]>) -> B256 {
    #[cfg(all(feature = "std", target_arch = "x86_64"))]
    if let Some(processor) = wide::Processor::this() {
        return processor.keccak256(input.as_ref());
    }
    alloy_primitives::keccak256(input)
}

/// Keccak-256 of each input, handed to `each` with the input's number, in no particular order.
pub fn keccak256_each<'a>(inputs: impl Iterator<Item = &'a [u8]>, mut each: impl FnMut(usize, B256)) {
    #[cfg(all(feature = "std", target_arch = "x86_64"))]
    if let Some(processor) = wide::Processor::this() {
        return processor.keccak256_each(inputs.enumerate(), each);
    }
    for (number, input) in inputs.enumerate() {
        each(number, alloy_primitives::keccak256(input));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{vec, vec::Vec};
    use proptest::prelude::*;

    fn hashes(inputs: &[Vec<u8>]) -> Vec<B256> {
        let mut hashes = vec![B256::ZERO; inputs.len()];
        keccak256_each(inputs.iter().map(Vec::as_slice), |number, hash| hashes[number] = hash);
        hashes
    }

    proptest! {
        #[test]
        fn several_inputs_hash_as_one_by_one(
            inputs in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..700), 0..14)
        ) {
            let one_by_one: Vec<_> = inputs.iter().map(alloy_primitives::keccak256).collect();
            prop_assert_eq!(hashes(&inputs), one_by_one.clone());
            prop_assert_eq!(inputs.iter().map(keccak256).collect::<Vec<_>>(), one_by_one);
        }
    }

    #[test]
    fn every_length_around_a_block_is_padded_right() {
        let inputs: Vec<_> = (0..=300).map(|length| vec![0x80; length]).collect();
        let one_by_one: Vec<_> = inputs.iter().map(alloy_primitives::keccak256).collect();
        assert_eq!(hashes(&inputs), one_by_one);
        assert_eq!(inputs.iter().map(keccak256).collect::<Vec<_>>(), one_by_one);
    }
}
